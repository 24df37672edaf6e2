-- name: listCompetences
-- key: c.id
-- sort: created_at c.created_at timestamptz
select c.id, c.client_id, c.role, c.title, c.description, c.valid_months, c.version, c.created_at, c.updated_at{key}
from registers.competences c
where c.consultancy_id = :consultancy and c.client_id = :client_id
  and (:role::text is null or c.role = :role)
{page}

-- name: createCompetence
-- event: competence.created
insert into registers.competences (consultancy_id, id, client_id, role, title, description, valid_months, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :role, :title, :description, :valid_months::int, :now, :now)
returning id, client_id, role, title, description, valid_months, version, created_at, updated_at

-- name: getCompetence
select c.id, c.client_id, c.role, c.title, c.description, c.valid_months, c.version, c.created_at, c.updated_at
from registers.competences c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :competence_id

-- name: updateCompetence
-- event: competence.changed
update registers.competences c
set (role, title, description, valid_months) =
    (select n.role, n.title, n.description, n.valid_months
     from jsonb_populate_record(c, :body::jsonb) n),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :competence_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, role, title, description, valid_months, version, created_at, updated_at

-- name: deleteCompetence
-- event: competence.deleted
delete from registers.competences c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :competence_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, role, title, description, valid_months, version + 1 as version, created_at, updated_at

-- name: listCompetenceRecords
-- key: r.id
-- sort: created_at r.created_at timestamptz
-- sort: acquired_on r.acquired_on date
select r.id, r.client_id, r.person_id, r.competence_id, r.acquired_on, r.expires_on, r.proof, r.note, r.version, r.created_at,
       r.updated_at{key}
from registers.competence_records r
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:person_id::uuid is null or r.person_id = :person_id::uuid)
  and (:competence_id::uuid is null or r.competence_id = :competence_id::uuid)
{page}

-- name: insertCompetenceRecord
-- event: competence_record.created
insert into registers.competence_records (consultancy_id, id, client_id, person_id, competence_id, acquired_on, expires_on, proof, note,
                                          created_at, updated_at)
values (:consultancy, :new_id, :client_id, :person_id::uuid, :competence_id::uuid, :acquired_on::date, coalesce(:expires_on::date,
        (select (:acquired_on::date + make_interval(months => c.valid_months))::date - 1
                                   from registers.competences c
                                   where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :competence_id::uuid)),
                                   :proof, :note,
        :now, :now)
returning id, client_id, person_id, competence_id, acquired_on, expires_on, proof, note, version, created_at, updated_at

-- name: getCompetenceRecord
select r.id, r.client_id, r.person_id, r.competence_id, r.acquired_on, r.expires_on, r.proof, r.note, r.version, r.created_at, r.updated_at
from registers.competence_records r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :competence_record_id::uuid

-- name: changeCompetenceRecord
-- event: competence_record.changed
update registers.competence_records r
set (acquired_on, expires_on, proof, note) =
    (select n.acquired_on, n.expires_on, n.proof, n.note
     from jsonb_populate_record(r, :body::jsonb) n),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :competence_record_id::uuid
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, person_id, competence_id, acquired_on, expires_on, proof, note, version, created_at, updated_at

-- name: removeCompetenceRecord
-- event: competence_record.deleted
delete from registers.competence_records r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :competence_record_id::uuid
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, person_id, competence_id, acquired_on, expires_on, proof, note, version + 1 as version, created_at, updated_at

-- A newer proof of the same competence takes the older one's deadline away.
-- name: competenceRecordDeadlines
select r.client_id, 'competence_record:' || r.id as source_key, 'competence_expiry' as kind,
       case when (:operation = 'deleteCompetenceRecord' and r.id = o.id) or n.id is not null then null else r.expires_on end as raw_on,
       '力量の証明の有効期限: ' || p.name || '（' || c.title || '）' as title_ja,
       'Proof of competence ends: ' || p.name || ' (' || c.title || ')' as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '7.2', 'kind', 'HARD',
                              'source', 'ISO/IEC 27001 7.2')),
                          'inputs', jsonb_build_object('competence_record_id', r.id, 'acquired_on', r.acquired_on, 'expires_on',
                          r.expires_on, 'valid_months', c.valid_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.competence_records o
join registers.competence_records r on r.consultancy_id = o.consultancy_id and r.client_id = o.client_id and r.person_id = o.person_id
                                   and r.competence_id = o.competence_id
join registers.competences c on c.consultancy_id = r.consultancy_id and c.client_id = r.client_id and c.id = r.competence_id
join tenants.people p on p.consultancy_id = r.consultancy_id and p.client_id = r.client_id and p.id = r.person_id
left join lateral (select n.id from registers.competence_records n
                   where n.consultancy_id = r.consultancy_id and n.client_id = r.client_id and n.person_id = r.person_id
                     and n.competence_id = r.competence_id and n.acquired_on > r.acquired_on
                     and not (:operation = 'deleteCompetenceRecord' and n.id = o.id) limit 1) n on true
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = :competence_record_id::uuid
