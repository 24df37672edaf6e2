-- Everything that a proposal of an audit's plan is made of: who audits, who attends, who is to be heard, which places, and who is taken when.
-- name: loadProposalFacts
with audit as (
    select a.*
    from scheduling.audits a
    where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid),
team as (
    select t.*, coalesce(t.auditor_id, t.member_id, t.person_id) as who
    from audit a
    join scheduling.audit_team t on t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.audit_id = a.id),
heard as (
    select p.id, p.is_top_management, d.id as department_id
    from tenants.people p
    left join lateral (
        select d.id
        from tenants.departments d
        where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.id = p.department_id and d.in_scope
          and p.id = (select h.id from tenants.people h
                      where h.consultancy_id = d.consultancy_id and h.client_id = d.client_id and h.department_id = d.id
                        and (h.left_on is null or h.left_on > :today::date)
                      order by h.name is distinct from d.head_name, h.created_at, h.id limit 1)) d on true
    where p.consultancy_id = :consultancy and p.client_id = :client_id and (p.left_on is null or p.left_on > :today::date)
      and (p.is_top_management or d.id is not null)),
places as (
    select s.id, s.name, s.is_central_function
    from tenants.sites s
    cross join audit a
    where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id
      and (s.id::text in (select jsonb_array_elements_text(a.site_ids))
           or (a.site_ids = '[]' and s.in_scope and s.kind <> 'home' and (s.closed_on is null or s.closed_on > :today::date)))),
room as (
    select r.id, r.site_id, r.capacity
    from scheduling.rooms r
    where r.consultancy_id = :consultancy and r.client_id = :client_id),
planned as (
    select s.kind, s.department_id, s.site_id
    from audit a
    join scheduling.audit_slots s on s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id)
select jsonb_build_object(
    'kind', a.kind, 'first', a.planned_first_day, 'last', coalesce(a.planned_last_day, a.planned_first_day),
    'team', coalesce((select jsonb_agg(jsonb_build_object('id', t.who, 'role', t.role, 'partial', t.partial, 'kind', case
                                 when t.auditor_id is not null then 'auditor' when t.member_id is not null then 'member' else 'person' end)
                             order by t.role <> 'lead_auditor', t.created_at, t.id) from team t), '[]'),
    'departments', coalesce((select jsonb_agg(jsonb_build_object(
                                        'id', d.id, 'name', d.name,
                                        'person', (select h.id from heard h where h.department_id = d.id)) order by d.created_at, d.id)
                             from tenants.departments d
                             where d.consultancy_id = a.consultancy_id and d.client_id = a.client_id and d.in_scope), '[]'),
    'top_management', coalesce((select jsonb_agg(h.id order by h.id) from heard h where h.is_top_management), '[]'),
    'sites', coalesce((select jsonb_agg(to_jsonb(s) order by not s.is_central_function, s.name, s.id) from places s), '[]'),
    'rooms', coalesce((select jsonb_agg(to_jsonb(r) order by r.capacity nulls last, r.id) from room r
                       where r.site_id in (select s.id from places s)), '[]'),
    'planned', coalesce((select jsonb_agg(to_jsonb(p)) from planned p), '[]'),
    'busy', coalesce((
        select jsonb_agg(jsonb_build_object('id', b.resource_id, 'day', lower(b.during)::date - a.planned_first_day,
                                            'from', extract(epoch from lower(b.during) - lower(b.during)::date) / 60,
                                            'minutes', extract(epoch from upper(b.during) - lower(b.during)) / 60))
        from scheduling.busy(array(select t.who from team t union select h.id from heard h union select r.id from room r),
                             a.planned_first_day, coalesce(a.planned_last_day, a.planned_first_day)) b
        where b.audit_id is distinct from a.id or b.slot_id is not null), '[]')) as facts
from audit a
