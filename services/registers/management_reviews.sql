-- name: listManagementReviews
-- key: r.id
-- sort: created_at r.created_at timestamptz
-- sort: planned_on r.planned_on date
select r.id, r.client_id, r.number, r.title, r.planned_on, r.held_on, r.place, r.minutes, r.conclusion, r.inputs, r.gathered_on, r.sha256,
       r.author_id, r.approved_by, r.approved_on, r.state, r.version, r.created_at, r.updated_at{key}
from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:state::text is null or r.state = :state)
{page}

-- name: insertManagementReview
-- event: management_review.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'management_review', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.management_reviews (consultancy_id, id, client_id, number, title, planned_on, held_on, place, minutes, conclusion,
                                          author_id, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'MR-' || lpad(n.value, greatest(4, length(n.value)), '0'), :title, :planned_on::date,
       :held_on::date, :place, :minutes, :conclusion, :member::uuid, :now, :now
from counted n
returning id, client_id, number, title, planned_on, held_on, place, minutes, conclusion, inputs, gathered_on, sha256, author_id,
          approved_by, approved_on, state, version, created_at, updated_at

-- name: getManagementReview
select r.id, r.client_id, r.number, r.title, r.planned_on, r.held_on, r.place, r.minutes, r.conclusion, r.inputs, r.gathered_on, r.sha256,
       r.author_id, r.approved_by, r.approved_on, r.state, r.version, r.created_at, r.updated_at
from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid

-- name: changeManagementReview
-- event: management_review.changed
update registers.management_reviews r
set (title, planned_on, held_on, place, minutes, conclusion) =
    (select n.title, n.planned_on, n.held_on, n.place, n.minutes, n.conclusion
     from jsonb_populate_record(r, :body::jsonb) n),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, number, title, planned_on, held_on, place, minutes, conclusion, inputs, gathered_on, sha256, author_id,
          approved_by, approved_on, state, version, created_at, updated_at

-- name: removeManagementReview
-- event: management_review.deleted
delete from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, number, title, planned_on, held_on, place, minutes, conclusion, inputs, gathered_on, sha256, author_id,
          approved_by, approved_on, state, version + 1 as version, created_at, updated_at

-- An approved review is a record.
-- name: managementReviewProblems
select null as pointer, null as code, null as limit, 'The review is approved; it stays as it is.' as detail_en,
       '承認済みのマネジメントレビューは変更できません。' as detail_ja
from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid and r.approved_on is not null

-- name: gatherInputs
-- event: management_review.gathered
update registers.management_reviews r
set gathered_on = :today::date, version = r.version + 1, updated_at = :now, inputs = jsonb_build_object(
        'decisions', (select coalesce(jsonb_agg(jsonb_build_object('decision', d.decision, 'due_on', d.due_on, 'done_on', d.done_on,
                                                                   'review', o.number) order by d.due_on, d.id), '[]')
                      from registers.review_decisions d
                      join registers.management_reviews o on o.consultancy_id = d.consultancy_id and o.client_id = d.client_id
                                                         and o.id = d.management_review_id
                      where d.consultancy_id = r.consultancy_id and d.client_id = r.client_id and d.management_review_id <> r.id),
        'issues', (select coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'topic', i.topic, 'effect', i.effect, 'updated_at',
        i.updated_at)
                                             order by i.kind, i.id), '[]')
                   from registers.context_issues i
                   where i.consultancy_id = r.consultancy_id and i.client_id = r.client_id and i.status = 'active'),
        'interested_parties', (select coalesce(jsonb_agg(jsonb_build_object('party', p.name, 'requirement', q.requirement,
                                                                            'addressed', q.addressed) order by p.name, q.id), '[]')
                               from registers.party_requirements q
                               join registers.interested_parties p on p.consultancy_id = q.consultancy_id and p.client_id = q.client_id
                                                                  and p.id = q.interested_party_id
                               where q.consultancy_id = r.consultancy_id and q.client_id = r.client_id),
        'corrective_actions', (select jsonb_build_object(
                'total', count(*), 'open', count(*) filter (where c.done_on is null),
                'overdue', count(*) filter (where c.done_on is null and c.due_on < :today::date),
                'items', coalesce(jsonb_agg(jsonb_build_object('number', c.number, 'title', c.title, 'grade', c.grade, 'state', c.state,
                                                               'due_on', c.due_on) order by c.number)
                                  filter (where c.closed_on is null), '[]'))
            from registers.corrective_actions c where c.consultancy_id = r.consultancy_id and c.client_id = r.client_id),
        'objectives', (select coalesce(jsonb_agg(jsonb_build_object(
                'title', o.title, 'target', o.target, 'unit', o.unit, 'direction', o.direction, 'status', o.status, 'value', m.value,
                'measured_on', m.measured_on,
                'on_track', case when m.value is null then null when o.direction = 'at_least' then m.value >= o.target
                                 else m.value <= o.target end) order by o.title, o.id), '[]')
            from registers.objectives o
            left join lateral (select m.value, m.measured_on from registers.measurements m
                               where m.consultancy_id = o.consultancy_id and m.client_id = o.client_id and m.objective_id = o.id
                               order by m.measured_on desc, m.id desc limit 1) m on true
            where o.consultancy_id = r.consultancy_id and o.client_id = r.client_id),
        'audits', (select coalesce(jsonb_agg(jsonb_build_object('number', a.number, 'title', a.title, 'last_day', a.last_day, 'state',
        a.state,
                                                                'conclusion', a.conclusion) order by a.last_day, a.id), '[]')
                   from registers.internal_audits a where a.consultancy_id = r.consultancy_id and a.client_id = r.client_id),
        'external_findings', (select jsonb_build_object('open', count(*) filter (where f.closed_on is null), 'total', count(*))
                              from scheduling.findings f where f.consultancy_id = r.consultancy_id and f.client_id = r.client_id),
        'incidents', (select jsonb_build_object('total', count(*), 'open', count(*) filter (where i.closed_on is null),
                                                'items', coalesce(jsonb_agg(jsonb_build_object('number', i.number, 'title', i.title,
                                                'severity', i.severity,
                                                                                               'state', i.state) order by i.number), '[]'))
                      from registers.incidents i where i.consultancy_id = r.consultancy_id and i.client_id = r.client_id),
        'risks', (select jsonb_build_object(
                'total', count(*), 'open', count(*) filter (where registers.risk_status(k.status, k.accept_until, :today::date) = 'open'), 'highest', max(k.score),
                'top', (select coalesce(jsonb_agg(jsonb_build_object('number', t.number, 'title', t.title, 'score', t.score)), '[]')
                        from (select t.number, t.title, t.score from registers.risks t
                              where t.consultancy_id = r.consultancy_id and t.client_id = r.client_id
                              order by t.score desc, t.id limit 10) t))
            from registers.risks k where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id),
        'treatment_plan', (select jsonb_build_object(
                'planned', count(*) filter (where t.state in ('planned', 'in_progress')),
                'overdue', count(*) filter (where t.state in ('planned', 'in_progress') and t.due_on < :today::date),
                'implemented', count(*) filter (where t.state = 'implemented'))
            from registers.treatments t where t.consultancy_id = r.consultancy_id and t.client_id = r.client_id),
        'suppliers', (select jsonb_build_object('total', count(*), 'not_judged', count(*) filter (where s.judgement is null),
                                                'rejected', count(*) filter (where s.judgement = 'rejected'))
                      from registers.suppliers s
                      where s.consultancy_id = r.consultancy_id and s.client_id = r.client_id and s.status = 'active'),
        'changes', (select coalesce(jsonb_agg(jsonb_build_object('kind', h.kind, 'change_date', h.change_date, 'description', h.description)
                                              order by h.change_date, h.id), '[]')
                    from scheduling.changes h where h.consultancy_id = r.consultancy_id and h.client_id = r.client_id),
        'opportunities', (select coalesce(jsonb_agg(jsonb_build_object('code', k.code, 'note', k.note) order by k.position, k.id), '[]')
                          from registers.checklist_items k
                          where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id and k.answer in ('observation',
                          'opportunity')))
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid
returning id, client_id, number, title, planned_on, held_on, place, minutes, conclusion, inputs, gathered_on, sha256, author_id,
          approved_by, approved_on, state, version, created_at, updated_at

-- name: approveManagementReviewProblems
select null as pointer, null as code, null as limit, p.en as detail_en, p.ja as detail_ja
from registers.management_reviews r
cross join lateral (values
    (r.approved_on is not null, 'It is approved already.', 'すでに承認されています。'),
    (r.author_id = :member::uuid, 'Who made the review can not approve it. Ask another person.', '作成した本人は承認できません。別の人が承認してください。'),
    (r.inputs is null, 'The inputs were not gathered.', 'インプットが収集されていません。'),
    (r.held_on is null, 'The day on which it was held is missing.', '実施日が記録されていません。'),
    (r.minutes is null, 'There are no minutes.', '議事録がありません。'),
    (not exists (select from registers.review_attendees x
                 join tenants.people p on p.consultancy_id = x.consultancy_id and p.client_id = x.client_id and p.id = x.person_id
                 where x.consultancy_id = r.consultancy_id and x.client_id = r.client_id and x.management_review_id = r.id
                   and p.is_top_management),
     'Nobody of top management attended.', 'トップマネジメントが出席していません。')) p(wrong, en, ja)
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid and p.wrong

-- name: approveReview
-- event: management_review.approved
update registers.management_reviews r
set approved_by = :member::uuid, approved_on = :today::date, version = r.version + 1, updated_at = :now,
    sha256 = encode(sha256(convert_to(jsonb_build_array(r.inputs, r.minutes, r.conclusion, r.held_on)::text, 'UTF8')), 'hex')
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid
returning id, client_id, number, title, planned_on, held_on, place, minutes, conclusion, inputs, gathered_on, sha256, author_id,
          approved_by, approved_on, state, version, created_at, updated_at

-- name: noteManagementReview
-- event: certification.changed
update scheduling.certifications c
set management_review_done_on = greatest(c.management_review_done_on, r.held_on), plan_stale = true, version = c.version + 1,
updated_at = :now
from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid
  and c.consultancy_id = r.consultancy_id and c.client_id = r.client_id and c.state not in ('expired', 'withdrawn')
  and c.management_review_done_on is distinct from greatest(c.management_review_done_on, r.held_on)
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- name: managementReviewDeadlines
select r.client_id, 'management_review:' || r.id as source_key, 'management_review_planned' as kind,
       case when :operation <> 'deleteManagementReview' then r.planned_on end as raw_on,
       'マネジメントレビューの実施: ' || r.title as title_ja, 'Hold the management review: ' || r.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', 'SUR-08', 'kind', 'HARD', 'source', 'ISO/IEC 27001 9.3')),
                          'inputs', jsonb_build_object('management_review_id', r.id, 'planned_on', r.planned_on), 'policy',
                          '{}'::jsonb) as why,
       r.held_on as fulfilled_on
from registers.management_reviews r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :management_review_id::uuid

-- name: listReviewAttendees
-- key: x.id
-- sort: created_at x.created_at timestamptz
select x.id, x.client_id, x.management_review_id, x.person_id, x.part, x.version, x.created_at, x.updated_at{key}
from registers.review_attendees x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.management_review_id = :management_review_id::uuid
{page}

-- name: createReviewAttendee
-- event: review_attendee.created
insert into registers.review_attendees (consultancy_id, id, client_id, management_review_id, person_id, part, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :management_review_id::uuid, :person_id::uuid, :part, :now, :now)
returning id, client_id, management_review_id, person_id, part, version, created_at, updated_at

-- name: getReviewAttendee
select x.id, x.client_id, x.management_review_id, x.person_id, x.part, x.version, x.created_at, x.updated_at
from registers.review_attendees x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.management_review_id = :management_review_id::uuid and x.id = :review_attendee_id

-- name: updateReviewAttendee
-- event: review_attendee.changed
update registers.review_attendees x
set (part) =
    (select n.part
     from jsonb_populate_record(x, :body::jsonb) n),
    version = x.version + 1, updated_at = :now
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.management_review_id = :management_review_id::uuid and x.id = :review_attendee_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, client_id, management_review_id, person_id, part, version, created_at, updated_at

-- name: deleteReviewAttendee
-- event: review_attendee.deleted
delete from registers.review_attendees x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.management_review_id = :management_review_id::uuid and x.id = :review_attendee_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, client_id, management_review_id, person_id, part, version + 1 as version, created_at, updated_at

-- name: listReviewDecisions
-- key: d.id
-- sort: created_at d.created_at timestamptz
select d.id, d.client_id, d.management_review_id, d.decision, d.owner_person_id, d.due_on, d.done_on, d.done_note, d.version, d.created_at,
       d.updated_at{key}
from registers.review_decisions d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.management_review_id = :management_review_id::uuid
{page}

-- name: insertReviewDecision
-- event: review_decision.created
insert into registers.review_decisions (consultancy_id, id, client_id, management_review_id, decision, owner_person_id, due_on, done_on,
                                        done_note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :management_review_id::uuid, :decision, :owner_person_id::uuid, :due_on::date, :done_on::date,
        :done_note, :now, :now)
returning id, client_id, management_review_id, decision, owner_person_id, due_on, done_on, done_note, version, created_at, updated_at

-- name: getReviewDecision
select d.id, d.client_id, d.management_review_id, d.decision, d.owner_person_id, d.due_on, d.done_on, d.done_note, d.version, d.created_at,
       d.updated_at
from registers.review_decisions d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.management_review_id = :management_review_id::uuid and d.id = :review_decision_id::uuid

-- name: changeReviewDecision
-- event: review_decision.changed
update registers.review_decisions d
set (decision, owner_person_id, due_on, done_on, done_note) =
    (select n.decision, n.owner_person_id, n.due_on, n.done_on, n.done_note
     from jsonb_populate_record(d, :body::jsonb) n),
    version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.management_review_id = :management_review_id::uuid and d.id = :review_decision_id::uuid
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, management_review_id, decision, owner_person_id, due_on, done_on, done_note, version, created_at, updated_at

-- name: removeReviewDecision
-- event: review_decision.deleted
delete from registers.review_decisions d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.management_review_id = :management_review_id::uuid and d.id = :review_decision_id::uuid
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, management_review_id, decision, owner_person_id, due_on, done_on, done_note, version + 1 as version, created_at,
          updated_at

-- name: reviewDecisionDeadlines
select d.client_id, 'review_decision:' || d.id as source_key, 'review_decision' as kind,
       case when :operation <> 'deleteReviewDecision' then d.due_on end as raw_on,
       'マネジメントレビューの決定: ' || left(d.decision, 200) as title_ja, 'Decision of the management review: ' || left(d.decision, 200) as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '9.3.3', 'kind', 'HARD', 'source', 'ISO/IEC 27001 9.3.3')),
                          'inputs', jsonb_build_object('review_decision_id', d.id, 'due_on', d.due_on), 'policy', '{}'::jsonb) as why,
       d.done_on as fulfilled_on
from registers.review_decisions d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :review_decision_id::uuid
