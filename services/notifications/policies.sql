-- Who is reminded, how many days before, through which channel.

-- name: listReminderPolicies
-- key: p.id
-- sort: created_at p.created_at timestamptz
-- sort: name lower(p.name) text
select p.id, p.client_id, p.deadline_kind, p.name, to_jsonb(p.offsets) as offsets, p.overdue_every_days, p.send_hour, p.business_days, p.channel,
       nullif(to_jsonb(p.receiver_roles), '[]') as receiver_roles, p.enabled,
       p.grade, p.hardness, p.business_day_roll, p.also_channels, p.member_ids, p.person_ids, p.language, p.escalation, p.version, p.created_at, p.updated_at{key}
from notifications.reminder_policies p
where p.consultancy_id = :consultancy
  and (:client_id::uuid is null or p.client_id = :client_id)
  and (:deadline_kind::text is null or p.deadline_kind = :deadline_kind)
  and (:enabled::boolean is null or p.enabled = :enabled)
{page}

-- The first named member, person or client that the consultancy does not have; whether anybody is named at all.
-- name: judgeReminderPolicy
select (select min(x.i) - 1 from jsonb_array_elements_text(coalesce(:member_ids::jsonb, '[]')) with ordinality x (id, i)
        where not exists (select from tenants.members m
                          where m.consultancy_id = t.consultancy_id and m.id = x.id::uuid and m.status <> 'removed')) as wrong_member,
       (select min(x.i) - 1 from jsonb_array_elements_text(coalesce(:person_ids::jsonb, '[]')) with ordinality x (id, i)
        where not exists (select from tenants.people e where e.consultancy_id = t.consultancy_id and e.id = x.id::uuid)) as wrong_person,
       case when :has_receiver_roles::boolean then coalesce(jsonb_array_length(nullif(:receiver_roles::jsonb, 'null')), 0)
            else coalesce(cardinality(p.receiver_roles), 1) end
       + coalesce(jsonb_array_length(coalesce(:member_ids::jsonb, p.member_ids)), 0)
       + coalesce(jsonb_array_length(coalesce(:person_ids::jsonb, p.person_ids)), 0) as receivers
from tenants.consultancies t
left join notifications.reminder_policies p on p.consultancy_id = t.consultancy_id and p.id = :policy_id::uuid
where t.consultancy_id = :consultancy

-- name: createReminderPolicy
-- event: reminder_policy.created
insert into notifications.reminder_policies
    (consultancy_id, id, client_id, deadline_kind, name, offsets, overdue_every_days, send_hour, business_days, channel,
     receiver_roles, enabled, grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation,
     created_at, updated_at)
select :consultancy, :new_id, g.client_id, g.deadline_kind, g.name, coalesce(g.offsets, '{180,90,60,30,14,7,1}'),
       case when :has_overdue_every_days::boolean then g.overdue_every_days else 7 end, coalesce(g.send_hour, 9),
       coalesce(g.business_days, true), coalesce(g.channel, 'email'), 
       case when :has_receiver_roles::boolean then coalesce(g.receiver_roles, '{}') else '{client_admin,consultant}' end,
       coalesce(g.enabled, true), g.grade, g.hardness, coalesce(g.business_day_roll, 'before'), coalesce(g.also_channels, '[]'),
       coalesce(g.member_ids, '[]'), coalesce(g.person_ids, '[]'), g.language, coalesce(g.escalation, '[]'), :now, :now
from jsonb_populate_record(null::notifications.reminder_policies, :body::jsonb) g
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          nullif(to_jsonb(receiver_roles), '[]') as receiver_roles, enabled,
          grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation, version, created_at, updated_at

-- name: getReminderPolicy
select p.id, p.client_id, p.deadline_kind, p.name, to_jsonb(p.offsets) as offsets, p.overdue_every_days, p.send_hour, p.business_days, p.channel,
       nullif(to_jsonb(p.receiver_roles), '[]') as receiver_roles, p.enabled,
       p.grade, p.hardness, p.business_day_roll, p.also_channels, p.member_ids, p.person_ids, p.language, p.escalation, p.version, p.created_at, p.updated_at
from notifications.reminder_policies p
where p.consultancy_id = :consultancy and p.id = :policy_id

-- name: updateReminderPolicy
-- event: reminder_policy.changed
update notifications.reminder_policies p
set (client_id, deadline_kind, name, offsets, overdue_every_days, send_hour, business_days, channel, receiver_roles, enabled,
     grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation) =
    (select g.client_id, g.deadline_kind, g.name, g.offsets, g.overdue_every_days, g.send_hour, g.business_days, g.channel,
            coalesce(g.receiver_roles, '{}'), g.enabled, g.grade, g.hardness, g.business_day_roll, g.also_channels, g.member_ids, g.person_ids, g.language, g.escalation
     from jsonb_populate_record(p, :body::jsonb) g),
    version = p.version + 1, updated_at = :now
where p.consultancy_id = :consultancy and p.id = :policy_id and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          nullif(to_jsonb(receiver_roles), '[]') as receiver_roles, enabled,
          grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation, version, created_at, updated_at

-- name: deleteReminderPolicy
-- event: reminder_policy.deleted
delete from notifications.reminder_policies p
where p.consultancy_id = :consultancy and p.id = :policy_id and (:if_match::int is null or p.version = :if_match::int)
returning id, client_id, deadline_kind, name, to_jsonb(offsets) as offsets, overdue_every_days, send_hour, business_days, channel,
          nullif(to_jsonb(receiver_roles), '[]') as receiver_roles, enabled,
          grade, hardness, business_day_roll, also_channels, member_ids, person_ids, language, escalation, version + 1 as version, created_at, updated_at
