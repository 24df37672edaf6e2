-- The places that show a mark; :verdicts is a map by use, judged in C.
-- name: loadMarkUses
select u.id, u.version, u.certification_id, u.place, u.mark, u.site_id, u.department_id, u.staff_kind, u.since, u.removed_on
from scheduling.mark_uses u
where u.consultancy_id = :consultancy and u.client_id = :client_id and (:mark_use_id::uuid is null or u.id = :mark_use_id::uuid)

-- name: listMarkUses
-- key: u.id
-- sort: created_at u.created_at timestamptz
-- sort: since coalesce(u.since, '-infinity'::date) date
select u.id, u.client_id, u.certification_id, u.place, u.description, u.mark, u.site_id, u.department_id, u.staff_kind, u.since,
       u.removed_on, u.url, u.note, :verdicts::jsonb -> u.id::text as verdict, u.version, u.created_at, u.updated_at{key}
from scheduling.mark_uses u
where u.consultancy_id = :consultancy and u.client_id = :client_id
  and (:place::text is null or u.place = :place)
  and (:site_id::uuid is null or u.site_id = :site_id::uuid)
  and (:department_id::uuid is null or u.department_id = :department_id::uuid)
  and (:allowed::boolean is null or (:verdicts::jsonb -> u.id::text ->> 'allowed')::boolean = :allowed::boolean)
  and (:must_remove::boolean is null or (:verdicts::jsonb -> u.id::text ->> 'must_remove')::boolean = :must_remove::boolean)
{page}

-- name: readMarkUse
select u.id, u.client_id, u.certification_id, u.place, u.description, u.mark, u.site_id, u.department_id, u.staff_kind, u.since,
       u.removed_on, u.url, u.note, :verdicts::jsonb -> u.id::text as verdict, u.version, u.created_at, u.updated_at, true as _volatile
from scheduling.mark_uses u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.id = :mark_use_id::uuid

-- name: insertMarkUse
-- event: mark_use.created
insert into scheduling.mark_uses as u (consultancy_id, id, client_id, certification_id, place, description, mark, site_id, department_id,
                                       staff_kind, since, removed_on, url, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :certification_id::uuid, :place, :description, coalesce(:mark, 'body_mark'), :site_id::uuid,
        :department_id::uuid, :staff_kind, :since::date, :removed_on::date, :url, :note, :now, :now)
returning u.id, u.client_id, u.certification_id, u.place, u.description, u.mark, u.site_id, u.department_id, u.staff_kind, u.since,
          u.removed_on, u.url, u.note, u.version, u.created_at, u.updated_at

-- name: changeMarkUse
-- event: mark_use.changed
update scheduling.mark_uses u
set (certification_id, place, description, mark, site_id, department_id, staff_kind, since, removed_on, url, note) =
    (select p.certification_id, p.place, p.description, p.mark, p.site_id, p.department_id, p.staff_kind, p.since, p.removed_on, p.url,
            p.note
     from jsonb_populate_record(u, :body::jsonb) p),
    version = u.version + 1, updated_at = :now
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.id = :mark_use_id::uuid
  and (:if_match::int is null or u.version = :if_match::int)
returning u.id, u.client_id, u.certification_id, u.place, u.description, u.mark, u.site_id, u.department_id, u.staff_kind, u.since,
          u.removed_on, u.url, u.note, u.version, u.created_at, u.updated_at

-- name: deleteMarkUse
-- event: mark_use.deleted
delete from scheduling.mark_uses u
where u.consultancy_id = :consultancy and u.client_id = :client_id and u.id = :mark_use_id::uuid
  and (:if_match::int is null or u.version = :if_match::int)
returning u.id, u.client_id, u.certification_id, u.place, u.description, u.mark, u.site_id, u.department_id, u.staff_kind, u.since,
          u.removed_on, u.url, u.note, u.version + 1 as version, u.created_at, u.updated_at
