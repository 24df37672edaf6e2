-- name: listIncidents
-- key: i.id
-- sort: created_at i.created_at timestamptz
-- sort: detected_at i.detected_at timestamptz
-- sort: number lower(i.number) text
select i.id, i.client_id, i.number, i.title, i.description, i.severity, i.department_id, i.asset_id, i.supplier_involved, i.occurred_at,
       i.detected_at, i.contained_at, i.resolved_at, i.closed_on, i.personal_data_breach, i.appi_category, i.persons_affected,
       i.preliminary_reported_on, i.final_reported_on, i.owner_person_id, i.containment, i.cause, i.lessons, i.state, i.version,
       i.created_at, i.updated_at{key}
from registers.incidents i
where i.consultancy_id = :consultancy and i.client_id = :client_id
  and (:severity::text is null or i.severity = :severity)
  and (:state::text is null or i.state = :state)
  and (:department_id::uuid is null or i.department_id = :department_id::uuid)
{page}

-- name: insertIncident
-- event: incident.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'incident', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.incidents (consultancy_id, id, client_id, number, title, description, severity, department_id, asset_id,
                                 supplier_involved,
                                 occurred_at, detected_at, contained_at, resolved_at, closed_on, personal_data_breach, appi_category,
                                 persons_affected, preliminary_reported_on, final_reported_on, owner_person_id, containment, cause,
                                 lessons, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'I-' || lpad(n.value, greatest(4, length(n.value)), '0'), :title, :description,
       coalesce(:severity, 'medium'), :department_id::uuid, :asset_id::uuid,
        :supplier_involved, :occurred_at::timestamptz, :detected_at::timestamptz, :contained_at::timestamptz, :resolved_at::timestamptz,
        :closed_on::date, coalesce(:personal_data_breach::boolean, false), :appi_category, :persons_affected::int,
        :preliminary_reported_on::date, :final_reported_on::date, :owner_person_id::uuid, :containment, :cause, :lessons, :now, :now
from counted n
returning id, client_id, number, title, description, severity, department_id, asset_id, supplier_involved, occurred_at, detected_at,
          contained_at, resolved_at, closed_on, personal_data_breach, appi_category, persons_affected, preliminary_reported_on,
          final_reported_on, owner_person_id, containment, cause, lessons, state, version, created_at, updated_at

-- name: getIncident
select i.id, i.client_id, i.number, i.title, i.description, i.severity, i.department_id, i.asset_id, i.supplier_involved, i.occurred_at,
       i.detected_at, i.contained_at, i.resolved_at, i.closed_on, i.personal_data_breach, i.appi_category, i.persons_affected,
       i.preliminary_reported_on, i.final_reported_on, i.owner_person_id, i.containment, i.cause, i.lessons, i.state, i.version,
       i.created_at, i.updated_at
from registers.incidents i
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :incident_id::uuid

-- name: changeIncident
-- event: incident.changed
update registers.incidents i
set (title, description, severity, department_id, asset_id, supplier_involved, occurred_at, detected_at, contained_at, resolved_at,
     closed_on, personal_data_breach, appi_category, persons_affected, preliminary_reported_on, final_reported_on, owner_person_id,
     containment, cause, lessons) =
    (select n.title, n.description, n.severity, n.department_id, n.asset_id, n.supplier_involved, n.occurred_at, n.detected_at,
            n.contained_at, n.resolved_at, n.closed_on, n.personal_data_breach, n.appi_category, n.persons_affected,
            n.preliminary_reported_on, n.final_reported_on, n.owner_person_id, n.containment, n.cause, n.lessons
     from jsonb_populate_record(i, :body::jsonb) n),
    version = i.version + 1, updated_at = :now
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :incident_id::uuid
  and (:if_match::int is null or i.version = :if_match::int)
returning id, client_id, number, title, description, severity, department_id, asset_id, supplier_involved, occurred_at, detected_at,
          contained_at, resolved_at, closed_on, personal_data_breach, appi_category, persons_affected, preliminary_reported_on,
          final_reported_on, owner_person_id, containment, cause, lessons, state, version, created_at, updated_at

-- name: removeIncident
-- event: incident.deleted
delete from registers.incidents i
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :incident_id::uuid
  and (:if_match::int is null or i.version = :if_match::int)
returning id, client_id, number, title, description, severity, department_id, asset_id, supplier_involved, occurred_at, detected_at,
          contained_at, resolved_at, closed_on, personal_data_breach, appi_category, persons_affected, preliminary_reported_on,
          final_reported_on, owner_person_id, containment, cause, lessons, state, version + 1 as version, created_at, updated_at

-- The day on which somebody became aware counts in Asia/Tokyo.
-- name: incidentDeadlines
select i.client_id, 'incident:' || i.id || ':' || k.kind as source_key, k.kind,
       case when :operation = 'deleteIncident' or not i.personal_data_breach or i.appi_category is null then null
            else (i.detected_at at time zone 'Asia/Tokyo')::date
                 + case when k.kind = 'appi_preliminary_report' then 5 when i.appi_category = 'wrongful_act' then 60 else 30 end
       end as raw_on,
       k.ja || ': ' || i.number || ' ' || i.title as title_ja, k.en || ': ' || i.number || ' ' || i.title as title_en,
       'law' as hardness, 'APPI' as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', 'APPI', 'kind', 'LAW',
                              'source', 'Act on the Protection of Personal Information art. 26, Enforcement Rules art. 7 and 8')),
                          'inputs', jsonb_build_object('incident_id', i.id, 'detected_at', i.detected_at, 'appi_category', i.appi_category),
                          'policy', '{}'::jsonb) as why,
       case when k.kind = 'appi_preliminary_report' then i.preliminary_reported_on else i.final_reported_on end as fulfilled_on
from registers.incidents i
cross join (values ('appi_preliminary_report', '個人情報保護委員会への速報', 'Preliminary report to the Personal Information Protection Commission'),
                   ('appi_final_report', '個人情報保護委員会への確報', 'Final report to the Personal Information Protection Commission')) k(kind, ja, en)
where i.consultancy_id = :consultancy and i.client_id = :client_id and i.id = :incident_id::uuid

-- name: listIncidentEntries
-- key: e.id
-- sort: at e.at timestamptz
select e.id, e.client_id, e.incident_id, e.at, e.text, e.version, e.created_at, e.updated_at{key}
from registers.incident_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.incident_id = :incident_id::uuid
{page}

-- name: createIncidentEntry
-- event: incident_entry.created
insert into registers.incident_entries (consultancy_id, id, client_id, incident_id, at, text, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :incident_id::uuid, :at::timestamptz, :text, :now, :now)
returning id, client_id, incident_id, at, text, version, created_at, updated_at

-- name: getIncidentEntry
select e.id, e.client_id, e.incident_id, e.at, e.text, e.version, e.created_at, e.updated_at
from registers.incident_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.incident_id = :incident_id::uuid and e.id = :incident_entry_id

-- name: updateIncidentEntry
-- event: incident_entry.changed
update registers.incident_entries e
set (at, text) =
    (select n.at, n.text
     from jsonb_populate_record(e, :body::jsonb) n),
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.incident_id = :incident_id::uuid and e.id = :incident_entry_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, incident_id, at, text, version, created_at, updated_at

-- name: deleteIncidentEntry
-- event: incident_entry.deleted
delete from registers.incident_entries e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.incident_id = :incident_id::uuid and e.id = :incident_entry_id
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, incident_id, at, text, version + 1 as version, created_at, updated_at
