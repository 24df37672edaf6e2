-- Who is who: the consultancy, its members and how they sign in, its clients and their sites and departments.
set local role meguri_owner;

create schema tenants;
grant usage on schema tenants to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

create table tenants.consultancies (
    consultancy_id uuid primary key references platform.consultancies,
    name text not null,
    locale text not null default 'ja',
    time_zone text not null default 'Asia/Tokyo',
    sender_name text,
    policies jsonb not null default '{}',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint consultancies_name_length check (length(name) between 1 and 200),
    constraint consultancies_sender_name_length check (length(sender_name) between 1 and 100),
    constraint consultancies_locale_known check (locale in ('ja', 'en')),
    constraint consultancies_time_zone_length check (length(time_zone) between 1 and 64),
    constraint consultancies_policies_object check (jsonb_typeof(policies) = 'object')
);
comment on table tenants.consultancies is 'tenant: settings of the consultancy; policies = its own values of what no standard fixes';
call app.fence('tenants.consultancies');
grant select, update on tenants.consultancies to meguri_tenants;
grant select on tenants.consultancies to meguri_registers, meguri_scheduling, meguri_notifications;
grant update (policies, version, updated_at) on tenants.consultancies to meguri_scheduling;

create table tenants.clients (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    code text,
    name text not null,
    name_kana text,
    name_en text,
    locale text not null default 'ja',
    time_zone text not null default 'Asia/Tokyo',
    headcount int,
    fiscal_year_end_month int,
    status text not null default 'active',
    contact_name text,
    contact_email text,
    contact_phone text,
    notes text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint clients_code_key unique (consultancy_id, code),
    constraint clients_code_length check (length(code) between 1 and 40),
    constraint clients_name_length check (length(name) between 1 and 200),
    constraint clients_name_kana_length check (length(name_kana) between 1 and 200),
    constraint clients_name_en_length check (length(name_en) between 1 and 200),
    constraint clients_locale_known check (locale in ('ja', 'en')),
    constraint clients_time_zone_length check (length(time_zone) between 1 and 64),
    constraint clients_headcount_range check (headcount between 1 and 1000000),
    constraint clients_fiscal_year_end_month_range check (fiscal_year_end_month between 1 and 12),
    constraint clients_status_known check (status in ('prospect', 'active', 'paused', 'left')),
    constraint clients_contact_name_length check (length(contact_name) between 1 and 100),
    constraint clients_contact_email_length check (length(contact_email) between 3 and 254),
    constraint clients_contact_phone_length check (length(contact_phone) between 1 and 40),
    constraint clients_notes_length check (length(notes) <= 4000)
);
comment on table tenants.clients is 'tenant: client companies';
create index clients_name on tenants.clients (consultancy_id, lower(name), id);
create index clients_created on tenants.clients (consultancy_id, created_at, id);
call app.fence('tenants.clients', 'app.sees_client(id)');
grant select, insert, update, delete on tenants.clients to meguri_tenants;
grant select on tenants.clients to meguri_registers, meguri_scheduling, meguri_notifications;

create table tenants.members (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    email text not null,
    name text not null,
    role text not null,
    client_id uuid,
    locale text not null default 'ja',
    time_zone text not null default 'Asia/Tokyo',
    status text not null default 'invited',
    all_clients boolean not null default false,
    expires_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint members_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint members_email_length check (length(email) between 3 and 254),
    constraint members_email_lower check (email = lower(email)),
    constraint members_name_length check (length(name) between 1 and 100),
    constraint members_role_known check
        (role in ('owner', 'admin', 'consultant', 'client_admin', 'client_member', 'auditor')),
    constraint members_client_fits_role check
        ((client_id is not null) = (role in ('client_admin', 'client_member', 'auditor'))),
    constraint members_locale_known check (locale in ('ja', 'en')),
    constraint members_time_zone_length check (length(time_zone) between 1 and 64),
    constraint members_status_known check (status in ('invited', 'active', 'removed'))
);
comment on table tenants.members is 'tenant: memberships; id = the user''s id';
create unique index members_email_key on tenants.members (consultancy_id, email) where status <> 'removed';
create index members_name on tenants.members (consultancy_id, lower(name), id);
create index members_created on tenants.members (consultancy_id, created_at, id);
create index members_client on tenants.members (consultancy_id, client_id, id);
-- One's own membership is always readable: that is how the programs learn how far a member sees.
call app.fence('tenants.members', 'id = app.member() or app.sees_staff(client_id)', 'app.sees_staff(client_id)');
grant select, insert, update, delete on tenants.members to meguri_tenants;
grant select on tenants.members to meguri_registers, meguri_scheduling, meguri_notifications;

create table tenants.assignments (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    member_id uuid not null,
    client_id uuid not null,
    is_lead boolean not null default false,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint assignments_member_client_key unique (consultancy_id, member_id, client_id),
    constraint assignments_member_fkey foreign key (consultancy_id, member_id)
        references tenants.members (consultancy_id, id) on delete cascade,
    constraint assignments_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id) on delete cascade
);
comment on table tenants.assignments is 'tenant: which consultant looks after which client';
create index assignments_client on tenants.assignments (consultancy_id, client_id, id);
-- 'own' is the look that app.is_assigned takes; it must not ask app.is_assigned again.
call app.fence('tenants.assignments',
    $$case app.reach() when 'own' then member_id = app.member() else app.sees_client(client_id) end$$);
grant select, insert, update, delete on tenants.assignments to meguri_tenants;
grant select on tenants.assignments to meguri_registers, meguri_scheduling, meguri_notifications;

create table tenants.sites (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    name text not null,
    kind text not null default 'branch',
    address text,
    headcount int,
    is_central_function boolean not null default false,
    in_scope boolean not null default true,
    opened_on date,
    closed_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint sites_client_id_key unique (consultancy_id, client_id, id),
    constraint sites_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint sites_name_length check (length(name) between 1 and 200),
    constraint sites_kind_known check (kind in ('head_office', 'branch', 'data_center', 'home')),
    constraint sites_address_length check (length(address) <= 500),
    constraint sites_headcount_range check (headcount between 0 and 1000000),
    constraint sites_closed_after_opened check (closed_on >= opened_on)
);
comment on table tenants.sites is 'tenant: places of a client, inside or outside its scope';
create index sites_created on tenants.sites (consultancy_id, client_id, created_at, id);
call app.fence('tenants.sites', 'app.sees_client(client_id)');
grant select, insert, update, delete on tenants.sites to meguri_tenants;
grant select on tenants.sites to meguri_registers, meguri_scheduling, meguri_notifications;

create table tenants.departments (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    name text not null,
    head_name text,
    headcount int,
    in_scope boolean not null default true,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint departments_client_id_key unique (consultancy_id, client_id, id),
    constraint departments_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint departments_name_length check (length(name) between 1 and 200),
    constraint departments_head_name_length check (length(head_name) between 1 and 100),
    constraint departments_headcount_range check (headcount between 0 and 1000000)
);
comment on table tenants.departments is 'tenant: departments of a client, inside or outside its scope';
create index departments_created on tenants.departments (consultancy_id, client_id, created_at, id);
call app.fence('tenants.departments', 'app.sees_client(client_id)');
grant select, insert, update, delete on tenants.departments to meguri_tenants;
grant select on tenants.departments to meguri_registers, meguri_scheduling, meguri_notifications;

-- ---------------------------------------------------------------- sign-in
-- A login belongs to one consultancy even when the same address appears in several: none can touch another's credentials.
create table platform.users (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    email text not null,
    password_hash text,
    password_changed_at timestamptz,
    failed_count int not null default 0,
    failed_at timestamptz,
    created_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint users_email_key unique (consultancy_id, email),
    constraint users_email_lower check (email = lower(email))
);
comment on table platform.users is 'platform: credentials of members, one set per consultancy';
create index users_email on platform.users (email);

create table platform.sessions (
    consultancy_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    user_agent text,
    created_at timestamptz not null,
    rotated_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (consultancy_id, id),
    constraint sessions_user_fkey foreign key (consultancy_id, user_id)
        references platform.users (consultancy_id, id) on delete cascade
);
comment on table platform.sessions is 'platform: signed-in sessions; each is the family of its refresh tokens';
create index sessions_user on platform.sessions (consultancy_id, user_id);

create table platform.refresh_tokens (
    hash text primary key,
    consultancy_id uuid not null,
    session_id uuid not null,
    used_at timestamptz,
    expires_at timestamptz not null,
    constraint refresh_tokens_session_fkey foreign key (consultancy_id, session_id)
        references platform.sessions (consultancy_id, id) on delete cascade
);
comment on table platform.refresh_tokens is 'platform: hashes of all refresh tokens of a session, used ones too, so that a second use is noticed';
create index refresh_tokens_session on platform.refresh_tokens (consultancy_id, session_id);
create index refresh_tokens_expiry on platform.refresh_tokens (expires_at);

create table platform.invitations (
    token_hash text primary key,
    consultancy_id uuid not null,
    user_id uuid not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint invitations_user_fkey foreign key (consultancy_id, user_id)
        references platform.users (consultancy_id, id) on delete cascade
);
comment on table platform.invitations is 'platform: hashes of invitation tokens';
create index invitations_user on platform.invitations (consultancy_id, user_id);

-- Hashes of tokens are opaque text to the database (the programs give SHA-256 in hex). Times come from the caller's clock.

-- Who could sign in with this address: every consultancy in which it is an active member with a password. Each membership is read in its own
-- tenant's context; the caller's context comes back at the end.
create function auth.credentials(p_email text, p_now timestamptz)
returns table (consultancy_id uuid, member_id uuid, password_hash text, failed_count int, failed_at timestamptz,
               role text, client_id uuid, all_clients boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    consultancy text := coalesce(current_setting('app.consultancy', true), '');
    reach text := app.reach();
    login record;
begin
    for login in
        select u.* from platform.users u join platform.consultancies c on c.id = u.consultancy_id and c.status = 'active'
        where u.email = lower(p_email) and u.password_hash is not null order by u.consultancy_id
    loop
        perform set_config('app.consultancy', login.consultancy_id::text, true), set_config('app.reach', 'job', true);
        return query
            select login.consultancy_id, login.id, login.password_hash, login.failed_count, login.failed_at,
                   m.role, m.client_id, m.all_clients
            from tenants.members m
            where m.consultancy_id = login.consultancy_id and m.id = login.id and m.status = 'active'
              and (m.expires_at is null or m.expires_at > p_now);
    end loop;
    perform set_config('app.consultancy', consultancy, true), set_config('app.reach', reach, true);
end $$;

create function auth.sign_in_failed(p_consultancy uuid, p_member uuid, p_now timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update platform.users set failed_count = failed_count + 1, failed_at = p_now
    where consultancy_id = p_consultancy and id = p_member
$$;

-- A new session with its first refresh token. False: the member is gone.
create function auth.open_session(p_consultancy uuid, p_member uuid, p_session uuid, p_token_hash text,
                                  p_user_agent text, p_now timestamptz, p_expires timestamptz)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update platform.users set failed_count = 0, failed_at = null
    where consultancy_id = p_consultancy and id = p_member;
    if not found then return false; end if;
    insert into platform.sessions (consultancy_id, id, user_id, user_agent, created_at, rotated_at, expires_at)
    values (p_consultancy, p_session, p_member, left(p_user_agent, 300), p_now, p_now, p_expires);
    insert into platform.refresh_tokens (hash, consultancy_id, session_id, expires_at)
    values (p_token_hash, p_consultancy, p_session, p_expires);
    return true;
end $$;

-- The session a refresh token belongs to, with whether the token may still be used; no row when it was never given.
create function auth.find_session(p_token_hash text, p_now timestamptz)
returns table (session_id uuid, consultancy_id uuid, member_id uuid, usable boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select s.id, s.consultancy_id, s.user_id,
           t.used_at is null and t.expires_at > p_now and s.revoked_at is null and s.expires_at > p_now
             and c.status = 'active'
    from platform.refresh_tokens t
    join platform.sessions s on s.consultancy_id = t.consultancy_id and s.id = t.session_id
    join platform.consultancies c on c.id = t.consultancy_id
    where t.hash = p_token_hash
$$;

-- Exchanges a refresh token. 'rotated'; 'reused': it was used before, so the whole session is revoked now (COMMIT it, do not roll back);
-- 'gone': unknown, expired or revoked.
create function auth.rotate_session(p_old_hash text, p_new_hash text, p_now timestamptz, p_expires timestamptz)
returns text language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    token platform.refresh_tokens;
begin
    select * into token from platform.refresh_tokens where hash = p_old_hash for update;
    if not found then return 'gone'; end if;
    if token.used_at is not null then
        update platform.sessions set revoked_at = p_now
        where consultancy_id = token.consultancy_id and id = token.session_id and revoked_at is null;
        return 'reused';
    end if;
    update platform.sessions set rotated_at = p_now, expires_at = p_expires
    where consultancy_id = token.consultancy_id and id = token.session_id and revoked_at is null and expires_at > p_now;
    if not found or token.expires_at <= p_now then return 'gone'; end if;
    update platform.refresh_tokens set used_at = p_now where hash = p_old_hash;
    insert into platform.refresh_tokens (hash, consultancy_id, session_id, expires_at)
    values (p_new_hash, token.consultancy_id, token.session_id, p_expires);
    return 'rotated';
end $$;

-- The rest works inside the consultancy of the transaction's context.
create function auth.revoke_session(p_session uuid, p_now timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with revoked as (
        update platform.sessions set revoked_at = p_now
        where consultancy_id = app.consultancy() and id = p_session and revoked_at is null returning 1)
    select exists (select from revoked)
$$;

create function auth.revoke_member_sessions(p_member uuid, p_now timestamptz) returns int
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with revoked as (
        update platform.sessions set revoked_at = p_now
        where consultancy_id = app.consultancy() and user_id = p_member and revoked_at is null returning 1)
    select count(*)::int from revoked
$$;

-- Does the session of a token still stand? An unknown or absent one does not.
create function auth.session_active(p_session uuid, p_now timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select exists (select from platform.sessions
                   where consultancy_id = app.consultancy() and id = p_session and revoked_at is null and expires_at > p_now)
$$;

-- False: the address has a login in this consultancy already.
create function auth.create_user(p_member uuid, p_email text, p_now timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into platform.users (consultancy_id, id, email, created_at)
    values (app.consultancy(), p_member, lower(p_email), p_now) on conflict do nothing;
    return found;
end $$;

-- With its sessions, refresh tokens and invitations.
create function auth.delete_user(p_member uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    delete from platform.users where consultancy_id = app.consultancy() and id = p_member;
    return found;
end $$;

-- Also signs the member out everywhere.
create function auth.set_password(p_member uuid, p_password_hash text, p_now timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update platform.users
    set password_hash = p_password_hash, password_changed_at = p_now, failed_count = 0, failed_at = null
    where consultancy_id = app.consultancy() and id = p_member;
    if not found then return false; end if;
    update platform.sessions set revoked_at = p_now
    where consultancy_id = app.consultancy() and user_id = p_member and revoked_at is null;
    return true;
end $$;

create function auth.invite(p_member uuid, p_token_hash text, p_expires timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into platform.invitations (token_hash, consultancy_id, user_id, expires_at)
    select p_token_hash, u.consultancy_id, u.id, p_expires from platform.users u
    where u.consultancy_id = app.consultancy() and u.id = p_member;
    return found;
end $$;

-- Whom an invitation is for, while it can be used; no row otherwise. Before the work of hashing a password.
create function auth.find_invitation(p_token_hash text, p_now timestamptz)
returns table (consultancy_id uuid, member_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select i.consultancy_id, i.user_id from platform.invitations i
    join platform.consultancies c on c.id = i.consultancy_id and c.status = 'active'
    where i.token_hash = p_token_hash and i.used_at is null and i.expires_at > p_now
$$;

-- Uses the invitation up (and every other one of the member) and sets the password; no row when it can not be used any more.
-- The membership's own status is the caller's next statement.
create function auth.accept_invitation(p_token_hash text, p_password_hash text, p_now timestamptz)
returns table (consultancy_id uuid, member_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    invitation platform.invitations;
begin
    update platform.invitations set used_at = p_now
    where token_hash = p_token_hash and used_at is null and expires_at > p_now returning * into invitation;
    if not found then return; end if;
    update platform.invitations set used_at = p_now
    where consultancy_id = invitation.consultancy_id and user_id = invitation.user_id and used_at is null;
    update platform.users
    set password_hash = p_password_hash, password_changed_at = p_now, failed_count = 0, failed_at = null
    where consultancy_id = invitation.consultancy_id and id = invitation.user_id;
    return query select invitation.consultancy_id, invitation.user_id;
end $$;

-- Forgets what ended long ago; returns how many sessions and tokens.
create function auth.sweep(p_before timestamptz) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    swept int;
    more int;
begin
    delete from platform.refresh_tokens where expires_at < p_before;
    get diagnostics swept = row_count;
    delete from platform.sessions where expires_at < p_before;
    get diagnostics more = row_count;
    return swept + more;
end $$;

grant execute on function auth.session_active(uuid, timestamptz)
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;
grant execute on function
    auth.credentials(text, timestamptz), auth.sign_in_failed(uuid, uuid, timestamptz),
    auth.open_session(uuid, uuid, uuid, text, text, timestamptz, timestamptz),
    auth.find_session(text, timestamptz), auth.rotate_session(text, text, timestamptz, timestamptz),
    auth.revoke_session(uuid, timestamptz), auth.revoke_member_sessions(uuid, timestamptz),
    auth.create_user(uuid, text, timestamptz), auth.delete_user(uuid),
    auth.set_password(uuid, text, timestamptz), auth.invite(uuid, text, timestamptz),
    auth.find_invitation(text, timestamptz), auth.accept_invitation(text, text, timestamptz), auth.sweep(timestamptz)
to meguri_tenants;

reset role;
