-- The context of a client and its treatments, which are its internal rules.
set local role meguri_owner;

create table registers.context_issues (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    kind text not null,
    topic text not null,
    description text,
    effect text,
    response text,
    is_climate boolean not null default false,
    status text not null default 'active',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint context_issues_client_id_key unique (consultancy_id, client_id, id),
    constraint context_issues_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint context_issues_kind_known check (kind in ('internal', 'external')),
    constraint context_issues_topic_length check (length(topic) between 1 and 200),
    constraint context_issues_description_length check (length(description) <= 4000),
    constraint context_issues_effect_length check (length(effect) <= 4000),
    constraint context_issues_response_length check (length(response) <= 4000),
    constraint context_issues_status_known check (status in ('active', 'closed'))
);
comment on table registers.context_issues is 'tenant: internal and external issues of a client';
create index context_issues_created on registers.context_issues (consultancy_id, client_id, created_at, id);
call app.fence('registers.context_issues', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.context_issues to meguri_registers;

create table registers.interested_parties (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    kind text not null default 'other',
    name text not null,
    description text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint interested_parties_client_id_key unique (consultancy_id, client_id, id),
    constraint interested_parties_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint interested_parties_kind_known check (kind in ('customer', 'supplier', 'employee', 'owner', 'authority', 'group', 'public', 'other')),
    constraint interested_parties_name_length check (length(name) between 1 and 200),
    constraint interested_parties_description_length check (length(description) <= 4000)
);
comment on table registers.interested_parties is 'tenant: interested parties of a client';
create index interested_parties_created on registers.interested_parties (consultancy_id, client_id, created_at, id);
call app.fence('registers.interested_parties', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.interested_parties to meguri_registers;

create table registers.party_requirements (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    interested_party_id uuid not null,
    requirement text not null,
    addressed boolean not null default true,
    how text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint party_requirements_client_id_key unique (consultancy_id, client_id, id),
    constraint party_requirements_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint party_requirements_requirement_length check (length(requirement) between 1 and 2000),
    constraint party_requirements_how_length check (length(how) <= 4000),
    constraint party_requirements_interested_party_fkey foreign key (consultancy_id, client_id, interested_party_id)
        references registers.interested_parties (consultancy_id, client_id, id)
);
comment on table registers.party_requirements is 'tenant: what an interested party requires, and whether the ISMS addresses it';
create index party_requirements_created on registers.party_requirements (consultancy_id, client_id, created_at, id);
create index party_requirements_interested_party on registers.party_requirements (consultancy_id, client_id, interested_party_id);
call app.fence('registers.party_requirements', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.party_requirements to meguri_registers;

create table registers.treatments (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    title text not null,
    text_ja text,
    text_en text,
    option text not null default 'mitigate',
    state text not null default 'planned',
    controls jsonb not null default '[]',
    department_id uuid,
    owner_person_id uuid,
    due_on date,
    implemented_on date,
    effective_on date,
    review_months int,
    reviewed_on date,
    effort text,
    origin text,
    revision int not null,
    author_id uuid,
    approved_by uuid,
    approved_on date,
    approved boolean not null generated always as (approved_on is not null) stored,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint treatments_client_id_key unique (consultancy_id, client_id, id),
    constraint treatments_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint treatments_title_length check (length(title) between 1 and 200),
    constraint treatments_text_ja_length check (length(text_ja) <= 8000),
    constraint treatments_text_en_length check (length(text_en) <= 8000),
    constraint treatments_option_known check (option in ('mitigate', 'avoid', 'share', 'accept')),
    constraint treatments_state_known check (state in ('planned', 'in_progress', 'implemented', 'retired')),
    constraint treatments_review_months_range check (review_months between 1 and 60),
    constraint treatments_effort_length check (length(effort) <= 500),
    constraint treatments_origin_length check (length(origin) between 1 and 60),
    constraint treatments_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint treatments_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint treatments_number_key unique (consultancy_id, client_id, number),
    constraint treatments_number_length check (length(number) between 1 and 40),
    constraint treatments_controls_array check (jsonb_typeof(controls) = 'array'),
    constraint treatments_approved_by_independent check (approved_by <> author_id)
);
comment on table registers.treatments is 'tenant: risk treatments of a client, which are its internal rules; revision goes up with the text';
create index treatments_created on registers.treatments (consultancy_id, client_id, created_at, id);
create index treatments_department on registers.treatments (consultancy_id, client_id, department_id);
create index treatments_owner_person on registers.treatments (consultancy_id, client_id, owner_person_id);
create index treatments_due on registers.treatments (consultancy_id, client_id, coalesce(due_on, 'infinity'), id);
call app.fence('registers.treatments', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.treatments to meguri_registers;

create table registers.treatment_risks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    treatment_id uuid not null,
    risk_id uuid not null,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint treatment_risks_client_id_key unique (consultancy_id, client_id, id),
    constraint treatment_risks_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint treatment_risks_note_length check (length(note) <= 2000),
    constraint treatment_risks_treatment_fkey foreign key (consultancy_id, client_id, treatment_id)
        references registers.treatments (consultancy_id, client_id, id),
    constraint treatment_risks_risk_fkey foreign key (consultancy_id, client_id, risk_id)
        references registers.risks (consultancy_id, client_id, id),
    constraint treatment_risks_risk_id_key unique (consultancy_id, client_id, treatment_id, risk_id)
);
comment on table registers.treatment_risks is 'tenant: which treatment answers which risk';
create index treatment_risks_created on registers.treatment_risks (consultancy_id, client_id, created_at, id);
create index treatment_risks_treatment on registers.treatment_risks (consultancy_id, client_id, treatment_id);
create index treatment_risks_risk on registers.treatment_risks (consultancy_id, client_id, risk_id);
call app.fence('registers.treatment_risks', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.treatment_risks to meguri_registers;

create table registers.treatment_revisions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    treatment_id uuid not null,
    revision int not null,
    title text not null,
    text_ja text,
    text_en text,
    option text not null,
    effective_on date,
    author_id uuid,
    approved_by uuid,
    approved_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint treatment_revisions_key unique (consultancy_id, client_id, treatment_id, revision),
    constraint treatment_revisions_treatment_fkey foreign key (consultancy_id, client_id, treatment_id)
        references registers.treatments (consultancy_id, client_id, id)
);
comment on table registers.treatment_revisions is 'tenant: every text that a treatment has had, with its approval';
call app.fence('registers.treatment_revisions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.treatment_revisions to meguri_registers;
grant select on registers.treatments to meguri_scheduling, meguri_notifications;

reset role;
