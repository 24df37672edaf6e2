-- Groups of assets: the names that assets of a client have in common.

-- name: listAssetGroups
-- key: g.id
-- sort: name g.name text
-- sort: assets (lpad(g.assets::text, 9, '0') || ' ' || g.name) text
select g.id, g.client_id, g.name, g.assets, g.active, g.in_scope, g.kinds, g.version{key}
from (select md5(a.client_id || a.group_name)::uuid as id, a.client_id, a.group_name as name, count(*)::int as assets,
             (count(*) filter (where a.status = 'active'))::int as active,
             (count(*) filter (where a.status = 'active' and a.in_scope))::int as in_scope, jsonb_agg(distinct a.kind) as kinds,
             ('x' || left(md5(string_agg(a.id || '.' || a.version, ' ' order by a.id)), 7))::bit(28)::int as version
      from registers.assets a
      where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
      group by a.client_id, a.group_name) g
where true
{page}

-- name: getAssetGroup
select md5(a.client_id || a.group_name)::uuid as id, a.client_id, a.group_name as name, count(*)::int as assets,
       (count(*) filter (where a.status = 'active'))::int as active,
       (count(*) filter (where a.status = 'active' and a.in_scope))::int as in_scope, jsonb_agg(distinct a.kind) as kinds,
       ('x' || left(md5(string_agg(a.id || '.' || a.version, ' ' order by a.id)), 7))::bit(28)::int as version
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
  and md5(a.client_id || a.group_name)::uuid = :group_id::uuid
group by a.client_id, a.group_name

-- name: matchAssetGroup
-- no-event: compares the version and changes nothing
select g.version
from (select ('x' || left(md5(string_agg(a.id || '.' || a.version, ' ' order by a.id)), 7))::bit(28)::int as version
      from registers.assets a
      where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
        and md5(a.client_id || a.group_name)::uuid = :group_id::uuid
      having count(*) > 0) g
where :if_match::int is null or g.version = :if_match::int

-- name: renameGroupOfAssets
-- event: asset.changed
update registers.assets a
set group_name = :name, version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
  and md5(a.client_id || a.group_name)::uuid = :group_id::uuid and a.group_name <> :name
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level,
          a.confidentiality, a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id,
          a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version, a.created_at, a.updated_at

-- name: renamedAssetGroup
select md5(a.client_id || a.group_name)::uuid as id, a.client_id, a.group_name as name, count(*)::int as assets,
       (count(*) filter (where a.status = 'active'))::int as active,
       (count(*) filter (where a.status = 'active' and a.in_scope))::int as in_scope, jsonb_agg(distinct a.kind) as kinds,
       ('x' || left(md5(string_agg(a.id || '.' || a.version, ' ' order by a.id)), 7))::bit(28)::int as version
from registers.assets a
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
  and case when :name::text is null then md5(a.client_id || a.group_name)::uuid = :group_id::uuid else a.group_name = :name end
group by a.client_id, a.group_name

-- name: emptyAssetGroup
-- event: asset.changed
update registers.assets a
set group_name = null, version = a.version + 1, updated_at = :now
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.group_name is not null
  and md5(a.client_id || a.group_name)::uuid = :group_id::uuid
returning a.id, a.client_id, a.number, a.name, a.kind, a.description, a.owner_name, a.location, a.classification, a.classification_level,
          a.confidentiality, a.integrity, a.availability, a.quantity, a.in_scope, a.end_of_life, a.status, a.group_name, a.department_id,
          a.site_id, a.owner_person_id, a.custodian_name, a.personal_data, a.retention, a.note, a.version, a.created_at, a.updated_at
