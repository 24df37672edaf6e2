-- The certification cycle: certifications, audits, findings, changes, and the deadlines that follow from them.
set local role meguri_owner;

create schema scheduling;
grant usage on schema scheduling to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

create table scheduling.certification_bodies (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    name text not null,
    accreditation text,
    policies jsonb not null default '{}',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint certification_bodies_name_key unique (consultancy_id, name),
    constraint certification_bodies_name_length check (length(name) between 1 and 200),
    constraint certification_bodies_accreditation_length check (length(accreditation) between 1 and 100),
    constraint certification_bodies_policies_object check (jsonb_typeof(policies) = 'object')
);
comment on table scheduling.certification_bodies is
    'tenant: certification bodies as the consultancy knows them; policies override the consultancy''s, with a note of their source';
call app.fence('scheduling.certification_bodies');
grant select, insert, update, delete on scheduling.certification_bodies to meguri_scheduling;

create table scheduling.certifications (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    scheme text not null,
    body_id uuid,
    state text not null default 'preparing',
    scope_text text,
    target_date date,
    stage1_last_day date,
    stage2_last_day date,
    recommended_on date,
    decision_date date,
    effective_date date,
    issue_date date,
    expiry_date date,
    original_certification_date date,
    gap_days int not null default 0,
    cycle_no int not null default 1,
    cycle_type text not null default 'initial',
    cycle_start date,
    suspended_on date,
    suspension_limit date,
    withdrawn_on date,
    anchor_date date,
    anchor_cycle int not null default 1,
    recertification_audit_last_day date,
    previous_expiry_date date,
    scope_defined_on date,
    risk_assessment_done_on date,
    soa_approved_on date,
    internal_audit_done_on date,
    management_review_done_on date,
    policies jsonb not null default '{}',
    plan_stale boolean not null default false,
    planned_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint certifications_client_id_key unique (consultancy_id, client_id, id),
    constraint certifications_client_scheme_key unique (consultancy_id, client_id, scheme),
    constraint certifications_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint certifications_body_fkey foreign key (consultancy_id, body_id)
        references scheduling.certification_bodies (consultancy_id, id),
    constraint certifications_scheme_known check
        (scheme in ('iso27001-2022', 'iso27001-2013', 'iso27017-jp', 'iso27701-2019', 'iso27701-2025', 'pmark')),
    constraint certifications_state_known check
        (state in ('preparing', 'stage1_done', 'stage2_done', 'recommended', 'certified', 'suspended', 'expired',
                   'withdrawn')),
    constraint certifications_cycle_type_known check (cycle_type in ('initial', 'recert')),
    constraint certifications_scope_text_length check (length(scope_text) <= 2000),
    constraint certifications_gap_days_range check (gap_days >= 0),
    constraint certifications_cycle_no_range check (cycle_no >= 1),
    constraint certifications_anchor_cycle_range check (anchor_cycle between 1 and cycle_no),
    constraint certifications_effective_not_before_decision check (effective_date >= decision_date),
    constraint certifications_policies_object check (jsonb_typeof(policies) = 'object')
);
comment on table scheduling.certifications is
    'tenant: one client and one scheme; cycle_start = first day of the running cycle; anchor_date = day from which the anniversaries count, '
    'in cycle anchor_cycle; plan_stale = its programme waits to be derived again; planned_on = civil day of the last derivation by the job';
create index certifications_created on scheduling.certifications (consultancy_id, created_at, id);
create index certifications_body on scheduling.certifications (consultancy_id, body_id);
create index certifications_stale on scheduling.certifications (consultancy_id, id) where plan_stale;
call app.fence('scheduling.certifications', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.certifications to meguri_scheduling;
grant select on scheduling.certifications to meguri_tenants, meguri_registers, meguri_notifications;

create table scheduling.certification_transitions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid not null,
    from_state text not null,
    to_state text not null,
    on_date date not null,
    source text,
    note text,
    facts jsonb not null default '{}',
    actor_id uuid,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint certification_transitions_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id) on delete cascade,
    constraint certification_transitions_source_length check (length(source) between 1 and 500),
    constraint certification_transitions_note_length check (length(note) <= 2000)
);
comment on table scheduling.certification_transitions is 'tenant: every change of a certification''s state, with its date and source';
create index certification_transitions_by_date on scheduling.certification_transitions
    (consultancy_id, client_id, certification_id, on_date, id);
call app.fence('scheduling.certification_transitions', 'app.sees_client(client_id)');
grant select, insert on scheduling.certification_transitions to meguri_scheduling;

create table scheduling.audits (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid not null,
    kind text not null,
    cycle_no int not null default 1,
    ordinal int not null default 1,
    origin text not null default 'manual',
    source_key text,
    nominal_date date,
    window_start date,
    window_end date,
    hard_limit date,
    planned_first_day date,
    planned_last_day date,
    held_first_day date,
    held_last_day date,
    status text not null default 'planned',
    outcome text,
    note text,
    why jsonb not null default '{}',
    dropped boolean not null default false,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint audits_client_id_key unique (consultancy_id, client_id, id),
    constraint audits_source_key unique (consultancy_id, source_key),
    constraint audits_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint audits_kind_known check
        (kind in ('internal', 'stage1', 'stage2', 'surveillance', 'recertification', 'change', 'transfer', 'follow_up',
                  'short_notice', 'transition')),
    constraint audits_origin_known check (origin in ('derived', 'manual')),
    constraint audits_status_known check (status in ('planned', 'requested', 'tentative', 'confirmed', 'held', 'cancelled')),
    constraint audits_window_order check (window_end >= window_start),
    constraint audits_planned_order check (planned_last_day >= planned_first_day),
    constraint audits_held_order check (held_last_day >= held_first_day),
    constraint audits_outcome_length check (length(outcome) between 1 and 100),
    constraint audits_note_length check (length(note) <= 4000)
);
comment on table scheduling.audits is
    'tenant: audits of a programme; source_key names a derived one, so that a new derivation moves the same row; '
    'dropped = cancelled because the programme no longer needs it';
create index audits_certification on scheduling.audits (consultancy_id, client_id, certification_id, cycle_no, nominal_date);
create index audits_by_date on scheduling.audits (consultancy_id, nominal_date, id);
call app.fence('scheduling.audits', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.audits to meguri_scheduling;
grant select on scheduling.audits to meguri_tenants, meguri_notifications;

create table scheduling.findings (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid not null,
    audit_id uuid not null,
    grade text not null,
    reference text,
    statement text not null,
    plan_accepted_on date,
    verified_on date,
    closed_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint findings_client_id_key unique (consultancy_id, client_id, id),
    constraint findings_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    constraint findings_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint findings_grade_known check
        (grade in ('major', 'minor', 'observation', 'opportunity', 'strength', 'stage1_concern')),
    constraint findings_reference_length check (length(reference) between 1 and 100),
    constraint findings_statement_length check (length(statement) between 1 and 4000)
);
comment on table scheduling.findings is 'tenant: what an audit found';
create index findings_audit on scheduling.findings (consultancy_id, client_id, audit_id, id);
create index findings_certification on scheduling.findings (consultancy_id, client_id, certification_id, id);
call app.fence('scheduling.findings', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.findings to meguri_scheduling;
grant select on scheduling.findings to meguri_tenants, meguri_registers;

-- The contract lists the kinds of change (rules CHG-01, CHG-06).
create table scheduling.changes (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid,
    kind text not null,
    change_date date not null,
    description text,
    site_id uuid,
    advice jsonb not null default '{}',
    status text not null default 'open',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint changes_client_id_key unique (consultancy_id, client_id, id),
    constraint changes_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint changes_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint changes_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id),
    constraint changes_kind_shape check (kind ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint changes_status_shape check (status ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint changes_description_length check (length(description) <= 4000)
);
comment on table scheduling.changes is 'tenant: relocations and other changes that the certification body must hear of; advice = what the rules say';
create index changes_by_date on scheduling.changes (consultancy_id, client_id, change_date, id);
call app.fence('scheduling.changes', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.changes to meguri_scheduling;
grant select on scheduling.changes to meguri_tenants, meguri_notifications;

create table scheduling.deadlines (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid,
    audit_id uuid,
    change_id uuid,
    finding_id uuid,
    kind text not null,
    title_ja text not null,
    title_en text not null,
    due_on date not null,
    raw_on date not null,
    hardness text not null default 'own',
    rule text,
    why jsonb not null default '{}',
    origin text not null default 'manual',
    source_key text,
    status text not null default 'open',
    fulfilled_on date,
    plan_fulfilled_on date,
    moved_from date,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint deadlines_client_id_key unique (consultancy_id, client_id, id),
    constraint deadlines_source_key unique (consultancy_id, source_key),
    constraint deadlines_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint deadlines_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint deadlines_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    constraint deadlines_change_fkey foreign key (consultancy_id, client_id, change_id)
        references scheduling.changes (consultancy_id, client_id, id),
    constraint deadlines_finding_fkey foreign key (consultancy_id, client_id, finding_id)
        references scheduling.findings (consultancy_id, client_id, id),
    constraint deadlines_kind_shape check (kind ~ '^[a-z][a-z0-9_]{1,59}$'),
    constraint deadlines_title_ja_length check (length(title_ja) between 1 and 300),
    constraint deadlines_title_en_length check (length(title_en) between 1 and 300),
    constraint deadlines_hardness_known check (hardness in ('hard', 'policy', 'law', 'own')),
    constraint deadlines_rule_length check (length(rule) between 1 and 40),
    constraint deadlines_origin_known check (origin in ('derived', 'manual')),
    constraint deadlines_status_known check (status in ('open', 'fulfilled', 'withdrawn')),
    constraint deadlines_note_length check (length(note) <= 4000)
);
comment on table scheduling.deadlines is
    'tenant: dated obligations; due_on is raw_on rolled to a business day; source_key names a derived one, so that a new derivation moves the same row; '
    'plan_fulfilled_on = what the last derivation found, so that a person''s own word stands until the facts say something new';
create index deadlines_by_date on scheduling.deadlines (consultancy_id, due_on, id);
create index deadlines_by_client on scheduling.deadlines (consultancy_id, client_id, due_on, id);
create index deadlines_certification on scheduling.deadlines (consultancy_id, client_id, certification_id);
create index deadlines_audit on scheduling.deadlines (consultancy_id, client_id, audit_id);
create index deadlines_change on scheduling.deadlines (consultancy_id, client_id, change_id);
create index deadlines_finding on scheduling.deadlines (consultancy_id, client_id, finding_id);
call app.fence('scheduling.deadlines', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.deadlines to meguri_scheduling;
grant select on scheduling.deadlines to meguri_tenants, meguri_registers, meguri_notifications;

reset role;
