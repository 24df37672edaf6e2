-- The last day by which a certification changes its edition is a deadline like any other.
set local role meguri_owner;

alter table scheduling.campaigns add column plan_stale boolean not null default true, add column planned_on date;
comment on table scheduling.campaigns is
    'tenant: the change from one edition of a standard to the next over all clients (TRN-04); plan_stale, planned_on = its deadlines wait for the job, '
    'civil day of its last run';

reset role;
