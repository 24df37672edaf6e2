-- name: listAssets
-- key: a.id
-- sort: created_at a.created_at timestamptz
-- sort: name lower(a.name) text
-- ordered: a client has thousands of them
select a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level, a.confidentiality,
       a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status,
       a.group_name, a.department_id, a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version,
       a.created_at, a.updated_at{key}
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:kind::text is null or a.kind = :kind)
  and (:status::text is null or a.status = :status)
  and (:in_scope::boolean is null or a.in_scope = :in_scope)
  and (:group_name::text is null or a.group_name = :group_name)
  and (:department_id::uuid is null or a.department_id = :department_id::uuid)
  and (:classification_level::int is null or a.classification_level = :classification_level::int)
{page}

-- The kind is an asset type of the catalogue, in any version, or the consultancy's own.
-- name: assetProblems
select '/kind' as pointer, 'unknown_value' as code, null as limit, null as detail_en, null as detail_ja
where :kind::text is not null
  and not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'asset_types' and e.code = :kind)
union all
select '/' || p.member, p.code, p.known, null, null
from registers.classification_problems(:consultancy, :client_id::uuid, :body::jsonb) p

-- The same of each item of a bulk request.
-- name: bulkAssetsProblems
select '/items/' || w.no || '/' || w.what || '/' || p.member as pointer, p.code, p.known as limit, null as detail_en, null as detail_ja
from (select x.no, 'asset' as what, x.asset as given from jsonb_to_recordset(:asset_rows::jsonb) as x(no int, asset jsonb)
      union all
      select x.no, 'changes', x.changes from jsonb_to_recordset(:asset_changes::jsonb) as x(no int, changes jsonb)) w
cross join lateral registers.classification_problems(:consultancy, :client_id::uuid, w.given) p
where w.given ?| array['classification', 'classification_level']
order by w.no

-- name: insertAsset
-- event: asset.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'asset', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.assets (consultancy_id, id, client_id, number, name, kind, description, owner_name, location, classification, classification_level,
                              confidentiality, integrity, availability, quantity, in_scope, end_of_life, status, group_name, department_id,
                              site_id, owner_person_id, custodian_name, personal_data, retention, note,
                              created_at, updated_at)
select :consultancy, :new_id, :client_id, 'A-' || lpad(n.value, greatest(4, length(n.value)), '0'), :name, coalesce(:kind, 'other'),
       :description, :owner_name, :location, c.label, c.level, :confidentiality::int, :integrity::int, :availability::int,
       coalesce(:quantity::int, 1), coalesce(:in_scope::boolean, true), :end_of_life::date, coalesce(:status, 'active'), :group_name,
       :department_id::uuid, :site_id::uuid, :owner_person_id::uuid, :custodian_name, coalesce(:personal_data::boolean, false), :retention,
       :note,
       :now, :now
from counted n
cross join lateral registers.classified(registers.classifications_of(:consultancy, :client_id::uuid),
                                        (select l.locale from tenants.clients l where l.consultancy_id = :consultancy and l.id = :client_id),
                                        :classification_level::int, :classification) c
returning id, client_id, number, name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name,
          personal_data, retention, note,
          version, created_at, updated_at

-- name: getAsset
select a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level, a.confidentiality,
       a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status,
       a.group_name, a.department_id, a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version,
       a.created_at, a.updated_at
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid

-- name: changeAsset
-- event: asset.changed
update registers.assets a
set (name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity, availability, quantity, in_scope,
     end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name, personal_data, retention, note) =
    (select p.name, p.kind, p.description, p.owner_name, p.location, c.label, c.level, p.confidentiality, p.integrity,
            p.availability, p.quantity, p.in_scope, p.end_of_life, p.status,
            p.group_name, p.department_id, p.site_id, p.owner_person_id, p.custodian_name, p.personal_data, p.retention, p.note
     from jsonb_populate_record(a, :body::jsonb) p
     cross join lateral registers.classified(
         registers.classifications_of(:consultancy, :client_id::uuid),
         (select l.locale from tenants.clients l where l.consultancy_id = :consultancy and l.id = :client_id),
         case when :body::jsonb ? 'classification' and not :body::jsonb ? 'classification_level' then null else p.classification_level end,
         case when :body::jsonb ? 'classification_level' and not :body::jsonb ? 'classification' then null else p.classification end) c),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name,
          personal_data, retention, note,
          version, created_at, updated_at

-- name: removeAsset
-- event: asset.deleted
delete from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name,
          personal_data, retention, note,
          version + 1 as version, created_at, updated_at

-- name: assetDeadlines
select a.client_id, 'asset:' || a.id || ':end_of_life' as source_key, 'asset_end_of_life' as kind,
       case when :operation = 'deleteAsset' or a.status = 'retired' then null else a.end_of_life end as raw_on,
       '資産の利用期限: ' || a.number || ' ' || a.name as title_ja, 'End of life of asset ' || a.number || ' ' || a.name as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', '[]'::jsonb, 'inputs', jsonb_build_object('asset_id', a.id, 'end_of_life', a.end_of_life),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid

-- ---------------------------------------------------------------- many at once

-- Every name of an asset type, and its code.
-- name: loadAssetKinds
select n.name, e.code
from registers.catalogue_entries e
cross join lateral (values (e.code), (e.title_ja), (e.title_en)) n(name)
where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'asset_types' and e.is_current

-- What a file may call a level, once the client has a scheme of its own; before, any text will do.
-- name: loadClassificationLabels
select w.word, e.l ->> 'number' as number, k.known
from registers.classification_schemes s
cross join lateral jsonb_array_elements(s.levels) as e(l)
cross join lateral (values (e.l ->> 'label_ja'), (e.l ->> 'label_en'), (lower(e.l ->> 'label_en')), (e.l ->> 'number')) w(word)
cross join lateral (select string_agg(x.l ->> 'label_ja' || ' / ' || (x.l ->> 'label_en'), ', ') as known
                    from jsonb_array_elements(s.levels) as x(l)) k
where s.consultancy_id = :consultancy and s.client_id = :client_id

-- name: requireClient
select c.id
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id::uuid

-- name: exportAssets
select a.number, a.name, a.kind, coalesce(k.title_ja, a.kind) as kind_ja, coalesce(k.title_en, a.kind) as kind_en, a.group_name,
       a.description, a.owner_name, a.custodian_name, d.name as department, t.name as site, a.location,
       coalesce(v.l ->> 'label_ja', a.classification) as classification_ja, coalesce(v.l ->> 'label_en', a.classification) as classification_en, a.classification_level,
       a.confidentiality, a.integrity, a.availability, a.quantity, a.personal_data, a.in_scope, a.retention, a.end_of_life, a.status, a.note
from registers.assets a
left join tenants.departments d on d.consultancy_id = a.consultancy_id and d.client_id = a.client_id and d.id = a.department_id
left join tenants.sites t on t.consultancy_id = a.consultancy_id and t.client_id = a.client_id and t.id = a.site_id
left join registers.catalogue_entries k on (k.consultancy_id = :consultancy or k.consultancy_id is null) and k.catalogue = 'asset_types'
                                       and k.code = a.kind and k.is_current
left join lateral jsonb_array_elements(registers.classifications_of(:consultancy, :client_id::uuid)) as v(l)
       on (v.l ->> 'number')::int = a.classification_level
where a.consultancy_id = :consultancy and a.client_id = :client_id
order by a.number, a.id

-- name: loadAssetNumbers
select a.number, a.id
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id

-- name: loadDepartmentNames
select d.name, d.id
from tenants.departments d
where d.consultancy_id = :consultancy and d.client_id = :client_id

-- name: loadSiteNames
select t.name, t.id
from tenants.sites t
where t.consultancy_id = :consultancy and t.client_id = :client_id

-- Numbers that a file brings along are kept, and the counter goes on behind the highest of them.
-- name: insertAssets
-- event: asset.created
with rows as materialized (
    select coalesce(w.id, gen_random_uuid()) as id, w.asset, w.asset->>'number' as number,
           row_number() over (partition by w.asset->>'number' is null order by w.no) as rank
    from jsonb_to_recordset(:asset_rows::jsonb) as w(no int, id uuid, asset jsonb)),
needed as (
    select count(*) filter (where r.number is null) as new,
           coalesce(max(substring(r.number from '^A-([0-9]{1,9})$')::bigint), 0) as highest
    from rows r),
counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    select :consultancy, :client_id, 'asset', n.highest + n.new from needed n
    on conflict (consultancy_id, client_id, name) do update
    set value = greatest(c.value, (select n.highest from needed n)) + (select n.new from needed n)
    returning c.value)
insert into registers.assets (consultancy_id, id, client_id, number, name, kind, description, owner_name, location, classification, classification_level,
                              confidentiality, integrity, availability, quantity, in_scope,
     end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name, personal_data, retention, note,
                              created_at, updated_at)
select :consultancy, r.id, :client_id,
       coalesce(r.number, 'A-' || lpad((c.value - d.new + r.rank)::text, greatest(4, length((c.value - d.new + r.rank)::text)), '0')),
       n.name, coalesce(n.kind, 'other'), n.description, n.owner_name, n.location, x.label, x.level, n.confidentiality, n.integrity,
       n.availability,
           coalesce(n.quantity, 1), coalesce(n.in_scope, true), n.end_of_life, coalesce(n.status, 'active'), n.group_name, n.department_id,
           n.site_id,
           n.owner_person_id, n.custodian_name, coalesce(n.personal_data, false), n.retention, n.note, :now, :now
from rows r
cross join counted c
cross join needed d
cross join lateral jsonb_populate_record(null::registers.assets, r.asset) n
cross join (select registers.classifications_of(:consultancy, :client_id::uuid) as levels,
                   (select l.locale from tenants.clients l where l.consultancy_id = :consultancy and l.id = :client_id) as locale) s
cross join lateral registers.classified(s.levels, s.locale, n.classification_level, n.classification) x
returning id, client_id, number, name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name,
          personal_data, retention, note,
          version, created_at, updated_at

-- A row that already says the same keeps its version.
-- name: changeAssets
-- event: asset.changed
update registers.assets a
set (name, kind, description, owner_name, location, classification, classification_level, confidentiality, integrity, availability, quantity, in_scope,
     end_of_life, status, group_name, department_id, site_id, owner_person_id, custodian_name, personal_data, retention, note) =
    (select n.name, coalesce(n.kind, 'other'), n.description, n.owner_name, n.location, n.classification, n.classification_level, n.confidentiality,
            n.integrity, n.availability,
           coalesce(n.quantity, 1), coalesce(n.in_scope, true), n.end_of_life, coalesce(n.status, 'active'), n.group_name, n.department_id,
           n.site_id,
           n.owner_person_id, n.custodian_name, coalesce(n.personal_data, false), n.retention, n.note),
    version = a.version + 1, updated_at = :now
from jsonb_to_recordset(:asset_changes::jsonb) as w(id uuid, version int, changes jsonb)
join registers.assets o on o.consultancy_id = :consultancy and o.client_id = :client_id and o.id = w.id
cross join (select registers.classifications_of(:consultancy, :client_id::uuid) as levels,
                   (select l.locale from tenants.clients l where l.consultancy_id = :consultancy and l.id = :client_id) as locale) s
cross join lateral jsonb_populate_record(o, w.changes - 'number') g
cross join lateral registers.classified(
    s.levels, s.locale, case when w.changes ? 'classification' and not w.changes ? 'classification_level' then null else g.classification_level end,
    case when w.changes ? 'classification_level' and not w.changes ? 'classification' then null else g.classification end) x
cross join lateral jsonb_populate_record(g, jsonb_build_object('classification', x.label, 'classification_level', x.level)) n
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = w.id and (w.version is null or a.version = w.version)
  and n is distinct from o
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level, a.confidentiality,
          a.integrity,
          a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id, a.site_id, a.owner_person_id,
          a.custodian_name, a.personal_data, a.retention, a.note,
          a.version, a.created_at, a.updated_at

-- What becomes of each item of a bulk request, in the order of the request.
-- name: judgeAssets
select w.no, w.id,
       case when w.what = 'created' then w.what when a.id is null then 'not_found'
            when w.version is not null and w.version <> a.version then 'version_mismatch'
            when w.what = 'deleted' and exists (select from registers.risks r
                                                where r.consultancy_id = a.consultancy_id and r.client_id = a.client_id and r.asset_id = a.id)
            then 'still_referenced' else w.what end as result
from (select x.no, x.id, null::int as version, 'created' as what from jsonb_to_recordset(:asset_rows::jsonb) as x(no int, id uuid)
      union all
      select x.no, x.id, x.version, 'updated' from jsonb_to_recordset(:asset_changes::jsonb) as x(no int, id uuid, version int)
      union all
      select x.no, x.id, x.version, 'deleted' from jsonb_to_recordset(:asset_removals::jsonb) as x(no int, id uuid, version int)) w
left join registers.assets a on a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = w.id
order by w.no

-- name: removeAssets
-- event: asset.deleted
delete from registers.assets a
using jsonb_to_recordset(:asset_removals::jsonb) as w(id uuid, version int)
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = w.id and (w.version is null or a.version = w.version)
  and not exists (select from registers.risks r
                  where r.consultancy_id = a.consultancy_id and r.client_id = a.client_id and r.asset_id = a.id)
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level, a.confidentiality,
          a.integrity,
          a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id, a.site_id, a.owner_person_id,
          a.custodian_name, a.personal_data, a.retention, a.note,
          a.version + 1 as version, a.created_at, a.updated_at

-- name: assetsDeadlines
select a.client_id, 'asset:' || a.id || ':end_of_life' as source_key, 'asset_end_of_life' as kind,
       case when a.status <> 'retired' then a.end_of_life end as raw_on,
       '資産の利用期限: ' || a.number || ' ' || a.name as title_ja, 'End of life of asset ' || a.number || ' ' || a.name as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', '[]'::jsonb, 'inputs', jsonb_build_object('asset_id', a.id, 'end_of_life', a.end_of_life),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and a.id in (select e::uuid from jsonb_array_elements_text(:asset_ids::jsonb) e)
union all
select :client_id::uuid, 'asset:' || x.id || ':end_of_life', 'asset_end_of_life', null, '-', '-', 'own', null, '{}', null
from jsonb_to_recordset(:asset_removals::jsonb) as x(id uuid)
where not exists (select from registers.assets a where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = x.id)
