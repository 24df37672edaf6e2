-- Classification schemes that assets refer to; suggested treatments that were declined.
set local role meguri_owner;

-- ---------------------------------------------------------------- classification
create function registers.builtin_classifications() returns jsonb language sql immutable parallel safe
as $$ select '[
  {"number": 1, "label_ja": "公開", "label_en": "Public", "colour": "#2e7d32",
   "handling_ja": "社外に公開してよい。公開前に担当者が内容を確認する。",
   "handling_en": "May be published. Somebody responsible reads it before."},
  {"number": 2, "label_ja": "社外秘", "label_en": "Internal", "colour": "#1565c0",
   "handling_ja": "社内での利用に限る。社外に渡すときは上長の承認を得る。",
   "handling_en": "Stays inside the organization. Leaves it with the consent of the superior."},
  {"number": 3, "label_ja": "秘", "label_en": "Confidential", "colour": "#f9a825",
   "handling_ja": "業務上必要な人だけが扱う。保存と送信は暗号化し、廃棄は復元できない方法で行う。",
   "handling_en": "For those who need it for their work. Stored and sent encrypted, destroyed beyond recovery."},
  {"number": 4, "label_ja": "極秘", "label_en": "Strictly confidential", "colour": "#c62828",
   "handling_ja": "指名された人だけが扱う。複製と持ち出しを禁じ、利用を記録する。",
   "handling_en": "For named persons only. Neither copied nor taken away; each use is recorded."}]'::jsonb $$;

create table registers.classification_schemes (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    levels jsonb not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint classification_schemes_client_key unique (consultancy_id, client_id),
    constraint classification_schemes_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint classification_schemes_levels_list check (jsonb_typeof(levels) = 'array')
);
comment on table registers.classification_schemes is
    'tenant: the levels by which a client classifies its information; without a row those of the consultancy, else of the product';
call app.fence('registers.classification_schemes', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.classification_schemes to meguri_registers;

create table registers.classification_defaults (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    levels jsonb not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint classification_defaults_consultancy_key unique (consultancy_id),
    constraint classification_defaults_levels_list check (jsonb_typeof(levels) = 'array')
);
comment on table registers.classification_defaults is 'tenant: the levels of clients without a scheme of their own';
call app.fence('registers.classification_defaults');
grant select, insert, update, delete on registers.classification_defaults to meguri_registers;

create function registers.classifications_of(p_consultancy uuid, p_client uuid) returns jsonb language sql stable
as $$ select coalesce(
    (select s.levels from registers.classification_schemes s where s.consultancy_id = p_consultancy and s.client_id = p_client),
    (select d.levels from registers.classification_defaults d where d.consultancy_id = p_consultancy),
    registers.builtin_classifications()) $$;

-- Level and text of an asset that belong together: the text of a level is its label in the client's language; a text that is a label of the
-- scheme (in either language), or the number of a level, means that level; any other text stands alone.
create function registers.classified(p_levels jsonb, p_locale text, p_level int, p_label text)
returns table (level int, label text) language sql immutable parallel safe
as $$ select (m.l ->> 'number')::int, coalesce(case when p_locale = 'ja' then m.l ->> 'label_ja' else m.l ->> 'label_en' end, p_label)
      from (values (1)) one (row)
      left join lateral (select e.l from jsonb_array_elements(p_levels) as e (l)
                         where case when p_level is not null then (e.l ->> 'number')::int = p_level
                                    else lower(p_label) in (lower(e.l ->> 'label_ja'), lower(e.l ->> 'label_en'), e.l ->> 'number') end
                         limit 1) m on true $$;

-- What is wrong with the classification of an asset as given: a level that the scheme lacks, a text that contradicts the level, and, once the
-- client has a scheme of its own, a text that is no label of it.
create function registers.classification_problems(p_consultancy uuid, p_client uuid, given jsonb)
returns table (member text, code text, known text) language sql stable
as $$
select w.member, w.code, case when w.code = 'unknown_value' then case w.member when 'classification' then n.labels else n.numbers end end
from (select registers.classifications_of(p_consultancy, p_client) as levels) s
cross join lateral registers.classified(s.levels, 'ja', (given ->> 'classification_level')::int, null) l
cross join lateral registers.classified(s.levels, 'ja', null, given ->> 'classification') t
cross join lateral (select string_agg(e.l ->> 'number', ', ') as numbers,
                           string_agg(e.l ->> 'label_ja' || ' / ' || (e.l ->> 'label_en'), ', ') as labels
                    from jsonb_array_elements(s.levels) as e (l)) n
cross join lateral (values
    ('classification_level', 'unknown_value', given ->> 'classification_level' is not null and l.level is null),
    ('classification', 'inconsistent', given ->> 'classification' is not null and l.level <> coalesce(t.level, 0)),
    ('classification', 'unknown_value',
     given ->> 'classification' is not null and given ->> 'classification_level' is null and t.level is null
     and exists (select from registers.classification_schemes o where o.consultancy_id = p_consultancy and o.client_id = p_client)))
    w (member, code, wrong)
where w.wrong $$;

alter table registers.assets
    add column classification_level int,
    add constraint assets_classification_level_range check (classification_level between 1 and 99);
create index assets_classification on registers.assets (consultancy_id, client_id, classification_level);

alter table registers.assets no force row level security;
update registers.assets a set (classification_level, classification) = (
    select x.level, x.label
    from tenants.clients l
    cross join lateral registers.classified(registers.builtin_classifications(), l.locale, null, a.classification) x
    where l.consultancy_id = a.consultancy_id and l.id = a.client_id)
where lower(a.classification) in (select lower(w.word) from jsonb_array_elements(registers.builtin_classifications()) as e (l)
                                  cross join lateral (values (e.l ->> 'label_ja'), (e.l ->> 'label_en')) w (word));
alter table registers.assets force row level security;

grant execute on function registers.builtin_classifications(), registers.classifications_of(uuid, uuid),
    registers.classified(jsonb, text, int, text),
    registers.classification_problems(uuid, uuid, jsonb) to meguri_registers;

-- ---------------------------------------------------------------- suggested treatments
create table registers.treatment_suggestion_decisions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    code text not null,
    reason text,
    decided_by uuid,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint treatment_suggestion_decisions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint treatment_suggestion_decisions_code_key unique (consultancy_id, client_id, code),
    constraint treatment_suggestion_decisions_code_length check (length(code) between 2 and 60),
    constraint treatment_suggestion_decisions_reason_length check (length(reason) between 1 and 500)
);
comment on table registers.treatment_suggestion_decisions is 'tenant: which suggested treatments a client declined, by whom and why';
call app.fence('registers.treatment_suggestion_decisions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.treatment_suggestion_decisions to meguri_registers;

-- Every treatment of the catalogue with an open risk that it answers; linked when the client has a rule made from it that says so.
create function registers.treatment_answers(consultancy uuid, client uuid, today date)
returns table (code text, risk_id uuid, asset_id uuid, linked boolean)
language sql stable as $$
with answers as materialized (
    select t.threat, array_agg(e.code) as codes
    from registers.catalogue_entries e
    cross join lateral unnest(e.threats) as t(threat)
    where (e.consultancy_id = consultancy or e.consultancy_id is null) and e.catalogue = 'treatments' and e.is_current
    group by t.threat)
select c.code, r.id, r.asset_id,
       (c.code, r.id) in (select t.origin, k.risk_id
                          from registers.treatment_risks k
                          join registers.treatments t on t.consultancy_id = k.consultancy_id and t.client_id = k.client_id
                                                      and t.id = k.treatment_id
                          where k.consultancy_id = consultancy and k.client_id = client and t.origin is not null)
from registers.risks r
join answers a on a.threat = r.threat_code
cross join lateral unnest(a.codes) as c(code)
where r.consultancy_id = consultancy and r.client_id = client and registers.risk_status(r.status, r.accept_until, today) = 'open'
$$;
grant execute on function registers.treatment_answers(uuid, uuid, date) to meguri_registers;

reset role;
