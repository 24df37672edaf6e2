-- The scope of a client as versions. Sites, departments and kinds of staff: null = all. Writing takes the client's lock first (lockScope), because
-- the approval of a change in scheduling makes versions too.

-- name: listScopeVersions
-- key: v.id
-- sort: number v.number int
select v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
       tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
       v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at{key}
from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id
  and (:status::text is null or v.status = :status)
{page}

-- name: getScopeVersion
select v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
       tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
       v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at
from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id

-- name: lockScope
select n.id, pg_advisory_xact_lock(hashtextextended('scope ' || n.id::text, 0)) is null as locked
from tenants.clients n
where n.consultancy_id = :consultancy and n.id = :client_id

-- name: judgeScopeVersion
select v.id, v.status
from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id

-- Sites and departments in the body that are none of the client's, or named twice.
-- name: findStrangePlaces
with given as (
    select format('/sites/%s/site_id', g.place - 1) as pointer, 'site' as kind, (g.item ->> 'site_id')::uuid as id, g.place
    from jsonb_array_elements(coalesce(nullif(:body::jsonb -> 'sites', 'null'), '[]')) with ordinality as g (item, place)
    union all
    select format('/departments/%s/department_id', g.place - 1), 'department', (g.item ->> 'department_id')::uuid, g.place
    from jsonb_array_elements(coalesce(nullif(:body::jsonb -> 'departments', 'null'), '[]')) with ordinality as g (item, place)),
judged as (
    select g.pointer, g.kind, g.place,
           case when s.id is null and d.id is null then 'not_found_reference'
                when exists (select from given o where o.kind = g.kind and o.id = g.id and o.place < g.place) then 'duplicate' end as code
    from given g
    left join tenants.sites s on g.kind = 'site' and s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = g.id
    left join tenants.departments d on g.kind = 'department' and d.consultancy_id = :consultancy and d.client_id = :client_id
                                   and d.id = g.id)
select j.pointer, j.code from judged j where j.code is not null order by j.kind desc, j.place

-- name: insertScopeVersion
-- event: scope_version.created
insert into tenants.scope_versions as v (consultancy_id, id, client_id, number, statement_ja, statement_en, sites, departments, staff_kinds,
                                         exclusions, boundaries, headcount, note, created_at, updated_at)
select :consultancy, :new_id, :client_id,
       1 + coalesce((select max(o.number) from tenants.scope_versions o
                     where o.consultancy_id = :consultancy and o.client_id = :client_id), 0),
       p.statement_ja, p.statement_en, p.sites, p.departments, p.staff_kinds, coalesce(p.exclusions, '[]'),
       jsonb_strip_nulls(coalesce(p.boundaries, '{}')), p.headcount, p.note, :now, :now
from jsonb_populate_record(null::tenants.scope_versions, jsonb_strip_nulls(:body::jsonb)) p
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- name: changeScopeVersion
-- event: scope_version.changed
update tenants.scope_versions v
set (statement_ja, statement_en, sites, departments, staff_kinds, exclusions, headcount, note) =
    (select p.statement_ja, p.statement_en, nullif(p.sites, 'null'), nullif(p.departments, 'null'), nullif(p.staff_kinds, 'null'),
            p.exclusions, p.headcount, p.note
     from jsonb_populate_record(v, :body::jsonb - 'boundaries') p),
    boundaries = jsonb_strip_nulls(v.boundaries || coalesce(:body::jsonb -> 'boundaries', '{}')),
    version = v.version + 1, updated_at = :now
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id
  and (:if_match::int is null or v.version = :if_match::int)
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- name: removeScopeVersion
-- event: scope_version.deleted
delete from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id
  and (:if_match::int is null or v.version = :if_match::int)
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version + 1 as version, v.created_at, v.updated_at

-- name: approveScopeVersion
-- event: scope_version.approved
update tenants.scope_versions v
set status = 'approved', effective_on = coalesce(:effective_on::date, :today::date), approved_on = :today::date, approved_by = :member,
    version = v.version + 1, updated_at = :now
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- The fact of the certifications: a client whose scope is approved has defined it.
-- name: noteScopeDefined
-- event: certification.changed
update scheduling.certifications c
set scope_defined_on = v.approved_on, plan_stale = true, version = c.version + 1, updated_at = :now
from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :scope_version_id and v.status in ('approved', 'active')
  and c.consultancy_id = v.consultancy_id and c.client_id = v.client_id and c.scope_defined_on is null
  and c.state not in ('expired', 'withdrawn')
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- Which version is in force follows from the days alone: the last one whose first day has come; of two with the same day the later one. What
-- takes effect keeps its sites and departments as they are now.
-- name: settleScopeVersions
-- event: scope_version.changed
with placed as (
    select v.id, v.effective_on, lead(v.effective_on) over (order by v.effective_on, v.number) as next_on
    from tenants.scope_versions v
    where v.consultancy_id = :consultancy and v.client_id = :client_id and v.status in ('approved', 'active', 'superseded')),
wanted as (
    select p.id, case when p.effective_on > :today::date then 'approved' when p.next_on <= :today::date then 'superseded'
                      else 'active' end as status,
           case when p.next_on <= :today::date then p.next_on end as superseded_on
    from placed p)
update tenants.scope_versions v
set status = w.status, superseded_on = w.superseded_on,
    sites = case when w.status = 'approved' then v.sites else tenants.scope_sites(v) end,
    departments = case when w.status = 'approved' then v.departments else tenants.scope_departments(v) end,
    activated_at = case when w.status = 'active' and v.status <> 'active' then :now::timestamptz
                        when w.status = 'superseded' then coalesce(v.activated_at, :now::timestamptz) else v.activated_at end,
    version = v.version + 1, updated_at = :now
from wanted w
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = w.id
  and (v.status, v.superseded_on) is distinct from (w.status, w.superseded_on)
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- The flags follow the version that has just taken effect, and what it says of a site becomes the site's own.
-- name: switchScopeSites
-- event: site.changed
with wanted as (
    select s.id, v.sites is null or g.item is not null as in_scope, coalesce(g.item ->> 'address', s.address) as address,
           coalesce((g.item ->> 'headcount')::int, s.headcount) as headcount
    from tenants.scope_versions v
    join tenants.sites s on s.consultancy_id = v.consultancy_id and s.client_id = v.client_id
    left join lateral (select e.item from jsonb_array_elements(v.sites) as e (item) where (e.item ->> 'site_id')::uuid = s.id) g on true
    where v.consultancy_id = :consultancy and v.client_id = :client_id and v.status = 'active' and v.activated_at = :now::timestamptz)
update tenants.sites s
set in_scope = w.in_scope, address = w.address, headcount = w.headcount, version = s.version + 1, updated_at = :now
from wanted w
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = w.id
  and (s.in_scope, s.address, s.headcount) is distinct from (w.in_scope, w.address, w.headcount)
returning s.id, s.client_id, s.name, s.kind, s.address, s.headcount, s.is_central_function, s.in_scope, s.opened_on, s.closed_on, s.version,
          s.created_at, s.updated_at

-- name: switchScopeDepartments
-- event: department.changed
with wanted as (
    select d.id, v.departments is null or g.item is not null as in_scope, coalesce((g.item ->> 'headcount')::int, d.headcount) as headcount
    from tenants.scope_versions v
    join tenants.departments d on d.consultancy_id = v.consultancy_id and d.client_id = v.client_id
    left join lateral (select e.item from jsonb_array_elements(v.departments) as e (item)
                       where (e.item ->> 'department_id')::uuid = d.id) g on true
    where v.consultancy_id = :consultancy and v.client_id = :client_id and v.status = 'active' and v.activated_at = :now::timestamptz)
update tenants.departments d
set in_scope = w.in_scope, headcount = w.headcount, version = d.version + 1, updated_at = :now
from wanted w
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = w.id
  and (d.in_scope, d.headcount) is distinct from (w.in_scope, w.headcount)
returning d.id, d.client_id, d.name, d.head_name, d.headcount, d.in_scope, d.version, d.created_at, d.updated_at

-- Clients with a version whose first day has come.
-- name: findDueScopes
select distinct v.client_id
from tenants.scope_versions v
where v.consultancy_id = :consultancy and v.status = 'approved' and v.effective_on <= :today::date
limit 50

-- name: getScope
with asked as (
    select n.consultancy_id, n.id as client_id, coalesce(:on::date, :today::date) as day
    from tenants.clients n
    where n.consultancy_id = :consultancy and n.id = :client_id)
select k.client_id, k.day as "on", case when v.id is null then 'flags' else 'version' end as basis, v.id as scope_version_id, v.number,
       v.statement_ja, v.statement_en,
       case when v.id is not null then tenants.scope_sites(v) else coalesce(
           (select jsonb_agg(jsonb_build_object('site_id', s.id, 'name', s.name, 'kind', s.kind, 'address', s.address,
                                                'headcount', s.headcount, 'is_central_function', s.is_central_function)
                             order by s.created_at, s.id)
            from tenants.sites s
            where s.consultancy_id = k.consultancy_id and s.client_id = k.client_id and s.in_scope), '[]') end as sites,
       case when v.id is not null then tenants.scope_departments(v) else coalesce(
           (select jsonb_agg(jsonb_build_object('department_id', d.id, 'name', d.name, 'headcount', d.headcount)
                             order by d.created_at, d.id)
            from tenants.departments d
            where d.consultancy_id = k.consultancy_id and d.client_id = k.client_id and d.in_scope), '[]') end as departments,
       v.staff_kinds, coalesce(v.exclusions, '[]') as exclusions, coalesce(v.boundaries, '{}') as boundaries, v.headcount, v.effective_on,
       coalesce((
           select jsonb_agg(jsonb_build_object('kind', p.kind, 'id', p.id, 'name', p.name, 'in_version', p.in_version, 'in_scope', p.in_scope)
                            order by p.kind desc, p.name, p.id)
           from tenants.scope_versions a
           cross join lateral (
               select 'site' as kind, s.id, s.name, s.in_scope,
                      a.sites is null or a.sites @> jsonb_build_array(jsonb_build_object('site_id', s.id)) as in_version
               from tenants.sites s
               where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id
               union all
               select 'department', d.id, d.name, d.in_scope,
                      a.departments is null or a.departments @> jsonb_build_array(jsonb_build_object('department_id', d.id))
               from tenants.departments d
               where d.consultancy_id = a.consultancy_id and d.client_id = a.client_id) p
           where a.consultancy_id = k.consultancy_id and a.client_id = k.client_id and a.status = 'active' and p.in_scope <> p.in_version),
           '[]') as differences
from asked k
left join tenants.scope_versions v on v.consultancy_id = k.consultancy_id and v.client_id = k.client_id and v.id = (
    select o.id from tenants.scope_versions o
    where o.consultancy_id = k.consultancy_id and o.client_id = k.client_id and o.status in ('approved', 'active', 'superseded')
      and o.effective_on <= k.day
    order by o.effective_on desc, o.number desc limit 1)

-- name: getScopeDifference
with picked as (
    select n as here, o as there
    from tenants.scope_versions n
    left join tenants.scope_versions o on o.consultancy_id = n.consultancy_id and o.client_id = n.client_id and o.id = (
        select e.id from tenants.scope_versions e
        where e.consultancy_id = n.consultancy_id and e.client_id = n.client_id and e.id <> n.id
          and case when :since::uuid is not null then e.id = :since::uuid
                   else e.status in ('approved', 'active', 'superseded')
                        and (n.effective_on is null or (e.effective_on, e.number) < (n.effective_on, n.number)) end
        order by e.effective_on desc, e.number desc limit 1)
    where n.consultancy_id = :consultancy and n.client_id = :client_id and n.id = :scope_version_id
      and (:since::uuid is null or o.id is not null)),
sides as (
    select (p.here).id as scope_version_id, (p.here).number, (p.there).id as since_id, (p.there).number as since_number,
           to_jsonb(p.here) || jsonb_build_object('sites', tenants.scope_sites(p.here), 'departments', tenants.scope_departments(p.here)) as new,
           case when (p.there).id is not null
                then to_jsonb(p.there) || jsonb_build_object('sites', tenants.scope_sites(p.there),
                                                             'departments', tenants.scope_departments(p.there)) end as old
    from picked p)
select s.scope_version_id, s.number, s.since_id, s.since_number,
       coalesce((select jsonb_agg(m.name order by m.place)
                 from unnest(array['statement_ja', 'statement_en', 'sites', 'departments', 'staff_kinds', 'exclusions', 'boundaries',
                                   'headcount']) with ordinality as m (name, place)
                 where s.old -> m.name <> s.new -> m.name), '[]') as changed,
       case when s.old -> 'statement_ja' <> s.new -> 'statement_ja'
            then jsonb_build_object('before', s.old -> 'statement_ja', 'after', s.new -> 'statement_ja') end as statement_ja,
       case when s.old -> 'statement_en' <> s.new -> 'statement_en'
            then jsonb_build_object('before', s.old -> 'statement_en', 'after', s.new -> 'statement_en') end as statement_en,
       case when s.old -> 'headcount' <> s.new -> 'headcount'
            then jsonb_build_object('before', s.old -> 'headcount', 'after', s.new -> 'headcount') end as headcount,
       tenants.list_difference(s.old -> 'sites', s.new -> 'sites', 'site_id') as sites,
       tenants.list_difference(s.old -> 'departments', s.new -> 'departments', 'department_id') as departments,
       tenants.list_difference(s.old -> 'staff_kinds', s.new -> 'staff_kinds', '') - 'changed' as staff_kinds,
       tenants.list_difference(s.old -> 'exclusions', s.new -> 'exclusions', '') - 'changed' as exclusions
from sides s
