-- name: listClientTasks
-- key: t.id
-- sort: created_at t.created_at timestamptz
-- sort: due_on coalesce(t.due_on, 'infinity') date
select t.id, t.client_id, t.title, t.description, t.owner_person_id, t.owner_member_id, t.due_on, t.status, t.done_on, t.done_note,
       t.version, t.created_at, t.updated_at{key}
from registers.tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id
  and (:status::text is null or t.status = :status)
  and (:owner_person_id::uuid is null or t.owner_person_id = :owner_person_id::uuid)
  and (:owner_member_id::uuid is null or t.owner_member_id = :owner_member_id::uuid)
{page}

-- name: insertTask
-- event: task.created
insert into registers.tasks (consultancy_id, id, client_id, title, description, owner_person_id, owner_member_id, due_on, status, done_on,
                             done_note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :title, :description, :owner_person_id::uuid, :owner_member_id::uuid, :due_on::date,
        coalesce(:status, 'open'), coalesce(:done_on::date, case when :status = 'done' then :today::date end), :done_note, :now, :now)
returning id, client_id, title, description, owner_person_id, owner_member_id, due_on, status, done_on, done_note, version, created_at,
          updated_at

-- name: getTask
select t.id, t.client_id, t.title, t.description, t.owner_person_id, t.owner_member_id, t.due_on, t.status, t.done_on, t.done_note,
       t.version, t.created_at, t.updated_at
from registers.tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :task_id::uuid

-- name: changeTask
-- event: task.changed
update registers.tasks t
set (title, description, owner_person_id, owner_member_id, due_on, status, done_on, done_note) =
    (select n.title, n.description, n.owner_person_id, n.owner_member_id, n.due_on, n.status, coalesce(n.done_on,
            case when n.status = 'done' then :today::date end),
            n.done_note
     from jsonb_populate_record(t, :body::jsonb) n),
    version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :task_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, title, description, owner_person_id, owner_member_id, due_on, status, done_on, done_note, version, created_at,
          updated_at

-- name: removeTask
-- event: task.deleted
delete from registers.tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :task_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, title, description, owner_person_id, owner_member_id, due_on, status, done_on, done_note, version + 1 as version,
          created_at, updated_at

-- name: taskDeadlines
select t.client_id, 'task:' || t.id as source_key, 'task' as kind,
       case when :operation = 'deleteTask' or t.status = 'dropped' then null else t.due_on end as raw_on,
       'タスクの期限: ' || t.title as title_ja,
       'Task due: ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', '[]'::jsonb,
                          'inputs', jsonb_build_object('task_id', t.id, 'due_on', t.due_on),
                          'policy', '{}'::jsonb) as why,
       case when t.status = 'done' then t.done_on end as fulfilled_on
from registers.tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :task_id::uuid

-- Everything that somebody must do, wherever it is written down. A row's `href` is where it is done.
-- name: listTasks
-- key: w.id
-- sort: due_on coalesce(w.due_on, 'infinity') date
select w.id, w.source, w.client_id, w.title, w.owner_person_id, w.owner_member_id, w.due_on, w.status, w.done_on,
       coalesce(w.status = 'open' and w.due_on < :today::date, false) as overdue, w.due_on - :today::date as days_left, w.href{key}
from (select t.consultancy_id, t.id, 'task' as source, t.client_id, t.title, t.owner_person_id, t.owner_member_id, t.due_on,
             case when t.status in ('open', 'in_progress') then 'open' else t.status end as status, t.done_on,
             '/v1/clients/' || t.client_id || '/tasks/' || t.id as href
      from registers.tasks t
      union all
      select a.consultancy_id, a.id, 'corrective_action', a.client_id, a.number || ' ' || a.title, a.owner_person_id, null, a.due_on,
             case when a.done_on is null then 'open' else 'done' end, a.done_on,
             '/v1/clients/' || a.client_id || '/corrective-actions/' || a.id
      from registers.corrective_actions a
      union all
      select d.consultancy_id, d.id, 'review_decision', d.client_id, d.decision, d.owner_person_id, null, d.due_on,
             case when d.done_on is null then 'open' else 'done' end, d.done_on,
             '/v1/clients/' || d.client_id || '/management-reviews/' || d.management_review_id || '/decisions/' || d.id
      from registers.review_decisions d
      union all
      select t.consultancy_id, t.id, 'treatment', t.client_id, t.number || ' ' || t.title, t.owner_person_id, null, t.due_on,
             case t.state when 'implemented' then 'done' when 'retired' then 'dropped' else 'open' end, t.implemented_on,
             '/v1/clients/' || t.client_id || '/treatments/' || t.id
      from registers.treatments t
      where t.option <> 'accept'
      union all
      select t.consultancy_id, t.id, 'training', t.client_id, t.title, null, null, t.due_on,
             case t.status when 'held' then 'done' when 'cancelled' then 'dropped' else 'open' end, t.held_on,
             '/v1/clients/' || t.client_id || '/trainings/' || t.id
      from registers.trainings t
      union all
      select i.consultancy_id, i.id, 'incident', i.client_id, i.number || ' ' || i.title, i.owner_person_id, null, null,
             case when i.closed_on is null then 'open' else 'done' end, i.closed_on, '/v1/clients/' || i.client_id || '/incidents/' || i.id
      from registers.incidents i
      union all
      select f.consultancy_id, f.id, 'finding', f.client_id, f.statement, null, null,
             (select min(d.due_on) from scheduling.deadlines d
              where d.consultancy_id = f.consultancy_id and d.client_id = f.client_id and d.finding_id = f.id and d.status = 'open'),
             case when f.closed_on is null then 'open' else 'done' end, f.closed_on, '/v1/clients/' || f.client_id || '/findings/' || f.id
      from scheduling.findings f
      where f.grade in ('major', 'minor', 'stage1_concern')
      union all
      select t.consultancy_id, t.id, 'back_plan', t.client_id, t.title_ja, t.owner_person_id, t.owner_member_id, t.end_on,
             case when t.done_on is not null then 'done' when p.status = 'closed' then 'dropped' else 'open' end, t.done_on,
             '/v1/clients/' || t.client_id || '/back-plans/' || t.back_plan_id || '/tasks/' || t.id
      from scheduling.plan_tasks t
      join scheduling.back_plans p on p.consultancy_id = t.consultancy_id and p.client_id = t.client_id and p.id = t.back_plan_id
      union all
      select h.consultancy_id, h.id, 'change', h.client_id, coalesce(h.description, h.kind), null, null,
             (select min(d.due_on) from scheduling.deadlines d
              where d.consultancy_id = h.consultancy_id and d.client_id = h.client_id and d.change_id = h.id and d.status = 'open'),
             case when h.status in ('rejected', 'withdrawn', 'cancelled') then 'dropped' when h.notified_on is not null or h.status = 'done' then 'done'
                  else 'open' end, h.notified_on, '/v1/clients/' || h.client_id || '/changes/' || h.id
      from scheduling.changes h
      union all
      select s.consultancy_id, s.id, 'supplier_condition', s.client_id, s.condition, null, null, s.due_on,
             case when s.done_on is null then 'open' else 'done' end, s.done_on,
             '/v1/clients/' || s.client_id || '/suppliers/' || s.supplier_id || '/conditions/' || s.id
      from registers.supplier_conditions s
      union all
      select d.consultancy_id, d.id, 'obligation', d.client_id, d.title_ja, o.owner_person_id, o.owner_member_id, d.due_on,
             case d.status when 'fulfilled' then 'done' when 'withdrawn' then 'dropped' else 'open' end, d.fulfilled_on,
             '/v1/clients/' || d.client_id || '/deadlines/' || d.id
      from scheduling.deadlines d
      join scheduling.obligations o on o.consultancy_id = d.consultancy_id and o.client_id = d.client_id and o.id = d.obligation_id) w
where w.consultancy_id = :consultancy
  and (:client_id::uuid is null or w.client_id = :client_id::uuid)
  and (:source::text is null or w.source = :source)
  and (:status::text is null or w.status = :status)
  and (:owner_person_id::uuid is null or w.owner_person_id = :owner_person_id::uuid)
  and (:owner_member_id::uuid is null or w.owner_member_id = :owner_member_id::uuid)
  and (:due_before::date is null or w.due_on <= :due_before::date)
  and (:due_after::date is null or w.due_on >= :due_after::date)
{page}
