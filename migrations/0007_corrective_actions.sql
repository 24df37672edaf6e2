-- Nonconformities, incidents, objectives, competence, legal requirements and tasks of a client.
set local role meguri_owner;

create table registers.incidents (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    title text not null,
    description text,
    severity text not null default 'medium',
    department_id uuid,
    asset_id uuid,
    supplier_involved text,
    occurred_at timestamptz,
    detected_at timestamptz not null,
    contained_at timestamptz,
    resolved_at timestamptz,
    closed_on date,
    personal_data_breach boolean not null default false,
    appi_category text,
    persons_affected int,
    preliminary_reported_on date,
    final_reported_on date,
    owner_person_id uuid,
    containment text,
    cause text,
    lessons text,
    state text not null generated always as (
        case when closed_on is not null then 'closed' when resolved_at is not null then 'resolved'
             when contained_at is not null then 'contained' else 'open' end) stored,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint incidents_client_id_key unique (consultancy_id, client_id, id),
    constraint incidents_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint incidents_title_length check (length(title) between 1 and 200),
    constraint incidents_description_length check (length(description) <= 4000),
    constraint incidents_severity_known check (severity in ('low', 'medium', 'high', 'critical')),
    constraint incidents_supplier_involved_length check (length(supplier_involved) between 1 and 200),
    constraint incidents_appi_category_known check (appi_category in ('sensitive', 'property_damage', 'wrongful_act', 'over_1000_people')),
    constraint incidents_persons_affected_range check (persons_affected between 0 and 1000000000),
    constraint incidents_containment_length check (length(containment) <= 4000),
    constraint incidents_cause_length check (length(cause) <= 4000),
    constraint incidents_lessons_length check (length(lessons) <= 4000),
    constraint incidents_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint incidents_asset_fkey foreign key (consultancy_id, client_id, asset_id)
        references registers.assets (consultancy_id, client_id, id),
    constraint incidents_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint incidents_number_key unique (consultancy_id, client_id, number),
    constraint incidents_number_length check (length(number) between 1 and 40),
    constraint incidents_detected_at_order check (detected_at >= occurred_at),
    constraint incidents_contained_at_order check (contained_at >= detected_at),
    constraint incidents_resolved_at_order check (resolved_at >= detected_at),
    constraint incidents_resolved_at_required check (closed_on is null or resolved_at is not null)
);
comment on table registers.incidents is 'tenant: information security incidents of a client; state follows from the instants';
create index incidents_created on registers.incidents (consultancy_id, client_id, created_at, id);
create index incidents_department on registers.incidents (consultancy_id, client_id, department_id);
create index incidents_asset on registers.incidents (consultancy_id, client_id, asset_id);
create index incidents_owner_person on registers.incidents (consultancy_id, client_id, owner_person_id);
call app.fence('registers.incidents', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.incidents to meguri_registers;

create table registers.incident_entries (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    incident_id uuid not null,
    at timestamptz not null,
    text text not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint incident_entries_client_id_key unique (consultancy_id, client_id, id),
    constraint incident_entries_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint incident_entries_text_length check (length(text) between 1 and 4000),
    constraint incident_entries_incident_fkey foreign key (consultancy_id, client_id, incident_id)
        references registers.incidents (consultancy_id, client_id, id)
);
comment on table registers.incident_entries is 'tenant: what happened in an incident and when';
create index incident_entries_created on registers.incident_entries (consultancy_id, client_id, created_at, id);
create index incident_entries_incident on registers.incident_entries (consultancy_id, client_id, incident_id);
call app.fence('registers.incident_entries', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.incident_entries to meguri_registers;

create table registers.corrective_actions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    source_kind text not null,
    finding_id uuid,
    incident_id uuid,
    grade text,
    title text not null,
    statement text,
    department_id uuid,
    correction text,
    corrected_on date,
    cause text,
    similar_cases text,
    action text,
    owner_person_id uuid,
    due_on date,
    done_on date,
    done_note text,
    verified_on date,
    verified_by_person_id uuid,
    effective boolean,
    effectiveness_note text,
    closed_on date,
    state text not null generated always as (
        case when closed_on is not null then 'closed' when verified_on is not null then 'verified' when done_on is not null then 'done'
             when action is not null and due_on is not null then 'planned' when cause is not null then 'analysed' else 'open' end) stored,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint corrective_actions_client_id_key unique (consultancy_id, client_id, id),
    constraint corrective_actions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint corrective_actions_source_kind_known check (source_kind in
        ('internal_audit', 'external_audit', 'incident', 'management_review', 'supplier', 'other')),
    constraint corrective_actions_grade_known check (grade in ('major', 'minor', 'observation')),
    constraint corrective_actions_title_length check (length(title) between 1 and 200),
    constraint corrective_actions_statement_length check (length(statement) <= 4000),
    constraint corrective_actions_correction_length check (length(correction) <= 4000),
    constraint corrective_actions_cause_length check (length(cause) <= 4000),
    constraint corrective_actions_similar_cases_length check (length(similar_cases) <= 4000),
    constraint corrective_actions_action_length check (length(action) <= 4000),
    constraint corrective_actions_done_note_length check (length(done_note) <= 4000),
    constraint corrective_actions_effectiveness_note_length check (length(effectiveness_note) <= 4000),
    constraint corrective_actions_finding_fkey foreign key (consultancy_id, client_id, finding_id)
        references scheduling.findings (consultancy_id, client_id, id),
    constraint corrective_actions_incident_fkey foreign key (consultancy_id, client_id, incident_id)
        references registers.incidents (consultancy_id, client_id, id),
    constraint corrective_actions_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint corrective_actions_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint corrective_actions_verified_by_person_fkey foreign key (consultancy_id, client_id, verified_by_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint corrective_actions_number_key unique (consultancy_id, client_id, number),
    constraint corrective_actions_number_length check (length(number) between 1 and 40),
    constraint corrective_actions_finding_id_required check (source_kind <> 'external_audit' or finding_id is not null),
    constraint corrective_actions_incident_id_required check (source_kind <> 'incident' or incident_id is not null),
    constraint corrective_actions_action_required check (done_on is null or action is not null),
    constraint corrective_actions_cause_required check (done_on is null or cause is not null),
    constraint corrective_actions_done_on_required check (verified_on is null or done_on is not null),
    constraint corrective_actions_verified_on_order check (verified_on >= done_on),
    constraint corrective_actions_effective_required check (verified_on is null or effective is not null),
    constraint corrective_actions_verified_by_person_id_required check (verified_on is null or verified_by_person_id is not null),
    constraint corrective_actions_verified_by_person_id_independent check (verified_by_person_id <> owner_person_id),
    constraint corrective_actions_verified_on_required check (closed_on is null or verified_on is not null),
    constraint corrective_actions_effective_known check (closed_on is null or effective),
    constraint corrective_actions_closed_on_order check (closed_on >= verified_on)
);
comment on table registers.corrective_actions is 'tenant: corrective actions, whatever they come from; state follows from the dates';
create index corrective_actions_created on registers.corrective_actions (consultancy_id, client_id, created_at, id);
create index corrective_actions_finding on registers.corrective_actions (consultancy_id, client_id, finding_id);
create index corrective_actions_incident on registers.corrective_actions (consultancy_id, client_id, incident_id);
create index corrective_actions_department on registers.corrective_actions (consultancy_id, client_id, department_id);
create index corrective_actions_owner_person on registers.corrective_actions (consultancy_id, client_id, owner_person_id);
create index corrective_actions_verified_by_person on registers.corrective_actions (consultancy_id, client_id, verified_by_person_id);
create index corrective_actions_due on registers.corrective_actions (consultancy_id, client_id, coalesce(due_on, 'infinity'), id);
call app.fence('registers.corrective_actions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.corrective_actions to meguri_registers;

create table registers.objectives (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    title text not null,
    description text,
    department_id uuid,
    owner_person_id uuid,
    means text,
    unit text,
    target numeric not null,
    direction text not null default 'at_least',
    frequency_months int not null default 12,
    starts_on date not null,
    due_on date,
    status text not null default 'active',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint objectives_client_id_key unique (consultancy_id, client_id, id),
    constraint objectives_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint objectives_title_length check (length(title) between 1 and 200),
    constraint objectives_description_length check (length(description) <= 4000),
    constraint objectives_means_length check (length(means) <= 4000),
    constraint objectives_unit_length check (length(unit) between 1 and 40),
    constraint objectives_direction_known check (direction in ('at_least', 'at_most')),
    constraint objectives_frequency_months_range check (frequency_months between 1 and 36),
    constraint objectives_status_known check (status in ('active', 'reached', 'missed', 'dropped')),
    constraint objectives_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint objectives_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint objectives_due_on_order check (due_on >= starts_on)
);
comment on table registers.objectives is 'tenant: information security objectives of a client and how they are measured';
create index objectives_created on registers.objectives (consultancy_id, client_id, created_at, id);
create index objectives_department on registers.objectives (consultancy_id, client_id, department_id);
create index objectives_owner_person on registers.objectives (consultancy_id, client_id, owner_person_id);
call app.fence('registers.objectives', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.objectives to meguri_registers;

create table registers.measurements (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    objective_id uuid not null,
    measured_on date not null,
    value numeric not null,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint measurements_client_id_key unique (consultancy_id, client_id, id),
    constraint measurements_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint measurements_note_length check (length(note) <= 2000),
    constraint measurements_objective_fkey foreign key (consultancy_id, client_id, objective_id)
        references registers.objectives (consultancy_id, client_id, id)
);
comment on table registers.measurements is 'tenant: measurements of objectives';
create index measurements_created on registers.measurements (consultancy_id, client_id, created_at, id);
create index measurements_objective on registers.measurements (consultancy_id, client_id, objective_id);
call app.fence('registers.measurements', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.measurements to meguri_registers;

create table registers.competences (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    role text not null,
    title text not null,
    description text,
    valid_months int,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint competences_client_id_key unique (consultancy_id, client_id, id),
    constraint competences_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint competences_role_length check (length(role) between 1 and 200),
    constraint competences_title_length check (length(title) between 1 and 200),
    constraint competences_description_length check (length(description) <= 4000),
    constraint competences_valid_months_range check (valid_months between 1 and 120)
);
comment on table registers.competences is 'tenant: competences that a role needs';
create index competences_created on registers.competences (consultancy_id, client_id, created_at, id);
call app.fence('registers.competences', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.competences to meguri_registers;

create table registers.competence_records (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    person_id uuid not null,
    competence_id uuid not null,
    acquired_on date not null,
    expires_on date,
    proof text,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint competence_records_client_id_key unique (consultancy_id, client_id, id),
    constraint competence_records_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint competence_records_proof_length check (length(proof) between 1 and 500),
    constraint competence_records_note_length check (length(note) <= 2000),
    constraint competence_records_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint competence_records_competence_fkey foreign key (consultancy_id, client_id, competence_id)
        references registers.competences (consultancy_id, client_id, id),
    constraint competence_records_expires_on_order check (expires_on >= acquired_on),
    constraint competence_records_person_competence_key unique (consultancy_id, client_id, person_id, competence_id, acquired_on)
);
comment on table registers.competence_records is 'tenant: who has which competence, since when, and until when the proof is good';
create index competence_records_created on registers.competence_records (consultancy_id, client_id, created_at, id);
create index competence_records_person on registers.competence_records (consultancy_id, client_id, person_id);
create index competence_records_competence on registers.competence_records (consultancy_id, client_id, competence_id);
call app.fence('registers.competence_records', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.competence_records to meguri_registers;

create table registers.trainings (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    title text not null,
    content text,
    audience text,
    method text not null default 'class',
    trainer text,
    due_on date,
    held_on date,
    status text not null default 'planned',
    effectiveness text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint trainings_client_id_key unique (consultancy_id, client_id, id),
    constraint trainings_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint trainings_title_length check (length(title) between 1 and 200),
    constraint trainings_content_length check (length(content) <= 4000),
    constraint trainings_audience_length check (length(audience) between 1 and 200),
    constraint trainings_method_known check (method in ('class', 'e_learning', 'on_the_job', 'drill', 'reading')),
    constraint trainings_trainer_length check (length(trainer) between 1 and 200),
    constraint trainings_status_known check (status in ('planned', 'held', 'cancelled')),
    constraint trainings_effectiveness_length check (length(effectiveness) <= 4000),
    constraint trainings_held_on_required check (status <> 'held' or held_on is not null)
);
comment on table registers.trainings is 'tenant: trainings held or planned for the people of a client';
create index trainings_created on registers.trainings (consultancy_id, client_id, created_at, id);
create index trainings_due on registers.trainings (consultancy_id, client_id, coalesce(due_on, 'infinity'), id);
call app.fence('registers.trainings', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.trainings to meguri_registers;

create table registers.attendances (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    training_id uuid not null,
    person_id uuid not null,
    attended_on date,
    result text not null default 'invited',
    score int,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint attendances_client_id_key unique (consultancy_id, client_id, id),
    constraint attendances_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint attendances_result_known check (result in ('invited', 'attended', 'passed', 'failed', 'absent')),
    constraint attendances_score_range check (score between 0 and 100),
    constraint attendances_note_length check (length(note) <= 2000),
    constraint attendances_training_fkey foreign key (consultancy_id, client_id, training_id)
        references registers.trainings (consultancy_id, client_id, id),
    constraint attendances_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint attendances_person_id_key unique (consultancy_id, client_id, training_id, person_id)
);
comment on table registers.attendances is 'tenant: who took part in a training, and with which result';
create index attendances_created on registers.attendances (consultancy_id, client_id, created_at, id);
create index attendances_training on registers.attendances (consultancy_id, client_id, training_id);
create index attendances_person on registers.attendances (consultancy_id, client_id, person_id);
call app.fence('registers.attendances', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.attendances to meguri_registers;

create table registers.legal_requirements (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    kind text not null default 'law',
    title text not null,
    source text,
    counterparty text,
    summary text,
    how_met text,
    department_id uuid,
    owner_person_id uuid,
    effective_on date,
    review_months int not null default 12,
    reviewed_on date,
    status text not null default 'in_force',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint legal_requirements_client_id_key unique (consultancy_id, client_id, id),
    constraint legal_requirements_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint legal_requirements_kind_known check (kind in ('law', 'regulation', 'guideline', 'contract', 'internal')),
    constraint legal_requirements_title_length check (length(title) between 1 and 300),
    constraint legal_requirements_source_length check (length(source) between 1 and 500),
    constraint legal_requirements_counterparty_length check (length(counterparty) between 1 and 200),
    constraint legal_requirements_summary_length check (length(summary) <= 4000),
    constraint legal_requirements_how_met_length check (length(how_met) <= 4000),
    constraint legal_requirements_review_months_range check (review_months between 1 and 60),
    constraint legal_requirements_status_known check (status in ('in_force', 'coming', 'ended')),
    constraint legal_requirements_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint legal_requirements_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id)
);
comment on table registers.legal_requirements is 'tenant: laws, regulations and contracts that a client must meet';
create index legal_requirements_created on registers.legal_requirements (consultancy_id, client_id, created_at, id);
create index legal_requirements_department on registers.legal_requirements (consultancy_id, client_id, department_id);
create index legal_requirements_owner_person on registers.legal_requirements (consultancy_id, client_id, owner_person_id);
call app.fence('registers.legal_requirements', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.legal_requirements to meguri_registers;

create table registers.tasks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    title text not null,
    description text,
    owner_person_id uuid,
    owner_member_id uuid,
    due_on date,
    status text not null default 'open',
    done_on date,
    done_note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint tasks_client_id_key unique (consultancy_id, client_id, id),
    constraint tasks_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint tasks_title_length check (length(title) between 1 and 300),
    constraint tasks_description_length check (length(description) <= 4000),
    constraint tasks_status_known check (status in ('open', 'in_progress', 'done', 'dropped')),
    constraint tasks_done_note_length check (length(done_note) <= 4000),
    constraint tasks_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint tasks_owner_member_fkey foreign key (consultancy_id, owner_member_id)
        references tenants.members (consultancy_id, id),
    constraint tasks_done_on_required check (status <> 'done' or done_on is not null)
);
comment on table registers.tasks is 'tenant: what somebody is to do for a client, by hand or from a decision';
create index tasks_created on registers.tasks (consultancy_id, client_id, created_at, id);
create index tasks_owner_person on registers.tasks (consultancy_id, owner_person_id);
create index tasks_owner_member on registers.tasks (consultancy_id, owner_member_id);
create index tasks_due on registers.tasks (consultancy_id, client_id, coalesce(due_on, 'infinity'), id);
call app.fence('registers.tasks', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.tasks to meguri_registers;

grant select on registers.corrective_actions, registers.tasks, registers.incidents to meguri_scheduling, meguri_notifications;
grant usage on schema registers to meguri_scheduling, meguri_notifications;

reset role;
