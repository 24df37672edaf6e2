-- Back-plans: the way to a certificate as tasks, with what they wait for, a baseline, and templates of the consultancy.
set local role meguri_owner;

create table scheduling.plan_templates (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    name text not null,
    variant text,
    durations jsonb not null default '{}',
    tasks jsonb not null default '[]',
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint plan_templates_name_length check (length(name) between 1 and 200),
    constraint plan_templates_variant_known check (variant in ('ia_before_stage1', 'ia_between_stages')),
    constraint plan_templates_durations_object check (jsonb_typeof(durations) = 'object'),
    constraint plan_templates_tasks_list check (jsonb_typeof(tasks) = 'array'),
    constraint plan_templates_note_length check (length(note) between 1 and 2000)
);
comment on table scheduling.plan_templates is 'tenant: durations and own tasks from which back-plans are made; of the whole consultancy';
create index plan_templates_created on scheduling.plan_templates (consultancy_id, created_at, id);
call app.fence('scheduling.plan_templates');
grant select, insert, update, delete on scheduling.plan_templates to meguri_scheduling;

create table scheduling.back_plans (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid,
    plan_template_id uuid,
    name text not null,
    direction text not null,
    variant text not null,
    start_date date,
    target_date date not null,
    status text not null default 'active',
    made jsonb not null,
    durations jsonb not null,
    why jsonb not null,
    baseline_on date not null,
    baseline_reason text,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint back_plans_client_id_key unique (consultancy_id, client_id, id),
    constraint back_plans_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint back_plans_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint back_plans_plan_template_fkey foreign key (consultancy_id, plan_template_id)
        references scheduling.plan_templates (consultancy_id, id),
    constraint back_plans_name_length check (length(name) between 1 and 200),
    constraint back_plans_direction_known check (direction in ('backwards', 'forwards')),
    constraint back_plans_variant_known check (variant in ('ia_before_stage1', 'ia_between_stages')),
    constraint back_plans_status_known check (status in ('active', 'closed')),
    constraint back_plans_baseline_reason_length check (length(baseline_reason) between 1 and 1000),
    constraint back_plans_note_length check (length(note) between 1 and 2000)
);
comment on table scheduling.back_plans is 'tenant: a way to the certificate; made = what was said on the day it was made; its days are those of its tasks';
create index back_plans_created on scheduling.back_plans (consultancy_id, client_id, created_at, id);
create index back_plans_certification on scheduling.back_plans (consultancy_id, client_id, certification_id);
create index back_plans_plan_template on scheduling.back_plans (consultancy_id, plan_template_id);
call app.fence('scheduling.back_plans', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.back_plans to meguri_scheduling;
grant select on scheduling.back_plans to meguri_registers;

create table scheduling.plan_tasks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    back_plan_id uuid not null,
    position int not null,
    code text,
    title_ja text not null,
    title_en text not null,
    rule text,
    owner_role text,
    owner_member_id uuid,
    owner_person_id uuid,
    start_on date not null,
    end_on date not null,
    fixed boolean not null default false,
    depends_on jsonb not null default '[]',
    baseline_start date,
    baseline_end date,
    slack_days int not null default 0,
    critical boolean not null default false,
    done_on date,
    done_note text,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint plan_tasks_client_id_key unique (consultancy_id, client_id, id),
    constraint plan_tasks_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint plan_tasks_back_plan_fkey foreign key (consultancy_id, client_id, back_plan_id)
        references scheduling.back_plans (consultancy_id, client_id, id) on delete cascade,
    constraint plan_tasks_owner_member_fkey foreign key (consultancy_id, owner_member_id) references tenants.members (consultancy_id, id),
    constraint plan_tasks_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint plan_tasks_title_ja_length check (length(title_ja) between 1 and 300),
    constraint plan_tasks_title_en_length check (length(title_en) between 1 and 300),
    constraint plan_tasks_owner_role_length check (length(owner_role) between 1 and 100),
    constraint plan_tasks_end_on_order check (end_on >= start_on),
    constraint plan_tasks_depends_on_list check (jsonb_typeof(depends_on) = 'array'),
    constraint plan_tasks_done_note_length check (length(done_note) between 1 and 2000),
    constraint plan_tasks_note_length check (length(note) between 1 and 2000)
);
comment on table scheduling.plan_tasks is 'tenant: one task of a back-plan; slack and critical are counted anew whenever a task of the plan changes';
create index plan_tasks_by_plan on scheduling.plan_tasks (consultancy_id, client_id, back_plan_id, position, id);
create index plan_tasks_owner_member on scheduling.plan_tasks (consultancy_id, owner_member_id);
create index plan_tasks_owner_person on scheduling.plan_tasks (consultancy_id, client_id, owner_person_id);
call app.fence('scheduling.plan_tasks', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.plan_tasks to meguri_scheduling;
grant select on scheduling.plan_tasks to meguri_registers;
