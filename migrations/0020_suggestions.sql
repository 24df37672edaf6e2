-- Risks know where they come from; what was decided about suggested risks is remembered.
set local role meguri_owner;

alter table registers.risks
    add column threat_code text,
    add column origin text not null default 'manual',
    add column catalogue_version int,
    add constraint risks_threat_code_length check (length(threat_code) between 2 and 60),
    add constraint risks_origin_known check (origin in ('manual', 'suggestion', 'pack', 'copy', 'import'));
create index risks_threat on registers.risks (consultancy_id, client_id, asset_id, threat_code);
-- Whoever accepts a suggestion twice, or two at once, makes one risk.
create unique index risks_suggestion_key on registers.risks (consultancy_id, client_id, asset_id, threat_code) where origin = 'suggestion';

create table registers.suggestion_decisions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    asset_id uuid not null,
    threat_code text not null,
    decision text not null,
    reason text,
    catalogue_version int,
    decided_by uuid,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint suggestion_decisions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint suggestion_decisions_asset_fkey foreign key (consultancy_id, client_id, asset_id)
        references registers.assets (consultancy_id, client_id, id) on delete cascade,
    constraint suggestion_decisions_suggestion_key unique (consultancy_id, client_id, asset_id, threat_code),
    constraint suggestion_decisions_threat_code_length check (length(threat_code) between 2 and 60),
    constraint suggestion_decisions_decision_known check (decision in ('accepted', 'declined')),
    constraint suggestion_decisions_reason_length check (length(reason) between 1 and 500)
);
comment on table registers.suggestion_decisions is 'tenant: which suggested risks of an asset were accepted or declined, by whom and why';
call app.fence('registers.suggestion_decisions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.suggestion_decisions to meguri_registers;

-- Every pair of an active asset of a client and a threat of its type; `place` puts threats in the order of the catalogue, own ones last.
-- Accepted is what a risk of that asset and threat stands for, however it came; so a suggestion whose risk was deleted is open again.
-- Threats are gathered by type first and decisions looked up in hashes, so that the cost is that of the pairs, whatever the planner expects.
create function registers.risk_suggestions(consultancy uuid, client uuid)
returns table (asset_id uuid, asset_number text, asset_name text, asset_kind text, group_name text, owner_name text, in_scope boolean,
               threat_code text, place text, impact int, likelihood int, state text)
language sql stable as $$
with kinds as materialized (
    select k.kind, array_agg(e.code) as codes, array_agg(lpad(e.position::text, 7, '0') || e.code) as places,
           array_agg(coalesce((e.details->>'impact')::int, 3)) as impacts, array_agg(coalesce((e.details->>'likelihood')::int, 3)) as likelihoods
    from registers.catalogue_entries e
    cross join lateral unnest(e.asset_types) as k(kind)
    where (e.consultancy_id = consultancy or e.consultancy_id is null) and e.catalogue = 'threats' and e.is_current
    group by k.kind)
select a.id, a.number, a.name, a.kind, a.group_name, a.owner_name, a.in_scope, t.code, t.place, t.impact, t.likelihood,
       case when (a.id, t.code) in (select r.asset_id, r.threat_code from registers.risks r
                                    where r.consultancy_id = consultancy and r.client_id = client and r.asset_id is not null
                                      and r.threat_code is not null) then 'accepted'
            when (a.id, t.code) in (select d.asset_id, d.threat_code from registers.suggestion_decisions d
                                    where d.consultancy_id = consultancy and d.client_id = client and d.decision = 'declined') then 'declined'
            else 'open' end
from registers.assets a
join kinds k on k.kind = a.kind
cross join lateral unnest(k.codes, k.places, k.impacts, k.likelihoods) as t(code, place, impact, likelihood)
where a.consultancy_id = consultancy and a.client_id = client and a.status = 'active'
$$;
grant execute on function registers.risk_suggestions(uuid, uuid) to meguri_registers;

reset role;
