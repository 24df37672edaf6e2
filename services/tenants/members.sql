-- name: getMe
select m.id, m.email, m.name, m.role, m.client_id, m.locale, m.time_zone, m.status, m.all_clients, m.expires_at, m.version,
       m.created_at, m.updated_at
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member

-- name: listMembers
-- key: m.id
-- sort: created_at m.created_at timestamptz
-- sort: name lower(m.name) text
select m.id, m.email, m.name, m.role, m.client_id, m.locale, m.time_zone, m.status, m.all_clients, m.expires_at, m.version,
       m.created_at, m.updated_at{key}
from tenants.members m
where m.consultancy_id = :consultancy
  and (:role::text is null or m.role = :role)
  and (:client_id::uuid is null or m.client_id = :client_id)
{page}

-- name: getMember
select m.id, m.email, m.name, m.role, m.client_id, m.locale, m.time_zone, m.status, m.all_clients, m.expires_at, m.version,
       m.created_at, m.updated_at
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member_id

-- name: createLogin
-- no-event: the member's own event follows
select auth.create_user(:new_id::uuid, :email, :now) as created

-- name: createMember
-- event: member.invited
insert into tenants.members (consultancy_id, id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at,
                             created_at, updated_at)
values (:consultancy, :new_id, lower(:email), :name, :role, :client_id, coalesce(:locale, 'ja'), coalesce(:time_zone, 'Asia/Tokyo'),
        'invited', coalesce(:all_clients, false), :expires_at, :now, :now)
returning id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at, version, created_at, updated_at

-- name: inviteMember
-- no-event: tokens are nobody's history
select m.id, m.email, m.name, m.role, m.client_id, m.locale, m.time_zone, m.status, m.all_clients, m.expires_at, m.version,
       m.created_at, m.updated_at, :invitation_token::text as invitation_token,
       :invitation_expires_at::timestamptz as invitation_expires_at
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :new_id
  and auth.invite(m.id, :invitation_hash, :invitation_expires_at)

-- name: judgeMemberChange
select m.role, m.status,
       (select count(*) from tenants.members o
        where o.consultancy_id = :consultancy and o.role = 'owner' and o.status = 'active' and o.id <> m.id)::int as other_owners
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member_id
for update of m

-- name: updateMember
-- event: member.changed
update tenants.members m
set (name, role, locale, time_zone, all_clients, expires_at) =
    (select p.name, p.role, p.locale, p.time_zone, p.all_clients, p.expires_at from jsonb_populate_record(m, :body::jsonb) p),
    version = m.version + 1, updated_at = :now
where m.consultancy_id = :consultancy and m.id = :member_id and (:if_match::int is null or m.version = :if_match::int)
returning id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at, version, created_at, updated_at

-- name: deleteMember
-- event: member.deleted
delete from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member_id and (:if_match::int is null or m.version = :if_match::int)
returning id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at, version + 1 as version, created_at,
          updated_at

-- name: deleteLogin
-- no-event: the member's own event tells
select auth.delete_user(:member_id::uuid) as deleted

-- name: listAssignments
-- key: a.id
-- sort: created_at a.created_at timestamptz
select a.id, a.member_id, a.client_id, a.is_lead, a.version, a.created_at, a.updated_at{key}
from tenants.assignments a
where a.consultancy_id = :consultancy
  and (:member_id::uuid is null or a.member_id = :member_id)
  and (:client_id::uuid is null or a.client_id = :client_id)
{page}

-- name: judgeAssignment
select m.role from tenants.members m where m.consultancy_id = :consultancy and m.id = :member_id

-- name: createAssignment
-- event: assignment.created
insert into tenants.assignments (consultancy_id, id, member_id, client_id, is_lead, created_at, updated_at)
values (:consultancy, :new_id, :member_id, :client_id, coalesce(:is_lead, false), :now, :now)
returning id, member_id, client_id, is_lead, version, created_at, updated_at

-- name: getAssignment
select a.id, a.member_id, a.client_id, a.is_lead, a.version, a.created_at, a.updated_at
from tenants.assignments a
where a.consultancy_id = :consultancy and a.id = :assignment_id

-- name: updateAssignment
-- event: assignment.changed
update tenants.assignments a
set is_lead = (select p.is_lead from jsonb_populate_record(a, :body::jsonb) p), version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.id = :assignment_id and (:if_match::int is null or a.version = :if_match::int)
returning id, member_id, client_id, is_lead, version, created_at, updated_at

-- name: deleteAssignment
-- event: assignment.deleted
delete from tenants.assignments a
where a.consultancy_id = :consultancy and a.id = :assignment_id and (:if_match::int is null or a.version = :if_match::int)
returning id, member_id, client_id, is_lead, version + 1 as version, created_at, updated_at
