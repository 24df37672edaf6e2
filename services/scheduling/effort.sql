-- Consultant days: planned, spent, and how many a member has. A day is 480 minutes (AT-06).

-- name: listEffortPlans
-- key: e.id
-- sort: created_at e.created_at timestamptz
-- sort: stage lower(e.stage) text
select e.id, e.client_id, e.certification_id, e.stage, e.cycle_no, e.member_id, e.days, e.start_on, e.end_on, e.note, e.version,
       e.created_at, e.updated_at{key}
from scheduling.effort_plans e
where e.consultancy_id = :consultancy and e.client_id = :client_id
  and (:stage::text is null or e.stage = :stage)
  and (:member_id::uuid is null or e.member_id = :member_id::uuid)
  and (:certification_id::uuid is null or e.certification_id = :certification_id::uuid)
{page}

-- name: createEffortPlan
-- event: effort_plan.created
insert into scheduling.effort_plans (consultancy_id, id, client_id, certification_id, stage, cycle_no, member_id, days, start_on, end_on,
                                     note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :certification_id::uuid, :stage, coalesce(:cycle_no::int, 1), :member_id::uuid, :days::numeric,
        :start_on::date, :end_on::date, :note, :now, :now)
returning id, client_id, certification_id, stage, cycle_no, member_id, days, start_on, end_on, note, version, created_at, updated_at

-- name: getEffortPlan
select e.id, e.client_id, e.certification_id, e.stage, e.cycle_no, e.member_id, e.days, e.start_on, e.end_on, e.note, e.version,
       e.created_at, e.updated_at
from scheduling.effort_plans e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_plan_id

-- name: updateEffortPlan
-- event: effort_plan.changed
update scheduling.effort_plans e
set (certification_id, stage, cycle_no, member_id, days, start_on, end_on, note) =
    (select n.certification_id, n.stage, n.cycle_no, n.member_id, n.days, n.start_on, n.end_on, n.note
     from jsonb_populate_record(e, :body::jsonb) n),
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_plan_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, certification_id, stage, cycle_no, member_id, days, start_on, end_on, note, version, created_at, updated_at

-- name: deleteEffortPlan
-- event: effort_plan.deleted
delete from scheduling.effort_plans e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_plan_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, certification_id, stage, cycle_no, member_id, days, start_on, end_on, note, version + 1 as version, created_at,
          updated_at

-- name: listEffortEntries
-- key: e.id
-- sort: worked_on e.worked_on date
-- sort: created_at e.created_at timestamptz
select e.id, e.client_id, e.worked_on, e.member_id, e.certification_id, e.stage, e.cycle_no, e.minutes,
       trim_scale(round(e.minutes / 480.0, 4)) as days, e.billable, e.note, e.corrects_id, e.invoice_ref, e.invoiced_on, e.version, e.created_at, e.updated_at{key}
from scheduling.effort_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id
  and (:stage::text is null or e.stage = :stage)
  and (:member_id::uuid is null or e.member_id = :member_id::uuid)
  and (:certification_id::uuid is null or e.certification_id = :certification_id::uuid)
  and (:billable::boolean is null or e.billable = :billable::boolean)
{page}

-- name: judgeEffortEntry
-- no-event: only looks
select e.version, e.invoiced_on, e.corrects_id
from scheduling.effort_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_entry_id
for update of e

-- name: insertEffortEntry
-- event: effort_entry.created
insert into scheduling.effort_entries (consultancy_id, id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
                                       billable, note, corrects_id, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :worked_on::date, :member_id::uuid, :certification_id::uuid, :stage,
        coalesce(:cycle_no::int, 1), (:entry::jsonb ->> 'minutes')::int, coalesce(:billable::boolean, true), :note, :corrects_id::uuid, :now, :now)
returning id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
          trim_scale(round(minutes / 480.0, 4)) as days, billable, note, corrects_id, invoice_ref, invoiced_on, version, created_at, updated_at

-- name: getEffortEntry
select e.id, e.client_id, e.worked_on, e.member_id, e.certification_id, e.stage, e.cycle_no, e.minutes,
       trim_scale(round(e.minutes / 480.0, 4)) as days, e.billable, e.note, e.corrects_id, e.invoice_ref, e.invoiced_on, e.version, e.created_at, e.updated_at
from scheduling.effort_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_entry_id

-- name: changeEffortEntry
-- event: effort_entry.changed
update scheduling.effort_entries e
set (worked_on, member_id, certification_id, stage, cycle_no, minutes, billable, note) =
    (select n.worked_on, n.member_id, n.certification_id, n.stage, n.cycle_no, n.minutes, n.billable, n.note
     from jsonb_populate_record(e, :entry::jsonb) n),
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_entry_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
          trim_scale(round(minutes / 480.0, 4)) as days, billable, note, corrects_id, invoice_ref, invoiced_on, version, created_at, updated_at

-- name: removeEffortEntry
-- event: effort_entry.deleted
delete from scheduling.effort_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :effort_entry_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
          trim_scale(round(minutes / 480.0, 4)) as days, billable, note, corrects_id, invoice_ref, invoiced_on, version + 1 as version, created_at, updated_at

-- name: listCapacities
-- key: c.id
-- sort: month lower(c.month) text
-- sort: created_at c.created_at timestamptz
select c.id, c.member_id, c.month, c.days, c.note, c.version, c.created_at, c.updated_at{key}
from scheduling.capacities c
where c.consultancy_id = :consultancy and c.member_id = :member_id::uuid
{page}

-- name: createCapacity
-- event: capacity.created
insert into scheduling.capacities (consultancy_id, id, member_id, month, days, note, created_at, updated_at)
select :consultancy, :new_id, m.id, :month, :days::numeric, :note, :now, :now
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member_id::uuid
returning id, member_id, month, days, note, version, created_at, updated_at

-- name: getCapacity
select c.id, c.member_id, c.month, c.days, c.note, c.version, c.created_at, c.updated_at
from scheduling.capacities c
where c.consultancy_id = :consultancy and c.member_id = :member_id::uuid and c.id = :capacity_id

-- name: updateCapacity
-- event: capacity.changed
update scheduling.capacities c
set (days, note) =
    (select n.days, n.note
     from jsonb_populate_record(c, :body::jsonb) n),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.member_id = :member_id::uuid and c.id = :capacity_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, member_id, month, days, note, version, created_at, updated_at

-- name: deleteCapacity
-- event: capacity.deleted
delete from scheduling.capacities c
where c.consultancy_id = :consultancy and c.member_id = :member_id::uuid and c.id = :capacity_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, member_id, month, days, note, version + 1 as version, created_at, updated_at

-- name: getEffortSummary
with planned as (
    select p.stage, p.cycle_no, sum(p.days) as days
    from scheduling.effort_plans p
    where p.consultancy_id = :consultancy and p.client_id = :client_id
    group by 1, 2),
spent as (
    select e.stage, e.cycle_no, sum(e.minutes) / 480.0 as days, coalesce(sum(e.minutes) filter (where e.billable), 0) / 480.0 as billable,
           coalesce(sum(e.minutes) filter (where e.billable and e.invoiced_on is not null), 0) / 480.0 as invoiced
    from scheduling.effort_entries e
    where e.consultancy_id = :consultancy and e.client_id = :client_id
    group by 1, 2),
stages as (
    select coalesce(p.stage, s.stage) as stage, coalesce(p.cycle_no, s.cycle_no) as cycle_no, coalesce(p.days, 0) as planned,
           coalesce(s.days, 0) as spent, coalesce(s.billable, 0) as billable, coalesce(s.invoiced, 0) as invoiced
    from planned p
    full join spent s on s.stage = p.stage and s.cycle_no = p.cycle_no),
totals as (
    select coalesce(sum(g.planned), 0) as planned, coalesce(sum(g.spent), 0) as spent, coalesce(sum(greatest(g.planned - g.spent, 0)), 0) as remaining,
           coalesce(sum(greatest(g.spent - g.planned, 0)), 0) as over, coalesce(sum(g.billable), 0) as billable,
           coalesce(sum(g.invoiced), 0) as invoiced
    from stages g)
select c.id as client_id, trim_scale(round(t.planned, 4)) as planned_days, trim_scale(round(t.spent, 4)) as spent_days,
       trim_scale(round(t.remaining, 4)) as remaining_days, trim_scale(round(t.over, 4)) as over_days,
       trim_scale(round(t.billable, 4)) as billable_days, trim_scale(round(t.invoiced, 4)) as invoiced_days,
       coalesce((select jsonb_agg(jsonb_build_object(
                     'stage', g.stage, 'cycle_no', g.cycle_no, 'planned_days', trim_scale(round(g.planned, 4)),
                     'spent_days', trim_scale(round(g.spent, 4)), 'remaining_days', trim_scale(round(greatest(g.planned - g.spent, 0), 4)),
                     'over_days', trim_scale(round(greatest(g.spent - g.planned, 0), 4)))
                 order by g.cycle_no, array_position(array['preparation', 'stage1', 'between', 'stage2', 'after', 'surveillance1', 'surveillance2',
                                                           'recertification', 'internal_audit', 'change', 'other'], g.stage))
                 from stages g), '[]') as stages
from tenants.clients c, totals t
where c.consultancy_id = :consultancy and c.id = :client_id

-- Days of a plan are spread evenly over the calendar days between its start and its end; a plan with one day lies on it; one without is undated.
-- name: loadEffortForecast
with m as materialized (
    select s.month::date as first, (s.month + interval '1 month')::date as next, to_char(s.month, 'YYYY-MM') as name
    from generate_series(date_trunc('month', :today::date), date_trunc('month', :today::date) + make_interval(months => :months::int - 1),
                         interval '1 month') as s (month)),
p as materialized (
    select e.member_id, e.days, coalesce(e.start_on, e.end_on) as first, coalesce(e.end_on, e.start_on) + 1 as next
    from scheduling.effort_plans e
    where e.consultancy_id = :consultancy and (:member_id::uuid is null or e.member_id = :member_id::uuid)),
who as materialized (
    select b.id as member_id, b.name
    from tenants.members b
    where b.consultancy_id = :consultancy and b.status <> 'removed' and b.client_id is null
      and (:member_id::uuid is null or b.id = :member_id::uuid)
      and (b.role = 'consultant' or b.id in (select p.member_id from p)
           or b.id in (select c.member_id from scheduling.capacities c where c.consultancy_id = :consultancy))
    union all
    select null, null where exists (select from p where p.member_id is null)),
cells as (
    select w.member_id, m.first as month_first,
           json_build_object(
               'month', m.name,
               'planned_days', coalesce((select sum(p.days * (least(p.next, m.next) - greatest(p.first, m.first)) / (p.next - p.first))
                                         from p where p.member_id is not distinct from w.member_id and p.first < m.next and p.next > m.first), 0),
               'spent_days', (select trim_scale(round(coalesce(sum(e.minutes), 0) / 480.0, 4)) from scheduling.effort_entries e
                              where e.consultancy_id = :consultancy and e.member_id = w.member_id
                                and e.worked_on >= m.first and e.worked_on < m.next),
               'capacity_days', (select c.days from scheduling.capacities c
                                 where c.consultancy_id = :consultancy and c.member_id = w.member_id and c.month = m.name)) as cell
    from who w cross join m)
select json_build_object(
    'on', :today::date, 'policies', (select t.policies from tenants.consultancies t where t.consultancy_id = :consultancy),
    'members', coalesce((
        select json_agg(json_build_object(
                   'member_id', w.member_id, 'name', w.name,
                   'undated_days', (select coalesce(sum(p.days), 0) from p where p.member_id is not distinct from w.member_id and p.first is null),
                   'months', (select json_agg(c.cell order by c.month_first) from cells c where c.member_id is not distinct from w.member_id))
               order by w.member_id is null, lower(w.name), w.member_id)
        from who w), '[]')) as forecast

-- name: exportEffortRows
select e.worked_on, n.code as client_code, n.name as client_name, b.name as member_name, e.stage, e.cycle_no,
       trim_scale(round(e.minutes / 480.0, 4)) as days, e.minutes, e.billable, e.invoice_ref, e.invoiced_on, e.note, e.id, e.corrects_id
from scheduling.effort_entries e
join tenants.clients n on n.consultancy_id = e.consultancy_id and n.id = e.client_id
join tenants.members b on b.consultancy_id = e.consultancy_id and b.id = e.member_id
where e.consultancy_id = :consultancy
  and (:from::date is null or e.worked_on >= :from::date) and (:to::date is null or e.worked_on <= :to::date)
  and (:client_id::uuid is null or e.client_id = :client_id::uuid) and (:member_id::uuid is null or e.member_id = :member_id::uuid)
  and (:billable::boolean is null or e.billable = :billable::boolean)
  and (:invoiced::boolean is null or (e.invoiced_on is not null) = :invoiced::boolean)
  and (:invoice_ref::text is null or e.invoice_ref = :invoice_ref)
order by n.name, n.id, e.worked_on, e.id
limit 100000

-- name: invoiceEffortEntries
-- event: effort_entry.changed
update scheduling.effort_entries e
set invoice_ref = :invoice_ref, invoiced_on = :invoiced_on::date, version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.billable and e.invoiced_on is null
  and (:from::date is null or e.worked_on >= :from::date) and e.worked_on <= coalesce(:to::date, :invoiced_on::date)
returning id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
          trim_scale(round(minutes / 480.0, 4)) as days, billable, note, corrects_id, invoice_ref, invoiced_on, version, created_at, updated_at

-- name: releaseEffortEntries
-- event: effort_entry.changed
update scheduling.effort_entries e
set invoice_ref = null, invoiced_on = null, version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.invoice_ref = :invoice_ref
returning id, client_id, worked_on, member_id, certification_id, stage, cycle_no, minutes,
          trim_scale(round(minutes / 480.0, 4)) as days, billable, note, corrects_id, invoice_ref, invoiced_on, version, created_at, updated_at

-- name: sumInvoicedEffort
select c.id as client_id, :invoice_ref as invoice_ref, count(e.id)::int as entries, coalesce(sum(e.minutes), 0)::int as minutes,
       trim_scale(round(coalesce(sum(e.minutes), 0) / 480.0, 4)) as days
from tenants.clients c
left join scheduling.effort_entries e on e.consultancy_id = c.consultancy_id and e.client_id = c.id and e.invoice_ref = :invoice_ref
where c.consultancy_id = :consultancy and c.id = :client_id
group by c.id
