-- People of a client, and deadlines that come from its registers.
set local role meguri_owner;

create table tenants.people (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    name text not null,
    name_kana text,
    email text,
    title text,
    department_id uuid,
    staff_kind text not null default 'employee',
    is_top_management boolean not null default false,
    joined_on date,
    left_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint people_client_id_key unique (consultancy_id, client_id, id),
    constraint people_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint people_name_length check (length(name) between 1 and 200),
    constraint people_name_kana_length check (length(name_kana) between 1 and 200),
    constraint people_email_length check (length(email) <= 254),
    constraint people_title_length check (length(title) between 1 and 200),
    constraint people_staff_kind_known check (staff_kind in ('employee', 'contractor', 'dispatched', 'part_time', 'external')),
    constraint people_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint people_left_on_order check (left_on >= joined_on)
);
comment on table tenants.people is 'tenant: people of a client whom audits, registers and training name; a login is optional';
create index people_created on tenants.people (consultancy_id, client_id, created_at, id);
create index people_department on tenants.people (consultancy_id, client_id, department_id);
call app.fence('tenants.people', 'app.sees_client(client_id)');
grant select, insert, update, delete on tenants.people to meguri_tenants;
grant select on tenants.people to meguri_registers, meguri_scheduling, meguri_notifications;

-- Deadlines of registers (treatments, suppliers, corrective actions ...) are kept by the statement that changes the register; a derivation of
-- the programme leaves them alone.
alter table scheduling.deadlines drop constraint deadlines_origin_known;
alter table scheduling.deadlines add constraint deadlines_origin_known check (origin in ('derived', 'manual', 'register'));
grant insert, update on scheduling.deadlines to meguri_registers;

reset role;
