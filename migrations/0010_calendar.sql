-- Calendars: what happens when, in one view, and feeds whose link is their password.
set local role meguri_owner;

-- ---------------------------------------------------------------- names
create function scheduling.audit_title(p_kind text, p_ordinal int, p_language text) returns text
language sql immutable parallel safe
as $$
    select case when p_language = 'ja' then
            case p_kind when 'surveillance' then case p_ordinal when 1 then '第1回サーベイランス審査' when 2 then '第2回サーベイランス審査' else 'サーベイランス審査' end
            when 'internal' then '内部監査' when 'pre_audit' then '予備審査' when 'stage1' then '第一段階審査' when 'stage2' then '第二段階審査'
            when 'recertification' then '再認証審査' when 'change' then '変更審査' when 'scope_extension' then '拡大審査'
            when 'scope_reduction' then '縮小審査' when 'transfer' then '認証機関の移転に伴う審査'
            when 'follow_up' then 'フォローアップ審査' when 'short_notice' then '短期予告審査' when 'transition' then '移行審査' else '審査' end
        else
            case p_kind when 'surveillance' then case p_ordinal when 1 then 'First surveillance audit' when 2 then 'Second surveillance audit' else 'Surveillance audit' end
            when 'internal' then 'Internal audit' when 'pre_audit' then 'Pre-audit' when 'stage1' then 'Stage 1 audit'
            when 'stage2' then 'Stage 2 audit' when 'recertification' then 'Recertification audit'
            when 'change' then 'Change audit' when 'scope_extension' then 'Scope extension audit'
            when 'scope_reduction' then 'Scope reduction audit' when 'transfer' then 'Transfer review'
            when 'follow_up' then 'Follow-up audit' when 'short_notice' then 'Short-notice audit'
            when 'transition' then 'Transition audit' else 'Audit' end
        end
$$;

-- Null for the ISMS itself, which needs no telling apart.
create function scheduling.scheme_label(p_scheme text, p_language text) returns text
language sql immutable parallel safe
as $$
    select case p_scheme when 'iso27017-jp' then 'ISO/IEC 27017' when 'iso27701-2019' then 'ISO/IEC 27701:2019'
                         when 'iso27701-2025' then 'ISO/IEC 27701:2025'
                         when 'pmark' then case when p_language = 'ja' then 'プライバシーマーク' else 'PrivacyMark' end end
$$;

create function scheduling.titled(p_title text, p_scheme text, p_language text) returns text
language sql immutable parallel safe
as $$
    select p_title || coalesce(case when p_language = 'ja' then '（' || scheduling.scheme_label(p_scheme, 'ja') || '）'
                                    else ' (' || scheduling.scheme_label(p_scheme, 'en') || ')' end, '')
$$;

grant execute on function scheduling.audit_title(text, int, text), scheduling.scheme_label(text, text), scheduling.titled(text, text, text)
to meguri_scheduling;

-- ---------------------------------------------------------------- what happens when
-- An audit without dates lies in its window; `day` is the day it counts for. `live` = not cancelled, withdrawn or given up. `sequence` never goes
-- back and grows with every change.
create view scheduling.calendar_items with (security_invoker = true) as
select a.consultancy_id, a.id, 'audit'::text as type, a.client_id, a.certification_id, c.scheme, c.state as certification_state, c.body_id,
       a.id as audit_id, a.kind, a.status,
       scheduling.titled(scheduling.audit_title(a.kind, a.ordinal, 'ja'), c.scheme, 'ja') as title_ja,
       scheduling.titled(scheduling.audit_title(a.kind, a.ordinal, 'en'), c.scheme, 'en') as title_en,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day, a.window_start, a.nominal_date) as first_day,
       coalesce(a.held_last_day, a.held_first_day, a.planned_last_day, a.planned_first_day, a.window_end, a.nominal_date) as last_day,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day, a.nominal_date, a.window_start) as day,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day) is not null as dated,
       null::timestamptz as starts_at, null::timestamptz as ends_at,
       null::text as location,
       a.window_start, a.window_end, a.hard_limit, null::text as hardness, null::text as rule, a.why,
       a.status <> 'cancelled' as live, a.status in ('held', 'reported') as done, a.version - 1 as sequence, a.version,
       a.updated_at
from scheduling.audits a
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
union all
select d.consultancy_id, d.id, 'deadline', d.client_id, d.certification_id, c.scheme, c.state, c.body_id, d.audit_id, d.kind, d.status,
       d.title_ja, d.title_en, d.due_on, d.due_on, d.due_on, true, null, null, null, null, null, null, d.hardness, d.rule, d.why,
       d.status <> 'withdrawn', d.status = 'fulfilled', d.version - 1, d.version, d.updated_at
from scheduling.deadlines d
left join scheduling.certifications c on c.consultancy_id = d.consultancy_id and c.client_id = d.client_id and c.id = d.certification_id
union all
select c.consultancy_id, c.id, 'certificate_expiry', c.client_id, c.id, c.scheme, c.state, c.body_id, null, 'certificate_expiry', c.state,
       scheduling.titled('登録証の有効期限', c.scheme, 'ja'), scheduling.titled('Certificate expires', c.scheme, 'en'),
       c.expiry_date, c.expiry_date, c.expiry_date, true, null, null, null, null, null, null, 'hard', 'CYC-03',
       jsonb_build_object('rules', jsonb_build_array('CYC-03', 'CAL-03'),
                          'inputs', jsonb_build_object('decision_date', c.decision_date, 'effective_date', c.effective_date,
                                                       'cycle_start', c.cycle_start),
                          'policy', '{}'::jsonb),
       c.state in ('certified', 'suspended', 'expired'), c.state = 'expired', c.version - 1, c.version, c.updated_at
from scheduling.certifications c
where c.expiry_date is not null;
comment on view scheduling.calendar_items is 'audits, deadlines and the ends of certificates as days of a calendar';
grant select on scheduling.calendar_items to meguri_scheduling;

-- ---------------------------------------------------------------- feeds
create table scheduling.calendar_feeds (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    member_id uuid not null,
    target text not null,
    client_id uuid,
    name text,
    include jsonb not null default '["audits", "slots", "deadlines", "certificate_expiries"]',
    kinds jsonb,
    assigned_only boolean not null default false,
    language text not null,
    rotated_at timestamptz,
    last_fetched_at timestamptz,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint calendar_feeds_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id)
        on delete cascade,
    constraint calendar_feeds_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id)
        on delete cascade,
    constraint calendar_feeds_target_known check (target in ('member', 'client', 'consultancy')),
    constraint calendar_feeds_client_fits_target check (case target when 'client' then client_id is not null
                                                                    when 'consultancy' then client_id is null else true end),
    constraint calendar_feeds_name_length check (length(name) between 1 and 200),
    constraint calendar_feeds_include_array check (jsonb_typeof(include) = 'array'),
    constraint calendar_feeds_kinds_array check (jsonb_typeof(kinds) = 'array'),
    constraint calendar_feeds_language_known check (language in ('ja', 'en'))
);
comment on table scheduling.calendar_feeds is
    'tenant: calendars that other programs subscribe to by a secret link; each shows what its member may see at the moment of the fetch; '
    'a client''s user has his client in client_id whatever the target';
create index calendar_feeds_created on scheduling.calendar_feeds (consultancy_id, created_at, id);
create index calendar_feeds_member on scheduling.calendar_feeds (consultancy_id, member_id, created_at, id);
create index calendar_feeds_client on scheduling.calendar_feeds (consultancy_id, client_id);
call app.fence('scheduling.calendar_feeds', 'app.sees_staff(client_id)');
grant select, insert, update, delete on scheduling.calendar_feeds to meguri_scheduling;

-- The link is known by its hash only, and found before anybody knows whose it is.
create table platform.feed_tokens (
    hash text primary key,
    consultancy_id uuid not null,
    feed_id uuid not null,
    member_id uuid not null,
    constraint feed_tokens_feed_key unique (consultancy_id, feed_id),
    constraint feed_tokens_feed_fkey foreign key (consultancy_id, feed_id)
        references scheduling.calendar_feeds (consultancy_id, id) on delete cascade
);
comment on table platform.feed_tokens is 'platform: hashes of the links of calendar feeds; gone with the feed';

create function auth.find_feed(p_hash text)
returns table (consultancy_id uuid, feed_id uuid, member_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select t.consultancy_id, t.feed_id, t.member_id from platform.feed_tokens t
    join platform.consultancies c on c.id = t.consultancy_id and c.status = 'active'
    where t.hash = p_hash
$$;

-- Inside the consultancy of the transaction's context. The link before this one works no more.
create function auth.set_feed_token(p_feed uuid, p_member uuid, p_hash text) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    insert into platform.feed_tokens (hash, consultancy_id, feed_id, member_id) values (p_hash, app.consultancy(), p_feed, p_member)
    on conflict (consultancy_id, feed_id) do update set hash = excluded.hash
    returning true
$$;

-- Who sends an audit's invitation, and who gets it. Sender: the client's lead consultant, else another of its consultants, else the longest-serving
-- owner. Receivers: the client's admins. The same for everybody who sees
-- the client, also for its own users, who can not read the staff's memberships: an update from another sender is no update.
create function auth.audit_people(p_client uuid, p_audit uuid)
returns table (organizer boolean, name text, email text, optional boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    reach text := app.reach();
begin
    if not app.sees_client(p_client) then return; end if;
    perform set_config('app.reach', 'job', true);
    return query
        with sender as (
            select true as organizer, m.name, m.email, false as optional from tenants.members m
            left join tenants.assignments a on a.consultancy_id = m.consultancy_id and a.member_id = m.id and a.client_id = p_client
            where m.consultancy_id = app.consultancy() and m.status = 'active' and (a.id is not null or m.role = 'owner')
            order by a.id is null, a.is_lead desc nulls last, a.created_at, m.created_at, m.id
            limit 1),
        named as (
            select m.name, m.email, false as optional from tenants.members m
            where m.consultancy_id = app.consultancy() and m.client_id = p_client and m.role = 'client_admin' and m.status <> 'removed')
        select s.organizer, s.name, s.email, s.optional from sender s
        union all
        select false, min(n.name), n.email, bool_and(n.optional) from named n
        where n.email is not null and n.email not in (select s.email from sender s)
        group by n.email;
    perform set_config('app.reach', reach, true);
end $$;

grant execute on function auth.audit_people(uuid, uuid), auth.find_feed(text), auth.set_feed_token(uuid, uuid, text) to meguri_scheduling;

reset role;
