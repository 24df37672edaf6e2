-- name: listObjectives
-- key: o.id
-- sort: created_at o.created_at timestamptz
select o.id, o.client_id, o.title, o.description, o.department_id, o.owner_person_id, o.means, o.unit, o.target, o.direction,
       o.frequency_months, o.starts_on, o.due_on, o.status, o.version, o.created_at, o.updated_at{key}
from registers.objectives o
where o.consultancy_id = :consultancy and o.client_id = :client_id
  and (:status::text is null or o.status = :status)
  and (:department_id::uuid is null or o.department_id = :department_id::uuid)
{page}

-- name: insertObjective
-- event: objective.created
insert into registers.objectives (consultancy_id, id, client_id, title, description, department_id, owner_person_id, means, unit, target,
                                  direction, frequency_months, starts_on, due_on, status, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :title, :description, :department_id::uuid, :owner_person_id::uuid, :means, :unit,
        :target::numeric, coalesce(:direction, 'at_least'), coalesce(:frequency_months::int, 12), :starts_on::date, :due_on::date,
        coalesce(:status, 'active'), :now, :now)
returning id, client_id, title, description, department_id, owner_person_id, means, unit, target, direction, frequency_months, starts_on,
          due_on, status, version, created_at, updated_at

-- name: getObjective
select o.id, o.client_id, o.title, o.description, o.department_id, o.owner_person_id, o.means, o.unit, o.target, o.direction,
       o.frequency_months, o.starts_on, o.due_on, o.status, o.version, o.created_at, o.updated_at
from registers.objectives o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :objective_id::uuid

-- name: changeObjective
-- event: objective.changed
update registers.objectives o
set (title, description, department_id, owner_person_id, means, unit, target, direction, frequency_months, starts_on, due_on, status) =
    (select n.title, n.description, n.department_id, n.owner_person_id, n.means, n.unit, n.target, n.direction, n.frequency_months,
            n.starts_on, n.due_on, n.status
     from jsonb_populate_record(o, :body::jsonb) n),
    version = o.version + 1, updated_at = :now
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :objective_id::uuid
  and (:if_match::int is null or o.version = :if_match::int)
returning id, client_id, title, description, department_id, owner_person_id, means, unit, target, direction, frequency_months, starts_on,
          due_on, status, version, created_at, updated_at

-- name: removeObjective
-- event: objective.deleted
delete from registers.objectives o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :objective_id::uuid
  and (:if_match::int is null or o.version = :if_match::int)
returning id, client_id, title, description, department_id, owner_person_id, means, unit, target, direction, frequency_months, starts_on,
          due_on, status, version + 1 as version, created_at, updated_at

-- name: objectiveDeadlines
select o.client_id, 'objective:' || o.id as source_key, 'objective_measurement' as kind,
       case when :operation = 'deleteObjective' or o.status <> 'active' then null
            else coalesce((select max(m.measured_on) from registers.measurements m
                           where m.consultancy_id = o.consultancy_id and m.client_id = o.client_id and m.objective_id = o.id), o.starts_on)
                 + make_interval(months => o.frequency_months) end::date as raw_on,
       '情報セキュリティ目的の測定: ' || o.title as title_ja,
       'Measure the objective: ' || o.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '6.2', 'kind', 'HARD',
                              'source', 'ISO/IEC 27001 6.2, 9.1')),
                          'inputs', jsonb_build_object('objective_id', o.id, 'starts_on', o.starts_on, 'frequency_months',
                          o.frequency_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.objectives o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :objective_id::uuid

-- name: listMeasurements
-- key: m.id
-- sort: measured_on m.measured_on date
select m.id, m.client_id, m.objective_id, m.measured_on, m.value, m.note, m.version, m.created_at, m.updated_at{key}
from registers.measurements m
where m.consultancy_id = :consultancy and m.client_id = :client_id and m.objective_id = :objective_id::uuid
{page}

-- name: insertMeasurement
-- event: measurement.created
insert into registers.measurements (consultancy_id, id, client_id, objective_id, measured_on, value, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :objective_id::uuid, :measured_on::date, :value::numeric, :note, :now, :now)
returning id, client_id, objective_id, measured_on, value, note, version, created_at, updated_at

-- name: getMeasurement
select m.id, m.client_id, m.objective_id, m.measured_on, m.value, m.note, m.version, m.created_at, m.updated_at
from registers.measurements m
where m.consultancy_id = :consultancy and m.client_id = :client_id and m.objective_id = :objective_id::uuid and m.id = :measurement_id::uuid

-- name: changeMeasurement
-- event: measurement.changed
update registers.measurements m
set (measured_on, value, note) =
    (select n.measured_on, n.value, n.note
     from jsonb_populate_record(m, :body::jsonb) n),
    version = m.version + 1, updated_at = :now
where m.consultancy_id = :consultancy and m.client_id = :client_id and m.objective_id = :objective_id::uuid and m.id = :measurement_id::uuid
  and (:if_match::int is null or m.version = :if_match::int)
returning id, client_id, objective_id, measured_on, value, note, version, created_at, updated_at

-- name: removeMeasurement
-- event: measurement.deleted
delete from registers.measurements m
where m.consultancy_id = :consultancy and m.client_id = :client_id and m.objective_id = :objective_id::uuid and m.id = :measurement_id::uuid
  and (:if_match::int is null or m.version = :if_match::int)
returning id, client_id, objective_id, measured_on, value, note, version + 1 as version, created_at, updated_at
