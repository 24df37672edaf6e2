-- name: getConsultancy
select c.consultancy_id as id, c.name, c.locale, c.time_zone, c.sender_name, c.version, c.created_at, c.updated_at
from tenants.consultancies c
where c.consultancy_id = :consultancy

-- name: updateConsultancy
-- event: consultancy.changed
update tenants.consultancies c
set (name, locale, time_zone, sender_name) =
    (select p.name, p.locale, p.time_zone, p.sender_name from jsonb_populate_record(c, :body::jsonb) p),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and (:if_match::int is null or c.version = :if_match::int)
returning consultancy_id as id, name, locale, time_zone, sender_name, version, created_at, updated_at
