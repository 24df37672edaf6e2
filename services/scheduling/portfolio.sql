-- What the gates say of a client, beside the plan that they were derived from. The leading certification is the ISMS, else the oldest.
-- name: storePortfolio
-- no-event: follows from the plan, whose rows tell
with judged as materialized (
    select j.*
    from jsonb_to_recordset(:portfolio::jsonb) as j(
        certification_id uuid, gate text, wanted int, done int, blocked_on date, majors int, minors int, red_on date, amber_on date,
        notice_on date, reasons jsonb)),
each_one as (
    select c.id, c.scheme, c.state, c.body_id, c.expiry_date, j.gate, coalesce(j.wanted, 0) as wanted, coalesce(j.done, 0) as done,
           j.blocked_on, coalesce(j.majors, 0) as majors, coalesce(j.minors, 0) as minors, j.red_on, j.amber_on, j.notice_on, j.reasons,
           row_number() over (order by c.state = 'withdrawn', not starts_with(c.scheme, 'iso27001'), c.decision_date is null, c.scheme desc,
                                        c.created_at, c.id) as place
    from scheduling.certifications c
    left join judged j on j.certification_id = c.id
    where c.consultancy_id = :consultancy and c.client_id = :client_id),
next_audit as (
    select a.id, a.kind, a.status, a.window_start, a.window_end,
           coalesce(a.planned_first_day, least(a.nominal_date, a.window_end), a.window_start) as day
    from scheduling.audits a
    join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
    where a.consultancy_id = :consultancy and a.client_id = :client_id and a.status not in ('held', 'reported', 'cancelled') and a.kind <> 'internal'
      and c.state <> 'withdrawn'
    order by day nulls last, a.id
    limit 1),
gone as (
    delete from scheduling.portfolio_rows p
    where p.consultancy_id = :consultancy and p.client_id = :client_id and not exists (select from each_one)),
wanted as (
    select l.id as certification_id, l.scheme, l.state, l.body_id, l.expiry_date, l.gate, l.wanted as gate_wanted, l.done as gate_done,
           l.blocked_on as gate_blocked_on, n.id as next_audit_id, n.kind as next_audit_kind, n.status as next_audit_status,
           n.day as next_audit_on, n.window_start, n.window_end, s.majors as open_majors, s.minors as open_minors, s.red_on, s.amber_on,
           s.notice_on, s.reasons, s.certifications, s.schemes, s.states, s.body_ids
    from each_one l
    cross join (
        select sum(e.majors)::int as majors, sum(e.minors)::int as minors, min(e.red_on) as red_on, min(e.amber_on) as amber_on,
               min(e.notice_on) as notice_on,
               (select coalesce(jsonb_agg(case when a.id is null then r.reason - 'audit_key'
                                               else r.reason - 'audit_key' || jsonb_build_object('entity_id', a.id) end
                                          order by o.place, r.n), '[]')
                from each_one o
                cross join lateral jsonb_array_elements(o.reasons) with ordinality as r(reason, n)
                left join scheduling.audits a on a.consultancy_id = :consultancy and a.source_key = r.reason ->> 'audit_key') as reasons,
               array_agg(distinct e.scheme) as schemes, array_agg(distinct e.state) as states,
               coalesce(array_agg(distinct e.body_id) filter (where e.body_id is not null), '{}') as body_ids,
               (select jsonb_agg(jsonb_build_object(
                    'certification_id', o.id, 'scheme', o.scheme, 'state', o.state, 'body_id', o.body_id, 'expiry_date', o.expiry_date,
                    'gate', o.gate, 'gate_blocked_on', o.blocked_on,
                    'readiness_pct', case when o.gate is null then null when o.wanted = 0 then 100 else o.done * 100 / o.wanted end)
                    order by o.place) from each_one o) as certifications
        from each_one e) s
    left join next_audit n on true
    where l.place = 1),
stored as (
    select w.*, :today::date as shown_on, scheduling.portfolio_reasons(w.reasons, :today::date) as shown_reasons,
           scheduling.portfolio_certifications(w.certifications, :today::date) as shown_certifications,
           (select min(x.day) from (
                select unnest(array[(r ->> 'from')::date, (r ->> 'until')::date]) as day from jsonb_array_elements(w.reasons) r
                union all
                select (c ->> 'gate_blocked_on')::date from jsonb_array_elements(w.certifications) c) x
            where x.day > :today::date) as changes_on
    from wanted w)
insert into scheduling.portfolio_rows as p (consultancy_id, client_id, certification_id, scheme, state, body_id, expiry_date, gate,
                                            gate_wanted, gate_done, gate_blocked_on, next_audit_id, next_audit_kind, next_audit_status,
                                            next_audit_on, window_start, window_end, open_majors, open_minors, red_on, amber_on, notice_on,
                                            reasons, certifications, schemes, states, body_ids, shown_on, shown_reasons, shown_certifications, changes_on,
                                            created_at, updated_at)
select :consultancy, :client_id, w.*, :now, :now
from stored w
on conflict (consultancy_id, client_id) do update
set (certification_id, scheme, state, body_id, expiry_date, gate, gate_wanted, gate_done, gate_blocked_on, next_audit_id, next_audit_kind,
     next_audit_status, next_audit_on, window_start, window_end, open_majors, open_minors, red_on, amber_on, notice_on, reasons,
     certifications, schemes, states, body_ids, shown_on, shown_reasons, shown_certifications, changes_on, version, updated_at) =
    (excluded.certification_id, excluded.scheme, excluded.state, excluded.body_id, excluded.expiry_date, excluded.gate,
     excluded.gate_wanted, excluded.gate_done, excluded.gate_blocked_on, excluded.next_audit_id, excluded.next_audit_kind,
     excluded.next_audit_status, excluded.next_audit_on, excluded.window_start, excluded.window_end, excluded.open_majors,
     excluded.open_minors, excluded.red_on, excluded.amber_on, excluded.notice_on, excluded.reasons, excluded.certifications,
     excluded.schemes, excluded.states, excluded.body_ids, excluded.shown_on, excluded.shown_reasons, excluded.shown_certifications,
     excluded.changes_on, p.version + 1, excluded.updated_at)
where (p.certification_id, p.scheme, p.state, p.body_id, p.expiry_date, p.gate, p.gate_wanted, p.gate_done, p.gate_blocked_on,
       p.next_audit_id, p.next_audit_kind, p.next_audit_status, p.next_audit_on, p.window_start, p.window_end, p.open_majors,
       p.open_minors, p.red_on, p.amber_on, p.notice_on, p.reasons, p.certifications, p.schemes, p.states, p.body_ids,
       p.shown_reasons::text, p.shown_certifications::text, p.changes_on)
      is distinct from
      (excluded.certification_id, excluded.scheme, excluded.state, excluded.body_id, excluded.expiry_date, excluded.gate,
       excluded.gate_wanted, excluded.gate_done, excluded.gate_blocked_on, excluded.next_audit_id, excluded.next_audit_kind,
       excluded.next_audit_status, excluded.next_audit_on, excluded.window_start, excluded.window_end, excluded.open_majors,
       excluded.open_minors, excluded.red_on, excluded.amber_on, excluded.notice_on, excluded.reasons, excluded.certifications,
       excluded.schemes, excluded.states, excluded.body_ids, excluded.shown_reasons::text,
       excluded.shown_certifications::text, excluded.changes_on)
returning p.client_id

-- The clients of the page are found first, then what is shown of each is looked up. `case` makes PostgreSQL expect that half of the rows pass
-- the filters, so that no plan relies on a handful; `offset 0` makes the second part a look-up by client, also without statistics.
-- name: listPortfolio
-- key: p.client_id
-- sort: name lower(p.client_name) text
-- sort: colour p.colour_place int
-- sort: scheme coalesce(p.scheme, '') text
-- sort: state p.state_place int
-- sort: gate coalesce(p.gate, '') text
-- sort: readiness coalesce(p.readiness_pct, 101) int
-- sort: next_audit coalesce(p.next_audit_on, 'infinity') date
-- sort: window_start coalesce(p.window_start, 'infinity') date
-- sort: window_end coalesce(p.window_end, 'infinity') date
-- sort: booked coalesce(p.next_audit_booked, false) boolean
-- sort: due coalesce(p.hard_due_on, p.other_due_on, 'infinity') date
-- sort: overdue (p.overdue_hard + p.overdue_other) int
-- sort: overdue_hard p.overdue_hard int
-- sort: open_majors p.open_majors int
-- sort: open_minors p.open_minors int
-- sort: expiry coalesce(p.expiry_date, 'infinity') date
-- sort: consultant coalesce(p.consultants, '') text
-- ordered: the page by name follows an index; the other orders are sorted all the same
with colleagues as materialized (
    select m.id, m.name, lower(m.name) as folded from tenants.members m where m.consultancy_id = :consultancy and m.status <> 'removed')
select p.client_id as _id, p.client_id, p.client_code, p.client_name, p.client_status, p.certification_id, p.scheme, p.state, p.gate,
       p.gate_status, p.readiness_pct,
       case when p.next_audit_id is not null then json_build_object(
            'audit_id', p.next_audit_id, 'kind', p.next_audit_kind, 'status', p.next_audit_status, 'booked', p.next_audit_booked,
            'on', p.next_audit_on, 'window_start', p.window_start, 'window_end', p.window_end,
            'days_left', p.next_audit_on - :today::date) end as next_audit,
       coalesce((select json_build_object('deadline_id', d.id, 'kind', d.kind, 'title_ja', d.title_ja, 'title_en', d.title_en, 'due_on',
                                          d.due_on, 'hardness', d.hardness, 'days_left', d.due_on - :today::date)
                 from scheduling.deadlines d
                 where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.status = 'open' and d.hardness = 'hard'
                 order by d.due_on, d.id limit 1),
                (select json_build_object('deadline_id', d.id, 'kind', d.kind, 'title_ja', d.title_ja, 'title_en', d.title_en, 'due_on',
                                          d.due_on, 'hardness', d.hardness, 'days_left', d.due_on - :today::date)
                 from scheduling.deadlines d
                 where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.status = 'open' and d.hardness <> 'hard'
                 order by d.due_on, d.id limit 1)) as hardest_deadline,
       p.overdue_hard,
       (select count(*) from scheduling.deadlines d
        where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.status = 'open' and d.hardness <> 'hard'
          and d.due_on < :today::date)::int as overdue_other, p.open_majors, p.open_minors, p.expiry_date, p.expiry_date - :today::date as days_to_expiry, p.colour,
       case when p.overdue_hard = 0 then coalesce(p.reasons, '[]') else (
            select concat(left(p.reasons::text, -1), case when p.reasons::text <> '[]' then ',' end, case when p.reasons is null then '[' end,
                string_agg(json_build_object('colour', 'red', 'code', 'deadline_overdue', 'text_ja', '期限を過ぎています：' || d.title_ja,
                    'text_en', 'Overdue: ' || d.title_en, 'entity', 'deadline', 'entity_id', d.id, 'certification_id', d.certification_id,
                    'from', d.due_on + 1)::text, ',' order by d.due_on, d.id), ']')::json
            from scheduling.deadlines d
            where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.status = 'open' and d.hardness = 'hard'
              and d.due_on < :today::date) end as reasons,
       coalesce((select json_agg(json_build_object('member_id', m.id, 'name', m.name, 'is_lead', a.is_lead)
                                  order by a.is_lead desc, m.folded, m.id)
                 from tenants.assignments a
                 join colleagues m on m.id = a.member_id
                 where a.consultancy_id = p.consultancy_id and a.client_id = p.client_id), '[]') as consultants,
       coalesce(p.certifications, '[]') as certifications, k._key
from (
    select x.*, row_number() over () as place
    from (
        select p.client_id{key}
        from scheduling.portfolio(:today::date) p
        where case when (:colour::text is null or p.colour = :colour)
              and (:state::text is null or :state = any(p.states))
              and (:scheme::text is null or :scheme = any(p.schemes))
              and (:body_id::uuid is null or :body_id::uuid = any(p.body_ids))
              and (:client_status::text is null or p.client_status = :client_status)
              and (:overdue::boolean is null
                   or (p.overdue_hard > 0 or exists (
                        select from scheduling.deadlines d
                        where d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.status = 'open' and d.hardness <> 'hard'
                          and d.due_on < :today::date)) = :overdue::boolean)
              and (:next_audit_before::date is null or p.next_audit_on <= :next_audit_before::date)
              and (:member_id::uuid is null
                   or exists (select from tenants.assignments a
                              where a.consultancy_id = p.consultancy_id and a.client_id = p.client_id and a.member_id = :member_id::uuid))
              and (:q::text is null or strpos(lower(concat_ws(' ', p.client_name, p.client_code)), lower(:q::text)) > 0)
                   then true else false end
        {page}) x) k
cross join lateral (select p.* from scheduling.portfolio(:today::date) p where p.client_id = k.client_id offset 0) p
order by k.place

-- name: getPortfolioTotals
with p as materialized (
    select p.client_id, p.colour, p.overdue_hard, p.overdue_other, p.open_majors, p.open_minors
    from scheduling.portfolio(:today::date) p),
m as (select date_trunc('month', :today::date)::date as first,
             (date_trunc('month', :today::date) + make_interval(months => :months::int) - interval '1 day')::date as last),
charge as (
    select p.client_id, a.member_id, a.name
    from p
    left join lateral (
        select a.member_id, b.name
        from tenants.assignments a
        join tenants.members b on b.consultancy_id = a.consultancy_id and b.id = a.member_id and b.status <> 'removed'
        where a.consultancy_id = :consultancy and a.client_id = p.client_id) a on true),
things as (
    select greatest(coalesce(a.planned_first_day, least(a.nominal_date, a.window_end), a.window_start), m.first) as day, 'audit' as kind,
           a.status in ('requested', 'tentative', 'confirmed') as booked
    from scheduling.audits a
    join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
    cross join m
    where a.consultancy_id = :consultancy and a.status not in ('held', 'reported', 'cancelled') and a.kind <> 'internal' and c.state <> 'withdrawn'
      and coalesce(a.planned_first_day, a.nominal_date, a.window_start) is not null
    union all
    select greatest(d.due_on, m.first), case d.hardness when 'hard' then 'hard' else 'other' end, false
    from scheduling.deadlines d cross join m
    where d.consultancy_id = :consultancy and d.status = 'open' and d.due_on <= m.last
    union all
    select c.expiry_date, 'expiry', false
    from scheduling.certifications c cross join m
    where c.consultancy_id = :consultancy and c.state in ('certified', 'suspended') and c.expiry_date between m.first and m.last)
select :today::date as "on", (select count(*) from p)::int as clients,
       (select count(*) filter (where p.colour = 'red') from p)::int as red, (select count(*) filter (where p.colour = 'amber') from p)::int as amber,
       (select count(*) filter (where p.colour = 'notice') from p)::int as notice,
       (select count(*) filter (where p.colour = 'green') from p)::int as green,
       (select coalesce(sum(p.overdue_hard), 0) from p)::int as overdue_hard,
       (select coalesce(sum(p.overdue_other), 0) from p)::int as overdue_other,
       (select coalesce(sum(p.open_majors), 0) from p)::int as open_majors,
       (select coalesce(sum(p.open_minors), 0) from p)::int as open_minors,
       (select coalesce(json_agg(to_json(t) order by t.member_id is null, lower(t.name), t.member_id), '[]') from (
            select c.member_id, c.name, count(*) as clients, count(*) filter (where p.colour = 'red') as red,
                   count(*) filter (where p.colour = 'amber') as amber, count(*) filter (where p.colour = 'notice') as notice,
                   count(*) filter (where p.colour = 'green') as green, sum(p.overdue_hard) as overdue_hard,
                   sum(p.overdue_other) as overdue_other, sum(p.open_majors) as open_majors, sum(p.open_minors) as open_minors
            from charge c join p on p.client_id = c.client_id
            group by c.member_id, c.name) t) as consultants,
       (select json_agg(to_json(t) order by t.month) from (
            select to_char(s.month, 'YYYY-MM') as month, count(*) filter (where i.kind = 'audit') as audits,
                   count(*) filter (where i.kind = 'audit' and i.booked) as booked, count(*) filter (where i.kind = 'hard') as deadlines_hard,
                   count(*) filter (where i.kind = 'other') as deadlines_other, count(*) filter (where i.kind = 'expiry') as expiries
            from m cross join generate_series(m.first, m.last, interval '1 month') as s(month)
            left join things i on i.day >= s.month and i.day < s.month + interval '1 month'
            group by s.month) t) as months

-- What is expected of each consultant: audits and deadlines of a month, and certificates that are being prepared in it. share = his part of the work.
-- name: loadWorkload
with m as (select date_trunc('month', :today::date)::date as first,
                  (date_trunc('month', :today::date) + make_interval(months => :months::int) - interval '1 day')::date as last),
charge as (
    select n.id as client_id, a.member_id, a.name, 1.0 / count(*) over (partition by n.id) as share
    from tenants.clients n
    left join lateral (
        select a.member_id, b.name
        from tenants.assignments a
        join tenants.members b on b.consultancy_id = a.consultancy_id and b.id = a.member_id and b.status <> 'removed'
        where a.consultancy_id = n.consultancy_id and a.client_id = n.id
          and (a.is_lead
               or not exists (select from tenants.assignments l
                              where l.consultancy_id = a.consultancy_id and l.client_id = a.client_id and l.is_lead))) a on true
    where n.consultancy_id = :consultancy),
things as (
    select a.client_id, greatest(coalesce(a.planned_first_day, least(a.nominal_date, a.window_end), a.window_start), m.first) as day, a.kind
    from scheduling.audits a
    join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
    cross join m
    where a.consultancy_id = :consultancy and a.status not in ('held', 'reported', 'cancelled') and c.state <> 'withdrawn'
      and coalesce(a.planned_first_day, a.nominal_date, a.window_start) is not null
    union all
    select d.client_id, greatest(d.due_on, m.first), 'deadline'
    from scheduling.deadlines d cross join m
    where d.consultancy_id = :consultancy and d.status = 'open' and d.due_on <= m.last
    union all
    select c.client_id, s.month::date, 'preparation'
    from scheduling.certifications c
    cross join m
    cross join lateral generate_series(m.first, least(c.target_date, m.last), interval '1 month') as s(month)
    where c.consultancy_id = :consultancy and c.state in ('preparing', 'stage1_done', 'stage2_done', 'recommended')
      and c.target_date >= m.first),
counted as (
    select c.member_id, to_char(t.day, 'YYYY-MM') as month, t.kind, count(*) as n, sum(c.share) as share
    from things t
    join charge c on c.client_id = t.client_id
    cross join m
    where t.day <= m.last
    group by c.member_id, to_char(t.day, 'YYYY-MM'), t.kind)
select json_build_object(
    'on', :today::date, 'policies', (select t.policies from tenants.consultancies t where t.consultancy_id = :consultancy),
    'months', (select json_agg(to_char(s.month, 'YYYY-MM') order by s.month)
               from m cross join generate_series(m.first, m.last, interval '1 month') as s(month)),
    'consultants', coalesce((
        select json_agg(json_build_object('member_id', w.member_id, 'name', w.name, 'clients', w.clients, 'items', coalesce((
            select json_agg(json_build_object('month', i.month, 'kind', i.kind, 'n', i.n, 'share', i.share) order by i.month, i.kind)
            from counted i where i.member_id is not distinct from w.member_id), '[]'))
            order by w.member_id is null, lower(w.name), w.member_id)
        from (select c.member_id, c.name, count(*) as clients from charge c group by c.member_id, c.name) w
        where :member_id::uuid is null or w.member_id = :member_id::uuid), '[]')) as workload
