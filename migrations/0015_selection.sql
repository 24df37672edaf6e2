-- Choosing a certification body: what bodies offer, their quotes, the facts behind the audit-day estimate; the change of a standard over all clients.
set local role meguri_owner;

alter table scheduling.certification_bodies
    add column accreditation_body text,
    add column standards jsonb not null default '[]',
    add column policy_sources jsonb not null default '{}',
    add column day_rate bigint,
    add column currency text,
    add column travel_policy text,
    add column lead_time_days int,
    add column same_auditor boolean,
    add column contacts jsonb not null default '[]',
    add column notes text,
    add constraint certification_bodies_accreditation_body_length check (length(accreditation_body) between 1 and 100),
    add constraint certification_bodies_standards_list check (jsonb_typeof(standards) = 'array'),
    add constraint certification_bodies_policy_sources_object check (jsonb_typeof(policy_sources) = 'object'),
    add constraint certification_bodies_day_rate_range check (day_rate between 0 and 1000000000000),
    add constraint certification_bodies_currency_shape check (currency ~ '^[A-Z]{3}$'),
    add constraint certification_bodies_travel_policy_length check (length(travel_policy) <= 2000),
    add constraint certification_bodies_lead_time_days_range check (lead_time_days between 0 and 730),
    add constraint certification_bodies_contacts_list check (jsonb_typeof(contacts) = 'array'),
    add constraint certification_bodies_notes_length check (length(notes) <= 4000);
comment on table scheduling.certification_bodies is
    'tenant: certification bodies as the consultancy knows them; policies override the consultancy''s, policy_sources says where each value is '
    'written; money in the smallest unit of the currency';

-- The next editions. The list is the contract's; what a scheme does stands in the programs.
alter table scheduling.certifications drop constraint certifications_scheme_known;
alter table scheduling.certifications add constraint certifications_scheme_known check
    (scheme in ('iso27001-2022', 'iso27001-2013', 'iso27001-next', 'iso27017-jp', 'iso27017-2026', 'iso27701-2019', 'iso27701-2025', 'pmark'));

create table scheduling.quotes (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    body_id uuid not null,
    schemes jsonb not null,
    basis text not null default 'initial',
    status text not null default 'requested',
    received_on date,
    valid_until date,
    currency text not null,
    day_rate bigint,
    days jsonb not null default '{}',
    travel_per_audit bigint not null default 0,
    fees jsonb not null default '{}',
    other_expenses jsonb not null default '[]',
    tax_included boolean not null default false,
    tax_pct numeric(5, 2),
    same_auditor_again boolean,
    lead_time_days int,
    note text,
    cost jsonb,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint quotes_client_id_key unique (consultancy_id, client_id, id),
    constraint quotes_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint quotes_body_fkey foreign key (consultancy_id, body_id)
        references scheduling.certification_bodies (consultancy_id, id),
    constraint quotes_schemes_list check (jsonb_typeof(schemes) = 'array' and jsonb_array_length(schemes) between 1 and 8),
    constraint quotes_basis_known check (basis in ('initial', 'recertification', 'transfer')),
    constraint quotes_status_known check (status in ('requested', 'received', 'chosen', 'declined')),
    constraint quotes_currency_shape check (currency ~ '^[A-Z]{3}$'),
    constraint quotes_day_rate_range check (day_rate between 0 and 1000000000000),
    constraint quotes_days_object check (jsonb_typeof(days) = 'object'),
    constraint quotes_travel_per_audit_range check (travel_per_audit between 0 and 1000000000000),
    constraint quotes_fees_object check (jsonb_typeof(fees) = 'object'),
    constraint quotes_other_expenses_list check (jsonb_typeof(other_expenses) = 'array'),
    constraint quotes_tax_pct_range check (tax_pct between 0 and 100),
    constraint quotes_lead_time_days_range check (lead_time_days between 0 and 730),
    constraint quotes_note_length check (length(note) <= 4000)
);
comment on table scheduling.quotes is
    'tenant: what a certification body asks of one client; money in the smallest unit of the currency; cost = counted from the row';
create index quotes_created on scheduling.quotes (consultancy_id, client_id, created_at, id);
create index quotes_body on scheduling.quotes (consultancy_id, body_id);
call app.fence('scheduling.quotes', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.quotes to meguri_scheduling;

create table scheduling.audit_day_facts (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    headcount int,
    headcount_source text,
    identical_groups jsonb not null default '[]',
    complexity jsonb,
    adjust_pct int,
    site_count int,
    sampling boolean not null default true,
    integrated_pct int not null default 0,
    remote_pct int not null default 0,
    remote_reason text,
    later_schemes jsonb not null default '[]',
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint audit_day_facts_client_id_key unique (consultancy_id, client_id),
    constraint audit_day_facts_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint audit_day_facts_headcount_range check (headcount between 1 and 10000000),
    constraint audit_day_facts_headcount_source_known check (headcount_source in ('departments', 'sites', 'client')),
    constraint audit_day_facts_identical_groups_list check (jsonb_typeof(identical_groups) = 'array'),
    constraint audit_day_facts_adjust_pct_range check (adjust_pct between -30 and 500),
    constraint audit_day_facts_site_count_range check (site_count between 0 and 1000000),
    constraint audit_day_facts_integrated_pct_range check (integrated_pct between 0 and 20),
    constraint audit_day_facts_remote_pct_range check (remote_pct between 0 and 100),
    constraint audit_day_facts_remote_reason_length check (length(remote_reason) <= 2000),
    constraint audit_day_facts_later_schemes_list check (jsonb_typeof(later_schemes) = 'array'),
    constraint audit_day_facts_note_length check (length(note) <= 4000)
);
comment on table scheduling.audit_day_facts is 'tenant: what a client''s audit-day estimate is counted from, beyond its sites and departments';
call app.fence('scheduling.audit_day_facts', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.audit_day_facts to meguri_scheduling;

create table scheduling.campaigns (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    name text not null,
    old_scheme text not null,
    new_scheme text not null,
    last_start_initial date,
    last_start_recertification date,
    end_on date not null,
    extra_days jsonb not null,
    source text,
    note text,
    status text not null default 'open',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint campaigns_name_key unique (consultancy_id, name),
    constraint campaigns_name_length check (length(name) between 1 and 200),
    constraint campaigns_new_scheme_differs check (new_scheme <> old_scheme),
    constraint campaigns_extra_days_object check (jsonb_typeof(extra_days) = 'object'),
    constraint campaigns_source_length check (length(source) between 1 and 500),
    constraint campaigns_note_length check (length(note) <= 4000),
    constraint campaigns_status_known check (status in ('open', 'closed'))
);
comment on table scheduling.campaigns is 'tenant: the change from one edition of a standard to the next over all clients (TRN-04)';
create index campaigns_created on scheduling.campaigns (consultancy_id, created_at, id);
call app.fence('scheduling.campaigns');
grant select, insert, update, delete on scheduling.campaigns to meguri_scheduling;

create table scheduling.campaign_steps (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    campaign_id uuid not null,
    certification_id uuid not null,
    status text not null default 'not_planned',
    planned_with text,
    planned_on date,
    done_on date,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint campaign_steps_client_id_key unique (consultancy_id, client_id, id),
    constraint campaign_steps_certification_id_key unique (consultancy_id, campaign_id, certification_id),
    constraint campaign_steps_campaign_fkey foreign key (consultancy_id, campaign_id)
        references scheduling.campaigns (consultancy_id, id) on delete cascade,
    constraint campaign_steps_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id) on delete cascade,
    constraint campaign_steps_status_known check (status in ('not_planned', 'planned', 'audited', 'done', 'ended')),
    constraint campaign_steps_planned_with_known check (planned_with in ('surveillance', 'recertification', 'alone')),
    constraint campaign_steps_note_length check (length(note) <= 4000)
);
comment on table scheduling.campaign_steps is
    'tenant: how far one certification is in a campaign; made for every certification of the old edition when the campaign begins';
create index campaign_steps_certification on scheduling.campaign_steps (consultancy_id, client_id, certification_id);
call app.fence('scheduling.campaign_steps', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.campaign_steps to meguri_scheduling;

reset role;
