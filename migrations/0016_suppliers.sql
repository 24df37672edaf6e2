-- Suppliers: who works for a client, how they were asked and judged.
set local role meguri_owner;

create table registers.suppliers (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    name text not null,
    corporate_number text,
    website text,
    service text,
    department_id uuid,
    owner_person_id uuid,
    contact_name text,
    contact_email text,
    data_handled text,
    personal_data boolean not null default false,
    subcontracts boolean,
    criticality text not null default 'medium',
    in_scope boolean not null default true,
    status text not null default 'active',
    assess_months int not null default 12,
    judgement text,
    judged_on date,
    judgement_note text,
    judged_by uuid,
    score int,
    score_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint suppliers_client_id_key unique (consultancy_id, client_id, id),
    constraint suppliers_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint suppliers_name_length check (length(name) between 1 and 200),
    constraint suppliers_website_length check (length(website) <= 500),
    constraint suppliers_service_length check (length(service) between 1 and 500),
    constraint suppliers_contact_name_length check (length(contact_name) between 1 and 200),
    constraint suppliers_contact_email_length check (length(contact_email) <= 254),
    constraint suppliers_data_handled_length check (length(data_handled) <= 2000),
    constraint suppliers_criticality_known check (criticality in ('low', 'medium', 'high', 'critical')),
    constraint suppliers_status_known check (status in ('candidate', 'active', 'ended')),
    constraint suppliers_assess_months_range check (assess_months between 1 and 60),
    constraint suppliers_judgement_known check (judgement in ('accepted', 'conditional', 'rejected')),
    constraint suppliers_judgement_note_length check (length(judgement_note) <= 4000),
    constraint suppliers_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint suppliers_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint suppliers_number_key unique (consultancy_id, client_id, number),
    constraint suppliers_number_length check (length(number) between 1 and 40),
    constraint suppliers_corporate_number_shape check (corporate_number ~ '^[0-9]{13}$'),
    constraint suppliers_judged_on_known check (judged_on is null or judgement is not null),
    constraint suppliers_score_range check (score between 0 and 100)
);
comment on table registers.suppliers is 'tenant: suppliers of a client, inside and outside its scope, and how they were judged';
create index suppliers_created on registers.suppliers (consultancy_id, client_id, created_at, id);
create index suppliers_department on registers.suppliers (consultancy_id, client_id, department_id);
create index suppliers_owner_person on registers.suppliers (consultancy_id, client_id, owner_person_id);
create index suppliers_score on registers.suppliers (consultancy_id, client_id, coalesce(score, -1), id);
create index suppliers_company on registers.suppliers (consultancy_id, corporate_number);
call app.fence('registers.suppliers', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.suppliers to meguri_registers;

create table registers.supplier_contracts (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    supplier_id uuid not null,
    title text not null,
    reference text,
    department_id uuid,
    starts_on date,
    ends_on date,
    notice_on date,
    auto_renews boolean not null default false,
    confidentiality boolean,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint supplier_contracts_client_id_key unique (consultancy_id, client_id, id),
    constraint supplier_contracts_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint supplier_contracts_title_length check (length(title) between 1 and 200),
    constraint supplier_contracts_reference_length check (length(reference) between 1 and 200),
    constraint supplier_contracts_note_length check (length(note) <= 4000),
    constraint supplier_contracts_supplier_fkey foreign key (consultancy_id, client_id, supplier_id)
        references registers.suppliers (consultancy_id, client_id, id),
    constraint supplier_contracts_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint supplier_contracts_ends_on_order check (ends_on >= starts_on),
    constraint supplier_contracts_notice_on_known check (notice_on <= ends_on)
);
comment on table registers.supplier_contracts is 'tenant: contracts of a supplier, by department';
create index supplier_contracts_created on registers.supplier_contracts (consultancy_id, client_id, created_at, id);
create index supplier_contracts_supplier on registers.supplier_contracts (consultancy_id, client_id, supplier_id);
create index supplier_contracts_department on registers.supplier_contracts (consultancy_id, client_id, department_id);
call app.fence('registers.supplier_contracts', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.supplier_contracts to meguri_registers;

create table registers.supplier_conditions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    supplier_id uuid not null,
    condition text not null,
    due_on date,
    done_on date,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint supplier_conditions_client_id_key unique (consultancy_id, client_id, id),
    constraint supplier_conditions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint supplier_conditions_condition_length check (length(condition) between 1 and 2000),
    constraint supplier_conditions_note_length check (length(note) <= 2000),
    constraint supplier_conditions_supplier_fkey foreign key (consultancy_id, client_id, supplier_id)
        references registers.suppliers (consultancy_id, client_id, id)
);
comment on table registers.supplier_conditions is 'tenant: what a supplier must still do to be accepted';
create index supplier_conditions_created on registers.supplier_conditions (consultancy_id, client_id, created_at, id);
create index supplier_conditions_supplier on registers.supplier_conditions (consultancy_id, client_id, supplier_id);
call app.fence('registers.supplier_conditions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.supplier_conditions to meguri_registers;

create table registers.supplier_questionnaires (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    supplier_id uuid not null,
    language text not null default 'ja',
    expires_on date not null,
    recipient_email text,
    state text not null,
    questions jsonb not null,
    answers jsonb not null,
    respondent_name text,
    submitted_at timestamptz,
    score int,
    suggested_judgement text,
    may_share boolean not null,
    reused boolean not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint supplier_questionnaires_client_id_key unique (consultancy_id, client_id, id),
    constraint supplier_questionnaires_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint supplier_questionnaires_language_known check (language in ('ja', 'en')),
    constraint supplier_questionnaires_recipient_email_length check (length(recipient_email) <= 254),
    constraint supplier_questionnaires_state_known check (state in ('open', 'submitted')),
    constraint supplier_questionnaires_suggested_judgement_known check (suggested_judgement in ('accepted', 'conditional', 'rejected')),
    constraint supplier_questionnaires_supplier_fkey foreign key (consultancy_id, client_id, supplier_id)
        references registers.suppliers (consultancy_id, client_id, id),
    constraint supplier_questionnaires_score_range check (score between 0 and 100),
    constraint supplier_questionnaires_respondent_name_length check (length(respondent_name) between 1 and 200)
);
comment on table registers.supplier_questionnaires is 'tenant: security questionnaires sent to suppliers; the questions are frozen when it is made, the link is kept as a hash only';
create index supplier_questionnaires_created on registers.supplier_questionnaires (consultancy_id, client_id, created_at, id);
create index supplier_questionnaires_supplier on registers.supplier_questionnaires (consultancy_id, client_id, supplier_id);
call app.fence('registers.supplier_questionnaires', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.supplier_questionnaires to meguri_registers;

create table platform.questionnaire_tokens (
    hash text primary key,
    consultancy_id uuid not null,
    client_id uuid not null,
    questionnaire_id uuid not null,
    constraint questionnaire_tokens_questionnaire_key unique (consultancy_id, questionnaire_id),
    constraint questionnaire_tokens_questionnaire_fkey foreign key (consultancy_id, client_id, questionnaire_id)
        references registers.supplier_questionnaires (consultancy_id, client_id, id) on delete cascade
);
comment on table platform.questionnaire_tokens is 'platform: hashes of the links of supplier questionnaires; gone with the questionnaire';

create function auth.find_questionnaire(p_hash text)
returns table (consultancy_id uuid, client_id uuid, questionnaire_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.consultancy_id, t.client_id, t.questionnaire_id from platform.questionnaire_tokens t
    join platform.consultancies c on c.id = t.consultancy_id and c.status = 'active'
    where t.hash = p_hash
$$;

-- Inside the consultancy of the transaction's context. The link before this one works no more.
create function auth.set_questionnaire_token(p_questionnaire uuid, p_client uuid, p_hash text) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    insert into platform.questionnaire_tokens (hash, consultancy_id, client_id, questionnaire_id)
    values (p_hash, app.consultancy(), p_client, p_questionnaire)
    on conflict (consultancy_id, questionnaire_id) do update set hash = excluded.hash
    returning true
$$;

-- The newest answers that a company gave with its consent, whichever client of the consultancy asked; never who asked, never a judgement.
create function auth.shared_answers(p_corporate_number text)
returns table (language text, questions jsonb, answers jsonb, respondent_name text, submitted_at timestamptz, score int,
               suggested_judgement text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    reach text := app.reach();
begin
    perform set_config('app.reach', 'job', true);
    return query
        select q.language, q.questions, q.answers, q.respondent_name, q.submitted_at, q.score, q.suggested_judgement
        from registers.supplier_questionnaires q
        join registers.suppliers s on s.consultancy_id = q.consultancy_id and s.client_id = q.client_id and s.id = q.supplier_id
        where q.consultancy_id = app.consultancy() and s.corporate_number = p_corporate_number and q.state = 'submitted' and q.may_share
        order by q.submitted_at desc, q.id
        limit 1;
    perform set_config('app.reach', coalesce(reach, ''), true);
end $$;

grant execute on function auth.find_questionnaire(text), auth.set_questionnaire_token(uuid, uuid, text), auth.shared_answers(text)
to meguri_registers;

reset role;
