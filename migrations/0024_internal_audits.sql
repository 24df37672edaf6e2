-- Internal audits and management reviews.
set local role meguri_owner;

create table registers.audit_programmes (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    year int not null,
    title text not null,
    is_first_year boolean not null default false,
    objective text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint audit_programmes_client_id_key unique (consultancy_id, client_id, id),
    constraint audit_programmes_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint audit_programmes_year_range check (year between 2000 and 2199),
    constraint audit_programmes_title_length check (length(title) between 1 and 200),
    constraint audit_programmes_objective_length check (length(objective) <= 4000),
    constraint audit_programmes_year_key unique (consultancy_id, client_id, year)
);
comment on table registers.audit_programmes is 'tenant: internal audit programmes of a client, one a year';
create index audit_programmes_created on registers.audit_programmes (consultancy_id, client_id, created_at, id);
call app.fence('registers.audit_programmes', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.audit_programmes to meguri_registers;

create table registers.internal_audits (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    audit_programme_id uuid,
    title text not null,
    objective text,
    first_day date not null,
    last_day date not null,
    departments jsonb not null default '[]',
    criteria jsonb not null default '[]',
    state text not null default 'planned',
    conclusion text,
    reported_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint internal_audits_client_id_key unique (consultancy_id, client_id, id),
    constraint internal_audits_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint internal_audits_title_length check (length(title) between 1 and 200),
    constraint internal_audits_objective_length check (length(objective) <= 4000),
    constraint internal_audits_state_known check (state in ('planned', 'prepared', 'performed', 'reported', 'closed')),
    constraint internal_audits_conclusion_length check (length(conclusion) <= 8000),
    constraint internal_audits_audit_programme_fkey foreign key (consultancy_id, client_id, audit_programme_id)
        references registers.audit_programmes (consultancy_id, client_id, id),
    constraint internal_audits_number_key unique (consultancy_id, client_id, number),
    constraint internal_audits_number_length check (length(number) between 1 and 40),
    constraint internal_audits_last_day_order check (last_day >= first_day),
    constraint internal_audits_departments_array check (jsonb_typeof(departments) = 'array'),
    constraint internal_audits_criteria_array check (jsonb_typeof(criteria) = 'array')
);
comment on table registers.internal_audits is 'tenant: internal audits of a client; the state moves step by step';
create index internal_audits_created on registers.internal_audits (consultancy_id, client_id, created_at, id);
create index internal_audits_audit_programme on registers.internal_audits (consultancy_id, client_id, audit_programme_id);
call app.fence('registers.internal_audits', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.internal_audits to meguri_registers;

create table registers.internal_auditors (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    internal_audit_id uuid not null,
    person_id uuid,
    member_id uuid,
    is_lead boolean not null default false,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint internal_auditors_client_id_key unique (consultancy_id, client_id, id),
    constraint internal_auditors_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint internal_auditors_internal_audit_fkey foreign key (consultancy_id, client_id, internal_audit_id)
        references registers.internal_audits (consultancy_id, client_id, id),
    constraint internal_auditors_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint internal_auditors_member_fkey foreign key (consultancy_id, member_id)
        references tenants.members (consultancy_id, id),
    constraint internal_auditors_person_id_key unique (consultancy_id, client_id, internal_audit_id, person_id),
    constraint internal_auditors_member_id_key unique (consultancy_id, client_id, internal_audit_id, member_id),
    constraint internal_auditors_person_id_required check (num_nonnulls(person_id, member_id) = 1)
);
comment on table registers.internal_auditors is 'tenant: who audits; independence was checked when they were named';
create index internal_auditors_created on registers.internal_auditors (consultancy_id, client_id, created_at, id);
create index internal_auditors_internal_audit on registers.internal_auditors (consultancy_id, internal_audit_id);
create index internal_auditors_person on registers.internal_auditors (consultancy_id, person_id);
create index internal_auditors_member on registers.internal_auditors (consultancy_id, member_id);
call app.fence('registers.internal_auditors', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.internal_auditors to meguri_registers;

create table registers.checklist_items (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    internal_audit_id uuid not null,
    position int not null default 1000,
    code text,
    department_id uuid,
    treatment_id uuid,
    question_ja text not null,
    question_en text not null,
    answer text,
    seen text,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint checklist_items_client_id_key unique (consultancy_id, client_id, id),
    constraint checklist_items_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint checklist_items_position_range check (position between 0 and 100000),
    constraint checklist_items_code_length check (length(code) between 1 and 40),
    constraint checklist_items_question_ja_length check (length(question_ja) between 1 and 2000),
    constraint checklist_items_question_en_length check (length(question_en) between 1 and 2000),
    constraint checklist_items_answer_known check (answer in ('conform', 'minor', 'major', 'observation', 'opportunity', 'not_applicable')),
    constraint checklist_items_seen_length check (length(seen) <= 4000),
    constraint checklist_items_note_length check (length(note) <= 4000),
    constraint checklist_items_internal_audit_fkey foreign key (consultancy_id, client_id, internal_audit_id)
        references registers.internal_audits (consultancy_id, client_id, id),
    constraint checklist_items_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint checklist_items_treatment_fkey foreign key (consultancy_id, client_id, treatment_id)
        references registers.treatments (consultancy_id, client_id, id)
);
comment on table registers.checklist_items is 'tenant: questions of an internal audit and what was found';
create index checklist_items_created on registers.checklist_items (consultancy_id, client_id, created_at, id);
create index checklist_items_internal_audit on registers.checklist_items (consultancy_id, client_id, internal_audit_id);
create index checklist_items_department on registers.checklist_items (consultancy_id, client_id, department_id);
create index checklist_items_treatment on registers.checklist_items (consultancy_id, client_id, treatment_id);
create index checklist_items_position on registers.checklist_items (consultancy_id, client_id, internal_audit_id, position, id);
create index checklist_items_code on registers.checklist_items (consultancy_id, client_id, code);
call app.fence('registers.checklist_items', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.checklist_items to meguri_registers;

create table registers.management_reviews (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number text not null,
    title text not null,
    planned_on date not null,
    held_on date,
    place text,
    minutes text,
    conclusion text,
    inputs jsonb,
    gathered_on date,
    sha256 text,
    author_id uuid,
    approved_by uuid,
    approved_on date,
    state text not null generated always as (
        case when approved_on is not null then 'approved' when held_on is not null then 'held' else 'planned' end) stored,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint management_reviews_client_id_key unique (consultancy_id, client_id, id),
    constraint management_reviews_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint management_reviews_title_length check (length(title) between 1 and 200),
    constraint management_reviews_place_length check (length(place) between 1 and 200),
    constraint management_reviews_minutes_length check (length(minutes) <= 20000),
    constraint management_reviews_conclusion_length check (length(conclusion) <= 8000),
    constraint management_reviews_number_key unique (consultancy_id, client_id, number),
    constraint management_reviews_number_length check (length(number) between 1 and 40),
    constraint management_reviews_approved_by_independent check (approved_by <> author_id),
    constraint management_reviews_sha256_shape check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table registers.management_reviews is 'tenant: management reviews of a client with their frozen inputs';
create index management_reviews_created on registers.management_reviews (consultancy_id, client_id, created_at, id);
call app.fence('registers.management_reviews', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.management_reviews to meguri_registers;

create table registers.review_attendees (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    management_review_id uuid not null,
    person_id uuid not null,
    part text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint review_attendees_client_id_key unique (consultancy_id, client_id, id),
    constraint review_attendees_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint review_attendees_part_length check (length(part) between 1 and 200),
    constraint review_attendees_management_review_fkey foreign key (consultancy_id, client_id, management_review_id)
        references registers.management_reviews (consultancy_id, client_id, id),
    constraint review_attendees_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint review_attendees_person_id_key unique (consultancy_id, client_id, management_review_id, person_id)
);
comment on table registers.review_attendees is 'tenant: who attended a management review';
create index review_attendees_created on registers.review_attendees (consultancy_id, client_id, created_at, id);
create index review_attendees_management_review on registers.review_attendees (consultancy_id, client_id, management_review_id);
create index review_attendees_person on registers.review_attendees (consultancy_id, client_id, person_id);
call app.fence('registers.review_attendees', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.review_attendees to meguri_registers;

create table registers.review_decisions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    management_review_id uuid not null,
    decision text not null,
    owner_person_id uuid not null,
    due_on date not null,
    done_on date,
    done_note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint review_decisions_client_id_key unique (consultancy_id, client_id, id),
    constraint review_decisions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint review_decisions_decision_length check (length(decision) between 1 and 2000),
    constraint review_decisions_done_note_length check (length(done_note) <= 4000),
    constraint review_decisions_management_review_fkey foreign key (consultancy_id, client_id, management_review_id)
        references registers.management_reviews (consultancy_id, client_id, id),
    constraint review_decisions_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id)
);
comment on table registers.review_decisions is 'tenant: what top management decided; each is a task with owner and day';
create index review_decisions_created on registers.review_decisions (consultancy_id, client_id, created_at, id);
create index review_decisions_management_review on registers.review_decisions (consultancy_id, client_id, management_review_id);
create index review_decisions_owner_person on registers.review_decisions (consultancy_id, client_id, owner_person_id);
call app.fence('registers.review_decisions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.review_decisions to meguri_registers;

alter table registers.corrective_actions
    add column checklist_item_id uuid,
    add constraint corrective_actions_checklist_item_fkey foreign key (consultancy_id, client_id, checklist_item_id)
        references registers.checklist_items (consultancy_id, client_id, id);
create index corrective_actions_checklist_item on registers.corrective_actions (consultancy_id, client_id, checklist_item_id);

-- Who may not audit what (rule APP-02): one row for each reason. departments and criteria as an internal audit has them; no criteria = all.
create function registers.auditor_conflicts(p_client uuid, p_departments jsonb, p_criteria jsonb)
returns table (person_id uuid, member_id uuid, en text, ja text)
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select p.id, null::uuid, p.name || ' works in the audited department ' || d.name || '.', p.name || ' は監査対象の部門（' || d.name || '）に所属しています。'
    from tenants.people p
    join tenants.departments d on d.consultancy_id = p.consultancy_id and d.client_id = p.client_id and d.id = p.department_id
    where p.consultancy_id = app.consultancy() and p.client_id = p_client and p_departments ? p.department_id::text
    union all
    select p.id, null, p.name || ' owns the audited rule ' || t.number || ' ' || t.title || '.', p.name || ' は監査対象の規程（' || t.number || ' ' || t.title || '）の責任者です。'
    from registers.treatments t
    join tenants.people p on p.consultancy_id = t.consultancy_id and p.client_id = t.client_id and p.id = t.owner_person_id
    where t.consultancy_id = app.consultancy() and t.client_id = p_client and t.state <> 'retired'
      and (p_departments = '[]' or t.department_id is null or p_departments ? t.department_id::text)
      and exists (select from jsonb_array_elements_text(t.controls) k where p_criteria = '[]' or p_criteria ? k)
    union all
    select null, m.id, m.name || ' wrote the audited rule ' || t.number || ' ' || t.title || '.', m.name || ' は監査対象の規程（' || t.number || ' ' || t.title || '）を作成しました。'
    from registers.treatments t
    join tenants.members m on m.consultancy_id = t.consultancy_id and m.id = t.author_id
    where t.consultancy_id = app.consultancy() and t.client_id = p_client and t.state <> 'retired'
      and (p_departments = '[]' or t.department_id is null or p_departments ? t.department_id::text)
      and exists (select from jsonb_array_elements_text(t.controls) k where p_criteria = '[]' or p_criteria ? k)
    union all
    select p.id, null, p.name || ' owns the requirement ' || s.code || '.', p.name || ' は要求事項 ' || s.code || ' の責任者です。'
    from registers.requirement_states s
    join tenants.people p on p.consultancy_id = s.consultancy_id and p.client_id = s.client_id and p.id = s.owner_person_id
    where s.consultancy_id = app.consultancy() and s.client_id = p_client and (p_criteria = '[]' or p_criteria ? s.code)
    union all
    select p.id, null, p.name || ' owns the asset ' || a.number || ' ' || a.name || ' of an audited department.',
           p.name || ' は監査対象の部門の資産（' || a.number || ' ' || a.name || '）の責任者です。'
    from registers.assets a
    join tenants.people p on p.consultancy_id = a.consultancy_id and p.client_id = a.client_id and p.id = a.owner_person_id
    where a.consultancy_id = app.consultancy() and a.client_id = p_client and p_departments ? a.department_id::text
$$;
grant execute on function registers.auditor_conflicts(uuid, jsonb, jsonb) to meguri_registers;
grant select on scheduling.changes to meguri_registers;
grant update (internal_audit_done_on, management_review_done_on) on scheduling.certifications to meguri_registers;
grant select on registers.internal_audits, registers.management_reviews to meguri_scheduling;

reset role;
