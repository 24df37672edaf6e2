-- Consultant days planned and spent per client and stage, and how many a member has in a month.
set local role meguri_owner;

create table scheduling.effort_plans (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid,
    stage text not null,
    cycle_no int not null default 1,
    member_id uuid,
    days numeric not null,
    start_on date,
    end_on date,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint effort_plans_client_id_key unique (consultancy_id, client_id, id),
    constraint effort_plans_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint effort_plans_stage_known check
        (stage in ('preparation', 'stage1', 'between', 'stage2', 'after', 'surveillance1', 'surveillance2', 'recertification',
                   'internal_audit', 'change', 'other')),
    constraint effort_plans_cycle_no_range check (cycle_no between 1 and 100),
    constraint effort_plans_days_range check (days between 0 and 1000),
    constraint effort_plans_end_not_before_start check (end_on >= start_on),
    constraint effort_plans_note_length check (length(note) between 1 and 1000),
    constraint effort_plans_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint effort_plans_member_fkey foreign key (consultancy_id, member_id)
        references tenants.members (consultancy_id, id)
);
comment on table scheduling.effort_plans is 'tenant: consultant days planned for a client and stage, of one member or of nobody yet';
create index effort_plans_created on scheduling.effort_plans (consultancy_id, client_id, created_at, id);
create index effort_plans_certification on scheduling.effort_plans (consultancy_id, certification_id);
create index effort_plans_member on scheduling.effort_plans (consultancy_id, member_id);
call app.fence('scheduling.effort_plans', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.effort_plans to meguri_scheduling;

create table scheduling.effort_entries (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    worked_on date not null,
    member_id uuid not null,
    certification_id uuid,
    stage text not null,
    cycle_no int not null default 1,
    minutes int not null,
    billable boolean not null default true,
    note text,
    corrects_id uuid,
    invoice_ref text,
    invoiced_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint effort_entries_client_id_key unique (consultancy_id, client_id, id),
    constraint effort_entries_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint effort_entries_stage_known check
        (stage in ('preparation', 'stage1', 'between', 'stage2', 'after', 'surveillance1', 'surveillance2', 'recertification',
                   'internal_audit', 'change', 'other')),
    constraint effort_entries_cycle_no_range check (cycle_no between 1 and 100),
    constraint effort_entries_minutes_range check (minutes between 1 and 1440 or (corrects_id is not null and minutes between -1440 and 1440)),
    constraint effort_entries_invoiced check ((invoiced_on is null) = (invoice_ref is null)),
    constraint effort_entries_corrects_fkey foreign key (consultancy_id, client_id, corrects_id)
        references scheduling.effort_entries (consultancy_id, client_id, id),
    constraint effort_entries_note_length check (length(note) between 1 and 1000),
    constraint effort_entries_invoice_ref_length check (length(invoice_ref) between 1 and 100),
    constraint effort_entries_member_fkey foreign key (consultancy_id, member_id)
        references tenants.members (consultancy_id, id),
    constraint effort_entries_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id)
);
comment on table scheduling.effort_entries is 'tenant: consultant time spent for a client and stage; an invoiced row never changes';
create index effort_entries_by_day on scheduling.effort_entries (consultancy_id, client_id, worked_on, id);
create index effort_entries_corrects on scheduling.effort_entries (consultancy_id, client_id, corrects_id);
create index effort_entries_member on scheduling.effort_entries (consultancy_id, member_id);
create index effort_entries_certification on scheduling.effort_entries (consultancy_id, client_id, certification_id);
call app.fence('scheduling.effort_entries', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.effort_entries to meguri_scheduling;

create table scheduling.capacities (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    member_id uuid not null,
    month text not null,
    days numeric not null,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint capacities_month_key unique (consultancy_id, member_id, month),
    constraint capacities_member_fkey foreign key (consultancy_id, member_id)
        references tenants.members (consultancy_id, id),
    constraint capacities_month_shape check (month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'),
    constraint capacities_days_range check (days between 0 and 31),
    constraint capacities_note_length check (length(note) between 1 and 1000)
);
comment on table scheduling.capacities is 'tenant: days that a member can work for clients in a month';
create index capacities_created on scheduling.capacities (consultancy_id, member_id, created_at, id);
call app.fence('scheduling.capacities');
grant select, insert, update, delete on scheduling.capacities to meguri_scheduling;

reset role;
