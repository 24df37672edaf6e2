-- Reminders as events for other programs and chats.
set local role meguri_owner;

alter table notifications.reminder_policies
    drop constraint reminder_policies_channel_known,
    add constraint reminder_policies_channel_known check (channel in ('email', 'inbox', 'webhook'));

alter table notifications.reminders
    drop constraint reminders_channel_known,
    add constraint reminders_channel_known check (channel in ('email', 'inbox', 'webhook')),
    drop constraint reminders_receiver_kind_known,
    add constraint reminders_receiver_kind_known check (receiver_kind in ('member', 'person', 'client_contact', 'endpoints')),
    drop constraint reminders_receiver_email_length,
    add constraint reminders_receiver_email_length check (length(receiver_email) between 3 and 254 or receiver_kind = 'endpoints');
comment on column notifications.reminders.member_id is
    'the receiver: a member, a person of the client, or the client itself for its contact (client_contact) and for endpoints, as receiver_kind says';

reset role;
