-- How risks are scored: methods, scales, bands; inherent, current and residual; acceptance that ends.
set local role meguri_owner;

-- ---------------------------------------------------------------- criteria
create function registers.builtin_criteria() returns jsonb language sql immutable parallel safe
as $$ select '{
  "method": "additive", "impact_basis": "direct", "impact_max": 5, "likelihood_max": 5, "threshold": 5, "matrix": null,
  "impact_labels": [{"value": 1, "ja": "軽微", "en": "minor"}, {"value": 2, "ja": "小", "en": "limited"}, {"value": 3, "ja": "中", "en": "moderate"},
                    {"value": 4, "ja": "大", "en": "major"}, {"value": 5, "ja": "甚大", "en": "severe"}],
  "likelihood_labels": [{"value": 1, "ja": "まれ", "en": "rare"}, {"value": 2, "ja": "低い", "en": "unlikely"},
                        {"value": 3, "ja": "ときどき", "en": "possible"}, {"value": 4, "ja": "高い", "en": "likely"},
                        {"value": 5, "ja": "ほぼ確実", "en": "almost certain"}],
  "bands": [{"from": 2, "ja": "低", "en": "low", "colour": "#2e7d32"}, {"from": 5, "ja": "中", "en": "medium", "colour": "#f9a825"},
            {"from": 8, "ja": "高", "en": "high", "colour": "#c62828"}]}'::jsonb $$;

alter table registers.risk_criteria add column criteria jsonb;
alter table registers.risk_criteria no force row level security;
update registers.risk_criteria k set criteria = registers.builtin_criteria() || jsonb_build_object('threshold', k.threshold);
alter table registers.risk_criteria force row level security;
alter table registers.risk_criteria
    alter column criteria set not null,
    add constraint risk_criteria_criteria_object check (jsonb_typeof(criteria) = 'object'),
    drop constraint risk_criteria_method_known, drop constraint risk_criteria_impact_max_range,
    drop constraint risk_criteria_likelihood_max_range, drop constraint risk_criteria_threshold_range,
    drop column method, drop column impact_max, drop column likelihood_max, drop column threshold;
comment on table registers.risk_criteria is
    'tenant: how a client assesses its risks; without a row as the consultancy does, else additive, 5 x 5, threshold 5';

create table registers.risk_criteria_defaults (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    criteria jsonb not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint risk_criteria_defaults_consultancy_key unique (consultancy_id),
    constraint risk_criteria_defaults_criteria_object check (jsonb_typeof(criteria) = 'object')
);
comment on table registers.risk_criteria_defaults is 'tenant: how clients without criteria of their own assess their risks';
call app.fence('registers.risk_criteria_defaults');
grant select, insert, update, delete on registers.risk_criteria_defaults to meguri_registers;
grant select on registers.risk_criteria_defaults to meguri_tenants, meguri_scheduling;
grant select on registers.risk_criteria to meguri_scheduling;

create function registers.criteria_of(p_consultancy uuid, p_client uuid) returns jsonb language sql stable
as $$ select coalesce((select k.criteria from registers.risk_criteria k where k.consultancy_id = p_consultancy and k.client_id = p_client),
                      (select d.criteria from registers.risk_criteria_defaults d where d.consultancy_id = p_consultancy),
                      registers.builtin_criteria()) $$;

-- ---------------------------------------------------------------- risks
alter table registers.risks
    alter column score drop expression,
    add column affects jsonb not null default '["confidentiality", "integrity", "availability"]',
    add column impact_used int,
    add column band int,
    add column must_treat boolean,
    add column inherent_impact int,
    add column inherent_likelihood int,
    add column inherent_score int,
    add column residual_impact int,
    add column residual_likelihood int,
    add column residual_score int,
    add column owner_person_id uuid,
    add column review_on date,
    add column accepted_by uuid,
    add column accepted_on date,
    add column accept_reason text,
    add column accept_until date,
    add column accepted_score int,
    add column author_id uuid,
    add column evaluated_by uuid,
    add constraint risks_affects_list check (jsonb_typeof(affects) = 'array' and jsonb_array_length(affects) between 1 and 3),
    add constraint risks_inherent_impact_range check (inherent_impact between 1 and 5),
    add constraint risks_inherent_likelihood_range check (inherent_likelihood between 1 and 5),
    add constraint risks_residual_impact_range check (residual_impact between 1 and 5),
    add constraint risks_residual_likelihood_range check (residual_likelihood between 1 and 5),
    add constraint risks_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id),
    add constraint risks_accept_reason_length check (length(accept_reason) between 1 and 2000);
create index risks_owner_person on registers.risks (consultancy_id, client_id, owner_person_id);
comment on table registers.risks is 'tenant: the risks of a client; what the criteria derive is written by registers.evaluated';

create function registers.risk_score(k jsonb, impact int, likelihood int) returns int language sql immutable parallel safe
as $$ select case k ->> 'method' when 'multiplicative' then impact * likelihood
                                 when 'matrix' then (k -> 'matrix' -> (impact - 1) ->> (likelihood - 1))::int
                                 else impact + likelihood end $$;

-- From 1: the last band whose first score is reached.
create function registers.risk_band(k jsonb, score int) returns int language sql immutable parallel safe
as $$ select greatest(count(*), 1)::int from jsonb_array_elements(k -> 'bands') as b (band) where (b.band ->> 'from')::int <= score $$;

-- An acceptance is over on the day after its last one, whoever reads when.
create function registers.risk_status(status text, accept_until date, today date) returns text language sql immutable parallel safe
as $$ select case when status = 'accepted' and accept_until < today then 'open' else status end $$;

-- The row with everything that the criteria say of it; every statement that writes one goes through here. What was accepted at a lower score, or
-- is not accepted any more, has no acceptance.
create function registers.evaluated(r registers.risks, k jsonb) returns registers.risks language plpgsql stable
as $$
declare
    from_asset int;
begin
    if k ->> 'impact_basis' = 'cia' and r.asset_id is not null then
        select greatest(case when r.affects ? 'confidentiality' then a.confidentiality end,
                        case when r.affects ? 'integrity' then a.integrity end,
                        case when r.affects ? 'availability' then a.availability end)
        into from_asset
        from registers.assets a
        where a.consultancy_id = r.consultancy_id and a.client_id = r.client_id and a.id = r.asset_id;
    end if;
    r.impact_used := least(coalesce(from_asset, r.impact), (k ->> 'impact_max')::int);
    r.score := registers.risk_score(k, r.impact_used, least(r.likelihood, (k ->> 'likelihood_max')::int));
    r.inherent_score := registers.risk_score(k, coalesce(r.inherent_impact, case when r.inherent_likelihood is not null then r.impact_used end),
                                             coalesce(r.inherent_likelihood, case when r.inherent_impact is not null then r.likelihood end));
    r.residual_score := registers.risk_score(k, coalesce(r.residual_impact, case when r.residual_likelihood is not null then r.impact_used end),
                                             coalesce(r.residual_likelihood, case when r.residual_impact is not null then r.likelihood end));
    r.band := registers.risk_band(k, r.score);
    r.must_treat := r.score >= (k ->> 'threshold')::int;
    if r.status = 'accepted' and r.score > r.accepted_score then
        r.status := 'open';
    end if;
    if r.status <> 'accepted' then
        r.accepted_by := null;
        r.accepted_on := null;
        r.accept_reason := null;
        r.accept_until := null;
        r.accepted_score := null;
    end if;
    return r;
end $$;

-- A row on another scale: the same share of it, rounded up.
create function registers.rescaled(r registers.risks, was jsonb, k jsonb) returns registers.risks language plpgsql immutable
as $$
declare
    i numeric := (k ->> 'impact_max')::numeric / (was ->> 'impact_max')::numeric;
    l numeric := (k ->> 'likelihood_max')::numeric / (was ->> 'likelihood_max')::numeric;
begin
    r.impact := ceil(round(r.impact * i, 6));
    r.likelihood := ceil(round(r.likelihood * l, 6));
    r.inherent_impact := ceil(round(r.inherent_impact * i, 6));
    r.inherent_likelihood := ceil(round(r.inherent_likelihood * l, 6));
    r.residual_impact := ceil(round(r.residual_impact * i, 6));
    r.residual_likelihood := ceil(round(r.residual_likelihood * l, 6));
    return r;
end $$;

alter table registers.risks no force row level security;
update registers.risks r set (impact_used, band, must_treat) = (select e.impact_used, e.band, e.must_treat
    from registers.evaluated(r, registers.builtin_criteria()) e);
alter table registers.risks force row level security;
alter table registers.risks alter column impact_used set not null, alter column band set not null, alter column must_treat set not null;

grant execute on function registers.builtin_criteria(), registers.criteria_of(uuid, uuid), registers.risk_score(jsonb, int, int),
    registers.risk_band(jsonb, int), registers.risk_status(text, date, date), registers.evaluated(registers.risks, jsonb),
    registers.rescaled(registers.risks, jsonb, jsonb) to meguri_registers;
