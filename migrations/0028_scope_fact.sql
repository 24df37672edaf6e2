-- An approved scope is a fact of the certifications.
set local role meguri_owner;

grant update (scope_defined_on, plan_stale, version, updated_at) on scheduling.certifications to meguri_tenants;
