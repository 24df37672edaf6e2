-- name: listCertificationBodies
-- key: b.id
-- sort: name lower(b.name) text
-- sort: created_at b.created_at timestamptz
select b.id, b.name, b.accreditation, b.policies, b.version, b.created_at, b.updated_at{key}
from scheduling.certification_bodies b
where b.consultancy_id = :consultancy
{page}

-- name: createCertificationBody
-- event: certification_body.created
insert into scheduling.certification_bodies (consultancy_id, id, name, accreditation, policies, created_at, updated_at)
values (:consultancy, :new_id, :name, :accreditation, jsonb_strip_nulls(coalesce(:policies::jsonb, '{}')), :now, :now)
returning id, name, accreditation, policies, version, created_at, updated_at

-- name: getCertificationBody
select b.id, b.name, b.accreditation, b.policies, b.version, b.created_at, b.updated_at
from scheduling.certification_bodies b
where b.consultancy_id = :consultancy and b.id = :body_id

-- name: updateCertificationBody
-- event: certification_body.changed
update scheduling.certification_bodies b
set (name, accreditation) = (select p.name, p.accreditation from jsonb_populate_record(b, :body::jsonb - 'policies') p),
    policies = jsonb_strip_nulls(b.policies || coalesce(:policies::jsonb, '{}')),
    version = b.version + 1, updated_at = :now
where b.consultancy_id = :consultancy and b.id = :body_id and (:if_match::int is null or b.version = :if_match::int)
returning id, name, accreditation, policies, version, created_at, updated_at

-- name: deleteCertificationBody
-- event: certification_body.deleted
delete from scheduling.certification_bodies b
where b.consultancy_id = :consultancy and b.id = :body_id and (:if_match::int is null or b.version = :if_match::int)
returning id, name, accreditation, policies, version + 1 as version, created_at, updated_at

-- The body's rules changed: its certifications are derived again by the job.
-- name: markBodyPlansStale
-- no-event: a note for the job
update scheduling.certifications c
set plan_stale = true
where c.consultancy_id = :consultancy and c.body_id = :body_id
returning c.id
