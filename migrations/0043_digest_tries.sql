-- A digest that the mail server did not take now is tried again later.
set local role meguri_owner;

alter table notifications.digest_settings add column next_try_at timestamptz;

reset role;
