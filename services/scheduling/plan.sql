-- The programme of a client: facts in, audits and deadlines out. One client at a time, under the locks of its certifications, so that two
-- changes at once can not store a plan of which one half is old.

-- name: lockPlan
select c.id
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id
order by c.id
for update of c

-- name: loadPlanFacts
select jsonb_build_object(
    'certification', to_jsonb(c),
    'consultancy_policies', t.policies,
    'body_policies', coalesce(b.policies, '{}'),
    'audits', coalesce((select jsonb_agg(jsonb_build_object(
            'id', a.id, 'kind', a.kind, 'cycle_no', a.cycle_no, 'ordinal', a.ordinal, 'origin', a.origin, 'source_key', a.source_key,
            'planned_first_day', a.planned_first_day, 'planned_last_day', a.planned_last_day,
            'held_first_day', a.held_first_day, 'held_last_day', a.held_last_day, 'status', a.status) order by a.id)
        from scheduling.audits a
        where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id), '[]'),
    'findings', coalesce((select jsonb_agg(jsonb_build_object(
            'id', f.id, 'audit_id', f.audit_id, 'grade', f.grade, 'reference', f.reference,
            'plan_submitted_on', f.plan_submitted_on, 'plan_accepted_on', f.plan_accepted_on,
            'evidence_submitted_on', f.evidence_submitted_on, 'verified_on', f.verified_on, 'closed_on', f.closed_on) order by f.id)
        from scheduling.findings f
        where f.consultancy_id = c.consultancy_id and f.client_id = c.client_id and f.certification_id = c.id), '[]'),
    'changes', coalesce((select jsonb_agg(jsonb_build_object(
            'id', h.id, 'kind', h.kind, 'change_date', h.change_date, 'status', h.status,
            'recorded_on', (h.created_at at time zone 'Asia/Tokyo')::date, 'notified_on', h.notified_on, 'approved_on', h.approved_on,
            'accepted_on', h.accepted_on, 'persons_before', h.persons_before, 'persons_after', h.persons_after,
            'variant', h.approved_variant, 'audit_id', x.audit_id, 'made', x.made, 'not_before', x.not_before, 'due_by', x.due_by)
            order by h.id)
        from scheduling.changes h
        left join scheduling.change_audits x on x.consultancy_id = h.consultancy_id and x.change_id = h.id and x.certification_id = c.id
        where h.consultancy_id = c.consultancy_id and h.client_id = c.client_id
          and (h.certification_id is null or h.certification_id = c.id)), '[]'),
    'obligations', coalesce((select jsonb_agg(jsonb_build_object(
            'id', o.id, 'kind', o.kind, 'title', o.title, 'interval_months', o.interval_months, 'preferred_month', o.preferred_month,
            'buffer_days', o.buffer_days, 'active', o.active, 'starts_on', o.starts_on,
            'done', coalesce((select jsonb_agg(u.done_on order by u.done_on) from scheduling.obligation_fulfilments u
                              where u.consultancy_id = o.consultancy_id and u.client_id = o.client_id and u.obligation_id = o.id), '[]'))
            order by o.id)
        from scheduling.obligations o
        where o.consultancy_id = c.consultancy_id and o.client_id = c.client_id and o.certification_id = c.id), '[]')) as facts
from scheduling.certifications c
join tenants.consultancies t on t.consultancy_id = c.consultancy_id
left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
where c.consultancy_id = :consultancy and c.client_id = :client_id
order by c.id

-- name: storePlanAudits
-- event: audit.planned
with wanted as materialized (
    select w.*
    from jsonb_to_recordset(:plan_audits::jsonb) as w(
        id uuid, client_id uuid, certification_id uuid, kind text, cycle_no int, ordinal int, source_key text, nominal_date date,
        window_start date, window_end date, hard_limit date, held_on date, why jsonb)),
gone as (
    update scheduling.audits a
    set status = 'cancelled', dropped = true, ics_sequence = a.ics_sequence + 1, version = a.version + 1, updated_at = :now
    where a.consultancy_id = :consultancy and a.client_id = :client_id and a.origin = 'derived'
      and a.status not in ('held', 'reported', 'cancelled')
      and not exists (select from wanted w where w.source_key = a.source_key)
    returning a.*),
stored as (
    insert into scheduling.audits as a (consultancy_id, id, client_id, certification_id, kind, cycle_no, ordinal, origin, source_key,
                                        nominal_date, window_start, window_end, hard_limit, held_first_day, held_last_day, status, why,
                                        created_at, updated_at)
    select :consultancy, w.id, w.client_id, w.certification_id, w.kind, w.cycle_no, w.ordinal, 'derived', w.source_key,
           w.nominal_date, w.window_start, w.window_end, w.hard_limit, w.held_on, w.held_on,
           case when w.held_on is null then 'planned' else 'held' end, w.why, :now, :now
    from wanted w
    left join scheduling.audits o on o.consultancy_id = :consultancy and o.source_key = w.source_key
    where o.id is null or o.dropped or (w.held_on is not null and o.status not in ('held', 'reported'))
       or (o.nominal_date, o.window_start, o.window_end, o.hard_limit, o.why)
          is distinct from (w.nominal_date, w.window_start, w.window_end, w.hard_limit, w.why)
    on conflict (consultancy_id, source_key) do update
    set nominal_date = excluded.nominal_date, window_start = excluded.window_start, window_end = excluded.window_end,
        hard_limit = excluded.hard_limit, why = excluded.why,
        held_first_day = case when excluded.held_last_day is null or a.status in ('held', 'reported') then a.held_first_day
                              else least(a.planned_first_day, excluded.held_last_day) end,
        held_last_day = case when excluded.held_last_day is null or a.status in ('held', 'reported') then a.held_last_day
                             else excluded.held_last_day end,
        status = case when a.status in ('held', 'reported') then a.status when excluded.held_last_day is not null then 'held'
                      when a.dropped then 'planned' else a.status end,
        ics_sequence = a.ics_sequence + case when a.dropped or (excluded.held_last_day is not null and a.status not in ('held', 'reported'))
                                             then 1 else 0 end,
        dropped = false,
        version = a.version + 1, updated_at = :now
    returning a.*),
freed as ( -- what is cancelled or over takes nobody's time
    delete from scheduling.bookings b
    using (select g.id, true as whole from gone g union all select h.id, false from stored h where h.status = 'held') r
    where b.consultancy_id = :consultancy and b.client_id = :client_id and b.audit_id = r.id and (r.whole or b.slot_id is null))
select r.id, r.client_id, r.certification_id, r.kind, r.cycle_no, r.ordinal, r.origin, r.nominal_date, r.window_start, r.window_end,
       r.hard_limit, r.planned_first_day, r.planned_last_day, r.held_first_day, r.held_last_day, r.status, r.site_ids, r.location,
       r.remote_justification, r.reported_on, r.recommendation, r.outcome, r.note, r.why, r.ics_sequence, r.version, r.created_at,
       r.updated_at
from (select * from gone union all select * from stored) r

-- A person's own word (status, fulfilled_on) stands until the derivation itself finds something new.
-- name: storePlanDeadlines
-- event: deadline.planned
with wanted as materialized (
    select w.id, w.client_id, w.certification_id, coalesce(w.audit_id, a.id) as audit_id, w.change_id, w.finding_id, w.obligation_id, w.kind, w.title_ja,
           w.title_en, w.due_on, w.raw_on, w.hardness, w.rule, w.why, w.source_key,
           case when w.sticky and w.fulfilled_on is not null then coalesce(o.plan_fulfilled_on, w.fulfilled_on)
                else w.fulfilled_on end as fulfilled_on
    from jsonb_to_recordset(:plan_deadlines::jsonb) as w(
        id uuid, client_id uuid, certification_id uuid, audit_id uuid, audit_key text, change_id uuid, finding_id uuid,
        obligation_id uuid, kind text,
        title_ja text, title_en text, due_on date, raw_on date, hardness text, rule text, why jsonb, source_key text, fulfilled_on date,
        sticky boolean)
    left join scheduling.audits a on a.consultancy_id = :consultancy and a.source_key = w.audit_key
    left join scheduling.deadlines o on o.consultancy_id = :consultancy and o.source_key = w.source_key),
gone as (
    update scheduling.deadlines d
    set status = 'withdrawn', version = d.version + 1, updated_at = :now
    where d.consultancy_id = :consultancy and d.client_id = :client_id and d.origin = 'derived' and d.status = 'open'
      and not exists (select from wanted w where w.source_key = d.source_key)
    returning d.*),
stored as (
    insert into scheduling.deadlines as d (consultancy_id, id, client_id, certification_id, audit_id, change_id, finding_id, obligation_id, kind,
                                           title_ja, title_en, due_on, raw_on, hardness, rule, why, origin, source_key, status,
                                           fulfilled_on, plan_fulfilled_on, created_at, updated_at)
    select :consultancy, w.id, w.client_id, w.certification_id, w.audit_id, w.change_id, w.finding_id, w.obligation_id, w.kind, w.title_ja, w.title_en,
           w.due_on, w.raw_on, w.hardness, w.rule, w.why, 'derived', w.source_key,
           case when w.fulfilled_on is null then 'open' else 'fulfilled' end, w.fulfilled_on, w.fulfilled_on, :now, :now
    from wanted w
    left join scheduling.deadlines o on o.consultancy_id = :consultancy and o.source_key = w.source_key
    where o.id is null or o.status = 'withdrawn'
       or (o.audit_id, o.obligation_id, o.title_ja, o.title_en, o.due_on, o.raw_on, o.hardness, o.rule, o.why, o.plan_fulfilled_on)
          is distinct from (w.audit_id, w.obligation_id, w.title_ja, w.title_en, w.due_on, w.raw_on, w.hardness, w.rule, w.why, w.fulfilled_on)
    on conflict (consultancy_id, source_key) do update
    set audit_id = excluded.audit_id, obligation_id = excluded.obligation_id, title_ja = excluded.title_ja, title_en = excluded.title_en, due_on = excluded.due_on,
        raw_on = excluded.raw_on, hardness = excluded.hardness, rule = excluded.rule, why = excluded.why,
        moved_from = case when d.due_on = excluded.due_on then d.moved_from else d.due_on end,
        status = case when d.status = 'withdrawn' or d.plan_fulfilled_on is distinct from excluded.plan_fulfilled_on
                      then excluded.status else d.status end,
        fulfilled_on = case when d.status = 'withdrawn' or d.plan_fulfilled_on is distinct from excluded.plan_fulfilled_on
                            then excluded.fulfilled_on else d.fulfilled_on end,
        plan_fulfilled_on = excluded.plan_fulfilled_on, version = d.version + 1, updated_at = :now
    returning d.*)
select r.id, r.client_id, r.certification_id, r.audit_id, r.change_id, r.finding_id, r.obligation_id, r.kind, r.title_ja, r.title_en, r.due_on, r.raw_on,
       r.hardness, r.rule, r.why, r.origin, r.status, r.fulfilled_on, r.moved_from, r.note, r.version, r.created_at, r.updated_at
from (select * from gone union all select * from stored) r

-- Clients with something to derive: facts or policies changed without a derivation, a new civil day has begun, or the portfolio lacks them.
-- name: findStaleClients
select distinct c.client_id
from scheduling.certifications c
where c.consultancy_id = :consultancy and (c.plan_stale or c.planned_on is distinct from :today::date
       or not exists (select from scheduling.portfolio_rows p where p.consultancy_id = c.consultancy_id and p.client_id = c.client_id))
limit 50

-- name: markPlanned
-- no-event: the derivation's own rows tell
update scheduling.certifications c
set plan_stale = false, planned_on = :today::date
where c.consultancy_id = :consultancy and c.client_id = :client_id
  and (c.plan_stale or c.planned_on is distinct from :today::date)
returning c.id

-- The certificate ends by itself: the day after the expiry it has expired. Certificates of the 2013 edition ended with it (TRN-01); add-ons
-- end with their ISMS (ADD-01, ADD-02).
-- name: expireCertifications
-- event: certification.expired
with lapsed as (
    select c.id, c.state, c.scheme,
           case when c.scheme = 'iso27001-2013' then least(c.expiry_date, date '2025-10-31') else c.expiry_date end as last_day
    from scheduling.certifications c
    where c.consultancy_id = :consultancy and c.client_id = :client_id and c.state in ('certified', 'suspended')),
isms as (
    select max(l.last_day) as last_day
    from lapsed l
    where l.scheme like 'iso27001-%'
    having max(l.last_day) < :today::date),
ending as materialized (
    select l.id, l.state as from_state, case when l.scheme in ('iso27017-jp', 'iso27017-2026', 'iso27701-2019')
                                             then least(l.last_day, i.last_day) else l.last_day end as last_day,
           l.scheme in ('iso27017-jp', 'iso27017-2026', 'iso27701-2019') and i.last_day is not null as with_isms
    from lapsed l left join isms i on true),
ended as (
    update scheduling.certifications c
    set state = 'expired', with_isms = g.with_isms, version = c.version + 1, updated_at = :now
    from ending g
    where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = g.id and g.last_day < :today::date
    returning c.*, g.from_state, g.last_day),
noted as (
    insert into scheduling.certification_transitions (consultancy_id, id, client_id, certification_id, from_state, to_state, on_date, source,
                                                      created_at, updated_at)
    select e.consultancy_id, gen_random_uuid(), e.client_id, e.id, e.from_state, 'expired', e.last_day + 1,
           case when e.last_day < e.expiry_date and e.scheme = 'iso27001-2013' then 'TRN-01'
                when not e.with_isms then 'REC-05' when e.scheme like 'iso27017-%' then 'ADD-01' else 'ADD-02' end, :now, :now
    from ended e
    returning certification_id)
select e.id, e.client_id, e.scheme, e.body_id, e.state, e.scope_text, e.target_date, e.stage1_last_day, e.stage2_last_day,
       e.recommended_on, e.decision_date, e.effective_date, e.issue_date, e.expiry_date, e.original_certification_date,
       e.previous_expiry_date, e.gap_days, e.cycle_no, e.cycle_type, e.cycle_start, e.anchor_date, e.recertification_audit_last_day,
       e.suspended_on, e.suspension_limit, e.withdrawn_on, e.scope_defined_on, e.risk_assessment_done_on, e.soa_approved_on,
       e.internal_audit_done_on, e.management_review_done_on, e.accreditation_lost_on, e.scope_reductions, e.previous_scheme,
       e.edition_changed_on, e.policies, e.version, e.created_at, e.updated_at
from ended e
