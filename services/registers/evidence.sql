-- name: listEvidenceItems
-- key: e.id
-- sort: created_at e.created_at timestamptz
-- sort: title lower(e.title) text
select e.id, e.client_id, e.title, e.kind, e.url, e.note, e.collected_on, e.visibility, e.file_name, e.media_type, e.size_bytes, e.sha256,
       e.version, e.created_at, e.updated_at{key}
from registers.evidence e
where e.consultancy_id = :consultancy and e.client_id = :client_id
  and (:kind::text is null or e.kind = :kind)
  and (:subject::uuid is null or exists (select from registers.evidence_links k
                                         where k.consultancy_id = e.consultancy_id and k.client_id = e.client_id and k.evidence_id = e.id
                                           and k.subject = :subject::uuid))
  and (:visibility::text is null or e.visibility = :visibility)
  and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin'))
{page}

-- name: createEvidence
-- event: evidence.created
insert into registers.evidence (consultancy_id, id, client_id, title, kind, url, note, collected_on, visibility, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :title, :kind, :url, :note, :collected_on::date, coalesce(:visibility, 'everyone'), :now, :now)
returning id, client_id, title, kind, url, note, collected_on, visibility, file_name, media_type, size_bytes, sha256, version, created_at,
          updated_at

-- name: getEvidence
select e.id, e.client_id, e.title, e.kind, e.url, e.note, e.collected_on, e.visibility, e.file_name, e.media_type, e.size_bytes, e.sha256,
       e.version, e.created_at, e.updated_at
from registers.evidence e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
  and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin'))

-- name: updateEvidence
-- event: evidence.changed
update registers.evidence e
set (title, url, note, collected_on, visibility) =
    (select n.title, n.url, n.note, n.collected_on, n.visibility
     from jsonb_populate_record(e, :body::jsonb) n),
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
  and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin'))
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, title, kind, url, note, collected_on, visibility, file_name, media_type, size_bytes, sha256, version, created_at,
          updated_at

-- name: removeEvidence
-- event: evidence.deleted
delete from registers.evidence e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
  and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin'))
  and (:if_match::int is null or e.version = :if_match::int)
returning id, client_id, title, kind, url, note, collected_on, visibility, file_name, media_type, size_bytes, sha256,
          version + 1 as version, created_at, updated_at

-- The whole content at once: decoded, cut into pieces of 256 KiB, and what was there before is gone.
-- name: dropBlob
-- no-event: the evidence's own event tells
delete from registers.blob_chunks b
where b.consultancy_id = :consultancy and b.client_id = :client_id and b.evidence_id = :evidence_id::uuid
returning id

-- name: storeBlob
-- no-event: the evidence's own event tells
with content as materialized (select decode(:content_hex, 'hex') as bytes)
insert into registers.blob_chunks (consultancy_id, id, client_id, evidence_id, no, bytes, created_at, updated_at)
select :consultancy, gen_random_uuid(), :client_id, :evidence_id::uuid, n, substring(c.bytes from n * 262144 + 1 for 262144), :now, :now
from content c, generate_series(0, (length(c.bytes) - 1) / 262144) n
returning no

-- name: storeContent
-- event: evidence.stored
update registers.evidence e
set file_name = coalesce(:file_name, e.file_name), media_type = :media_type, size_bytes = :size_bytes::int, sha256 = :content_hash,
    version = e.version + 1, updated_at = :now
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
returning id, client_id, title, kind, url, note, collected_on, visibility, file_name, media_type, size_bytes, sha256, version, created_at,
          updated_at

-- name: putEvidenceContentProblems
select null as pointer, null as code, null as limit, p.en as detail_en, p.ja as detail_ja
from registers.evidence e
cross join lateral (values
    (e.kind <> 'file', 'Only evidence of the kind file has a content.', '内容を持てるのは種類が file の証拠だけです。'),
    (exists (select from registers.evidence_links k
             join registers.treatments t on t.consultancy_id = k.consultancy_id and t.client_id = k.client_id and t.id = k.subject
             where k.consultancy_id = e.consultancy_id and k.client_id = e.client_id and k.evidence_id = e.id and t.approved),
             'An approved record uses this file. Add a new piece of evidence instead.',
     '承認済みの記録がこのファイルを使っています。新しい証拠を追加してください。')) p(wrong, en, ja)
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid and p.wrong

-- name: deleteEvidenceProblems
select null as pointer, null as code, null as limit, 'An approved record uses this evidence. Detach it there first.' as detail_en,
       '承認済みの記録がこの証拠を使っています。先にそちらで外してください。' as detail_ja
from registers.evidence e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
  and exists (select from registers.evidence_links k
             join registers.treatments t on t.consultancy_id = k.consultancy_id and t.client_id = k.client_id and t.id = k.subject
             where k.consultancy_id = e.consultancy_id and k.client_id = e.client_id and k.evidence_id = e.id and t.approved)

-- name: dropEvidenceLinks
-- event: evidence_link.deleted
delete from registers.evidence_links k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.evidence_id = :evidence_id::uuid
returning id, client_id, evidence_id, subject_kind, subject, note, version + 1 as version, created_at, updated_at

-- name: loadBlob
select e.media_type, e.file_name, e.size_bytes, e.title, e.sha256,
       (select string_agg(encode(b.bytes, 'hex'), '' order by b.no) from registers.blob_chunks b
        where b.consultancy_id = e.consultancy_id and b.client_id = e.client_id and b.evidence_id = e.id) as content_hex
from registers.evidence e
where e.consultancy_id = :consultancy and e.client_id = :client_id and e.id = :evidence_id::uuid
  and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin'))

-- name: listEvidenceLinks
-- key: k.id
-- sort: created_at k.created_at timestamptz
select k.id, k.client_id, k.evidence_id, k.subject_kind, k.subject, k.note, k.version, k.created_at, k.updated_at{key}
from registers.evidence_links k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.evidence_id = :evidence_id::uuid
  and exists (select from registers.evidence e
              where e.consultancy_id = k.consultancy_id and e.client_id = k.client_id and e.id = k.evidence_id
                and (e.visibility = 'everyone' or :caller_reach <> 'client' or (e.visibility = 'client_admin' and :caller_role = 'client_admin')))
{page}

-- name: insertEvidenceLink
-- event: evidence_link.created
insert into registers.evidence_links (consultancy_id, id, client_id, evidence_id, subject_kind, subject, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :evidence_id::uuid, :subject_kind, :subject::uuid, :note, :now, :now)
returning id, client_id, evidence_id, subject_kind, subject, note, version, created_at, updated_at

-- name: getEvidenceLink
select k.id, k.client_id, k.evidence_id, k.subject_kind, k.subject, k.note, k.version, k.created_at, k.updated_at
from registers.evidence_links k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.evidence_id = :evidence_id::uuid and k.id = :evidence_link_id

-- name: updateEvidenceLink
-- event: evidence_link.changed
update registers.evidence_links k
set (note) =
    (select n.note
     from jsonb_populate_record(k, :body::jsonb) n),
    version = k.version + 1, updated_at = :now
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.evidence_id = :evidence_id::uuid and k.id = :evidence_link_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, evidence_id, subject_kind, subject, note, version, created_at, updated_at

-- name: deleteEvidenceLink
-- event: evidence_link.deleted
delete from registers.evidence_links k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.evidence_id = :evidence_id::uuid and k.id = :evidence_link_id
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, evidence_id, subject_kind, subject, note, version + 1 as version, created_at, updated_at

-- The record that is named must be one of the client's.
-- name: createEvidenceLinkProblems
select '/subject' as pointer, 'not_found_reference' as code, null as limit, null as detail_en, null as detail_ja
where not exists (
    select from registers.assets x
    where :subject_kind = 'asset' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.risks x
    where :subject_kind = 'risk' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.treatments x
    where :subject_kind = 'treatment' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.corrective_actions x
    where :subject_kind = 'corrective_action' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.incidents x
    where :subject_kind = 'incident' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.objectives x
    where :subject_kind = 'objective' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.trainings x
    where :subject_kind = 'training' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.legal_requirements x
    where :subject_kind = 'legal_requirement' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.tasks x
    where :subject_kind = 'task' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from scheduling.findings x
    where :subject_kind = 'finding' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.requirement_states x
    where :subject_kind = 'requirement' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from scheduling.audits x
    where :subject_kind = 'audit' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.suppliers x
    where :subject_kind = 'supplier' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.supplier_contracts x
    where :subject_kind = 'supplier_contract' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.supplier_conditions x
    where :subject_kind = 'supplier_condition' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.internal_audits x
    where :subject_kind = 'internal_audit' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.checklist_items x
    where :subject_kind = 'checklist_item' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.management_reviews x
    where :subject_kind = 'management_review' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.review_decisions x
    where :subject_kind = 'review_decision' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.competence_records x
    where :subject_kind = 'competence_record' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.measurements x
    where :subject_kind = 'measurement' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.context_issues x
    where :subject_kind = 'context_issue' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.interested_parties x
    where :subject_kind = 'interested_party' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid
    union all
    select from registers.party_requirements x
    where :subject_kind = 'party_requirement' and x.consultancy_id = :consultancy and x.client_id = :client_id and x.id = :subject::uuid)
