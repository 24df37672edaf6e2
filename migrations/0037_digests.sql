-- When a member wants his digest by mail.
set local role meguri_owner;

create table notifications.digest_settings (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    frequency text not null,
    weekday int not null,
    send_hour int not null,
    last_on date not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint digest_settings_frequency_known check (frequency in ('off', 'daily', 'weekly')),
    constraint digest_settings_weekday_range check (weekday between 1 and 7),
    constraint digest_settings_send_hour_range check (send_hour between 0 and 23)
);
comment on table notifications.digest_settings is
    'tenant: id = the member''s id; weekday 1 = Monday; last_on = the day of the last digest that was settled, sent or with nothing to say';
call app.fence('notifications.digest_settings');
grant select, insert, update, delete on notifications.digest_settings to meguri_notifications;

reset role;
