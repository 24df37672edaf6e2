-- name: listChanges
-- key: h.id
-- sort: change_date h.change_date date
-- sort: created_at h.created_at timestamptz
select h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.status, h.advice,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'certification_id', d.certification_id, 'kind', d.kind,
                                                     'due_on', d.due_on, 'title_ja', d.title_ja, 'title_en', d.title_en,
                                                     'status', d.status) order by d.due_on, d.id)
                 from scheduling.deadlines d
                 where d.consultancy_id = h.consultancy_id and d.client_id = h.client_id and d.change_id = h.id), '[]') as deadlines,
       h.version, h.created_at, h.updated_at{key}
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id
  and (:kind::text is null or h.kind = :kind)
  and (:status::text is null or h.status = :status)
{page}

-- name: getChange
select h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.status, h.advice,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'certification_id', d.certification_id, 'kind', d.kind,
                                                     'due_on', d.due_on, 'title_ja', d.title_ja, 'title_en', d.title_en,
                                                     'status', d.status) order by d.due_on, d.id)
                 from scheduling.deadlines d
                 where d.consultancy_id = h.consultancy_id and d.client_id = h.client_id and d.change_id = h.id), '[]') as deadlines,
       h.version, h.created_at, h.updated_at
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid

-- name: insertChange
-- event: change.created
insert into scheduling.changes (consultancy_id, id, client_id, certification_id, kind, change_date, description, site_id, status,
                                created_at, updated_at)
values (:consultancy, :new_id, :client_id, :certification_id::uuid, :kind, :change_date::date, :description, :site_id::uuid,
        coalesce(:status, 'open'), :now, :now)
returning id, client_id, certification_id, kind, change_date, description, site_id, status, advice, version, created_at, updated_at

-- name: changeChange
-- event: change.changed
update scheduling.changes h
set (certification_id, kind, change_date, description, site_id, status) =
    (select p.certification_id, p.kind, p.change_date, p.description, p.site_id, p.status
     from jsonb_populate_record(h, :body::jsonb) p),
    version = h.version + 1, updated_at = :now
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
  and (:if_match::int is null or h.version = :if_match::int)
returning id, client_id, certification_id, kind, change_date, description, site_id, status, advice, version, created_at, updated_at

-- The next external audit of each certification that the change concerns, after the derivation.
-- name: loadChangeAudits
select h.kind as change_kind, h.change_date, c.id as certification_id, c.scheme, c.stage1_last_day, c.stage2_last_day,
       coalesce(c.decision_date, c.target_date) as decision_date, n.kind as audit_kind, n.nominal_date, n.window_start
from scheduling.changes h
left join scheduling.certifications c
       on c.consultancy_id = h.consultancy_id and c.client_id = h.client_id and (h.certification_id is null or h.certification_id = c.id)
      and c.state not in ('withdrawn', 'expired')
left join lateral (
    select a.kind, a.nominal_date, a.window_start
    from scheduling.audits a
    where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id
      and a.kind in ('surveillance', 'recertification') and a.status not in ('held', 'reported', 'cancelled') and a.nominal_date is not null
      and a.nominal_date >= h.change_date
    order by a.nominal_date limit 1) n on true
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
order by c.id

-- name: storeAdvice
-- no-event: follows from the change and the programme, which have theirs
update scheduling.changes h
set advice = :advice::jsonb
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
returning h.id

-- name: dropChangeDeadlines
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.change_id = :change_id::uuid and d.origin = 'derived'
returning d.id, d.client_id, d.kind, d.due_on, d.status, d.version + 1 as version

-- name: removeChange
-- event: change.deleted
delete from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
  and (:if_match::int is null or h.version = :if_match::int)
returning id, client_id, certification_id, kind, change_date, description, site_id, status, advice, version + 1 as version, created_at,
          updated_at
