-- What changed in a client's registers between two instants, from the history of everything in them.

-- name: listHistory
-- key: x.id
-- sort: entity concat(x.entity, ' ', lower(x.label)) text
-- sort: label lower(x.label) text
select x.id, x.entity, x.label, x.change, x.changes, x.before, x.after, x.actor_id, x.at{key}
from (
    select coalesce(n.entity_id, o.entity_id) as id, coalesce(n.entity, o.entity) as entity,
           left(coalesce(nullif(concat_ws(' ', c.data ->> 'number', c.data ->> 'code',
                                          coalesce(c.data ->> 'name', c.data ->> 'title', c.data ->> 'topic', c.data ->> 'requirement',
                                                   c.data ->> 'question_ja', c.data ->> 'statement', c.data ->> 'decision', c.data ->> 'condition', c.data ->> 'role',
                                                   c.data ->> 'description')), ''), coalesce(n.entity_id, o.entity_id)::text), 300) as label,
           case when o.entity_id is null then 'added' when n.entity_id is null then 'removed' else 'changed' end as change,
           case when o.entity_id is null or n.entity_id is null then '[]' else (
               select coalesce(jsonb_agg(jsonb_build_object('member', m.key, 'before', o.content -> m.key, 'after', m.value) order by m.key), '[]')
               from (select k.key, n.content -> k.key as value from jsonb_object_keys(o.content || n.content) as k (key)) m
               where coalesce(o.content -> m.key, 'null') <> coalesce(m.value, 'null')) end as changes,
           o.content as before, n.content as after, coalesce(n.actor_id, g.actor_id) as actor_id, coalesce(n.at, g.at) as at
    from (select * from (
              select distinct on (e.entity, e.entity_id) e.entity, e.entity_id, e.kind, e.data, e.at, e.actor_id,
                     e.data - array['id', 'client_id', 'version', 'created_at', 'updated_at'] as content
              from platform.events e
              where e.consultancy_id = :consultancy and e.client_id = :client_id and e.at <= coalesce(:from::timestamptz, coalesce(:to::timestamptz, :now::timestamptz) - interval '30 days') and e.entity_id is not null
                and e.entity = any (registers.history_entities())
                and (:entity::text is null or e.entity = :entity)
              order by e.entity, e.entity_id, e.at desc, e.version desc nulls last) w
          where w.kind not like '%.deleted') o
    full join (select * from (
              select distinct on (e.entity, e.entity_id) e.entity, e.entity_id, e.kind, e.data, e.at, e.actor_id,
                     e.data - array['id', 'client_id', 'version', 'created_at', 'updated_at'] as content
              from platform.events e
              where e.consultancy_id = :consultancy and e.client_id = :client_id
                and e.at <= coalesce(:to::timestamptz, :now::timestamptz) and e.entity_id is not null
                and e.entity = any (registers.history_entities())
                and (:entity::text is null or e.entity = :entity)
              order by e.entity, e.entity_id, e.at desc, e.version desc nulls last) w
          where w.kind not like '%.deleted') n on n.entity = o.entity and n.entity_id = o.entity_id
    cross join lateral (select coalesce(n.data, o.data) as data) c
    left join lateral (
        select e.actor_id, e.at from platform.events e
        where n.entity_id is null and e.consultancy_id = :consultancy and e.entity = o.entity and e.entity_id = o.entity_id
          and e.kind like '%.deleted'
        order by e.at desc limit 1) g on true
    where o.entity_id is null or n.entity_id is null or jsonb_strip_nulls(o.content) <> jsonb_strip_nulls(n.content)) x
where (:change::text is null or x.change = :change)
{page}

