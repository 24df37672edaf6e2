-- The risk register; see risk_criteria.sql for what is derived.

-- name: listRisks
-- key: r.id
-- sort: created_at r.created_at timestamptz
-- sort: score r.score int
-- sort: residual_score coalesce(r.residual_score, -1) int
-- sort: title lower(r.title) text
-- ordered: a client has thousands of them
select r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, registers.risk_status(r.status, r.accept_until, :today::date) as status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at{key}
from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:asset_id::uuid is null or r.asset_id = :asset_id)
  and (:threat_code::text is null or r.threat_code = :threat_code)
  and (:status::text is null or registers.risk_status(r.status, r.accept_until, :today::date) = :status)
  and (:min_score::int is null or r.score >= :min_score)
  and (:band::int is null or r.band = :band::int)
  and (:must_treat::boolean is null or r.must_treat = :must_treat::boolean)
  and (:owner_person_id::uuid is null or r.owner_person_id = :owner_person_id::uuid)
{page}

-- A threat that is named is in the catalogue, in any version, or the consultancy's own; values fit the client's scale.
-- name: createRiskProblems
select '/threat_code' as pointer, 'not_found_reference' as code, null as limit, null as detail_en, null as detail_ja
where :threat_code::text is not null
  and not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.code = :threat_code)
union all
select p.pointer, 'too_large', p.most::text, null, null
from (select registers.criteria_of(:consultancy, :client_id::uuid) as k) k
cross join lateral (values ('/impact', :impact::int, (k.k ->> 'impact_max')::int),
                     ('/likelihood', :likelihood::int, (k.k ->> 'likelihood_max')::int),
                     ('/inherent_impact', :inherent_impact::int, (k.k ->> 'impact_max')::int),
                     ('/inherent_likelihood', :inherent_likelihood::int, (k.k ->> 'likelihood_max')::int),
                     ('/residual_impact', :residual_impact::int, (k.k ->> 'impact_max')::int),
                     ('/residual_likelihood', :residual_likelihood::int, (k.k ->> 'likelihood_max')::int)) p (pointer, value, most)
where p.value > p.most
union all
select '/status', 'not_allowed_here', 'accept', null, null
where :status::text = 'accepted' 
union all
select '/impact', 'required', null, null, null
where :impact::int is null
  and (registers.criteria_of(:consultancy, :client_id::uuid) ->> 'impact_basis' <> 'cia'
       or not exists (select from registers.assets a
                      where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid
                        and coalesce(a.confidentiality, a.integrity, a.availability) is not null))

-- name: updateRiskProblems
select '/threat_code' as pointer, 'not_found_reference' as code, null as limit, null as detail_en, null as detail_ja
where :threat_code::text is not null
  and not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.code = :threat_code)
union all
select p.pointer, 'too_large', p.most::text, null, null
from (select registers.criteria_of(:consultancy, :client_id::uuid) as k) k
cross join lateral (values ('/impact', :impact::int, (k.k ->> 'impact_max')::int),
                     ('/likelihood', :likelihood::int, (k.k ->> 'likelihood_max')::int),
                     ('/inherent_impact', :inherent_impact::int, (k.k ->> 'impact_max')::int),
                     ('/inherent_likelihood', :inherent_likelihood::int, (k.k ->> 'likelihood_max')::int),
                     ('/residual_impact', :residual_impact::int, (k.k ->> 'impact_max')::int),
                     ('/residual_likelihood', :residual_likelihood::int, (k.k ->> 'likelihood_max')::int)) p (pointer, value, most)
where p.value > p.most
union all
select '/status', 'not_allowed_here', 'accept', null, null
where :status::text = 'accepted' and not exists (select from registers.risks r
                                                    where r.consultancy_id = :consultancy and r.client_id = :client_id
                                                      and r.id = :risk_id and r.status = 'accepted')

-- name: insertRisk
-- event: risk.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'risk', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.risks as r (consultancy_id, id, client_id, number, asset_id, title, description, threat, vulnerability, impact,
                                  likelihood, affects, impact_used, score, band, must_treat, inherent_impact, inherent_likelihood,
                                  inherent_score, residual_impact, residual_likelihood, residual_score, owner_name, owner_person_id, review_on,
                                  status, treatment_note, threat_code, author_id, evaluated_by, created_at, updated_at)
select x.consultancy_id, x.id, x.client_id, 'R-' || lpad(n.value, greatest(4, length(n.value)), '0'), x.asset_id, x.title, x.description,
       x.threat, x.vulnerability, x.impact, x.likelihood, x.affects, x.impact_used, x.score, x.band, x.must_treat, x.inherent_impact,
       x.inherent_likelihood, x.inherent_score, x.residual_impact, x.residual_likelihood, x.residual_score, x.owner_name, x.owner_person_id,
       x.review_on, x.status, x.treatment_note, x.threat_code, :member::uuid, :member::uuid, :now, :now
from counted n
cross join lateral (select least(greatest(a.confidentiality, a.integrity, a.availability), 5) as impact
                    from (select :asset_id::uuid as id) w
                    left join registers.assets a on a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = w.id) w
cross join lateral registers.evaluated(
    jsonb_populate_record(null::registers.risks, jsonb_build_object('impact', w.impact, 'status', 'open',
        'affects', '["confidentiality", "integrity", "availability"]'::jsonb) || :body::jsonb || jsonb_build_object(
        'consultancy_id', :consultancy::uuid, 'client_id', :client_id::uuid, 'id', :new_id::uuid)),
    registers.criteria_of(:consultancy, :client_id::uuid)) x
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- name: getRisk
select r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, registers.risk_status(r.status, r.accept_until, :today::date) as status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at
from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id

-- name: changeRisk
-- event: risk.changed
update registers.risks r
set (asset_id, title, description, threat, vulnerability, affects, owner_name, owner_person_id, review_on, treatment_note, threat_code,
     impact, likelihood, inherent_impact, inherent_likelihood, residual_impact, residual_likelihood, impact_used, score, band, must_treat,
     inherent_score, residual_score, status, accepted_by, accepted_on, accept_reason, accept_until, accepted_score,
     evaluated_by) =
    (select x.asset_id, x.title, x.description, x.threat, x.vulnerability, x.affects, x.owner_name, x.owner_person_id, x.review_on,
            x.treatment_note, x.threat_code, x.impact, x.likelihood, x.inherent_impact, x.inherent_likelihood, x.residual_impact, x.residual_likelihood, x.impact_used, x.score, x.band,
            x.must_treat, x.inherent_score, x.residual_score, x.status, x.accepted_by, x.accepted_on, x.accept_reason, x.accept_until,
            x.accepted_score,
            case when (x.impact, x.likelihood, x.affects, x.asset_id) is distinct from (r.impact, r.likelihood, r.affects, r.asset_id)
                 then :member::uuid else r.evaluated_by end
     from registers.evaluated(jsonb_populate_record(r, :body::jsonb), registers.criteria_of(:consultancy, :client_id::uuid)) x),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id
  and (:if_match::int is null or r.version = :if_match::int)
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- name: removeRisk
-- event: risk.deleted
delete from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id
  and (:if_match::int is null or r.version = :if_match::int)
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version + 1 as version, r.created_at, r.updated_at

-- name: riskDeadlines
select r.client_id, 'risk:' || r.id || ':' || p.what as source_key, p.kind,
       case when :operation <> 'deleteRisk' then p.raw_on end as raw_on, p.ja || r.number || ' ' || r.title as title_ja,
       p.en || r.number || ' ' || r.title as title_en, 'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', p.rule, 'kind', 'POLICY', 'source', 'ISO/IEC 27001 ' || p.clause)),
                          'inputs', jsonb_build_object('risk_id', r.id, 'day', p.raw_on), 'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.risks r
cross join lateral (
    select 'review' as what, 'risk_reassessment' as kind, case when r.status <> 'closed' then r.review_on end as raw_on, 'リスクの再評価: ' as ja,
           'Reassess the risk: ' as en, 'SUR-08' as rule, '8.2' as clause
    union all
    select 'acceptance', 'risk_acceptance', case when r.status = 'accepted' then r.accept_until end, 'リスク受容の期限: ',
           'Acceptance of a risk ends: ', 'SUR-08', '6.1.3') p
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id::uuid

-- Who made a risk, or evaluated it last, does not accept it.
-- name: acceptRiskProblems
select case when p.pointer then '/accept_until' end as pointer, case when p.pointer then 'in_past' end as code,
       case when p.pointer then :today end as limit, p.en as detail_en, p.ja as detail_ja
from registers.risks r
cross join lateral (values
    (:accept_until::date <= :today::date, true, null, null),
    (r.status = 'closed', false, 'A closed risk is not accepted. Open it first.', '終了したリスクは受容できません。先に再開してください。'),
    (r.author_id = :member::uuid, false, 'Who entered the risk can not accept it. Ask another person.',
     'リスクを登録した本人は受容できません。別の人が受容してください。'),
    (r.evaluated_by = :member::uuid and r.author_id is distinct from :member::uuid, false,
     'Who evaluated the risk last can not accept it. Ask another person.', '最後に評価した本人は受容できません。別の人が受容してください。'))
    p (wrong, pointer, en, ja)
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id::uuid and p.wrong

-- name: storeRiskAcceptance
-- event: risk.accepted
update registers.risks r
set status = 'accepted', accepted_by = :member::uuid, accepted_on = :today::date, accept_reason = :reason, accept_until = :accept_until::date,
    accepted_score = r.score, version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id::uuid
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- name: withdrawRiskAcceptanceProblems
select null as pointer, null as code, null as limit, 'The risk is not accepted.' as detail_en, 'このリスクは受容されていません。' as detail_ja
from registers.risks r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id::uuid and r.status <> 'accepted'

-- name: removeRiskAcceptance
-- event: risk.acceptance_withdrawn
update registers.risks r
set status = 'open', accepted_by = null, accepted_on = null, accept_reason = null, accept_until = null, accepted_score = null,
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :risk_id::uuid and r.status = 'accepted'
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- name: getRiskHeatMap
with counted as materialized (
    select case coalesce(:of, 'current') when 'current' then r.impact_used
                                         when 'inherent' then coalesce(r.inherent_impact, r.impact_used)
                                         else coalesce(r.residual_impact, r.impact_used) end as impact,
           case coalesce(:of, 'current') when 'current' then r.likelihood
                                         when 'inherent' then coalesce(r.inherent_likelihood, r.likelihood)
                                         else coalesce(r.residual_likelihood, r.likelihood) end as likelihood, count(*)::int as n
    from registers.risks r
    where r.consultancy_id = :consultancy and r.client_id = :client_id and r.status <> 'closed'
    group by 1, 2),
x as materialized ( -- once, not once per cell
    select c.id, registers.criteria_of(c.consultancy_id, c.id) as k
    from tenants.clients c
    where c.consultancy_id = :consultancy and c.id = :client_id)
select x.id as client_id, coalesce(:of, 'current') as of, (x.k ->> 'impact_max')::int as impact_max,
       (x.k ->> 'likelihood_max')::int as likelihood_max, (x.k ->> 'threshold')::int as threshold, x.k -> 'impact_labels' as impact_labels,
       x.k -> 'likelihood_labels' as likelihood_labels, x.k -> 'bands' as bands,
       coalesce((select sum(n.n) from counted n), 0)::int as total,
       (select jsonb_agg(jsonb_build_object('impact', i, 'likelihood', l, 'score', s.score, 'band', registers.risk_band(x.k, s.score),
                                            'must_treat', s.score >= (x.k ->> 'threshold')::int, 'count', coalesce(n.n, 0)) order by i, l)
        from generate_series(1, (x.k ->> 'impact_max')::int) as i
        cross join generate_series(1, (x.k ->> 'likelihood_max')::int) as l
        cross join lateral (select registers.risk_score(x.k, i, l) as score) s
        left join counted n on n.impact = i and n.likelihood = l) as cells
from x

-- The register as it stood at the end of each month, from its events.
-- name: getRiskTrend
with m as materialized (
    select to_char(s.month, 'YYYY-MM') as month, least((s.month + interval '1 month')::date - 1, :today::date) as day,
           least((s.month + interval '1 month') at time zone 'Asia/Tokyo', :now::timestamptz) as at
    from generate_series(date_trunc('month', :today::date) - make_interval(months => coalesce(:months::int, 12) - 1),
                         date_trunc('month', :today::date), interval '1 month') as s (month)),
told as materialized (
    select e.kind, e.data, e.at, lead(e.at) over (partition by e.entity_id order by e.at, e.version nulls first) as until
    from platform.events e
    where e.consultancy_id = :consultancy and e.entity = 'risk' and e.client_id = :client_id),
stood as (
    select m.month, (t.data ->> 'score')::int as score, (t.data ->> 'must_treat')::boolean as must_treat, (t.data ->> 'band')::int as band,
           registers.risk_status(t.data ->> 'status', (t.data ->> 'accept_until')::date, m.day) as status
    from m
    join told t on t.at <= m.at and (t.until is null or t.until > m.at) and t.kind <> 'risk.deleted')
select c.id as client_id,
       (select jsonb_agg(jsonb_build_object(
                   'month', m.month, 'on', m.day, 'total', s.total, 'open', s.open, 'accepted', s.accepted, 'must_treat', s.must_treat,
                   'score_sum', s.score_sum, 'score_max', s.score_max, 'bands', s.bands) order by m.month)
        from m
        cross join lateral (
            select count(*)::int as total, (count(*) filter (where w.status = 'open'))::int as open,
                   (count(*) filter (where w.status = 'accepted'))::int as accepted,
                   (count(*) filter (where w.must_treat and w.status <> 'closed'))::int as must_treat,
                   coalesce(sum(w.score) filter (where w.status <> 'closed'), 0)::int as score_sum,
                   max(w.score) filter (where w.status <> 'closed') as score_max,
                   (select coalesce(jsonb_agg(jsonb_build_object('band', b.band, 'count', b.n) order by b.band), '[]')
                    from (select o.band, count(*)::int as n from stood o
                          where o.month = m.month and o.status <> 'closed' and o.band is not null group by 1) b) as bands
            from stood w where w.month = m.month) s) as months
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: listRiskEvaluations
-- key: x.id
-- sort: at x.at timestamptz
select x.id, x.at, x.actor_id, x.kind, (x.data ->> 'impact')::int as impact, (x.data ->> 'likelihood')::int as likelihood,
       (x.data ->> 'impact_used')::int as impact_used, (x.data ->> 'score')::int as score, (x.data ->> 'inherent_score')::int as inherent_score,
       (x.data ->> 'residual_score')::int as residual_score, (x.data ->> 'band')::int as band, (x.data ->> 'must_treat')::boolean as must_treat,
       x.data ->> 'status' as status{key}
from (select e.id, e.at, e.actor_id, e.kind, e.data,
             lag(e.data) over (order by e.at, e.version) as before
      from platform.events e
      where e.consultancy_id = :consultancy and e.entity = 'risk' and e.client_id = :client_id and e.entity_id = :risk_id::uuid) x
where x.before is null
   or (x.data -> 'impact', x.data -> 'likelihood', x.data -> 'score', x.data -> 'inherent_score', x.data -> 'residual_score', x.data -> 'band',
       x.data -> 'must_treat', x.data -> 'status')
      is distinct from (x.before -> 'impact', x.before -> 'likelihood', x.before -> 'score', x.before -> 'inherent_score',
                        x.before -> 'residual_score', x.before -> 'band', x.before -> 'must_treat', x.before -> 'status')
{page}
