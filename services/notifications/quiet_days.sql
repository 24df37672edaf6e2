-- name: listQuietDays
-- key: q.id
-- sort: first_day q.first_day date
-- sort: created_at q.created_at timestamptz
select q.id, q.client_id, q.name, q.first_day, q.last_day, q.version, q.created_at, q.updated_at{key}
from notifications.quiet_days q
where q.consultancy_id = :consultancy
  and (:client_id::uuid is null or q.client_id = :client_id::uuid)
{page}

-- name: createQuietDays
-- event: quiet_days.created
insert into notifications.quiet_days (consultancy_id, id, client_id, name, first_day, last_day, created_at, updated_at)
values (:consultancy, :new_id, :client_id::uuid, :name, :first_day::date, :last_day::date, :now, :now)
returning id, client_id, name, first_day, last_day, version, created_at, updated_at

-- name: getQuietDays
select q.id, q.client_id, q.name, q.first_day, q.last_day, q.version, q.created_at, q.updated_at
from notifications.quiet_days q
where q.consultancy_id = :consultancy and q.id = :quiet_days_id

-- name: updateQuietDays
-- event: quiet_days.changed
update notifications.quiet_days q
set (client_id, name, first_day, last_day) =
    (select n.client_id, n.name, n.first_day, n.last_day
     from jsonb_populate_record(q, :body::jsonb) n),
    version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.id = :quiet_days_id
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, name, first_day, last_day, version, created_at, updated_at

-- name: deleteQuietDays
-- event: quiet_days.deleted
delete from notifications.quiet_days q
where q.consultancy_id = :consultancy and q.id = :quiet_days_id
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, name, first_day, last_day, version + 1 as version, created_at, updated_at
