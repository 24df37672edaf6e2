-- What may be claimed and shown, and where the mark is shown. One row of facts of a day, judged in C: certifications as they were that day (today their
-- own row, before that their last step until then; the future takes today's state), the scope in force that day, the live flags, the uses.
-- name: loadMarkFacts
with asked as (
    select n.consultancy_id, n.id as client_id, coalesce(:on::date, :today::date) as day
    from tenants.clients n
    where n.consultancy_id = :consultancy and n.id = :client_id)
select k.client_id, k.day,
       (select jsonb_build_object('id', v.id, 'live', v.status = 'active' and k.day >= :today::date, 'staff_kinds', v.staff_kinds,
                   'sites', (select jsonb_agg(e.item ->> 'site_id') from jsonb_array_elements(v.sites) as e (item)),
                   'departments', (select jsonb_agg(e.item ->> 'department_id') from jsonb_array_elements(v.departments) as e (item)),
                   'all_sites', v.sites is null, 'all_departments', v.departments is null)
        from tenants.scope_versions v
        where v.consultancy_id = k.consultancy_id and v.client_id = k.client_id and v.status in ('approved', 'active', 'superseded')
          and v.effective_on <= k.day
        order by v.effective_on desc, v.number desc limit 1) as scope,
       coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'in_scope', s.in_scope) order by s.created_at, s.id)
                 from tenants.sites s
                 where s.consultancy_id = k.consultancy_id and s.client_id = k.client_id), '[]') as sites,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'in_scope', d.in_scope) order by d.created_at, d.id)
                 from tenants.departments d
                 where d.consultancy_id = k.consultancy_id and d.client_id = k.client_id), '[]') as departments,
       coalesce((
           select jsonb_agg(jsonb_build_object(
               'certification_id', c.id, 'scheme', c.scheme,
               'state', case when k.day >= :today::date then c.state else coalesce(past.to_state, 'preparing') end,
               'effective_date', case when k.day >= :today::date then c.effective_date else (held.facts ->> 'effective_date')::date end,
               'expiry_date', case when k.day >= :today::date then c.expiry_date else (held.facts ->> 'expiry_date')::date end)
               order by c.created_at, c.id)
           from scheduling.certifications c
           left join lateral (
               select t.to_state from scheduling.certification_transitions t
               where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.certification_id = c.id and t.on_date <= k.day
               order by t.on_date desc, t.created_at desc, t.id desc limit 1) past on true
           left join lateral (
               select t.facts from scheduling.certification_transitions t
               where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.certification_id = c.id and t.on_date <= k.day
                 and t.facts ? 'expiry_date'
               order by t.on_date desc, t.created_at desc, t.id desc limit 1) held on true
           where c.consultancy_id = k.consultancy_id and c.client_id = k.client_id), '[]') as certifications
from asked k

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
