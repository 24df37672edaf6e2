-- From one audit to the next: a frozen state, compared with now by scheduling.carried_comparison.

-- The audit to freeze: the named one, else the last held external one; and whether it is frozen already.
-- name: judgeCarryForward
select c.id, a.id as audit_id, a.cycle_no, f.id as frozen_id
from scheduling.certifications c
left join scheduling.audits a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id
  and a.id = coalesce(:audit_id::uuid, (
      select h.id from scheduling.audits h
      where h.consultancy_id = c.consultancy_id and h.client_id = c.client_id and h.certification_id = c.id
        and h.kind <> 'internal' and h.status in ('held', 'reported')
      order by h.held_last_day desc nulls last, h.id desc limit 1))
left join scheduling.carry_forwards f on f.consultancy_id = a.consultancy_id and f.client_id = a.client_id and f.audit_id = a.id
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :certification_id

-- name: insertCarryForward
-- event: carry_forward.created
insert into scheduling.carry_forwards (consultancy_id, id, client_id, certification_id, audit_id, cycle_no, frozen_on, note, created_at,
                                       updated_at)
values (:consultancy, :new_id, :client_id, :certification_id, :frozen_audit::uuid, :cycle_no::int,
        (coalesce(:state_at::timestamptz, :now::timestamptz) at time zone 'Asia/Tokyo')::date, :note, :now, :now)
returning id, client_id, certification_id, audit_id, cycle_no, frozen_on, note, version, created_at, updated_at

-- name: storeCarriedItems
-- no-event: told by the frozen state, and each by its own history
insert into scheduling.carried_items (consultancy_id, client_id, carry_forward_id, entity, entity_id, label, content, content_hash)
select :consultancy, :client_id, :carry_forward_id::uuid, s.kind, s.id, s.label, s.content, s.hash
from scheduling.carried_state(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :state_at::timestamptz) s
returning entity_id

-- name: findCarryForward
select f.id, f.audit_id
from scheduling.carry_forwards f
join scheduling.audits a on a.consultancy_id = f.consultancy_id and a.client_id = f.client_id and a.id = f.audit_id
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.certification_id = :certification_id
  and (:audit_id::uuid is null or f.audit_id = :audit_id::uuid)
  and (:for_audit_id::uuid is null or exists (
      select from scheduling.audits n
      where n.consultancy_id = f.consultancy_id and n.client_id = f.client_id and n.certification_id = f.certification_id
        and n.id = :for_audit_id::uuid and n.id <> a.id
        and coalesce(a.held_last_day, f.frozen_on) <= coalesce(n.held_first_day, n.planned_first_day, n.nominal_date, n.window_start)))
order by coalesce(a.held_last_day, f.frozen_on) desc, f.created_at desc
limit 1

-- name: readCarryForward
with compared as materialized (
    select c.kind, c.change, c.revisit, c.reviewed_on
    from scheduling.carried_comparison(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :carry_forward_id::uuid,
                                       :frozen_audit::uuid) c)
select f.id, f.client_id, f.certification_id, f.audit_id, a.kind as audit_kind, a.held_last_day as audit_held_on, f.cycle_no, f.frozen_on, f.note,
       (select jsonb_build_object(
            'unchanged', count(*) filter (where c.change = 'unchanged'), 'modified', count(*) filter (where c.change = 'modified'),
            'new', count(*) filter (where c.change = 'new'), 'dropped', count(*) filter (where c.change = 'dropped'),
            'to_review', count(*) filter (where c.reviewed_on is null), 'reviewed', count(*) filter (where c.reviewed_on is not null),
            'revisit', count(*) filter (where c.revisit is not null))
        from compared c) as counts,
       coalesce((select jsonb_agg(k.counted order by k.kind)
                 from (select c.kind, jsonb_build_object(
                           'kind', c.kind, 'unchanged', count(*) filter (where c.change = 'unchanged'),
                           'modified', count(*) filter (where c.change = 'modified'), 'new', count(*) filter (where c.change = 'new'),
                           'dropped', count(*) filter (where c.change = 'dropped'),
                           'to_review', count(*) filter (where c.reviewed_on is null)) as counted
                       from compared c group by c.kind) k), '[]') as kinds,
       (select jsonb_build_object('id', n.id, 'kind', n.kind, 'status', n.status, 'nominal_date', n.nominal_date,
                                  'planned_first_day', n.planned_first_day)
        from scheduling.audits n
        where n.consultancy_id = f.consultancy_id and n.client_id = f.client_id and n.certification_id = f.certification_id
          and n.kind <> 'internal' and n.status not in ('held', 'reported', 'cancelled')
        order by coalesce(n.planned_first_day, n.nominal_date, n.window_start) nulls last, n.id limit 1) as next_audit,
       f.created_at
from scheduling.carry_forwards f
join scheduling.audits a on a.consultancy_id = f.consultancy_id and a.client_id = f.client_id and a.id = f.audit_id
where f.consultancy_id = :consultancy and f.client_id = :client_id and f.id = :carry_forward_id::uuid

-- name: listCarriedItems
-- key: c.id
-- sort: kind concat(c.kind, ' ', lower(c.label)) text
-- sort: label lower(c.label) text
select c.id, c.kind, c.label, c.change,
       case when c.change = 'modified' then coalesce((
           select jsonb_agg(jsonb_build_object('member', m.key, 'before', c.before -> m.key, 'after', m.value) order by m.key)
           from jsonb_each(c.content) m
           where c.before ? m.key and c.before -> m.key <> m.value), '[]') else '[]' end as changed,
       coalesce((select jsonb_object_agg(m.key, m.value) from jsonb_each(c.content) m
                 where m.key like '%\_id' and m.key <> 'author_id' and jsonb_typeof(m.value) = 'string'), '{}') as links,
       c.content, c.revisit is not null as revisit,
       case when c.revisit is null then null
            when :language = 'ja' then case c.revisit
                when 'major' then '前回の重大な不適合です。是正処置が有効だったかを次の審査で確認されます。'
                when 'minor' then '前回の軽微な不適合です。是正処置の実施と有効性を次の審査で確認されます。'
                when 'observation' then '前回の観察事項です。次の審査で改めて確認されます。'
                when 'opportunity' then '前回の改善の機会です。どう検討したかを説明できるようにしてください。'
                when 'stage1_concern' then '第一段階審査の懸念事項です。第二段階審査までに解消したことを示してください。'
                else 'まだ完了していない指摘です。' end
            else case c.revisit
                when 'major' then 'A major nonconformity of the last audit: the next one looks whether the corrective action worked.'
                when 'minor' then 'A minor nonconformity of the last audit: the next one looks whether it was corrected and worked.'
                when 'observation' then 'An observation of the last audit: the next one looks at it again.'
                when 'opportunity' then 'An opportunity for improvement of the last audit: be able to say what became of it.'
                when 'stage1_concern' then 'A concern of stage 1: show before stage 2 that it is settled.'
                else 'A finding that is still open.' end end as revisit_reason,
       case when c.reviewed_on is null then 'to_review' else 'reviewed' end as status, c.reviewed_on, c.reviewed_by, c.review_note{key}
from scheduling.carried_comparison(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :carry_forward_id::uuid,
                                   :frozen_audit::uuid) c
where (:change::text is null or c.change = :change)
  and (:kind::text is null or c.kind = :kind)
  and (:status::text is null or (c.reviewed_on is null) = (:status = 'to_review'))
  and (:revisit::boolean is null or (c.revisit is not null) = :revisit::boolean)
{page}

-- Ids in the body that are nothing of the comparison.
-- name: findStrangeItems
with items as materialized (
    select c.id from scheduling.carried_comparison(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :carry_forward_id::uuid,
                                                   :frozen_audit::uuid) c
    where :item_ids::jsonb is not null)
select g.place - 1 as place
from jsonb_array_elements_text(coalesce(:item_ids::jsonb, '[]')) with ordinality as g (id, place)
where g.id::uuid not in (select i.id from items i)
order by g.place

-- name: storeCarriedReviews
-- no-event: each row says who looked and when
insert into scheduling.carried_reviews as v (consultancy_id, client_id, carry_forward_id, entity, entity_id, content_hash, note, reviewed_on,
                                             reviewed_by)
select :consultancy, :client_id, :carry_forward_id::uuid, c.kind, c.id, c.hash, :note, :today::date, :member::uuid
from scheduling.carried_comparison(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :carry_forward_id::uuid,
                                   :frozen_audit::uuid) c
where coalesce(:status, 'reviewed') = 'reviewed'
  and (:item_ids::jsonb is null or :item_ids::jsonb ? c.id::text)
  and (:change::text is null or c.change = :change)
  and (:kind::text is null or c.kind = :kind)
on conflict (consultancy_id, carry_forward_id, entity, entity_id) do update
set content_hash = excluded.content_hash, note = excluded.note, reviewed_on = excluded.reviewed_on, reviewed_by = excluded.reviewed_by
returning entity_id

-- `is true`: looked up in a hash, whatever PostgreSQL believes of the number of rows.
-- name: dropCarriedReviews
-- no-event: what is not reviewed has no row
with items as materialized (
    select c.kind, c.id
    from scheduling.carried_comparison(:consultancy::uuid, :client_id::uuid, :certification_id::uuid, :carry_forward_id::uuid,
                                       :frozen_audit::uuid) c
    where :status = 'to_review'
      and (:item_ids::jsonb is null or :item_ids::jsonb ? c.id::text)
      and (:change::text is null or c.change = :change)
      and (:kind::text is null or c.kind = :kind))
delete from scheduling.carried_reviews v
where v.consultancy_id = :consultancy and v.client_id = :client_id and v.carry_forward_id = :carry_forward_id::uuid
  and ((v.entity, v.entity_id) in (select c.kind, c.id from items c)) is true
returning v.entity_id
