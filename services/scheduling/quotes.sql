-- Quotes of certification bodies, and everything they are judged by. The estimate beside a quote follows today's head count: a step counts it for
-- all quotes of the client (:quote_checks, by id) before the rows are read or written.

-- name: loadSelectionFacts
select jsonb_build_object(
    'client', jsonb_build_object('id', c.id, 'headcount', c.headcount),
    'departments', (select jsonb_build_object('persons', sum(d.headcount), 'counted', count(*) > 0 and count(*) = count(d.headcount))
                    from tenants.departments d
                    where d.consultancy_id = c.consultancy_id and d.client_id = c.id and d.in_scope),
    'sites', (select jsonb_build_object('persons', sum(s.headcount), 'counted', count(*) > 0 and count(*) = count(s.headcount),
                                        'count', greatest(count(*) filter (where s.kind <> 'home')
                                                          - greatest(count(*) filter (where s.is_central_function and s.kind <> 'home'), 1), 0))
              from tenants.sites s
              where s.consultancy_id = c.consultancy_id and s.client_id = c.id and s.in_scope
                and (s.closed_on is null or s.closed_on >= :today::date)),
    'own', coalesce((select to_jsonb(f) from scheduling.audit_day_facts f
                     where f.consultancy_id = c.consultancy_id and f.client_id = c.id), '{}'),
    'consultancy_policies', t.policies,
    'certification_policies', (select k.policies from scheduling.certifications k
                               where k.consultancy_id = c.consultancy_id and k.client_id = c.id and k.scheme like 'iso27001-%'
                               order by k.state in ('withdrawn', 'expired'), k.created_at, k.id limit 1),
    'certifications', coalesce((
        select jsonb_agg(jsonb_build_object('id', k.id, 'scheme', k.scheme, 'state', k.state, 'body_id', k.body_id, 'target_date', k.target_date,
                                            'next', n.next) order by k.scheme not like 'iso27001-%', k.created_at, k.id)
        from scheduling.certifications k
        left join lateral (
            select jsonb_build_object('kind', a.kind, 'nominal_date', a.nominal_date, 'window_start', a.window_start,
                                      'window_end', a.window_end) as next
            from scheduling.audits a
            where a.consultancy_id = k.consultancy_id and a.client_id = k.client_id and a.certification_id = k.id
              and a.kind in ('surveillance', 'recertification') and a.status not in ('held', 'reported', 'cancelled') and a.window_end >= :today::date
            order by a.window_end limit 1) n on true
        where k.consultancy_id = c.consultancy_id and k.client_id = c.id and k.state not in ('withdrawn', 'expired')), '[]'),
    'quotes', coalesce((
        select jsonb_agg(to_jsonb(q) || jsonb_build_object('body', jsonb_build_object(
            'id', b.id, 'name', b.name, 'accreditation', b.accreditation, 'accreditation_body', b.accreditation_body, 'standards', b.standards,
            'policies', b.policies, 'lead_time_days', b.lead_time_days)) order by q.created_at, q.id)
        from scheduling.quotes q
        join scheduling.certification_bodies b on b.consultancy_id = q.consultancy_id and b.id = q.body_id
        where q.consultancy_id = c.consultancy_id and q.client_id = c.id), '[]')) as facts
from tenants.clients c
join tenants.consultancies t on t.consultancy_id = c.consultancy_id
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: loadQuoteBody
select jsonb_build_object('id', b.id, 'name', b.name, 'currency', b.currency, 'same_auditor', b.same_auditor, 'policies', b.policies) as body
from scheduling.certification_bodies b
where b.consultancy_id = :consultancy and b.id = :body_id::uuid

-- name: listQuotes
-- key: q.id
-- sort: created_at q.created_at timestamptz
select q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
       q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
       q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
       :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at{key}
from scheduling.quotes q
where q.consultancy_id = :consultancy and q.client_id = :client_id
  and (:body_id::uuid is null or q.body_id = :body_id::uuid)
  and (:status::text is null or q.status = :status)
  and (:scheme::text is null or q.schemes ? :scheme)
{page}

-- name: getQuote
select q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
       q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
       q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
       :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at
from scheduling.quotes q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id

-- name: insertQuote
-- event: quote.created
insert into scheduling.quotes as q (consultancy_id, id, client_id, body_id, schemes, basis, status, received_on, valid_until, currency, day_rate, days, travel_per_audit,
                                    fees, other_expenses, tax_included, tax_pct, same_auditor_again, lead_time_days, note, cost, created_at, updated_at)
select :consultancy, :new_id, :client_id, p.body_id, p.schemes, p.basis, p.status, p.received_on, p.valid_until, p.currency, p.day_rate, p.days,
       p.travel_per_audit, p.fees, p.other_expenses, p.tax_included, p.tax_pct, p.same_auditor_again, p.lead_time_days, p.note, p.cost, :now, :now
from jsonb_populate_record(null::scheduling.quotes, :quote::jsonb) p
returning q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
          q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
          q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
          :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at

-- name: judgeQuote
select to_jsonb(q) as quote, q.version
from scheduling.quotes q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id
for update of q

-- name: changeQuote
-- event: quote.changed
update scheduling.quotes q
set (schemes, basis, status, received_on, valid_until, currency, day_rate, days, travel_per_audit, fees, other_expenses, tax_included, tax_pct,
     same_auditor_again, lead_time_days, note, cost) =
    (select p.schemes, p.basis, p.status, p.received_on, p.valid_until, p.currency, p.day_rate, p.days, p.travel_per_audit, p.fees,
            p.other_expenses, p.tax_included, p.tax_pct, p.same_auditor_again, p.lead_time_days, p.note, p.cost
     from jsonb_populate_record(q, :quote::jsonb) p),
    version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id
  and (:if_match::int is null or q.version = :if_match::int)
returning q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
          q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
          q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
          :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at

-- name: removeQuote
-- event: quote.deleted
delete from scheduling.quotes q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id
  and (:if_match::int is null or q.version = :if_match::int)
returning q.id, q.client_id, q.body_id, q.status, q.version + 1 as version

-- ---------------------------------------------------------------- choosing

-- name: lockQuotes
select q.id
from scheduling.quotes q
where q.consultancy_id = :consultancy and q.client_id = :client_id
order by q.id
for update of q

-- Open quotes that share a standard with the chosen one are declined or left; what was chosen before is chosen no longer.
-- name: settleOtherQuotes
-- event: quote.changed
update scheduling.quotes q
set status = case when :others = 'decline' then 'declined' else 'received' end, version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id <> :quote_id
  and (q.status = 'chosen' or (:others = 'decline' and q.status in ('requested', 'received')))
  and exists (select from scheduling.quotes o
              where o.consultancy_id = q.consultancy_id and o.client_id = q.client_id and o.id = :quote_id
                and o.schemes ?| array(select jsonb_array_elements_text(q.schemes)))
returning q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
          q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
          q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
          :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at

-- name: markQuoteChosen
-- event: quote.chosen
update scheduling.quotes q
set status = 'chosen', version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id
returning q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
          q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
          q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
          :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at

-- A certificate that stands stays with its body until a transfer is done (TRF-01).
-- name: setChosenBody
-- event: certification.changed
update scheduling.certifications c
set body_id = q.body_id, version = c.version + 1, updated_at = :now
from scheduling.quotes q
where c.consultancy_id = :consultancy and c.client_id = :client_id and q.consultancy_id = c.consultancy_id and q.client_id = c.client_id
  and q.id = :quote_id and q.schemes ? c.scheme and c.body_id is distinct from q.body_id and c.state <> 'withdrawn'
  and (c.body_id is null or c.state in ('preparing', 'stage1_done', 'expired'))
returning c.id, c.client_id, c.scheme, c.body_id, c.state, c.scope_text, c.target_date, c.stage1_last_day, c.stage2_last_day, c.recommended_on,
          c.decision_date, c.effective_date, c.issue_date, c.expiry_date, c.original_certification_date, c.previous_expiry_date, c.gap_days,
          c.cycle_no, c.cycle_type, c.cycle_start, c.anchor_date, c.recertification_audit_last_day, c.suspended_on, c.suspension_limit,
          c.withdrawn_on, c.scope_defined_on, c.risk_assessment_done_on, c.soa_approved_on, c.internal_audit_done_on,
          c.management_review_done_on, c.accreditation_lost_on, c.scope_reductions, c.previous_scheme, c.edition_changed_on, c.policies,
          c.version, c.created_at, c.updated_at

-- name: getQuoteChoice
select to_jsonb(r) as quote,
       coalesce((select jsonb_agg(jsonb_build_object('certification_id', c.id, 'scheme', c.scheme, 'state', c.state, 'body_id', c.body_id,
                                                     'body_set', c.body_id = r.body_id) order by c.id)
                 from scheduling.certifications c
                 where c.consultancy_id = :consultancy and c.client_id = :client_id and r.schemes ? c.scheme
                   and c.state <> 'withdrawn'), '[]') as certifications
from (select q.id, q.client_id, q.body_id, q.schemes, q.basis, q.status, q.received_on, q.valid_until, q.currency, q.day_rate, q.days,
             q.travel_per_audit, q.fees, q.other_expenses, q.tax_included, q.tax_pct, q.same_auditor_again, q.lead_time_days, q.note,
             q.cost, :quote_checks::jsonb -> q.id::text -> 'estimate' as estimate,
             :quote_checks::jsonb -> q.id::text -> 'warning' as warning, q.version, q.created_at, q.updated_at
      from scheduling.quotes q
      where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :quote_id) r

-- ---------------------------------------------------------------- the facts of the audit-day estimate

-- name: getAuditDayFacts
select c.id as client_id, f.headcount, f.headcount_source, coalesce(f.identical_groups, '[]') as identical_groups, f.complexity, f.adjust_pct,
       f.site_count, coalesce(f.sampling, true) as sampling, coalesce(f.integrated_pct, 0) as integrated_pct,
       coalesce(f.remote_pct, 0) as remote_pct, f.remote_reason, coalesce(f.later_schemes, '[]') as later_schemes, f.note,
       coalesce(f.version, 0) as version
from tenants.clients c
left join scheduling.audit_day_facts f on f.consultancy_id = c.consultancy_id and f.client_id = c.id
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: updateAuditDayFacts
-- event: audit_day_facts.changed
insert into scheduling.audit_day_facts as f (consultancy_id, id, client_id, headcount, headcount_source, identical_groups, complexity, adjust_pct,
                                             site_count, sampling, integrated_pct, remote_pct, remote_reason, later_schemes, note,
                                             created_at, updated_at)
select c.consultancy_id, :new_id, c.id, p.headcount, p.headcount_source, p.identical_groups, p.complexity, p.adjust_pct, p.site_count,
       p.sampling, p.integrated_pct, p.remote_pct, p.remote_reason, p.later_schemes, p.note, :now, :now
from tenants.clients c
left join scheduling.audit_day_facts o on o.consultancy_id = c.consultancy_id and o.client_id = c.id
cross join lateral jsonb_populate_record(
    null::scheduling.audit_day_facts,
    '{"identical_groups": [], "sampling": true, "integrated_pct": 0, "remote_pct": 0, "later_schemes": []}'::jsonb
        || coalesce(to_jsonb(o), '{}') || :body::jsonb) p
where c.consultancy_id = :consultancy and c.id = :client_id
  and (:if_match::int is null or :if_match::int = coalesce(o.version, 0))
on conflict (consultancy_id, client_id) do update
set (headcount, headcount_source, identical_groups, complexity, adjust_pct, site_count, sampling, integrated_pct, remote_pct, remote_reason,
     later_schemes, note, version, updated_at) =
    (excluded.headcount, excluded.headcount_source, excluded.identical_groups, excluded.complexity, excluded.adjust_pct, excluded.site_count,
     excluded.sampling, excluded.integrated_pct, excluded.remote_pct, excluded.remote_reason, excluded.later_schemes, excluded.note,
     f.version + 1, excluded.updated_at)
returning client_id, headcount, headcount_source, identical_groups, complexity, adjust_pct, site_count, sampling, integrated_pct, remote_pct,
          remote_reason, later_schemes, note, version
