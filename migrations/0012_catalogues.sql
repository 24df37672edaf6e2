-- Catalogues: reference data in versions, what a consultancy adds to it, and what was decided about suggestions.
set local role meguri_owner;

create table registers.catalogues (
    catalogue text not null,
    version int not null,
    title_ja text not null,
    title_en text not null,
    description_ja text not null,
    description_en text not null,
    is_current boolean not null,
    sha256 text not null,
    loaded_at timestamptz not null,
    primary key (catalogue, version)
);
comment on table registers.catalogues is 'reference: published versions of each catalogue; the highest is current, older ones stay readable';
grant select on registers.catalogues to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

create table registers.catalogue_items (
    catalogue text not null,
    version int not null,
    code text not null,
    position int not null,
    title_ja text not null,
    title_en text not null,
    text_ja text not null,
    text_en text not null,
    clause text,
    theme text,
    asset_types text[] not null,
    threats text[] not null,
    controls text[] not null,
    details jsonb not null,
    primary key (catalogue, version, code),
    foreign key (catalogue, version) references registers.catalogues
);
comment on table registers.catalogue_items is 'reference: items of each version of a catalogue';
grant select on registers.catalogue_items to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

create table registers.catalogue_extensions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    catalogue text not null,
    code text not null,
    title_ja text not null,
    title_en text not null,
    text_ja text not null,
    text_en text not null,
    clause text,
    theme text,
    asset_types jsonb not null default '[]',
    threats jsonb not null default '[]',
    controls jsonb not null default '[]',
    vulnerability_ja text,
    vulnerability_en text,
    affects jsonb not null default '[]',
    impact int,
    likelihood int,
    option text,
    effort text,
    confidentiality int,
    integrity int,
    availability int,
    answer_type text,
    good_answer text,
    weight int,
    questions jsonb not null default '[]',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint catalogue_extensions_code_key unique (consultancy_id, catalogue, code),
    constraint catalogue_extensions_code_shape check (code ~ '^x_[a-z0-9_]{1,37}$'),
    constraint catalogue_extensions_title_ja_length check (length(title_ja) between 1 and 200),
    constraint catalogue_extensions_title_en_length check (length(title_en) between 1 and 200),
    constraint catalogue_extensions_text_ja_length check (length(text_ja) between 1 and 2000),
    constraint catalogue_extensions_text_en_length check (length(text_en) between 1 and 2000),
    constraint catalogue_extensions_clause_length check (length(clause) between 1 and 20),
    constraint catalogue_extensions_theme_length check (length(theme) between 1 and 40),
    constraint catalogue_extensions_vulnerability_ja_length check (length(vulnerability_ja) between 1 and 500),
    constraint catalogue_extensions_vulnerability_en_length check (length(vulnerability_en) between 1 and 500),
    constraint catalogue_extensions_impact_range check (impact between 1 and 5),
    constraint catalogue_extensions_likelihood_range check (likelihood between 1 and 5),
    constraint catalogue_extensions_option_known check (option in ('mitigate', 'avoid', 'share', 'accept')),
    constraint catalogue_extensions_effort_known check (effort in ('low', 'medium', 'high')),
    constraint catalogue_extensions_confidentiality_range check (confidentiality between 1 and 5),
    constraint catalogue_extensions_integrity_range check (integrity between 1 and 5),
    constraint catalogue_extensions_availability_range check (availability between 1 and 5),
    constraint catalogue_extensions_answer_type_known check (answer_type in ('degree', 'yes_no')),
    constraint catalogue_extensions_good_answer_known check (good_answer in ('yes', 'no')),
    constraint catalogue_extensions_weight_range check (weight between 1 and 5),
    constraint catalogue_extensions_asset_types_array check (jsonb_typeof(asset_types) = 'array'),
    constraint catalogue_extensions_threats_array check (jsonb_typeof(threats) = 'array'),
    constraint catalogue_extensions_controls_array check (jsonb_typeof(controls) = 'array'),
    constraint catalogue_extensions_affects_array check (jsonb_typeof(affects) = 'array'),
    constraint catalogue_extensions_questions_array check (jsonb_typeof(questions) = 'array')
);
comment on table registers.catalogue_extensions is 'tenant: items that a consultancy adds to the catalogues; its clients read them';
create index catalogue_extensions_created on registers.catalogue_extensions (consultancy_id, created_at, id);
call app.fence('registers.catalogue_extensions');
grant select, insert, update, delete on registers.catalogue_extensions to meguri_registers;
grant select on registers.catalogue_extensions to meguri_tenants, meguri_scheduling, meguri_notifications;

-- Published items of every version and the consultancy's own in one shape. Its own have no version of a catalogue and are always current.
create view registers.catalogue_entries with (security_invoker = true) as
select null::uuid as consultancy_id, md5(i.catalogue || ':' || i.version || ':' || i.code)::uuid as id, i.catalogue,
       i.version as catalogue_version, 'standard' as origin, null::uuid as extension_id, c.is_current, i.code, i.position, i.title_ja,
       i.title_en, i.text_ja, i.text_en, i.clause, i.theme, i.asset_types, i.threats, i.controls, i.details
from registers.catalogue_items i
join registers.catalogues c on c.catalogue = i.catalogue and c.version = i.version
union all
select x.consultancy_id, x.id, x.catalogue, null, 'consultancy', x.id, true, x.code, 1000000, x.title_ja, x.title_en, x.text_ja, x.text_en,
       x.clause, x.theme, array(select jsonb_array_elements_text(x.asset_types)), array(select jsonb_array_elements_text(x.threats)),
       array(select jsonb_array_elements_text(x.controls)),
       jsonb_strip_nulls(jsonb_build_object(
           'vulnerability_ja', x.vulnerability_ja, 'vulnerability_en', x.vulnerability_en,
           'affects', case when x.affects <> '[]' then x.affects end, 'impact', x.impact, 'likelihood', x.likelihood, 'option', x.option,
           'effort', x.effort, 'confidentiality', x.confidentiality, 'integrity', x.integrity, 'availability', x.availability,
           'answer_type', x.answer_type, 'good_answer', x.good_answer, 'weight', x.weight,
           'questions', case when x.questions <> '[]' then x.questions end))
from registers.catalogue_extensions x;
comment on view registers.catalogue_entries is 'items of all catalogues, published and own';
grant select on registers.catalogue_entries to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

-- One file of services/registers/catalogues. What has a column of its own leaves details.
create function registers.load_catalogue(document text, digest text) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    d jsonb := document;
    known text;
begin
    select c.sha256 into known from registers.catalogues c
    where c.catalogue = d->>'catalogue' and c.version = (d->>'version')::int;
    if known = digest then
        return false;
    elsif known is not null then
        raise exception 'version % of the catalogue % was published with other content; what changed needs the next version',
            d->>'version', d->>'catalogue';
    end if;
    insert into registers.catalogues (catalogue, version, title_ja, title_en, description_ja, description_en, is_current, sha256, loaded_at)
    values (d->>'catalogue', (d->>'version')::int, d->>'title_ja', d->>'title_en', d->>'description_ja', d->>'description_en', false,
            digest, clock_timestamp());
    insert into registers.catalogue_items (catalogue, version, code, position, title_ja, title_en, text_ja, text_en, clause, theme,
                                           asset_types, threats, controls, details)
    select d->>'catalogue', (d->>'version')::int, i->>'code', n, i->>'title_ja', i->>'title_en', i->>'text_ja', i->>'text_en',
           i->>'clause', i->>'theme',
           array(select jsonb_array_elements_text(i->'asset_types')), array(select jsonb_array_elements_text(i->'threats')),
           array(select jsonb_array_elements_text(i->'controls')),
           i - '{code,title_ja,title_en,text_ja,text_en,clause,theme,asset_types,threats,controls}'::text[]
    from jsonb_array_elements(d->'items') with ordinality as e(i, n);
    update registers.catalogues c
    set is_current = c.version = (select max(o.version) from registers.catalogues o where o.catalogue = c.catalogue)
    where c.catalogue = d->>'catalogue';
    return true;
end $$;

reset role;
