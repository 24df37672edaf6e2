-- What a certification was on a day: today its own row, before that its last step until then. A plan for the future takes today's state.
-- name: loadClaims
with asked as (
    select n.id as client_id, coalesce(:on::date, :today::date) as day,
           (select s.in_scope from tenants.sites s
            where s.consultancy_id = n.consultancy_id and s.client_id = n.id and s.id = :site_id::uuid) as site_in_scope,
           (select d.in_scope from tenants.departments d
            where d.consultancy_id = n.consultancy_id and d.client_id = n.id and d.id = :department_id::uuid) as department_in_scope
    from tenants.clients n
    where n.consultancy_id = :consultancy and n.id = :client_id)
select k.client_id, k.day, coalesce(k.site_in_scope, true) as site_in_scope, coalesce(k.department_in_scope, true) as department_in_scope,
       (:site_id::uuid is null or k.site_in_scope is not null)
       and (:department_id::uuid is null or k.department_in_scope is not null) as found,
       c.id as certification_id, c.scheme,
       case when k.day >= :today::date then c.state else coalesce(past.to_state, 'preparing') end as state,
       case when k.day >= :today::date then c.effective_date else (held.facts ->> 'effective_date')::date end as effective_date,
       case when k.day >= :today::date then c.expiry_date else (held.facts ->> 'expiry_date')::date end as expiry_date
from asked k
left join scheduling.certifications c on c.consultancy_id = :consultancy and c.client_id = k.client_id
left join lateral (
    select t.to_state from scheduling.certification_transitions t
    where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.certification_id = c.id and t.on_date <= k.day
    order by t.on_date desc, t.created_at desc, t.id desc limit 1) past on true
left join lateral (
    select t.facts from scheduling.certification_transitions t
    where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.certification_id = c.id and t.on_date <= k.day
      and t.facts ? 'expiry_date'
    order by t.on_date desc, t.created_at desc, t.id desc limit 1) held on true
order by c.created_at, c.id

-- name: getProgramme
with shown as (
    select a.certification_id, a.cycle_no, a.id, a.nominal_date, a.status, a.kind,
           coalesce(a.held_first_day, a.planned_first_day, least(a.nominal_date, a.window_end), a.window_start) as day,
           coalesce(a.held_last_day, a.planned_last_day, a.nominal_date) as last_day,
           jsonb_build_object('id', a.id, 'kind', a.kind, 'cycle_no', a.cycle_no, 'ordinal', a.ordinal, 'origin', a.origin,
                'nominal_date', a.nominal_date, 'window_start', a.window_start, 'window_end', a.window_end, 'hard_limit', a.hard_limit,
                'planned_first_day', a.planned_first_day, 'planned_last_day', a.planned_last_day, 'held_first_day', a.held_first_day,
                'held_last_day', a.held_last_day, 'status', a.status, 'why', a.why) as audit
    from scheduling.audits a
    where a.consultancy_id = :consultancy and a.client_id = :client_id and a.status <> 'cancelled')
select n.id as client_id, coalesce((
    select jsonb_agg(jsonb_build_object(
        'certification_id', c.id, 'scheme', c.scheme, 'state', c.state, 'cycle_no', c.cycle_no, 'cycle_type', c.cycle_type,
        'decision_date', c.decision_date, 'expiry_date', c.expiry_date,
        'next_audit', (select s.audit from shown s
                       where s.certification_id = c.id and s.status not in ('held', 'reported') and s.kind <> 'internal' and c.state <> 'withdrawn'
                       order by s.day nulls last, s.id limit 1),
        'empty_years', coalesce((
            select jsonb_agg(y.year order by y.year)
            from generate_series(extract(year from c.cycle_start)::int + 1, extract(year from c.expiry_date)::int - 1) as y(year)
            where c.state in ('certified', 'suspended') and c.scheme <> 'pmark'
              and not exists (select from shown s where s.certification_id = c.id and s.kind in ('surveillance', 'recertification')
                              and extract(year from s.last_day)::int = y.year)), '[]'),
        'audits', coalesce((select jsonb_agg(s.audit order by s.day nulls last, s.id) from shown s
                            where s.certification_id = c.id and s.cycle_no >= c.cycle_no), '[]')) order by c.created_at, c.id)
    from scheduling.certifications c
    where c.consultancy_id = n.consultancy_id and c.client_id = n.id), '[]') as certifications
from tenants.clients n
where n.consultancy_id = :consultancy and n.id = :client_id
