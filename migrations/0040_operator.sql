-- What an operator asks of the work in the background, and sealing anew.
set local role meguri_owner;

create function platform.inspect_work()
returns table (job text, consultancies bigint, due bigint, running bigint, lag_seconds double precision)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    select w.job, count(*), count(*) filter (where w.due_at <= clock_timestamp()), count(*) filter (where w.lease_until > clock_timestamp()),
           coalesce(extract(epoch from clock_timestamp() - min(w.due_at) filter (where w.due_at <= clock_timestamp()))::float8, 0)
    from platform.work w
    join platform.consultancies c on c.id = w.consultancy_id and c.status = 'active'
    group by w.job
    order by w.job
$$;

create function platform.list_pauses() returns table (job text, consultancy_id uuid, reason text, since timestamptz)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    select p.job, p.consultancy_id, p.reason, p.since from platform.work_pauses p order by p.since, p.job
$$;

-- False: there is no such consultancy.
create function platform.pause_work(p_job text, p_consultancy uuid, p_reason text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if p_consultancy is not null and not exists (select from platform.consultancies c where c.id = p_consultancy) then
        return false;
    end if;
    insert into platform.work_pauses (job, consultancy_id, reason, since)
    values (p_job, p_consultancy, p_reason, clock_timestamp())
    on conflict (job, consultancy_id) do update set reason = excluded.reason;
    return true;
end $$;

-- False: it was not paused.
create function platform.resume_work(p_job text, p_consultancy uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    delete from platform.work_pauses p where p.job = p_job and p.consultancy_id is not distinct from p_consultancy;
    return found;
end $$;

-- All keys with their sealed halves, and one of them sealed anew.
create function auth.list_sealed_keys() returns table (kid text, private_sealed text)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    select k.kid, k.private_sealed from platform.signing_keys k order by k.kid
$$;

create function auth.reseal_key(p_kid text, p_before text, p_after text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update platform.signing_keys k set private_sealed = p_after where k.kid = p_kid and k.private_sealed = p_before;
    return found;
end $$;

grant execute on function platform.inspect_work(), platform.list_pauses(), platform.pause_work(text, uuid, text), platform.resume_work(text, uuid)
to meguri_notifications;
grant execute on function auth.list_sealed_keys(), auth.reseal_key(text, text, text) to meguri_tenants;

reset role;
