-- How a consultancy's mails present themselves, by which server they go, and what came of the addresses.

-- name: getMailSettings
select s.reply_to, coalesce(s.brand_color, '#1f4e79') as brand_color, s.logo_url, s.footer_ja, s.footer_en, coalesce(s.version, 0) as version
from tenants.consultancies t
left join notifications.mail_settings s on s.consultancy_id = t.consultancy_id
where t.consultancy_id = :consultancy

-- name: setMailSettings
-- event: mail_settings.changed
insert into notifications.mail_settings as s (consultancy_id, id, reply_to, brand_color, logo_url, footer_ja, footer_en, created_at, updated_at)
select :consultancy, :new_id, :reply_to, :brand_color, :logo_url, :footer_ja, :footer_en, :now, :now
where :if_match::int is null or :if_match::int = coalesce(
        (select o.version from notifications.mail_settings o where o.consultancy_id = :consultancy), 0)
on conflict (consultancy_id) do update
set reply_to = excluded.reply_to, brand_color = excluded.brand_color, logo_url = excluded.logo_url, footer_ja = excluded.footer_ja,
    footer_en = excluded.footer_en, version = s.version + 1, updated_at = :now
returning reply_to, brand_color, logo_url, footer_ja, footer_en, version

-- ---- server ----

-- name: getMailServer
select case when v.id is null then 'installation' else 'consultancy' end as source, v.host, v.port, v.tls, v.username,
       v.password_sealed is not null as has_password, v.from_address, coalesce(v.version, 0) as version
from tenants.consultancies t
left join notifications.mail_servers v on v.consultancy_id = t.consultancy_id
where t.consultancy_id = :consultancy

-- A password that was not given stays, for the same user at the same host.
-- name: storeMailServer
-- event: mail_server.changed
insert into notifications.mail_servers as v (consultancy_id, id, host, port, tls, username, password_sealed, from_address, created_at, updated_at)
select :consultancy, :new_id, :host, :port::int, :tls, :username, :password_sealed, :from_address, :now, :now
where :if_match::int is null or :if_match::int = coalesce(
        (select o.version from notifications.mail_servers o where o.consultancy_id = :consultancy), 0)
on conflict (consultancy_id) do update
set host = excluded.host, port = excluded.port, tls = excluded.tls, username = excluded.username, from_address = excluded.from_address,
    password_sealed = case when not :keeps_password::boolean then excluded.password_sealed
                           when (v.host, v.username) is not distinct from (excluded.host, excluded.username) then v.password_sealed end,
    version = v.version + 1, updated_at = :now
returning 'consultancy' as source, host, port, tls, username, password_sealed is not null as has_password, from_address, version

-- name: dropMailServer
-- event: mail_server.deleted
delete from notifications.mail_servers v
where v.consultancy_id = :consultancy and (:if_match::int is null or v.version = :if_match::int)
returning 'consultancy' as source, host, port, tls, username, password_sealed is not null as has_password, from_address, version + 1 as version

-- ---- tests ----

-- To nobody but the one who asks.
-- name: createMailTest
-- event: mail_test.created
insert into notifications.mail_tests (consultancy_id, id, member_id, kind, language, address, status, created_at, updated_at)
select :consultancy, :new_id, m.id, :kind, coalesce(:body::jsonb ->> 'language', m.locale), m.email, 'pending', :now, :now
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member::uuid
returning id, kind, language, address, status, detail, settled_at, version, created_at, updated_at

-- name: listMailTests
-- key: e.id
-- sort: created_at e.created_at timestamptz
select e.id, e.kind, e.language, e.address, e.status, e.detail, e.settled_at, e.version, e.created_at, e.updated_at{key}
from notifications.mail_tests e
where e.consultancy_id = :consultancy
{page}

-- name: getMailTest
select e.id, e.kind, e.language, e.address, e.status, e.detail, e.settled_at, e.version, e.created_at, e.updated_at
from notifications.mail_tests e
where e.consultancy_id = :consultancy and e.id = :mail_test_id

-- name: findMailTests
select e.id, e.kind, e.language as template_language, e.address, e.member_id, coalesce(m.name, e.address) as receiver_name,
       coalesce(m.role, 'owner') as role, m.client_id, coalesce(m.all_clients, true) as all_clients
from notifications.mail_tests e
left join tenants.members m on m.consultancy_id = e.consultancy_id and m.id = e.member_id
where e.consultancy_id = :consultancy and e.status = 'pending'
order by e.created_at, e.id
limit 20

-- name: settleMailTest
-- no-event: whoever asked looks at it
update notifications.mail_tests e
set status = :status, detail = left(:detail, 500), settled_at = :now, version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.id = :mail_test::uuid and e.status = 'pending'
returning e.id

-- ---- addresses that bounced ----

-- name: listMailAddresses
-- key: b.id
-- sort: created_at b.created_at timestamptz
select b.id, b.address, b.status_code, b.diagnostic, b.delivery_id, b.bounced_at, b.bounces, b.version, b.created_at, b.updated_at{key}
from notifications.mail_addresses b
where b.consultancy_id = :consultancy and (:address::text is null or b.address = lower(:address))
{page}

-- name: clearMailAddress
-- event: mail_address.deleted
delete from notifications.mail_addresses b
where b.consultancy_id = :consultancy and b.id = :mail_address_id and (:if_match::int is null or b.version = :if_match::int)
returning id, address, status_code, diagnostic, delivery_id, bounced_at, bounces, version + 1 as version, created_at, updated_at

-- Only addresses that the consultancy has sent to, or that somebody of it has; a mail that was forwarded bounced where it went, and we know where we sent it.
-- name: markMailAddresses
-- event: mail_address.changed
insert into notifications.mail_addresses as b (consultancy_id, id, address, status_code, diagnostic, delivery_id, bounced_at, created_at, updated_at)
select distinct on (a.address) :consultancy, gen_random_uuid(), a.address, x.status, left(x.diagnostic, 500),
       (select o.id from notifications.deliveries o
        where o.consultancy_id = :consultancy and o.id::text = x.delivery and lower(o.address) = a.address),
       :now, :now, :now
from jsonb_to_recordset(:bounces::jsonb) x (address text, original text, status text, diagnostic text, delivery text)
cross join lateral (
    select y.address
    from (values (1, lower(x.address)), (2, lower(x.original))) y (place, address)
    where exists (select from notifications.deliveries o where o.consultancy_id = :consultancy and lower(o.address) = y.address)
       or exists (select from tenants.members m where m.consultancy_id = :consultancy and lower(m.email) = y.address)
    order by y.place
    limit 1) a
order by a.address
on conflict (consultancy_id, address) do update
set status_code = excluded.status_code, diagnostic = excluded.diagnostic, delivery_id = coalesce(excluded.delivery_id, b.delivery_id),
    bounced_at = excluded.bounced_at, bounces = b.bounces + 1, version = b.version + 1, updated_at = :now
returning id, address, status_code, diagnostic, delivery_id, bounced_at, bounces, version, created_at, updated_at

-- ---- who ended his mails ----

-- name: listUnsubscriptions
-- key: u.id
-- sort: created_at u.created_at timestamptz
select u.id, u.receiver_id, u.address, u.version, u.created_at, u.updated_at{key}
from notifications.unsubscriptions u
where u.consultancy_id = :consultancy
{page}

-- name: deleteUnsubscription
-- event: unsubscription.deleted
delete from notifications.unsubscriptions u
where u.consultancy_id = :consultancy and u.id = :unsubscription_id and (:if_match::int is null or u.version = :if_match::int)
returning id, receiver_id, address, version + 1 as version, created_at, updated_at

-- Whom a link speaks for: a member, a person of a client, or a client for its contact.
-- name: judgeUnsubscription
select r.address, r.language, t.name as consultancy_name, u.id is not null as unsubscribed
from (select lower(m.email) as address, m.locale as language from tenants.members m
      where m.consultancy_id = :consultancy and m.id = :receiver_id::uuid
      union all
      select lower(e.email), c.locale from tenants.people e
      join tenants.clients c on c.consultancy_id = e.consultancy_id and c.id = e.client_id
      where e.consultancy_id = :consultancy and e.id = :receiver_id::uuid and e.email is not null
      union all
      select lower(c.contact_email), c.locale from tenants.clients c
      where c.consultancy_id = :consultancy and c.id = :receiver_id::uuid and c.contact_email is not null) r
join tenants.consultancies t on t.consultancy_id = :consultancy
left join notifications.unsubscriptions u on u.consultancy_id = :consultancy and u.receiver_id = :receiver_id::uuid
limit 1

-- name: storeUnsubscription
-- event: unsubscription.created
insert into notifications.unsubscriptions (consultancy_id, id, receiver_id, address, created_at, updated_at)
select :consultancy, gen_random_uuid(), :receiver_id::uuid, :address, :now, :now
where :unsubscribes::boolean
on conflict (consultancy_id, receiver_id) do nothing
returning id, receiver_id, address, version, created_at, updated_at

-- name: dropUnsubscription
-- event: unsubscription.deleted
delete from notifications.unsubscriptions u
where u.consultancy_id = :consultancy and u.receiver_id = :receiver_id::uuid and not :unsubscribes::boolean
returning id, receiver_id, address, version + 1 as version, created_at, updated_at
