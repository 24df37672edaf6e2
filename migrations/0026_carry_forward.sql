-- What a frozen audit is compared by: the state of a client read from the history of everything in it.
set local role meguri_owner;

-- Read from the history, not from the registers' own tables.
revoke select on registers.assets, registers.risks from meguri_scheduling;
revoke usage on schema registers from meguri_scheduling;

-- What is carried from one audit to the next. A register that is added later joins by its entity's name here.
create function scheduling.carried_kinds() returns text[] language sql immutable
as $$
    select array['asset', 'audit', 'change', 'competence', 'context_issue', 'corrective_action', 'department', 'finding', 'incident',
                 'interested_party', 'legal_requirement', 'mark_use', 'measurement', 'objective', 'party_requirement', 'person', 'requirement',
                 'risk', 'risk_criteria', 'scope_version', 'site', 'soa', 'supplier', 'supplier_contract', 'training', 'treatment']
$$;

-- Everything of a client as it stood at an instant (null: now), by the last event of each thing. Of audits those that were held, of scopes those
-- that were approved; audits, findings and changes of the one certification only.
create function scheduling.carried_state(p_consultancy uuid, p_client uuid, p_certification uuid, p_at timestamptz)
returns table (kind text, id uuid, label text, content jsonb, hash text) language sql stable
as $$
    select s.entity, s.entity_id,
           coalesce(nullif(case s.entity
               when 'finding' then concat_ws(' ', s.data ->> 'reference', left(s.data ->> 'statement', 200))
               when 'audit' then concat_ws(' ', s.data ->> 'kind', s.data ->> 'held_last_day')
               when 'change' then concat_ws(' ', s.data ->> 'kind', s.data ->> 'change_date')
               when 'scope_version' then concat_ws(' ', s.data ->> 'number', left(coalesce(s.data ->> 'statement_ja', s.data ->> 'statement_en'), 200))
               else concat_ws(' ', s.data ->> 'number', s.data ->> 'code',
                              left(coalesce(s.data ->> 'name', s.data ->> 'title', s.data ->> 'statement', s.data ->> 'description'), 200))
           end, ''), s.entity_id::text),
           c.content, md5(c.content::text)
    from (
        select distinct on (e.entity, e.entity_id) e.entity, e.entity_id, e.kind, e.data
        from platform.events e
        where e.consultancy_id = p_consultancy and e.client_id = p_client and e.entity = any (scheduling.carried_kinds())
          and e.entity_id is not null and (p_at is null or e.at <= p_at)
        order by e.entity, e.entity_id, e.at desc, e.version desc nulls last) s
    cross join lateral (
        select s.data - array['id', 'client_id', 'consultancy_id', 'version', 'created_at', 'updated_at', 'why', 'ics_sequence'] as content) c
    where s.kind not like '%.deleted'
      and (s.entity not in ('audit', 'finding') or s.data ->> 'certification_id' = p_certification::text)
      and (s.entity <> 'change' or coalesce(s.data ->> 'certification_id', p_certification::text) = p_certification::text)
      and (s.entity <> 'audit' or s.data ->> 'status' in ('held', 'reported'))
      and (s.entity <> 'scope_version' or s.data ->> 'status' in ('approved', 'active', 'superseded'))
$$;

-- A frozen state against now. Modified: a member that both have differs. A review counts for the content that was looked at. Revisit (NC-05,
-- SUR-06): what the frozen audit found, and older findings that are still open.
create function scheduling.carried_comparison(p_consultancy uuid, p_client uuid, p_certification uuid, p_carry_forward uuid, p_audit uuid)
returns table (kind text, id uuid, label text, change text, before jsonb, content jsonb, hash text, revisit text, reviewed_on date,
               reviewed_by uuid, review_note text)
language sql stable
as $$
    select c.kind, c.id, c.label, c.change, c.before, c.content, c.hash,
           case when c.kind <> 'finding' or c.change = 'dropped' or c.content ->> 'grade' = 'strength' then null
                when c.content ->> 'audit_id' = p_audit::text then c.content ->> 'grade'
                when c.content ->> 'closed_on' is null and c.content ->> 'verified_on' is null then 'open' end,
           v.reviewed_on, v.reviewed_by, v.note
    from (
        select coalesce(n.kind, o.entity) as kind, coalesce(n.id, o.entity_id) as id, coalesce(n.label, o.label) as label,
               case when o.entity_id is null then 'new'
                    when n.id is null then 'dropped'
                    when n.hash <> o.content_hash
                         and exists (select from jsonb_each(n.content) m where o.content ? m.key and o.content -> m.key <> m.value) then 'modified'
                    else 'unchanged' end as change,
               o.content as before, coalesce(n.content, o.content) as content, coalesce(n.hash, o.content_hash) as hash
        from (select i.* from scheduling.carried_items i
              where i.consultancy_id = p_consultancy and i.client_id = p_client and i.carry_forward_id = p_carry_forward) o
        full join scheduling.carried_state(p_consultancy, p_client, p_certification, null) n on n.kind = o.entity and n.id = o.entity_id) c
    left join scheduling.carried_reviews v on v.consultancy_id = p_consultancy and v.client_id = p_client
                                          and v.carry_forward_id = p_carry_forward and v.entity = c.kind and v.entity_id = c.id
                                          and v.content_hash = c.hash
$$;

grant execute on function scheduling.carried_kinds(), scheduling.carried_state(uuid, uuid, uuid, timestamptz),
    scheduling.carried_comparison(uuid, uuid, uuid, uuid, uuid)
to meguri_scheduling;

reset role;
