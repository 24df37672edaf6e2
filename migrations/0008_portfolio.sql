-- The portfolio: what the gates say of each client, kept beside the plan it was derived from, and the fence of assigned consultants made cheap.
set local role meguri_owner;

-- Is the consultant assigned to the client? The first call of a transaction writes down all his clients behind who he is, the others look there.
-- The look itself stands in app.sees_client, where the planner can inline it: a plpgsql call per row cost ten times as much.
create or replace function app.is_assigned(client uuid) returns boolean language plpgsql stable strict cost 10
as $$
declare
    who text := concat(current_setting('app.consultancy', true), ' ', current_setting('app.member', true), ':');
    known text := current_setting('app.assigned', true);
    reach text;
begin
    if not coalesce(starts_with(known, who), false) then
        reach := app.reach();
        perform set_config('app.reach', 'own', true);
        known := who || coalesce((select string_agg(',' || a.client_id::text, '') from tenants.assignments a
                                  where a.consultancy_id = app.consultancy() and a.member_id = app.member()), '');
        perform set_config('app.reach', reach, true), set_config('app.assigned', known, true);
    end if;
    return strpos(known, ',' || client::text) > 0;
end $$;

create or replace function app.sees_client(client uuid) returns boolean language sql stable
as $$ select case app.reach() when 'all' then true when 'job' then true when 'client' then client = app.client()
                              when 'assigned' then case when starts_with(current_setting('app.assigned', true),
                                  current_setting('app.consultancy', true) || ' ' || current_setting('app.member', true) || ':')
                                  then strpos(current_setting('app.assigned', true), ',' || client::text) > 0
                                  else app.is_assigned(client) end
                              else false end $$;

create table scheduling.portfolio_rows (
    consultancy_id uuid not null references platform.consultancies,
    client_id uuid not null,
    certification_id uuid not null,
    scheme text not null,
    state text not null,
    body_id uuid,
    expiry_date date,
    gate text,
    gate_wanted int not null default 0,
    gate_done int not null default 0,
    gate_blocked_on date,
    next_audit_id uuid,
    next_audit_kind text,
    next_audit_status text,
    next_audit_on date,
    window_start date,
    window_end date,
    open_majors int not null default 0,
    open_minors int not null default 0,
    red_on date,
    amber_on date,
    notice_on date,
    reasons jsonb not null default '[]',
    certifications jsonb not null default '[]',
    schemes text[] not null default '{}',
    states text[] not null default '{}',
    body_ids uuid[] not null default '{}',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, client_id),
    constraint portfolio_rows_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id) on delete cascade
);
comment on table scheduling.portfolio_rows is
    'tenant: one row per client with certifications, written with its plan; red_on, amber_on, notice_on = first day of that colour unless '
    'something changes, so that every reading judges by its own day; the columns before open_majors are those of the leading certification';
call app.fence('scheduling.portfolio_rows', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.portfolio_rows to meguri_scheduling;

create index deadlines_open_hard on scheduling.deadlines (consultancy_id, client_id, due_on)
    where status = 'open' and hardness = 'hard';
create index deadlines_open_other on scheduling.deadlines (consultancy_id, client_id, due_on)
    where status = 'open' and hardness <> 'hard';

-- One row per client on a day. Deadlines are read as they are; the planner inlines this, so a column that nobody asks for costs nothing.
create function scheduling.portfolio(today date) returns table (
    consultancy_id uuid, client_id uuid, client_code text, client_name text, client_status text, certification_id uuid, scheme text,
    state text, state_place int, body_id uuid, gate text, gate_status text, readiness_pct int, next_audit_id uuid, next_audit_kind text,
    next_audit_status text, next_audit_booked boolean, next_audit_on date, window_start date, window_end date, hard_due_on date,
    other_due_on date, overdue_hard int, overdue_other int, open_majors int, open_minors int, expiry_date date, colour text,
    colour_place int, reasons jsonb, certifications jsonb, schemes text[], states text[], body_ids uuid[], consultants text)
language sql stable
as $$
    select n.consultancy_id, n.id, n.code, n.name, n.status, p.certification_id, p.scheme, p.state,
           coalesce(array_position('{preparing,stage1_done,stage2_done,recommended,certified,suspended,expired,withdrawn}', p.state), 0),
           p.body_id, p.gate,
           case when p.gate is null then null when p.gate_blocked_on <= today then 'blocked' when p.gate_done = p.gate_wanted then 'pass'
                else 'not_yet' end,
           case when p.gate is null then null when p.gate_wanted = 0 then 100 else p.gate_done * 100 / p.gate_wanted end,
           p.next_audit_id, p.next_audit_kind, p.next_audit_status, p.next_audit_status in ('requested', 'tentative', 'confirmed'),
           p.next_audit_on, p.window_start, p.window_end, h.due_on,
           (select min(d.due_on) from scheduling.deadlines d
            where d.consultancy_id = n.consultancy_id and d.client_id = n.id and d.status = 'open' and d.hardness <> 'hard'),
           h.overdue::int,
           (select count(*) from scheduling.deadlines d
            where d.consultancy_id = n.consultancy_id and d.client_id = n.id and d.status = 'open' and d.hardness <> 'hard'
              and d.due_on < today)::int,
           coalesce(p.open_majors, 0), coalesce(p.open_minors, 0), p.expiry_date,
           case when p.red_on <= today or h.overdue > 0 then 'red' when p.amber_on <= today then 'amber'
                when p.notice_on <= today then 'notice' else 'green' end,
           case when p.red_on <= today or h.overdue > 0 then 3 when p.amber_on <= today then 2 when p.notice_on <= today then 1 else 0 end,
           p.reasons, p.certifications, p.schemes, p.states, p.body_ids,
           (select string_agg(lower(m.name), ' ' order by a.is_lead desc, lower(m.name), m.id)
            from tenants.assignments a
            join tenants.members m on m.consultancy_id = a.consultancy_id and m.id = a.member_id and m.status <> 'removed'
            where a.consultancy_id = n.consultancy_id and a.client_id = n.id)
    from tenants.clients n
    left join scheduling.portfolio_rows p on p.consultancy_id = n.consultancy_id and p.client_id = n.id
    left join lateral (
        select min(d.due_on) as due_on, count(*) filter (where d.due_on < today) as overdue from scheduling.deadlines d
        where d.consultancy_id = n.consultancy_id and d.client_id = n.id and d.status = 'open' and d.hardness = 'hard') h on true
    where n.consultancy_id = app.consultancy()
$$;
grant execute on function scheduling.portfolio(date) to meguri_scheduling;

reset role;
