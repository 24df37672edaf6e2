-- How a client meets each requirement and control, and the statement of applicability that it approved.
set local role meguri_owner;

create table registers.requirement_states (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    catalogue text not null,
    code text not null,
    applicable boolean not null default true,
    justification text,
    state text not null default 'not_started',
    maturity int,
    statement text,
    owner_person_id uuid,
    reviewed_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint requirement_states_code_key unique (consultancy_id, client_id, catalogue, code),
    constraint requirement_states_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint requirement_states_catalogue_known check (catalogue in ('requirements', 'controls')),
    constraint requirement_states_code_length check (length(code) between 1 and 40),
    constraint requirement_states_justification_length check (length(justification) <= 4000),
    constraint requirement_states_justification_required check (applicable or justification is not null),
    constraint requirement_states_applicable_known check (applicable or catalogue <> 'requirements'),
    constraint requirement_states_state_known check (state in ('not_started', 'planned', 'partly', 'implemented')),
    constraint requirement_states_maturity_range check (maturity between 0 and 5),
    constraint requirement_states_statement_length check (length(statement) <= 8000),
    constraint requirement_states_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id)
);
comment on table registers.requirement_states is
    'tenant: what a client decided about a requirement or control; without a row: applicable, not started';
create index requirement_states_owner_person on registers.requirement_states (consultancy_id, client_id, owner_person_id);
call app.fence('registers.requirement_states', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.requirement_states to meguri_registers;
grant select on registers.requirement_states to meguri_scheduling;

create table registers.soa_versions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    no int not null,
    title text not null,
    controls jsonb not null,
    sha256 text not null,
    author_id uuid,
    approved_by uuid,
    approved_on date,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint soa_versions_client_id_key unique (consultancy_id, client_id, id),
    constraint soa_versions_no_key unique (consultancy_id, client_id, no),
    constraint soa_versions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint soa_versions_title_length check (length(title) between 1 and 200),
    constraint soa_versions_sha256_shape check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint soa_versions_approved_by_independent check (approved_by <> author_id)
);
comment on table registers.soa_versions is 'tenant: statements of applicability as they stood when they were frozen';
call app.fence('registers.soa_versions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.soa_versions to meguri_registers;
grant select on registers.soa_versions to meguri_scheduling;

-- One row for every current requirement and control of a client: what was decided, and what the registers show for it.
create view registers.client_requirements with (security_invoker = true) as
select c.consultancy_id, c.id as client_id, e.id, e.catalogue, e.code, e.position, e.clause, e.theme, e.origin, e.title_ja, e.title_en,
       e.text_ja, e.text_en, coalesce(s.applicable, true) as applicable, s.justification, coalesce(s.state, 'not_started') as state, s.maturity,
       s.statement, s.owner_person_id, s.reviewed_on, s.updated_at, coalesce(s.version, 0) as version, t.treatments, t.implemented,
       v.evidence,
       case when not coalesce(s.applicable, true) then true
            else coalesce(s.state, 'not_started') = 'implemented' and (s.statement is not null or t.implemented > 0 or v.evidence > 0)
       end as covered,
       case when not coalesce(s.applicable, true) and t.treatments > 0 then 'excluded_but_used'
            when coalesce(s.state, 'not_started') = 'implemented' and s.statement is null and t.implemented = 0 and v.evidence = 0
            then 'implemented_without_proof'
            when coalesce(s.applicable, true) and coalesce(s.state, 'not_started') in ('not_started', 'planned') and t.implemented > 0
            then 'used_but_not_implemented' end as conflict
from tenants.clients c
join registers.catalogue_entries e on (e.consultancy_id = c.consultancy_id or e.consultancy_id is null) and e.is_current
                                  and e.catalogue in ('requirements', 'controls')
left join registers.requirement_states s on s.consultancy_id = c.consultancy_id and s.client_id = c.id and s.catalogue = e.catalogue
                                        and s.code = e.code
left join (select x.consultancy_id, x.client_id, k.code, count(*)::int as treatments,
                  count(*) filter (where x.state = 'implemented')::int as implemented
           from registers.treatments x
           cross join lateral jsonb_array_elements_text(x.controls) k(code)
           where x.state <> 'retired'
           group by x.consultancy_id, x.client_id, k.code) u
       on u.consultancy_id = c.consultancy_id and u.client_id = c.id and u.code = e.code
cross join lateral (select coalesce(u.treatments, 0) as treatments, coalesce(u.implemented, 0) as implemented) t
cross join lateral (select count(*)::int as evidence from registers.evidence_links l
                    where s.id is not null and l.consultancy_id = c.consultancy_id and l.client_id = c.id and l.subject_kind = 'requirement'
                      and l.subject = s.id) v;
comment on view registers.client_requirements is 'every current requirement and control, with what each client decided and shows';
grant select on registers.client_requirements to meguri_registers, meguri_scheduling;

alter table registers.evidence_links drop constraint evidence_links_subject_kind_known;
alter table registers.evidence_links add constraint evidence_links_subject_kind_known check (subject_kind in
    ('asset', 'risk', 'treatment', 'corrective_action', 'incident', 'objective', 'training', 'legal_requirement', 'task', 'finding', 'audit',
     'requirement'));

-- An approved statement of applicability is a fact of the certification.
grant update (soa_approved_on, risk_assessment_done_on, plan_stale, version, updated_at) on scheduling.certifications to meguri_registers;

reset role;
