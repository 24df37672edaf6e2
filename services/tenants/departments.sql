-- name: listDepartments
-- key: d.id
-- sort: created_at d.created_at timestamptz
select d.id, d.client_id, d.name, d.head_name, d.headcount, d.in_scope, d.version, d.created_at, d.updated_at{key}
from tenants.departments d
where d.consultancy_id = :consultancy and d.client_id = :client_id
  and (:in_scope::boolean is null or d.in_scope = :in_scope)
{page}

-- name: createDepartment
-- event: department.created
insert into tenants.departments (consultancy_id, id, client_id, name, head_name, headcount, in_scope, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :name, :head_name, :headcount, coalesce(:in_scope, true), :now, :now)
returning id, client_id, name, head_name, headcount, in_scope, version, created_at, updated_at

-- name: getDepartment
select d.id, d.client_id, d.name, d.head_name, d.headcount, d.in_scope, d.version, d.created_at, d.updated_at
from tenants.departments d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :department_id

-- name: updateDepartment
-- event: department.changed
update tenants.departments d
set (name, head_name, headcount, in_scope) =
    (select p.name, p.head_name, p.headcount, p.in_scope from jsonb_populate_record(d, :body::jsonb) p),
    version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :department_id
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, name, head_name, headcount, in_scope, version, created_at, updated_at

-- name: deleteDepartment
-- event: department.deleted
delete from tenants.departments d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :department_id
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, name, head_name, headcount, in_scope, version + 1 as version, created_at, updated_at
