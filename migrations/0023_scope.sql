-- The scope as versions, the approval of changes, the places that show a certification mark, and what one audit hands to the next.
set local role meguri_owner;

-- ---------------------------------------------------------------- scope
create table tenants.scope_versions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    number int not null,
    status text not null default 'draft',
    statement_ja text,
    statement_en text,
    sites jsonb,
    departments jsonb,
    staff_kinds jsonb,
    exclusions jsonb not null default '[]',
    boundaries jsonb not null default '{}',
    headcount int,
    effective_on date,
    approved_on date,
    approved_by uuid,
    superseded_on date,
    activated_at timestamptz,
    change_id uuid,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint scope_versions_client_id_key unique (consultancy_id, client_id, id),
    constraint scope_versions_number_key unique (consultancy_id, client_id, number),
    constraint scope_versions_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint scope_versions_status_known check (status in ('draft', 'approved', 'active', 'superseded', 'discarded')),
    constraint scope_versions_effective_on_given check (status in ('draft', 'discarded') or effective_on is not null),
    constraint scope_versions_statement_ja_length check (length(statement_ja) between 1 and 4000),
    constraint scope_versions_statement_en_length check (length(statement_en) between 1 and 4000),
    constraint scope_versions_sites_list check (jsonb_typeof(sites) = 'array'),
    constraint scope_versions_departments_list check (jsonb_typeof(departments) = 'array'),
    constraint scope_versions_staff_kinds_list check (jsonb_typeof(staff_kinds) = 'array'),
    constraint scope_versions_exclusions_list check (jsonb_typeof(exclusions) = 'array'),
    constraint scope_versions_boundaries_object check (jsonb_typeof(boundaries) = 'object'),
    constraint scope_versions_headcount_range check (headcount between 1 and 10000000),
    constraint scope_versions_note_length check (length(note) <= 4000)
);
comment on table tenants.scope_versions is
    'tenant: what a client''s management system covers, version by version; sites, departments and staff_kinds null = all; a draft names sites '
    'and departments by id, what took effect keeps them as they were; change_id = the change whose approval made it';
create index scope_versions_by_date on tenants.scope_versions (consultancy_id, client_id, effective_on, number);
call app.fence('tenants.scope_versions', 'app.sees_client(client_id)');
grant select, insert, update, delete on tenants.scope_versions to meguri_tenants;
grant select, insert, update on tenants.scope_versions to meguri_scheduling;
grant select on tenants.scope_versions to meguri_registers, meguri_notifications;

-- The sites of a version as they are or will be: what took effect keeps its own words, before that the client's sites under the version's changes.
create function tenants.scope_sites(v tenants.scope_versions) returns jsonb language sql stable
as $$
    select case when v.sites is null or v.activated_at is not null then v.sites
        else coalesce((select jsonb_agg(jsonb_build_object(
                'site_id', s.id, 'name', s.name, 'kind', s.kind, 'address', coalesce(g.item ->> 'address', s.address),
                'headcount', coalesce((g.item ->> 'headcount')::int, s.headcount), 'is_central_function', s.is_central_function)
                order by g.place)
            from jsonb_array_elements(v.sites) with ordinality as g (item, place)
            join tenants.sites s on s.consultancy_id = v.consultancy_id and s.client_id = v.client_id
                                and s.id = (g.item ->> 'site_id')::uuid), '[]') end
$$;

create function tenants.scope_departments(v tenants.scope_versions) returns jsonb language sql stable
as $$
    select case when v.departments is null or v.activated_at is not null then v.departments
        else coalesce((select jsonb_agg(jsonb_build_object(
                'department_id', d.id, 'name', d.name, 'headcount', coalesce((g.item ->> 'headcount')::int, d.headcount)) order by g.place)
            from jsonb_array_elements(v.departments) with ordinality as g (item, place)
            join tenants.departments d on d.consultancy_id = v.consultancy_id and d.client_id = v.client_id
                                      and d.id = (g.item ->> 'department_id')::uuid), '[]') end
$$;

-- What comes into a list, goes out of it or changes, by the member `key` (by the whole item where it has no such member). Nothing when one side
-- is no list.
create function tenants.list_difference(old jsonb, new jsonb, key text) returns jsonb language sql immutable
as $$
    select jsonb_build_object(
        'added', coalesce(jsonb_agg(n.item order by n.place) filter (where o.item is null), '[]'),
        'removed', coalesce(jsonb_agg(o.item order by o.place) filter (where n.item is null), '[]'),
        'changed', coalesce(jsonb_agg(jsonb_build_object('before', o.item, 'after', n.item) order by n.place)
                            filter (where o.item <> n.item), '[]'))
    from jsonb_array_elements(case when jsonb_typeof(old) = 'array' and jsonb_typeof(new) = 'array' then old else '[]' end)
         with ordinality as o (item, place)
    full join jsonb_array_elements(case when jsonb_typeof(old) = 'array' and jsonb_typeof(new) = 'array' then new else '[]' end)
         with ordinality as n (item, place)
         on coalesce(o.item ->> key, o.item::text) = coalesce(n.item ->> key, n.item::text)
$$;

grant execute on function tenants.scope_sites(tenants.scope_versions), tenants.scope_departments(tenants.scope_versions)
to meguri_tenants, meguri_scheduling;
grant execute on function tenants.list_difference(jsonb, jsonb, text) to meguri_tenants;

-- ---------------------------------------------------------------- changes
-- The advice is computed whenever it is read, so that it can not be older than the facts under it.
alter table scheduling.changes
    drop column advice,
    add column department_id uuid,
    add column new_address text,
    add column persons_before int,
    add column persons_after int,
    add column notified_on date,
    add column approved_on date,
    add column approved_variant text,
    add column accepted_on date,
    add column reissued_on date,
    add column scope_version_id uuid,
    add column scope_effective text,
    add constraint changes_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    add constraint changes_scope_version_fkey foreign key (consultancy_id, client_id, scope_version_id)
        references tenants.scope_versions (consultancy_id, client_id, id),
    add constraint changes_new_address_length check (length(new_address) between 1 and 500),
    add constraint changes_persons_before_range check (persons_before between 1 and 10000000),
    add constraint changes_persons_after_range check (persons_after between 1 and 10000000),
    add constraint changes_approved_variant_known check
        (approved_variant in ('paper_notice', 'merge_with_next_audit', 'pull_forward', 'change_audit', 'repeat_stage1')),
    add constraint changes_scope_effective_known check (scope_effective in ('change_date', 'acceptance'));
comment on table scheduling.changes is
    'tenant: relocations and other changes that the certification body must hear of, from the first word to the reissued certificate';
update scheduling.changes set notified_on = (updated_at at time zone 'Asia/Tokyo')::date where status in ('notified', 'done');

create table scheduling.change_audits (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    change_id uuid not null,
    certification_id uuid not null,
    audit_id uuid not null,
    variant text not null,
    made boolean not null,
    not_before date,
    due_by date,
    extra_days numeric,
    cost jsonb,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint change_audits_audit_id_key unique (consultancy_id, change_id, certification_id, audit_id),
    constraint change_audits_change_fkey foreign key (consultancy_id, client_id, change_id)
        references scheduling.changes (consultancy_id, client_id, id),
    constraint change_audits_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint change_audits_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id)
);
comment on table scheduling.change_audits is
    'tenant: which audit looks at an approved change of which certification; made = the approval made the audit, otherwise it was there';
create index change_audits_audit on scheduling.change_audits (consultancy_id, client_id, audit_id);
call app.fence('scheduling.change_audits', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.change_audits to meguri_scheduling;

-- ---------------------------------------------------------------- where the mark is shown
create table scheduling.mark_uses (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid,
    place text not null,
    description text not null,
    mark text not null default 'body_mark',
    site_id uuid,
    department_id uuid,
    staff_kind text,
    since date,
    removed_on date,
    url text,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint mark_uses_client_id_key unique (consultancy_id, client_id, id),
    constraint mark_uses_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint mark_uses_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint mark_uses_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id),
    constraint mark_uses_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint mark_uses_place_known check
        (place in ('website', 'business_card', 'email_signature', 'brochure', 'proposal', 'advertisement', 'recruitment', 'signboard',
                   'vehicle', 'social_media', 'product', 'packaging', 'test_report', 'other')),
    constraint mark_uses_mark_known check (mark in ('body_mark', 'body_mark_and_accreditation_symbol', 'accreditation_symbol', 'text_claim')),
    constraint mark_uses_staff_kind_known check (staff_kind in ('employee', 'contractor', 'dispatched', 'part_time', 'external')),
    constraint mark_uses_description_length check (length(description) between 1 and 500),
    constraint mark_uses_url_length check (length(url) between 1 and 2000),
    constraint mark_uses_note_length check (length(note) <= 4000),
    constraint mark_uses_removed_on_order check (removed_on >= since)
);
comment on table scheduling.mark_uses is 'tenant: the places where a client shows a mark or says that it is certified';
create index mark_uses_created on scheduling.mark_uses (consultancy_id, client_id, created_at, id);
call app.fence('scheduling.mark_uses', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.mark_uses to meguri_scheduling;
grant select on scheduling.mark_uses to meguri_registers, meguri_notifications;

-- ---------------------------------------------------------------- from one audit to the next
create table scheduling.carry_forwards (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    certification_id uuid not null,
    audit_id uuid not null,
    cycle_no int not null,
    frozen_on date not null,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint carry_forwards_client_id_key unique (consultancy_id, client_id, id),
    constraint carry_forwards_audit_id_key unique (consultancy_id, certification_id, audit_id),
    constraint carry_forwards_certification_fkey foreign key (consultancy_id, client_id, certification_id)
        references scheduling.certifications (consultancy_id, client_id, id),
    constraint carry_forwards_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    constraint carry_forwards_note_length check (length(note) <= 4000)
);
comment on table scheduling.carry_forwards is 'tenant: the state of a management system frozen at an audit, for the next one to start from';
create index carry_forwards_certification on scheduling.carry_forwards (consultancy_id, client_id, certification_id, frozen_on);
call app.fence('scheduling.carry_forwards', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.carry_forwards to meguri_scheduling;

create table scheduling.carried_items (
    consultancy_id uuid not null references platform.consultancies,
    client_id uuid not null,
    carry_forward_id uuid not null,
    entity text not null,
    entity_id uuid not null,
    label text not null,
    content jsonb not null,
    content_hash text not null,
    primary key (consultancy_id, carry_forward_id, entity, entity_id),
    constraint carried_items_carry_forward_fkey foreign key (consultancy_id, client_id, carry_forward_id)
        references scheduling.carry_forwards (consultancy_id, client_id, id) on delete cascade
);
comment on table scheduling.carried_items is 'tenant: one thing as it stood at an audit; content_hash = MD5 of content, so that a change shows';
call app.fence('scheduling.carried_items', 'app.sees_client(client_id)');
grant select, insert, delete on scheduling.carried_items to meguri_scheduling;

create table scheduling.carried_reviews (
    consultancy_id uuid not null references platform.consultancies,
    client_id uuid not null,
    carry_forward_id uuid not null,
    entity text not null,
    entity_id uuid not null,
    content_hash text not null,
    note text,
    reviewed_on date not null,
    reviewed_by uuid,
    primary key (consultancy_id, carry_forward_id, entity, entity_id),
    constraint carried_reviews_carry_forward_fkey foreign key (consultancy_id, client_id, carry_forward_id)
        references scheduling.carry_forwards (consultancy_id, client_id, id) on delete cascade,
    constraint carried_reviews_note_length check (length(note) <= 4000)
);
comment on table scheduling.carried_reviews is
    'tenant: who looked at a carried item for the new cycle; it counts for the content that was looked at, told by its hash';
call app.fence('scheduling.carried_reviews', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.carried_reviews to meguri_scheduling;

grant usage on schema registers to meguri_scheduling;
grant select on registers.assets, registers.risks to meguri_scheduling;

reset role;
