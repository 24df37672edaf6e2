-- Changes. What is advised is computed from the facts (loadAdviceFacts) whenever a change is read; :advice is a map by change, :steps by status.

-- name: listChanges
-- key: h.id
-- sort: change_date h.change_date date
-- sort: created_at h.created_at timestamptz
select h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
       h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
       h.scope_version_id, h.scope_effective,
       :advice::jsonb -> h.id::text as advice, :steps::jsonb -> h.status as allowed_steps,
       coalesce((select jsonb_agg(jsonb_build_object('certification_id', x.certification_id, 'audit_id', x.audit_id, 'kind', a.kind,
                                                     'variant', x.variant, 'made', x.made, 'status', a.status,
                                                     'not_before', x.not_before, 'due_by', x.due_by,
                                                     'planned_first_day', a.planned_first_day, 'planned_last_day', a.planned_last_day,
                                                     'held_last_day', a.held_last_day, 'extra_days', x.extra_days, 'cost', x.cost)
                                  order by x.created_at, x.id)
                 from scheduling.change_audits x
                 join scheduling.audits a on a.consultancy_id = x.consultancy_id and a.client_id = x.client_id and a.id = x.audit_id
                 where x.consultancy_id = h.consultancy_id and x.client_id = h.client_id and x.change_id = h.id), '[]') as audits,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'certification_id', d.certification_id, 'kind', d.kind,
                                                     'due_on', d.due_on, 'title_ja', d.title_ja, 'title_en', d.title_en,
                                                     'status', d.status) order by d.due_on, d.id)
                 from scheduling.deadlines d
                 where d.consultancy_id = h.consultancy_id and d.client_id = h.client_id and d.change_id = h.id), '[]') as deadlines,
       h.version, h.created_at, h.updated_at{key}
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id
  and (:kind::text is null or h.kind = :kind)
  and (:status::text is null or h.status = :status)
{page}

-- name: readChange
select h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
       h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
       h.scope_version_id, h.scope_effective,
       :advice::jsonb -> h.id::text as advice, :steps::jsonb -> h.status as allowed_steps,
       coalesce((select jsonb_agg(jsonb_build_object('certification_id', x.certification_id, 'audit_id', x.audit_id, 'kind', a.kind,
                                                     'variant', x.variant, 'made', x.made, 'status', a.status,
                                                     'not_before', x.not_before, 'due_by', x.due_by,
                                                     'planned_first_day', a.planned_first_day, 'planned_last_day', a.planned_last_day,
                                                     'held_last_day', a.held_last_day, 'extra_days', x.extra_days, 'cost', x.cost)
                                  order by x.created_at, x.id)
                 from scheduling.change_audits x
                 join scheduling.audits a on a.consultancy_id = x.consultancy_id and a.client_id = x.client_id and a.id = x.audit_id
                 where x.consultancy_id = h.consultancy_id and x.client_id = h.client_id and x.change_id = h.id), '[]') as audits,
       coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'certification_id', d.certification_id, 'kind', d.kind,
                                                     'due_on', d.due_on, 'title_ja', d.title_ja, 'title_en', d.title_en,
                                                     'status', d.status) order by d.due_on, d.id)
                 from scheduling.deadlines d
                 where d.consultancy_id = h.consultancy_id and d.client_id = h.client_id and d.change_id = h.id), '[]') as deadlines,
       h.version, h.created_at, h.updated_at, true as _volatile
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid

-- One row; none when :change_id names no change. Without :change_id all changes of the client. The chosen quote gives the price; without one the last that the body gave.
-- name: loadAdviceFacts
select h.id, h.version, jsonb_build_object(
    'headcount', coalesce((select v.headcount from tenants.scope_versions v
                           where v.consultancy_id = n.consultancy_id and v.client_id = n.id and v.effective_on <= :today::date
                             and v.status in ('approved', 'active', 'superseded')
                           order by v.effective_on desc, v.number desc limit 1), f.headcount, n.headcount),
    'adjust_pct', f.adjust_pct,
    'sites', (select count(*) from tenants.sites s
              where s.consultancy_id = n.consultancy_id and s.client_id = n.id and s.in_scope and not s.is_central_function
                and (s.closed_on is null or s.closed_on > :today::date)),
    'defaults', jsonb_build_object('certification', jsonb_build_object('id', n.id), 'consultancy_policies', t.policies),
    'certifications', coalesce((
        select jsonb_agg(jsonb_build_object(
            'certification', to_jsonb(c), 'consultancy_policies', t.policies, 'body_policies', coalesce(b.policies, '{}'),
            'quote', (select jsonb_build_object('quote_id', q.id, 'currency', q.currency, 'day_rate', q.day_rate,
                                                'travel_per_audit', q.travel_per_audit)
                      from scheduling.quotes q
                      where q.consultancy_id = c.consultancy_id and q.client_id = c.client_id and q.schemes ? c.scheme
                        and (q.status = 'chosen' and (c.body_id is null or q.body_id = c.body_id)
                             or q.status = 'received' and q.body_id = c.body_id)
                      order by q.status = 'chosen' desc, q.day_rate is not null desc, q.received_on desc nulls last, q.updated_at desc, q.id desc limit 1),
            'audits', coalesce((
                select jsonb_agg(jsonb_build_object(
                    'id', a.id, 'kind', a.kind, 'status', a.status, 'cycle_no', a.cycle_no, 'nominal_date', a.nominal_date,
                    'window_start', a.window_start, 'window_end', a.window_end, 'planned_first_day', a.planned_first_day,
                    'planned_last_day', a.planned_last_day, 'held_last_day', a.held_last_day) order by a.id)
                from scheduling.audits a
                where a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.certification_id = c.id
                  and a.kind <> 'internal'), '[]')) order by c.created_at, c.id)
        from scheduling.certifications c
        left join scheduling.certification_bodies b on b.consultancy_id = c.consultancy_id and b.id = c.body_id
        where c.consultancy_id = n.consultancy_id and c.client_id = n.id and c.state not in ('withdrawn', 'expired')), '[]'),
    'changes', coalesce((
        select jsonb_agg(to_jsonb(k) || jsonb_build_object('site_in_scope', s.in_scope))
        from scheduling.changes k
        left join tenants.sites s on s.consultancy_id = k.consultancy_id and s.client_id = k.client_id and s.id = k.site_id
        where k.consultancy_id = n.consultancy_id and k.client_id = n.id and (h.id is null or k.id = h.id)), '[]')) as facts
from tenants.clients n
join tenants.consultancies t on t.consultancy_id = n.consultancy_id
left join scheduling.audit_day_facts f on f.consultancy_id = n.consultancy_id and f.client_id = n.id
left join scheduling.changes h on h.consultancy_id = n.consultancy_id and h.client_id = n.id and h.id = :change_id::uuid
where n.consultancy_id = :consultancy and n.id = :client_id and (:change_id::uuid is null or h.id is not null)

-- name: insertChange
-- event: change.created
insert into scheduling.changes as h (consultancy_id, id, client_id, certification_id, kind, change_date, description, site_id, department_id,
                                     new_address, persons_before, persons_after, status, notified_on, created_at, updated_at)
select :consultancy, :new_id, :client_id, p.certification_id, p.kind, p.change_date, p.description, p.site_id, p.department_id,
       p.new_address, p.persons_before, p.persons_after, coalesce(p.status, 'open'), p.notified_on, :now, :now
from jsonb_populate_record(null::scheduling.changes, :change_changes::jsonb) p
returning h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
          h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
          h.scope_version_id, h.scope_effective, h.version,
          h.created_at, h.updated_at

-- What a step of a change is judged by.
-- name: judgeChange
select h.id, h.version, h.kind, h.status, h.change_date, h.certification_id, h.notified_on, h.approved_on, h.accepted_on, h.reissued_on
from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
for update of h

-- name: changeChange
-- event: change.changed
update scheduling.changes h
set (certification_id, kind, change_date, description, site_id, department_id, new_address, persons_before, persons_after, status,
     notified_on, approved_on, approved_variant, accepted_on, reissued_on, scope_version_id, scope_effective) =
    (select p.certification_id, p.kind, p.change_date, p.description, p.site_id, p.department_id, p.new_address, p.persons_before,
            p.persons_after, p.status, p.notified_on, p.approved_on, p.approved_variant, p.accepted_on, p.reissued_on,
            p.scope_version_id, p.scope_effective
     from jsonb_populate_record(h, :change_changes::jsonb) p),
    version = h.version + 1, updated_at = :now
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
  and (:if_match::int is null or h.version = :if_match::int)
returning h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
          h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
          h.scope_version_id, h.scope_effective, h.version,
          h.created_at, h.updated_at

-- name: dropChangeDeadlines
-- event: deadline.deleted
delete from scheduling.deadlines d
where d.consultancy_id = :consultancy and d.client_id = :client_id and d.change_id = :change_id::uuid and d.origin = 'derived'
returning d.id, d.client_id, d.kind, d.due_on, d.status, d.version + 1 as version

-- name: removeChange
-- event: change.deleted
delete from scheduling.changes h
where h.consultancy_id = :consultancy and h.client_id = :client_id and h.id = :change_id::uuid
  and (:if_match::int is null or h.version = :if_match::int)
returning h.id, h.client_id, h.certification_id, h.kind, h.change_date, h.description, h.site_id, h.department_id, h.new_address,
          h.persons_before, h.persons_after, h.status, h.notified_on, h.approved_on, h.approved_variant, h.accepted_on, h.reissued_on,
          h.scope_version_id, h.scope_effective,
          h.version + 1 as version, h.created_at, h.updated_at
