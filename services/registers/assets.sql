-- name: listAssets
-- key: a.id
-- sort: created_at a.created_at timestamptz
-- sort: name lower(a.name) text
select a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.confidentiality,
       a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.version, a.created_at, a.updated_at{key}
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id
  and (:kind::text is null or a.kind = :kind)
  and (:status::text is null or a.status = :status)
  and (:in_scope::boolean is null or a.in_scope = :in_scope)
{page}

-- The kind is an asset type of the catalogue, in any version, or the consultancy's own.
-- name: assetProblems
select '/kind' as pointer, 'unknown_value' as code, null as limit, null as detail_en, null as detail_ja
where :kind::text is not null
  and not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'asset_types' and e.code = :kind)

-- name: insertAsset
-- event: asset.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'asset', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.assets (consultancy_id, id, client_id, number, name, kind, description, owner_name, location, classification,
                              confidentiality, integrity, availability, quantity, in_scope, end_of_life, status, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'A-' || lpad(n.value, greatest(4, length(n.value)), '0'), :name, coalesce(:kind, 'other'),
       :description, :owner_name, :location, :classification, :confidentiality::int, :integrity::int, :availability::int,
       coalesce(:quantity::int, 1), coalesce(:in_scope::boolean, true), :end_of_life::date, coalesce(:status, 'active'), :now, :now
from counted n
returning id, client_id, number, name, kind, description, owner_name, location, classification, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, version, created_at, updated_at

-- name: getAsset
select a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.confidentiality,
       a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.version, a.created_at, a.updated_at
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid

-- name: changeAsset
-- event: asset.changed
update registers.assets a
set (name, kind, description, owner_name, location, classification, confidentiality, integrity, availability, quantity, in_scope,
     end_of_life, status) =
    (select p.name, p.kind, p.description, p.owner_name, p.location, p.classification, p.confidentiality, p.integrity,
            p.availability, p.quantity, p.in_scope, p.end_of_life, p.status
     from jsonb_populate_record(a, :body::jsonb) p),
    version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, name, kind, description, owner_name, location, classification, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, version, created_at, updated_at

-- name: removeAsset
-- event: asset.deleted
delete from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :asset_id::uuid
  and (:if_match::int is null or a.version = :if_match::int)
returning id, client_id, number, name, kind, description, owner_name, location, classification, confidentiality, integrity,
          availability, quantity, in_scope, end_of_life, status, version + 1 as version, created_at, updated_at

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
