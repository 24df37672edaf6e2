-- name: listRooms
-- key: r.id
-- sort: created_at r.created_at timestamptz
-- sort: name lower(r.name) text
select r.id, r.client_id, r.site_id, r.name, r.capacity, r.version, r.created_at, r.updated_at{key}
from scheduling.rooms r
where r.consultancy_id = :consultancy and r.client_id = :client_id
  and (:site_id::uuid is null or r.site_id = :site_id::uuid)
{page}

-- name: createRoom
-- event: room.created
insert into scheduling.rooms (consultancy_id, id, client_id, site_id, name, capacity, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :site_id::uuid, :name, :capacity::int, :now, :now)
returning id, client_id, site_id, name, capacity, version, created_at, updated_at

-- name: getRoom
select r.id, r.client_id, r.site_id, r.name, r.capacity, r.version, r.created_at, r.updated_at
from scheduling.rooms r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :room_id

-- name: updateRoom
-- event: room.changed
update scheduling.rooms r
set (site_id, name, capacity) =
    (select n.site_id, n.name, n.capacity
     from jsonb_populate_record(r, :body::jsonb) n),
    version = r.version + 1, updated_at = :now
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :room_id
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, site_id, name, capacity, version, created_at, updated_at

-- name: deleteRoom
-- event: room.deleted
delete from scheduling.rooms r
where r.consultancy_id = :consultancy and r.client_id = :client_id and r.id = :room_id
  and (:if_match::int is null or r.version = :if_match::int)
returning id, client_id, site_id, name, capacity, version + 1 as version, created_at, updated_at
