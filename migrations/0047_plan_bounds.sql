-- The earliest and latest days of a plan's tasks. Counted whenever a task of the plan changes; null until then for plans from before.
set local role meguri_owner;

alter table scheduling.plan_tasks
    add column earliest_start date,
    add column earliest_finish date,
    add column latest_start date,
    add column latest_finish date,
    add column total_float_days int;


-- Every baseline is kept: what was promised first, and each time it was promised anew.
create table scheduling.plan_baselines (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    back_plan_id uuid not null,
    number int not null,
    taken_on date not null,
    member_id uuid,
    reason text,
    target_date date not null,
    begins_on date not null,
    ends_on date not null,
    tasks jsonb not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint plan_baselines_number_key unique (consultancy_id, client_id, back_plan_id, number),
    constraint plan_baselines_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint plan_baselines_back_plan_fkey foreign key (consultancy_id, client_id, back_plan_id)
        references scheduling.back_plans (consultancy_id, client_id, id) on delete cascade,
    constraint plan_baselines_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id),
    constraint plan_baselines_number_positive check (number >= 1),
    constraint plan_baselines_reason_length check (length(reason) between 1 and 1000),
    constraint plan_baselines_ends_on_order check (ends_on >= begins_on),
    constraint plan_baselines_tasks_list check (jsonb_typeof(tasks) = 'array')
);
comment on table scheduling.plan_baselines is 'tenant: the days of a plan''s tasks as they were promised; never changed';
create index plan_baselines_member on scheduling.plan_baselines (consultancy_id, member_id);
call app.fence('scheduling.plan_baselines', 'app.sees_client(client_id)');
grant select, insert on scheduling.plan_baselines to meguri_scheduling;

-- Plans from before keep the one baseline they had.
insert into scheduling.plan_baselines (consultancy_id, id, client_id, back_plan_id, number, taken_on, reason, target_date, begins_on, ends_on, tasks,
                                       created_at, updated_at)
select p.consultancy_id, gen_random_uuid(), p.client_id, p.id, 1, p.baseline_on, p.baseline_reason, p.target_date, t.begins_on, t.ends_on, t.tasks,
       p.created_at, p.created_at
from scheduling.back_plans p
cross join lateral (
    select min(t.baseline_start) as begins_on, max(t.baseline_end) as ends_on,
           jsonb_agg(jsonb_build_object('task_id', t.id, 'position', t.position, 'code', t.code, 'title_ja', t.title_ja, 'title_en', t.title_en,
                                        'start_on', t.baseline_start, 'end_on', t.baseline_end) order by t.position, t.id) as tasks
    from scheduling.plan_tasks t
    where t.consultancy_id = p.consultancy_id and t.client_id = p.client_id and t.back_plan_id = p.id and t.baseline_end is not null) t
where t.tasks is not null;

-- A template may leave steps out, or put tasks of its own in their place.
alter table scheduling.plan_templates
    add column without_steps jsonb not null default '[]',
    add constraint plan_templates_without_steps_list check (jsonb_typeof(without_steps) = 'array');

reset role;
