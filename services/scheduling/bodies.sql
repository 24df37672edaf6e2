-- name: listCertificationBodies
-- key: b.id
-- sort: name lower(b.name) text
-- sort: created_at b.created_at timestamptz
select b.id, b.name, b.accreditation_body, b.accreditation, b.standards, b.policies, b.policy_sources,
       (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(b.policies) k where not b.policy_sources ? k) as policies_without_source,
       b.day_rate, b.currency, b.travel_policy, b.lead_time_days, b.same_auditor, b.contacts, b.notes, b.version, b.created_at,
       b.updated_at{key}
from scheduling.certification_bodies b
where b.consultancy_id = :consultancy
  and (:scheme::text is null or exists (select from jsonb_array_elements(b.standards) s
                                        where split_part(s ->> 'scheme', '-', 1) = split_part(:scheme, '-', 1)))
{page}

-- name: insertCertificationBody
-- event: certification_body.created
insert into scheduling.certification_bodies as b (consultancy_id, id, name, accreditation_body, accreditation, standards, policies, policy_sources,
                                                  day_rate, currency, travel_policy, lead_time_days, same_auditor, contacts, notes,
                                                  created_at, updated_at)
values (:consultancy, :new_id, :name, :accreditation_body, :accreditation, coalesce(:standards::jsonb, '[]'),
        jsonb_strip_nulls(coalesce(:policies::jsonb, '{}')), jsonb_strip_nulls(coalesce(:policy_sources::jsonb, '{}')), :day_rate::bigint,
        :currency, :travel_policy, :lead_time_days::int, :same_auditor::boolean, coalesce(:contacts::jsonb, '[]'), :notes, :now, :now)
returning b.id, b.name, b.accreditation_body, b.accreditation, b.standards, b.policies, b.policy_sources,
          (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(b.policies) k where not b.policy_sources ? k) as policies_without_source,
          b.day_rate, b.currency, b.travel_policy, b.lead_time_days, b.same_auditor, b.contacts, b.notes, b.version, b.created_at,
          b.updated_at

-- name: getCertificationBody
select b.id, b.name, b.accreditation_body, b.accreditation, b.standards, b.policies, b.policy_sources,
       (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(b.policies) k where not b.policy_sources ? k) as policies_without_source,
       b.day_rate, b.currency, b.travel_policy, b.lead_time_days, b.same_auditor, b.contacts, b.notes, b.version, b.created_at,
       b.updated_at
from scheduling.certification_bodies b
where b.consultancy_id = :consultancy and b.id = :body_id

-- A value that is taken away takes its source with it.
-- name: changeCertificationBody
-- event: certification_body.changed
update scheduling.certification_bodies b
set (name, accreditation_body, accreditation, standards, day_rate, currency, travel_policy, lead_time_days, same_auditor, contacts, notes) =
    (select p.name, p.accreditation_body, p.accreditation, p.standards, p.day_rate, p.currency, p.travel_policy, p.lead_time_days,
            p.same_auditor, p.contacts, p.notes
     from jsonb_populate_record(b, :body::jsonb - 'policies' - 'policy_sources') p),
    policies = jsonb_strip_nulls(b.policies || coalesce(:policies::jsonb, '{}')),
    policy_sources = jsonb_strip_nulls(b.policy_sources || coalesce(:policy_sources::jsonb, '{}'))
                     - array(select k.key from jsonb_each(coalesce(:policies::jsonb, '{}')) k where k.value = 'null'),
    version = b.version + 1, updated_at = :now
where b.consultancy_id = :consultancy and b.id = :body_id and (:if_match::int is null or b.version = :if_match::int)
returning b.id, b.name, b.accreditation_body, b.accreditation, b.standards, b.policies, b.policy_sources,
          (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(b.policies) k where not b.policy_sources ? k) as policies_without_source,
          b.day_rate, b.currency, b.travel_policy, b.lead_time_days, b.same_auditor, b.contacts, b.notes, b.version, b.created_at,
          b.updated_at

-- name: deleteCertificationBody
-- event: certification_body.deleted
delete from scheduling.certification_bodies b
where b.consultancy_id = :consultancy and b.id = :body_id and (:if_match::int is null or b.version = :if_match::int)
returning b.id, b.name, b.accreditation_body, b.accreditation, b.standards, b.policies, b.policy_sources,
          (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(b.policies) k where not b.policy_sources ? k) as policies_without_source,
          b.day_rate, b.currency, b.travel_policy, b.lead_time_days, b.same_auditor, b.contacts, b.notes, b.version + 1 as version,
          b.created_at, b.updated_at

-- The body's rules changed: its certifications are derived again by the job.
-- name: markBodyPlansStale
-- no-event: a note for the job
update scheduling.certifications c
set plan_stale = true
where c.consultancy_id = :consultancy and c.body_id = :body_id
returning c.id
