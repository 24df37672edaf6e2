-- name: listSites
-- key: s.id
-- sort: created_at s.created_at timestamptz
select s.id, s.client_id, s.name, s.kind, s.address, s.headcount, s.is_central_function, s.in_scope, s.opened_on, s.closed_on,
       s.version, s.created_at, s.updated_at{key}
from tenants.sites s
where s.consultancy_id = :consultancy and s.client_id = :client_id
  and (:in_scope::boolean is null or s.in_scope = :in_scope)
{page}

-- name: createSite
-- event: site.created
insert into tenants.sites (consultancy_id, id, client_id, name, kind, address, headcount, is_central_function, in_scope, opened_on,
                           closed_on, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :name, coalesce(:kind, 'branch'), :address, :headcount,
        coalesce(:is_central_function, false), coalesce(:in_scope, true), :opened_on, :closed_on, :now, :now)
returning id, client_id, name, kind, address, headcount, is_central_function, in_scope, opened_on, closed_on, version, created_at,
          updated_at

-- name: getSite
select s.id, s.client_id, s.name, s.kind, s.address, s.headcount, s.is_central_function, s.in_scope, s.opened_on, s.closed_on,
       s.version, s.created_at, s.updated_at
from tenants.sites s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :site_id

-- name: updateSite
-- event: site.changed
update tenants.sites s
set (name, kind, address, headcount, is_central_function, in_scope, opened_on, closed_on) =
    (select p.name, p.kind, p.address, p.headcount, p.is_central_function, p.in_scope, p.opened_on, p.closed_on
     from jsonb_populate_record(s, :body::jsonb) p),
    version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :site_id
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, name, kind, address, headcount, is_central_function, in_scope, opened_on, closed_on, version, created_at,
          updated_at

-- name: deleteSite
-- event: site.deleted
delete from tenants.sites s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :site_id
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, name, kind, address, headcount, is_central_function, in_scope, opened_on, closed_on,
          version + 1 as version, created_at, updated_at
