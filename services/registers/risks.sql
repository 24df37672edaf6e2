-- Must a risk be treated? From the client's threshold on (additive score, default 5).

-- name: getRiskCriteria
select c.id as client_id, coalesce(k.method, 'additive') as method, coalesce(k.impact_max, 5) as impact_max,
       coalesce(k.likelihood_max, 5) as likelihood_max, coalesce(k.threshold, 5) as threshold, coalesce(k.version, 0) as version
from tenants.clients c
left join registers.risk_criteria k on k.consultancy_id = c.consultancy_id and k.client_id = c.id
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: updateRiskCriteria
-- event: risk_criteria.changed
insert into registers.risk_criteria as k (consultancy_id, id, client_id, threshold, created_at, updated_at)
select c.consultancy_id, :new_id, c.id, coalesce(:threshold::int, 5), :now, :now
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id
  and (:if_match::int is null or :if_match::int = coalesce(
        (select o.version from registers.risk_criteria o where o.consultancy_id = c.consultancy_id and o.client_id = c.id), 0))
on conflict (consultancy_id, client_id) do update
set threshold = coalesce(:threshold::int, k.threshold), version = k.version + 1, updated_at = :now
returning client_id, method, impact_max, likelihood_max, threshold, version

-- name: listRisks
-- key: r.id
-- sort: created_at r.created_at timestamptz
-- sort: score r.score int
-- sort: title lower(r.title) text
select r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood, r.score,
       r.score >= t.threshold as must_treat, r.owner_name, r.status, r.treatment_note, r.threat_code, r.origin, r.catalogue_version,
       r.version, r.created_at, r.updated_at{key}
from registers.risks r
cross join (select coalesce((select k.threshold from registers.risk_criteria k
                             where k.consultancy_id = :consultancy and k.client_id = :client_id), 5) as threshold) t
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:asset_id::uuid is null or r.asset_id = :asset_id)
  and (:threat_code::text is null or r.threat_code = :threat_code)
  and (:status::text is null or r.status = :status)
  and (:min_score::int is null or r.score >= :min_score)
{page}

-- A threat that is named is in the catalogue, in any version, or the consultancy's own.
-- name: riskProblems
select '/threat_code' as pointer, 'not_found_reference' as code, null as limit, null as detail_en, null as detail_ja
where :threat_code::text is not null
  and not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.code = :threat_code)

-- name: insertRisk
-- event: risk.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'risk', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.risks as r (consultancy_id, id, client_id, number, asset_id, title, description, threat, vulnerability, impact,
                                  likelihood, owner_name, status, treatment_note, threat_code, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'R-' || lpad(n.value, greatest(4, length(n.value)), '0'), :asset_id::uuid, :title,
       :description, :threat, :vulnerability, :impact::int, :likelihood::int, :owner_name, coalesce(:status, 'open'),
       :treatment_note, :threat_code, :now, :now
from counted n
returning id, client_id, number, asset_id, title, description, threat, vulnerability, impact, likelihood, score,
          score >= coalesce((select k.threshold from registers.risk_criteria k
                             where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id), 5) as must_treat,
          owner_name, status, treatment_note, threat_code, origin, catalogue_version, version, created_at, updated_at

-- name: getRisk
select r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood, r.score,
       r.score >= coalesce((select k.threshold from registers.risk_criteria k
                            where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id), 5) as must_treat,
       r.owner_name, r.status, r.treatment_note, r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at
from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id

-- name: changeRisk
-- event: risk.changed
update registers.risks r
set (asset_id, title, description, threat, vulnerability, impact, likelihood, owner_name, status, treatment_note,
     threat_code) =
    (select p.asset_id, p.title, p.description, p.threat, p.vulnerability, p.impact, p.likelihood, p.owner_name, p.status,
            p.treatment_note, p.threat_code
     from jsonb_populate_record(r, :body::jsonb) p),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, number, asset_id, title, description, threat, vulnerability, impact, likelihood, score,
          score >= coalesce((select k.threshold from registers.risk_criteria k
                             where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id), 5) as must_treat,
          owner_name, status, treatment_note, threat_code, origin, catalogue_version, version, created_at, updated_at

-- name: deleteRisk
-- event: risk.deleted
delete from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, number, asset_id, title, description, threat, vulnerability, impact, likelihood, score,
          score >= coalesce((select k.threshold from registers.risk_criteria k
                             where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id), 5) as must_treat,
          owner_name, status, treatment_note, threat_code, origin, catalogue_version, version + 1 as version, created_at, updated_at
