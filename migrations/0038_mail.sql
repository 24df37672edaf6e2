-- What mails look like and by which server they go: templates, settings, servers, addresses that refused, subscriptions that ended, tests.
set local role meguri_owner;

create table notifications.template_kinds (
    kind text not null,
    position int not null,
    title_ja text not null,
    title_en text not null,
    placeholders jsonb not null,
    primary key (kind)
);
comment on table notifications.template_kinds is 'reference: kinds of mail and what their templates may name';
grant select on notifications.template_kinds to meguri_notifications;

create table notifications.default_templates (
    kind text not null,
    language text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    sha256 text not null,
    primary key (kind, language)
);
comment on table notifications.default_templates is 'reference: the templates that the program brings; sha256 = of the file they came from';
grant select on notifications.default_templates to meguri_notifications;

-- The file of services/notifications/catalogues replaces what was there: versions that consultancies made of it are their own.
create function notifications.load_catalogue(document text, digest text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    d jsonb := document;
begin
    if exists (select from notifications.default_templates t where t.sha256 = digest) then
        return false;
    end if;
    delete from notifications.template_kinds;
    delete from notifications.default_templates;
    insert into notifications.template_kinds (kind, position, title_ja, title_en, placeholders)
    select i ->> 'kind', n, i ->> 'title_ja', i ->> 'title_en', i -> 'placeholders'
    from jsonb_array_elements(d -> 'kinds') with ordinality as e (i, n);
    insert into notifications.default_templates (kind, language, subject, body_text, body_html, sha256)
    select i ->> 'kind', i ->> 'language', i ->> 'subject',
           (select string_agg(l || E'\n', '' order by n) from jsonb_array_elements_text(i -> 'text') with ordinality as x (l, n)),
           (select string_agg(l || E'\n', '' order by n) from jsonb_array_elements_text(i -> 'html') with ordinality as x (l, n)), digest
    from jsonb_array_elements(d -> 'templates') as e (i);
    return true;
end $$;

create table notifications.message_templates (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    kind text not null,
    language text not null,
    no int not null,
    subject text,
    body_text text,
    body_html text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint message_templates_no_key unique (consultancy_id, kind, language, no),
    constraint message_templates_kind_known check (kind in ('reminder', 'digest', 'webhook_disabled')),
    constraint message_templates_language_known check (language in ('ja', 'en')),
    constraint message_templates_no_range check (no >= 1),
    constraint message_templates_subject_length check (length(subject) between 1 and 500),
    constraint message_templates_body_text_length check (length(body_text) between 1 and 20000),
    constraint message_templates_body_html_length check (length(body_html) between 1 and 100000),
    constraint message_templates_body_text_with_subject check ((subject is null) = (body_text is null))
);
comment on table notifications.message_templates is
    'tenant: versions of the consultancy''s own templates, the highest no counts; subject null = back to what the program brings';
call app.fence('notifications.message_templates');
grant select, insert, update, delete on notifications.message_templates to meguri_notifications;

create table notifications.mail_settings (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    reply_to text,
    brand_color text not null,
    logo_url text,
    footer_ja text,
    footer_en text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint mail_settings_consultancy_key unique (consultancy_id),
    constraint mail_settings_brand_color_shape check (brand_color ~ '^#[0-9a-f]{6}$'),
    constraint mail_settings_footer_ja_length check (length(footer_ja) <= 1000),
    constraint mail_settings_footer_en_length check (length(footer_en) <= 1000)
);
comment on table notifications.mail_settings is 'tenant: how the consultancy''s mails present themselves';
call app.fence('notifications.mail_settings');
grant select, insert, update, delete on notifications.mail_settings to meguri_notifications;

create table notifications.mail_servers (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    host text not null,
    port int not null,
    tls text not null,
    username text,
    password_sealed text,
    from_address text not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint mail_servers_consultancy_key unique (consultancy_id),
    constraint mail_servers_port_range check (port between 1 and 65535),
    constraint mail_servers_tls_known check (tls in ('starttls', 'implicit')),
    constraint mail_servers_password_with_username check (password_sealed is null or username is not null)
);
comment on table notifications.mail_servers is 'tenant: the consultancy''s own mail server; password_sealed = AES-256-GCM under the key of the installation';
call app.fence('notifications.mail_servers');
grant select, insert, update, delete on notifications.mail_servers to meguri_notifications;

create table notifications.mail_addresses (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    address text not null,
    status_code text not null,
    diagnostic text,
    delivery_id uuid,
    bounced_at timestamptz not null,
    bounces int not null default 1,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint mail_addresses_address_key unique (consultancy_id, address),
    constraint mail_addresses_diagnostic_length check (length(diagnostic) <= 500)
);
comment on table notifications.mail_addresses is 'tenant: addresses whose mail server said for good that it does not take mail for them (RFC 3464)';
create index mail_addresses_created on notifications.mail_addresses (consultancy_id, created_at, id);
call app.fence('notifications.mail_addresses');
grant select, insert, update, delete on notifications.mail_addresses to meguri_notifications;

create table notifications.unsubscriptions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    receiver_id uuid not null,
    address text not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint unsubscriptions_receiver_key unique (consultancy_id, receiver_id)
);
comment on table notifications.unsubscriptions is
    'tenant: who stopped his reminders by the link of a mail; receiver_id = a member, a person, or a client for its contact';
create index unsubscriptions_created on notifications.unsubscriptions (consultancy_id, created_at, id);
call app.fence('notifications.unsubscriptions');
grant select, insert, update, delete on notifications.unsubscriptions to meguri_notifications;

create table notifications.mail_tests (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    member_id uuid,
    kind text,
    language text not null,
    address text not null,
    status text not null,
    detail text,
    settled_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint mail_tests_kind_known check (kind in ('reminder', 'digest', 'webhook_disabled')),
    constraint mail_tests_language_known check (language in ('ja', 'en')),
    constraint mail_tests_status_known check (status in ('pending', 'sent', 'failed'))
);
comment on table notifications.mail_tests is 'tenant: mails that somebody asked for to see whether and how they arrive; kind null = of the server alone';
create index mail_tests_pending on notifications.mail_tests (consultancy_id, created_at) where status = 'pending';
create index mail_tests_created on notifications.mail_tests (consultancy_id, created_at, id);
call app.fence('notifications.mail_tests');
grant select, insert, update, delete on notifications.mail_tests to meguri_notifications;

-- ---- background work that an operator has stopped ----

create table platform.work_pauses (
    job text not null,
    consultancy_id uuid references platform.consultancies,
    reason text not null,
    since timestamptz not null,
    constraint work_pauses_job_key unique nulls not distinct (job, consultancy_id)
);
comment on table platform.work_pauses is 'platform: jobs that an operator paused; consultancy_id null = for everybody';

reset role;
