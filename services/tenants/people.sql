-- name: listPeople
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: name lower(p.name) text
select p.id, p.client_id, p.name, p.name_kana, p.email, p.title, p.department_id, p.staff_kind, p.is_top_management, p.joined_on,
       p.left_on, p.version, p.created_at, p.updated_at{key}
from tenants.people p
where p.consultancy_id = :consultancy and p.client_id = :client_id
  and (:department_id::uuid is null or p.department_id = :department_id::uuid)
  and (:staff_kind::text is null or p.staff_kind = :staff_kind)
  and (:is_top_management::boolean is null or p.is_top_management = :is_top_management::boolean)
{page}

-- name: createPerson
-- event: person.created
insert into tenants.people (consultancy_id, id, client_id, name, name_kana, email, title, department_id, staff_kind, is_top_management,
                            joined_on, left_on, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :name, :name_kana, :email, :title, :department_id::uuid, coalesce(:staff_kind, 'employee'),
        coalesce(:is_top_management::boolean, false), :joined_on::date, :left_on::date, :now, :now)
returning id, client_id, name, name_kana, email, title, department_id, staff_kind, is_top_management, joined_on, left_on, version,
          created_at, updated_at

-- name: getPerson
select p.id, p.client_id, p.name, p.name_kana, p.email, p.title, p.department_id, p.staff_kind, p.is_top_management, p.joined_on,
       p.left_on, p.version, p.created_at, p.updated_at
from tenants.people p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :person_id

-- name: updatePerson
-- event: person.changed
update tenants.people p
set (name, name_kana, email, title, department_id, staff_kind, is_top_management, joined_on, left_on) =
    (select n.name, n.name_kana, n.email, n.title, n.department_id, n.staff_kind, n.is_top_management, n.joined_on, n.left_on
     from jsonb_populate_record(p, :body::jsonb) n),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :person_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, name, name_kana, email, title, department_id, staff_kind, is_top_management, joined_on, left_on, version,
          created_at, updated_at

-- name: deletePerson
-- event: person.deleted
delete from tenants.people p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :person_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, name, name_kana, email, title, department_id, staff_kind, is_top_management, joined_on, left_on,
          version + 1 as version, created_at, updated_at
