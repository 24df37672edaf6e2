-- The approval of the advice on a change, and what follows it: audits, the next version of the scope, the certificate.

-- The scope in force on the day of the change, as choices for a new version, and all places of the client.
-- name: loadScopeBase
with base as (
    select v.* from tenants.scope_versions v
    join scheduling.changes h on h.consultancy_id = v.consultancy_id and h.client_id = v.client_id and h.id = :change_id::uuid
    where v.consultancy_id = :consultancy and v.client_id = :client_id and v.status in ('approved', 'active', 'superseded')
      and v.effective_on <= greatest(h.change_date, :today::date)
    order by v.effective_on desc, v.number desc limit 1)
select pg_advisory_xact_lock(hashtextextended('scope ' || n.id::text, 0)) is null as locked,
       (select jsonb_build_object(
            'statement_ja', b.statement_ja, 'statement_en', b.statement_en, 'staff_kinds', b.staff_kinds, 'exclusions', b.exclusions,
            'boundaries', b.boundaries, 'headcount', b.headcount,
            'sites', case when b.activated_at is null then b.sites
                          else (select jsonb_agg(jsonb_build_object('site_id', e.item -> 'site_id'))
                                from jsonb_array_elements(b.sites) as e (item)) end,
            'departments', case when b.activated_at is null then b.departments
                                else (select jsonb_agg(jsonb_build_object('department_id', e.item -> 'department_id'))
                                      from jsonb_array_elements(b.departments) as e (item)) end)
        from base b) as base,
       coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'in_scope', s.in_scope) order by s.created_at, s.id)
                 from tenants.sites s
                 where s.consultancy_id = n.consultancy_id and s.client_id = n.id
                   and (s.closed_on is null or s.closed_on > :today::date)), '[]') as sites,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'in_scope', d.in_scope) order by d.created_at, d.id)
                 from tenants.departments d
                 where d.consultancy_id = n.consultancy_id and d.client_id = n.id), '[]') as departments
from tenants.clients n
where n.consultancy_id = :consultancy and n.id = :client_id

-- name: clearChangeAudits
-- no-event: links of an earlier approval, which its events keep
delete from scheduling.change_audits x
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.change_id = :change_id::uuid
returning x.id

-- name: insertChangeAudits
-- event: audit.created
insert into scheduling.audits as a (consultancy_id, id, client_id, certification_id, kind, cycle_no, nominal_date, window_start, window_end,
                                    planned_first_day, planned_last_day, status, note, why, created_at, updated_at)
select :consultancy, w.audit_id, :client_id, w.certification_id, w.kind, c.cycle_no, w.due_by, w.not_before, w.due_by, w.first_day, w.last_day,
       case when w.first_day is null then 'planned' else 'requested' end, w.note, w.why, :now, :now
from jsonb_to_recordset(:change_audits::jsonb) as w (
    audit_id uuid, certification_id uuid, kind text, made boolean, not_before date, due_by date, first_day date, last_day date, note text,
    why jsonb)
join scheduling.certifications c on c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = w.certification_id
where w.made
returning a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
          a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids, a.location,
          a.remote_justification, a.reported_on, a.recommendation, a.outcome, a.note, a.why, a.ics_sequence, a.version, a.created_at,
          a.updated_at

-- An audit that was there already takes the agreed days.
-- name: bookChangeAudits
-- event: audit.changed
update scheduling.audits a
set planned_first_day = w.first_day, planned_last_day = w.last_day, status = case when a.status = 'planned' then 'requested' else a.status end,
    ics_sequence = a.ics_sequence + 1, version = a.version + 1, updated_at = :now
from jsonb_to_recordset(:change_audits::jsonb) as w (audit_id uuid, made boolean, first_day date, last_day date)
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = w.audit_id and not w.made and w.first_day is not null
  and a.planned_first_day is null
returning a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
          a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids, a.location,
          a.remote_justification, a.reported_on, a.recommendation, a.outcome, a.note, a.why, a.ics_sequence, a.version, a.created_at,
          a.updated_at

-- name: insertChangeScope
-- event: scope_version.created
insert into tenants.scope_versions as v (consultancy_id, id, client_id, number, status, statement_ja, statement_en, sites, departments,
                                         staff_kinds, exclusions, boundaries, headcount, effective_on, approved_on, approved_by, change_id,
                                         note, created_at, updated_at)
select :consultancy, p.id, :client_id,
       1 + coalesce((select max(o.number) from tenants.scope_versions o
                     where o.consultancy_id = :consultancy and o.client_id = :client_id), 0),
       p.status, p.statement_ja, p.statement_en, p.sites, p.departments, p.staff_kinds, coalesce(p.exclusions, '[]'),
       jsonb_strip_nulls(coalesce(p.boundaries, '{}')), p.headcount, p.effective_on,
       case when p.status = 'approved' then :today::date end, case when p.status = 'approved' then :member::uuid end, :change_id::uuid,
       p.note, :now, :now
from jsonb_populate_record(null::tenants.scope_versions, jsonb_strip_nulls(:change_scope::jsonb)) p
where p.id is not null
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- name: linkChangeAudits
-- no-event: told by the change and its audits
insert into scheduling.change_audits (consultancy_id, id, client_id, change_id, certification_id, audit_id, variant, made, not_before, due_by,
                                      extra_days, cost, created_at, updated_at)
select :consultancy, w.id, :client_id, :change_id::uuid, w.certification_id, w.audit_id, w.variant, w.made, w.not_before, w.due_by,
       w.extra_days, nullif(w.cost, 'null'), :now, :now
from jsonb_to_recordset(:change_audits::jsonb) as w (
    id uuid, certification_id uuid, audit_id uuid, variant text, made boolean, not_before date, due_by date, extra_days numeric, cost jsonb)
where w.audit_id is not null
returning id

-- name: approveChangeRow
-- event: change.approved
update scheduling.changes h
set status = 'approved', approved_on = :today::date, approved_variant = :approved_variant, notified_on = coalesce(:notified_on::date, h.notified_on),
    accepted_on = null, scope_version_id = :scope_version_id::uuid, scope_effective = :scope_effective, version = h.version + 1,
    updated_at = :now
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
returning h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
          h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
          h.scope_version_id, h.scope_effective, h.version,
          h.created_at, h.updated_at

-- The chosen days follow the day of the change; an ended change has no audit.
-- name: followChangeAudits
-- no-event: told by the change and its audits
update scheduling.change_audits x
set not_before = w.not_before, due_by = w.due_by, version = x.version + 1, updated_at = :now
from jsonb_to_recordset(:change_audits::jsonb) as w (certification_id uuid, not_before date, due_by date)
where x.consultancy_id = :consultancy and x.client_id = :client_id and x.change_id = :change_id::uuid
  and x.certification_id = w.certification_id and (x.not_before, x.due_by) is distinct from (w.not_before, w.due_by)
returning x.id

-- name: followMadeAudits
-- event: audit.changed
update scheduling.audits a
set nominal_date = x.due_by, window_start = x.not_before, window_end = x.due_by,
    status = case when h.status in ('rejected', 'withdrawn', 'cancelled', 'open') then 'cancelled' else a.status end,
    ics_sequence = a.ics_sequence + case when h.status in ('rejected', 'withdrawn', 'cancelled', 'open') then 1 else 0 end,
    version = a.version + 1, updated_at = :now
from scheduling.change_audits x
join scheduling.changes h on h.consultancy_id = x.consultancy_id and h.client_id = x.client_id and h.id = x.change_id
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = x.audit_id
  and x.consultancy_id = :consultancy and x.client_id = :client_id and x.change_id = :change_id::uuid and x.made
  and a.status not in ('held', 'reported', 'cancelled')
  and (h.status in ('rejected', 'withdrawn', 'cancelled', 'open')
       or (a.window_start, a.window_end) is distinct from (x.not_before, x.due_by))
returning a.id, a.client_id, a.certification_id, a.kind, a.cycle_no, a.ordinal, a.origin, a.nominal_date, a.window_start, a.window_end,
          a.hard_limit, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.status, a.site_ids, a.location,
          a.remote_justification, a.reported_on, a.recommendation, a.outcome, a.note, a.why, a.ics_sequence, a.version, a.created_at,
          a.updated_at

-- What a cancelled audit held is free again.
-- name: freeChangeAudits
-- no-event: told by the audit
delete from scheduling.bookings b
using scheduling.change_audits x, scheduling.audits a
where b.consultancy_id = :consultancy and b.client_id = :client_id and b.audit_id = x.audit_id
  and x.consultancy_id = :consultancy and x.client_id = :client_id and x.change_id = :change_id::uuid and x.made
  and a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = x.audit_id and a.status = 'cancelled'
returning b.audit_id

-- The version of the scope that the approval made: dropped with the change, dated by its acceptance, moved with its day.
-- name: followChangeScope
-- event: scope_version.changed
with wanted as (
    select v.id,
           case when h.status in ('rejected', 'withdrawn', 'cancelled', 'open') then 'discarded'
                when v.status = 'draft' and h.scope_effective = 'acceptance' and h.accepted_on is not null then 'approved'
                else v.status end as status,
           case when h.status in ('rejected', 'withdrawn', 'cancelled', 'open') then v.effective_on
                when h.scope_effective = 'acceptance' then h.accepted_on
                else h.change_date end as effective_on
    from scheduling.changes h
    join tenants.scope_versions v on v.consultancy_id = h.consultancy_id and v.client_id = h.client_id and v.change_id = h.id
    where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid and v.status in ('draft', 'approved'))
update tenants.scope_versions v
set status = w.status, effective_on = w.effective_on,
    approved_on = case when w.status = 'approved' then coalesce(v.approved_on, :today::date) else v.approved_on end,
    approved_by = case when w.status = 'approved' then coalesce(v.approved_by, :member::uuid) else v.approved_by end,
    version = v.version + 1, updated_at = :now
from wanted w
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.id = w.id
  and (v.status, v.effective_on) is distinct from (w.status, w.effective_on)
returning v.id, v.client_id, v.number, v.status, v.statement_ja, v.statement_en, tenants.scope_sites(v) as sites,
          tenants.scope_departments(v) as departments, v.staff_kinds, v.exclusions, v.boundaries, v.headcount, v.effective_on,
          v.approved_on, v.approved_by, v.superseded_on, v.change_id, v.note, v.version, v.created_at, v.updated_at

-- CHG-07: the certificate is issued anew, its expiry stays.
-- name: reissueCertificates
-- event: certification.changed
update scheduling.certifications c
set issue_date = h.reissued_on, version = c.version + 1, updated_at = :now
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid and h.reissued_on is not null
  and c.consultancy_id = :consultancy and c.client_id = :client_id and (h.certification_id is null or h.certification_id = c.id)
  and c.state in ('certified', 'suspended') and (c.issue_date is null or c.issue_date < h.reissued_on)
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at
