-- name: listTrainings
-- key: t.id
-- sort: created_at t.created_at timestamptz
-- sort: due_on coalesce(t.due_on, 'infinity') date
select t.id, t.client_id, t.title, t.content, t.audience, t.method, t.trainer, t.due_on, t.held_on, t.status, t.effectiveness, t.version,
       t.created_at, t.updated_at{key}
from registers.trainings t
where t.consultancy_id = :consultancy and t.client_id = :client_id
  and (:status::text is null or t.status = :status)
{page}

-- name: insertTraining
-- event: training.created
insert into registers.trainings (consultancy_id, id, client_id, title, content, audience, method, trainer, due_on, held_on, status,
                                 effectiveness, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :title, :content, :audience, coalesce(:method, 'class'), :trainer, :due_on::date,
        coalesce(:held_on::date, case when :status = 'held' then :today::date end), coalesce(:status, 'planned'), :effectiveness, :now,
        :now)
returning id, client_id, title, content, audience, method, trainer, due_on, held_on, status, effectiveness, version, created_at, updated_at

-- name: getTraining
select t.id, t.client_id, t.title, t.content, t.audience, t.method, t.trainer, t.due_on, t.held_on, t.status, t.effectiveness, t.version,
       t.created_at, t.updated_at
from registers.trainings t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :training_id::uuid

-- name: changeTraining
-- event: training.changed
update registers.trainings t
set (title, content, audience, method, trainer, due_on, held_on, status, effectiveness) =
    (select n.title, n.content, n.audience, n.method, n.trainer, n.due_on, coalesce(n.held_on,
            case when n.status = 'held' then :today::date end),
            n.status, n.effectiveness
     from jsonb_populate_record(t, :body::jsonb) n),
    version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :training_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, title, content, audience, method, trainer, due_on, held_on, status, effectiveness, version, created_at, updated_at

-- name: removeTraining
-- event: training.deleted
delete from registers.trainings t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :training_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, title, content, audience, method, trainer, due_on, held_on, status, effectiveness, version + 1 as version,
          created_at, updated_at

-- name: trainingDeadlines
select t.client_id, 'training:' || t.id as source_key, 'training' as kind,
       case when :operation = 'deleteTraining' or t.status = 'cancelled' then null else t.due_on end as raw_on,
       '教育・訓練の実施: ' || t.title as title_ja,
       'Hold the training: ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '7.2', 'kind', 'HARD', 'source', 'ISO/IEC 27001 7.2, 7.3')),
                          'inputs', jsonb_build_object('training_id', t.id, 'due_on', t.due_on),
                          'policy', '{}'::jsonb) as why,
       case when t.status = 'held' then t.held_on end as fulfilled_on
from registers.trainings t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :training_id::uuid

-- name: listAttendances
-- key: x.id
-- sort: created_at x.created_at timestamptz
select x.id, x.client_id, x.training_id, x.person_id, x.attended_on, x.result, x.score, x.note, x.version, x.created_at, x.updated_at{key}
from registers.attendances x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.training_id = :training_id::uuid
  and (:result::text is null or x.result = :result)
{page}

-- name: createAttendance
-- event: attendance.created
insert into registers.attendances (consultancy_id, id, client_id, training_id, person_id, attended_on, result, score, note, created_at,
                                   updated_at)
values (:consultancy, :new_id, :client_id, :training_id::uuid, :person_id::uuid, :attended_on::date, coalesce(:result, 'invited'),
        :score::int, :note, :now, :now)
returning id, client_id, training_id, person_id, attended_on, result, score, note, version, created_at, updated_at

-- name: getAttendance
select x.id, x.client_id, x.training_id, x.person_id, x.attended_on, x.result, x.score, x.note, x.version, x.created_at, x.updated_at
from registers.attendances x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.training_id = :training_id::uuid and x.id = :attendance_id

-- name: updateAttendance
-- event: attendance.changed
update registers.attendances x
set (attended_on, result, score, note) =
    (select n.attended_on, n.result, n.score, n.note
     from jsonb_populate_record(x, :body::jsonb) n),
    version = x.version + 1, updated_at = :now
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.training_id = :training_id::uuid and x.id = :attendance_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, client_id, training_id, person_id, attended_on, result, score, note, version, created_at, updated_at

-- name: deleteAttendance
-- event: attendance.deleted
delete from registers.attendances x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.training_id = :training_id::uuid and x.id = :attendance_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, client_id, training_id, person_id, attended_on, result, score, note, version + 1 as version, created_at, updated_at
