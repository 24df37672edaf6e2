-- name: listDeadlines
-- key: d.id
-- sort: due_on d.due_on date
select d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.obligation_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
       d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note,
       d.status = 'open' and d.due_on < :today::date as overdue, d.due_on - :today::date as days_left, d.version, d.created_at,
       d.updated_at{key}
from scheduling.deadlines d
where d.consultancy_id = :consultancy
  and (:client_id::uuid is null or d.client_id = :client_id::uuid)
  and (:status::text is null or d.status = :status)
  and (:kind::text is null or d.kind = :kind)
  and (:hardness::text is null or d.hardness = :hardness)
  and (:due_before::date is null or d.due_on <= :due_before::date)
  and (:due_after::date is null or d.due_on >= :due_after::date)
{page}

-- name: listClientDeadlines
-- key: d.id
-- sort: due_on d.due_on date
select d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.obligation_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
       d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note,
       d.status = 'open' and d.due_on < :today::date as overdue, d.due_on - :today::date as days_left, d.version, d.created_at,
       d.updated_at{key}
from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id
  and (:status::text is null or d.status = :status)
  and (:kind::text is null or d.kind = :kind)
  and (:due_before::date is null or d.due_on <= :due_before::date)
  and (:due_after::date is null or d.due_on >= :due_after::date)
{page}

-- name: getDeadline
select d.id, d.client_id, d.certification_id, d.audit_id, d.change_id, d.finding_id, d.obligation_id, d.kind, d.title_ja, d.title_en, d.due_on, d.raw_on,
       d.hardness, d.rule, d.why, d.origin, d.status, d.fulfilled_on, d.moved_from, d.note,
       d.status = 'open' and d.due_on < :today::date as overdue, d.due_on - :today::date as days_left, d.version, d.created_at,
       d.updated_at
from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid

-- name: insertDeadline
-- event: deadline.created
insert into scheduling.deadlines (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, note, created_at,
                                  updated_at)
values (:consultancy, :new_id, :client_id, 'own', coalesce(:title_ja, :title_en), coalesce(:title_en, :title_ja), :due_on::date,
        :due_on::date, 'own', :note, :now, :now)
returning id, client_id, certification_id, audit_id, change_id, finding_id, obligation_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, why,
          origin, status, fulfilled_on, moved_from, note, version, created_at, updated_at

-- name: judgeDeadline
select d.origin, d.status, d.fulfilled_on
from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid

-- name: changeDeadline
-- event: deadline.changed
update scheduling.deadlines d
set (title_ja, title_en, due_on, raw_on, moved_from, status, fulfilled_on, note) =
    (select p.title_ja, p.title_en, p.due_on, case when p.due_on = d.due_on then d.raw_on else p.due_on end,
            case when p.due_on = d.due_on then d.moved_from else d.due_on end, p.status, p.fulfilled_on, p.note
     from jsonb_populate_record(d, :deadline_changes::jsonb) p),
    version = d.version + 1, updated_at = :now
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, certification_id, audit_id, change_id, finding_id, obligation_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, why,
          origin, status, fulfilled_on, moved_from, note, version, created_at, updated_at

-- name: removeDeadline
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.id = :deadline_id::uuid
  and (:if_match::int is null or d.version = :if_match::int)
returning id, client_id, certification_id, audit_id, change_id, finding_id, obligation_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, why,
          origin, status, fulfilled_on, moved_from, note, version + 1 as version, created_at, updated_at
