-- Agenda, counts and the busy season over the clients one sees. Rule PLN-05 (section 2.5): the body is asked :notice_months before a day in a busy
-- month; busy months are a policy value, the strongest level that has it counts.

-- name: listCalendar
-- key: i.id
-- sort: first_day i.first_day date
select i.id, i.type, i.client_id, cl.name as client_name, i.certification_id, i.scheme, i.certification_state, i.body_id, i.audit_id, i.kind,
       i.status, i.title_ja, i.title_en, i.first_day, i.last_day, i.day, i.starts_at, i.ends_at, i.location,
       case when i.type = 'audit' then i.dated or i.status in ('requested', 'tentative', 'confirmed') end as booked,
       i.window_start, i.window_end, i.hard_limit, i.hardness, i.rule, i.why,
       i.live and not i.done and i.last_day < :today::date as overdue, i.day - :today::date as days_left,
       case when i.type = 'audit' and i.kind <> 'internal' and i.live and not i.done
                 and p.busy_months @> to_jsonb(extract(month from i.day)::int) then
           jsonb_build_object(
               'book_by', (i.day - make_interval(months => :notice_months::int))::date,
               'days_left', (i.day - make_interval(months => :notice_months::int))::date - :today::date,
               'why', jsonb_build_object('rules', jsonb_build_array('PLN-05'), 'inputs', jsonb_build_object('date', i.day),
                                         'policy', jsonb_build_object('busy_months', p.busy_months))) end as busy_season,
       i.version, i.updated_at{key}
from scheduling.calendar_items i
join tenants.clients cl on cl.consultancy_id = i.consultancy_id and cl.id = i.client_id
join tenants.consultancies t on t.consultancy_id = i.consultancy_id
left join scheduling.certifications c on c.consultancy_id = i.consultancy_id and c.client_id = i.client_id and c.id = i.certification_id
left join scheduling.certification_bodies b on b.consultancy_id = i.consultancy_id and b.id = i.body_id
cross join lateral (select coalesce(nullif(c.policies -> 'busy_months', 'null'), nullif(b.policies -> 'busy_months', 'null'),
                                    nullif(t.policies -> 'busy_months', 'null'), :busy_months::jsonb) as busy_months) p
where i.consultancy_id = :consultancy and i.first_day <= :to::date and i.last_day >= :from::date
  and (:client_id::uuid is null or i.client_id = :client_id::uuid) and (:client_id::uuid is not null or cl.status <> 'left')
  and (:type::text is null or i.type = :type)
  and (:kind::text is null or i.kind = :kind)
  and case when :status::text is null then i.live else i.status = :status end
  and (:state::text is null or i.certification_state = :state)
  and (:body_id::uuid is null or i.body_id = :body_id::uuid)
  and (:certification_id::uuid is null or i.certification_id = :certification_id::uuid)
  and (:member_id::uuid is null
       or exists (select from tenants.assignments s
                  where s.consultancy_id = i.consultancy_id and s.client_id = i.client_id and s.member_id = :member_id::uuid)
       or exists (select from scheduling.audit_team s
                  where s.consultancy_id = i.consultancy_id and s.audit_id = i.audit_id and s.member_id = :member_id::uuid))
{page}

-- One row per day of the month; none when the client is not there.
-- name: loadCalendarDays
with items as materialized (
    select i.type, i.dated, i.first_day, i.last_day, i.day
    from scheduling.calendar_items i
    join tenants.clients cl on cl.consultancy_id = i.consultancy_id and cl.id = i.client_id
    where i.consultancy_id = :consultancy and i.first_day <= :to::date and i.last_day >= :from::date
      and (:client_id::uuid is null or i.client_id = :client_id::uuid) and (:client_id::uuid is not null or cl.status <> 'left')
      and i.live
      and (:kind::text is null or i.kind = :kind)
      and (:state::text is null or i.certification_state = :state)
      and (:body_id::uuid is null or i.body_id = :body_id::uuid)
      and (:member_id::uuid is null
           or exists (select from tenants.assignments s
                      where s.consultancy_id = i.consultancy_id and s.client_id = i.client_id and s.member_id = :member_id::uuid)
           or exists (select from scheduling.audit_team s
                      where s.consultancy_id = i.consultancy_id and s.audit_id = i.audit_id and s.member_id = :member_id::uuid)))
select g.day::date as day, (t.policies ->> 'year_end_closed') as year_end_closed,
       count(*) filter (where i.type = 'audit' and i.dated)::int as audits,
       count(*) filter (where i.type = 'audit' and not i.dated)::int as audits_without_dates,
       count(*) filter (where i.type = 'slot')::int as slots,
       count(*) filter (where i.type = 'deadline')::int as deadlines,
       count(*) filter (where i.type = 'certificate_expiry')::int as certificate_expiries
from generate_series(:from::date, :to::date, interval '1 day') as g (day)
join tenants.consultancies t on t.consultancy_id = :consultancy
left join items i on case when i.dated then g.day between i.first_day and i.last_day else g.day = i.day end
where :client_id::uuid is null or exists (
    select from tenants.clients cl where cl.consultancy_id = :consultancy and cl.id = :client_id::uuid)
group by g.day, t.policies
order by g.day

-- Also the months without an audit, so that the gaps show as well as the pile-up.
-- name: loadCalendarMonths
with audits as materialized (
    select date_trunc('month', i.day)::date as month, i.client_id, i.status, i.done,
           i.dated or i.status in ('requested', 'tentative', 'confirmed', 'held', 'reported') as booked,
           coalesce(nullif(c.policies -> 'busy_months', 'null'), nullif(b.policies -> 'busy_months', 'null'),
                    nullif(t.policies -> 'busy_months', 'null'), :busy_months::jsonb) @> to_jsonb(extract(month from i.day)::int) as busy
    from scheduling.calendar_items i
    join tenants.clients cl on cl.consultancy_id = i.consultancy_id and cl.id = i.client_id
    join tenants.consultancies t on t.consultancy_id = i.consultancy_id
    join scheduling.certifications c on c.consultancy_id = i.consultancy_id and c.client_id = i.client_id and c.id = i.certification_id
    left join scheduling.certification_bodies b on b.consultancy_id = i.consultancy_id and b.id = i.body_id
    where i.consultancy_id = :consultancy and i.type = 'audit' and i.live and cl.status <> 'left'
      and i.day >= :from::date and i.day <= :to::date
      and (:kind::text is null or i.kind = :kind)
      and (:state::text is null or i.certification_state = :state)
      and (:body_id::uuid is null or i.body_id = :body_id::uuid)
      and (:member_id::uuid is null
           or exists (select from tenants.assignments s
                      where s.consultancy_id = i.consultancy_id and s.client_id = i.client_id and s.member_id = :member_id::uuid)
           or exists (select from scheduling.audit_team s
                      where s.consultancy_id = i.consultancy_id and s.audit_id = i.audit_id and s.member_id = :member_id::uuid)))
select :from::date as "from", :to::date as "to", jsonb_agg(m.row order by m.month) as months
from (select g.month, jsonb_build_object(
          'month', to_char(g.month, 'YYYY-MM'), 'audits', count(a.month), 'booked', count(*) filter (where a.booked and not a.done),
          'not_booked', count(*) filter (where not a.booked), 'held', count(*) filter (where a.done),
          'clients', count(distinct a.client_id),
          'busy', coalesce(bool_or(a.busy), false) or coalesce(nullif(t.policies -> 'busy_months', 'null'), :busy_months::jsonb)
                                                      @> to_jsonb(extract(month from g.month)::int)) as row
      from generate_series(date_trunc('month', :from::date), :to::date, interval '1 month') as g (month)
      join tenants.consultancies t on t.consultancy_id = :consultancy
      left join audits a on a.month = g.month
      group by g.month, t.policies) m

-- Audits to come whose day, or whose window while nothing is booked, lies in busy months.
-- name: listBusySeason
-- key: s.id
-- sort: day s.day date
-- sort: book_by coalesce(s.book_by, 'infinity'::date) date
with audits as materialized (
    select i.id, i.client_id, cl.name as client_name, i.certification_id, i.scheme, i.body_id, b.name as body_name, i.kind, i.status,
           i.title_ja, i.title_en, i.day, i.window_start, i.window_end, i.hard_limit,
           i.dated or i.status in ('requested', 'tentative', 'confirmed') as booked, p.busy_months,
           p.busy_months @> to_jsonb(extract(month from i.day)::int) as busy
    from scheduling.calendar_items i
    join tenants.clients cl on cl.consultancy_id = i.consultancy_id and cl.id = i.client_id
    join tenants.consultancies t on t.consultancy_id = i.consultancy_id
    join scheduling.certifications c on c.consultancy_id = i.consultancy_id and c.client_id = i.client_id and c.id = i.certification_id
    left join scheduling.certification_bodies b on b.consultancy_id = i.consultancy_id and b.id = i.body_id
    cross join lateral (select coalesce(nullif(c.policies -> 'busy_months', 'null'), nullif(b.policies -> 'busy_months', 'null'),
                                        nullif(t.policies -> 'busy_months', 'null'), :busy_months::jsonb) as busy_months) p
    where i.consultancy_id = :consultancy and i.type = 'audit' and i.live and not i.done and cl.status <> 'left'
      and i.kind <> 'internal' and i.day >= date_trunc('month', :from::date)
      and i.day < date_trunc('month', :to::date) + interval '1 month'),
pile as (
    select date_trunc('month', a.day) as month, count(*)::int as audits from audits a group by 1),
advised as (
    select a.*, l.audits as audits_in_month, w.window_busy_months, w.quiet_months, w.quiet_ja, w.quiet_en,
           case when a.busy then (a.day - make_interval(months => :notice_months::int))::date end as book_by
    from audits a
    join pile l on l.month = date_trunc('month', a.day)
    cross join lateral (
        select coalesce(jsonb_agg(to_char(g.month, 'YYYY-MM') order by g.month) filter (where f.busy), '[]') as window_busy_months,
               coalesce(jsonb_agg(to_char(g.month, 'YYYY-MM') order by g.month) filter (where not f.busy), '[]') as quiet_months,
               string_agg(to_char(g.month, 'YYYY年FMMM月'), '、' order by g.month) filter (where not f.busy) as quiet_ja,
               string_agg(to_char(g.month, 'FMMonth YYYY'), ', ' order by g.month) filter (where not f.busy) as quiet_en
        from generate_series(date_trunc('month', greatest(a.window_start, :today::date)), a.window_end, interval '1 month') as g (month)
        cross join lateral (select a.busy_months @> to_jsonb(extract(month from g.month)::int) as busy) f) w
    where a.busy or (not a.booked and w.window_busy_months <> '[]'))
select s.id, s.client_id, s.client_name, s.certification_id, s.scheme, s.body_id, s.body_name, s.kind, s.status, s.title_ja, s.title_en,
       s.day, to_char(s.day, 'YYYY-MM') as month, s.audits_in_month, s.booked, s.busy, s.book_by, s.book_by - :today::date as days_left,
       not s.booked and coalesce(s.book_by < :today::date, false) as late,
       s.window_start, s.window_end, s.hard_limit, s.window_busy_months, s.quiet_months,
       case when s.booked then '繁忙期の審査です。日程は押さえてあります。'
            when not s.busy then '予定日は繁忙期ではありませんが、審査期間に繁忙期が含まれます。早めに日程を決めてください。'
            when s.book_by < :today::date then
                '繁忙期の審査です。予約の目安日（' || s.book_by || '）を過ぎています。すぐに認証機関へ日程を相談してください。'
            else '繁忙期の審査です。' || s.book_by || ' までに認証機関と日程を決めてください。' end
         || case when s.busy and not s.booked and s.quiet_ja is not null then '審査期間内では' || s.quiet_ja || 'が繁忙期を外れます。' else '' end
           as advice_ja,
       case when s.booked then 'An audit in the busy season; its date is taken.'
            when not s.busy then 'The day is quiet, but the window reaches into the busy season: agree the date early.'
            when s.book_by < :today::date then
                'An audit in the busy season, and the day to book by (' || s.book_by || ') has passed: ask the certification body now.'
            else 'An audit in the busy season: agree the date with the certification body by ' || s.book_by || '.' end
         || case when s.busy and not s.booked and s.quiet_en is not null then ' Quieter within its window: ' || s.quiet_en || '.' else '' end
           as advice_en,
       jsonb_build_object('rules', jsonb_build_array('PLN-05'),
                          'inputs', jsonb_build_object('date', s.day, 'window_start', s.window_start, 'window_end', s.window_end),
                          'policy', jsonb_build_object('busy_months', s.busy_months)) as why{key}
from advised s
where s.day >= :from::date and s.day <= :to::date
  and (:client_id::uuid is null or s.client_id = :client_id::uuid)
  and (:body_id::uuid is null or s.body_id = :body_id::uuid)
  and (:booked::boolean is null or s.booked = :booked::boolean)
  and (:member_id::uuid is null
       or exists (select from tenants.assignments a
                  where a.consultancy_id = :consultancy and a.client_id = s.client_id and a.member_id = :member_id::uuid)
       or exists (select from scheduling.audit_team a
                  where a.consultancy_id = :consultancy and a.audit_id = s.id and a.member_id = :member_id::uuid))
{page}
