-- name: loadYearEnd
select coalesce((t.policies->>'year_end_closed')::boolean, true) as year_end_closed
from tenants.consultancies t
where t.consultancy_id = :consultancy

-- A person's own word (status, fulfilled_on) stands until the register itself says something new.
-- name: storeRegisterDeadlines
-- event: deadline.planned
with wanted as materialized (
    select w.*
    from jsonb_to_recordset(:register_deadlines::jsonb) as w(
        id uuid, client_id uuid, source_key text, kind text, raw_on date, due_on date, title_ja text, title_en text, hardness text,
        rule text, why jsonb, fulfilled_on date)),
gone as (
    update scheduling.deadlines d
    set status = 'withdrawn', version = d.version + 1, updated_at = :now
    from wanted w
    where d.consultancy_id = :consultancy and d.client_id = w.client_id and d.source_key = w.source_key and w.raw_on is null
      and d.status = 'open'
    returning d.*),
stored as (
    insert into scheduling.deadlines as d (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, rule, why,
                                           origin, source_key, status, fulfilled_on, plan_fulfilled_on, created_at, updated_at)
    select :consultancy, w.id, w.client_id, w.kind, left(w.title_ja, 300), left(w.title_en, 300), w.due_on, w.raw_on, w.hardness, w.rule,
           w.why, 'register', w.source_key, case when w.fulfilled_on is null then 'open' else 'fulfilled' end, w.fulfilled_on,
           w.fulfilled_on, :now, :now
    from wanted w
    left join scheduling.deadlines o on o.consultancy_id = :consultancy and o.source_key = w.source_key
    where w.raw_on is not null
      and (o.id is null or o.status = 'withdrawn'
           or (o.title_ja, o.title_en, o.due_on, o.raw_on, o.hardness, o.rule, o.why, o.plan_fulfilled_on)
              is distinct from (left(w.title_ja, 300), left(w.title_en, 300), w.due_on, w.raw_on, w.hardness, w.rule, w.why,
                                w.fulfilled_on))
    on conflict (consultancy_id, source_key) do update
    set title_ja = excluded.title_ja, title_en = excluded.title_en, due_on = excluded.due_on, raw_on = excluded.raw_on,
        hardness = excluded.hardness, rule = excluded.rule, why = excluded.why,
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
