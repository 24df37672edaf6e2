-- Risks that the types of the assets bring (function registers.risk_suggestions), with the treatments and controls that answer them.

-- name: listSuggestions
-- key: s.asset_id
-- sort: asset (s.asset_number || ' ' || s.place) text
-- sort: level ((s.impact + s.likelihood + 10) || ' ' || s.asset_number || ' ' || s.place) text
with links as materialized (
    select t.threat, e.code, e.position, e.controls,
           jsonb_build_object('code', e.code, 'origin', e.origin, 'title_ja', e.title_ja, 'title_en', e.title_en, 'text_ja', e.text_ja,
                              'text_en', e.text_en, 'option', e.details->>'option', 'effort', e.details->>'effort',
                              'controls', to_jsonb(e.controls)) as treatment
    from registers.catalogue_entries e
    cross join lateral unnest(e.threats) as t(threat)
    where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'treatments' and e.is_current),
treatments as materialized (
    select l.threat, jsonb_agg(l.treatment order by l.position, l.code) as treatments from links l group by l.threat),
named as materialized (
    select e.code, e.position, jsonb_build_object('code', e.code, 'title_ja', e.title_ja, 'title_en', e.title_en) as control
    from registers.catalogue_entries e
    where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'controls' and e.is_current),
controls as materialized (
    select u.threat, jsonb_agg(n.control order by n.position, n.code) as controls
    from (select distinct l.threat, c.code from links l cross join lateral unnest(l.controls) as c(code)) u
    join named n on n.code = u.code
    group by u.threat),
threats as materialized (
    select e.code,
           jsonb_build_object('origin', e.origin, 'title_ja', e.title_ja, 'title_en', e.title_en, 'text_ja', e.text_ja, 'text_en', e.text_en,
                              'vulnerability_ja', e.details->>'vulnerability_ja', 'vulnerability_en', e.details->>'vulnerability_en',
                              'affects', coalesce(e.details->'affects', '[]')) as threat
    from registers.catalogue_entries e
    where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.is_current)
select s.asset_id as _id, md5(s.asset_id::text || s.threat_code)::uuid as id, s.asset_id, s.asset_number, s.asset_name, s.asset_kind,
       s.group_name, s.threat_code, (select t.threat from threats t where t.code = s.threat_code) as threat, s.impact, s.likelihood, s.state,
       (select r.id from registers.risks r
        where r.consultancy_id = :consultancy and r.client_id = :client_id and r.asset_id = s.asset_id and r.threat_code = s.threat_code
        order by r.created_at, r.id limit 1) as risk_id,
       (select jsonb_build_object('decision', d.decision, 'reason', d.reason, 'member_id', d.decided_by, 'at', d.updated_at)
        from registers.suggestion_decisions d
        where d.consultancy_id = :consultancy and d.client_id = :client_id and d.asset_id = s.asset_id and d.threat_code = s.threat_code)
           as decided,
       coalesce((select t.treatments from treatments t where t.threat = s.threat_code), '[]') as treatments,
       coalesce((select c.controls from controls c where c.threat = s.threat_code), '[]') as controls{key}
from registers.risk_suggestions(:consultancy, :client_id) s
where s.state = coalesce(:state, 'open')
  and (:asset_id::uuid is null or s.asset_id = :asset_id)
  and (:kind::text is null or s.asset_kind = :kind)
  and (:group_name::text is null or s.group_name = :group_name)
  and (:threat_code::text is null or s.threat_code = :threat_code)
  and (:type_group::text is null
       or s.asset_kind in (select e.code from registers.catalogue_entries e
                           where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'asset_types'
                             and e.is_current and e.theme = :type_group))
  and (s.in_scope or s.asset_id = :asset_id::uuid)
{page}

-- name: findSuggestionClient
select c.id, c.locale
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- Two requests follow each other, so that what one decided the next one sees.
-- name: lockSuggestions
-- no-event: takes a lock and changes nothing
insert into platform.counters as c (consultancy_id, client_id, name, value)
values (:consultancy, :client_id, 'suggestion', 0)
on conflict (consultancy_id, client_id, name) do update set value = c.value
returning value

-- What is asked for, item by item: named ones in their order, or what a filter finds (open ones; declined ones when reopening). Each is judged
-- once, here, with all that a risk of it says; the statements that follow act on the judgement.
-- name: loadSuggestions
with named as materialized (
    select i.n, (i.item->>'asset_id')::uuid as asset_id, i.item->>'threat_code' as threat_code, i.item
    from jsonb_array_elements(:items::jsonb) with ordinality as i(item, n)),
known as materialized (
    select s.*
    from registers.risk_suggestions(:consultancy, :client_id) s
    where (:items::jsonb is null or s.asset_id in (select n.asset_id from named n))
      and (:filter::jsonb is null
           or (s.state = case when :operation = 'reopenSuggestions' then 'declined' else 'open' end
               and (:filter::jsonb->>'asset_id' is null or s.asset_id = (:filter::jsonb->>'asset_id')::uuid)
               and (:filter::jsonb->>'kind' is null or s.asset_kind = :filter::jsonb->>'kind')
               and (:filter::jsonb->>'group_name' is null or s.group_name = :filter::jsonb->>'group_name')
               and (:filter::jsonb->>'type_group' is null
                    or s.asset_kind in (select e.code from registers.catalogue_entries e
                                        where (e.consultancy_id = :consultancy or e.consultancy_id is null)
                                          and e.catalogue = 'asset_types' and e.is_current and e.theme = :filter::jsonb->>'type_group'))
               and (:filter::jsonb->>'threat_code' is null or s.threat_code = :filter::jsonb->>'threat_code')
               and (s.in_scope or s.asset_id = (:filter::jsonb->>'asset_id')::uuid)))),
found as materialized (
    select row_number() over (order by s.asset_number, s.asset_id, s.place) as n, s.asset_id, s.threat_code,
           '{}'::jsonb as item
    from known s where :filter::jsonb is not null
    order by 1 limit 1000),
wanted as (
    select w.*, row_number() over (partition by w.asset_id, w.threat_code order by w.n) as turn
    from (select * from named union all select * from found) w),
judged as (
    select w.*, to_jsonb(s) as s,
           case when s.state is not null then s.state
                when w.asset_id not in (select a.id from registers.assets a
                                        where a.consultancy_id = :consultancy and a.client_id = :client_id)
                  or w.threat_code not in (select e.code from registers.catalogue_entries e
                                           where (e.consultancy_id = :consultancy or e.consultancy_id is null)
                                             and e.catalogue = 'threats') then 'not_found'
                else 'not_suggested' end as state
    from wanted w
    left join known s on s.asset_id = w.asset_id and s.threat_code = w.threat_code),
threats as materialized (
    select e.*
    from registers.catalogue_entries e
    where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.is_current)
select coalesce(jsonb_agg(jsonb_build_object(
           'n', j.n, 'asset_id', j.asset_id, 'threat_code', j.threat_code, 'state', j.state, 'turn', j.turn,
           'decision_id', gen_random_uuid(), 'new_risk_id', gen_random_uuid(), 'reason', coalesce(j.item->>'reason', :reason),
           'impact', least(coalesce(j.item->'impact', j.s->'impact')::int, (k.k ->> 'impact_max')::int),
           'likelihood', least(coalesce(j.item->'likelihood', j.s->'likelihood')::int, (k.k ->> 'likelihood_max')::int),
           'owner_name', coalesce(j.item->>'owner_name', j.s->>'owner_name'), 'catalogue_version', t.catalogue_version,
           'title', coalesce(j.item->>'title', case when x.ja then t.title_ja || '（' || (j.s->>'asset_name') || '）'
                                                    else t.title_en || ' (' || (j.s->>'asset_name') || ')' end),
           'threat', case when x.ja then t.text_ja else t.text_en end,
           'vulnerability', t.details->>case when x.ja then 'vulnerability_ja' else 'vulnerability_en' end) order by j.n), '[]') as judged,
       greatest((select count(*) from known where :filter::jsonb is not null) - 1000, 0) as remaining
from judged j
left join threats t on t.code = j.threat_code
join tenants.clients l on l.consultancy_id = :consultancy and l.id = :client_id
cross join (select registers.criteria_of(:consultancy, :client_id::uuid) as k) k
cross join lateral (select coalesce(:locale, l.locale) = 'ja' as ja) x

-- name: insertSuggestedRisks
-- event: risk.created
with wanted as materialized (
    select w.*, row_number() over (order by w.n) as rank
    from jsonb_to_recordset(:judged::jsonb) as w(n bigint, asset_id uuid, threat_code text, impact int, likelihood int, title text,
                                                 threat text, vulnerability text, owner_name text, catalogue_version int, state text,
                                                 turn int, new_risk_id uuid)
    where w.state in ('open', 'declined') and w.turn = 1),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'risk', count(*) from wanted having count(*) > 0
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.risks as r (consultancy_id, id, client_id, number, asset_id, title, threat, vulnerability, impact, likelihood,
                                  affects, impact_used, score, band, must_treat, owner_name, status, threat_code, origin, catalogue_version,
                                  author_id, evaluated_by, created_at, updated_at)
select :consultancy, w.new_risk_id, :client_id, 'R-' || lpad(x.no, greatest(4, length(x.no)), '0'), w.asset_id, left(w.title, 200),
       left(w.threat, 500), left(w.vulnerability, 500), e.impact, e.likelihood, e.affects, e.impact_used, e.score, e.band, e.must_treat,
       w.owner_name, e.status, w.threat_code, 'suggestion', w.catalogue_version, :member::uuid, :member::uuid, :now, :now
from wanted w
cross join counted c
cross join lateral (select (c.value - (select count(*) from wanted) + w.rank)::text as no) x
cross join (select registers.criteria_of(:consultancy, :client_id::uuid) as k) k
cross join lateral registers.evaluated(jsonb_populate_record(null::registers.risks, jsonb_build_object(
    'consultancy_id', :consultancy::uuid, 'client_id', :client_id::uuid, 'asset_id', w.asset_id, 'impact', w.impact, 'likelihood', w.likelihood,
    'affects', '["confidentiality", "integrity", "availability"]'::jsonb, 'status', 'open')), k.k) e
returning r.id, r.client_id, r.number, r.asset_id, r.title, r.description, r.threat, r.vulnerability, r.impact, r.likelihood,
          r.affects, r.impact_used, r.score, r.band, r.must_treat, r.inherent_impact, r.inherent_likelihood, r.inherent_score,
          r.residual_impact, r.residual_likelihood, r.residual_score, r.owner_name, r.owner_person_id, r.status,
          r.review_on, r.accepted_by, r.accepted_on, r.accept_reason, r.accept_until, r.author_id, r.evaluated_by, r.treatment_note,
          r.threat_code, r.origin, r.catalogue_version, r.version, r.created_at, r.updated_at

-- name: rememberSuggestions
-- event: suggestion.decided
insert into registers.suggestion_decisions as d (consultancy_id, id, client_id, asset_id, threat_code, decision, reason, catalogue_version,
                                                 decided_by, created_at, updated_at)
select :consultancy, w.decision_id, :client_id, w.asset_id, w.threat_code,
       case when :operation = 'acceptSuggestions' then 'accepted' else 'declined' end,
       case when :operation = 'declineSuggestions' then w.reason end, w.catalogue_version, :member::uuid, :now, :now
from jsonb_to_recordset(:judged::jsonb) as w(asset_id uuid, threat_code text, reason text, catalogue_version int, state text, turn int,
                                             decision_id uuid)
where w.turn = 1 and (w.state = 'open' or (w.state = 'declined' and :operation = 'acceptSuggestions'))
on conflict (consultancy_id, client_id, asset_id, threat_code) do update
set decision = excluded.decision, reason = excluded.reason, catalogue_version = excluded.catalogue_version,
    decided_by = excluded.decided_by, version = d.version + 1, updated_at = :now
returning id, client_id, asset_id, threat_code, decision, reason, catalogue_version, decided_by, version, created_at, updated_at

-- name: forgetSuggestions
-- event: suggestion.reopened
delete from registers.suggestion_decisions d
using jsonb_to_recordset(:judged::jsonb) as w(asset_id uuid, threat_code text, state text)
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.asset_id = w.asset_id and d.threat_code = w.threat_code
  and w.state = 'declined'
returning d.id, d.client_id, d.asset_id, d.threat_code, d.decision, d.reason, d.catalogue_version, d.decided_by, d.version + 1 as version,
          d.created_at, d.updated_at

-- What became of each item, in the order of the request. A pair that is named twice is decided once.
-- name: reportSuggestions
select coalesce(jsonb_agg(jsonb_build_object('asset_id', j.asset_id, 'threat_code', j.threat_code, 'result', j.result, 'risk_id', j.risk_id)
                          order by j.n), '[]') as results,
       count(*) filter (where j.result in ('accepted', 'declined', 'reopened')) as changed,
       count(*) filter (where j.result like 'already\_%') as unchanged,
       count(*) filter (where j.result like 'not\_%') as refused,
       :remaining::int as remaining
from (select w.n, w.asset_id, w.threat_code,
             case when w.state in ('not_found', 'not_suggested') then w.state
                  when :operation = 'acceptSuggestions'
                      then case when w.state = 'accepted' or w.turn > 1 then 'already_accepted' else 'accepted' end
                  when w.state = 'accepted' then 'not_allowed'
                  when :operation = 'declineSuggestions'
                      then case when w.state = 'declined' or w.turn > 1 then 'already_declined' else 'declined' end
                  when w.state = 'open' or w.turn > 1 then 'already_open' else 'reopened' end as result,
             (select r.id from registers.risks r
              where r.consultancy_id = :consultancy and r.client_id = :client_id and r.asset_id = w.asset_id
                and r.threat_code = w.threat_code order by r.created_at, r.id limit 1) as risk_id
      from jsonb_to_recordset(:judged::jsonb) as w(n bigint, asset_id uuid, threat_code text, state text, turn int)) j

-- name: getRiskCoverage
with assets as materialized (
    select a.id, a.number, a.name, a.kind,
           exists (select 1 from registers.risks r where r.consultancy_id = a.consultancy_id and r.client_id = a.client_id
                                                     and r.asset_id = a.id) as covered
    from registers.assets a
    where a.consultancy_id = :consultancy and a.client_id = :client_id and a.status = 'active' and a.in_scope),
pairs as materialized (
    select s.asset_id, s.asset_kind, s.state
    from registers.risk_suggestions(:consultancy, :client_id) s
    where s.in_scope),
states as (
    select count(*) as total, count(*) filter (where p.state = 'open') as open, count(*) filter (where p.state = 'accepted') as accepted,
           count(*) filter (where p.state = 'declined') as declined
    from pairs p),
kinds as (
    select a.kind, count(*) as assets, count(*) filter (where a.covered) as with_risk
    from assets a group by a.kind)
select c.id as client_id, t.assets, t.with_risk, t.assets - t.with_risk as without_risk,
       case when t.assets = 0 then 0 else t.with_risk * 100 / t.assets end as percent,
       jsonb_build_object('total', s.total, 'open', s.open, 'accepted', s.accepted, 'declined', s.declined,
                          'percent', case when s.total = 0 then 0 else (s.total - s.open) * 100 / s.total end) as suggestions,
       coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'number', a.number, 'name', a.name, 'kind', a.kind) order by a.number, a.id)
                 from (select * from assets where not covered order by number, id limit 1000) a), '[]') as assets_without_risk,
       coalesce((select jsonb_agg(k.kind order by k.kind) from kinds k where k.with_risk = 0), '[]') as uncovered_kinds,
       coalesce((select jsonb_agg(jsonb_build_object(
                     'kind', k.kind, 'title_ja', coalesce(e.title_ja, k.kind), 'title_en', coalesce(e.title_en, k.kind), 'assets', k.assets,
                     'with_risk', k.with_risk, 'open', coalesce(p.open, 0), 'accepted', coalesce(p.accepted, 0),
                     'declined', coalesce(p.declined, 0)) order by k.kind)
                 from kinds k
                 left join registers.catalogue_entries e on (e.consultancy_id = :consultancy or e.consultancy_id is null)
                                                         and e.catalogue = 'asset_types' and e.is_current and e.code = k.kind
                 left join (select p.asset_kind, count(*) filter (where p.state = 'open') as open,
                                   count(*) filter (where p.state = 'accepted') as accepted,
                                   count(*) filter (where p.state = 'declined') as declined
                            from pairs p group by p.asset_kind) p on p.asset_kind = k.kind), '[]') as kinds
from tenants.clients c
cross join (select count(*) as assets, count(*) filter (where a.covered) as with_risk from assets a) t
cross join states s
where c.consultancy_id = :consultancy and c.id = :client_id
