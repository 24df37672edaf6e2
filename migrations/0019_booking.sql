-- Booking of audits: their places and teams, the plan of each audit slot by slot, and who, where and when is taken.
set local role meguri_owner;

-- Equality inside exclusion constraints; a trusted extension of PostgreSQL itself.
create extension if not exists btree_gist with schema public;

-- ---------------------------------------------------------------- audits: place, report, recommendation
alter table scheduling.audits
    add column site_ids jsonb not null default '[]',
    add column location text,
    add column remote_justification text,
    add column reported_on date,
    add column recommendation text,
    add column ics_sequence int not null default 0,
    drop constraint audits_kind_known,
    add constraint audits_kind_known check
        (kind in ('internal', 'pre_audit', 'stage1', 'stage2', 'surveillance', 'recertification', 'change', 'scope_extension',
                  'scope_reduction', 'transfer', 'follow_up', 'short_notice', 'transition')),
    drop constraint audits_status_known,
    add constraint audits_status_known check
        (status in ('planned', 'requested', 'tentative', 'confirmed', 'held', 'reported', 'cancelled')),
    add constraint audits_location_length check (length(location) between 1 and 500),
    add constraint audits_remote_justification_length check (length(remote_justification) between 1 and 2000),
    add constraint audits_recommendation_known check
        (recommendation in ('recommended', 'recommended_after_correction', 'not_recommended')),
    add constraint audits_reported_on_order check (reported_on >= held_last_day);
comment on column scheduling.audits.ics_sequence is
    'goes up with every change of days, place, status, team or plan, as the SEQUENCE of a calendar entry does (RFC 5545 3.8.7.4)';

-- site_ids says which; this table keeps them from being deleted meanwhile.
create table scheduling.audit_sites (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    audit_id uuid not null,
    site_id uuid not null,
    primary key (consultancy_id, id),
    constraint audit_sites_site_key unique (consultancy_id, audit_id, site_id),
    constraint audit_sites_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id) on delete cascade,
    constraint audit_sites_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id)
);
comment on table scheduling.audit_sites is 'tenant: sites that an audit visits';
create index audit_sites_site on scheduling.audit_sites (consultancy_id, client_id, site_id);
call app.fence('scheduling.audit_sites', 'app.sees_client(client_id)');
grant select, insert, delete on scheduling.audit_sites to meguri_scheduling;

-- ---------------------------------------------------------------- auditors of certification bodies
create table scheduling.auditors (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    body_id uuid not null,
    name text not null,
    name_kana text,
    email text,
    roles jsonb not null default '["auditor"]',
    competences jsonb not null default '[]',
    note text,
    active boolean not null default true,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint auditors_body_fkey foreign key (consultancy_id, body_id)
        references scheduling.certification_bodies (consultancy_id, id),
    constraint auditors_name_length check (length(name) between 1 and 200),
    constraint auditors_name_kana_length check (length(name_kana) between 1 and 200),
    constraint auditors_email_length check (length(email) between 3 and 254),
    constraint auditors_note_length check (length(note) <= 2000)
);
comment on table scheduling.auditors is 'tenant: auditors of certification bodies as the consultancy knows them';
create index auditors_body on scheduling.auditors (consultancy_id, body_id, created_at, id);
call app.fence('scheduling.auditors');
grant select, insert, update, delete on scheduling.auditors to meguri_scheduling;
grant select on scheduling.auditors to meguri_notifications;

-- ---------------------------------------------------------------- rooms
create table scheduling.rooms (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    site_id uuid not null,
    name text not null,
    capacity int,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint rooms_client_id_key unique (consultancy_id, client_id, id),
    constraint rooms_name_key unique (consultancy_id, client_id, site_id, name),
    constraint rooms_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id),
    constraint rooms_name_length check (length(name) between 1 and 200),
    constraint rooms_capacity_range check (capacity between 1 and 10000)
);
comment on table scheduling.rooms is 'tenant: rooms of a client''s sites in which audits take place';
create index rooms_created on scheduling.rooms (consultancy_id, client_id, created_at, id);
call app.fence('scheduling.rooms', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.rooms to meguri_scheduling;

-- ---------------------------------------------------------------- team
create table scheduling.audit_team (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    audit_id uuid not null,
    auditor_id uuid,
    member_id uuid,
    person_id uuid,
    role text not null,
    partial boolean not null default false,
    note text,
    objection_status text,
    objection text,
    objected_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint audit_team_client_id_key unique (consultancy_id, client_id, id),
    constraint audit_team_auditor_id_key unique (consultancy_id, audit_id, auditor_id),
    constraint audit_team_member_id_key unique (consultancy_id, audit_id, member_id),
    constraint audit_team_person_id_key unique (consultancy_id, audit_id, person_id),
    constraint audit_team_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    constraint audit_team_auditor_fkey foreign key (consultancy_id, auditor_id)
        references scheduling.auditors (consultancy_id, id),
    constraint audit_team_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id),
    constraint audit_team_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint audit_team_party_one check (num_nonnulls(auditor_id, member_id, person_id) = 1),
    constraint audit_team_role_known check
        (role in ('lead_auditor', 'auditor', 'technical_expert', 'trainee', 'observer', 'interpreter', 'consultant', 'guide')),
    constraint audit_team_note_length check (length(note) <= 2000),
    constraint audit_team_objection_length check (length(objection) between 1 and 2000),
    constraint audit_team_objection_status_known check (objection_status in ('open', 'accepted', 'declined'))
);
comment on table scheduling.audit_team is
    'tenant: who audits and who attends an audit; partial = not all of its days; objection = the client''s, to a named auditor (INI-05)';
create unique index audit_team_role_key on scheduling.audit_team (consultancy_id, audit_id) where role = 'lead_auditor';
create index audit_team_auditor on scheduling.audit_team (consultancy_id, auditor_id);
create index audit_team_member on scheduling.audit_team (consultancy_id, member_id);
create index audit_team_person on scheduling.audit_team (consultancy_id, client_id, person_id);
call app.fence('scheduling.audit_team', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.audit_team to meguri_scheduling;
grant select on scheduling.audit_team to meguri_notifications;

-- ---------------------------------------------------------------- plan of an audit
create table scheduling.audit_slots (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    audit_id uuid not null,
    day date not null,
    start_time text not null,
    end_time text not null,
    kind text not null,
    topic text,
    department_id uuid,
    site_id uuid,
    room_id uuid,
    remote boolean not null default false,
    people jsonb not null default '[]',
    auditors jsonb not null default '[]',
    members jsonb not null default '[]',
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint audit_slots_client_id_key unique (consultancy_id, client_id, id),
    constraint audit_slots_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id),
    constraint audit_slots_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    constraint audit_slots_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id),
    constraint audit_slots_room_fkey foreign key (consultancy_id, client_id, room_id)
        references scheduling.rooms (consultancy_id, client_id, id),
    constraint audit_slots_start_time_shape check (start_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    constraint audit_slots_end_time_shape check (end_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    constraint audit_slots_end_time_order check (end_time > start_time),
    constraint audit_slots_kind_known check
        (kind in ('opening_meeting', 'top_management_interview', 'department', 'site_tour', 'document_review', 'auditor_meeting',
                  'closing_meeting', 'other')),
    constraint audit_slots_topic_length check (length(topic) between 1 and 500),
    constraint audit_slots_note_length check (length(note) <= 2000)
);
comment on table scheduling.audit_slots is
    'tenant: the plan of an audit: from when to when (Asia/Tokyo) which department, interview or tour, and who must be there';
create index audit_slots_by_time on scheduling.audit_slots (consultancy_id, client_id, audit_id, day, start_time, id);
create index audit_slots_department on scheduling.audit_slots (consultancy_id, client_id, department_id);
create index audit_slots_site on scheduling.audit_slots (consultancy_id, client_id, site_id);
create index audit_slots_room on scheduling.audit_slots (consultancy_id, client_id, room_id);
call app.fence('scheduling.audit_slots', 'app.sees_client(client_id)');
grant select, insert, update, delete on scheduling.audit_slots to meguri_scheduling;
grant select on scheduling.audit_slots to meguri_notifications;

-- ---------------------------------------------------------------- absences
create table scheduling.absences (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid,
    auditor_id uuid,
    member_id uuid,
    person_id uuid,
    first_day date not null,
    last_day date not null,
    start_time text,
    end_time text,
    reason text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint absences_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint absences_auditor_fkey foreign key (consultancy_id, auditor_id) references scheduling.auditors (consultancy_id, id),
    constraint absences_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id),
    constraint absences_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint absences_party_one check (num_nonnulls(auditor_id, member_id, person_id) = 1),
    constraint absences_client_known check (person_id is null or client_id is not null),
    constraint absences_last_day_order check (last_day >= first_day),
    constraint absences_start_time_shape check (start_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    constraint absences_end_time_shape check (end_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    constraint absences_end_time_order check (end_time > start_time),
    constraint absences_times_both check ((start_time is null) = (end_time is null)),
    constraint absences_reason_length check (length(reason) between 1 and 500)
);
comment on table scheduling.absences is
    'tenant: when a consultant, a person of a client or an auditor can not take part: whole days, or the same hours of each day';
create index absences_auditor on scheduling.absences (consultancy_id, auditor_id, first_day);
create index absences_member on scheduling.absences (consultancy_id, member_id, first_day);
create index absences_person on scheduling.absences (consultancy_id, person_id, first_day);
create index absences_by_day on scheduling.absences (consultancy_id, first_day, id);
call app.fence('scheduling.absences', 'app.sees_staff(client_id)');
grant select, insert, update, delete on scheduling.absences to meguri_scheduling;

-- ---------------------------------------------------------------- bookings
-- What the plans say of persons and rooms, so that the database itself refuses a second booking of the same time: by a slot, and by the days of
-- an audit that is tentative or confirmed. `during` is civil time in Asia/Tokyo.
create table scheduling.bookings (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    audit_id uuid not null,
    slot_id uuid,
    team_id uuid,
    auditor_id uuid,
    member_id uuid,
    person_id uuid,
    room_id uuid,
    resource_id uuid not null generated always as (coalesce(auditor_id, member_id, person_id, room_id)) stored,
    during tsrange not null,
    primary key (consultancy_id, id),
    constraint bookings_audit_fkey foreign key (consultancy_id, client_id, audit_id)
        references scheduling.audits (consultancy_id, client_id, id) on delete cascade,
    constraint bookings_slot_fkey foreign key (consultancy_id, client_id, slot_id)
        references scheduling.audit_slots (consultancy_id, client_id, id) on delete cascade,
    constraint bookings_team_fkey foreign key (consultancy_id, client_id, team_id)
        references scheduling.audit_team (consultancy_id, client_id, id) on delete cascade,
    constraint bookings_auditor_fkey foreign key (consultancy_id, auditor_id) references scheduling.auditors (consultancy_id, id),
    constraint bookings_member_fkey foreign key (consultancy_id, member_id) references tenants.members (consultancy_id, id),
    constraint bookings_person_fkey foreign key (consultancy_id, client_id, person_id)
        references tenants.people (consultancy_id, client_id, id),
    constraint bookings_room_fkey foreign key (consultancy_id, client_id, room_id)
        references scheduling.rooms (consultancy_id, client_id, id),
    constraint bookings_source_one check (num_nonnulls(slot_id, team_id) = 1),
    constraint bookings_resource_one check (num_nonnulls(auditor_id, member_id, person_id, room_id) = 1),
    constraint bookings_slots_excl exclude using gist (consultancy_id with =, resource_id with =, during with &&)
        where (slot_id is not null),
    constraint bookings_audits_excl exclude using gist (consultancy_id with =, resource_id with =, audit_id with <>, during with &&)
);
comment on table scheduling.bookings is
    'tenant: times that are taken; nobody is in two slots at once, and nobody in two audits at once unless he is there for part of it';
create index bookings_audit on scheduling.bookings (consultancy_id, client_id, audit_id);
create index bookings_slot on scheduling.bookings (consultancy_id, client_id, slot_id);
create index bookings_team on scheduling.bookings (consultancy_id, client_id, team_id);
create index bookings_resource on scheduling.bookings (consultancy_id, resource_id);
call app.fence('scheduling.bookings', 'app.sees_client(client_id)');
grant select, insert, delete on scheduling.bookings to meguri_scheduling;

-- The bookings that the audits, teams and plans ask for. Audits that were cancelled ask for none.
create view scheduling.wanted_bookings with (security_invoker = true) as
select s.consultancy_id, s.client_id, s.audit_id, s.id as slot_id, null::uuid as team_id, r.kind, r.id as resource_id,
       tsrange(s.day + s.start_time::time, s.day + s.end_time::time) as during
from scheduling.audit_slots s
join scheduling.audits a on a.consultancy_id = s.consultancy_id and a.client_id = s.client_id and a.id = s.audit_id
                        and a.status <> 'cancelled'
cross join lateral (
    select 'auditor' as kind, x.id::uuid from jsonb_array_elements_text(s.auditors) x(id)
    union all select 'member', x.id::uuid from jsonb_array_elements_text(s.members) x(id)
    union all select 'person', x.id::uuid from jsonb_array_elements_text(s.people) x(id)
    union all select 'room', s.room_id where s.room_id is not null) r
union all
select t.consultancy_id, t.client_id, t.audit_id, null, t.id,
       case when t.auditor_id is not null then 'auditor' when t.member_id is not null then 'member' else 'person' end,
       coalesce(t.auditor_id, t.member_id, t.person_id),
       tsrange(a.planned_first_day, coalesce(a.planned_last_day, a.planned_first_day) + 1)
from scheduling.audit_team t
join scheduling.audits a on a.consultancy_id = t.consultancy_id and a.client_id = t.client_id and a.id = t.audit_id
where not t.partial and a.status in ('tentative', 'confirmed') and a.planned_first_day is not null;
grant select on scheduling.wanted_bookings to meguri_scheduling;

-- When these persons and rooms are taken, by whatever client: who may not see that client learns the time and nothing else.
create function scheduling.busy(resources uuid[], first_day date, last_day date)
returns table (resource_id uuid, during tsrange, absent boolean, client_id uuid, audit_id uuid, slot_id uuid)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    reach text := app.reach();
    taken scheduling.bookings[];
    away scheduling.absences[];
begin
    perform set_config('app.reach', 'job', true);
    select array_agg(b) into taken from scheduling.bookings b
    where b.consultancy_id = app.consultancy() and b.resource_id = any (resources)
      and b.during && tsrange(first_day, last_day + 1);
    select array_agg(n) into away from scheduling.absences n
    where n.consultancy_id = app.consultancy() and coalesce(n.auditor_id, n.member_id, n.person_id) = any (resources)
      and n.first_day <= busy.last_day and n.last_day >= busy.first_day;
    perform set_config('app.reach', reach, true);
    return query
        select b.resource_id, b.during, false, case when app.sees_client(b.client_id) then b.client_id end,
               case when app.sees_client(b.client_id) then b.audit_id end, case when app.sees_client(b.client_id) then b.slot_id end
        from unnest(taken) b
        union all
        select coalesce(n.auditor_id, n.member_id, n.person_id),
               case when n.start_time is null then tsrange(d.day::date, d.day::date + 1)
                    else tsrange(d.day::date + n.start_time::time, d.day::date + n.end_time::time) end,
               true, null::uuid, null::uuid, null::uuid
        from unnest(away) n
        cross join generate_series(greatest(n.first_day, busy.first_day)::timestamp, least(n.last_day, busy.last_day)::timestamp,
                                   interval '1 day') d(day);
end $$;
grant execute on function scheduling.busy(uuid[], date, date) to meguri_scheduling;

reset role;
