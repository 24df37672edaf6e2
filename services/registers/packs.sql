-- Baseline packs: what a consultancy writes down once and copies into its clients, with links kept and every copy remembered.
--
-- An item is {key, kind, content, ja, en, asset (a risk's asset by key), risks (a treatment's risks by key), due_in_days}; the texts of a
-- language are laid over content.
-- name: listPacks
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: name lower(p.name) text
select p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version, p.created_at, p.updated_at,
       coalesce((select jsonb_object_agg(k.kind, k.n) from (select i.item ->> 'kind' as kind, count(*) as n
        from registers.pack_versions v cross join lateral jsonb_array_elements(v.items) as i (item)
        where v.consultancy_id = p.consultancy_id and v.pack_id = p.id and v.no = p.no group by 1) k), '{}') as counts{key}
from registers.packs p
where p.consultancy_id = :consultancy
{page}

-- name: getPack
select p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version, p.created_at, p.updated_at,
       coalesce((select jsonb_object_agg(k.kind, k.n) from (select i.item ->> 'kind' as kind, count(*) as n
        from registers.pack_versions v cross join lateral jsonb_array_elements(v.items) as i (item)
        where v.consultancy_id = p.consultancy_id and v.pack_id = p.id and v.no = p.no group by 1) k), '{}') as counts
from registers.packs p
where p.consultancy_id = :consultancy and p.id = :pack_id::uuid

-- The items of a pack that ships with the product.
-- name: loadShippedPack
select i.code, i.title_ja, i.title_en, i.text_ja, i.text_en, i.details
from registers.catalogue_items i
join registers.catalogues c on c.catalogue = i.catalogue and c.version = i.version and c.is_current
where i.catalogue = 'packs' and i.code = :code

-- name: insertPack
-- event: pack.created
insert into registers.packs as p (consultancy_id, id, code, name, industry, size_from, size_to, description, no, created_at, updated_at)
values (:consultancy, :new_id, :code, :pack_name, :pack_industry, :pack_size_from::int, :pack_size_to::int, :pack_description, 1, :now, :now)
returning p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version, p.created_at, p.updated_at

-- name: updatePack
-- event: pack.changed
update registers.packs p
set (name, industry, size_from, size_to, description) =
    (select n.name, n.industry, n.size_from, n.size_to, n.description from jsonb_populate_record(p, :body::jsonb) n),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.id = :pack_id and (:if_match::int is null or p.version = :if_match::int)
returning p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version, p.created_at, p.updated_at,
          coalesce((select jsonb_object_agg(k.kind, k.n) from (select i.item ->> 'kind' as kind, count(*) as n
        from registers.pack_versions v cross join lateral jsonb_array_elements(v.items) as i (item)
        where v.consultancy_id = p.consultancy_id and v.pack_id = p.id and v.no = p.no group by 1) k), '{}') as counts

-- name: deletePack
-- event: pack.deleted
delete from registers.packs p
where p.consultancy_id = :consultancy and p.id = :pack_id and (:if_match::int is null or p.version = :if_match::int)
returning p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version + 1 as version, p.created_at, p.updated_at

-- name: lockPack
select p.id, p.no, v.items
from registers.packs p
join registers.pack_versions v on v.consultancy_id = p.consultancy_id and v.pack_id = p.id and v.no = p.no
where p.consultancy_id = :consultancy and p.id = :pack_id::uuid
for update of p

-- name: nextPackVersion
-- event: pack.changed
update registers.packs p
set no = p.no + 1, version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.id = :pack_id::uuid
returning p.id, p.code, p.name, p.industry, p.size_from, p.size_to, p.description, p.no, p.version, p.created_at, p.updated_at

-- name: insertPackVersion
-- event: pack_version.created
insert into registers.pack_versions as v (consultancy_id, id, pack_id, no, items, note, author_id, created_at, updated_at)
select p.consultancy_id, :version_id::uuid, p.id, p.no, :items::jsonb, :note, :member::uuid, :now, :now
from registers.packs p
where p.consultancy_id = :consultancy and p.id = :pack_id::uuid
returning v.id, v.pack_id, v.no, v.items, v.note, v.author_id, v.version, v.created_at, v.updated_at

-- name: listPackVersions
-- key: v.id
-- sort: no v.no int
select v.id, v.pack_id, v.no, jsonb_array_length(v.items) as item_count, v.note, v.author_id, v.created_at{key}
from registers.pack_versions v
where v.consultancy_id = :consultancy and v.pack_id = :pack_id::uuid
{page}

-- name: getPackVersion
select v.id, v.pack_id, v.no, v.items, v.note, v.author_id, v.created_at
from registers.pack_versions v
where v.consultancy_id = :consultancy and v.pack_id = :pack_id::uuid and v.no = :pack_no::int

-- Everything of a client that can be copied, as items; keys are the ids there.
-- name: loadClientItems
select coalesce(jsonb_agg(i.item order by i.place, i.created_at, i.id), '[]') as items
from (
    select 0 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'context_issue:' || t.id, 'kind', 'context_issue',
           'content', jsonb_build_object('kind', t.kind, 'topic', t.topic, 'description', t.description, 'effect', t.effect, 'response',
           t.response, 'is_climate', t.is_climate))) as item
    from registers.context_issues t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status = 'active'
    union all
    select 1 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'interested_party:' || t.id, 'kind',
           'interested_party', 'content', jsonb_build_object('kind', t.kind, 'name', t.name, 'description', t.description))) as item
    from registers.interested_parties t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid
    union all
    select 2 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'asset:' || t.id, 'kind', 'asset', 'content',
           jsonb_build_object('name', t.name, 'kind', t.kind, 'group_name', t.group_name, 'description', t.description, 'location',
           t.location, 'confidentiality', t.confidentiality, 'integrity', t.integrity, 'availability', t.availability, 'quantity', t.quantity,
           'in_scope', t.in_scope, 'personal_data', t.personal_data, 'retention', t.retention, 'note', t.note))) as item
    from registers.assets t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status = 'active'
    union all
    select 3 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'risk:' || t.id, 'kind', 'risk', 'content',
           jsonb_build_object('title', t.title, 'description', t.description, 'threat', t.threat, 'vulnerability', t.vulnerability, 'impact',
           t.impact, 'likelihood', t.likelihood, 'affects', t.affects, 'inherent_impact', t.inherent_impact, 'inherent_likelihood',
           t.inherent_likelihood, 'residual_impact', t.residual_impact, 'residual_likelihood', t.residual_likelihood, 'treatment_note',
           t.treatment_note, 'threat_code', t.threat_code), 'asset', 'asset:' || t.asset_id)) as item
    from registers.risks t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status <> 'closed'
    union all
    select 4 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'treatment:' || t.id, 'kind', 'treatment', 'content',
           jsonb_build_object('title', t.title, 'text_ja', t.text_ja, 'text_en', t.text_en, 'option', t.option, 'state', t.state, 'controls',
           t.controls, 'review_months', t.review_months, 'effort', t.effort), 'risks', (select jsonb_agg('risk:' || k.risk_id order by k.risk_id) from registers.treatment_risks k
                                 where k.consultancy_id = t.consultancy_id and k.client_id = t.client_id and k.treatment_id = t.id))) as item
    from registers.treatments t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.state <> 'retired'
    union all
    select 5 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'objective:' || t.id, 'kind', 'objective', 'content',
           jsonb_build_object('title', t.title, 'description', t.description, 'means', t.means, 'unit', t.unit, 'target', t.target,
           'direction', t.direction, 'frequency_months', t.frequency_months))) as item
    from registers.objectives t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status = 'active'
    union all
    select 6 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'legal_requirement:' || t.id, 'kind',
           'legal_requirement', 'content', jsonb_build_object('kind', t.kind, 'title', t.title, 'source', t.source, 'counterparty',
           t.counterparty, 'summary', t.summary, 'how_met', t.how_met, 'review_months', t.review_months, 'status', t.status))) as item
    from registers.legal_requirements t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid
    union all
    select 7 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'training:' || t.id, 'kind', 'training', 'content',
           jsonb_build_object('title', t.title, 'content', t.content, 'audience', t.audience, 'method', t.method), 'due_in_days',
           greatest(t.due_on - :today::date, 0))) as item
    from registers.trainings t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status <> 'cancelled'
    union all
    select 8 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'task:' || t.id, 'kind', 'task', 'content',
           jsonb_build_object('title', t.title, 'description', t.description), 'due_in_days', greatest(t.due_on - :today::date, 0))) as item
    from registers.tasks t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid and t.status in ('open', 'in_progress')
    union all
    select 9 as place, t.created_at, t.id, jsonb_strip_nulls(jsonb_build_object('key', 'checklist_question:' || t.id, 'kind',
           'checklist_question', 'content', jsonb_build_object('code', t.code, 'question_ja', t.question_ja, 'question_en',
           t.question_en))) as item
    from registers.checklist_questions t
    where t.consultancy_id = :consultancy and t.client_id = :source_client_id::uuid) i
where :kinds::jsonb is null or :kinds::jsonb ? (i.item ->> 'kind')

-- name: findPackOwner
select c.id
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id
  and (:owner_person_id::uuid is null
       or exists (select from tenants.people o
                  where o.consultancy_id = c.consultancy_id and o.client_id = c.id and o.id = :owner_person_id::uuid))

-- name: requireSourceClient
select c.id from tenants.clients c where c.consultancy_id = :consultancy and c.id = :source_client_id::uuid

-- One copy after the other: the second sees what the first made.
-- name: lockClientCopies
select pg_advisory_xact_lock(hashtextextended('copies ' || :client_id::text, 0)) is null as locked

-- What a client has already of what was copied from another client and is still there.
-- name: loadClientCopies
select coalesce(jsonb_object_agg(k.key, k.object_id), '{}') as copied
from registers.client_copies k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.source_client_id = :source_client_id::uuid
  and exists (select from registers.context_issues t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'context_issue'
              union all select from registers.interested_parties t where t.consultancy_id = k.consultancy_id and t.id = k.object_id
                               and k.kind = 'interested_party'
              union all select from registers.assets t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'asset'
              union all select from registers.risks t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'risk'
              union all select from registers.treatments t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'treatment'
              union all select from registers.objectives t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'objective'
              union all select from registers.legal_requirements t where t.consultancy_id = k.consultancy_id and t.id = k.object_id
                               and k.kind = 'legal_requirement'
              union all select from registers.trainings t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'training'
              union all select from registers.tasks t where t.consultancy_id = k.consultancy_id and t.id = k.object_id and k.kind = 'task'
              union all select from registers.checklist_questions t where t.consultancy_id = k.consultancy_id and t.id = k.object_id
                               and k.kind = 'checklist_question')

-- name: rememberClientCopies
-- no-event: told by the things themselves
insert into registers.client_copies as k (consultancy_id, id, client_id, source_client_id, key, kind, object_id, created_at, updated_at)
select :consultancy, gen_random_uuid(), :client_id, :source_client_id::uuid, w.key, w.kind, w.id, :now, :now
from jsonb_to_recordset(:pack_items::jsonb) as w (key text, kind text, id uuid)
on conflict (consultancy_id, client_id, source_client_id, key) do update
set object_id = excluded.object_id, version = k.version + 1, updated_at = :now
returning k.id

-- What of a pack a client has already.
-- name: loadPackCopies
select c.id, c.locale,
       (select coalesce(jsonb_object_agg(k.key, k.object_id), '{}') from registers.pack_copies k
        where k.consultancy_id = c.consultancy_id and k.client_id = c.id and k.pack_id = :pack_id::uuid) as copied
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: copyContextIssues
-- event: context_issue.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'context_issue')
insert into registers.context_issues (consultancy_id, id, client_id, kind, topic, description, effect, response, is_climate, status,
    created_at, updated_at)
select :consultancy, w.id, :client_id, x.kind, x.topic, x.description, x.effect, x.response, coalesce(x.is_climate, false), 'active', :now,
       :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.context_issues, w.content) x
returning id, client_id, kind, topic, description, effect, response, is_climate, status, version, created_at, updated_at

-- name: copyInterestedPartys
-- event: interested_party.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'interested_party')
insert into registers.interested_parties (consultancy_id, id, client_id, kind, name, description, created_at, updated_at)
select :consultancy, w.id, :client_id, coalesce(x.kind, 'other'), x.name, x.description, :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.interested_parties, w.content) x
returning id, client_id, kind, name, description, version, created_at, updated_at

-- name: copyAssets
-- event: asset.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'asset'),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'asset', count(*) from wanted having count(*) > 0
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.assets (consultancy_id, id, client_id, number, name, kind, group_name, description, location, confidentiality,
    integrity, availability, quantity, in_scope, personal_data, retention, note, status, created_at, updated_at)
select :consultancy, w.id, :client_id, 'A-' || lpad(n.no, greatest(4, length(n.no)), '0'), x.name, coalesce(x.kind, 'other'), x.group_name,
       x.description, x.location, x.confidentiality, x.integrity, x.availability, coalesce(x.quantity, 1), coalesce(x.in_scope, true),
       coalesce(x.personal_data, false), x.retention, x.note, 'active', :now, :now
from wanted w
cross join counted c
cross join lateral (select (c.value - (select count(*) from wanted) + w.rank)::text as no) n
cross join lateral jsonb_populate_record(null::registers.assets, w.content) x
returning id, client_id, number, name, kind, description, owner_name, location, classification, classification_level, confidentiality,
          integrity, availability, quantity, in_scope, end_of_life, status, group_name, department_id, site_id, owner_person_id,
          custodian_name, personal_data, retention, note, version, created_at, updated_at

-- name: copyRisks
-- event: risk.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'risk'),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'risk', count(*) from wanted having count(*) > 0
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.risks (consultancy_id, id, client_id, number, asset_id, status, origin, author_id, evaluated_by, impact_used, score,
    band, must_treat, inherent_score, residual_score, title, description, threat, vulnerability, impact, likelihood, affects, inherent_impact,
    inherent_likelihood, residual_impact, residual_likelihood, treatment_note, threat_code, created_at, updated_at)
select :consultancy, w.id, :client_id, 'R-' || lpad(n.no, greatest(4, length(n.no)), '0'), w.asset_id, x.status, :pack_origin, :member::uuid,
       :member::uuid, x.impact_used, x.score, x.band, x.must_treat, x.inherent_score, x.residual_score, x.title, x.description, x.threat,
       x.vulnerability, x.impact, x.likelihood, x.affects, x.inherent_impact, x.inherent_likelihood, x.residual_impact, x.residual_likelihood,
       x.treatment_note, x.threat_code, :now, :now
from wanted w
cross join counted c
cross join lateral (select (c.value - (select count(*) from wanted) + w.rank)::text as no) n
cross join (select registers.criteria_of(:consultancy, :client_id::uuid) as k) k
cross join lateral registers.evaluated(jsonb_populate_record(null::registers.risks, jsonb_build_object(
    'affects', '["confidentiality", "integrity", "availability"]'::jsonb) || registers.within_scale(w.content, k.k) || jsonb_build_object(
    'consultancy_id', :consultancy::uuid, 'client_id', :client_id::uuid, 'asset_id', w.asset_id, 'status', 'open')), k.k) x
returning id, client_id, number, asset_id, title, description, threat, vulnerability, impact, likelihood, affects, impact_used, score, band,
          must_treat, inherent_impact, inherent_likelihood, inherent_score, residual_impact, residual_likelihood, residual_score, owner_name,
          owner_person_id, status, review_on, accepted_by, accepted_on, accept_reason, accept_until, author_id, evaluated_by, treatment_note,
          threat_code, origin, catalogue_version, version, created_at, updated_at

-- name: copyTreatments
-- event: treatment.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'treatment'),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'treatment', count(*) from wanted having count(*) > 0
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.treatments (consultancy_id, id, client_id, number, owner_person_id, due_on, implemented_on, origin, revision, author_id,
    title, text_ja, text_en, option, state, controls, review_months, effort, created_at, updated_at)
select :consultancy, w.id, :client_id, 'T-' || lpad(n.no, greatest(4, length(n.no)), '0'), case when x.state is distinct from 'implemented'
       then :owner_person_id::uuid end, case when x.state is distinct from 'implemented' then :due_on::date end, case when x.state =
       'implemented' then :today::date end, :pack_origin, 1, :member::uuid, x.title, x.text_ja, x.text_en, coalesce(x.option, 'mitigate'),
       coalesce(x.state, 'planned'), coalesce(x.controls, '[]'), x.review_months, x.effort, :now, :now
from wanted w
cross join counted c
cross join lateral (select (c.value - (select count(*) from wanted) + w.rank)::text as no) n
cross join lateral jsonb_populate_record(null::registers.treatments, w.content) x
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved, version,
          created_at, updated_at

-- name: copyObjectives
-- event: objective.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'objective')
insert into registers.objectives (consultancy_id, id, client_id, title, description, means, unit, target, direction, frequency_months,
    starts_on, status, created_at, updated_at)
select :consultancy, w.id, :client_id, x.title, x.description, x.means, x.unit, x.target, coalesce(x.direction, 'at_least'),
       coalesce(x.frequency_months, 12), :today::date, 'active', :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.objectives, w.content) x
returning id, client_id, title, description, department_id, owner_person_id, means, unit, target, direction, frequency_months, starts_on,
          due_on, status, version, created_at, updated_at

-- name: copyLegalRequirements
-- event: legal_requirement.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'legal_requirement')
insert into registers.legal_requirements (consultancy_id, id, client_id, kind, title, source, counterparty, summary, how_met, review_months,
    status, created_at, updated_at)
select :consultancy, w.id, :client_id, coalesce(x.kind, 'law'), x.title, x.source, x.counterparty, x.summary, x.how_met,
       coalesce(x.review_months, 12), coalesce(x.status, 'in_force'), :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.legal_requirements, w.content) x
returning id, client_id, kind, title, source, counterparty, summary, how_met, department_id, owner_person_id, effective_on, review_months,
          reviewed_on, status, version, created_at, updated_at

-- name: copyTrainings
-- event: training.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'training')
insert into registers.trainings (consultancy_id, id, client_id, title, content, audience, method, status, due_on, created_at, updated_at)
select :consultancy, w.id, :client_id, x.title, x.content, x.audience, coalesce(x.method, 'class'), 'planned', w.due_on, :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.trainings, w.content) x
returning id, client_id, title, content, audience, method, trainer, due_on, held_on, status, effectiveness, version, created_at, updated_at

-- name: copyTasks
-- event: task.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'task')
insert into registers.tasks (consultancy_id, id, client_id, title, description, status, due_on, created_at, updated_at)
select :consultancy, w.id, :client_id, x.title, x.description, 'open', w.due_on, :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.tasks, w.content) x
returning id, client_id, title, description, owner_person_id, owner_member_id, due_on, status, done_on, done_note, version, created_at,
          updated_at

-- name: copyChecklistQuestions
-- event: checklist_question.created
with wanted as materialized (
    select w.*, row_number() over (order by w.place) as rank
    from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, place bigint, content jsonb, asset_id uuid, due_on date)
    where w.kind = 'checklist_question')
insert into registers.checklist_questions (consultancy_id, id, client_id, code, question_ja, question_en, created_at, updated_at)
select :consultancy, w.id, :client_id, x.code, coalesce(x.question_ja, x.question_en), coalesce(x.question_en, x.question_ja), :now, :now
from wanted w
cross join lateral jsonb_populate_record(null::registers.checklist_questions, w.content) x
returning id, client_id, code, question_ja, question_en, version, created_at, updated_at

-- name: keepCopiedRevisions
-- no-event: the treatments' own events tell
insert into registers.treatment_revisions (consultancy_id, id, client_id, treatment_id, revision, title, text_ja, text_en, option,
                                           effective_on, author_id, created_at, updated_at)
select t.consultancy_id, gen_random_uuid(), t.client_id, t.id, t.revision, t.title, t.text_ja, t.text_en, t.option, t.effective_on,
       t.author_id, :now, :now
from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid)
join registers.treatments t on t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id
where w.kind = 'treatment'
returning id

-- name: linkCopiedTreatments
-- event: treatment_risk.created
insert into registers.treatment_risks (consultancy_id, id, client_id, treatment_id, risk_id, created_at, updated_at)
select :consultancy, gen_random_uuid(), :client_id, w.id, k.risk_id::uuid, :now, :now
from jsonb_to_recordset(:pack_items::jsonb) as w (kind text, id uuid, risk_ids jsonb)
cross join lateral jsonb_array_elements_text(w.risk_ids) as k (risk_id)
where w.kind = 'treatment'
returning id, client_id, treatment_id, risk_id, note, version, created_at, updated_at

-- name: rememberCopies
-- no-event: told by the things themselves
insert into registers.pack_copies as k (consultancy_id, id, client_id, pack_id, key, kind, object_id, base, no, created_at, updated_at)
select :consultancy, gen_random_uuid(), :client_id, :pack_id::uuid, w.key, w.kind, w.id, w.content, :pack_no::int, :now, :now
from jsonb_to_recordset(:pack_items::jsonb) as w (key text, kind text, id uuid, content jsonb)
where :pack_id::uuid is not null
on conflict (consultancy_id, client_id, pack_id, key) do update
set object_id = excluded.object_id, base = excluded.base, no = excluded.no, version = k.version + 1, updated_at = :now
returning k.id

-- What falls due of what was copied.
-- name: packApplicationDeadlines
select t.client_id, 'treatment:' || t.id || k.suffix as source_key, k.kind,
       case when :operation = 'deleteTreatment' or t.state = 'retired' then null
            when k.kind = 'treatment' then case when t.option <> 'accept' then t.due_on end
            when t.state = 'implemented'
            then (coalesce(t.reviewed_on, t.effective_on, t.implemented_on) + make_interval(months => t.review_months))::date end as raw_on,
       k.ja || ': ' || t.number || ' ' || t.title as title_ja, k.en || ': ' || t.number || ' ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', k.clause, 'kind', 'HARD', 'source',
       'ISO/IEC 27001 ' || k.clause)),
                          'inputs', jsonb_build_object('treatment_id', t.id, 'due_on', t.due_on, 'reviewed_on', t.reviewed_on,
                                                       'review_months', t.review_months),
                          'policy', '{}'::jsonb) as why,
       case when k.kind = 'treatment' and t.state = 'implemented' then t.implemented_on end as fulfilled_on
from registers.treatments t
cross join (values ('treatment', '', 'リスク対応の実施期限', 'Implement the treatment', '6.1.3'),
                   ('treatment_review', ':review', '規程の見直し', 'Review the rule', '8.3')) k(kind, suffix, ja, en, clause)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id in (select (w ->> 'id')::uuid from jsonb_array_elements(:pack_items::jsonb) w)
union all
select t.client_id, 'task:' || t.id as source_key, 'task' as kind,
       case when :operation = 'deleteTask' or t.status = 'dropped' then null else t.due_on end as raw_on,
       'タスクの期限: ' || t.title as title_ja,
       'Task due: ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', '[]'::jsonb,
                          'inputs', jsonb_build_object('task_id', t.id, 'due_on', t.due_on),
                          'policy', '{}'::jsonb) as why,
       case when t.status = 'done' then t.done_on end as fulfilled_on
from registers.tasks t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id in (select (w ->> 'id')::uuid from jsonb_array_elements(:pack_items::jsonb) w)
union all
select o.client_id, 'objective:' || o.id as source_key, 'objective_measurement' as kind,
       case when :operation = 'deleteObjective' or o.status <> 'active' then null
            else coalesce((select max(m.measured_on) from registers.measurements m
                           where m.consultancy_id = o.consultancy_id and m.client_id = o.client_id and m.objective_id = o.id), o.starts_on)
                 + make_interval(months => o.frequency_months) end::date as raw_on,
       '情報セキュリティ目的の測定: ' || o.title as title_ja,
       'Measure the objective: ' || o.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '6.2', 'kind', 'HARD',
                              'source', 'ISO/IEC 27001 6.2, 9.1')),
                          'inputs', jsonb_build_object('objective_id', o.id, 'starts_on', o.starts_on, 'frequency_months',
                          o.frequency_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.objectives o
where o.consultancy_id = :consultancy and o.client_id = :client_id and o.id in (select (w ->> 'id')::uuid from jsonb_array_elements(:pack_items::jsonb) w)
union all
select l.client_id, 'legal_requirement:' || l.id as source_key, 'legal_review' as kind,
       case when :operation = 'deleteLegalRequirement' or l.status = 'ended' then null
            else (coalesce(l.reviewed_on, l.effective_on, (l.created_at at time zone 'Asia/Tokyo')::date)
                  + make_interval(months => l.review_months))::date end as raw_on,
       '法令・契約要求事項の見直し: ' || l.title as title_ja,
       'Review the legal requirement: ' || l.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '5.31', 'kind', 'HARD',
                              'source', 'ISO/IEC 27001 Annex A 5.31')),
                          'inputs', jsonb_build_object('legal_requirement_id', l.id, 'reviewed_on', l.reviewed_on, 'review_months',
                          l.review_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.legal_requirements l
where l.consultancy_id = :consultancy and l.client_id = :client_id and l.id in (select (w ->> 'id')::uuid from jsonb_array_elements(:pack_items::jsonb) w)
union all
select t.client_id, 'training:' || t.id as source_key, 'training' as kind,
       case when :operation = 'deleteTraining' or t.status = 'cancelled' then null else t.due_on end as raw_on,
       '教育・訓練の実施: ' || t.title as title_ja,
       'Hold the training: ' || t.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '7.2', 'kind', 'HARD', 'source', 'ISO/IEC 27001 7.2, 7.3')),
                          'inputs', jsonb_build_object('training_id', t.id, 'due_on', t.due_on),
                          'policy', '{}'::jsonb) as why,
       case when t.status = 'held' then t.held_on end as fulfilled_on
from registers.trainings t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id in (select (w ->> 'id')::uuid from jsonb_array_elements(:pack_items::jsonb) w)

-- A pack as it is now against what the client took of it and what became of that: by member, base is what was copied.
-- name: loadPackDifference
with present (id, content) as materialized (
    select t.id, jsonb_build_object('kind', t.kind, 'topic', t.topic, 'description', t.description, 'effect', t.effect, 'response',
           t.response, 'is_climate', t.is_climate) as content from registers.context_issues t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('kind', t.kind, 'name', t.name, 'description', t.description) as content from registers.interested_parties
           t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('name', t.name, 'kind', t.kind, 'group_name', t.group_name, 'description', t.description, 'location',
           t.location, 'confidentiality', t.confidentiality, 'integrity', t.integrity, 'availability', t.availability, 'quantity', t.quantity,
           'in_scope', t.in_scope, 'personal_data', t.personal_data, 'retention', t.retention, 'note', t.note) as content from
           registers.assets t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('title', t.title, 'description', t.description, 'threat', t.threat, 'vulnerability', t.vulnerability,
           'impact', t.impact, 'likelihood', t.likelihood, 'affects', t.affects, 'inherent_impact', t.inherent_impact, 'inherent_likelihood',
           t.inherent_likelihood, 'residual_impact', t.residual_impact, 'residual_likelihood', t.residual_likelihood, 'treatment_note',
           t.treatment_note, 'threat_code', t.threat_code) as content from registers.risks t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('title', t.title, 'text_ja', t.text_ja, 'text_en', t.text_en, 'option', t.option, 'state', t.state,
           'controls', t.controls, 'review_months', t.review_months, 'effort', t.effort) as content from registers.treatments t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('title', t.title, 'description', t.description, 'means', t.means, 'unit', t.unit, 'target', t.target,
           'direction', t.direction, 'frequency_months', t.frequency_months) as content from registers.objectives t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('kind', t.kind, 'title', t.title, 'source', t.source, 'counterparty', t.counterparty, 'summary',
           t.summary, 'how_met', t.how_met, 'review_months', t.review_months, 'status', t.status) as content from registers.legal_requirements
           t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('title', t.title, 'content', t.content, 'audience', t.audience, 'method', t.method) as content from
           registers.trainings t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('title', t.title, 'description', t.description) as content from registers.tasks t
    where t.consultancy_id = :consultancy and t.client_id = :client_id
    union all
    select t.id, jsonb_build_object('code', t.code, 'question_ja', t.question_ja, 'question_en', t.question_en) as content
    from registers.checklist_questions t
    where t.consultancy_id = :consultancy and t.client_id = :client_id),
items as materialized (
    select i.item ->> 'key' as key, i.item ->> 'kind' as kind, i.place, i.item,
           coalesce(i.item -> 'content', '{}') || coalesce(i.item -> l.locale, '{}') as content
    from registers.packs p
    join registers.pack_versions v on v.consultancy_id = p.consultancy_id and v.pack_id = p.id and v.no = p.no
    cross join lateral jsonb_array_elements(v.items) with ordinality as i (item, place)
    join tenants.clients l on l.consultancy_id = p.consultancy_id and l.id = :client_id
    where p.consultancy_id = :consultancy and p.id = :pack_id::uuid),
copies as materialized (
    select k.* from registers.pack_copies k
    where k.consultancy_id = :consultancy and k.client_id = :client_id and k.pack_id = :pack_id::uuid),
compared as materialized (
    select coalesce(i.key, k.key) as key, coalesce(i.kind, k.kind) as kind, i.place, k.object_id, i.content as pack, k.base, n.content as mine,
           case when k.id is null then 'new' when i.key is null then 'removed' when n.id is null then 'deleted_here'
                when exists (select from jsonb_each(i.content) m where k.base -> m.key is distinct from m.value) then 'changed' else 'same' end as state
    from items i
    full join copies k on k.key = i.key
    left join present n on n.id = k.object_id)
select p.id as pack_id, :client_id::uuid as client_id, p.no,
       (select min(k.no) from copies k) as taken_no,
       coalesce((select jsonb_object_agg(c.state, c.n) from (select c.state, count(*) as n from compared c group by 1) c), '{}') as counts,
       coalesce((select jsonb_agg(jsonb_build_object(
                     'key', c.key, 'kind', c.kind, 'state', c.state, 'object_id', c.object_id,
                     'label', coalesce(c.pack ->> 'name', c.pack ->> 'title', c.pack ->> 'topic', c.base ->> 'name', c.base ->> 'title', c.base ->> 'topic',
                                   c.pack ->> q.question, c.base ->> q.question, c.key),
                     'members', case when c.state in ('changed', 'same') then coalesce((
                         select jsonb_agg(jsonb_build_object(
                             'member', m.key, 'base', c.base -> m.key, 'pack', m.value, 'mine', c.mine -> m.key,
                             'pack_changed', c.base -> m.key is distinct from m.value,
                             'mine_changed', coalesce(c.base -> m.key, 'null') is distinct from coalesce(c.mine -> m.key, 'null')) order by m.key)
                         from jsonb_each(c.pack) m
                         where c.base -> m.key is distinct from m.value
                            or coalesce(c.base -> m.key, 'null') is distinct from coalesce(c.mine -> m.key, 'null')), '[]') else '[]' end)
                     order by c.place nulls last, c.key)
                 from compared c where c.state <> 'same' or :all::boolean), '[]') as items
from registers.packs p
join tenants.clients l on l.consultancy_id = p.consultancy_id and l.id = :client_id
cross join lateral (select 'question_' || l.locale as question) q
where p.consultancy_id = :consultancy and p.id = :pack_id::uuid

-- name: requirePackClient
select c.id, c.locale from tenants.clients c where c.consultancy_id = :consultancy and c.id = :client_id

-- name: takeContextIssues
-- event: context_issue.changed
update registers.context_issues t
set (kind, topic, description, effect, response, is_climate) =
    (select x.kind, x.topic, x.description, x.effect, x.response, x.is_climate
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'context_issue'
returning t.id, t.client_id, t.kind, t.topic, t.description, t.effect, t.response, t.is_climate, t.status, t.version, t.created_at,
          t.updated_at

-- name: takeInterestedPartys
-- event: interested_party.changed
update registers.interested_parties t
set (kind, name, description) =
    (select x.kind, x.name, x.description
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'interested_party'
returning t.id, t.client_id, t.kind, t.name, t.description, t.version, t.created_at, t.updated_at

-- name: takeAssets
-- event: asset.changed
update registers.assets t
set (name, kind, group_name, description, location, confidentiality, integrity, availability, quantity, in_scope, personal_data, retention,
     note) =
    (select x.name, x.kind, x.group_name, x.description, x.location, x.confidentiality, x.integrity, x.availability, x.quantity, x.in_scope,
            x.personal_data, x.retention, x.note
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'asset'
returning t.id, t.client_id, t.number, t.name, t.kind, t.description, t.owner_name, t.location, t.classification, t.classification_level,
          t.confidentiality, t.integrity, t.availability, t.quantity, t.in_scope, t.end_of_life, t.status, t.group_name, t.department_id,
          t.site_id, t.owner_person_id, t.custodian_name, t.personal_data, t.retention, t.note, t.version, t.created_at, t.updated_at

-- name: takeRisks
-- event: risk.changed
update registers.risks t
set (title, description, threat, vulnerability, impact, likelihood, affects, inherent_impact, inherent_likelihood, residual_impact,
     residual_likelihood, treatment_note, threat_code, impact_used, score, band, must_treat, inherent_score, residual_score, status,
     accepted_by, accepted_on, accept_reason, accept_until, accepted_score) =
    (select x.title, x.description, x.threat, x.vulnerability, x.impact, x.likelihood, x.affects, x.inherent_impact, x.inherent_likelihood,
            x.residual_impact, x.residual_likelihood, x.treatment_note, x.threat_code, x.impact_used, x.score, x.band, x.must_treat,
            x.inherent_score, x.residual_score, x.status, x.accepted_by, x.accepted_on, x.accept_reason, x.accept_until, x.accepted_score
     from registers.evaluated(jsonb_populate_record(t, registers.within_scale(w.changes, registers.criteria_of(:consultancy, :client_id::uuid))),
                         registers.criteria_of(:consultancy, :client_id::uuid)) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'risk'
returning t.id, t.client_id, t.number, t.asset_id, t.title, t.description, t.threat, t.vulnerability, t.impact, t.likelihood, t.affects,
          t.impact_used, t.score, t.band, t.must_treat, t.inherent_impact, t.inherent_likelihood, t.inherent_score, t.residual_impact,
          t.residual_likelihood, t.residual_score, t.owner_name, t.owner_person_id, t.status, t.review_on, t.accepted_by, t.accepted_on,
          t.accept_reason, t.accept_until, t.author_id, t.evaluated_by, t.treatment_note, t.threat_code, t.origin, t.catalogue_version,
          t.version, t.created_at, t.updated_at

-- name: takeTreatments
-- event: treatment.changed
update registers.treatments t
set (title, text_ja, text_en, option, state, controls, review_months, effort) =
    (select x.title, x.text_ja, x.text_en, x.option, x.state, x.controls, x.review_months, x.effort
     from jsonb_populate_record(t, w.changes) x),
    revision = t.revision + 1, approved_by = null, approved_on = null,
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'treatment'
returning t.id, t.client_id, t.number, t.title, t.text_ja, t.text_en, t.option, t.state, t.controls, t.department_id, t.owner_person_id,
          t.due_on, t.implemented_on, t.effective_on, t.review_months, t.reviewed_on, t.effort, t.origin, t.revision, t.author_id,
          t.approved_by, t.approved_on, t.approved, t.version, t.created_at, t.updated_at

-- name: takeObjectives
-- event: objective.changed
update registers.objectives t
set (title, description, means, unit, target, direction, frequency_months) =
    (select x.title, x.description, x.means, x.unit, x.target, x.direction, x.frequency_months
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'objective'
returning t.id, t.client_id, t.title, t.description, t.department_id, t.owner_person_id, t.means, t.unit, t.target, t.direction,
          t.frequency_months, t.starts_on, t.due_on, t.status, t.version, t.created_at, t.updated_at

-- name: takeLegalRequirements
-- event: legal_requirement.changed
update registers.legal_requirements t
set (kind, title, source, counterparty, summary, how_met, review_months, status) =
    (select x.kind, x.title, x.source, x.counterparty, x.summary, x.how_met, x.review_months, x.status
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'legal_requirement'
returning t.id, t.client_id, t.kind, t.title, t.source, t.counterparty, t.summary, t.how_met, t.department_id, t.owner_person_id,
          t.effective_on, t.review_months, t.reviewed_on, t.status, t.version, t.created_at, t.updated_at

-- name: takeTrainings
-- event: training.changed
update registers.trainings t
set (title, content, audience, method) =
    (select x.title, x.content, x.audience, x.method
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'training'
returning t.id, t.client_id, t.title, t.content, t.audience, t.method, t.trainer, t.due_on, t.held_on, t.status, t.effectiveness, t.version,
          t.created_at, t.updated_at

-- name: takeTasks
-- event: task.changed
update registers.tasks t
set (title, description) =
    (select x.title, x.description
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'task'
returning t.id, t.client_id, t.title, t.description, t.owner_person_id, t.owner_member_id, t.due_on, t.status, t.done_on, t.done_note,
          t.version, t.created_at, t.updated_at

-- name: takeChecklistQuestions
-- event: checklist_question.changed
update registers.checklist_questions t
set (code, question_ja, question_en) =
    (select x.code, x.question_ja, x.question_en
     from jsonb_populate_record(t, w.changes) x),
    version = t.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid, changes jsonb)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id and w.kind = 'checklist_question'
returning t.id, t.client_id, t.code, t.question_ja, t.question_en, t.version, t.created_at, t.updated_at

-- name: keepTakenRevisions
-- no-event: the treatments' own events tell
insert into registers.treatment_revisions (consultancy_id, id, client_id, treatment_id, revision, title, text_ja, text_en, option,
                                           effective_on, author_id, created_at, updated_at)
select t.consultancy_id, gen_random_uuid(), t.client_id, t.id, t.revision, t.title, t.text_ja, t.text_en, t.option, t.effective_on,
       t.author_id, :now, :now
from jsonb_to_recordset(:taken::jsonb) as w (kind text, id uuid)
join registers.treatments t on t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = w.id
where w.kind = 'treatment'
returning id

-- What was taken, or kept on purpose, is the base from now on.
-- name: renewBases
-- no-event: told by the things themselves
update registers.pack_copies k
set base = k.base || w.base, no = :pack_no::int, version = k.version + 1, updated_at = :now
from jsonb_to_recordset(:taken::jsonb) as w (key text, base jsonb)
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.pack_id = :pack_id::uuid and k.key = w.key
returning k.id
