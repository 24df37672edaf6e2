-- The levels by which information is classified. Assets refer to them by number and carry their label (registers.classified).

-- name: getClassifications
select c.id as client_id, case when own.id is not null then 'client' when d.id is not null then 'consultancy' else 'built_in' end as source,
       coalesce(own.levels, d.levels, registers.builtin_classifications()) as levels, coalesce(own.version, 0) as version,
       true as _volatile
from tenants.clients c
left join registers.classification_schemes own on own.consultancy_id = c.consultancy_id and own.client_id = c.id
left join registers.classification_defaults d on d.consultancy_id = c.consultancy_id
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: getDefaultClassifications
select case when d.id is not null then 'consultancy' else 'built_in' end as source,
       coalesce(d.levels, registers.builtin_classifications()) as levels, coalesce(d.version, 0) as version
from tenants.consultancies t
left join registers.classification_defaults d on d.consultancy_id = t.consultancy_id
where t.consultancy_id = :consultancy

-- No asset is left on a level that is gone.
-- name: updateClassificationsProblems
with given as materialized (
    select (e.n - 1) as place, e.l ->> 'number' as number, e.l ->> 'label_ja' as label_ja, e.l ->> 'label_en' as label_en
    from jsonb_array_elements(:levels::jsonb) with ordinality as e (l, n)),
moves as materialized (
    select (m.n - 1) as place, m.move ->> 'from' as source, m.move ->> 'to' as target
    from jsonb_array_elements(:moves::jsonb) with ordinality as m (move, n)),
fields as materialized (
    select '/levels/' || g.place || '/number' as pointer, 'not_unique' as code
    from given g
    where exists (select from given o where o.number = g.number and o.place < g.place)
    union all
    select '/levels/' || g.place || '/' || w.member, 'not_unique'
    from given g
    cross join lateral (values ('label_ja', g.label_ja), ('label_en', g.label_en)) w (member, label)
    where exists (select from given o where o.place < g.place and lower(w.label) in (lower(o.label_ja), lower(o.label_en)))
       or exists (select from given o where o.number = w.label and o.number <> g.number)
    union all
    select '/moves/' || m.place || '/to', 'unknown_value' from moves m where m.target not in (select g.number from given g)
    union all
    select '/moves/' || m.place || '/from', 'not_unique'
    from moves m where exists (select from moves o where o.source = m.source and o.place < m.place)),
left_over as (
    select count(*) as assets, string_agg(distinct a.classification_level::text, ', ') as levels
    from registers.assets a
    where a.consultancy_id = :consultancy
      and a.client_id = :client_id::uuid
      and a.classification_level is not null
      and coalesce((select m.target from moves m where m.source = a.classification_level::text), a.classification_level::text)
          not in (select g.number from given g))
select f.pointer, f.code, null as limit, null as detail_en, null as detail_ja
from fields f
union all
select null, null, null,
       l.assets || ' assets are of levels that the new scheme lacks (' || l.levels || '). Say with "moves" which level each of them becomes.',
       '新しい区分にない段階（' || l.levels || '）の資産が ' || l.assets || ' 件あります。"moves" で移行先の段階を指定してください。'
from left_over l
where l.assets > 0 and not exists (select from fields)

-- name: storeClassifications
-- event: classification_scheme.changed
insert into registers.classification_schemes as s (consultancy_id, id, client_id, levels, created_at, updated_at)
select c.consultancy_id, :new_id, c.id, (select jsonb_agg(jsonb_build_object('number', (e.l ->> 'number')::int, 'label_ja', e.l ->> 'label_ja', 'label_en', e.l ->> 'label_en',
                                       'handling_ja', e.l ->> 'handling_ja', 'handling_en', e.l ->> 'handling_en', 'colour', e.l ->> 'colour')
                    order by (e.l ->> 'number')::int)
   from jsonb_array_elements(:levels::jsonb) as e (l)), :now, :now
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id
  and (:if_match::int is null or :if_match::int = coalesce(
        (select o.version from registers.classification_schemes o where o.consultancy_id = c.consultancy_id and o.client_id = c.id), 0))
on conflict (consultancy_id, client_id) do update
set levels = excluded.levels, version = s.version + 1, updated_at = :now
returning id, client_id, 'client' as source, levels, version

-- Assets follow their level, and texts that the new scheme knows become levels.
-- name: relabelAssets
-- event: asset.changed
update registers.assets a
set (classification_level, classification) = (select w.level, w.label from (
        select x.level, x.label
        from tenants.clients l
        cross join lateral registers.classified(:levels::jsonb, l.locale, coalesce((select (m.move ->> 'to')::int from jsonb_array_elements(:moves::jsonb) as m (move)
                               where (m.move ->> 'from')::int = a.classification_level), a.classification_level), a.classification) x
        where l.consultancy_id = a.consultancy_id and l.id = a.client_id) w),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.classification is not null
  and (a.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.classification_schemes o
                           where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id)))
  and exists (
        select
        from tenants.clients l
        cross join lateral registers.classified(:levels::jsonb, l.locale, coalesce((select (m.move ->> 'to')::int from jsonb_array_elements(:moves::jsonb) as m (move)
                               where (m.move ->> 'from')::int = a.classification_level), a.classification_level), a.classification) x
        where l.consultancy_id = a.consultancy_id and l.id = a.client_id
          and (x.level, x.label) is distinct from (a.classification_level, a.classification))
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level,
          a.confidentiality, a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id,
          a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version, a.created_at, a.updated_at

-- name: resetClassificationsProblems
select null as pointer, null as code, null as limit,
       count(*) || ' assets are of levels that the consultancy''s scheme lacks (' || string_agg(distinct a.classification_level::text, ', ')
           || '). Give them another level first.' as detail_en,
       'コンサルティング会社の区分にない段階（' || string_agg(distinct a.classification_level::text, ', ') || '）の資産が ' || count(*)
           || ' 件あります。先にほかの段階に変更してください。' as detail_ja
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.classification_level is not null
  and exists (select from registers.classification_schemes o where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id)
  and a.classification_level not in (
        select (e.l ->> 'number')::int
        from jsonb_array_elements(coalesce((select d.levels from registers.classification_defaults d where d.consultancy_id = :consultancy),
                                           registers.builtin_classifications())) as e (l))
having count(*) > 0

-- name: dropClassifications
-- event: classification_scheme.deleted
delete from registers.classification_schemes s
where s.consultancy_id = :consultancy and s.client_id = :client_id and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, 'client' as source, levels, version + 1 as version

-- The same level may have another label there.
-- name: followDefaultClassifications
-- event: asset.changed
update registers.assets a
set (classification_level, classification) = (select w.level, w.label from (
        select x.level, x.label
        from tenants.clients l
        cross join lateral registers.classified(registers.classifications_of(a.consultancy_id, a.client_id), l.locale, a.classification_level, a.classification) x
        where l.consultancy_id = a.consultancy_id and l.id = a.client_id) w),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.classification is not null
  and (a.client_id = :client_id::uuid
       or (:client_id::uuid is null
           and not exists (select from registers.classification_schemes o
                           where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id)))
  and exists (
        select
        from tenants.clients l
        cross join lateral registers.classified(registers.classifications_of(a.consultancy_id, a.client_id), l.locale, a.classification_level, a.classification) x
        where l.consultancy_id = a.consultancy_id and l.id = a.client_id
          and (x.level, x.label) is distinct from (a.classification_level, a.classification))
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level,
          a.confidentiality, a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id,
          a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version, a.created_at, a.updated_at

-- name: updateDefaultClassificationsProblems
with given as materialized (
    select (e.n - 1) as place, e.l ->> 'number' as number, e.l ->> 'label_ja' as label_ja, e.l ->> 'label_en' as label_en
    from jsonb_array_elements(:levels::jsonb) with ordinality as e (l, n)),
moves as materialized (
    select (m.n - 1) as place, m.move ->> 'from' as source, m.move ->> 'to' as target
    from jsonb_array_elements(:moves::jsonb) with ordinality as m (move, n)),
fields as materialized (
    select '/levels/' || g.place || '/number' as pointer, 'not_unique' as code
    from given g
    where exists (select from given o where o.number = g.number and o.place < g.place)
    union all
    select '/levels/' || g.place || '/' || w.member, 'not_unique'
    from given g
    cross join lateral (values ('label_ja', g.label_ja), ('label_en', g.label_en)) w (member, label)
    where exists (select from given o where o.place < g.place and lower(w.label) in (lower(o.label_ja), lower(o.label_en)))
       or exists (select from given o where o.number = w.label and o.number <> g.number)
    union all
    select '/moves/' || m.place || '/to', 'unknown_value' from moves m where m.target not in (select g.number from given g)
    union all
    select '/moves/' || m.place || '/from', 'not_unique'
    from moves m where exists (select from moves o where o.source = m.source and o.place < m.place)),
left_over as (
    select count(*) as assets, string_agg(distinct a.classification_level::text, ', ') as levels
    from registers.assets a
    where a.consultancy_id = :consultancy
      and not exists (select from registers.classification_schemes o
                      where o.consultancy_id = a.consultancy_id and o.client_id = a.client_id)
      and a.classification_level is not null
      and coalesce((select m.target from moves m where m.source = a.classification_level::text), a.classification_level::text)
          not in (select g.number from given g))
select f.pointer, f.code, null as limit, null as detail_en, null as detail_ja
from fields f
union all
select null, null, null,
       l.assets || ' assets are of levels that the new scheme lacks (' || l.levels || '). Say with "moves" which level each of them becomes.',
       '新しい区分にない段階（' || l.levels || '）の資産が ' || l.assets || ' 件あります。"moves" で移行先の段階を指定してください。'
from left_over l
where l.assets > 0 and not exists (select from fields)

-- name: storeDefaultClassifications
-- event: classification_default.changed
insert into registers.classification_defaults as s (consultancy_id, id, levels, created_at, updated_at)
select :consultancy, :new_id, (select jsonb_agg(jsonb_build_object('number', (e.l ->> 'number')::int, 'label_ja', e.l ->> 'label_ja', 'label_en', e.l ->> 'label_en',
                                       'handling_ja', e.l ->> 'handling_ja', 'handling_en', e.l ->> 'handling_en', 'colour', e.l ->> 'colour')
                    order by (e.l ->> 'number')::int)
   from jsonb_array_elements(:levels::jsonb) as e (l)), :now, :now
where :if_match::int is null or :if_match::int = coalesce(
        (select o.version from registers.classification_defaults o where o.consultancy_id = :consultancy), 0)
on conflict (consultancy_id) do update
set levels = excluded.levels, version = s.version + 1, updated_at = :now
returning id, 'consultancy' as source, levels, version
