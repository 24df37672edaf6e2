-- The first registers: assets, the criteria of the risk assessment, and risks.
set local role meguri_owner;

create schema registers;
grant usage on schema registers to meguri_tenants, meguri_registers;

create table registers.assets (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    name text not null,
    kind text not null default 'other',
    description text,
    owner_name text,
    location text,
    classification text,
    confidentiality int,
    integrity int,
    availability int,
    quantity int not null default 1,
    in_scope boolean not null default true,
    end_of_life date,
    status text not null default 'active',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint assets_client_id_key unique (consultancy_id, client_id, id),
    constraint assets_number_key unique (consultancy_id, client_id, number),
    constraint assets_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint assets_number_length check (length(number) between 1 and 40),
    constraint assets_name_length check (length(name) between 1 and 200),
    constraint assets_kind_shape check (kind ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint assets_description_length check (length(description) <= 4000),
    constraint assets_owner_name_length check (length(owner_name) between 1 and 100),
    constraint assets_location_length check (length(location) between 1 and 200),
    constraint assets_classification_length check (length(classification) between 1 and 40),
    constraint assets_confidentiality_range check (confidentiality between 1 and 5),
    constraint assets_integrity_range check (integrity between 1 and 5),
    constraint assets_availability_range check (availability between 1 and 5),
    constraint assets_quantity_range check (quantity between 0 and 1000000),
    constraint assets_status_shape check (status ~ '^[a-z][a-z0-9_]{1,39}$')
);
comment on table registers.assets is 'tenant: the asset inventory of a client';
create index assets_created on registers.assets (consultancy_id, client_id, created_at, id);
create index assets_name on registers.assets (consultancy_id, client_id, lower(name), id);
call app.fence('registers.assets', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.assets to meguri_registers;
grant select on registers.assets to meguri_tenants;

create table registers.risk_criteria (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    method text not null default 'additive',
    impact_max int not null default 5,
    likelihood_max int not null default 5,
    threshold int not null default 5,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint risk_criteria_client_key unique (consultancy_id, client_id),
    constraint risk_criteria_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint risk_criteria_method_known check (method in ('additive')),
    constraint risk_criteria_impact_max_range check (impact_max between 2 and 5),
    constraint risk_criteria_likelihood_max_range check (likelihood_max between 2 and 5),
    constraint risk_criteria_threshold_range check (threshold between 2 and impact_max + likelihood_max)
);
comment on table registers.risk_criteria is
    'tenant: how a client assesses its risks; without a row additive, 5 x 5, threshold 5';
call app.fence('registers.risk_criteria', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.risk_criteria to meguri_registers;
grant select on registers.risk_criteria to meguri_tenants;

create table registers.risks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    asset_id uuid,
    title text not null,
    description text,
    threat text,
    vulnerability text,
    impact int not null,
    likelihood int not null,
    score int not null generated always as (impact + likelihood) stored,
    owner_name text,
    status text not null default 'open',
    treatment_note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint risks_client_id_key unique (consultancy_id, client_id, id),
    constraint risks_number_key unique (consultancy_id, client_id, number),
    constraint risks_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint risks_asset_fkey foreign key (consultancy_id, client_id, asset_id)
        references registers.assets (consultancy_id, client_id, id),
    constraint risks_number_length check (length(number) between 1 and 40),
    constraint risks_title_length check (length(title) between 1 and 200),
    constraint risks_description_length check (length(description) <= 4000),
    constraint risks_threat_length check (length(threat) between 1 and 500),
    constraint risks_vulnerability_length check (length(vulnerability) between 1 and 500),
    constraint risks_impact_range check (impact between 1 and 5),
    constraint risks_likelihood_range check (likelihood between 1 and 5),
    constraint risks_owner_name_length check (length(owner_name) between 1 and 100),
    constraint risks_status_known check (status in ('open', 'treated', 'accepted', 'closed')),
    constraint risks_treatment_note_length check (length(treatment_note) <= 4000)
);
comment on table registers.risks is 'tenant: the risks of a client; score = impact + likelihood';
create index risks_created on registers.risks (consultancy_id, client_id, created_at, id);
create index risks_score on registers.risks (consultancy_id, client_id, score, id);
create index risks_title on registers.risks (consultancy_id, client_id, lower(title), id);
create index risks_asset on registers.risks (consultancy_id, client_id, asset_id);
call app.fence('registers.risks', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.risks to meguri_registers;
grant select on registers.risks to meguri_tenants;

reset role;
