-- What the difference of two instants is made of.
set local role meguri_owner;

create function registers.history_entities() returns text[] language sql immutable parallel safe
as $$
    select array['asset', 'asset_classification', 'audit', 'certification', 'change', 'competence', 'competence_record', 'context_issue',
                 'corrective_action', 'department', 'evidence', 'finding', 'incident', 'interested_party', 'internal_audit', 'legal_requirement',
                 'management_review', 'mark_use', 'measurement', 'objective', 'obligation', 'party_requirement', 'person', 'requirement',
                 'review_decision', 'risk', 'risk_criteria', 'scope_version', 'site', 'soa', 'supplier', 'supplier_condition', 'supplier_contract',
                 'task', 'training', 'treatment']
$$;
grant execute on function registers.history_entities() to meguri_registers;
