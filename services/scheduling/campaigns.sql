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
    extra_days = g.extra_days || jsonb_strip_nulls(coalesce(:extra_days::jsonb, '{}')), version = g.version + 1, updated_at = :now
where g.consultancy_id = :consultancy and g.id = :campaign_id and (:if_match::int is null or g.version = :if_match::int)
returning id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on, extra_days, source, note, status, version,
          created_at, updated_at

-- name: deleteCampaign
-- event: campaign.deleted
delete from scheduling.campaigns g
where g.consultancy_id = :consultancy and g.id = :campaign_id and (:if_match::int is null or g.version = :if_match::int)
returning id, name, old_scheme, new_scheme, last_start_initial, last_start_recertification, end_on, extra_days, source, note, status,
          version + 1 as version, created_at, updated_at

-- ---------------------------------------------------------------- its certifications

-- name: loadCampaignFacts
select jsonb_build_object(
    'campaign', to_jsonb(g), 'consultancy_policies', t.policies,
    'certifications', coalesce((
        select jsonb_agg(jsonb_build_object(
            'certification_id', c.id, 'client_id', c.client_id, 'client_name', l.name, 'scheme', c.scheme, 'state', c.state,
            'expiry_date', c.expiry_date, 'policies', c.policies, 'body_id', b.id, 'body_name', b.name, 'body_policies', b.policies,
            'step', to_jsonb(s), 'audits', a.list) order by c.id)
        from scheduling.certifications c
        join tenants.clients l on l.consultancy_id = c.consultancy_id and l.id = c.client_id
        left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
        left join scheduling.campaign_steps s on s.consultancy_id = c.consultancy_id and s.campaign_id = g.id and s.certification_id = c.id
        cross join lateral (
            select coalesce(jsonb_agg(jsonb_build_object(
                'id', a.id, 'kind', a.kind, 'nominal_date', a.nominal_date, 'window_start', a.window_start, 'window_end', a.window_end,
                'planned_last_day', a.planned_last_day) order by coalesce(a.planned_last_day, a.nominal_date), a.id), '[]') as list
            from scheduling.audits a
            where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id
              and a.kind in ('surveillance', 'recertification') and a.status not in ('held', 'cancelled')
              and coalesce(a.window_start, a.planned_last_day) <= g.end_on) a
        where c.consultancy_id = g.consultancy_id and (:certification_id::uuid is null or c.id = :certification_id::uuid)
          and (s.id is not null or (c.scheme = g.old_scheme and c.state not in ('withdrawn', 'expired')))), '[]')) as facts
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
select c.client_id, g.status as campaign_status, c.scheme = g.new_scheme as moved, coalesce(s.version, 0) as version,
       exists (select from scheduling.certifications o
               where o.consultancy_id = c.consultancy_id and o.client_id = c.client_id and o.scheme = g.new_scheme and o.id <> c.id) as taken
from scheduling.campaigns g
join scheduling.certifications c on c.consultancy_id = g.consultancy_id and c.id = :certification_id
left join scheduling.campaign_steps s on s.consultancy_id = g.consultancy_id and s.campaign_id = g.id and s.certification_id = c.id
where g.consultancy_id = :consultancy and g.id = :campaign_id and (s.id is not null or c.scheme = g.old_scheme)
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
    (select p.status, p.planned_with, p.planned_on, case when p.status = 'done' then p.done_on end, p.note
     from jsonb_populate_record(s, :step::jsonb) p),
    version = s.version + 1, updated_at = :now
returning id, client_id, campaign_id, certification_id, status, planned_with, planned_on, done_on, note, version, created_at, updated_at

-- name: moveToNewEdition
-- event: certification.changed
update scheduling.certifications c
set scheme = g.new_scheme, version = c.version + 1, updated_at = :now
from scheduling.campaigns g
where c.consultancy_id = :consultancy and c.client_id = :client_id::uuid and c.id = :certification_id
  and g.consultancy_id = c.consultancy_id and g.id = :campaign_id and c.scheme = g.old_scheme and :step::jsonb ->> 'status' = 'done'
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day, c.recommended_on,
          c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date, c.previous_expiry_date, c.gap_days,
          c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day, c.suspended_on, c.suspension_limit,
          c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on, c.internal_audit_done_on,
          c.management_review_done_on, c.policies, c.version, c.created_at, c.updated_at
