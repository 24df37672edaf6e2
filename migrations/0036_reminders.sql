-- Finer policies, days on which nobody is reminded, what a receiver said to a reminder, and the inbox.
set local role meguri_owner;

alter table notifications.reminder_policies
    add column grade text,
    add column hardness text,
    add column business_day_roll text not null default 'before',
    add column also_channels jsonb not null default '[]',
    add column member_ids jsonb not null default '[]',
    add column person_ids jsonb not null default '[]',
    add column language text,
    add column escalation jsonb not null default '[]',
    add constraint reminder_policies_grade_known check (grade in ('major', 'minor', 'observation', 'opportunity', 'strength', 'stage1_concern')),
    add constraint reminder_policies_hardness_known check (hardness in ('hard', 'law', 'policy', 'own')),
    add constraint reminder_policies_business_day_roll_known check (business_day_roll in ('before', 'after')),
    add constraint reminder_policies_also_channels_array check (jsonb_typeof(also_channels) = 'array'),
    add constraint reminder_policies_member_ids_array check (jsonb_typeof(member_ids) = 'array'),
    add constraint reminder_policies_person_ids_array check (jsonb_typeof(person_ids) = 'array'),
    add constraint reminder_policies_language_known check (language in ('ja', 'en')),
    add constraint reminder_policies_escalation_array check (jsonb_typeof(escalation) = 'array'),
    drop constraint reminder_policies_receiver_roles_known,
    add constraint reminder_policies_receiver_roles_known check
        (receiver_roles <@ '{owner,admin,consultant,client_admin,client_member,auditor,client_contact}'::text[]);

alter table notifications.reminders
    add column receiver_kind text not null default 'member',
    add constraint reminders_receiver_kind_known check (receiver_kind in ('member', 'person', 'client_contact'));
comment on column notifications.reminders.member_id is
    'the receiver: a member, a person of the client, or (client_contact) the client itself, as receiver_kind says';

create table notifications.quiet_days (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid,
    name text not null,
    first_day date not null,
    last_day date not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint quiet_days_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint quiet_days_name_length check (length(name) between 1 and 200),
    constraint quiet_days_last_day_order check (last_day between first_day and first_day + 60)
);
comment on table notifications.quiet_days is 'tenant: days on which nobody is reminded; client_id null = of the whole consultancy';
create index quiet_days_created on notifications.quiet_days (consultancy_id, created_at, id);
create index quiet_days_client on notifications.quiet_days (consultancy_id, client_id);
call app.fence('notifications.quiet_days', 'app.sees_staff(client_id)');
grant select, insert, update, delete on notifications.quiet_days to meguri_notifications;

create table notifications.reminder_marks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    deadline_id uuid not null,
    deadline_due_on date not null,
    receiver_id uuid not null,
    acknowledged_at timestamptz,
    snoozed_until date,
    by_client boolean not null,
    through text not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint reminder_marks_once_key unique (consultancy_id, deadline_id, deadline_due_on, receiver_id),
    constraint reminder_marks_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint reminder_marks_through_known check (through in ('api', 'link'))
);
comment on table notifications.reminder_marks is
    'tenant: what a receiver said to the reminders of a deadline on its date; by_client = he stands on the client''s side and can not silence what is hard or law';
create index reminder_marks_client on notifications.reminder_marks (consultancy_id, client_id, id);
call app.fence('notifications.reminder_marks', 'app.sees_client(client_id)');
grant select, insert, update, delete on notifications.reminder_marks to meguri_notifications;

create table notifications.inbox_items (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    member_id uuid not null,
    reminder_id uuid not null,
    deadline_id uuid not null,
    title_ja text not null,
    title_en text not null,
    due_on date not null,
    read_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint inbox_items_reminder_key unique (consultancy_id, reminder_id),
    constraint inbox_items_reminder_fkey foreign key (consultancy_id, client_id, reminder_id)
        references notifications.reminders (consultancy_id, client_id, id),
    constraint inbox_items_title_ja_length check (length(title_ja) between 1 and 300),
    constraint inbox_items_title_en_length check (length(title_en) between 1 and 300)
);
comment on table notifications.inbox_items is 'tenant: what a member was told inside the application, one row per reminder; read_at null = unread';
create index inbox_items_of_member on notifications.inbox_items (consultancy_id, member_id, created_at, id);
create index inbox_items_unread on notifications.inbox_items (consultancy_id, member_id) where read_at is null;
create index inbox_items_client on notifications.inbox_items (consultancy_id, client_id, id);
call app.fence('notifications.inbox_items', 'app.sees_client(client_id)');
grant select, insert, update, delete on notifications.inbox_items to meguri_notifications;

grant select on scheduling.findings to meguri_notifications;

-- As before; the history of the first policy begins with its new columns.
create or replace function auth.create_consultancy(p_consultancy uuid, p_name text, p_locale text, p_time_zone text,
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
                  receiver_roles, enabled, grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation,
                  version, created_at, updated_at
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
