-- How each requirement and control is met. Rows exist only where something was decided; version 0 says that nothing was.

-- name: listRequirements
-- key: r.id
-- sort: position (case r.catalogue when 'requirements' then 0 else 10000000 end + r.position) int
-- sort: state r.state text
select r.id, r.catalogue, r.code, r.clause, r.theme, r.origin, r.title_ja, r.title_en, r.text_ja, r.text_en, r.applicable, r.justification,
       r.state, r.maturity, r.statement, r.owner_person_id, r.reviewed_on, r.treatments, r.implemented, r.evidence, r.covered, r.conflict,
       r.version{key}
from registers.client_requirements r
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:catalogue::text is null or r.catalogue = :catalogue)
  and (:clause::text is null or r.clause = :clause or starts_with(r.clause, :clause || '.'))
  and (:theme::text is null or r.theme = :theme)
  and (:applicable::boolean is null or r.applicable = :applicable)
  and (:state::text is null or r.state = :state)
  and (:covered::boolean is null or r.covered = :covered)
  and (:reviewed_before::date is null or r.reviewed_on is null or r.reviewed_on < :reviewed_before::date)
  and (:q::text is null or strpos(lower(concat_ws(' ', r.code, r.title_ja, r.title_en, r.text_ja, r.text_en)), lower(:q)) > 0)
{page}

-- name: getRequirement
select r.id, r.catalogue, r.code, r.clause, r.theme, r.origin, r.title_ja, r.title_en, r.text_ja, r.text_en, r.applicable, r.justification,
       r.state, r.maturity, r.statement, r.owner_person_id, r.reviewed_on, r.treatments, r.implemented, r.evidence, r.covered, r.conflict,
       r.version
from registers.client_requirements r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.code = :requirement_code

-- name: storeRequirement
-- event: requirement.changed
insert into registers.requirement_states as s (consultancy_id, id, client_id, catalogue, code, applicable, justification, state, maturity,
                                               statement, owner_person_id, reviewed_on, created_at, updated_at)
select r.consultancy_id, :new_id, r.client_id, r.catalogue, r.code, coalesce(n.applicable, true), n.justification,
       coalesce(n.state, 'not_started'), n.maturity, n.statement, n.owner_person_id, n.reviewed_on, :now, :now
from registers.client_requirements r
cross join lateral jsonb_populate_record(null::registers.requirement_states, :body::jsonb) n
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.code = :requirement_code
  and (:if_match::int is null or r.version = :if_match::int)
on conflict (consultancy_id, client_id, catalogue, code) do update
set (applicable, justification, state, maturity, statement, owner_person_id, reviewed_on) =
    (select coalesce(n.applicable, true), n.justification, coalesce(n.state, 'not_started'), n.maturity, n.statement, n.owner_person_id,
            n.reviewed_on
     from jsonb_populate_record(s, :body::jsonb) n),
    version = s.version + 1, updated_at = :now
returning id, client_id, catalogue, code, applicable, justification, state, maturity, statement, owner_person_id, reviewed_on, version,
          created_at, updated_at

-- name: bulkRequirementsProblems
select '/items/' || (i.no - 1) || p.pointer as pointer, p.code, null as limit, null as detail_en, null as detail_ja
from jsonb_array_elements(:items::jsonb) with ordinality i(item, no)
left join registers.client_requirements r on r.consultancy_id = :consultancy and r.client_id = :client_id and r.code = i.item->>'code'
left join registers.requirement_states s on s.consultancy_id = r.consultancy_id and s.client_id = r.client_id and s.catalogue = r.catalogue
                                        and s.code = r.code
cross join lateral jsonb_populate_record(s, i.item) n
cross join lateral (values
    ('/code', 'not_found_reference', r.code is null),
    ('/code', 'not_unique', exists (select from jsonb_array_elements(:items::jsonb) with ordinality o(item, no)
                                    where o.no < i.no and o.item->>'code' = i.item->>'code')),
    ('/applicable', 'not_allowed_here', r.catalogue = 'requirements' and n.applicable = false),
    ('/justification', 'required', r.catalogue = 'controls' and n.applicable = false and n.justification is null),
    ('/owner_person_id', 'not_found_reference', i.item ? 'owner_person_id' and n.owner_person_id is not null
     and not exists (select from tenants.people p
                     where p.consultancy_id = :consultancy and p.client_id = :client_id and p.id = n.owner_person_id))) p(pointer, code,
                     wrong)
where p.wrong and exists (select from tenants.clients c where c.consultancy_id = :consultancy and c.id = :client_id)

-- name: storeRequirements
-- event: requirement.changed
insert into registers.requirement_states as s (consultancy_id, id, client_id, catalogue, code, applicable, justification, state, maturity,
                                               statement, owner_person_id, reviewed_on, created_at, updated_at)
select r.consultancy_id, coalesce(o.id, gen_random_uuid()), r.client_id, r.catalogue, r.code, coalesce(n.applicable, true), n.justification,
       coalesce(n.state, 'not_started'), n.maturity, n.statement, n.owner_person_id, n.reviewed_on, :now, :now
from jsonb_array_elements(:items::jsonb) i(item)
join registers.client_requirements r on r.consultancy_id = :consultancy and r.client_id = :client_id and r.code = i.item->>'code'
left join registers.requirement_states o on o.consultancy_id = r.consultancy_id and o.client_id = r.client_id and o.catalogue = r.catalogue
                                        and o.code = r.code
cross join lateral jsonb_populate_record(o, i.item - 'code') n
on conflict (consultancy_id, client_id, catalogue, code) do update
set applicable = excluded.applicable, justification = excluded.justification, state = excluded.state, maturity = excluded.maturity,
    statement = excluded.statement, owner_person_id = excluded.owner_person_id, reviewed_on = excluded.reviewed_on,
    version = s.version + 1, updated_at = :now
returning id, client_id, catalogue, code, applicable, justification, state, maturity, statement, owner_person_id, reviewed_on, version,
          created_at, updated_at

-- The next cycle: every decision stays, every review is to be made again.
-- name: startRequirementReview
-- event: requirement.changed
update registers.requirement_states s
set reviewed_on = null, version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.reviewed_on is not null
returning id, client_id, catalogue, code, applicable, justification, state, maturity, statement, owner_person_id, reviewed_on, version,
          created_at, updated_at

-- name: getCoverage
select c.id as client_id,
       (select jsonb_agg(jsonb_build_object(
            'catalogue', g.catalogue, 'total', g.total, 'applicable', g.applicable, 'covered', g.covered, 'percent',
            g.covered * 100 / g.total,
            'states', jsonb_build_object('not_started', g.not_started, 'planned', g.planned, 'partly', g.partly, 'implemented',
            g.implemented),
            'maturity', g.maturity, 'reviewed', g.reviewed, 'gaps', g.gaps, 'conflicts', g.conflicts) order by g.catalogue desc)
        from (select r.catalogue, count(*)::int as total, count(*) filter (where r.applicable)::int as applicable,
                     count(*) filter (where r.covered)::int as covered, count(*) filter (where r.reviewed_on is not null)::int as reviewed,
                     count(*) filter (where r.applicable and r.state = 'not_started')::int as not_started,
                     count(*) filter (where r.applicable and r.state = 'planned')::int as planned,
                     count(*) filter (where r.applicable and r.state = 'partly')::int as partly,
                     count(*) filter (where r.applicable and r.state = 'implemented')::int as implemented,
                     round(avg(r.maturity) filter (where r.applicable), 2) as maturity,
                     coalesce(jsonb_agg(r.code order by r.position) filter (where not r.covered), '[]') as gaps,
                     coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'conflict', r.conflict) order by r.position)
                              filter (where r.conflict is not null), '[]') as conflicts
              from registers.client_requirements r
              where r.consultancy_id = c.consultancy_id and r.client_id = c.id
              group by r.catalogue) g) as catalogues
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- ---------------------------------------------------------------- statement of applicability

-- name: listSoaVersions
-- key: v.id
-- sort: no v.no int
select v.id, v.client_id, v.no, v.title, jsonb_array_length(v.controls) as control_count, v.sha256, v.author_id, v.approved_by,
       v.approved_on,
       v.version, v.created_at, v.updated_at{key}
from registers.soa_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id
{page}

-- name: getSoaVersion
select v.id, v.client_id, v.no, v.title, v.controls, v.sha256, v.author_id, v.approved_by, v.approved_on, v.version, v.created_at,
       v.updated_at
from registers.soa_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :soa_version_id::uuid

-- What keeps a statement from being frozen: a control without a decision that can be defended.
-- name: createSoaVersionProblems
select null as pointer, null as code, null as limit,
       'Controls contradict the registers: ' || string_agg(r.code,
       ', ' order by r.position) || '. See the conflicts of the coverage.' as detail_en,
       '管理策の決定が台帳と矛盾しています: ' || string_agg(r.code, ', ' order by r.position) || '。カバレッジの conflicts を確認してください。' as detail_ja
from registers.client_requirements r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.catalogue = 'controls' and r.conflict = 'excluded_but_used'
having count(*) > 0

-- name: insertSoaVersion
-- event: soa.created
with rows as materialized (
    select coalesce(jsonb_agg(jsonb_build_object(
               'code', r.code, 'title_ja', r.title_ja, 'title_en', r.title_en, 'applicable', r.applicable, 'justification', r.justification,
               'state', r.state, 'statement', r.statement,
               'treatments', (select coalesce(jsonb_agg(t.number || ' ' || t.title order by t.number), '[]') from registers.treatments t
                              where t.consultancy_id = r.consultancy_id and t.client_id = r.client_id and t.controls ? r.code
                                and t.state <> 'retired')) order by r.position, r.code), '[]') as controls
    from registers.client_requirements r
    where r.consultancy_id = :consultancy and r.client_id = :client_id and r.catalogue = 'controls')
insert into registers.soa_versions (consultancy_id, id, client_id, no, title, controls, sha256, author_id, created_at, updated_at)
select c.consultancy_id, :new_id, c.id,
       (select coalesce(max(o.no), 0) + 1 from registers.soa_versions o where o.consultancy_id = c.consultancy_id and o.client_id = c.id),
       :title, w.controls, encode(sha256(convert_to(w.controls::text, 'UTF8')), 'hex'), :member::uuid, :now, :now
from tenants.clients c
cross join rows w
where c.consultancy_id = :consultancy and c.id = :client_id
returning id, client_id, no, title, controls, sha256, author_id, approved_by, approved_on, version, created_at, updated_at

-- name: approveSoaProblems
select null as pointer, null as code, null as limit, p.en as detail_en, p.ja as detail_ja
from registers.soa_versions v
cross join lateral (values
    (v.approved_on is not null, 'It is approved already.', 'すでに承認されています。'),
    (v.author_id = :member::uuid, 'Who made the statement can not approve it. Ask another person.',
     '作成した本人は承認できません。別の人が承認してください。')) p(wrong, en, ja)
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :soa_version_id::uuid and p.wrong

-- name: approveSoaVersion
-- event: soa.approved
update registers.soa_versions v
set approved_by = :member::uuid, approved_on = :today::date, version = v.version + 1, updated_at = :now
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :soa_version_id::uuid
returning id, client_id, no, title, controls, sha256, author_id, approved_by, approved_on, version, created_at, updated_at

-- name: noteSoaApproval
-- event: certification.changed
update scheduling.certifications c
set soa_approved_on = :today::date, plan_stale = true, version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.scheme in ('iso27001-2022', 'iso27001-2013')
  and c.state not in ('expired', 'withdrawn')
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- name: deleteSoaVersion
-- event: soa.deleted
delete from registers.soa_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :soa_version_id::uuid
  and (:if_match::int is null or v.version = :if_match::int)
returning id, client_id, no, title, controls, sha256, author_id, approved_by, approved_on, version + 1 as version, created_at, updated_at

-- name: deleteSoaVersionProblems
select null as pointer, null as code, null as limit, 'An approved statement stays.' as detail_en, '承認済みの適用宣言書は削除できません。' as detail_ja
from registers.soa_versions v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = :soa_version_id::uuid and v.approved_on is not null

-- ---------------------------------------------------------------- readiness

-- name: getReadiness
with c as materialized (
    select c.consultancy_id, c.id as client_id from tenants.clients c where c.consultancy_id = :consultancy and c.id = :client_id),
lacking (code, id, name) as materialized (
    select 'asset_risks', a.id::text, concat_ws(' ', a.number, a.name)
    from c join registers.assets a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.status = 'active' and a.in_scope
    where not exists (select from registers.risks r
                      where r.consultancy_id = a.consultancy_id and r.client_id = a.client_id and r.asset_id = a.id)
    union all
    select 'risk_treatment', r.id::text, concat_ws(' ', r.number, r.title)
    from c join registers.risks r on r.consultancy_id = c.consultancy_id and r.client_id = c.client_id
    where r.must_treat and registers.risk_status(r.status, r.accept_until, :today::date) = 'open'
      and not exists (select from registers.treatment_risks t
                      where t.consultancy_id = r.consultancy_id and t.client_id = r.client_id and t.risk_id = r.id)
    union all
    select p.code, t.id::text, t.number || ' ' || t.title
    from c join registers.treatments t on t.consultancy_id = c.consultancy_id and t.client_id = c.client_id
    cross join lateral (values ('rules', t.state = 'implemented' and not t.approved),
                               ('treatment_plan', t.state in ('planned', 'in_progress') and t.due_on < :today::date)) p(code, lacks)
    where p.lacks
    union all
    select p.code, r.code, case when :language = 'ja' then r.title_ja else r.title_en end
    from c join registers.client_requirements r on r.consultancy_id = c.consultancy_id and r.client_id = c.client_id
    cross join lateral (values ('requirements', r.catalogue = 'requirements' and not r.covered),
                               ('controls', r.catalogue = 'controls' and not r.covered),
                               ('controls_decided', r.catalogue = 'controls' and r.state = 'not_started' and r.applicable)) p(code, lacks)
    where p.lacks
    union all
    select 'corrective_actions', a.id::text, a.number || ' ' || a.title
    from c join registers.corrective_actions a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id
    where a.done_on is null and a.due_on < :today::date
    union all
    select 'suppliers', s.id::text, s.number || ' ' || s.name
    from c join registers.suppliers s on s.consultancy_id = c.consultancy_id and s.client_id = c.client_id
    where s.status = 'active' and s.in_scope and s.criticality in ('high', 'critical')
      and (s.judgement is null or s.judgement = 'rejected' or s.judged_on + make_interval(months => s.assess_months) < :today::date)),
f as materialized (
    select c.client_id,
           exists (select from scheduling.certifications s where s.consultancy_id = c.consultancy_id and s.client_id = c.client_id
                   and (s.scope_defined_on is not null or s.scope_text is not null))
               or exists (select from tenants.scope_versions v where v.consultancy_id = c.consultancy_id and v.client_id = c.client_id
                          and v.status in ('approved', 'active')) as scope,
           (select count(distinct i.kind) from registers.context_issues i
            where i.consultancy_id = c.consultancy_id and i.client_id = c.client_id and i.status = 'active') as issue_kinds,
           exists (select from registers.context_issues i where i.consultancy_id = c.consultancy_id and i.client_id = c.client_id
                   and i.is_climate) as climate,
           exists (select from registers.party_requirements q where q.consultancy_id = c.consultancy_id and q.client_id = c.client_id) as parties,
           exists (select from registers.assets a where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id
                   and a.status = 'active' and a.in_scope) as assets,
           exists (select from registers.risks r where r.consultancy_id = c.consultancy_id and r.client_id = c.client_id) as risks,
           exists (select from registers.treatments t where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id
                   and t.state = 'implemented') as rules,
           exists (select from registers.soa_versions v where v.consultancy_id = c.consultancy_id and v.client_id = c.client_id
                   and v.approved_on is not null) as soa,
           exists (select from registers.objectives o where o.consultancy_id = c.consultancy_id and o.client_id = c.client_id) as objectives,
           exists (select from registers.legal_requirements l where l.consultancy_id = c.consultancy_id and l.client_id = c.client_id) as legal,
           exists (select from registers.trainings t where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id
                   and t.status = 'held') as trainings,
           exists (select from registers.competences k where k.consultancy_id = c.consultancy_id and k.client_id = c.client_id) as competences,
           exists (select from scheduling.certifications s where s.consultancy_id = c.consultancy_id and s.client_id = c.client_id
                   and s.internal_audit_done_on is not null)
               or exists (select from registers.internal_audits a where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id
                          and a.state in ('reported', 'closed')) as internal_audit,
           exists (select from scheduling.certifications s where s.consultancy_id = c.consultancy_id and s.client_id = c.client_id
                   and s.management_review_done_on is not null)
               or exists (select from registers.management_reviews m where m.consultancy_id = c.consultancy_id and m.client_id = c.client_id
                          and m.state = 'approved') as management_review
    from c),
checks as materialized (
    select f.client_id, k.*
    from f
    cross join lateral (values
        (1, 'scope', '4.3', 1, 1 - f.scope::int, '適用範囲を決め、版として承認するか認証に記入する',
        'Define the scope: approve a version of it or write it into the certification', 'scope-versions'),
        (2, 'issues', '4.1', 1, 2 - f.issue_kinds, '内部と外部の課題をそれぞれ挙げる', 'Name internal and external issues', 'context-issues'),
        (3, 'climate', '4.1 (AMD-01)', 1, 1 - f.climate::int, '気候変動が関連する課題かどうかを決める',
        'Decide whether climate change is a relevant issue', 'context-issues'),
        (4, 'interested_parties', '4.2', 1, 1 - f.parties::int, '利害関係者とその要求事項を挙げる',
        'Name interested parties and what they require', 'interested-parties'),
        (5, 'assets', '5.9', 1, 1 - f.assets::int, '資産目録を作る', 'List the assets', 'assets'),
        (6, 'asset_risks', '6.1.2', 1, 0, 'リスクを評価していない資産をなくす', 'Assess the risks of the assets that have none', 'suggestions'),
        (7, 'risk_treatment', '6.1.3', 1, 1 - f.risks::int, '基準を超えるリスクに対応を決める',
        'Decide how risks over the threshold are treated', 'risks'),
        (8, 'soa', '6.1.3', 1, 1 - f.soa::int, '適用宣言書を作成し、別の人が承認する', 'Make the statement of applicability and have it approved',
        'soa-versions'),
        (9, 'rules', '5.2, 7.5', 1, 1 - f.rules::int, '実施済みの規程を承認する', 'Have the rules in force approved', 'treatments'),
        (10, 'objectives', '6.2', 1, 1 - f.objectives::int, '情報セキュリティ目的を決める', 'Set information security objectives', 'objectives'),
        (11, 'legal', '5.31', 1, 1 - f.legal::int, '法令・契約上の要求事項を挙げる', 'List legal and contractual requirements', 'legal-requirements'),
        (12, 'controls_decided', '6.1.3', 1, 0, 'すべての管理策について実施状況を決める', 'Decide the state of every control', 'requirements'),
        (13, 'competence', '7.2', 2, 2 - f.trainings::int - f.competences::int, '必要な力量を決め、教育・訓練を実施する',
        'Say which competence is needed and hold trainings', 'trainings'),
        (14, 'treatment_plan', '8.3', 2, 0, '期限を過ぎた対応計画を終える', 'Finish the treatments that are overdue', 'treatments'),
        (15, 'suppliers', '5.19, 5.22', 2, 0, '重要な委託先を評価し、使えるかどうかを判断する', 'Assess and judge the suppliers that matter most', 'suppliers'),
        (16, 'requirements', '4-10', 2, 0, 'すべての要求事項を満たし、その根拠を示す', 'Meet every requirement and show how', 'requirements'),
        (17, 'controls', 'Annex A', 2, 0, '適用する管理策をすべて実施する', 'Implement every control that applies', 'requirements'),
        (18, 'internal_audit', '9.2 (INI-03)', 2, 1 - f.internal_audit::int, '内部監査を実施し、報告する', 'Hold the internal audit and report it',
        'internal-audits'),
        (19, 'management_review', '9.3 (INI-03)', 2, 1 - f.management_review::int, 'マネジメントレビューを実施し、承認する',
        'Hold the management review and have it approved', 'management-reviews'),
        (20, 'corrective_actions', '10.2', 2, 0, '期限を過ぎた是正処置を終える', 'Finish the corrective actions that are overdue',
        'corrective-actions'))
        k(position, code, clause, stage, missing, ja, en, register)
    where k.stage <= case when :stage = 'stage1' then 1 else 2 end),
counted as materialized (
    select k.client_id, k.position, k.code, k.clause, k.ja, k.en, k.register,
           k.missing + (select count(*) from lacking l where l.code = k.code) as missing,
           (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name), '[]')
            from (select l.id, l.name from lacking l where l.code = k.code order by l.name limit 20) o) as objects
    from checks k)
select k.client_id, :stage as stage, count(*)::int as checks, count(*) filter (where k.missing = 0)::int as passed,
       (count(*) filter (where k.missing = 0) * 100 / count(*))::int as percent, bool_and(k.missing = 0) as ready,
       jsonb_agg(jsonb_build_object(
           'code', k.code, 'passed', k.missing = 0, 'missing', k.missing, 'objects', k.objects, 'clause', k.clause, 'text_ja', k.ja,
           'text_en', k.en, 'href', '/v1/clients/' || k.client_id || '/' || k.register) order by k.position) as items
from counted k
group by k.client_id
