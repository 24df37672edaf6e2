-- name: findCredentials
select c.consultancy_id, c.member_id, c.password_hash, c.failed_count, c.failed_at, c.role
from auth.credentials(:email, :now) c
where :consultancy_id::uuid is null or c.consultancy_id = :consultancy_id
limit 8

-- name: recordSignIn
-- no-event: sign-ins are sessions, not history of a resource; the access log has them
select case when :verified::boolean
            then auth.open_session(:consultancy, :member, :session_id, :refresh_hash, :user_agent, :now, :refresh_expires_at)
            else (select count(auth.sign_in_failed(t.consultancy_id, t.member_id, :now)) >= 0
                  from jsonb_to_recordset(:tried::jsonb) t(consultancy_id uuid, member_id uuid)) end as recorded

-- name: rotateSession
-- no-event: see recordSignIn
select auth.rotate_session(:old_hash, :refresh_hash, :now, :refresh_expires_at) as outcome

-- name: findSession
select s.session_id, s.consultancy_id, s.member_id from auth.find_session(:refresh_hash, :now) s where s.usable

-- name: findRole
select m.role from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member and m.status = 'active'
  and (m.expires_at is null or m.expires_at > :now)

-- name: deleteSession
-- no-event: see recordSignIn
select auth.revoke_session(:session, :now) as revoked

-- name: findInvitation
select i.consultancy_id, i.member_id from auth.find_invitation(:invitation_hash, :now) i

-- name: useInvitation
-- no-event: the member's own event follows
select i.member_id from auth.accept_invitation(:invitation_hash, :password_hash, :now) i

-- name: activateMember
-- event: member.activated
update tenants.members m
set status = 'active', version = m.version + 1, updated_at = :now
where m.consultancy_id = :consultancy and m.id = :member and m.status <> 'removed'
returning id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at, version, created_at, updated_at
