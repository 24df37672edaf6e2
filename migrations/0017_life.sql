-- What else happens in the life of a certificate: transfer, reduced scope, another edition, add-ons that follow the ISMS.
set local role meguri_owner;

alter table scheduling.certifications
    add column accreditation_lost_on date,
    add column scope_reductions jsonb not null default '[]',
    add column previous_scheme text,
    add column edition_changed_on date,
    add column with_isms boolean not null default false,
    add constraint certifications_scope_reductions_list check (jsonb_typeof(scope_reductions) = 'array');
comment on column scheduling.certifications.accreditation_lost_on is
    'day on which the issuing body stopped trading or lost its accreditation (TRF-02)';
comment on column scheduling.certifications.scope_reductions is 'what was taken out of the scope: [{on, removed}]';
comment on column scheduling.certifications.previous_scheme is 'the edition before, until edition_changed_on';
comment on column scheduling.certifications.with_isms is 'an add-on whose present state came with that of its ISMS (ADD-01, ADD-02)';

reset role;
