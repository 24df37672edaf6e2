-- Feeds: whoever holds the link reads what the feed's member may see at that moment.

-- name: listCalendarFeeds
-- key: f.id
-- sort: created_at f.created_at timestamptz
select f.id, f.member_id, f.target, f.client_id, f.name, f.include, f.kinds, f.assigned_only, f.language, f.rotated_at, f.last_fetched_at,
       f.version, f.created_at, f.updated_at{key}
from scheduling.calendar_feeds f
where f.consultancy_id = :consultancy and (f.member_id = :member or :caller_role in ('owner', 'admin'))
  and (:client_id::uuid is null or f.client_id = :client_id::uuid)
  and (:member_id::uuid is null or f.member_id = :member_id::uuid)
{page}

-- name: getCalendarFeed
select f.id, f.member_id, f.target, f.client_id, f.name, f.include, f.kinds, f.assigned_only, f.language, f.rotated_at, f.last_fetched_at,
       f.version, f.created_at, f.updated_at
from scheduling.calendar_feeds f
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and (f.member_id = :member or :caller_role in ('owner', 'admin'))

-- name: judgeCalendarFeed
select m.locale, c.id as client_id
from tenants.members m
left join tenants.clients c on c.consultancy_id = m.consultancy_id and c.id = coalesce(:client_id::uuid, :client::uuid)
where m.consultancy_id = :consultancy and m.id = :member

-- name: insertCalendarFeed
-- event: calendar_feed.created
insert into scheduling.calendar_feeds (consultancy_id, id, member_id, target, client_id, name, include, kinds, assigned_only, language,
                                       created_at, updated_at)
values (:consultancy, :new_id, :member, :target, :feed_client::uuid, :name,
        coalesce(:include::jsonb, '["audits", "slots", "deadlines", "certificate_expiries"]'), nullif(:kinds::jsonb, 'null'),
        coalesce(:assigned_only::boolean, false), coalesce(:language_wanted, :member_language), :now, :now)
returning id, member_id, target, client_id, name, include, kinds, assigned_only, language, rotated_at, last_fetched_at, version, created_at,
          updated_at

-- name: updateCalendarFeed
-- event: calendar_feed.changed
update scheduling.calendar_feeds f
set (name, include, kinds, assigned_only, language) =
    (select p.name, coalesce(p.include, '["audits", "slots", "deadlines", "certificate_expiries"]'), nullif(p.kinds, 'null'),
            coalesce(p.assigned_only, false), coalesce(p.language, f.language)
     from jsonb_populate_record(f, :body::jsonb) p),
    version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and f.member_id = :member
  and (:if_match::int is null or f.version = :if_match::int)
returning id, member_id, target, client_id, name, include, kinds, assigned_only, language, rotated_at, last_fetched_at, version, created_at,
          updated_at

-- name: rotateCalendarFeed
-- event: calendar_feed.rotated
update scheduling.calendar_feeds f
set rotated_at = :now, version = f.version + 1, updated_at = :now
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and f.member_id = :member
returning id, member_id, target, client_id, name, include, kinds, assigned_only, language, rotated_at, last_fetched_at, version, created_at,
          updated_at

-- The only reply that shows the link.
-- name: setFeedToken
-- no-event: links are nobody's history
select f.id, f.member_id, f.target, f.client_id, f.name, f.include, f.kinds, f.assigned_only, f.language, f.rotated_at, f.last_fetched_at,
       f.version, f.created_at, f.updated_at, :feed_url::text as url
from scheduling.calendar_feeds f
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and auth.set_feed_token(f.id, f.member_id, :feed_hash)

-- The link goes with the row.
-- name: deleteCalendarFeed
-- event: calendar_feed.deleted
delete from scheduling.calendar_feeds f
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and (f.member_id = :member or :caller_role in ('owner', 'admin'))
  and (:if_match::int is null or f.version = :if_match::int)
returning id, member_id, target, client_id, name, include, kinds, assigned_only, language, rotated_at, last_fetched_at,
          version + 1 as version, created_at, updated_at

-- ---------------------------------------------------------------- the fetch

-- name: findFeed
select t.consultancy_id, t.feed_id, t.member_id from auth.find_feed(:feed_hash) t

-- One's own membership is readable under any reach.
-- name: findFeedMember
select m.role, m.client_id, m.all_clients
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member and m.status = 'active' and (m.expires_at is null or m.expires_at > :now)

-- name: openFeed
select f.id, f.target, f.client_id, f.name, f.language, t.name as consultancy_name, c.name as client_name
from scheduling.calendar_feeds f
join tenants.consultancies t on t.consultancy_id = f.consultancy_id
left join tenants.clients c on c.consultancy_id = f.consultancy_id and c.id = f.client_id
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid and f.member_id = :member
  and case f.target when 'consultancy' then :caller_reach = 'all' when 'client' then c.id is not null else true end

-- A year back and everything to come; what was cancelled stays for 60 days, so that calendars hear of it.
-- name: loadFeed
select i.id, i.type, i.kind, i.status, case f.language when 'ja' then i.title_ja else i.title_en end as title, cl.name as client_name,
       b.name as body_name, i.first_day, i.last_day, i.day, i.dated, i.window_start, i.window_end, i.hard_limit, i.hardness, i.rule,
       (extract(epoch from i.starts_at) * 1000000)::bigint as starts_us, (extract(epoch from i.ends_at) * 1000000)::bigint as ends_us,
       i.location, i.live, i.done, i.sequence,
       (extract(epoch from greatest(i.updated_at, cl.updated_at)) * 1000000)::bigint as changed_us
from scheduling.calendar_feeds f
join scheduling.calendar_items i on i.consultancy_id = f.consultancy_id and (f.client_id is null or i.client_id = f.client_id)
join tenants.clients cl on cl.consultancy_id = i.consultancy_id and cl.id = i.client_id and cl.status <> 'left'
left join scheduling.certification_bodies b on b.consultancy_id = i.consultancy_id and b.id = i.body_id
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid
  and f.include ? case i.type when 'certificate_expiry' then 'certificate_expiries' else i.type || 's' end
  and (f.kinds is null or f.kinds ? i.kind)
  and (not f.assigned_only
       or exists (select from tenants.assignments s
                  where s.consultancy_id = i.consultancy_id and s.client_id = i.client_id and s.member_id = f.member_id)
       or exists (select from scheduling.audit_team s
                  where s.consultancy_id = i.consultancy_id and s.audit_id = i.audit_id and s.member_id = f.member_id))
  and i.last_day >= :today::date - 365
  and (i.live or i.updated_at > :now::timestamptz - interval '60 days')
order by i.day, i.id
limit 10000

-- At most once a minute: a feed that many calendars share is not a row that many write.
-- name: touchFeed
-- no-event: reading changes nothing
update scheduling.calendar_feeds f
set last_fetched_at = :now
where f.consultancy_id = :consultancy and f.id = :feed_id::uuid
  and (f.last_fetched_at is null or f.last_fetched_at < :now::timestamptz - interval '1 minute')
returning f.id
