-- name: listAuditors
-- key: o.id
-- sort: created_at o.created_at timestamptz
-- sort: name lower(o.name) text
select o.id, o.body_id, o.name, o.name_kana, o.email, o.roles, o.competences, o.note, o.active, o.version, o.created_at, o.updated_at{key}
from scheduling.auditors o
where o.consultancy_id = :consultancy and o.body_id = :body_id::uuid
  and (:active::boolean is null or o.active = :active::boolean)
{page}

-- name: createAuditor
-- event: auditor.created
insert into scheduling.auditors (consultancy_id, id, body_id, name, name_kana, email, roles, competences, note, active, created_at,
                                 updated_at)
values (:consultancy, :new_id, :body_id::uuid, :name, :name_kana, :email, coalesce(:roles::jsonb, '["auditor"]'),
        coalesce(:competences::jsonb, '[]'), :note, coalesce(:active::boolean, true), :now, :now)
returning id, body_id, name, name_kana, email, roles, competences, note, active, version, created_at, updated_at

-- name: getAuditor
select o.id, o.body_id, o.name, o.name_kana, o.email, o.roles, o.competences, o.note, o.active, o.version, o.created_at, o.updated_at
from scheduling.auditors o
where o.consultancy_id = :consultancy and o.body_id = :body_id::uuid and o.id = :auditor_id

-- name: updateAuditor
-- event: auditor.changed
update scheduling.auditors o
set (name, name_kana, email, roles, competences, note, active) =
    (select n.name, n.name_kana, n.email, n.roles, n.competences, n.note, n.active
     from jsonb_populate_record(o, :body::jsonb) n),
    version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.body_id = :body_id::uuid and o.id = :auditor_id
  and (:if_match::int is null or o.version = :if_match::int)
returning id, body_id, name, name_kana, email, roles, competences, note, active, version, created_at, updated_at

-- name: deleteAuditor
-- event: auditor.deleted
delete from scheduling.auditors o
where o.consultancy_id = :consultancy and o.body_id = :body_id::uuid and o.id = :auditor_id
  and (:if_match::int is null or o.version = :if_match::int)
returning id, body_id, name, name_kana, email, roles, competences, note, active, version + 1 as version, created_at, updated_at
