-- A row that names several things that are not there is refused for the first of them; this finds the others, so that one answer names all. `violated`
-- is a foreign key of the table, `given` what the row was to hold. What the caller may not see is not there for him.
set local role meguri_owner;

create function platform.unknown_references(violated text, given jsonb) returns setof text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    present jsonb := given || jsonb_build_object('consultancy_id', app.consultancy());
    reference record;
    found boolean;
begin
    for reference in
        select c.conname, c.confrelid::regclass as target,
               string_agg(format('t.%I = %L', theirs.attname, present ->> own.attname), ' and ') as match
        from pg_constraint c
        cross join unnest(c.conkey, c.confkey) with ordinality as k (own, theirs, position)
        join pg_attribute own on own.attrelid = c.conrelid and own.attnum = k.own
        join pg_attribute theirs on theirs.attrelid = c.confrelid and theirs.attnum = k.theirs
        where c.contype = 'f' and c.conrelid in (select v.conrelid from pg_constraint v where v.contype = 'f' and v.conname = violated)
        group by c.oid
        having bool_and(present ->> own.attname is not null)
        order by max(c.conkey)
    loop
        execute format('select exists (select from %s t where %s)', reference.target, reference.match) into found;
        if not found then
            return next reference.conname;
        end if;
    end loop;
end $$;
grant execute on function platform.unknown_references(text, jsonb) to meguri_tenants, meguri_registers, meguri_scheduling, meguri_notifications;

reset role;
