-- The inbox of whoever asks.

-- name: listInboxItems
-- key: i.id
-- sort: created_at i.created_at timestamptz
select i.id, i.client_id, i.reminder_id, i.deadline_id, i.title_ja, i.title_en, i.due_on, i.read_at, i.version, i.created_at, i.updated_at{key}
from notifications.inbox_items i
where i.consultancy_id = :consultancy and i.member_id = :member::uuid
  and (:client_id::uuid is null or i.client_id = :client_id::uuid)
  and (:unread::boolean is null or (i.read_at is null) = :unread::boolean)
{page}

-- name: getInboxItem
select i.id, i.client_id, i.reminder_id, i.deadline_id, i.title_ja, i.title_en, i.due_on, i.read_at, i.version, i.created_at, i.updated_at
from notifications.inbox_items i
where i.consultancy_id = :consultancy and i.member_id = :member::uuid and i.id = :inbox_item_id::uuid

-- name: readInboxItem
-- no-event: who has read what is nobody's history
update notifications.inbox_items i
set read_at = coalesce(i.read_at, :now), version = i.version + 1, updated_at = :now
where i.consultancy_id = :consultancy and i.member_id = :member::uuid and i.id = :inbox_item_id::uuid
returning id, client_id, reminder_id, deadline_id, title_ja, title_en, due_on, read_at, version, created_at, updated_at

-- name: unreadInboxItem
-- no-event: who has read what is nobody's history
update notifications.inbox_items i
set read_at = null, version = i.version + 1, updated_at = :now
where i.consultancy_id = :consultancy and i.member_id = :member::uuid and i.id = :inbox_item_id::uuid
returning id, client_id, reminder_id, deadline_id, title_ja, title_en, due_on, read_at, version, created_at, updated_at

-- name: countInbox
select count(*) filter (where i.read_at is null)::int as unread, count(*)::int as total
from notifications.inbox_items i
where i.consultancy_id = :consultancy and i.member_id = :member::uuid

-- name: readInbox
-- no-event: who has read what is nobody's history
with marked as (
    update notifications.inbox_items i
    set read_at = :now, version = i.version + 1, updated_at = :now
    where i.consultancy_id = :consultancy and i.member_id = :member::uuid and i.read_at is null
    returning i.id)
select count(*)::int as marked from marked
