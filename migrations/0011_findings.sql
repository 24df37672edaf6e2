-- Findings of external audits in full: what was seen, what was done about it, and when the certification body took it.
set local role meguri_owner;

alter table scheduling.findings
    add column starts_clock boolean not null default true,
    add column department_id uuid,
    add column owner_person_id uuid,
    add column evidence_seen text,
    add column correction text,
    add column correction_done_on date,
    add column cause text,
    add column corrective_action text,
    add column corrective_action_due_on date,
    add column corrective_action_done_on date,
    add column plan_submitted_on date,
    add column evidence_submitted_on date,
    add column evidence text,
    add column evidence_links jsonb not null default '[]',
    add column verification text,
    add column verified_by text,
    add column follow_up_audit_id uuid,
    add constraint findings_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    add constraint findings_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    add constraint findings_follow_up_audit_fkey foreign key (consultancy_id, client_id, follow_up_audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    add constraint findings_evidence_seen_length check (length(evidence_seen) <= 4000),
    add constraint findings_correction_length check (length(correction) <= 4000),
    add constraint findings_cause_length check (length(cause) <= 4000),
    add constraint findings_corrective_action_length check (length(corrective_action) <= 4000),
    add constraint findings_evidence_length check (length(evidence) <= 4000),
    add constraint findings_evidence_links_list check (jsonb_typeof(evidence_links) = 'array'),
    add constraint findings_verification_known check (verification in ('documents', 'limited_audit', 'full_audit', 'next_audit')),
    add constraint findings_verified_by_length check (length(verified_by) between 1 and 200);

-- INI-04: what stage 1 says starts no clock, whatever grade it is given.
update scheduling.findings f
set starts_clock = false
from scheduling.audits a
where a.consultancy_id = f.consultancy_id and a.id = f.audit_id and a.kind in ('stage1', 'internal');

alter table scheduling.findings add column state text generated always as (
    case when closed_on is not null then 'closed'
         when verified_on is not null then 'verified'
         when evidence_submitted_on is not null then 'evidence_submitted'
         when plan_accepted_on is not null then 'plan_accepted'
         when plan_submitted_on is not null then 'plan_submitted'
         when starts_clock and grade in ('major', 'minor') then 'plan_due'
         else 'open' end) stored;
comment on table scheduling.findings is
    'tenant: what an audit found; state follows from the dates; starts_clock = the body gives days for it, which stage 1 and internal audits do not';
create index findings_department on scheduling.findings (consultancy_id, client_id, department_id);
create index findings_owner_person on scheduling.findings (consultancy_id, client_id, owner_person_id);
create index findings_follow_up_audit on scheduling.findings (consultancy_id, client_id, follow_up_audit_id);

reset role;
