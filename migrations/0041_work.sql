-- The two calls that every idle program makes again and again keep their plans: a function in SQL is planned at each call, which took most of its time.
-- What an operator paused is not claimed.
set local role meguri_owner;

create or replace function platform.claim_work(p_job text, p_holder text, p_lease_seconds int)
returns table (consultancy_id uuid, fence bigint) language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    update platform.work w
    set holder = p_holder, fence = w.fence + 1,
        lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where (w.job, w.consultancy_id) = (
        select due.job, due.consultancy_id from platform.work due
        join platform.consultancies c on c.id = due.consultancy_id and c.status = 'active'
        where due.job = p_job and due.due_at <= clock_timestamp()
          and (due.lease_until is null or due.lease_until < clock_timestamp())
          and not exists (select from platform.work_pauses p
                          where p.job = due.job and (p.consultancy_id is null or p.consultancy_id = due.consultancy_id))
        order by due.due_at limit 1 for update of due skip locked)
    returning w.consultancy_id, w.fence;
end $$;

create or replace function platform.finish_work(p_job text, p_consultancy uuid, p_holder text, p_fence bigint, p_next_due_seconds double precision)
returns boolean language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update platform.work w
    set holder = null, lease_until = null,
        due_at = clock_timestamp() + make_interval(secs => p_next_due_seconds)
    where w.job = p_job and w.consultancy_id = p_consultancy and w.holder = p_holder and w.fence = p_fence;
    return found;
end $$;

reset role;
