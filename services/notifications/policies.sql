-- Who is reminded, how many days before, through which channel.

-- name: listReminderPolicies
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: name lower(p.name) text
select p.id, p.client_id, p.deadline_kind, p.name, to_jsonb(p.offsets) as offsets, p.overdue_every_days, p.send_hour, p.business_days, p.channel,
       to_jsonb(p.receiver_roles) as receiver_roles, p.enabled, p.version, p.created_at, p.updated_at{key}
from notifications.reminder_policies p
where p.consultancy_id = :consultancy
  and (:client_id::uuid is null or p.client_id = :client_id)
  and (:deadline_kind::text is null or p.deadline_kind = :deadline_kind)
  and (:enabled::boolean is null or p.enabled = :enabled)
{page}

-- name: createReminderPolicy
-- event: reminder_policy.created
insert into notifications.reminder_policies
    (consultancy_id, id, client_id, deadline_kind, name, offsets, overdue_every_days, send_hour, business_days, channel,
     receiver_roles, enabled, created_at, updated_at)
select :consultancy, :new_id, g.client_id, g.deadline_kind, g.name, coalesce(g.offsets, '{180,90,60,30,14,7,1}'),
       case when :has_overdue_every_days::boolean then g.overdue_every_days else 7 end, coalesce(g.send_hour, 9),
       coalesce(g.business_days, true), coalesce(g.channel, 'email'), coalesce(g.receiver_roles, '{client_admin,consultant}'),
       coalesce(g.enabled, true), :now, :now
from jsonb_populate_record(null::notifications.reminder_policies, :body::jsonb) g
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          to_jsonb(receiver_roles) as receiver_roles, enabled, version, created_at, updated_at

-- name: getReminderPolicy
select p.id, p.client_id, p.deadline_kind, p.name, to_jsonb(p.offsets) as offsets, p.overdue_every_days, p.send_hour, p.business_days, p.channel,
       to_jsonb(p.receiver_roles) as receiver_roles, p.enabled, p.version, p.created_at, p.updated_at
from notifications.reminder_policies p
where p.consultancy_id = :consultancy and p.id = :policy_id

-- name: updateReminderPolicy
-- event: reminder_policy.changed
update notifications.reminder_policies p
set (client_id, deadline_kind, name, offsets, overdue_every_days, send_hour, business_days, channel, receiver_roles, enabled) =
    (select g.client_id, g.deadline_kind, g.name, g.offsets, g.overdue_every_days, g.send_hour, g.business_days, g.channel,
            g.receiver_roles, g.enabled
     from jsonb_populate_record(p, :body::jsonb) g),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.id = :policy_id and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          to_jsonb(receiver_roles) as receiver_roles, enabled, version, created_at, updated_at

-- name: deleteReminderPolicy
-- event: reminder_policy.deleted
delete from notifications.reminder_policies p
where p.consultancy_id = :consultancy and p.id = :policy_id and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          to_jsonb(receiver_roles) as receiver_roles, enabled, version + 1 as version, created_at, updated_at
