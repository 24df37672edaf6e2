-- Roles, the tenant context, and the tables that every program shares: events, idempotency, work, sign-in.
--
-- The comment of each table begins with its kind:
--   tenant     rows of one consultancy: forced row level security, consultancy_id leads every key
--   reference  the same for everybody, read only
--   platform   reached by the programs through functions only
--
-- Runs as a superuser or as the owner of the database; everything it makes belongs to meguri_owner, whom nobody can log in as.

-- Roles belong to the whole cluster while several databases may be migrated at once: try again when another one was faster.
do $$
declare
    wanted record;
    attempt int := 0;
begin
    loop
        begin
            for wanted in
                select * from (values ('meguri_owner', 'nologin'), ('meguri_migrate', 'login'), ('meguri_tenants', 'login'),
                                      ('meguri_registers', 'login'), ('meguri_scheduling', 'login'),
                                      ('meguri_notifications', 'login'), ('meguri', 'login')) as r (name, login)
                where not exists (select from pg_roles where rolname = r.name)
            loop
                execute format('create role %I %s nosuperuser nocreatedb nocreaterole nobypassrls inherit',
                               wanted.name, wanted.login);
            end loop;
            for wanted in
                select * from (values ('meguri_owner', 'meguri_migrate'), ('meguri_tenants', 'meguri'), ('meguri_registers', 'meguri'),
                                      ('meguri_scheduling', 'meguri'), ('meguri_notifications', 'meguri')) as g (role, member)
                where not exists (select from pg_auth_members m
                                  where m.roleid = g.role::regrole and m.member = g.member::regrole)
            loop
                execute format('grant %I to %I', wanted.role, wanted.member);
            end loop;
            exit;
        exception when duplicate_object or unique_violation or internal_error then
            attempt := attempt + 1;
            if attempt > 20 then raise; end if;
            perform pg_sleep(0.05);
        end;
    end loop;
end $$;

do $$
begin
    execute format('grant create, connect on database %I to meguri_owner', current_database());
    execute format('grant connect on database %I to meguri_tenants, meguri_registers, meguri_scheduling, '
                   'meguri_notifications, meguri, meguri_migrate', current_database());
    execute format('revoke temporary on database %I from public', current_database());
    create schema if not exists platform;
    alter schema platform owner to meguri_owner;
    if to_regclass('platform.migrations') is not null then
        alter table platform.migrations owner to meguri_owner;
        comment on table platform.migrations is 'platform: migrations that were applied, with the checksum of each file';
    end if;
end $$;
revoke create on schema public from public;

set local role meguri_owner;

create schema app;
create schema auth;
grant usage on schema app, auth, platform to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;
alter default privileges for role meguri_owner revoke execute on functions from public;

-- ---------------------------------------------------------------- context of a transaction: who asks, and how far he sees
-- '' is what is left of a transaction-local setting after its transaction, so it means absent.
create function app.consultancy() returns uuid language sql stable parallel safe
as $$ select nullif(current_setting('app.consultancy', true), '')::uuid $$;
create function app.member() returns uuid language sql stable parallel safe
as $$ select nullif(current_setting('app.member', true), '')::uuid $$;
create function app.client() returns uuid language sql stable parallel safe
as $$ select nullif(current_setting('app.client', true), '')::uuid $$;
-- all | assigned | client | job | own (only what is the member's own); anything else sees no client
create function app.reach() returns text language sql stable parallel safe
as $$ select coalesce(current_setting('app.reach', true), '') $$;

-- Is the consultant assigned to the client? The first call of a transaction writes down all his clients behind who he is, the others look there:
-- a list of 50 rows asks 50 times. Under reach 'own' the fence of tenants.assignments needs no further look. (A SET clause would be shorter, but
-- only a superuser may write one for a setting of our own.)
create function app.is_assigned(client uuid) returns boolean language plpgsql stable strict cost 10
as $$
declare
    who text := concat(app.consultancy(), ' ', app.member(), ':');
    known text := current_setting('app.assigned', true);
    reach text;
begin
    if known like concat(who, '%', client, '%') then
        return true;
    end if;
    if not coalesce(starts_with(known, who), false) then
        reach := app.reach();
        perform set_config('app.reach', 'own', true);
        known := who || coalesce((select string_agg(a.client_id::text, ' ') from tenants.assignments a
                                  where a.consultancy_id = app.consultancy() and a.member_id = app.member()), '');
        perform set_config('app.reach', reach, true), set_config('app.assigned', known, true);
    end if;
    return known like concat(who, '%', client, '%');
end $$;

-- The client fence. Cheap answers first: for 'all' it costs one comparison per row. A row of no client (null) is for 'all' and 'job' only.
create function app.sees_client(client uuid) returns boolean language sql stable
as $$ select case app.reach() when 'all' then true when 'job' then true when 'client' then client = app.client()
                              when 'assigned' then app.is_assigned(client) else false end $$;

-- The same where rows of no client belong to the whole consultancy and are hidden from client users.
create function app.sees_staff(client uuid) returns boolean language sql stable
as $$ select case when client is null then app.reach() in ('all', 'assigned', 'job') else app.sees_client(client) end $$;

-- Puts the fences around a tenant table. `sees` is the test of the client fence, null for tables that belong to the whole consultancy;
-- `writes` the stricter test for new rows, when it differs.
create procedure app.fence(relation regclass, sees text default null, writes text default null) language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format('create policy granted on %s as permissive using (true) with check (true)', relation);
    execute format('create policy tenant_fence on %s as restrictive using (consultancy_id = app.consultancy()) '
                   'with check (consultancy_id = app.consultancy())', relation);
    if sees is not null then
        execute format('create policy client_fence on %s as restrictive using (%s) with check (%s)',
                       relation, sees, coalesce(writes, sees));
    end if;
end $$;

grant execute on function app.consultancy(), app.member(), app.client(), app.reach(), app.is_assigned(uuid),
    app.sees_client(uuid), app.sees_staff(uuid)
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

-- ---------------------------------------------------------------- consultancies as the platform knows them
create table platform.consultancies (
    id uuid primary key,
    status text not null default 'active',
    created_at timestamptz not null,
    constraint consultancies_status_known check (status in ('active', 'suspended'))
);
comment on table platform.consultancies is 'platform: every tenant and whether it is served';
grant select (id, status) on platform.consultancies
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

-- ---------------------------------------------------------------- events: audit trail, row history and outbox at once
create table platform.events (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    at timestamptz not null,
    actor_id uuid,
    actor_kind text,
    operation text not null,
    kind text not null,
    entity text not null,
    entity_id uuid,
    client_id uuid,
    version int,
    data jsonb not null,
    request_id text,
    chain_no bigint,
    hash bytea,
    primary key (consultancy_id, id),
    constraint events_chain_key unique (consultancy_id, chain_no),
    constraint events_sealed_whole check ((chain_no is null) = (hash is null))
);
comment on table platform.events is
    'tenant: append-only; each row is one change with the whole row after it; no foreign key to what it tells of, which may be gone';
create index events_entity on platform.events (consultancy_id, entity, entity_id, at desc, version desc nulls last);
create index events_list on platform.events (consultancy_id, entity, client_id, entity_id, at desc, version desc nulls last);
create index events_feed on platform.events (consultancy_id, at, id);
create index events_unsealed on platform.events (consultancy_id, at, id) where chain_no is null;
-- Everybody may report what concerns the whole consultancy; only its staff reads it.
call app.fence('platform.events', 'app.sees_staff(client_id)', 'client_id is null or app.sees_client(client_id)');
-- A sealed row never changes again, and sealing is the only change.
create policy sealed_once on platform.events as restrictive for update using (chain_no is null) with check (chain_no is not null);
grant select, insert on platform.events
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;
grant update (chain_no, hash) on platform.events to meguri_tenants;

-- ---------------------------------------------------------------- replies kept for Idempotency-Key
create table platform.idempotency (
    consultancy_id uuid not null references platform.consultancies,
    member_id uuid not null,
    key text not null,
    operation text not null,
    body_hash text not null,
    status int,
    reply text,
    headers jsonb,
    created_at timestamptz not null,
    primary key (consultancy_id, member_id, key),
    constraint idempotency_key_length check (length(key) between 1 and 255)
);
comment on table platform.idempotency is 'tenant: the reply to a creating request, for the member who sent it; status null = still running';
create index idempotency_age on platform.idempotency (consultancy_id, created_at);
call app.fence('platform.idempotency', $$app.reach() = 'job' or member_id = app.member()$$);
grant select, insert, update, delete on platform.idempotency
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

-- ---------------------------------------------------------------- human numbers: R-0042
create table platform.counters (
    consultancy_id uuid not null references platform.consultancies,
    client_id uuid not null,
    name text not null,
    value int not null,
    primary key (consultancy_id, client_id, name),
    constraint counters_name_length check (length(name) between 1 and 40)
);
comment on table platform.counters is 'tenant: last human number given per client and register';
call app.fence('platform.counters', 'app.sees_client(client_id)');
grant select, insert, update on platform.counters to meguri_registers, meguri_scheduling;
grant delete on platform.counters to meguri_tenants;

-- ---------------------------------------------------------------- work: which job runs for which consultancy, under a lease
create table platform.work (
    job text not null,
    consultancy_id uuid not null references platform.consultancies,
    due_at timestamptz not null,
    holder text,
    fence bigint not null default 0,
    lease_until timestamptz,
    primary key (job, consultancy_id)
);
comment on table platform.work is 'platform: leases of background work; real time, never the injected clock';
create index work_due on platform.work (job, due_at);

-- Makes the missing (job, consultancy) pairs; to be called now and then by whoever runs the jobs.
create function platform.ensure_work(p_jobs text[]) returns void language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into platform.work (job, consultancy_id, due_at)
    select j, c.id, clock_timestamp() from unnest(p_jobs) j cross join platform.consultancies c
    where c.status = 'active'
      and not exists (select from platform.work w where w.job = j and w.consultancy_id = c.id)
    on conflict do nothing
$$;

-- The work that has waited longest, or no row. The fence grows with every claim; whoever writes under an older one has lost the lease.
create function platform.claim_work(p_job text, p_holder text, p_lease_seconds int)
returns table (consultancy_id uuid, fence bigint) language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update platform.work w
    set holder = p_holder, fence = w.fence + 1,
        lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where (w.job, w.consultancy_id) = (
        select due.job, due.consultancy_id from platform.work due
        join platform.consultancies c on c.id = due.consultancy_id and c.status = 'active'
        where due.job = p_job and due.due_at <= clock_timestamp()
          and (due.lease_until is null or due.lease_until < clock_timestamp())
        order by due.due_at limit 1 for update of due skip locked)
    returning w.consultancy_id, w.fence
$$;

-- Longer, while the work goes on. False: the lease was lost, stop.
create function platform.renew_work(p_job text, p_consultancy uuid, p_holder text, p_fence bigint, p_lease_seconds int)
returns boolean language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with renewed as (
        update platform.work w set lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
        where w.job = p_job and w.consultancy_id = p_consultancy and w.holder = p_holder and w.fence = p_fence
          and w.lease_until is not null
        returning 1)
    select exists (select from renewed)
$$;

-- Gives the lease back; 0 seconds = due again at once. False: it was somebody else's already.
create function platform.finish_work(p_job text, p_consultancy uuid, p_holder text, p_fence bigint, p_next_due_seconds double precision)
returns boolean language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with finished as (
        update platform.work w
        set holder = null, lease_until = null,
            due_at = clock_timestamp() + make_interval(secs => p_next_due_seconds)
        where w.job = p_job and w.consultancy_id = p_consultancy and w.holder = p_holder and w.fence = p_fence
        returning 1)
    select exists (select from finished)
$$;

-- Wake-up: everything of these jobs is due now.
create function platform.make_work_due(p_jobs text[]) returns void language sql security definer
set search_path = pg_catalog, pg_temp
as $$
    update platform.work w set due_at = clock_timestamp()
    where w.job = any (p_jobs) and w.due_at > clock_timestamp()
$$;

grant execute on function platform.ensure_work(text[]), platform.claim_work(text, text, int),
    platform.renew_work(text, uuid, text, bigint, int),
    platform.finish_work(text, uuid, text, bigint, double precision), platform.make_work_due(text[])
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

-- ---------------------------------------------------------------- signing keys
create table platform.signing_keys (
    kid text primary key,
    public_pem text not null,
    private_sealed text not null,
    signs_from timestamptz not null,
    verifies_until timestamptz,
    created_at timestamptz not null
);
comment on table platform.signing_keys is 'platform: ES256 keys of access tokens; the private half is sealed by the programs';

-- Every key that still verifies. Only a login that may sign gets the (sealed) private half.
create function auth.keys(p_now timestamptz)
returns table (kid text, public_pem text, private_sealed text, signs_from timestamptz, verifies_until timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select k.kid, k.public_pem,
           case when pg_has_role(session_user, 'meguri_tenants', 'usage') then k.private_sealed end,
           k.signs_from, k.verifies_until
    from platform.signing_keys k
    where k.verifies_until is null or k.verifies_until > p_now
    order by k.signs_from, k.kid
$$;

-- A new key that signs from p_signs_from on; the older ones verify until p_old_until. False: the kid is taken.
create function auth.add_key(p_kid text, p_public_pem text, p_private_sealed text, p_now timestamptz,
                             p_signs_from timestamptz, p_old_until timestamptz)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into platform.signing_keys (kid, public_pem, private_sealed, signs_from, created_at)
    values (p_kid, p_public_pem, p_private_sealed, p_signs_from, p_now)
    on conflict do nothing;
    if not found then return false; end if;
    update platform.signing_keys set verifies_until = p_old_until
    where kid <> p_kid and verifies_until is null;
    return true;
end $$;

-- The first key, when there is none yet; several programs may try at once, one wins. False: there is one already.
create function auth.add_first_key(p_kid text, p_public_pem text, p_private_sealed text, p_now timestamptz)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    lock table platform.signing_keys in share row exclusive mode;
    insert into platform.signing_keys (kid, public_pem, private_sealed, signs_from, created_at)
    select p_kid, p_public_pem, p_private_sealed, p_now, p_now
    where not exists (select from platform.signing_keys where verifies_until is null or verifies_until > p_now);
    return found;
end $$;

grant execute on function auth.keys(timestamptz)
to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;
grant execute on function auth.add_first_key(text, text, text, timestamptz),
    auth.add_key(text, text, text, timestamptz, timestamptz, timestamptz) to meguri_tenants;

reset role;
