-- name: listTreatments
-- key: t.id
-- sort: created_at t.created_at timestamptz
-- sort: due_on coalesce(t.due_on, 'infinity') date
-- sort: number lower(t.number) text
-- sort: title lower(t.title) text
select t.id, t.client_id, t.number, t.title, t.text_ja, t.text_en, t.option, t.state, t.controls, t.department_id, t.owner_person_id,
       t.due_on, t.implemented_on, t.effective_on, t.review_months, t.reviewed_on, t.effort, t.origin, t.revision, t.author_id,
       t.approved_by, t.approved_on, t.approved, t.version, t.created_at, t.updated_at{key}
from registers.treatments t
where t.consultancy_id = :consultancy and t.client_id = :client_id
  and (:option::text is null or t.option = :option)
  and (:state::text is null or t.state = :state)
  and (:owner_person_id::uuid is null or t.owner_person_id = :owner_person_id::uuid)
  and (:control::text is null or t.controls ? :control)
  and (:risk_id::uuid is null or exists (select from registers.treatment_risks k
                                         where k.consultancy_id = t.consultancy_id and k.client_id = t.client_id and k.treatment_id = t.id
                                           and k.risk_id = :risk_id::uuid))
  and (:approved::boolean is null or t.approved = :approved::boolean)
{page}

-- name: insertTreatment
-- event: treatment.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'treatment', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.treatments (consultancy_id, id, client_id, number, title, text_ja, text_en, option, state, controls, department_id,
                                  owner_person_id, due_on, implemented_on, effective_on, review_months, reviewed_on, effort, origin,
                                  revision, author_id, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'T-' || lpad(n.value, greatest(4, length(n.value)), '0'), :title, :text_ja, :text_en,
       coalesce(:option, 'mitigate'), coalesce(:state, 'planned'), coalesce(:controls::jsonb, '[]'), :department_id::uuid,
       :owner_person_id::uuid, :due_on::date, coalesce(:implemented_on::date, case when :state = 'implemented' then :today::date end),
       :effective_on::date, :review_months::int, :reviewed_on::date, :effort, :origin, 1, :member::uuid, :now, :now
from counted n
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved, version,
          created_at, updated_at

-- name: getTreatment
select t.id, t.client_id, t.number, t.title, t.text_ja, t.text_en, t.option, t.state, t.controls, t.department_id, t.owner_person_id,
       t.due_on, t.implemented_on, t.effective_on, t.review_months, t.reviewed_on, t.effort, t.origin, t.revision, t.author_id,
       t.approved_by, t.approved_on, t.approved, t.version, t.created_at, t.updated_at
from registers.treatments t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid

-- name: changeTreatment
-- event: treatment.changed
update registers.treatments t
set (title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on, effective_on, review_months,
     reviewed_on, effort, origin, revision, author_id, approved_by, approved_on) =
    (select n.title, n.text_ja, n.text_en, n.option, n.state, n.controls, n.department_id, n.owner_person_id, n.due_on,
            case when n.state = 'implemented' then coalesce(n.implemented_on, :today::date) else n.implemented_on end, n.effective_on,
            n.review_months, n.reviewed_on, n.effort, n.origin, t.revision + w.new::int,
            case when w.new then :member::uuid else t.author_id end,
            case when w.new then null else t.approved_by end, case when w.new then null else t.approved_on end
     from jsonb_populate_record(t, :body::jsonb) n
     cross join lateral (select (n.title, n.text_ja, n.text_en, n.option) is distinct from (t.title, t.text_ja, t.text_en,
     t.option)) w(new)),
    version = t.version + 1, updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved, version,
          created_at, updated_at

-- name: removeTreatment
-- event: treatment.deleted
delete from registers.treatments t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid
  and (:if_match::int is null or t.version = :if_match::int)
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved,
          version + 1 as version, created_at, updated_at

-- What a treatment lacks: one that is still to be implemented has an owner and a day, one in force has a text.
-- name: treatmentProblems
select w.pointer, w.code, null as limit, null as detail_en, null as detail_ja
from (select coalesce(n.state, 'planned') as state, coalesce(n.option, 'mitigate') as option, n.owner_person_id, n.due_on, n.text_ja,
n.text_en
      from (values (1)) one(row)
      left join registers.treatments t on t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid
      cross join lateral jsonb_populate_record(t, :body::jsonb) n
      where t.id is not null or :operation = 'createTreatment') n
cross join lateral (values
    ('/owner_person_id', 'required', n.state in ('planned', 'in_progress') and n.option <> 'accept' and n.owner_person_id is null),
    ('/due_on', 'required', n.state in ('planned', 'in_progress') and n.option <> 'accept' and n.due_on is null),
    ('/text_ja', 'required', n.state = 'implemented' and n.text_ja is null and n.text_en is null)) w(pointer, code, wrong)
where w.wrong

-- name: approveTreatmentProblems
select null as pointer, null as code, null as limit, p.en as detail_en, p.ja as detail_ja
from registers.treatments t
cross join lateral (values
    (t.approved_on is not null, 'This revision is approved already.', 'この版はすでに承認されています。'),
    (t.author_id = :member::uuid, 'Who wrote a treatment can not approve it. Ask another person.', '作成した本人は承認できません。別の人が承認してください。'),
    (t.text_ja is null and t.text_en is null, 'There is no text to approve. Write the rule first.',
    '承認する本文がありません。先に規程の文を書いてください。')) p(wrong, en, ja)
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid and p.wrong

-- name: approveTreatmentRevision
-- event: treatment.approved
update registers.treatments t
set approved_by = :member::uuid, approved_on = :today::date, effective_on = coalesce(t.effective_on, :today::date), version = t.version + 1,
    updated_at = :now
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid
returning id, client_id, number, title, text_ja, text_en, option, state, controls, department_id, owner_person_id, due_on, implemented_on,
          effective_on, review_months, reviewed_on, effort, origin, revision, author_id, approved_by, approved_on, approved, version,
          created_at, updated_at

-- name: keepTreatmentRevision
-- no-event: the treatment's own event tells
insert into registers.treatment_revisions as r (consultancy_id, id, client_id, treatment_id, revision, title, text_ja, text_en, option,
                                                effective_on, author_id, approved_by, approved_on, created_at, updated_at)
select t.consultancy_id, gen_random_uuid(), t.client_id, t.id, t.revision, t.title, t.text_ja, t.text_en, t.option, t.effective_on,
       t.author_id, t.approved_by, t.approved_on, :now, :now
from registers.treatments t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid
on conflict (consultancy_id, client_id, treatment_id, revision) do update
set effective_on = excluded.effective_on, approved_by = excluded.approved_by, approved_on = excluded.approved_on,
    version = r.version + 1, updated_at = excluded.updated_at
returning id

-- name: dropTreatmentRevisions
-- no-event: the treatment's own event tells
delete from registers.treatment_revisions r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.treatment_id = :treatment_id::uuid
returning id

-- name: listTreatmentRevisions
-- key: r.id
-- sort: revision r.revision int
select r.id, r.revision, r.title, r.text_ja, r.text_en, r.option, r.effective_on, r.author_id, r.approved_by, r.approved_on,
       r.created_at{key}
from registers.treatment_revisions r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.treatment_id = :treatment_id::uuid
{page}

-- name: treatmentDeadlines
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
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = :treatment_id::uuid

-- name: listTreatmentRisks
-- key: k.id
-- sort: created_at k.created_at timestamptz
select k.id, k.client_id, k.treatment_id, k.risk_id, k.note, k.version, k.created_at, k.updated_at{key}
from registers.treatment_risks k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.treatment_id = :treatment_id::uuid
{page}

-- name: createTreatmentRisk
-- event: treatment_risk.created
insert into registers.treatment_risks (consultancy_id, id, client_id, treatment_id, risk_id, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :treatment_id::uuid, :risk_id::uuid, :note, :now, :now)
returning id, client_id, treatment_id, risk_id, note, version, created_at, updated_at

-- name: getTreatmentRisk
select k.id, k.client_id, k.treatment_id, k.risk_id, k.note, k.version, k.created_at, k.updated_at
from registers.treatment_risks k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.treatment_id = :treatment_id::uuid and k.id = :treatment_risk_id

-- name: updateTreatmentRisk
-- event: treatment_risk.changed
update registers.treatment_risks k
set (note) =
    (select n.note
     from jsonb_populate_record(k, :body::jsonb) n),
    version = k.version + 1, updated_at = :now
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.treatment_id = :treatment_id::uuid and k.id = :treatment_risk_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, treatment_id, risk_id, note, version, created_at, updated_at

-- name: deleteTreatmentRisk
-- event: treatment_risk.deleted
delete from registers.treatment_risks k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.treatment_id = :treatment_id::uuid and k.id = :treatment_risk_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, treatment_id, risk_id, note, version + 1 as version, created_at, updated_at
