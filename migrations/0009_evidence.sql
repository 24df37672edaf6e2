-- Evidence: files, links and notes, attached to anything.
set local role meguri_owner;

create table registers.evidence (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    title text not null,
    kind text not null,
    url text,
    note text,
    collected_on date,
    visibility text not null default 'everyone',
    file_name text,
    media_type text,
    size_bytes int,
    sha256 text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint evidence_client_id_key unique (consultancy_id, client_id, id),
    constraint evidence_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint evidence_title_length check (length(title) between 1 and 300),
    constraint evidence_kind_known check (kind in ('file', 'link', 'note')),
    constraint evidence_url_length check (length(url) <= 2000),
    constraint evidence_note_length check (length(note) <= 8000),
    constraint evidence_visibility_known check (visibility in ('everyone', 'client_admin', 'consultancy')),
    constraint evidence_url_required check (kind <> 'link' or url is not null),
    constraint evidence_note_required check (kind <> 'note' or note is not null),
    constraint evidence_file_name_length check (length(file_name) between 1 and 255),
    constraint evidence_size_bytes_range check (size_bytes between 1 and 20971520),
    constraint evidence_sha256_shape check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table registers.evidence is 'tenant: files, links and notes that show that something is done; a file lies in blob_chunks';
create index evidence_created on registers.evidence (consultancy_id, client_id, created_at, id);
call app.fence('registers.evidence', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.evidence to meguri_registers;

create table registers.evidence_links (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    evidence_id uuid not null,
    subject_kind text not null,
    subject uuid not null,
    note text,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint evidence_links_client_id_key unique (consultancy_id, client_id, id),
    constraint evidence_links_client_fkey foreign key (consultancy_id, client_id)
        references tenants.clients (consultancy_id, id),
    constraint evidence_links_subject_kind_known check (subject_kind in
        ('asset', 'risk', 'treatment', 'corrective_action', 'incident', 'objective', 'training', 'legal_requirement', 'task', 'finding', 'audit')),
    constraint evidence_links_note_length check (length(note) <= 2000),
    constraint evidence_links_evidence_fkey foreign key (consultancy_id, client_id, evidence_id)
        references registers.evidence (consultancy_id, client_id, id),
    constraint evidence_links_subject_key unique (consultancy_id, client_id, evidence_id, subject_kind, subject)
);
comment on table registers.evidence_links is 'tenant: what a piece of evidence is attached to';
create index evidence_links_created on registers.evidence_links (consultancy_id, client_id, created_at, id);
create index evidence_links_evidence on registers.evidence_links (consultancy_id, client_id, evidence_id);
create index evidence_links_subject on registers.evidence_links (consultancy_id, client_id, subject);
call app.fence('registers.evidence_links', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.evidence_links to meguri_registers;

create table registers.blob_chunks (
    consultancy_id uuid not null references platform.consultancies,
    id uuid not null,
    client_id uuid not null,
    evidence_id uuid not null,
    no int not null,
    bytes bytea not null,
    version int not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (consultancy_id, id),
    constraint blob_chunks_no_key unique (consultancy_id, client_id, evidence_id, no),
    constraint blob_chunks_evidence_fkey foreign key (consultancy_id, client_id, evidence_id)
        references registers.evidence (consultancy_id, client_id, id),
    constraint blob_chunks_no_range check (no between 0 and 1048575),
    constraint blob_chunks_bytes_range check (length(bytes) between 1 and 262144)
);
comment on table registers.blob_chunks is 'tenant: contents of files in pieces of 256 KiB; compressed by nobody, they are mostly compressed already';
alter table registers.blob_chunks alter column bytes set storage external;
call app.fence('registers.blob_chunks', 'app.sees_client(client_id)');
grant select, insert, update, delete on registers.blob_chunks to meguri_registers;
grant select on scheduling.audits to meguri_registers;

reset role;
