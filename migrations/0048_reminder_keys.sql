-- A reminder costs the planner less: one key finds the reminders of a deadline and keeps each of them single, and the client's foreign key already says
-- that the consultancy exists.
set local role meguri_owner;

alter table notifications.reminders
    drop constraint reminders_once_key,
    add constraint reminders_once_key unique
        (consultancy_id, deadline_id, policy_id, deadline_due_on, offset_days, channel, member_id),
    drop constraint reminders_consultancy_id_fkey;
drop index notifications.reminders_deadline;

reset role;
