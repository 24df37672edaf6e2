-- Places that leave the scope with a reduction.

-- Places in the body that are none of the client's, named twice or outside the scope already.
-- name: judgeReducedPlaces
with given as (
    select format('/site_ids/%s', g.place - 1) as pointer, g.id::uuid as id, g.place, true as is_site
    from jsonb_array_elements_text(coalesce(nullif(:body::jsonb -> 'site_ids', 'null'), '[]')) with ordinality as g (id, place)
    union all
    select format('/department_ids/%s', g.place - 1), g.id::uuid, g.place, false
    from jsonb_array_elements_text(coalesce(nullif(:body::jsonb -> 'department_ids', 'null'), '[]')) with ordinality as g (id, place)),
judged as (
    select g.pointer, g.is_site, g.place,
           case when coalesce(s.id, d.id) is null then 'not_found_reference'
                when not coalesce(s.in_scope, d.in_scope) then 'inconsistent' end as code
    from given g
    left join tenants.sites s on g.is_site and s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = g.id
    left join tenants.departments d on not g.is_site and d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = g.id)
select j.pointer, j.code from judged j where j.code is not null order by j.is_site desc, j.place

-- The scope that is left: the version in force, or the flags of a client without versions, less the places that go.
-- name: insertReducedScope
-- event: scope_version.created
with base as materialized (
    select v.* from tenants.scope_versions v
    where v.consultancy_id = :consultancy and v.client_id = :client_id and v.status in ('approved', 'active', 'superseded')
      and v.effective_on <= :on::date
    order by v.effective_on desc, v.number desc limit 1),
gone as materialized (
    select coalesce(nullif(:body::jsonb -> 'site_ids', 'null'), '[]') as sites,
           coalesce(nullif(:body::jsonb -> 'department_ids', 'null'), '[]') as departments),
left_over as materialized (
    select (select jsonb_agg(jsonb_build_object('site_id', s.id) order by s.created_at, s.id) from tenants.sites s
            where s.consultancy_id = :consultancy and s.client_id = :client_id and s.in_scope and not g.sites ? s.id::text) as sites,
           (select jsonb_agg(jsonb_build_object('department_id', d.id) order by d.created_at, d.id) from tenants.departments d
            where d.consultancy_id = :consultancy and d.client_id = :client_id and d.in_scope
              and not g.departments ? d.id::text) as departments
    from gone g)
insert into tenants.scope_versions as v (consultancy_id, id, client_id, number, status, statement_ja, sites, departments, staff_kinds,
                                         exclusions, boundaries, effective_on, approved_on, approved_by, note, created_at, updated_at)
select :consultancy, :new_id, :client_id,
       1 + coalesce((select max(o.number) from tenants.scope_versions o
                     where o.consultancy_id = :consultancy and o.client_id = :client_id), 0),
       'approved', :scope_text,
       case when g.sites = '[]' then b.sites else coalesce(l.sites, '[]') end,
       case when g.departments = '[]' then b.departments else coalesce(l.departments, '[]') end,
       b.staff_kinds, coalesce(b.exclusions, '[]'), coalesce(b.boundaries, '{}'), :on::date, :today::date, :member::uuid, :removed, :now, :now
from gone g
cross join left_over l
left join base b on true
where b.id is not null or g.sites <> '[]' or g.departments <> '[]'
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at
