-- name: listCertifications
-- key: c.id
-- sort: created_at c.created_at timestamptz
select c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
       c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
       c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
       c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
       c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
       c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at{key}
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id
  and (:state::text is null or c.state = :state)
  and (:scheme::text is null or c.scheme = :scheme)
{page}

-- name: getCertification
select c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
       c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
       c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
       c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
       c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
       c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id

-- name: loadPolicyLevels
select t.policies as consultancy_policies,
       (select b.policies from scheduling.certification_bodies b
        where b.consultancy_id = t.consultancy_id and b.id = :body_id::uuid) as body_policies,
       (select max(i.expiry_date) from scheduling.certifications i
        where i.consultancy_id = t.consultancy_id and i.client_id = :client_id and i.scheme like 'iso27001-%'
          and i.state in ('certified', 'suspended')) as isms_expiry
from tenants.consultancies t
where t.consultancy_id = :consultancy

-- name: insertCertification
-- event: certification.created
insert into scheduling.certifications (consultancy_id, id, client_id, scheme, body_id, state, scope_text, target_date, stage1_last_day,
                                       stage2_last_day, decision_date, effective_date, issue_date, expiry_date,
                                       original_certification_date, suspended_on, suspension_limit, cycle_no, cycle_type, cycle_start,
                                       anchor_date, anchor_cycle,
                                       scope_defined_on, risk_assessment_done_on, soa_approved_on, internal_audit_done_on,
                                       management_review_done_on, policies, created_at, updated_at)
select :consultancy, :new_id, :client_id, p.scheme, p.body_id, coalesce(p.state, 'preparing'), p.scope_text, p.target_date,
       p.stage1_last_day, p.stage2_last_day, p.decision_date, p.effective_date, p.issue_date, p.expiry_date,
       p.original_certification_date, p.suspended_on, p.suspension_limit, coalesce(p.cycle_no, 1), coalesce(p.cycle_type, 'initial'), p.cycle_start, p.anchor_date,
       coalesce(p.anchor_cycle, 1), p.scope_defined_on, p.risk_assessment_done_on, p.soa_approved_on, p.internal_audit_done_on,
       p.management_review_done_on, jsonb_strip_nulls(coalesce(p.policies, '{}')), :now, :now
from jsonb_populate_record(null::scheduling.certifications, :certification::jsonb) p
returning id, client_id, scheme, body_id, state, scope_text, target_date, stage1_last_day, stage2_last_day, recommended_on,
          decision_date, effective_date, issue_date, expiry_date, original_certification_date, previous_expiry_date, gap_days, cycle_no,
          cycle_type, cycle_start, anchor_date, recertification_audit_last_day, suspended_on, suspension_limit, withdrawn_on,
          scope_defined_on, risk_assessment_done_on, soa_approved_on, internal_audit_done_on, management_review_done_on,
          accreditation_lost_on, scope_reductions, previous_scheme, edition_changed_on, policies, version, created_at, updated_at

-- name: changeCertification
-- event: certification.changed
update scheduling.certifications c
set (scheme, body_id, state, scope_text, target_date, stage1_last_day, stage2_last_day, recommended_on, decision_date, effective_date,
     issue_date, expiry_date, original_certification_date, previous_expiry_date, gap_days, cycle_no, cycle_type, cycle_start,
     anchor_date, anchor_cycle, recertification_audit_last_day, suspended_on, suspension_limit, withdrawn_on, scope_defined_on,
     risk_assessment_done_on, soa_approved_on, internal_audit_done_on, management_review_done_on, accreditation_lost_on,
     scope_reductions, previous_scheme, edition_changed_on, with_isms) =
    (select p.scheme, p.body_id, p.state, p.scope_text, p.target_date, p.stage1_last_day, p.stage2_last_day, p.recommended_on, p.decision_date,
            p.effective_date, p.issue_date, p.expiry_date, p.original_certification_date, p.previous_expiry_date, p.gap_days, p.cycle_no,
            p.cycle_type, p.cycle_start, p.anchor_date, p.anchor_cycle, p.recertification_audit_last_day, p.suspended_on,
            p.suspension_limit, p.withdrawn_on, p.scope_defined_on, p.risk_assessment_done_on, p.soa_approved_on,
            p.internal_audit_done_on, p.management_review_done_on, p.accreditation_lost_on, p.scope_reductions, p.previous_scheme,
            p.edition_changed_on, p.with_isms
     from jsonb_populate_record(c, :certification_changes::jsonb) p),
    policies = jsonb_strip_nulls(c.policies || coalesce(:certification_changes::jsonb -> 'policies', '{}')),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, scheme, body_id, state, scope_text, target_date, stage1_last_day, stage2_last_day, recommended_on,
          decision_date, effective_date, issue_date, expiry_date, original_certification_date, previous_expiry_date, gap_days, cycle_no,
          cycle_type, cycle_start, anchor_date, recertification_audit_last_day, suspended_on, suspension_limit, withdrawn_on,
          scope_defined_on, risk_assessment_done_on, soa_approved_on, internal_audit_done_on, management_review_done_on,
          accreditation_lost_on, scope_reductions, previous_scheme, edition_changed_on, policies, version, created_at, updated_at

-- What a step of the ISMS brings to its add-ons (ADD-01, ADD-02), each with a step of its own in the history.
-- name: changeAddons
-- event: certification.changed
with wanted as materialized (
    select w.*
    from jsonb_to_recordset(:addon_changes::jsonb) as w(id uuid, transition_id uuid, from_state text, to_state text, rule text,
                                                        changes jsonb, facts jsonb)),
noted as (
    insert into scheduling.certification_transitions (consultancy_id, id, client_id, certification_id, from_state, to_state, on_date, source,
                                                      facts, actor_id, created_at, updated_at)
    select :consultancy, w.transition_id, :client_id, w.id, w.from_state, w.to_state, :on_date::date, w.rule, w.facts, :member, :now, :now
    from wanted w
    returning id)
update scheduling.certifications c
set (body_id, state, decision_date, effective_date, expiry_date, previous_expiry_date, gap_days, cycle_no, cycle_type, cycle_start,
     anchor_date, anchor_cycle, recertification_audit_last_day, suspended_on, suspension_limit, withdrawn_on, with_isms) =
    (select p.body_id, p.state, p.decision_date, p.effective_date, p.expiry_date, p.previous_expiry_date, p.gap_days, p.cycle_no,
            p.cycle_type, p.cycle_start, p.anchor_date, p.anchor_cycle, p.recertification_audit_last_day, p.suspended_on,
            p.suspension_limit, p.withdrawn_on, p.with_isms
     from jsonb_populate_record(c, w.changes) p),
    version = c.version + 1, updated_at = :now
from wanted w
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = w.id
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- An add-on ends on the day on which its ISMS ends, whatever was entered first (ADD-01, ADD-02).
-- name: alignAddons
-- event: certification.changed
update scheduling.certifications c
set expiry_date = i.expiry_date, version = c.version + 1, updated_at = :now
from scheduling.certifications i
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.scheme in ('iso27017-jp', 'iso27017-2026', 'iso27701-2019')
  and c.state in ('certified', 'suspended') and i.consultancy_id = c.consultancy_id and i.client_id = c.client_id
  and i.scheme like 'iso27001-%' and i.state in ('certified', 'suspended') and c.expiry_date <> i.expiry_date
  and not exists (select from scheduling.certifications o
                  where o.consultancy_id = i.consultancy_id and o.client_id = i.client_id and o.scheme like 'iso27001-%'
                    and o.state in ('certified', 'suspended') and (o.expiry_date, o.id) > (i.expiry_date, i.id))
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day,
          c.recommended_on, c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date,
          c.previous_expiry_date, c.gap_days, c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day,
          c.suspended_on, c.suspension_limit, c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on,
          c.internal_audit_done_on, c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme,
          c.edition_changed_on, c.policies, c.version, c.created_at, c.updated_at

-- A certification with a history is not deleted but withdrawn.
-- name: judgeCertificationDelete
select c.id, exists (select from scheduling.certification_transitions t
                     where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.certification_id = c.id) as has_history
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id
for update of c

-- name: deleteDerivedDeadlines
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.certification_id = :certification_id and d.origin = 'derived'
returning id, client_id, certification_id, kind, due_on, version + 1 as version

-- name: deleteDerivedAudits
-- event: audit.deleted
delete from scheduling.audits a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.certification_id = :certification_id and a.origin = 'derived'
  and a.status in ('planned', 'cancelled')
returning id, client_id, certification_id, kind, version + 1 as version

-- name: deleteCertification
-- event: certification.deleted
delete from scheduling.certifications c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, scheme, state, version + 1 as version

-- name: listTransitions
-- key: t.id
-- sort: on t.on_date date
select t.id, t.client_id, t.certification_id, t.from_state, t.to_state, t.on_date as "on", t.source, t.note, t.facts, t.actor_id,
       t.created_at{key}
from scheduling.certification_transitions t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.certification_id = :certification_id
{page}

-- name: getTransition
select t.id, t.client_id, t.certification_id, t.from_state, t.to_state, t.on_date as "on", t.source, t.note, t.facts, t.actor_id,
       t.created_at
from scheduling.certification_transitions t
where t.consultancy_id = :consultancy and t.client_id = :client_id and t.certification_id = :certification_id and t.id = :transition_id

-- name: insertTransition
-- event: transition.created
insert into scheduling.certification_transitions (consultancy_id, id, client_id, certification_id, from_state, to_state, on_date, source,
                                                  note, facts, actor_id, created_at, updated_at)
select :consultancy, :transition_id::uuid, :client_id, :certification_id, :from_state, :to_state, :on_date::date, :source, :note,
       coalesce(:transition_facts::jsonb, '{}'), :member, :now, :now
where :transition_id::uuid is not null
returning id, client_id, certification_id, from_state, to_state, on_date as "on", source, note, facts, actor_id, created_at

-- What an entered certificate has come to since it was granted.
-- name: insertSecondTransition
-- event: transition.created
insert into scheduling.certification_transitions (consultancy_id, id, client_id, certification_id, from_state, to_state, on_date, source,
                                                  note, facts, actor_id, created_at, updated_at)
select :consultancy, :second_id::uuid, :client_id, :certification_id, 'certified', :second_state, :second_on::date, :source, :note,
       '{"entered": true}', :member, :now, :now
where :second_id::uuid is not null
returning id, client_id, certification_id, from_state, to_state, on_date as "on", source, note, facts, actor_id, created_at

-- What the consultancy wrote down about the change from this edition to the next (TRN-04).
-- name: loadEditionCampaign
select g.end_on, g.extra_days
from scheduling.campaigns g
join scheduling.certifications c on c.consultancy_id = g.consultancy_id and c.scheme = g.old_scheme
where g.consultancy_id = :consultancy and g.new_scheme = :to_scheme and c.client_id = :client_id and c.id = :certification_id
order by g.created_at desc, g.id
limit 1
