-- The change of a standard over all clients. What a campaign is for and how far it is stands in rows; which audit brings a certification to the new
-- edition is counted from today's programme (:campaign_rows).

-- name: listCampaigns
-- key: g.id
-- sort: created_at g.created_at timestamptz
-- sort: end_on g.end_on date
select g.id, g.name, g.old_scheme, g.new_scheme, g.last_start_initial, g.last_start_recertification, g.end_on, g.extra_days, g.source, g.note,
       g.status, g.version, g.created_at, g.updated_at{key}
from scheduling.campaigns g
where g.consultancy_id = :consultancy
  and (:status::text is null or g.status = :status)
{page}

-- name: getCampaign
select g.id, g.name, g.old_scheme, g.new_scheme, g.last_start_initial, g.last_start_recertification, g.end_on, g.extra_days, g.source, g.note,
       g.status, g.version, g.created_at, g.updated_at
from scheduling.campaigns g
where g.consultancy_id = :consultancy and g.id = :campaign_id

-- name: insertCampaign
-- event: campaign.created
insert into scheduling.campaigns (consultancy_id, id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on,
                                  extra_days, source, note, created_at, updated_at)
values (:consultancy, :campaign_id, :name, :old_scheme, :new_scheme, :last_start_initial::date, :last_start_recertification::date, :end_on::date,
        '{"initial": 0, "surveillance": 0, "recertification": 0, "alone": 0}'::jsonb || jsonb_strip_nulls(coalesce(:extra_days::jsonb, '{}')),
        :source, :note, :now, :now)
returning id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on, extra_days, source, note, status, version,
          created_at, updated_at

-- Every certification of the old edition is in it from the first day, so that one that has moved on still counts.
-- name: enrolCertifications
-- event: campaign_step.created
insert into scheduling.campaign_steps (consultancy_id, id, client_id, campaign_id, certification_id, created_at, updated_at)
select c.consultancy_id, gen_random_uuid(), c.client_id, :campaign_id::uuid, c.id, :now, :now
from scheduling.certifications c
where c.consultancy_id = :consultancy and c.scheme = :old_scheme and c.state not in ('withdrawn', 'expired')
returning id, client_id, campaign_id, certification_id, status, planned_with, planned_on, done_on, note, version, created_at, updated_at

-- name: changeCampaign
-- event: campaign.changed
update scheduling.campaigns g
set (name, last_start_initial, last_start_recertification, end_on, source, note, status) =
    (select p.name, p.last_start_initial, p.last_start_recertification, p.end_on, p.source, p.note, p.status
     from jsonb_populate_record(g, :body::jsonb - 'extra_days') p),
    extra_days = g.extra_days || jsonb_strip_nulls(coalesce(:extra_days::jsonb, '{}')), plan_stale = true, version = g.version + 1, updated_at = :now
where g.consultancy_id = :consultancy and g.id = :campaign_id and (:if_match::int is null or g.version = :if_match::int)
returning id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on, extra_days, source, note, status, version,
          created_at, updated_at

-- name: removeCampaign
-- event: campaign.deleted
delete from scheduling.campaigns g
where g.consultancy_id = :consultancy and g.id = :campaign_id and (:if_match::int is null or g.version = :if_match::int)
returning id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on, extra_days, source, note, status,
          version + 1 as version, created_at, updated_at

-- ---------------------------------------------------------------- its certifications

-- name: loadCampaignFacts
select json_build_object(
    'campaign', to_json(g), 'consultancy_policies', t.policies,
    'certifications', coalesce((
        select json_agg(json_build_object(
            'certification_id', c.id, 'client_id', c.client_id, 'client_name', l.name, 'scheme', c.scheme, 'state', c.state,
            'expiry_date', c.expiry_date, 'edition_changed_on', c.edition_changed_on, 'policies', nullif(c.policies, '{}'), 'body_id', b.id, 'body_name', b.name,
            'body_policies', nullif(b.policies, '{}'),
            'step', case when s.id is not null then json_build_object(
                'status', s.status, 'planned_with', s.planned_with, 'planned_on', s.planned_on, 'done_on', s.done_on, 'note', s.note,
                'version', s.version) end,
            'audits', a.list) order by c.id)
        from scheduling.certifications c
        join tenants.clients l on l.consultancy_id = c.consultancy_id and l.id = c.client_id
        left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
        left join scheduling.campaign_steps s on s.consultancy_id = c.consultancy_id and s.campaign_id = g.id and s.certification_id = c.id
        left join (
            select a.certification_id, json_agg(json_build_object(
                'id', a.id, 'kind', a.kind, 'nominal_date', a.nominal_date, 'window_start', a.window_start, 'window_end', a.window_end,
                'planned_last_day', a.planned_last_day) order by coalesce(a.planned_last_day, a.nominal_date), a.id) as list
            from scheduling.audits a
            where a.consultancy_id = :consultancy and a.kind in ('surveillance', 'recertification') and a.status not in ('held', 'reported', 'cancelled')
              and (:certification_id::uuid is null or a.certification_id = :certification_id::uuid)
              and coalesce(a.window_start, a.planned_last_day) <= (select e.end_on from scheduling.campaigns e
                                                                   where e.consultancy_id = :consultancy and e.id = :campaign_id)
            group by a.certification_id) a on a.certification_id = c.id
        where c.consultancy_id = g.consultancy_id and (:certification_id::uuid is null or c.id = :certification_id::uuid)
          and (s.id is not null or (c.scheme = g.old_scheme and c.state not in ('withdrawn', 'expired'))
               or (c.scheme = g.new_scheme and c.previous_scheme = g.old_scheme))), '[]')) as facts
from scheduling.campaigns g
join tenants.consultancies t on t.consultancy_id = g.consultancy_id
where g.consultancy_id = :consultancy and g.id = :campaign_id

-- name: listCampaignCertifications
-- key: c.id
-- sort: by_when coalesce(p.by_when, date '9999-12-31') date
-- sort: client_name lower(p.client_name) text
select p.row as _raw, c.id as _id{key}
from (select r.row, (r.row ->> 'certification_id')::uuid as certification_id, (r.row ->> 'by_when')::date as by_when,
             r.row ->> 'client_name' as client_name
      from jsonb_array_elements(:campaign_rows::jsonb) r(row)) p
join scheduling.certifications c on c.consultancy_id = :consultancy and c.id = p.certification_id
where (:status::text is null or p.row ->> 'status' = :status)
  and (:late::boolean is null or (p.row ->> 'late')::boolean = :late::boolean)
{page}

-- name: getCampaignCertification
select p.row as _raw, (p.row ->> 'version')::int as version
from jsonb_array_elements(:campaign_rows::jsonb) p(row)
join scheduling.certifications c on c.consultancy_id = :consultancy and c.id = (p.row ->> 'certification_id')::uuid
where c.id = :certification_id

-- name: judgeCampaignStep
select c.client_id, g.status as campaign_status, c.scheme = g.new_scheme as moved, coalesce(s.version, 0) as version
from scheduling.campaigns g
join scheduling.certifications c on c.consultancy_id = g.consultancy_id and c.id = :certification_id
left join scheduling.campaign_steps s on s.consultancy_id = g.consultancy_id and s.campaign_id = g.id and s.certification_id = c.id
where g.consultancy_id = :consultancy and g.id = :campaign_id and (s.id is not null or c.scheme = g.old_scheme or (c.scheme = g.new_scheme and c.previous_scheme = g.old_scheme))
for update of c

-- name: storeCampaignStep
-- event: campaign_step.changed
insert into scheduling.campaign_steps as s (consultancy_id, id, client_id, campaign_id, certification_id, status, planned_with, planned_on, done_on,
                                            note, created_at, updated_at)
select :consultancy, :new_id, :client_id::uuid, :campaign_id, :certification_id, coalesce(p.status, 'not_planned'), p.planned_with, p.planned_on,
       p.done_on, p.note, :now, :now
from jsonb_populate_record(null::scheduling.campaign_steps, :step::jsonb) p
on conflict (consultancy_id, campaign_id, certification_id) do update
set (status, planned_with, planned_on, done_on, note) =
    (select p.status, p.planned_with, p.planned_on, p.done_on, p.note
     from jsonb_populate_record(s, :step::jsonb) p),
    version = s.version + 1, updated_at = :now
returning id, client_id, campaign_id, certification_id, status, planned_with, planned_on, done_on, note, version, created_at, updated_at

-- ---------------------------------------------------------------- its deadlines

-- name: lockCampaign
select g.id
from scheduling.campaigns g
where g.consultancy_id = :consultancy and g.id = :campaign_id::uuid
for update of g

-- name: markCampaignStale
-- no-event: a note for the job
update scheduling.campaigns g
set plan_stale = true
where g.consultancy_id = :consultancy and g.id = :campaign_id::uuid and not g.plan_stale
returning g.id

-- A certification has gone from one edition to the next.
-- name: markEditionCampaignsStale
-- no-event: a note for the job
update scheduling.campaigns g
set plan_stale = true
where g.consultancy_id = :consultancy and g.old_scheme = :certification_changes::jsonb ->> 'previous_scheme'
  and g.new_scheme = :certification_changes::jsonb ->> 'scheme' and not g.plan_stale
returning g.id

-- Something changed, or a new civil day has begun and programmes may have moved.
-- name: findStaleCampaigns
select g.id
from scheduling.campaigns g
where g.consultancy_id = :consultancy
  and (g.plan_stale or (g.status = 'open' and g.planned_on is distinct from :today::date))
limit 20

-- name: markCampaignPlanned
-- no-event: the deadlines' own rows tell
update scheduling.campaigns g
set plan_stale = false, planned_on = :today::date
where g.consultancy_id = :consultancy and g.id = :campaign_id::uuid
returning g.id

-- A person's own word (status, fulfilled_on) stands until the campaign itself says something new.
-- name: storeCampaignDeadlines
-- event: deadline.planned
with wanted as materialized (
    select w.*
    from jsonb_to_recordset(:campaign_deadlines::jsonb) as w(
        id uuid, client_id uuid, source_key text, raw_on date, due_on date, title_ja text, title_en text, why jsonb, fulfilled_on date)
    where w.raw_on is not null),
gone as (
    update scheduling.deadlines d
    set status = 'withdrawn', version = d.version + 1, updated_at = :now
    where d.consultancy_id = :consultancy and d.source_key like 'campaign:' || :campaign_id || ':%' and d.status = 'open'
      and not exists (select from wanted w where w.source_key = d.source_key)
    returning d.*),
stored as (
    insert into scheduling.deadlines as d (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, why,
                                           origin, source_key, status, fulfilled_on, plan_fulfilled_on, created_at, updated_at)
    select :consultancy, w.id, w.client_id, 'edition_transition', w.title_ja, w.title_en, w.due_on, w.raw_on, 'policy', 'TRN-01', w.why,
           'register', w.source_key, case when w.fulfilled_on is null then 'open' else 'fulfilled' end, w.fulfilled_on, w.fulfilled_on,
           :now, :now
    from wanted w
    left join scheduling.deadlines o on o.consultancy_id = :consultancy and o.source_key = w.source_key
    where o.id is null or o.status = 'withdrawn'
       or (o.title_ja, o.title_en, o.due_on, o.raw_on, o.why, o.plan_fulfilled_on)
          is distinct from (w.title_ja, w.title_en, w.due_on, w.raw_on, w.why, w.fulfilled_on)
    on conflict (consultancy_id, source_key) do update
    set title_ja = excluded.title_ja, title_en = excluded.title_en, due_on = excluded.due_on, raw_on = excluded.raw_on, why = excluded.why,
        moved_from = case when d.due_on = excluded.due_on then d.moved_from else d.due_on end,
        status = case when d.status = 'withdrawn' or d.plan_fulfilled_on is distinct from excluded.plan_fulfilled_on
                      then excluded.status else d.status end,
        fulfilled_on = case when d.status = 'withdrawn' or d.plan_fulfilled_on is distinct from excluded.plan_fulfilled_on
                            then excluded.fulfilled_on else d.fulfilled_on end,
        plan_fulfilled_on = excluded.plan_fulfilled_on, version = d.version + 1, updated_at = :now
    returning d.*)
select r.id, r.client_id, r.certification_id, r.audit_id, r.change_id, r.finding_id, r.kind, r.title_ja, r.title_en, r.due_on, r.raw_on,
       r.hardness, r.rule, r.why, r.origin, r.status, r.fulfilled_on, r.moved_from, r.note, r.version, r.created_at, r.updated_at
from (select * from gone union all select * from stored) r

-- name: dropCampaignDeadlines
-- event: deadline.withdrawn
update scheduling.deadlines d
set status = 'withdrawn', version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.source_key like 'campaign:' || lower(:campaign_id) || ':%' and d.status = 'open'
returning d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
          d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note, d.version, d.created_at, d.updated_at
