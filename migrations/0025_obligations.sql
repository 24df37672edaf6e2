-- Recurring work between audits, placed before the next audit, and the record of when it was done.
set local role meguri_owner;

create table scheduling.obligations (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid not null,
    kind text not null,
    title text,
    interval_months int not null default 12,
    preferred_month int,
    buffer_days int,
    owner_person_id uuid,
    owner_member_id uuid,
    starts_on date not null,
    active boolean not null default true,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint obligations_client_id_key unique (consultancy_id, client_id, id),
    constraint obligations_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint obligations_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint obligations_owner_member_fkey foreign key (consultancy_id, owner_member_id) references tenants.members (consultancy_id, id),
    constraint obligations_kind_shape check (kind ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint obligations_title_required check (kind <> 'custom' or title is not null),
    constraint obligations_title_length check (length(title) between 1 and 200),
    constraint obligations_interval_months_range check (interval_months between 1 and 36),
    constraint obligations_preferred_month_range check (preferred_month between 1 and 12),
    constraint obligations_buffer_days_range check (buffer_days between 0 and 180),
    constraint obligations_note_length check (length(note) <= 4000)
);
comment on table scheduling.obligations is
    'tenant: recurring work of a client between two audits; its next days are deadlines that move with the programme; buffer_days null = as the kind says';
create unique index obligations_kind_key on scheduling.obligations (consultancy_id, certification_id, kind) where kind <> 'custom';
create index obligations_created on scheduling.obligations (consultancy_id, client_id, created_at, id);
create index obligations_certification on scheduling.obligations (consultancy_id, client_id, certification_id, id);
create index obligations_owner_person on scheduling.obligations (consultancy_id, client_id, owner_person_id);
create index obligations_owner_member on scheduling.obligations (consultancy_id, owner_member_id);
call app.fence('scheduling.obligations', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.obligations to meguri_scheduling;
grant select on scheduling.obligations to meguri_registers, meguri_notifications;

alter table scheduling.deadlines
    add column obligation_id uuid,
    add constraint deadlines_obligation_fkey foreign key (consultancy_id, client_id, obligation_id)
        references scheduling.obligations (consultancy_id, client_id, id);
create index deadlines_obligation on scheduling.deadlines (consultancy_id, client_id, obligation_id);

create table scheduling.obligation_fulfilments (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    obligation_id uuid not null,
    done_on date not null,
    note text,
    deadline_id uuid,
    member_id uuid,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint obligation_fulfilments_client_id_key unique (consultancy_id, client_id, id),
    constraint obligation_fulfilments_obligation_fkey foreign key (consultancy_id, client_id, obligation_id)
        references scheduling.obligations (consultancy_id, client_id, id),
    constraint obligation_fulfilments_deadline_fkey foreign key (consultancy_id, client_id, deadline_id)
        references scheduling.deadlines (consultancy_id, client_id, id),
    constraint obligation_fulfilments_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id),
    constraint obligation_fulfilments_note_length check (length(note) <= 4000)
);
comment on table scheduling.obligation_fulfilments is
    'tenant: days on which recurring work was done; deadline_id = recorded by fulfilling that deadline; member_id = who recorded it';
create index obligation_fulfilments_obligation on scheduling.obligation_fulfilments (consultancy_id, client_id, obligation_id, done_on, id);
create index obligation_fulfilments_deadline on scheduling.obligation_fulfilments (consultancy_id, client_id, deadline_id);
create index obligation_fulfilments_member on scheduling.obligation_fulfilments (consultancy_id, member_id);
call app.fence('scheduling.obligation_fulfilments', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.obligation_fulfilments to meguri_scheduling;

reset role;
