-- Reviews are looked up by their whole key. A plan made while there were none read all of them for each item, too slow when thousands are reviewed
-- at once; `offset 0` makes plain columns of what is compared, which alone may go to an index below row level security.
set local role meguri_owner;

create or replace function scheduling.carried_comparison(p_consultancy uuid, p_client uuid, p_certification uuid, p_carry_forward uuid, p_audit uuid)
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
        full join scheduling.carried_state(p_consultancy, p_client, p_certification, null) n on n.kind = o.entity and n.id = o.entity_id
        offset 0) c
    left join lateral (
        select r.reviewed_on, r.reviewed_by, r.note, r.content_hash from scheduling.carried_reviews r
        where r.consultancy_id = p_consultancy and r.client_id = p_client and r.carry_forward_id = p_carry_forward
          and r.entity = c.kind and r.entity_id = c.id
        offset 0) v on v.content_hash = c.hash
$$;

reset role;
