-- Reminder policies, the reminders they plan, the deliveries they become; and the founding of a consultancy, which touches everything above.
set local role meguri_owner;

create schema notifications;
grant usage on schema notifications to meguri_tenants, meguri_notifications;

create table notifications.reminder_policies (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid,
    deadline_kind text,
    name text not null,
    offsets int[] not null default '{180,90,60,30,14,7,1}',
    overdue_every_days int default 7,
    send_hour int not null default 9,
    business_days boolean not null default true,
    channel text not null default 'email',
    receiver_roles text[] not null default '{client_admin,consultant}',
    enabled boolean not null default true,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint reminder_policies_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint reminder_policies_name_length check (length(name) between 1 and 200),
    constraint reminder_policies_deadline_kind_shape check (deadline_kind ~ '^[a-z][a-z0-9_]{1,59}$'),
    constraint reminder_policies_offsets_range check
        (cardinality(offsets) between 0 and 20 and array_position(offsets, null) is null
         and 0 <= all (offsets) and 1100 >= all (offsets)),
    constraint reminder_policies_overdue_every_days_range check (overdue_every_days between 1 and 365),
    constraint reminder_policies_send_hour_range check (send_hour between 0 and 23),
    constraint reminder_policies_channel_known check (channel in ('email', 'inbox')),
    constraint reminder_policies_receiver_roles_known check
        (cardinality(receiver_roles) >= 1
         and receiver_roles <@ '{owner,admin,consultant,client_admin,client_member,auditor}'::text[])
);
comment on table notifications.reminder_policies is
    'tenant: who is reminded how many days before; client_id null = every client, deadline_kind null = every kind, overdue_every_days null = never after';
create index reminder_policies_client on notifications.reminder_policies (consultancy_id, client_id, id);
create index reminder_policies_created on notifications.reminder_policies (consultancy_id, created_at, id);
call app.fence('notifications.reminder_policies', 'app.sees_staff(client_id)');
grant select, insert, update, delete on notifications.reminder_policies to meguri_notifications;
grant select on notifications.reminder_policies to meguri_tenants;

create table notifications.reminders (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    policy_id uuid not null,
    deadline_id uuid not null,
    deadline_due_on date not null,
    offset_days int not null,
    channel text not null,
    member_id uuid not null,
    receiver_email text not null,
    language text not null,
    send_on date not null,
    send_at timestamptz not null,
    status text not null default 'planned',
    reason text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint reminders_client_id_key unique (consultancy_id, client_id, id),
    constraint reminders_once_key unique
        (consultancy_id, policy_id, deadline_id, deadline_due_on, offset_days, channel, member_id),
    constraint reminders_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint reminders_channel_known check (channel in ('email', 'inbox')),
    constraint reminders_language_known check (language in ('ja', 'en')),
    constraint reminders_status_known check (status in ('planned', 'queued', 'sent', 'withdrawn', 'skipped', 'dead')),
    constraint reminders_reason_length check (length(reason) <= 500),
    constraint reminders_receiver_email_length check (length(receiver_email) between 3 and 254)
);
comment on table notifications.reminders is
    'tenant: exactly one per policy, deadline and its date, offset (negative = overdue), channel and person; the record outlives policy, deadline and member';
create index reminders_due on notifications.reminders (consultancy_id, send_at, id) where status = 'planned';
create index reminders_by_date on notifications.reminders (consultancy_id, send_at, id);
create index reminders_by_client on notifications.reminders (consultancy_id, client_id, send_at, id);
create index reminders_deadline on notifications.reminders (consultancy_id, deadline_id, status);
call app.fence('notifications.reminders', 'app.sees_client(client_id)');
grant select, insert, update, delete on notifications.reminders to meguri_notifications;
grant select on notifications.reminders to meguri_tenants;

-- What the reminders of an open deadline were planned from; a deadline is looked at again only when that has changed.
create table notifications.reminder_plans (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    basis text not null,
    replan_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint reminder_plans_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint reminder_plans_basis_length check (length(basis) = 32)
);
comment on table notifications.reminder_plans is
    'tenant: id = the deadline''s id; basis = fingerprint of deadline, policies and receivers; replan_at = when the next overdue reminder must be planned';
create index reminder_plans_client on notifications.reminder_plans (consultancy_id, client_id, id);
call app.fence('notifications.reminder_plans', 'app.sees_client(client_id)');
grant select, insert, update, delete on notifications.reminder_plans to meguri_notifications;

create table notifications.deliveries (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    reminder_id uuid not null,
    channel text not null,
    address text not null,
    subject text,
    status text not null default 'pending',
    attempts int not null default 0,
    next_attempt_at timestamptz,
    holder text,
    fence bigint,
    lease_until timestamptz,
    last_error text,
    sent_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint deliveries_client_id_key unique (consultancy_id, client_id, id),
    constraint deliveries_reminder_key unique (consultancy_id, reminder_id),
    constraint deliveries_reminder_fkey foreign key (consultancy_id, client_id, reminder_id)
        references notifications.reminders (consultancy_id, client_id, id),
    constraint deliveries_channel_known check (channel in ('email', 'inbox')),
    constraint deliveries_status_known check (status in ('pending', 'sending', 'sent', 'failed', 'dead', 'withdrawn')),
    constraint deliveries_address_length check (length(address) between 3 and 254),
    constraint deliveries_subject_length check (length(subject) <= 500),
    constraint deliveries_last_error_length check (length(last_error) <= 1000)
);
comment on table notifications.deliveries is
    'tenant: one message on its way; its id is the Message-ID, so that a repetition is recognized';
create index deliveries_due on notifications.deliveries (consultancy_id, next_attempt_at, id)
    where status in ('pending', 'sending', 'failed');
create index deliveries_created on notifications.deliveries (consultancy_id, created_at, id);
create index deliveries_by_client on notifications.deliveries (consultancy_id, client_id, created_at, id);
call app.fence('notifications.deliveries', 'app.sees_client(client_id)');
grant select, insert, update, delete on notifications.deliveries to meguri_notifications;
grant select on notifications.deliveries to meguri_tenants;

create table notifications.delivery_attempts (
    consultancy_id uuid not null references platform.consultancies,
    delivery_id uuid not null,
    no int not null,
    client_id uuid not null,
    at timestamptz not null,
    outcome text not null,
    detail text,
    primary key (consultancy_id, delivery_id, no),
    constraint delivery_attempts_delivery_fkey foreign key (consultancy_id, client_id, delivery_id)
        references notifications.deliveries (consultancy_id, client_id, id) on delete cascade,
    constraint delivery_attempts_outcome_length check (length(outcome) between 1 and 40),
    constraint delivery_attempts_detail_length check (length(detail) <= 1000)
);
comment on table notifications.delivery_attempts is 'tenant: proof of sending: every attempt with what the other side said';
call app.fence('notifications.delivery_attempts', 'app.sees_client(client_id)');
grant select, insert on notifications.delivery_attempts to meguri_notifications;

-- ---------------------------------------------------------------- a new consultancy with its first owner and its default reminders
-- For the operator's command only; leaves the transaction in the new consultancy's context. The owner may sign in at once when p_password_hash is given.
create function auth.create_consultancy(p_consultancy uuid, p_name text, p_locale text, p_time_zone text,
                                        p_member uuid, p_email text, p_member_name text, p_password_hash text,
                                        p_policy uuid, p_now timestamptz)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('app.consultancy', p_consultancy::text, true), set_config('app.reach', 'job', true);
    insert into platform.consultancies (id, created_at) values (p_consultancy, p_now);
    insert into platform.users (consultancy_id, id, email, password_hash, password_changed_at, created_at)
    values (p_consultancy, p_member, lower(p_email), p_password_hash,
            case when p_password_hash is not null then p_now end, p_now);
    with consultancy as (
        insert into tenants.consultancies (consultancy_id, name, locale, time_zone, created_at, updated_at)
        values (p_consultancy, p_name, p_locale, p_time_zone, p_now, p_now)
        returning consultancy_id as id, name, locale, time_zone, sender_name, version, created_at, updated_at
    ), member as (
        insert into tenants.members (consultancy_id, id, email, name, role, locale, time_zone, status, all_clients,
                                     created_at, updated_at)
        values (p_consultancy, p_member, lower(p_email), p_member_name, 'owner', p_locale, p_time_zone,
                case when p_password_hash is null then 'invited' else 'active' end, true, p_now, p_now)
        returning id, email, name, role, client_id, locale, time_zone, status, all_clients, expires_at, version,
                  created_at, updated_at
    ), policy as (
        insert into notifications.reminder_policies (consultancy_id, id, name, created_at, updated_at)
        values (p_consultancy, p_policy, case p_locale when 'ja' then '標準' else 'Standard' end, p_now, p_now)
        returning id, client_id, deadline_kind, name, offsets, overdue_every_days, send_hour, business_days, channel,
                  receiver_roles, enabled, version, created_at, updated_at
    ), made (entity, data) as (
        select 'consultancy', to_jsonb(consultancy) from consultancy
        union all select 'member', to_jsonb(member) from member
        union all select 'reminder_policy', to_jsonb(policy) from policy
    )
    insert into platform.events (consultancy_id, id, at, actor_kind, operation, kind, entity, entity_id, version, data)
    select p_consultancy, gen_random_uuid(), p_now, 'operator', 'createConsultancy', entity || '.created', entity,
           (data ->> 'id')::uuid, 1, data
    from made;
end $$;

reset role;
