-- Evidence is attached to what an auditor asks about: suppliers, internal audits, reviews, competence, measurements and the context too.
set local role meguri_owner;

alter table registers.evidence_links drop constraint evidence_links_subject_kind_known;
alter table registers.evidence_links add constraint evidence_links_subject_kind_known check (subject_kind in
    ('asset', 'risk', 'treatment', 'corrective_action', 'incident', 'objective', 'training', 'legal_requirement', 'task', 'finding', 'audit',
     'requirement', 'supplier', 'supplier_contract', 'supplier_condition', 'internal_audit', 'checklist_item', 'management_review',
     'review_decision', 'competence_record', 'measurement', 'context_issue', 'interested_party', 'party_requirement'));

reset role;
