-- Back-plans, their tasks and templates. Days are counted by the network (network.h); statements keep what it says.

-- name: listPlanTemplates
-- key: t.id
-- sort: created_at t.created_at timestamptz
-- sort: name lower(t.name) text
select t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version, t.created_at, t.updated_at{key}
from scheduling.plan_templates t
where t.consultancy_id = :consultancy
{page}

-- name: insertPlanTemplate
-- event: plan_template.created
insert into scheduling.plan_templates as t (consultancy_id, id, name, variant, durations, without_steps, tasks, note, created_at, updated_at)
values (:consultancy, :new_id, :name, :variant, coalesce(jsonb_strip_nulls(:durations::jsonb), '{}'), coalesce(:without_steps::jsonb, '[]'),
        coalesce(:tasks::jsonb, '[]'), :note, :now, :now)
returning t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version, t.created_at, t.updated_at

-- name: getPlanTemplate
select t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version, t.created_at, t.updated_at
from scheduling.plan_templates t
where t.consultancy_id = :consultancy and t.id = :plan_template_id

-- name: loadPlanTemplate
select jsonb_build_object('tasks', t.tasks, 'without_steps', t.without_steps, 'variant', t.variant) as template
from scheduling.plan_templates t
where t.consultancy_id = :consultancy and t.id = :plan_template_id

-- name: changePlanTemplate
-- event: plan_template.changed
update scheduling.plan_templates t
set (name, variant, durations, without_steps, tasks, note) =
    (select n.name, n.variant, jsonb_strip_nulls(t.durations || coalesce(:durations::jsonb, '{}')), n.without_steps, n.tasks, n.note
     from jsonb_populate_record(t, :body::jsonb) n),
    version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.id = :plan_template_id and (:if_match::int is null or t.version = :if_match::int)
returning t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version, t.created_at, t.updated_at

-- name: deletePlanTemplate
-- event: plan_template.deleted
delete from scheduling.plan_templates t
where t.consultancy_id = :consultancy and t.id = :plan_template_id and (:if_match::int is null or t.version = :if_match::int)
returning t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version + 1 as version, t.created_at, t.updated_at

-- Own tasks of the plan, with the codes of what they wait for, and the steps it has not; durations as they were used.
-- name: insertTemplateOfPlan
-- event: plan_template.created
insert into scheduling.plan_templates as t (consultancy_id, id, name, variant, durations, without_steps, tasks, created_at, updated_at)
select :consultancy, :new_id, :name, p.variant, p.durations, :without_steps::jsonb,
       coalesce((select jsonb_agg(jsonb_build_object(
                     'code', coalesce(k.code, 'own_' || k.position), 'title_ja', k.title_ja, 'title_en', k.title_en, 'owner_role', k.owner_role,
                     'duration_days', (:lengths::jsonb ->> k.id::text)::int,
                     'depends_on', coalesce((select jsonb_agg(coalesce(o.code, 'own_' || o.position) order by o.position)
                                             from scheduling.plan_tasks o
                                             where o.consultancy_id = k.consultancy_id and o.client_id = k.client_id
                                               and o.back_plan_id = k.back_plan_id and k.depends_on ? o.id::text), '[]'),
                     'needed_by', (select o.code from scheduling.plan_tasks o
                                   where o.consultancy_id = k.consultancy_id and o.client_id = k.client_id
                                     and o.back_plan_id = k.back_plan_id and o.code is not null and o.rule is not null
                                     and o.depends_on ? k.id::text
                                   order by o.position limit 1)) order by k.position)
                 from scheduling.plan_tasks k
                 where k.consultancy_id = p.consultancy_id and k.client_id = p.client_id and k.back_plan_id = p.id and k.rule is null), '[]'),
       :now, :now
from scheduling.back_plans p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid
returning t.id, t.name, t.variant, t.durations, t.without_steps, t.tasks, t.note, t.version, t.created_at, t.updated_at

-- ---------------------------------------------------------------- plans

-- name: listBackPlans
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: target_date p.target_date date
select p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version, p.created_at, p.updated_at,
       s.begins_on, s.ends_on, s.tasks, s.done, s.overdue, s.certified_on <= p.target_date as target_met, s.ends_on - s.baseline_ends_on as variance_days{key}
from scheduling.back_plans p
cross join lateral (
    select min(t.start_on) as begins_on, max(coalesce(t.done_on, t.end_on)) as ends_on, max(t.baseline_end) as baseline_ends_on,
           coalesce(max(coalesce(t.done_on, t.end_on)) filter (where t.code = 'certificate'), max(coalesce(t.done_on, t.end_on))) as certified_on,
           count(*)::int as tasks, count(t.done_on)::int as done,
           (count(*) filter (where t.done_on is null and t.end_on < :today::date))::int as overdue
    from scheduling.plan_tasks t
    where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id) s
where p.consultancy_id = :consultancy and p.client_id = :client_id
  and (:certification_id::uuid is null or p.certification_id = :certification_id::uuid)
  and (:status::text is null or p.status = :status)
{page}

-- name: loadBackPlanFacts
select jsonb_build_object(
           'consultancy_policies', t.policies, 'body_policies', b.policies, 'certification_policies', c.policies,
           'has_certification', c.id is not null, 'template', to_jsonb(m),
           'booked', (select jsonb_object_agg(a.kind, jsonb_build_object('first', coalesce(a.held_first_day, a.planned_first_day),
                                                                       'last', coalesce(a.held_last_day, a.planned_last_day)))
                      from (select distinct on (a.kind) a.* from scheduling.audits a
                            where a.consultancy_id = :consultancy and a.client_id = n.id and a.certification_id = c.id
                              and a.kind in ('stage1', 'stage2') and a.status in ('confirmed', 'tentative', 'requested')
                              and a.planned_first_day is not null and a.planned_last_day is not null
                            order by a.kind, a.ordinal desc nulls last) a)) as facts
from tenants.clients n
join tenants.consultancies t on t.consultancy_id = n.consultancy_id
left join scheduling.certifications c on c.consultancy_id = n.consultancy_id and c.client_id = n.id and c.id = :certification_id::uuid
left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
left join scheduling.plan_templates m on m.consultancy_id = n.consultancy_id and m.id = :plan_template_id::uuid
where n.consultancy_id = :consultancy and n.id = :client_id

-- name: insertBackPlan
-- event: back_plan.created
insert into scheduling.back_plans as p (consultancy_id, id, client_id, certification_id, plan_template_id, name, direction, variant, start_date,
                                        target_date, made, durations, why, baseline_on, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :certification_id::uuid, :plan_template_id::uuid, :name, :direction, :variant_used,
        :start_date::date, :target_used::date, :made::jsonb, :durations_used::jsonb, :why::jsonb, :today::date, :note, :now, :now)
returning p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version, p.created_at, p.updated_at

-- name: insertPlanTasks
-- event: plan_task.created
insert into scheduling.plan_tasks as t (consultancy_id, id, client_id, back_plan_id, position, code, title_ja, title_en, rule, owner_role,
                                        start_on, end_on, fixed, depends_on, baseline_start, baseline_end, slack_days, critical,
                                        earliest_start, earliest_finish, latest_start, latest_finish, total_float_days, created_at,
                                        updated_at)
select :consultancy, w.id, :client_id, :back_plan_id::uuid, w.position, w.code, w.title_ja, w.title_en, w.rule, w.owner_role, w.start_on,
       w.end_on, w.fixed, w.depends_on, w.baseline_start, w.baseline_end, w.slack_days, w.critical,
       w.earliest_start, w.earliest_finish, w.latest_start, w.latest_finish, w.total_float_days, :now, :now
from jsonb_to_recordset(:plan_tasks::jsonb) as w (
    id uuid, position int, code text, title_ja text, title_en text, rule text, owner_role text, start_on date, end_on date, fixed boolean,
    depends_on jsonb, baseline_start date, baseline_end date, slack_days int, critical boolean,
    earliest_start date, earliest_finish date, latest_start date, latest_finish date, total_float_days int)
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at

-- name: getBackPlan
select p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version, p.created_at, p.updated_at,
       s.begins_on, s.ends_on, s.tasks, s.done, s.overdue, s.certified_on <= p.target_date as target_met, s.ends_on - s.baseline_ends_on as variance_days
from scheduling.back_plans p
cross join lateral (
    select min(t.start_on) as begins_on, max(coalesce(t.done_on, t.end_on)) as ends_on, max(t.baseline_end) as baseline_ends_on,
           coalesce(max(coalesce(t.done_on, t.end_on)) filter (where t.code = 'certificate'), max(coalesce(t.done_on, t.end_on))) as certified_on,
           count(*)::int as tasks, count(t.done_on)::int as done,
           (count(*) filter (where t.done_on is null and t.end_on < :today::date))::int as overdue
    from scheduling.plan_tasks t
    where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id) s
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid

-- name: updateBackPlan
-- event: back_plan.changed
update scheduling.back_plans p
set (name, target_date, status, note) = (select n.name, n.target_date, n.status, n.note from jsonb_populate_record(p, :body::jsonb) n),
    version = p.version + 1, updated_at = :now
from (select p.id, p.client_id, p.consultancy_id,
             min(t.start_on) as begins_on, max(coalesce(t.done_on, t.end_on)) as ends_on, max(t.baseline_end) as baseline_ends_on,
           coalesce(max(coalesce(t.done_on, t.end_on)) filter (where t.code = 'certificate'), max(coalesce(t.done_on, t.end_on))) as certified_on,
             count(*)::int as tasks, count(t.done_on)::int as done,
             (count(*) filter (where t.done_on is null and t.end_on < :today::date))::int as overdue
      from scheduling.back_plans p
      join scheduling.plan_tasks t on t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id
      where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid
      group by p.id, p.client_id, p.consultancy_id) s
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid
  and (:if_match::int is null or p.version = :if_match::int)
returning p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version, p.created_at, p.updated_at,
       s.begins_on, s.ends_on, s.tasks, s.done, s.overdue, s.certified_on <= p.target_date as target_met, s.ends_on - s.baseline_ends_on as variance_days

-- name: removeBackPlan
-- event: back_plan.deleted
delete from scheduling.back_plans p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid
  and (:if_match::int is null or p.version = :if_match::int)
returning p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version + 1 as version, p.created_at, p.updated_at

-- name: noteBaseline
-- event: back_plan.changed
update scheduling.back_plans p
set baseline_on = :today::date, baseline_reason = :reason, version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid
returning p.id, p.client_id, p.certification_id, p.plan_template_id, p.name, p.direction, p.variant, p.start_date, p.target_date, p.status,
       p.made, p.durations, p.why, p.baseline_on, p.baseline_reason, p.note, p.version, p.created_at, p.updated_at

-- name: keepBaseline
-- event: plan_task.changed
update scheduling.plan_tasks t
set baseline_start = t.start_on, baseline_end = coalesce(t.done_on, t.end_on), version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid
  and (t.baseline_start, t.baseline_end) is distinct from (t.start_on, coalesce(t.done_on, t.end_on))
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at

-- The tasks' baseline as just kept, as one more row: of a new plan, or taken anew.
-- name: insertPlanBaseline
-- event: plan_baseline.taken
insert into scheduling.plan_baselines as b (consultancy_id, id, client_id, back_plan_id, number, taken_on, member_id, reason, target_date, begins_on,
                                            ends_on, tasks, created_at, updated_at)
select :consultancy, gen_random_uuid(), :client_id, p.id,
       1 + coalesce((select max(o.number) from scheduling.plan_baselines o
                     where o.consultancy_id = :consultancy and o.client_id = :client_id and o.back_plan_id = p.id), 0),
       p.baseline_on, :member::uuid, p.baseline_reason, p.target_date, t.begins_on, t.ends_on, t.tasks, :now, :now
from scheduling.back_plans p
cross join lateral (
    select min(t.baseline_start) as begins_on, max(t.baseline_end) as ends_on,
           jsonb_agg(jsonb_build_object('task_id', t.id, 'position', t.position, 'code', t.code, 'title_ja', t.title_ja, 'title_en', t.title_en,
                                        'start_on', t.baseline_start, 'end_on', t.baseline_end) order by t.position, t.id) as tasks
    from scheduling.plan_tasks t
    where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id and t.baseline_end is not null) t
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid and t.tasks is not null
returning b.id, b.client_id, b.back_plan_id, b.number, b.taken_on, b.member_id, b.reason, b.target_date, b.begins_on, b.ends_on, b.tasks,
       b.version, b.created_at, b.updated_at

-- name: listPlanBaselines
-- key: b.id
-- sort: number b.number int
select b.id, b.client_id, b.back_plan_id, b.number, b.taken_on, b.member_id, b.reason, b.target_date, b.begins_on, b.ends_on,
       jsonb_array_length(b.tasks) as task_count, b.version, b.created_at, b.updated_at{key}
from scheduling.plan_baselines b
where b.consultancy_id = :consultancy and b.client_id = :client_id and b.back_plan_id = :back_plan_id::uuid
{page}

-- name: getPlanBaseline
select b.id, b.client_id, b.back_plan_id, b.number, b.taken_on, b.member_id, b.reason, b.target_date, b.begins_on, b.ends_on, b.tasks,
       b.version, b.created_at, b.updated_at
from scheduling.plan_baselines b
where b.consultancy_id = :consultancy and b.client_id = :client_id and b.back_plan_id = :back_plan_id::uuid and b.id = :plan_baseline_id::uuid

-- Plan against one baseline, the last one unless another is named.
-- name: comparePlan
select b.back_plan_id, b.id as plan_baseline_id, b.number, b.taken_on, b.reason, b.ends_on as baseline_ends_on, n.ends_on,
       n.ends_on - b.ends_on as variance_days, b.target_date as baseline_target_date, p.target_date, n.tasks
from scheduling.back_plans p
join lateral (
    select o.* from scheduling.plan_baselines o
    where o.consultancy_id = p.consultancy_id and o.client_id = p.client_id and o.back_plan_id = p.id
      and (:plan_baseline_id::uuid is null or o.id = :plan_baseline_id::uuid)
    order by o.number desc limit 1) b on true
cross join lateral (
    select max(coalesce(t.done_on, t.end_on)) as ends_on,
           jsonb_agg(jsonb_build_object(
               'task_id', coalesce(t.id, w.task_id), 'code', coalesce(t.code, w.code), 'title_ja', coalesce(t.title_ja, w.title_ja),
               'title_en', coalesce(t.title_en, w.title_en),
               'change', case when w.task_id is null then 'added' when t.id is null then 'removed'
                              when (w.start_on, w.end_on) is distinct from (t.start_on, coalesce(t.done_on, t.end_on)) then 'moved'
                              else 'unchanged' end,
               'baseline_start', w.start_on, 'baseline_end', w.end_on, 'start_on', t.start_on, 'end_on', t.end_on, 'done_on', t.done_on,
               'start_variance_days', t.start_on - w.start_on, 'end_variance_days', coalesce(t.done_on, t.end_on) - w.end_on)
               order by coalesce(t.position, w.position), coalesce(t.id, w.task_id)) as tasks
    from (select t.* from scheduling.plan_tasks t
          where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id) t
    full join jsonb_to_recordset(b.tasks) as w (task_id uuid, position int, code text, title_ja text, title_en text, start_on date, end_on date)
           on w.task_id = t.id) n
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid

-- ---------------------------------------------------------------- tasks

-- The plan with its tasks, locked against another change of them.
-- name: loadBackPlan
select pg_advisory_xact_lock(hashtextextended('plan ' || p.id::text, 0)) is null as locked,
       jsonb_build_object(
           'target_date', p.target_date,
           'year_end_closed', coalesce((f.policies ->> 'year_end_closed')::boolean, (b.policies ->> 'year_end_closed')::boolean,
                                       (c.policies ->> 'year_end_closed')::boolean, true),
           'tasks', coalesce((
               select jsonb_agg(jsonb_build_object(
                          'id', t.id, 'code', t.code, 'title_ja', t.title_ja, 'title_en', t.title_en, 'start_on', t.start_on, 'end_on', t.end_on,
                          'fixed', t.fixed, 'depends_on', t.depends_on, 'done_on', t.done_on, 'rule', t.rule) order by t.position, t.id)
               from scheduling.plan_tasks t
               where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id), '[]')) as plan
from scheduling.back_plans p
join tenants.consultancies c on c.consultancy_id = p.consultancy_id
left join scheduling.certifications f on f.consultancy_id = p.consultancy_id and f.client_id = p.client_id and f.id = p.certification_id
left join scheduling.certification_bodies b on b.consultancy_id = f.consultancy_id and b.id = f.body_id
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :back_plan_id::uuid

-- name: listPlanTasks
-- key: t.id
-- sort: position t.position int
-- sort: start_on t.start_on date
-- sort: end_on t.end_on date
select t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at{key}
from scheduling.plan_tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid
  and (:owner_member_id::uuid is null or t.owner_member_id = :owner_member_id::uuid)
  and (:owner_person_id::uuid is null or t.owner_person_id = :owner_person_id::uuid)
  and (:open::boolean is null or (t.done_on is null) = :open::boolean)
  and (:critical::boolean is null or t.critical = :critical::boolean)
  and (:overdue::boolean is null or (t.done_on is null and t.end_on < :today::date) = :overdue::boolean)
{page}

-- name: getPlanTask
select t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at
from scheduling.plan_tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid and t.id = :plan_task_id::uuid

-- name: insertPlanTask
-- event: plan_task.created
insert into scheduling.plan_tasks as t (consultancy_id, id, client_id, back_plan_id, position, title_ja, title_en, owner_member_id,
                                        owner_person_id, start_on, end_on, fixed, depends_on, slack_days, critical,
                                        earliest_start, earliest_finish, latest_start, latest_finish, total_float_days, note, created_at, updated_at)
select :consultancy, :new_id, :client_id, :back_plan_id::uuid,
       1 + coalesce((select max(o.position) from scheduling.plan_tasks o
                     where o.consultancy_id = :consultancy and o.client_id = :client_id and o.back_plan_id = :back_plan_id::uuid), 0),
       :title_ja, :title_en, :owner_member_id::uuid, :owner_person_id::uuid, w.start_on, w.end_on, w.fixed, w.depends_on, w.slack_days,
       w.critical, w.earliest_start, w.earliest_finish, w.latest_start, w.latest_finish, w.total_float_days, :note, :now, :now
from jsonb_to_record(:plan_task::jsonb) as w (start_on date, end_on date, fixed boolean, depends_on jsonb, slack_days int, critical boolean,
                                              earliest_start date, earliest_finish date, latest_start date, latest_finish date, total_float_days int)
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at

-- name: changePlanTask
-- event: plan_task.changed
update scheduling.plan_tasks t
set (title_ja, title_en, owner_member_id, owner_person_id, done_on, done_note, note) =
    (select n.title_ja, n.title_en, n.owner_member_id, n.owner_person_id, n.done_on, n.done_note, n.note
     from jsonb_populate_record(t, :body::jsonb) n),
    start_on = w.start_on, end_on = w.end_on, fixed = w.fixed, depends_on = w.depends_on, slack_days = w.slack_days, critical = w.critical,
    (earliest_start, earliest_finish, latest_start, latest_finish, total_float_days)
    = (w.earliest_start, w.earliest_finish, w.latest_start, w.latest_finish, w.total_float_days),
    version = t.version + 1, updated_at = :now
from jsonb_to_record(:plan_task::jsonb) as w (start_on date, end_on date, fixed boolean, depends_on jsonb, slack_days int, critical boolean,
                                              earliest_start date, earliest_finish date, latest_start date, latest_finish date, total_float_days int)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid and t.id = :plan_task_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at

-- name: removePlanTask
-- event: plan_task.deleted
delete from scheduling.plan_tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid and t.id = :plan_task_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version + 1 as version, t.created_at, t.updated_at

-- name: storePlanTasks
-- event: plan_task.changed
update scheduling.plan_tasks t
set start_on = w.start_on, end_on = w.end_on, depends_on = w.depends_on, slack_days = w.slack_days, critical = w.critical,
    (earliest_start, earliest_finish, latest_start, latest_finish, total_float_days)
    = (w.earliest_start, w.earliest_finish, w.latest_start, w.latest_finish, w.total_float_days),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:plan_tasks::jsonb) as w (id uuid, start_on date, end_on date, depends_on jsonb, slack_days int, critical boolean,
                                                  earliest_start date, earliest_finish date, latest_start date, latest_finish date, total_float_days int)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid and t.id = w.id
  and (t.start_on, t.end_on, t.depends_on, t.slack_days, t.critical, t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days)
      is distinct from (w.start_on, w.end_on, w.depends_on, w.slack_days, w.critical, w.earliest_start, w.earliest_finish, w.latest_start, w.latest_finish, w.total_float_days)
returning t.id, t.client_id, t.back_plan_id, t.position, t.code, t.title_ja, t.title_en, t.rule, t.owner_role, t.owner_member_id, t.owner_person_id,
       t.start_on, t.end_on, t.fixed, t.depends_on, t.baseline_start, t.baseline_end,
       case when t.baseline_end is not null then coalesce(t.done_on, t.end_on) - t.baseline_end end as variance_days, t.slack_days, t.critical,
       t.earliest_start, t.earliest_finish, t.latest_start, t.latest_finish, t.total_float_days, t.done_on, t.done_note,
       t.done_on is null and t.end_on < :today::date as overdue, t.note, t.version, t.created_at, t.updated_at

-- Tasks with an owner fall due, by the source key 'plan_task:<id>'.
-- name: storePlanTaskDeadlines
-- event: deadline.planned
with due as materialized (
    select t.id, t.client_id, 'plan_task:' || t.id as source_key, left('計画のタスク: ' || t.title_ja, 300) as title_ja,
           left('Task of the plan: ' || t.title_en, 300) as title_en, t.end_on, t.done_on, t.rule,
           t.owner_member_id is not null or t.owner_person_id is not null as owned,
           jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', coalesce(t.rule, 'PLN-01'), 'kind', 'POLICY', 'source', 'product choice')),
                              'inputs', jsonb_build_object('plan_task_id', t.id, 'back_plan_id', t.back_plan_id, 'end_on', t.end_on),
                              'policy', p.durations) as why
    from scheduling.plan_tasks t
    join scheduling.back_plans p on p.consultancy_id = t.consultancy_id and p.client_id = t.client_id and p.id = t.back_plan_id
    where t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid),
gone as (
    update scheduling.deadlines d
    set status = 'withdrawn', version = d.version + 1, updated_at = :now
    from due w
    where d.consultancy_id = :consultancy and d.client_id = w.client_id and d.source_key = w.source_key and not w.owned and d.status = 'open'
    returning d.*),
stored as (
    insert into scheduling.deadlines as d (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, why, origin,
                                           source_key, status, fulfilled_on, plan_fulfilled_on, created_at, updated_at)
    select :consultancy, gen_random_uuid(), w.client_id, 'plan_task', w.title_ja, w.title_en, w.end_on, w.end_on, 'own', w.why, 'derived',
           w.source_key, case when w.done_on is null then 'open' else 'fulfilled' end, w.done_on, w.done_on, :now, :now
    from due w
    left join scheduling.deadlines o on o.consultancy_id = :consultancy and o.source_key = w.source_key
    where w.owned and (o.id is null or o.status = 'withdrawn'
                       or (o.title_ja, o.due_on, o.plan_fulfilled_on) is distinct from (w.title_ja, w.end_on, w.done_on))
    on conflict (consultancy_id, source_key) do update
    set title_ja = excluded.title_ja, title_en = excluded.title_en, due_on = excluded.due_on, raw_on = excluded.raw_on, why = excluded.why,
        moved_from = case when d.due_on = excluded.due_on then d.moved_from else d.due_on end, status = excluded.status,
        fulfilled_on = excluded.fulfilled_on, plan_fulfilled_on = excluded.plan_fulfilled_on, version = d.version + 1, updated_at = :now
    returning d.*)
select d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
          d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note, d.version, d.created_at, d.updated_at
from (select * from gone union all select * from stored) d

-- name: withdrawTaskDeadline
-- event: deadline.withdrawn
update scheduling.deadlines d
set status = 'withdrawn', version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.source_key = 'plan_task:' || (:plan_task_id::uuid)::text
  and d.status = 'open'
returning d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
          d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note, d.version, d.created_at, d.updated_at

-- name: withdrawPlanDeadlines
-- event: deadline.withdrawn
update scheduling.deadlines d
set status = 'withdrawn', version = d.version + 1, updated_at = :now
from scheduling.plan_tasks t
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.source_key = 'plan_task:' || t.id::text and d.status = 'open'
  and t.consultancy_id = :consultancy and t.client_id = :client_id and t.back_plan_id = :back_plan_id::uuid
returning d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
          d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note, d.version, d.created_at, d.updated_at
