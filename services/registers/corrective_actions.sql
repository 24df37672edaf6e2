-- name: listCorrectiveActions
-- key: a.id
-- sort: created_at a.created_at timestamptz
-- sort: due_on coalesce(a.due_on, 'infinity') date
-- sort: number lower(a.number) text
select a.id, a.client_id, a.number, a.source_kind, a.finding_id, a.checklist_item_id, a.incident_id, a.grade, a.title, a.statement, a.department_id,
       a.correction, a.corrected_on, a.cause, a.similar_cases, a.action, a.owner_person_id, a.due_on, a.done_on, a.done_note,
       a.verified_on, a.verified_by_person_id, a.effective, a.effectiveness_note, a.closed_on, a.state, a.version, a.created_at,
       a.updated_at{key}
from registers.corrective_actions a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:source_kind::text is null or a.source_kind = :source_kind)
  and (:state::text is null or a.state = :state)
  and (:grade::text is null or a.grade = :grade)
  and (:department_id::uuid is null or a.department_id = :department_id::uuid)
  and (:owner_person_id::uuid is null or a.owner_person_id = :owner_person_id::uuid)
  and (:finding_id::uuid is null or a.finding_id = :finding_id::uuid)
  and (:incident_id::uuid is null or a.incident_id = :incident_id::uuid)
{page}

-- name: insertCorrectiveAction
-- event: corrective_action.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'corrective_action', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.corrective_actions (consultancy_id, id, client_id, number, source_kind, finding_id, incident_id, grade, title,
                                          statement,
                                          department_id, correction, corrected_on, cause, similar_cases, action, owner_person_id, due_on,
                                          done_on, done_note, verified_on, verified_by_person_id, effective, effectiveness_note, closed_on,
                                          created_at, updated_at)
select :consultancy, :new_id, :client_id, 'CA-' || lpad(n.value, greatest(4, length(n.value)), '0'), :source_kind, :finding_id::uuid,
       :incident_id::uuid, :grade, :title, :statement,
        :department_id::uuid, :correction, :corrected_on::date, :cause, :similar_cases, :action, :owner_person_id::uuid, :due_on::date,
        :done_on::date, :done_note, :verified_on::date, :verified_by_person_id::uuid, :effective::boolean, :effectiveness_note,
        :closed_on::date, :now, :now
from counted n
returning id, client_id, number, source_kind, finding_id, checklist_item_id, incident_id, grade, title, statement, department_id, correction, corrected_on,
          cause, similar_cases, action, owner_person_id, due_on, done_on, done_note, verified_on, verified_by_person_id, effective,
          effectiveness_note, closed_on, state, version, created_at, updated_at

-- name: getCorrectiveAction
select a.id, a.client_id, a.number, a.source_kind, a.finding_id, a.checklist_item_id, a.incident_id, a.grade, a.title, a.statement, a.department_id,
       a.correction, a.corrected_on, a.cause, a.similar_cases, a.action, a.owner_person_id, a.due_on, a.done_on, a.done_note,
       a.verified_on, a.verified_by_person_id, a.effective, a.effectiveness_note, a.closed_on, a.state, a.version, a.created_at,
       a.updated_at
from registers.corrective_actions a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :corrective_action_id::uuid

-- name: changeCorrectiveAction
-- event: corrective_action.changed
update registers.corrective_actions a
set (source_kind, grade, title, statement, department_id, correction, corrected_on, cause, similar_cases, action, owner_person_id, due_on,
     done_on, done_note, verified_on, verified_by_person_id, effective, effectiveness_note, closed_on) =
    (select n.source_kind, n.grade, n.title, n.statement, n.department_id, n.correction, n.corrected_on, n.cause, n.similar_cases,
            n.action, n.owner_person_id, n.due_on, n.done_on, n.done_note, n.verified_on, n.verified_by_person_id, n.effective,
            n.effectiveness_note, n.closed_on
     from jsonb_populate_record(a, :body::jsonb) n),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :corrective_action_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, source_kind, finding_id, checklist_item_id, incident_id, grade, title, statement, department_id, correction, corrected_on,
          cause, similar_cases, action, owner_person_id, due_on, done_on, done_note, verified_on, verified_by_person_id, effective,
          effectiveness_note, closed_on, state, version, created_at, updated_at

-- name: removeCorrectiveAction
-- event: corrective_action.deleted
delete from registers.corrective_actions a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :corrective_action_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, source_kind, finding_id, checklist_item_id, incident_id, grade, title, statement, department_id, correction, corrected_on,
          cause, similar_cases, action, owner_person_id, due_on, done_on, done_note, verified_on, verified_by_person_id, effective,
          effectiveness_note, closed_on, state, version + 1 as version, created_at, updated_at

-- name: correctiveActionDeadlines
select a.client_id, 'corrective_action:' || a.id as source_key, 'corrective_action' as kind,
       case when :operation = 'deleteCorrectiveAction' then null else a.due_on end as raw_on,
       '是正処置の期限: ' || a.number || ' ' || a.title as title_ja,
       'Corrective action due: ' || a.number || ' ' || a.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', 'NC-03', 'kind', 'POLICY', 'source', 'ISO/IEC 27001 10.2')),
                          'inputs', jsonb_build_object('corrective_action_id', a.id, 'due_on', a.due_on),
                          'policy', '{}'::jsonb) as why,
       a.done_on as fulfilled_on
from registers.corrective_actions a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :corrective_action_id::uuid
