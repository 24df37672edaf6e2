-- The plan and the team of an audit in calendars: slots as entries with hours, and who is invited. New editions have their names.
set local role meguri_owner;

create or replace function scheduling.scheme_label(p_scheme text, p_language text) returns text
language sql immutable parallel safe
as $$
    select case p_scheme when 'iso27017-jp' then 'ISO/IEC 27017' when 'iso27017-2026' then 'ISO/IEC 27017:2026'
                         when 'iso27701-2019' then 'ISO/IEC 27701:2019' when 'iso27701-2025' then 'ISO/IEC 27701:2025'
                         when 'pmark' then case when p_language = 'ja' then 'プライバシーマーク' else 'PrivacyMark' end end
$$;

create function scheduling.slot_title(p_kind text, p_language text) returns text
language sql immutable parallel safe
as $$
    select case when p_language = 'ja' then
            case p_kind when 'opening_meeting' then '初回会議' when 'top_management_interview' then 'トップマネジメントインタビュー'
                        when 'department' then '部門審査' when 'site_tour' then '現場確認' when 'document_review' then '文書確認'
                        when 'auditor_meeting' then '審査員会議' when 'closing_meeting' then '最終会議' else '審査' end
        else
            case p_kind when 'opening_meeting' then 'Opening meeting' when 'top_management_interview' then 'Top management interview'
                        when 'department' then 'Department' when 'site_tour' then 'Site tour' when 'document_review' then 'Document review'
                        when 'auditor_meeting' then 'Auditors'' meeting' when 'closing_meeting' then 'Closing meeting' else 'Audit' end
        end
$$;

grant execute on function scheduling.slot_title(text, text) to meguri_scheduling;

-- An audit without dates lies in its window; `day` is the day it counts for. `live` = not cancelled, withdrawn or given up. `sequence` never goes
-- back and grows with every change of the row, or of a slot's audit.
create or replace view scheduling.calendar_items with (security_invoker = true) as
select a.consultancy_id, a.id, 'audit'::text as type, a.client_id, a.certification_id, c.scheme, c.state as certification_state, c.body_id,
       a.id as audit_id, a.kind, a.status,
       scheduling.titled(scheduling.audit_title(a.kind, a.ordinal, 'ja'), c.scheme, 'ja') as title_ja,
       scheduling.titled(scheduling.audit_title(a.kind, a.ordinal, 'en'), c.scheme, 'en') as title_en,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day, a.window_start, a.nominal_date) as first_day,
       coalesce(a.held_last_day, a.held_first_day, a.planned_last_day, a.planned_first_day, a.window_end, a.nominal_date) as last_day,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day, a.nominal_date, a.window_start) as day,
       coalesce(a.held_first_day, a.held_last_day, a.planned_first_day) is not null as dated,
       null::timestamptz as starts_at, null::timestamptz as ends_at,
       coalesce(a.location, (select string_agg(p.name, ', ' order by p.name) from scheduling.audit_sites x
                             join tenants.sites p on p.consultancy_id = x.consultancy_id and p.client_id = x.client_id and p.id = x.site_id
                             where x.consultancy_id = a.consultancy_id and x.audit_id = a.id)) as location,
       a.window_start, a.window_end, a.hard_limit, null::text as hardness, null::text as rule, a.why,
       a.status <> 'cancelled' as live, a.status in ('held', 'reported') as done, a.version - 1 as sequence, a.version,
       a.updated_at
from scheduling.audits a
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
union all
select s.consultancy_id, s.id, 'slot', s.client_id, a.certification_id, c.scheme, c.state, c.body_id, s.audit_id, s.kind, a.status,
       concat_ws(' ', scheduling.slot_title(s.kind, 'ja'), coalesce(s.topic, d.name))
           || '（' || scheduling.audit_title(a.kind, a.ordinal, 'ja') || '）',
       concat_ws(': ', scheduling.slot_title(s.kind, 'en'), coalesce(s.topic, d.name))
           || ' (' || scheduling.audit_title(a.kind, a.ordinal, 'en') || ')',
       s.day, s.day, s.day, true, (s.day + s.start_time::time) at time zone 'Asia/Tokyo', (s.day + s.end_time::time) at time zone 'Asia/Tokyo',
       nullif(concat_ws(' ', p.name, r.name, case when s.remote then 'リモート (remote)' end), ''), null, null, null, null, null,
       jsonb_build_object('rules', '[]'::jsonb, 'inputs', jsonb_build_object('audit_id', s.audit_id), 'policy', '{}'::jsonb),
       a.status <> 'cancelled', a.status in ('held', 'reported'), s.version + a.version - 2, s.version,
       greatest(s.updated_at, a.updated_at)
from scheduling.audit_slots s
join scheduling.audits a on a.consultancy_id = s.consultancy_id and a.client_id = s.client_id and a.id = s.audit_id
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
left join tenants.departments d on d.consultancy_id = s.consultancy_id and d.client_id = s.client_id and d.id = s.department_id
left join scheduling.rooms r on r.consultancy_id = s.consultancy_id and r.client_id = s.client_id and r.id = s.room_id
left join tenants.sites p on p.consultancy_id = s.consultancy_id and p.client_id = s.client_id and p.id = coalesce(s.site_id, r.site_id)
union all
select d.consultancy_id, d.id, 'deadline', d.client_id, d.certification_id, c.scheme, c.state, c.body_id, d.audit_id, d.kind, d.status,
       d.title_ja, d.title_en, d.due_on, d.due_on, d.due_on, true, null, null, null, null, null, null, d.hardness, d.rule, d.why,
       d.status <> 'withdrawn', d.status = 'fulfilled', d.version - 1, d.version, d.updated_at
from scheduling.deadlines d
left join scheduling.certifications c on c.consultancy_id = d.consultancy_id and c.client_id = d.client_id and c.id = d.certification_id
union all
select c.consultancy_id, c.id, 'certificate_expiry', c.client_id, c.id, c.scheme, c.state, c.body_id, null, 'certificate_expiry', c.state,
       scheduling.titled('登録証の有効期限', c.scheme, 'ja'), scheduling.titled('Certificate expires', c.scheme, 'en'),
       c.expiry_date, c.expiry_date, c.expiry_date, true, null, null, null, null, null, null, 'hard', 'CYC-03',
       jsonb_build_object('rules', jsonb_build_array('CYC-03', 'CAL-03'),
                          'inputs', jsonb_build_object('decision_date', c.decision_date, 'effective_date', c.effective_date,
                                                       'cycle_start', c.cycle_start),
                          'policy', '{}'::jsonb),
       c.state in ('certified', 'suspended', 'expired'), c.state = 'expired', c.version - 1, c.version, c.updated_at
from scheduling.certifications c
where c.expiry_date is not null;
comment on view scheduling.calendar_items is 'audits, their slots, deadlines and the ends of certificates as days of a calendar';

-- Who sends an audit's invitation, and who gets it. Sender: the client's lead consultant, else another of its consultants, else the longest-serving
-- owner. Receivers: the team and whoever the plan names; while it names nobody of the client, the client's admins. The same for everybody who sees
-- the client, also for its own users, who can not read the staff's memberships: an update from another sender is no update.
create or replace function auth.audit_people(p_client uuid, p_audit uuid)
returns table (organizer boolean, name text, email text, optional boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    reach text := app.reach();
begin
    if not app.sees_client(p_client) then return; end if;
    perform set_config('app.reach', 'job', true);
    return query
        with sender as (
            select true as organizer, m.name, m.email, false as optional from tenants.members m
            left join tenants.assignments a on a.consultancy_id = m.consultancy_id and a.member_id = m.id and a.client_id = p_client
            where m.consultancy_id = app.consultancy() and m.status = 'active' and (a.id is not null or m.role = 'owner')
            order by a.id is null, a.is_lead desc nulls last, a.created_at, m.created_at, m.id
            limit 1),
        team as (
            select t.auditor_id, t.member_id, t.person_id, t.role in ('observer', 'trainee') as optional from scheduling.audit_team t
            where t.consultancy_id = app.consultancy() and t.client_id = p_client and t.audit_id = p_audit),
        plan as (
            select s.people, s.members, s.auditors from scheduling.audit_slots s
            where s.consultancy_id = app.consultancy() and s.client_id = p_client and s.audit_id = p_audit),
        parties as (
            select auditor_id, member_id, person_id, optional from team
            union all select x.id::uuid, null, null, false from plan p cross join jsonb_array_elements_text(p.auditors) x(id)
            union all select null, x.id::uuid, null, false from plan p cross join jsonb_array_elements_text(p.members) x(id)
            union all select null, null, x.id::uuid, false from plan p cross join jsonb_array_elements_text(p.people) x(id)),
        named as (
            select coalesce(r.name, m.name, q.name) as name, coalesce(r.email, m.email, q.email) as email, p.optional
            from parties p
            left join scheduling.auditors r on r.consultancy_id = app.consultancy() and r.id = p.auditor_id
            left join tenants.members m on m.consultancy_id = app.consultancy() and m.id = p.member_id and m.status <> 'removed'
            left join tenants.people q on q.consultancy_id = app.consultancy() and q.client_id = p_client and q.id = p.person_id
            union all
            select m.name, m.email, false from tenants.members m
            where m.consultancy_id = app.consultancy() and m.client_id = p_client and m.role = 'client_admin' and m.status <> 'removed'
              and not exists (select from parties p where p.person_id is not null))
        select s.organizer, s.name, s.email, s.optional from sender s
        union all
        select false, min(n.name), n.email, bool_and(n.optional) from named n
        where n.email is not null and n.email not in (select s.email from sender s)
        group by n.email;
    perform set_config('app.reach', reach, true);
end $$;

reset role;
