-- Treatments of the catalogue that answer the open risks of a client and are not among its rules for them yet. A client has one rule per treatment
-- of the catalogue (treatments.origin = its code), however many risks it answers.

-- Open: answers a risk that no rule made from it names yet, and nobody declined it. Accepted: a rule was made from it. Declined: somebody did so.
-- name: listTreatmentSuggestions
-- key: s.id
-- sort: risks (lpad(s.risk_count::text, 7, '0') || ' ' || lpad((2000000 - s.position)::text, 7, '0') || s.code) text
-- sort: code s.code text
with pairs as materialized (
    select t.code, r.id, r.number, r.title, r.score
    from registers.treatment_answers(:consultancy, :client_id, :today::date) t
    join registers.risks r on r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = t.risk_id
    where t.linked = (coalesce(:state, 'open') = 'accepted')
      and (:risk_id::uuid is null or t.risk_id = :risk_id)
      and (:asset_id::uuid is null or t.asset_id = :asset_id)),
found as materialized (
    select p.code, count(*) as risk_count, max(p.score) as highest_score from pairs p group by p.code),
declined as materialized (
    select d.code, d.reason, d.decided_by, d.updated_at
    from registers.treatment_suggestion_decisions d
    where d.consultancy_id = :consultancy and d.client_id = :client_id),
rules as materialized (
    select distinct on (t.origin) t.origin as code, t.id
    from registers.treatments t
    where t.consultancy_id = :consultancy and t.client_id = :client_id and t.origin is not null and t.state <> 'retired'
    order by t.origin, t.created_at, t.id),
wanted as materialized (
    select f.code from found f where coalesce(:state, 'open') = 'open' and f.code not in (select d.code from declined d)
    union
    select d.code from declined d where :state = 'declined' and ((:risk_id::uuid is null and :asset_id::uuid is null) or d.code in (select f.code from found f))
    union
    select r.code from rules r where :state = 'accepted' and ((:risk_id::uuid is null and :asset_id::uuid is null) or r.code in (select f.code from found f)))
select s.id, s.code, s.origin, s.title_ja, s.title_en, s.text_ja, s.text_en, s.option, s.effort, s.controls, s.state, s.decided,
       s.treatment_id, s.risk_count, s.highest_score,
       coalesce((select jsonb_agg(jsonb_build_object('id', x.id, 'number', x.number, 'title', x.title, 'score', x.score))
                 from (select p.id, p.number, p.title, p.score from pairs p where p.code = s.code order by p.score desc, p.number, p.id limit 100) x),
                '[]') as risks{key}
from (select md5(e.code)::uuid as id, e.code, e.position, e.origin, e.title_ja, e.title_en, e.text_ja, e.text_en,
             e.details->>'option' as option, e.details->>'effort' as effort, to_jsonb(e.controls) as controls, coalesce(:state, 'open') as state,
             (select jsonb_build_object('decision', 'declined', 'reason', d.reason, 'member_id', d.decided_by, 'at', d.updated_at)
              from declined d where d.code = e.code) as decided,
             coalesce(f.risk_count, 0) as risk_count, coalesce(f.highest_score, 0) as highest_score,
             (select r.id from rules r where r.code = e.code) as treatment_id
      from wanted w
      join registers.catalogue_entries e on (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'treatments'
                                         and e.is_current and e.code = w.code
      left join found f on f.code = w.code) s
where (:option::text is null or s.option = :option)
  and (:effort::text is null or s.effort = :effort)
{page}

-- ---------------------------------------------------------------- declining and reopening

-- Named ones in their order, or what a filter finds: open ones, declined ones when reopening.
-- name: judgeTreatmentSuggestions
with answers as materialized (
    select t.code, bool_or(not t.linked) as open,
           bool_or(not t.linked and (:filter::jsonb->>'risk_id' is null or t.risk_id = (:filter::jsonb->>'risk_id')::uuid)
                   and (:filter::jsonb->>'asset_id' is null or t.asset_id = (:filter::jsonb->>'asset_id')::uuid)) as fits
    from registers.treatment_answers(:consultancy, :client_id, :today::date) t
    group by t.code),
declined as materialized (
    select d.code from registers.treatment_suggestion_decisions d where d.consultancy_id = :consultancy and d.client_id = :client_id),
known as materialized (
    select e.code, e.position, d.code is not null as declined, coalesce(a.open, false) as open, coalesce(a.fits, false) as fits,
           e.details->>'option' as option, e.details->>'effort' as effort,
           exists (select from registers.treatments t
                   where t.consultancy_id = :consultancy and t.client_id = :client_id and t.origin = e.code and t.state <> 'retired') as ruled
    from registers.catalogue_entries e
    left join answers a on a.code = e.code
    left join declined d on d.code = e.code
    where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'treatments' and e.is_current),
wanted as (
    select i.n, i.item->>'code' as code, i.item->>'reason' as reason
    from jsonb_array_elements(:items::jsonb) with ordinality as i(item, n)
    union all
    select row_number() over (order by k.position, k.code), k.code, null
    from known k
    where :filter::jsonb is not null
      and (:filter::jsonb->>'option' is null or k.option = :filter::jsonb->>'option')
      and (:filter::jsonb->>'effort' is null or k.effort = :filter::jsonb->>'effort')
      and case when :operation = 'reopenTreatmentSuggestions'
               then k.declined and (k.fits or (:filter::jsonb->>'risk_id' is null and :filter::jsonb->>'asset_id' is null))
               else k.fits and not k.declined end),
turned as (
    select w.*, row_number() over (partition by w.code order by w.n) as turn from wanted w)
select coalesce(jsonb_agg(jsonb_build_object(
           'n', t.n, 'code', t.code, 'reason', coalesce(t.reason, :reason), 'turn', t.turn, 'decision_id', gen_random_uuid(),
           'result', case when k.code is null then 'not_found'
                          when :operation = 'reopenTreatmentSuggestions' then case when k.declined and t.turn = 1 then 'reopened' else 'already_open' end
                          when k.declined or t.turn > 1 then 'already_declined'
                          when k.open then 'declined'
                          when k.ruled then 'not_allowed' else 'not_suggested' end) order by t.n), '[]') as judged
from turned t
left join known k on k.code = t.code

-- name: rememberTreatmentSuggestions
-- event: treatment_suggestion.declined
insert into registers.treatment_suggestion_decisions (consultancy_id, id, client_id, code, reason, decided_by, created_at, updated_at)
select :consultancy, w.decision_id, :client_id, w.code, w.reason, :member::uuid, :now, :now
from jsonb_to_recordset(:judged::jsonb) as w(code text, reason text, decision_id uuid, result text)
where w.result = 'declined'
returning id, client_id, code, reason, decided_by, version, created_at, updated_at

-- What is accepted after all is declined no more, either.
-- name: forgetTreatmentSuggestions
-- event: treatment_suggestion.reopened
delete from registers.treatment_suggestion_decisions d
using jsonb_to_recordset(:judged::jsonb) as w(code text, turn int)
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.code = w.code and w.turn = 1
returning d.id, d.client_id, d.code, d.reason, d.decided_by, d.version + 1 as version, d.created_at, d.updated_at

-- name: reportTreatmentDecisions
select coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'result', w.result) order by w.n), '[]') as results,
       count(*) filter (where w.result in ('declined', 'reopened')) as changed,
       count(*) filter (where w.result like 'already\_%') as unchanged,
       count(*) filter (where w.result like 'not\_%') as refused
from jsonb_to_recordset(:judged::jsonb) as w(n bigint, code text, result text)

-- What is still to be done needs an owner and a day, as with any treatment; people and risks are this client's.
-- name: acceptTreatmentSuggestionsProblems
select '/items/' || (i.n - 1) || '/' || w.member as pointer, w.code, null as limit, null as detail_en, null as detail_ja
from jsonb_array_elements(:items::jsonb) with ordinality as i(item, n)
left join registers.catalogue_entries e on (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'treatments'
                                        and e.is_current and e.code = i.item->>'code'
cross join lateral (values
    ('code', 'not_found_reference', e.code is null),
    ('owner_person_id', 'required', coalesce(i.item->>'state', 'planned') = 'planned' and e.details->>'option' is distinct from 'accept'
                                    and i.item->>'owner_person_id' is null),
    ('due_on', 'required', coalesce(i.item->>'state', 'planned') = 'planned' and e.details->>'option' is distinct from 'accept'
                           and i.item->>'due_on' is null),
    ('owner_person_id', 'not_found_reference',
     i.item->>'owner_person_id' is not null
     and not exists (select 1 from tenants.people p where p.consultancy_id = :consultancy and p.client_id = :client_id
                                                      and p.id = (i.item->>'owner_person_id')::uuid))) w(member, code, wrong)
where w.wrong
union all
select '/items/' || (i.n - 1) || '/risk_ids/' || (r.m - 1), 'not_found_reference', null, null, null
from jsonb_array_elements(:items::jsonb) with ordinality as i(item, n)
cross join lateral jsonb_array_elements_text(coalesce(i.item->'risk_ids', '[]')) with ordinality as r(id, m)
where not exists (select 1 from registers.risks o where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = r.id::uuid)

-- Each item once: the rule that is there or a new one, and the risks that it does not answer yet.
-- name: loadTreatmentSuggestions
select jsonb_agg(jsonb_build_object(
           'n', i.n, 'code', e.code, 'turn', i.turn, 'treatment_id', coalesce(t.id, i.new_id), 'made', t.id is null and i.turn = 1,
           'title', case when x.ja then e.title_ja else e.title_en end, 'text_ja', e.text_ja, 'text_en', e.text_en,
           'option', coalesce(e.details->>'option', 'mitigate'), 'controls', to_jsonb(e.controls), 'effort', e.details->>'effort',
           'state', coalesce(i.item->>'state', 'planned'), 'owner_person_id', i.item->>'owner_person_id', 'due_on', i.item->>'due_on',
           'review_months', i.item->'review_months', 'links', k.links) order by i.n) as judged
from (select j.item, j.n, row_number() over (partition by j.item->>'code' order by j.n) as turn, gen_random_uuid() as new_id
      from jsonb_array_elements(:items::jsonb) with ordinality as j(item, n)) i
join registers.catalogue_entries e on (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'treatments'
                                   and e.is_current and e.code = i.item->>'code'
join tenants.clients l on l.consultancy_id = :consultancy and l.id = :client_id
left join lateral (select o.id from registers.treatments o
                   where o.consultancy_id = :consultancy and o.client_id = :client_id and o.origin = e.code and o.state <> 'retired'
                   order by o.created_at, o.id limit 1) t on true
cross join lateral (select coalesce(:locale, l.locale) = 'ja' as ja) x
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'risk_id', r.id)), '[]') as links
    from registers.risks r
    where i.turn = 1 and r.consultancy_id = :consultancy and r.client_id = :client_id
      and case when i.item ? 'risk_ids' then i.item->'risk_ids' ? r.id::text else registers.risk_status(r.status, r.accept_until, :today::date) = 'open' and r.threat_code = any (e.threats) end
      and not exists (select 1 from registers.treatment_risks o
                      where o.consultancy_id = :consultancy and o.client_id = :client_id and o.treatment_id = t.id and o.risk_id = r.id)) k

-- name: insertSuggestedTreatments
-- event: treatment.created
with wanted as materialized (
    select w.*, row_number() over (order by w.n) as rank
    from jsonb_to_recordset(:judged::jsonb) as w(n bigint, code text, made boolean, treatment_id uuid, title text, text_ja text, text_en text,
                                                 option text, controls jsonb, effort text, state text, owner_person_id uuid, due_on date,
                                                 review_months int)
    where w.made),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'treatment', count(*) from wanted having count(*) > 0
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.treatments (consultancy_id, id, client_id, number, title, text_ja, text_en, option, state, controls, owner_person_id,
                                  due_on, implemented_on, review_months, effort, origin, revision, author_id, created_at, updated_at)
select :consultancy, w.treatment_id, :client_id, 'T-' || lpad(x.no, greatest(4, length(x.no)), '0'), w.title, w.text_ja, w.text_en, w.option,
       w.state, w.controls, w.owner_person_id, w.due_on, case when w.state = 'implemented' then :today::date end, w.review_months, w.effort,
       w.code, 1, :member::uuid, :now, :now
from wanted w
cross join counted c
cross join lateral (select (c.value - (select count(*) from wanted) + w.rank)::text as no) x
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved, version,
          created_at, updated_at

-- name: keepSuggestedRevisions
-- no-event: the treatments' own events tell
insert into registers.treatment_revisions (consultancy_id, id, client_id, treatment_id, revision, title, text_ja, text_en, option,
                                           effective_on, author_id, created_at, updated_at)
select t.consultancy_id, gen_random_uuid(), t.client_id, t.id, t.revision, t.title, t.text_ja, t.text_en, t.option, t.effective_on,
       t.author_id, :now, :now
from jsonb_to_recordset(:judged::jsonb) as w(made boolean, treatment_id uuid)
join registers.treatments t on t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.treatment_id
where w.made
returning id

-- name: linkSuggestedTreatments
-- event: treatment_risk.created
insert into registers.treatment_risks (consultancy_id, id, client_id, treatment_id, risk_id, created_at, updated_at)
select :consultancy, k.id, :client_id, w.treatment_id, k.risk_id, :now, :now
from jsonb_to_recordset(:judged::jsonb) as w(treatment_id uuid, links jsonb)
cross join lateral jsonb_to_recordset(w.links) as k(id uuid, risk_id uuid)
returning id, client_id, treatment_id, risk_id, note, version, created_at, updated_at

-- The deadlines of the new rules, as treatmentDeadlines has them for one.
-- name: treatmentSuggestionDeadlines
select t.client_id, 'treatment:' || t.id || k.suffix as source_key, k.kind,
       case when k.kind = 'treatment' then case when t.option <> 'accept' then t.due_on end
            when t.state = 'implemented' then (t.implemented_on + make_interval(months => t.review_months))::date end as raw_on,
       k.ja || ': ' || t.number || ' ' || t.title as title_ja, k.en || ': ' || t.number || ' ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', k.clause, 'kind', 'HARD', 'source',
       'ISO/IEC 27001 ' || k.clause)),
                          'inputs', jsonb_build_object('treatment_id', t.id, 'due_on', t.due_on, 'reviewed_on', t.reviewed_on,
                                                       'review_months', t.review_months),
                          'policy', '{}'::jsonb) as why,
       case when k.kind = 'treatment' and t.state = 'implemented' then t.implemented_on end as fulfilled_on
from jsonb_to_recordset(:judged::jsonb) as w(made boolean, treatment_id uuid)
join registers.treatments t on t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.treatment_id
cross join (values ('treatment', '', 'リスク対応の実施期限', 'Implement the treatment', '6.1.3'),
                   ('treatment_review', ':review', '規程の見直し', 'Review the rule', '8.3')) k(kind, suffix, ja, en, clause)
where w.made

-- name: reportTreatmentSuggestions
select coalesce(jsonb_agg(jsonb_build_object('code', j.code, 'result', j.result, 'treatment_id', j.treatment_id, 'linked', j.linked)
                          order by j.n), '[]') as results,
       count(*) filter (where j.result = 'created') as created, coalesce(sum(j.linked), 0) as linked
from (select w.n, w.code, f.treatment_id, jsonb_array_length(w.links) as linked,
             case when w.made then 'created' when jsonb_array_length(w.links) > 0 then 'linked' else 'unchanged' end as result
      from jsonb_to_recordset(:judged::jsonb) as w(n bigint, code text, made boolean, treatment_id uuid, links jsonb, turn int)
      join jsonb_to_recordset(:judged::jsonb) as f(code text, treatment_id uuid, turn int) on f.code = w.code and f.turn = 1) j
