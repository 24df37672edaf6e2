-- name: loadInvitation
select a.id, a.client_id, a.status, a.planned_first_day, a.planned_last_day, a.held_first_day, a.held_last_day, a.location,
       case i.type when 'slot' then i.version - 1 else 0 end + a.ics_sequence as sequence, (extract(epoch from i.updated_at) * 1000000)::bigint as changed_us, i.type,
       case when cl.locale = 'ja' then i.title_ja else i.title_en end as title, i.id as item_id, i.location as item_location,
       (extract(epoch from i.starts_at) * 1000000)::bigint as starts_us, (extract(epoch from i.ends_at) * 1000000)::bigint as ends_us,
       cl.locale, cl.name as client_name, b.name as body_name, coalesce(t.sender_name, t.name) as consultancy_name,
       (select jsonb_agg(jsonb_build_object('organizer', p.organizer, 'name', p.name, 'email', p.email, 'optional', p.optional)
                         order by p.organizer desc, p.optional, p.email)
        from auth.audit_people(a.client_id, a.id) p) as people,
       (select string_agg(concat(s.day, ' ', s.start_time, '–', s.end_time, ' ', scheduling.slot_title(s.kind, cl.locale),
                                 ' ' || coalesce(s.topic, d.name)), E'\n' order by s.day, s.start_time, s.id)
        from scheduling.audit_slots s
        left join tenants.departments d on d.consultancy_id = s.consultancy_id and d.client_id = s.client_id and d.id = s.department_id
        where s.consultancy_id = a.consultancy_id and s.client_id = a.client_id and s.audit_id = a.id) as plan
from scheduling.audits a
join scheduling.certifications c on c.consultancy_id = a.consultancy_id and c.client_id = a.client_id and c.id = a.certification_id
join tenants.clients cl on cl.consultancy_id = a.consultancy_id and cl.id = a.client_id
join tenants.consultancies t on t.consultancy_id = a.consultancy_id
left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
join scheduling.calendar_items i on i.consultancy_id = a.consultancy_id and i.client_id = a.client_id and i.audit_id = a.id
                                and i.type = case when :slot_id::uuid is null then 'audit' else 'slot' end
                                and i.id = coalesce(:slot_id::uuid, a.id)
where a.consultancy_id = :consultancy and a.client_id = :client_id and a.id = :audit_id::uuid
