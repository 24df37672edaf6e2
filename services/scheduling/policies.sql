-- name: getPolicies
select c.policies, c.version, c.updated_at
from tenants.consultancies c
where c.consultancy_id = :consultancy

-- name: updatePolicies
-- event: policy.changed
update tenants.consultancies c
set policies = jsonb_strip_nulls(c.policies || :policies::jsonb), version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and (:if_match::int is null or c.version = :if_match::int)
returning consultancy_id as id, policies, version, updated_at

-- name: markPlansStale
-- no-event: a mark for the job that derives again
update scheduling.certifications c
set plan_stale = true
where c.consultancy_id = :consultancy and not c.plan_stale
returning c.id

-- One row when what was asked for exists.
-- name: loadEffectivePolicies
select t.policies as consultancy_policies, b.policies as body_policies, c.policies as certification_policies, b.policy_sources
from tenants.consultancies t
left join scheduling.certifications c on c.consultancy_id = t.consultancy_id and c.id = :certification_id::uuid
left join scheduling.certification_bodies b on b.consultancy_id = t.consultancy_id and b.id = coalesce(:body_id::uuid, c.body_id)
where t.consultancy_id = :consultancy
  and (:certification_id::uuid is null or c.id is not null)
  and (:body_id::uuid is null or b.id is not null)

-- What a value is judged with: those of the levels around it. A body that is new has none yet.
-- name: judgePolicies
select t.policies as consultancy_policies,
       (select b.policies from scheduling.certification_bodies b
        where b.consultancy_id = t.consultancy_id and b.id = :judged_body_id::uuid) as body_policies
from tenants.consultancies t
where t.consultancy_id = :consultancy
