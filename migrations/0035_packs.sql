-- Baseline packs of a consultancy, their versions, and what each client took of them.
set local role meguri_owner;

create table registers.packs (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    code text,
    name text not null,
    industry text,
    size_from int,
    size_to int,
    description text,
    no int not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint packs_code_length check (length(code) between 1 and 60),
    constraint packs_name_length check (length(name) between 1 and 200),
    constraint packs_industry_length check (length(industry) between 1 and 100),
    constraint packs_size_from_range check (size_from between 1 and 1000000),
    constraint packs_size_to_order check (size_to >= size_from),
    constraint packs_description_length check (length(description) <= 4000)
);
comment on table registers.packs is 'tenant: baseline packs of the consultancy; no = the version that is current; code = the shipped pack it began as';
create index packs_created on registers.packs (consultancy_id, created_at, id);
call app.fence('registers.packs');
grant select, insert, update, delete on registers.packs to meguri_registers;

create table registers.pack_versions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    pack_id uuid not null,
    no int not null,
    items jsonb not null,
    note text,
    author_id uuid,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint pack_versions_no_key unique (consultancy_id, pack_id, no),
    constraint pack_versions_pack_fkey foreign key (consultancy_id, pack_id) references registers.packs (consultancy_id, id) on delete cascade,
    constraint pack_versions_items_list check (jsonb_typeof(items) = 'array'),
    constraint pack_versions_note_length check (length(note) <= 2000)
);
comment on table registers.pack_versions is 'tenant: the items of each version of a pack; never changed';
call app.fence('registers.pack_versions');
grant select, insert, delete on registers.pack_versions to meguri_registers;

create table registers.pack_copies (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    pack_id uuid not null,
    key text not null,
    kind text not null,
    object_id uuid not null,
    base jsonb not null,
    no int not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint pack_copies_key_key unique (consultancy_id, client_id, pack_id, key),
    constraint pack_copies_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint pack_copies_pack_fkey foreign key (consultancy_id, pack_id) references registers.packs (consultancy_id, id) on delete cascade
);
comment on table registers.pack_copies is 'tenant: which thing of a client came from which item of a pack; base = the content as taken, so that own changes show';
create index pack_copies_pack on registers.pack_copies (consultancy_id, pack_id);
call app.fence('registers.pack_copies', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.pack_copies to meguri_registers;

-- Ratings of an item on the client's scale: the highest step where they are above it.
create function registers.within_scale(content jsonb, k jsonb) returns jsonb language sql immutable parallel safe
as $$
    select content || coalesce((
        select jsonb_object_agg(m.key, least((m.value #>> '{}')::int, (k ->> case when m.key like '%impact' then 'impact_max' else 'likelihood_max' end)::int))
        from jsonb_each(content) m
        where m.key in ('impact', 'likelihood', 'inherent_impact', 'inherent_likelihood', 'residual_impact', 'residual_likelihood')
          and jsonb_typeof(m.value) = 'number'), '{}')
$$;
grant execute on function registers.within_scale(jsonb, jsonb) to meguri_registers;
