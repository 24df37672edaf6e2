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
    shown_on date not null,
    shown_reasons json not null default '[]',
    shown_certifications json not null default '[]',
    changes_on date,
    schemes text[] not null default '{}',
    states text[] not null default '{}',
    body_ids uuid[] not null default '{}',
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, client_id),
    constraint portfolio_rows_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id)
);
comment on table scheduling.portfolio_rows is
    'tenant: one row per client with certifications, written with its plan; red_on, amber_on, notice_on = first day of that colour unless '
    'something changes, so that every reading judges by its own day; shown_* = what a reading from shown_on until before changes_on shows';
call app.fence('scheduling.portfolio_rows', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.portfolio_rows to meguri_scheduling;

create index deadlines_open_hard on scheduling.deadlines (consultancy_id, client_id, due_on, id)
    where status = 'open' and hardness = 'hard';
create index deadlines_open_hard_by_date on scheduling.deadlines (consultancy_id, due_on, client_id)
    where status = 'open' and hardness = 'hard';
create index deadlines_open_other on scheduling.deadlines (consultancy_id, client_id, due_on, id)
    where status = 'open' and hardness <> 'hard';

-- What of a row is true on a day.
create function scheduling.portfolio_reasons(reasons jsonb, today date) returns json language sql stable
as $$ select coalesce(jsonb_agg(r - '{until}'::text[] order by n), '[]')::json from jsonb_array_elements(reasons) with ordinality as x(r, n)
      where (r ->> 'from')::date <= today and (r ->> 'until' is null or (r ->> 'until')::date > today) $$;
create function scheduling.portfolio_certifications(certifications jsonb, today date) returns json language sql stable
as $$ select coalesce(jsonb_agg(c - 'gate_blocked_on' || jsonb_build_object('gate_status',
                 case when c ->> 'gate' is null then null when (c ->> 'gate_blocked_on')::date <= today then 'blocked'
                      when (c ->> 'readiness_pct')::int = 100 then 'pass' else 'not_yet' end) order by n), '[]')::json
      from jsonb_array_elements(certifications) with ordinality as x(c, n) $$;
grant execute on function scheduling.portfolio_reasons(jsonb, date), scheduling.portfolio_certifications(jsonb, date)
to meguri_scheduling;

-- One row per client on a day; deadlines are read as they are. The planner inlines this and leaves out columns that nobody asks for. Written so
-- that no plan is bad, also without statistics: what is overdue is counted once, the rest is looked up by client; `offset 0` keeps the reader's
-- filters from being mixed with the joins.
create function scheduling.portfolio(today date) returns table (
    consultancy_id uuid, client_id uuid, client_code text, client_name text, client_status text, certification_id uuid, scheme text,
    state text, state_place int, body_id uuid, gate text, gate_status text, readiness_pct int, next_audit_id uuid, next_audit_kind text,
    next_audit_status text, next_audit_booked boolean, next_audit_on date, window_start date, window_end date, hard_due_on date,
    other_due_on date, overdue_hard int, overdue_other int, open_majors int, open_minors int, expiry_date date, colour text,
    colour_place int, reasons json, certifications json, schemes text[], states text[], body_ids uuid[], consultants text)
language sql stable
as $$
    select x.consultancy_id, x.id, x.code, x.name, x.status, x.certification_id, x.scheme, x.state,
           coalesce(array_position('{preparing,stage1_done,stage2_done,recommended,certified,suspended,expired,withdrawn}', x.state), 0),
           x.body_id, x.gate,
           case when x.gate is null then null when x.gate_blocked_on <= today then 'blocked' when x.gate_done = x.gate_wanted then 'pass'
                else 'not_yet' end,
           case when x.gate is null then null when x.gate_wanted = 0 then 100 else x.gate_done * 100 / x.gate_wanted end,
           x.next_audit_id, x.next_audit_kind, x.next_audit_status, x.next_audit_status in ('requested', 'tentative', 'confirmed'),
           x.next_audit_on, x.window_start, x.window_end,
           (select d.due_on from scheduling.deadlines d
            where d.consultancy_id = x.consultancy_id and d.client_id = x.id and d.status = 'open' and d.hardness = 'hard'
            order by d.due_on limit 1),
           (select d.due_on from scheduling.deadlines d
            where d.consultancy_id = x.consultancy_id and d.client_id = x.id and d.status = 'open' and d.hardness <> 'hard'
            order by d.due_on limit 1),
           x.overdue_hard,
           (select count(*) from scheduling.deadlines d
            where d.consultancy_id = x.consultancy_id and d.client_id = x.id and d.status = 'open' and d.hardness <> 'hard'
              and d.due_on < today)::int,
           coalesce(x.open_majors, 0), coalesce(x.open_minors, 0), x.expiry_date,
           case when x.red_on <= today or x.overdue_hard > 0 then 'red' when x.amber_on <= today then 'amber'
                when x.notice_on <= today then 'notice' else 'green' end,
           case when x.red_on <= today or x.overdue_hard > 0 then 3 when x.amber_on <= today then 2 when x.notice_on <= today then 1
                else 0 end,
           case when x.shown_on <= today and (x.changes_on is null or today < x.changes_on) then x.shown_reasons
                else scheduling.portfolio_reasons(x.reasons, today) end,
           case when x.shown_on <= today and (x.changes_on is null or today < x.changes_on) then x.shown_certifications
                else scheduling.portfolio_certifications(x.certifications, today) end,
           x.schemes, x.states, x.body_ids,
           (select string_agg(lower(m.name), ' ' order by a.is_lead desc, lower(m.name), m.id)
            from tenants.assignments a
            join tenants.members m on m.consultancy_id = a.consultancy_id and m.id = a.member_id and m.status <> 'removed'
            where a.consultancy_id = x.consultancy_id and a.client_id = x.id)
    from (
        select n.consultancy_id, n.id, n.code, n.name, n.status, p.certification_id, p.scheme, p.state, p.body_id, p.gate, p.gate_blocked_on,
               p.gate_done, p.gate_wanted, p.next_audit_id, p.next_audit_kind, p.next_audit_status, p.next_audit_on, p.window_start,
               p.window_end, p.open_majors, p.open_minors, p.expiry_date, p.red_on, p.amber_on, p.notice_on, p.shown_on, p.changes_on,
               p.shown_reasons, p.reasons, p.shown_certifications, p.certifications, p.schemes, p.states, p.body_ids,
               coalesce(((select jsonb_object_agg(o.client_id::text, o.overdue)
                          from (select d.client_id, count(*) as overdue from scheduling.deadlines d
                                where d.consultancy_id = app.consultancy() and d.status = 'open' and d.hardness = 'hard' and d.due_on < today
                                group by d.client_id) o) ->> n.id::text)::int, 0) as overdue_hard
        from tenants.clients n
        left join scheduling.portfolio_rows p on p.consultancy_id = n.consultancy_id and p.client_id = n.id
        where n.consultancy_id = app.consultancy()
        offset 0) x
$$;
grant execute on function scheduling.portfolio(date) to meguri_scheduling;

reset role;
