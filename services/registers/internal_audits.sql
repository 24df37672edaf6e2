-- name: listAuditProgrammes
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: year p.year int
select p.id, p.client_id, p.year, p.title, p.is_first_year, p.objective, p.version, p.created_at, p.updated_at{key}
from registers.audit_programmes p
where p.consultancy_id = :consultancy and p.client_id = :client_id
{page}

-- name: createAuditProgramme
-- event: audit_programme.created
insert into registers.audit_programmes (consultancy_id, id, client_id, year, title, is_first_year, objective, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :year::int, :title, coalesce(:is_first_year::boolean, false), :objective, :now, :now)
returning id, client_id, year, title, is_first_year, objective, version, created_at, updated_at

-- name: getAuditProgramme
select p.id, p.client_id, p.year, p.title, p.is_first_year, p.objective, p.version, p.created_at, p.updated_at
from registers.audit_programmes p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :audit_programme_id

-- name: updateAuditProgramme
-- event: audit_programme.changed
update registers.audit_programmes p
set (year, title, is_first_year, objective) =
    (select n.year, n.title, n.is_first_year, n.objective
     from jsonb_populate_record(p, :body::jsonb) n),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :audit_programme_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, year, title, is_first_year, objective, version, created_at, updated_at

-- name: deleteAuditProgramme
-- event: audit_programme.deleted
delete from registers.audit_programmes p
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :audit_programme_id
  and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, year, title, is_first_year, objective, version + 1 as version, created_at, updated_at

-- What the year is to cover: everything in the first year; else what changed since the audits of the programme before, what had findings, and what
-- was not audited in the two years before. `planned` = an audit of the programme covers it.
-- name: getAuditProgrammeProposal
select p.id, p.client_id, p.year, p.is_first_year, count(*) filter (where w.reason is not null)::int as proposed,
       count(*) filter (where w.reason is not null and w.planned)::int as planned,
       coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'catalogue', w.catalogue, 'reason', w.reason, 'planned', w.planned)
                          order by w.catalogue desc, w.position) filter (where w.reason is not null), '[]') as items
from registers.audit_programmes p
join lateral (
    select r.code, r.catalogue, r.position,
           case when p.is_first_year then 'first_year'
                when exists (select from registers.checklist_items k
                             join registers.internal_audits a on a.consultancy_id = k.consultancy_id and a.client_id = k.client_id
                                                             and a.id = k.internal_audit_id
                             where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id and k.code = r.code
                               and k.answer in ('major', 'minor') and extract(year from a.last_day) between p.year - 1 and p.year - 1)
                then 'finding'
                when extract(year from r.updated_at at time zone 'Asia/Tokyo') >= p.year - 1 then 'changed'
                when not exists (select from registers.checklist_items k
                                 join registers.internal_audits a on a.consultancy_id = k.consultancy_id and a.client_id = k.client_id
                                                                 and a.id = k.internal_audit_id
                                 where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id and k.code = r.code
                                   and k.answer is not null and extract(year from a.last_day) between p.year - 2 and p.year - 1)
                then 'three_years' end as reason,
           exists (select from registers.internal_audits a
                   where a.consultancy_id = r.consultancy_id and a.client_id = r.client_id and a.audit_programme_id = p.id
                     and (a.criteria = '[]' or a.criteria ? r.code)) as planned
    from registers.client_requirements r
    where r.consultancy_id = p.consultancy_id and r.client_id = p.client_id and r.applicable) w on true
where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = :audit_programme_id::uuid
group by p.consultancy_id, p.id, p.client_id, p.year, p.is_first_year

-- name: listInternalAudits
-- key: a.id
-- sort: created_at a.created_at timestamptz
-- sort: first_day a.first_day date
select a.id, a.client_id, a.number, a.audit_programme_id, a.title, a.objective, a.first_day, a.last_day, a.departments, a.criteria,
       a.state, a.conclusion, a.reported_on, a.version, a.created_at, a.updated_at{key}
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:audit_programme_id::uuid is null or a.audit_programme_id = :audit_programme_id::uuid)
  and (:state::text is null or a.state = :state)
{page}

-- name: insertInternalAudit
-- event: internal_audit.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'internal_audit', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.internal_audits (consultancy_id, id, client_id, number, audit_programme_id, title, objective, first_day, last_day,
                                       departments, criteria, state, conclusion, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'IA-' || lpad(n.value, greatest(4, length(n.value)), '0'), :audit_programme_id::uuid, :title,
       :objective, :first_day::date, :last_day::date,
        coalesce(:departments::jsonb, '[]'), coalesce(:criteria::jsonb, '[]'), coalesce(:state, 'planned'), :conclusion, :now, :now
from counted n
returning id, client_id, number, audit_programme_id, title, objective, first_day, last_day, departments, criteria, state, conclusion,
          reported_on, version, created_at, updated_at

-- name: getInternalAudit
select a.id, a.client_id, a.number, a.audit_programme_id, a.title, a.objective, a.first_day, a.last_day, a.departments, a.criteria,
       a.state, a.conclusion, a.reported_on, a.version, a.created_at, a.updated_at
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid

-- name: changeInternalAudit
-- event: internal_audit.changed
update registers.internal_audits a
set (audit_programme_id, title, objective, first_day, last_day, departments, criteria, state, conclusion) =
    (select n.audit_programme_id, n.title, n.objective, n.first_day, n.last_day, n.departments, n.criteria, n.state, n.conclusion
     from jsonb_populate_record(a, :body::jsonb) n),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, audit_programme_id, title, objective, first_day, last_day, departments, criteria, state, conclusion,
          reported_on, version, created_at, updated_at

-- name: removeInternalAudit
-- event: internal_audit.deleted
delete from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, audit_programme_id, title, objective, first_day, last_day, departments, criteria, state, conclusion,
          reported_on, version + 1 as version, created_at, updated_at

-- Departments and codes that do not exist, days in the wrong order, and steps that something still keeps from being taken.
-- name: internalAuditProblems
with n as materialized (
    select a.id as known, coalesce(a.state, 'planned') as before, coalesce(n.state, 'planned') as state, n.first_day, n.last_day,
           n.conclusion,
           coalesce(n.departments, '[]') as departments, coalesce(n.criteria, '[]') as criteria
    from (values (1)) one(row)
    left join registers.internal_audits a on a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid
    cross join lateral jsonb_populate_record(a, :body::jsonb) n
    where a.id is not null or :operation = 'createInternalAudit')
select p.pointer, p.code, p.limit, p.en as detail_en, p.ja as detail_ja
from n
cross join lateral (
    select '/last_day' as pointer, 'before_start' as code, n.first_day::text as limit, null as en, null as ja where n.last_day < n.first_day
    union all
    select '/departments/' || (d.no - 1), 'not_found_reference', null, null, null
    from jsonb_array_elements_text(n.departments) with ordinality d(id, no)
    where not exists (select from tenants.departments t where t.consultancy_id = :consultancy and t.client_id = :client_id and t.id = d.id::uuid)
    union all
    select '/criteria/' || (c.no - 1), 'not_found_reference', null, null, null
    from jsonb_array_elements_text(n.criteria) with ordinality c(code, no)
    where not exists (select from registers.client_requirements r
                      where r.consultancy_id = :consultancy and r.client_id = :client_id and r.code = c.code)
    union all
    select null, null, null, 'From ' || n.before || ' the next step is ' || t.step || '.', n.before || ' の次の状態は ' || t.step || ' です。'
    from (values ('planned', 'prepared'), ('prepared', 'performed'), ('performed', 'reported'), ('reported', 'closed'), ('closed', 'none'))
         t(state, step)
    where t.state = n.before and n.state <> n.before and n.state <> t.step
    union all
    select null, null, null, 'No auditor is named.', '監査員が指名されていません。'
    where n.state = 'prepared' and n.before = 'planned'
      and not exists (select from registers.internal_auditors u
                      where u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = n.known)
    union all
    select null, null, null, 'The checklist is empty. Generate it first.', 'チェックリストがありません。先に作成してください。'
    where n.state = 'prepared' and n.before = 'planned'
      and not exists (select from registers.checklist_items k
                      where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = n.known)
    union all
    select null, null, null, count(*) || ' questions have no answer yet.', '未回答の質問が ' || count(*) || ' 件あります。'
    from registers.checklist_items k
    where n.state = 'performed' and n.before = 'prepared' and k.consultancy_id = :consultancy and k.client_id = :client_id
      and k.internal_audit_id = n.known and k.answer is null
    having count(*) > 0
    union all
    select null, null, null, 'Say the conclusion for top management.', 'トップマネジメントへの結論を記入してください。'
    where n.state = 'reported' and n.before = 'performed' and n.conclusion is null
    union all
    select null, null, null, 'Corrective actions are not verified: ' || string_agg(a.number, ', ' order by a.number) || '.',
           '有効性が確認されていない是正処置があります: ' || string_agg(a.number, ', ' order by a.number)
    from registers.corrective_actions a
    join registers.checklist_items k on k.consultancy_id = a.consultancy_id and k.client_id = a.client_id and k.id = a.checklist_item_id
    where n.state = 'closed' and n.before = 'reported' and a.consultancy_id = :consultancy and a.client_id = :client_id
      and k.internal_audit_id = n.known and a.verified_on is null
    having count(*) > 0
    union all
    select null, null, null, c.en, c.ja
    from registers.auditor_conflicts(:client_id::uuid, n.departments, n.criteria) c
    join registers.internal_auditors u on u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = n.known
                                      and (u.person_id = c.person_id or u.member_id = c.member_id)
    where n.state in ('planned', 'prepared')) p

-- name: noteReported
-- no-event: the audit's own event tells
update registers.internal_audits a
set reported_on = coalesce(a.reported_on, :today::date)
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid and a.state in ('reported', 'closed')
returning a.id

-- The fact of the certification: the audit, or all audits of its programme, are reported.
-- name: noteInternalAudit
-- event: certification.changed
update scheduling.certifications c
set internal_audit_done_on = greatest(c.internal_audit_done_on, a.last_day), plan_stale = true, version = c.version + 1, updated_at = :now
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid and a.state = 'reported'
  and not exists (select from registers.internal_audits o
                  where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id and o.audit_programme_id = a.audit_programme_id
                    and o.state not in ('reported', 'closed'))
  and c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.state not in ('expired', 'withdrawn')
  and c.internal_audit_done_on is distinct from greatest(c.internal_audit_done_on, a.last_day)
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- name: internalAuditDeadlines
select a.client_id, 'internal_audit:' || a.id as source_key, 'internal_audit_planned' as kind,
       case when :operation <> 'deleteInternalAudit' then a.last_day end as raw_on,
       '内部監査の実施: ' || a.number || ' ' || a.title as title_ja, 'Hold the internal audit: ' || a.number || ' ' || a.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', 'SUR-08', 'kind', 'HARD', 'source', 'ISO/IEC 27001 9.2')),
                          'inputs', jsonb_build_object('internal_audit_id', a.id, 'last_day', a.last_day), 'policy', '{}'::jsonb) as why,
       case when a.state in ('performed', 'reported', 'closed') then a.last_day end as fulfilled_on
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid

-- name: getInternalAuditReport
select a.id, a.client_id, a.number, a.title, a.first_day, a.last_day, a.state, a.conclusion, a.reported_on,
       (select count(*)::int from registers.checklist_items k where k.consultancy_id = a.consultancy_id and k.client_id = a.client_id
          and k.internal_audit_id = a.id) as questions,
       (select coalesce(jsonb_object_agg(k.answer, k.n), '{}') from (
            select coalesce(k.answer, 'open') as answer, count(*)::int as n from registers.checklist_items k
            where k.consultancy_id = a.consultancy_id and k.client_id = a.client_id and k.internal_audit_id = a.id group by 1) k) as answers,
       (select coalesce(jsonb_agg(jsonb_build_object('name', coalesce(p.name, m.name), 'is_lead', u.is_lead) order by u.is_lead desc,
               u.created_at), '[]')
        from registers.internal_auditors u
        left join tenants.people p on p.consultancy_id = u.consultancy_id and p.client_id = u.client_id and p.id = u.person_id
        left join tenants.members m on m.consultancy_id = u.consultancy_id and m.id = u.member_id
        where u.consultancy_id = a.consultancy_id and u.client_id = a.client_id and u.internal_audit_id = a.id) as auditors,
       (select coalesce(jsonb_agg(d.name order by d.name), '[]') from tenants.departments d
        where d.consultancy_id = a.consultancy_id and d.client_id = a.client_id and a.departments ? d.id::text) as departments,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'checklist_item_id', k.id, 'code', k.code, 'answer', k.answer, 'note', k.note, 'seen', k.seen, 'department', d.name,
            'action', c.number, 'action_state', c.state, 'due_on', c.due_on) order by k.answer, k.position), '[]')
        from registers.checklist_items k
        left join tenants.departments d on d.consultancy_id = k.consultancy_id and d.client_id = k.client_id and d.id = k.department_id
        left join registers.corrective_actions c on c.consultancy_id = k.consultancy_id and c.client_id = k.client_id and c.checklist_item_id = k.id
        where k.consultancy_id = a.consultancy_id and k.client_id = a.client_id and k.internal_audit_id = a.id
          and k.answer in ('major', 'minor', 'observation', 'opportunity')) as findings
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid

-- name: listInternalAuditors
-- key: u.id
-- sort: created_at u.created_at timestamptz
select u.id, u.client_id, u.internal_audit_id, u.person_id, u.member_id, u.is_lead, u.version, u.created_at, u.updated_at{key}
from registers.internal_auditors u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = :internal_audit_id::uuid
{page}

-- name: insertInternalAuditor
-- event: internal_auditor.created
insert into registers.internal_auditors (consultancy_id, id, client_id, internal_audit_id, person_id, member_id, is_lead, created_at,
                                         updated_at)
values (:consultancy, :new_id, :client_id, :internal_audit_id::uuid, :person_id::uuid, :member_id::uuid,
        coalesce(:is_lead::boolean, false), :now, :now)
returning id, client_id, internal_audit_id, person_id, member_id, is_lead, version, created_at, updated_at

-- name: getInternalAuditor
select u.id, u.client_id, u.internal_audit_id, u.person_id, u.member_id, u.is_lead, u.version, u.created_at, u.updated_at
from registers.internal_auditors u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = :internal_audit_id::uuid and u.id = :internal_auditor_id

-- name: updateInternalAuditor
-- event: internal_auditor.changed
update registers.internal_auditors u
set (is_lead) =
    (select n.is_lead
     from jsonb_populate_record(u, :body::jsonb) n),
    version = u.version + 1, updated_at = :now
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = :internal_audit_id::uuid and u.id = :internal_auditor_id
  and (:if_match::int is null or u.version = :if_match::int)
returning id, client_id, internal_audit_id, person_id, member_id, is_lead, version, created_at, updated_at

-- name: deleteInternalAuditor
-- event: internal_auditor.deleted
delete from registers.internal_auditors u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.internal_audit_id = :internal_audit_id::uuid and u.id = :internal_auditor_id
  and (:if_match::int is null or u.version = :if_match::int)
returning id, client_id, internal_audit_id, person_id, member_id, is_lead, version + 1 as version, created_at, updated_at

-- name: createInternalAuditorProblems
select case when c.en is null then '/person_id' end as pointer, case when c.en is null then 'required' end as code, null as limit,
       c.en as detail_en, c.ja as detail_ja
from (select null as en, null as ja where num_nonnulls(:person_id::uuid, :member_id::uuid) <> 1
      union all
      select c.en, c.ja
      from registers.internal_audits a
      cross join lateral registers.auditor_conflicts(:client_id::uuid, a.departments, a.criteria) c
      where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid
        and (c.person_id = :person_id::uuid or c.member_id = :member_id::uuid)) c

-- name: listChecklistItems
-- key: k.id
-- sort: position k.position int
select k.id, k.client_id, k.internal_audit_id, k.position, k.code, k.department_id, k.treatment_id, k.question_ja, k.question_en, k.answer,
       k.seen, k.note, k.version, k.created_at, k.updated_at{key}
from registers.checklist_items k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = :internal_audit_id::uuid
  and (:answer::text is null or k.answer = :answer)
  and (:department_id::uuid is null or k.department_id = :department_id::uuid)
  and (:code::text is null or k.code = :code)
{page}

-- name: createChecklistItem
-- event: checklist_item.created
insert into registers.checklist_items (consultancy_id, id, client_id, internal_audit_id, position, code, department_id, treatment_id,
                                       question_ja, question_en, answer, seen, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :internal_audit_id::uuid, coalesce(:position::int, 1000), :code, :department_id::uuid,
        :treatment_id::uuid, :question_ja, :question_en, :answer, :seen, :note, :now, :now)
returning id, client_id, internal_audit_id, position, code, department_id, treatment_id, question_ja, question_en, answer, seen, note,
          version, created_at, updated_at

-- name: getChecklistItem
select k.id, k.client_id, k.internal_audit_id, k.position, k.code, k.department_id, k.treatment_id, k.question_ja, k.question_en, k.answer,
       k.seen, k.note, k.version, k.created_at, k.updated_at
from registers.checklist_items k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = :internal_audit_id::uuid and k.id = :checklist_item_id

-- name: updateChecklistItem
-- event: checklist_item.changed
update registers.checklist_items k
set (position, code, department_id, treatment_id, question_ja, question_en, answer, seen, note) =
    (select n.position, n.code, n.department_id, n.treatment_id, n.question_ja, n.question_en, n.answer, n.seen, n.note
     from jsonb_populate_record(k, :body::jsonb) n),
    version = k.version + 1, updated_at = :now
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = :internal_audit_id::uuid and k.id = :checklist_item_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, internal_audit_id, position, code, department_id, treatment_id, question_ja, question_en, answer, seen, note,
          version, created_at, updated_at

-- name: deleteChecklistItem
-- event: checklist_item.deleted
delete from registers.checklist_items k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = :internal_audit_id::uuid and k.id = :checklist_item_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, internal_audit_id, position, code, department_id, treatment_id, question_ja, question_en, answer, seen, note,
          version + 1 as version, created_at, updated_at

-- Questions of the catalogue for every code that is audited, and one for every rule in force that names such a code; what is there already stays.
-- name: generateChecklistItems
-- event: checklist_item.created
insert into registers.checklist_items (consultancy_id, id, client_id, internal_audit_id, position, code, treatment_id, question_ja,
                                       question_en, created_at, updated_at)
select a.consultancy_id, gen_random_uuid(), a.client_id, a.id, q.position, q.code, q.treatment_id, q.ja, q.en, :now, :now
from registers.internal_audits a
cross join lateral (
    select (case r.catalogue when 'requirements' then 0 else 20000 end + r.position * 10 + w.no)::int as position, r.code,
           null::uuid as treatment_id, w.question->>'ja' as ja, w.question->>'en' as en
    from registers.client_requirements r
    join registers.catalogue_entries e on e.id = r.id
    cross join lateral jsonb_array_elements(case when jsonb_typeof(e.details->'questions') = 'array' then e.details->'questions'
                                                 else jsonb_build_array(jsonb_build_object(
                                                     'ja', coalesce(e.details->>'question_ja', e.title_ja || 'はどのように実施していますか。'),
                                                     'en', coalesce(e.details->>'question_en',
                                                     'How is this done: ' || e.title_en || '?'))) end)
               with ordinality w(question, no)
    where r.consultancy_id = a.consultancy_id and r.client_id = a.client_id and r.applicable
      and (a.criteria = '[]' or a.criteria ? r.code)
    union all
    select 60000 + row_number() over (order by c.created_at, c.id)::int, c.code, null::uuid, c.question_ja, c.question_en
    from registers.checklist_questions c
    where c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and (c.code is null or a.criteria = '[]' or a.criteria ? c.code)
    union all
    select 50000, t.code, t.id, '規程 ' || t.number || '「' || t.title || '」は守られていますか。何で確かめられますか。',
           'Is rule ' || t.number || ' "' || t.title || '" kept, and what shows it?'
    from (select x.id, x.number, x.title, x.department_id, (select min(k) from jsonb_array_elements_text(x.controls) k
                                                            where a.criteria = '[]' or a.criteria ? k) as code, x.controls
          from registers.treatments x
          where x.consultancy_id = a.consultancy_id and x.client_id = a.client_id and x.state = 'implemented') t
    where (a.criteria = '[]' or t.code is not null)
      and (a.departments = '[]' or t.department_id is null or a.departments ? t.department_id::text)) q
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid
  and not exists (select from registers.checklist_items o
                  where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id and o.internal_audit_id = a.id
                    and o.question_ja = q.ja and o.code is not distinct from q.code)
returning id, client_id, internal_audit_id, position, code, department_id, treatment_id, question_ja, question_en, answer, seen, note,
          version, created_at, updated_at

-- name: generateChecklistProblems
select null as pointer, null as code, null as limit,
       'The audit is ' || a.state || '; its checklist is made before it is performed.' as detail_en,
       '監査は ' || a.state || ' の状態です。チェックリストは実施前に作成します。' as detail_ja
from registers.internal_audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :internal_audit_id::uuid and a.state not in ('planned',
'prepared')

-- One corrective action for each nonconformity that has none.
-- name: raiseCorrectiveActions
-- event: corrective_action.created
with open as materialized (
    select k.*, row_number() over (order by k.position, k.id) as rank, count(*) over () as total
    from registers.checklist_items k
    where k.consultancy_id = :consultancy and k.client_id = :client_id and k.internal_audit_id = :internal_audit_id::uuid
      and k.answer in ('major', 'minor')
      and not exists (select from registers.corrective_actions c
                      where c.consultancy_id = k.consultancy_id and c.client_id = k.client_id and c.checklist_item_id = k.id)),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'corrective_action', o.total from open o where o.rank = 1
    on conflict (consultancy_id, client_id, name) do update set value = c.value + excluded.value
    returning c.value)
insert into registers.corrective_actions (consultancy_id, id, client_id, number, source_kind, checklist_item_id, grade, title, statement,
                                          department_id, created_at, updated_at)
select o.consultancy_id, gen_random_uuid(), o.client_id,
       'CA-' || lpad((c.value - o.total + o.rank)::text, greatest(4, length((c.value - o.total + o.rank)::text)), '0'), 'internal_audit',
       o.id,
       o.answer, left(coalesce(o.note, o.question_ja), 200), o.note, o.department_id, :now, :now
from open o
cross join counted c
returning id, client_id, number, source_kind, finding_id, checklist_item_id, incident_id, grade, title, statement, department_id,
          correction, corrected_on,
          cause, similar_cases, action, owner_person_id, due_on, done_on, done_note, verified_on, verified_by_person_id, effective,
          effectiveness_note, closed_on, state, version, created_at, updated_at

