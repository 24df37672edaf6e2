-- Audit questions of a client's own, which packs carry too; and what was copied from one client to another, so that nothing comes twice.
set local role meguri_owner;

create table registers.checklist_questions (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    code text,
    question_ja text not null,
    question_en text not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint checklist_questions_client_id_key unique (consultancy_id, client_id, id),
    constraint checklist_questions_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint checklist_questions_code_length check (length(code) between 1 and 40),
    constraint checklist_questions_question_ja_length check (length(question_ja) between 1 and 2000),
    constraint checklist_questions_question_en_length check (length(question_en) between 1 and 2000)
);
comment on table registers.checklist_questions is 'tenant: questions of the client''s own that its internal audits ask beside those of the catalogue';
create index checklist_questions_created on registers.checklist_questions (consultancy_id, client_id, created_at, id);
call app.fence('registers.checklist_questions', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.checklist_questions to meguri_registers;

create table registers.client_copies (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    source_client_id uuid not null,
    key text not null,
    kind text not null,
    object_id uuid not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint client_copies_key_key unique (consultancy_id, client_id, source_client_id, key),
    constraint client_copies_client_fkey foreign key (consultancy_id, client_id) references tenants.clients (consultancy_id, id),
    constraint client_copies_source_client_fkey foreign key (consultancy_id, source_client_id) references tenants.clients (consultancy_id, id)
);
comment on table registers.client_copies is 'tenant: which thing of a client was copied from which thing of another';
create index client_copies_source_client on registers.client_copies (consultancy_id, source_client_id);
call app.fence('registers.client_copies', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.client_copies to meguri_registers;

create or replace function registers.history_entities() returns text[] language sql immutable parallel safe
as $$
    select array['asset', 'asset_classification', 'audit', 'certification', 'change', 'checklist_question', 'competence', 'competence_record',
                 'context_issue', 'corrective_action', 'department', 'evidence', 'finding', 'incident', 'interested_party', 'internal_audit',
                 'legal_requirement', 'management_review', 'mark_use', 'measurement', 'objective', 'obligation', 'party_requirement', 'person',
                 'requirement', 'review_decision', 'risk', 'risk_criteria', 'scope_version', 'site', 'soa', 'supplier', 'supplier_condition',
                 'supplier_contract', 'task', 'training', 'treatment']
$$;

reset role;
