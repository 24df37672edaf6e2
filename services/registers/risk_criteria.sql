-- How risks are scored. What the criteria derive comes from registers.evaluated, whoever writes a risk.

-- name: getRiskCriteria
select c.id as client_id, case when own.id is not null then 'client' when d.id is not null then 'consultancy' else 'built_in' end as source,
       x.k ->> 'method' as method, x.k ->> 'impact_basis' as impact_basis, (x.k ->> 'impact_max')::int as impact_max,
       (x.k ->> 'likelihood_max')::int as likelihood_max, (x.k ->> 'threshold')::int as threshold, x.k -> 'matrix' as matrix,
       x.k -> 'impact_labels' as impact_labels, x.k -> 'likelihood_labels' as likelihood_labels, x.k -> 'bands' as bands, coalesce(own.version, 0) as version, true as _volatile
from tenants.clients c
left join registers.risk_criteria own on own.consultancy_id = c.consultancy_id and own.client_id = c.id
left join registers.risk_criteria_defaults d on d.consultancy_id = c.consultancy_id
cross join lateral (select coalesce(own.criteria, d.criteria, registers.builtin_criteria()) as k) x
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: loadRiskCriteria
select registers.criteria_of(c.consultancy_id, c.id) as criteria
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: getDefaultRiskCriteria
select case when d.id is not null then 'consultancy' else 'built_in' end as source,
       x.k ->> 'method' as method, x.k ->> 'impact_basis' as impact_basis, (x.k ->> 'impact_max')::int as impact_max,
       (x.k ->> 'likelihood_max')::int as likelihood_max, (x.k ->> 'threshold')::int as threshold, x.k -> 'matrix' as matrix,
       x.k -> 'impact_labels' as impact_labels, x.k -> 'likelihood_labels' as likelihood_labels, x.k -> 'bands' as bands, coalesce(d.version, 0) as version
from tenants.consultancies t
left join registers.risk_criteria_defaults d on d.consultancy_id = t.consultancy_id
cross join lateral (select coalesce(d.criteria, registers.builtin_criteria()) as k) x
where t.consultancy_id = :consultancy

-- name: loadDefaultRiskCriteria
select coalesce((select d.criteria from registers.risk_criteria_defaults d where d.consultancy_id = :consultancy), registers.builtin_criteria())
       as criteria

-- A smaller scale leaves no risk behind it.
-- name: outsideRiskScale
select null as pointer, null as code, null as limit,
       count(*) || ' risks have values above the new scale. Send "rescale": true to convert them, or change them first. First: '
           || min(r.number) || '.' as detail_en,
       '新しい尺度を超える値のリスクが ' || count(*) || ' 件あります。換算するには "rescale": true を指定するか、先に値を変更してください。例: '
           || min(r.number) as detail_ja
from registers.risks r
where r.consultancy_id = :consultancy
  and (r.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.risk_criteria o where o.consultancy_id = r.consultancy_id and o.client_id = r.client_id)))
  and not coalesce(:rescale::boolean, false)
  and (greatest(r.impact, r.inherent_impact, r.residual_impact) > (:criteria::jsonb ->> 'impact_max')::int
       or greatest(r.likelihood, r.inherent_likelihood, r.residual_likelihood) > (:criteria::jsonb ->> 'likelihood_max')::int)
having count(*) > 0

-- name: storeRiskCriteria
-- event: risk_criteria.changed
insert into registers.risk_criteria as k (consultancy_id, id, client_id, criteria, created_at, updated_at)
select c.consultancy_id, :new_id, c.id, :criteria::jsonb, :now, :now
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id
  and (:if_match::int is null or :if_match::int = coalesce(
        (select o.version from registers.risk_criteria o where o.consultancy_id = c.consultancy_id and o.client_id = c.id), 0))
on conflict (consultancy_id, client_id) do update
set criteria = excluded.criteria, version = k.version + 1, updated_at = :now
returning client_id, 'client' as source, k.criteria ->> 'method' as method, k.criteria ->> 'impact_basis' as impact_basis, (k.criteria ->> 'impact_max')::int as impact_max,
       (k.criteria ->> 'likelihood_max')::int as likelihood_max, (k.criteria ->> 'threshold')::int as threshold, k.criteria -> 'matrix' as matrix,
       k.criteria -> 'impact_labels' as impact_labels, k.criteria -> 'likelihood_labels' as likelihood_labels, k.criteria -> 'bands' as bands, version

-- Back to what the consultancy does.
-- name: dropRiskCriteria
-- event: risk_criteria.deleted
delete from registers.risk_criteria k
where k.consultancy_id = :consultancy and k.client_id = :client_id and (:if_match::int is null or k.version = :if_match::int)
returning client_id, 'client' as source, k.criteria ->> 'method' as method, k.criteria ->> 'impact_basis' as impact_basis, (k.criteria ->> 'impact_max')::int as impact_max,
       (k.criteria ->> 'likelihood_max')::int as likelihood_max, (k.criteria ->> 'threshold')::int as threshold, k.criteria -> 'matrix' as matrix,
       k.criteria -> 'impact_labels' as impact_labels, k.criteria -> 'likelihood_labels' as likelihood_labels, k.criteria -> 'bands' as bands, version + 1 as version

-- name: storeDefaultRiskCriteria
-- event: risk_criteria_default.changed
insert into registers.risk_criteria_defaults as k (consultancy_id, id, criteria, created_at, updated_at)
select :consultancy, :new_id, :criteria::jsonb, :now, :now
where :if_match::int is null or :if_match::int = coalesce(
        (select o.version from registers.risk_criteria_defaults o where o.consultancy_id = :consultancy), 0)
on conflict (consultancy_id) do update
set criteria = excluded.criteria, version = k.version + 1, updated_at = :now
returning 'consultancy' as source, k.criteria ->> 'method' as method, k.criteria ->> 'impact_basis' as impact_basis, (k.criteria ->> 'impact_max')::int as impact_max,
       (k.criteria ->> 'likelihood_max')::int as likelihood_max, (k.criteria ->> 'threshold')::int as threshold, k.criteria -> 'matrix' as matrix,
       k.criteria -> 'impact_labels' as impact_labels, k.criteria -> 'likelihood_labels' as likelihood_labels, k.criteria -> 'bands' as bands, version

-- name: rescaleRisks
-- event: risk.evaluated
update registers.risks r
set (impact, likelihood, inherent_impact, inherent_likelihood, residual_impact, residual_likelihood, impact_used, score, band, must_treat,
     inherent_score, residual_score, status, accepted_by, accepted_on, accept_reason, accept_until, accepted_score) =
    (select x.impact, x.likelihood, x.inherent_impact, x.inherent_likelihood, x.residual_impact, x.residual_likelihood, x.impact_used, x.score, x.band,
            x.must_treat, x.inherent_score, x.residual_score, x.status, x.accepted_by, x.accepted_on, x.accept_reason, x.accept_until,
            x.accepted_score
     from registers.evaluated(registers.rescaled(r, :criteria_before::jsonb, :criteria::jsonb), :criteria::jsonb) x),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy
  and (r.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.risk_criteria o where o.consultancy_id = r.consultancy_id and o.client_id = r.client_id)))
  and coalesce(:rescale::boolean, false)
  and (:criteria::jsonb -> 'impact_max', :criteria::jsonb -> 'likelihood_max')
      is distinct from (:criteria_before::jsonb -> 'impact_max', :criteria_before::jsonb -> 'likelihood_max')
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- What another scale, method, basis or asset value changes.
-- name: evaluateRisks
-- event: risk.evaluated
with old as materialized (
    select r.id, r.client_id, r.impact_used, r.score, r.inherent_score, r.residual_score, r.band, r.must_treat,
           registers.evaluated(r, registers.criteria_of(r.consultancy_id, r.client_id)) as now
    from registers.risks r
    where r.consultancy_id = :consultancy
  and (r.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.risk_criteria o where o.consultancy_id = r.consultancy_id and o.client_id = r.client_id)))
      and (:operation not in ('updateAsset', 'bulkAssets', 'importAssets')
           or registers.criteria_of(:consultancy, :client_id::uuid) ->> 'impact_basis' = 'cia'))
update registers.risks r
set (impact, likelihood, inherent_impact, inherent_likelihood, residual_impact, residual_likelihood, impact_used, score, band, must_treat,
     inherent_score, residual_score, status, accepted_by, accepted_on, accept_reason, accept_until, accepted_score) =
    (select (o.now).impact, (o.now).likelihood, (o.now).inherent_impact, (o.now).inherent_likelihood, (o.now).residual_impact,
            (o.now).residual_likelihood, (o.now).impact_used, (o.now).score, (o.now).band, (o.now).must_treat, (o.now).inherent_score,
            (o.now).residual_score, (o.now).status, (o.now).accepted_by, (o.now).accepted_on, (o.now).accept_reason, (o.now).accept_until,
            (o.now).accepted_score),
    version = r.version + 1, updated_at = :now
from old o
where r.consultancy_id = :consultancy and r.client_id = o.client_id and r.id = o.id
  and (o.impact_used, o.score, o.inherent_score, o.residual_score, o.band, o.must_treat)
      is distinct from ((o.now).impact_used, (o.now).score, (o.now).inherent_score, (o.now).residual_score, (o.now).band, (o.now).must_treat)
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- What is accepted no more falls due no more.
-- name: riskCriteriaDeadlines
select r.client_id, d.source_key, 'risk_acceptance' as kind, null::date as raw_on, d.title_ja, d.title_en, 'own' as hardness, null as rule,
       d.why, null::date as fulfilled_on
from registers.risks r
join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.client_id = r.client_id
                           and d.source_key = 'risk:' || r.id || ':acceptance' and d.status = 'open'
where r.consultancy_id = :consultancy
  and (r.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.risk_criteria o where o.consultancy_id = r.consultancy_id and o.client_id = r.client_id))) and r.status <> 'accepted'

-- What other criteria would change; nothing is stored.
-- name: previewRiskCriteriaChange
with risks as materialized (
    select r.id, r.number, r.title, r.score, r.band, r.must_treat, r.impact, r.likelihood,
           registers.evaluated(case when coalesce(:rescale::boolean, false)
                                    then registers.rescaled(r, :criteria_before::jsonb, :criteria::jsonb) else r end, :criteria::jsonb) as new,
           greatest(r.impact, r.inherent_impact, r.residual_impact) > (:criteria::jsonb ->> 'impact_max')::int
               or greatest(r.likelihood, r.inherent_likelihood, r.residual_likelihood) > (:criteria::jsonb ->> 'likelihood_max')::int as outside
    from registers.risks r
    where r.consultancy_id = :consultancy and r.client_id = :client_id),
changed as materialized (
    select w.* from risks w where (w.score, w.band, w.must_treat) is distinct from ((w.new).score, (w.new).band, (w.new).must_treat))
select c.id as client_id, x.k ->> 'method' as method, x.k ->> 'impact_basis' as impact_basis, (x.k ->> 'impact_max')::int as impact_max,
       (x.k ->> 'likelihood_max')::int as likelihood_max, (x.k ->> 'threshold')::int as threshold, x.k -> 'matrix' as matrix,
       x.k -> 'impact_labels' as impact_labels, x.k -> 'likelihood_labels' as likelihood_labels, x.k -> 'bands' as bands,
       (select count(*) from risks)::int as risks, (select count(*) from changed)::int as changed,
       case when coalesce(:rescale::boolean, false) then 0 else (select count(*) from risks w where w.outside) end::int as outside_scale,
       (select count(*) from risks w where w.must_treat)::int as must_treat_before,
       (select count(*) from risks w where (w.new).must_treat)::int as must_treat_after,
       (select jsonb_agg(jsonb_build_object('band', b.n, 'count', (select count(*) from risks w where w.band = b.n)) order by b.n)
        from generate_series(1, jsonb_array_length(:criteria_before::jsonb -> 'bands')) as b (n)) as bands_before,
       (select jsonb_agg(jsonb_build_object('band', b.n, 'count', (select count(*) from risks w where (w.new).band = b.n)) order by b.n)
        from generate_series(1, jsonb_array_length(x.k -> 'bands')) as b (n)) as bands_after,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'id', w.id, 'number', w.number, 'title', w.title, 'score_before', w.score, 'score_after', (w.new).score,
                   'band_before', w.band, 'band_after', (w.new).band, 'must_treat_before', w.must_treat, 'must_treat_after', (w.new).must_treat)
               order by (w.new).score desc, w.number), '[]')
        from (select * from changed order by (new).score desc, number limit 500) w) as changes
from tenants.clients c
cross join (select :criteria::jsonb as k) x
where c.consultancy_id = :consultancy and c.id = :client_id
