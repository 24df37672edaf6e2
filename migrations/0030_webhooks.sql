-- Webhooks: who is told of which events, what is on its way to him, and what he answered.
set local role meguri_owner;

create table notifications.webhook_endpoints (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    name text not null,
    kind text not null default 'standard',
    url text not null,
    client_id uuid,
    event_kinds jsonb not null default '["*"]',
    language text not null default 'ja',
    enabled boolean not null default true,
    disabled_reason text,
    disabled_at timestamptz,
    notice_due boolean not null default false,
    failing_since timestamptz,
    failures int not null default 0,
    rest_until timestamptz,
    last_delivered_at timestamptz,
    last_error text,
    secret_sealed text not null,
    public_key text not null,
    previous_sealed text,
    previous_until timestamptz,
    queued_no bigint not null,
    member_id uuid not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint webhook_endpoints_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id)
        on delete cascade,
    constraint webhook_endpoints_name_length check (length(name) between 1 and 200),
    constraint webhook_endpoints_kind_known check (kind in ('standard', 'slack', 'teams')),
    constraint webhook_endpoints_url_length check (length(url) between 1 and 2000),
    constraint webhook_endpoints_event_kinds_array check (jsonb_typeof(event_kinds) = 'array'),
    constraint webhook_endpoints_language_known check (language in ('ja', 'en')),
    constraint webhook_endpoints_disabled_reason_known check (disabled_reason in ('by_hand', 'gone', 'failing')),
    constraint webhook_endpoints_disabled_whole check (enabled = (disabled_reason is null) and enabled = (disabled_at is null)),
    constraint webhook_endpoints_last_error_length check (length(last_error) <= 1000)
);
comment on table notifications.webhook_endpoints is
    'tenant: addresses that are told of events; client_id null = of all clients; queued_no = last number of the trail that was looked at; '
    'rest_until = no attempt before; the sealed secrets are two keys each, for HMAC-SHA256 and Ed25519';
create index webhook_endpoints_created on notifications.webhook_endpoints (consultancy_id, created_at, id);
create index webhook_endpoints_client on notifications.webhook_endpoints (consultancy_id, client_id);
call app.fence('notifications.webhook_endpoints', 'app.sees_staff(client_id)');
grant select, insert, update, delete on notifications.webhook_endpoints to meguri_notifications;

create table notifications.webhook_deliveries (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    endpoint_id uuid not null,
    client_id uuid,
    event_id uuid,
    event_no bigint,
    event_kind text not null,
    object_id uuid not null,
    status text not null default 'pending',
    attempts int not null default 0,
    next_attempt_at timestamptz,
    fence bigint,
    lease_until timestamptz,
    last_status int,
    last_error text,
    delivered_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint webhook_deliveries_client_id_key unique (consultancy_id, client_id, id),
    constraint webhook_deliveries_once_key unique (consultancy_id, endpoint_id, event_id),
    constraint webhook_deliveries_endpoint_fkey foreign key (consultancy_id, endpoint_id)
        references notifications.webhook_endpoints (consultancy_id, id) on delete cascade,
    constraint webhook_deliveries_event_kind_length check (length(event_kind) between 3 and 100),
    constraint webhook_deliveries_status_known check (status in ('pending', 'sending', 'delivered', 'failed', 'dead')),
    constraint webhook_deliveries_last_error_length check (length(last_error) <= 1000)
);
comment on table notifications.webhook_deliveries is
    'tenant: one event on its way to one endpoint; its id is the webhook-id, so that a repetition is recognized; event_id null = a test; '
    'object_id = what must be told in order';
create index webhook_deliveries_due on notifications.webhook_deliveries (consultancy_id, endpoint_id, event_no)
    where status in ('pending', 'sending', 'failed');
create index webhook_deliveries_object on notifications.webhook_deliveries (consultancy_id, endpoint_id, object_id, event_no)
    where status in ('pending', 'sending', 'failed');
create index webhook_deliveries_list on notifications.webhook_deliveries (consultancy_id, endpoint_id, created_at, id);
create index webhook_deliveries_age on notifications.webhook_deliveries (consultancy_id, updated_at) where status in ('delivered', 'dead');
call app.fence('notifications.webhook_deliveries', 'app.sees_staff(client_id)');
grant select, insert, update, delete on notifications.webhook_deliveries to meguri_notifications;

create table notifications.webhook_attempts (
    consultancy_id uuid not null references platform.consultancies,
    delivery_id uuid not null,
    no int not null,
    client_id uuid,
    at timestamptz not null,
    outcome text not null,
    status int,
    latency_ms int not null,
    detail text,
    primary key (consultancy_id, delivery_id, no),
    constraint webhook_attempts_delivery_fkey foreign key (consultancy_id, delivery_id)
        references notifications.webhook_deliveries (consultancy_id, id) on delete cascade,
    constraint webhook_attempts_client_fkey foreign key (consultancy_id, client_id, delivery_id)
        references notifications.webhook_deliveries (consultancy_id, client_id, id) on delete cascade,
    constraint webhook_attempts_outcome_known check (outcome in ('delivered', 'failed', 'dead')),
    constraint webhook_attempts_detail_length check (length(detail) <= 1000)
);
comment on table notifications.webhook_attempts is 'tenant: every attempt of a delivery with the status, the time it took and the beginning of the reply';
call app.fence('notifications.webhook_attempts', 'app.sees_staff(client_id)');
grant select, insert on notifications.webhook_attempts to meguri_notifications;


reset role;
