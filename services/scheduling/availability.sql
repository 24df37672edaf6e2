-- When all of them are free on the open days, and when each of them is taken; whose time it is only where the caller sees that client.
-- name: findFreeTimes
with party as (
    select 'person' as kind, x.id::uuid as id from jsonb_array_elements_text(coalesce(:people::jsonb, '[]')) x(id)
    union all select 'auditor', x.id::uuid from jsonb_array_elements_text(coalesce(:auditors::jsonb, '[]')) x(id)
    union all select 'member', x.id::uuid from jsonb_array_elements_text(coalesce(:members::jsonb, '[]')) x(id)
    union all select 'room', x.id::uuid from jsonb_array_elements_text(coalesce(:rooms::jsonb, '[]')) x(id)),
taken as materialized (
    select b.* from scheduling.busy(array(select p.id from party p), :first_day::date, :last_day::date) b),
hours as (
    select coalesce(range_agg(tsrange(d.day::date + :open_time::time, d.day::date + :close_time::time)), '{}') as open
    from jsonb_array_elements_text(:open_days::jsonb) d(day)),
free as (
    select f.during
    from hours h
    cross join (select coalesce(range_agg(t.during), '{}') as busy from taken t) b
    cross join lateral unnest(h.open - b.busy) f(during)
    where upper(f.during) - lower(f.during) >= :wanted_minutes::int * interval '1 minute')
select jsonb_build_object(
    'free', coalesce((select jsonb_agg(jsonb_build_object('day', lower(f.during)::date, 'start_time', to_char(lower(f.during), 'HH24:MI'),
                                                          'end_time', to_char(upper(f.during), 'HH24:MI')) order by lower(f.during))
                      from free f), '[]'),
    'participants', (
        select jsonb_agg(jsonb_build_object(
            'kind', p.kind, 'id', p.id, 'name', coalesce(e.name, o.name, m.name, r.name),
            'free_throughout', not exists (select from taken t cross join hours h where t.resource_id = p.id and t.during && h.open),
            'busy', coalesce((select jsonb_agg(jsonb_build_object(
                                         'from', to_char(lower(t.during), 'YYYY-MM-DD HH24:MI'), 'until', to_char(upper(t.during), 'YYYY-MM-DD HH24:MI'),
                                         'absent', t.absent, 'client_id', t.client_id, 'audit_id', t.audit_id, 'slot_id', t.slot_id)
                                     order by lower(t.during), upper(t.during))
                              from taken t where t.resource_id = p.id), '[]')) order by p.kind, p.id)
        from party p
        left join tenants.people e on e.consultancy_id = :consultancy and e.id = p.id
        left join scheduling.auditors o on o.consultancy_id = :consultancy and o.id = p.id
        left join tenants.members m on m.consultancy_id = :consultancy and m.id = p.id
        left join scheduling.rooms r on r.consultancy_id = :consultancy and r.id = p.id)) as _raw
