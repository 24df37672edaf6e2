-- name: listAuditTeam
-- key: t.id
-- sort: created_at t.created_at timestamptz
select t.id, t.client_id, t.audit_id, t.auditor_id, t.member_id, t.person_id, t.role, t.partial, t.note, t.objection_status, t.objection,
       t.objected_on, t.version, t.created_at, t.updated_at{key}
from scheduling.audit_team t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id
{page}

-- name: getAuditTeamMember
select t.id, t.client_id, t.audit_id, t.auditor_id, t.member_id, t.person_id, t.role, t.partial, t.note, t.objection_status, t.objection,
       t.objected_on, t.version, t.created_at, t.updated_at
from scheduling.audit_team t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id and t.id = :team_member_id::uuid

-- name: judgeTeam
select a.kind, a.status, t.id as team_member_id, t.role, t.auditor_id, t.member_id, t.person_id, t.objection_status
from scheduling.audits a
left join scheduling.audit_team t on t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id
                                 and t.id = :team_member_id::uuid
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
  and (:team_member_id::uuid is null or t.id is not null)

-- name: insertTeamMember
-- event: audit_team_member.created
insert into scheduling.audit_team (consultancy_id, id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note,
                                   created_at, updated_at)
values (:consultancy, :new_id, :client_id, :audit_id, :auditor_id::uuid, :member_id::uuid, :person_id::uuid, :role,
        coalesce(:partial::boolean, false), :note, :now, :now)
returning id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note, objection_status, objection, objected_on,
          version, created_at, updated_at

-- name: changeTeamMember
-- event: audit_team_member.changed
update scheduling.audit_team t
set (role, partial, note, objection_status) =
    (select n.role, n.partial, n.note, n.objection_status from jsonb_populate_record(t, :body::jsonb) n),
    version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id and t.id = :team_member_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note, objection_status, objection, objected_on,
          version, created_at, updated_at

-- name: storeObjection
-- event: audit_team_member.objected
update scheduling.audit_team t
set objection = :objection, objection_status = 'open', objected_on = :today::date, version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id and t.id = :team_member_id::uuid
returning id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note, objection_status, objection, objected_on,
          version, created_at, updated_at

-- name: removeTeamMember
-- event: audit_team_member.deleted
delete from scheduling.audit_team t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id and t.id = :team_member_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note, objection_status, objection, objected_on,
          version + 1 as version, created_at, updated_at

-- name: dropTeam
-- event: audit_team_member.deleted
delete from scheduling.audit_team t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.audit_id = :audit_id::uuid
returning id, client_id, audit_id, auditor_id, member_id, person_id, role, partial, note, objection_status, objection, objected_on,
          version + 1 as version, created_at, updated_at
