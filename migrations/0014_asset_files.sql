-- Assets: what else an inventory says of them.
set local role meguri_owner;

alter table registers.assets
    add column group_name text,
    add column department_id uuid,
    add column site_id uuid,
    add column owner_person_id uuid,
    add column custodian_name text,
    add column personal_data boolean not null default false,
    add column retention text,
    add column note text,
    add constraint assets_group_name_length check (length(group_name) between 1 and 200),
    add constraint assets_custodian_name_length check (length(custodian_name) between 1 and 100),
    add constraint assets_retention_length check (length(retention) between 1 and 200),
    add constraint assets_note_length check (length(note) <= 4000),
    add constraint assets_department_fkey foreign key (consultancy_id, client_id, department_id)
        references tenants.departments (consultancy_id, client_id, id),
    add constraint assets_site_fkey foreign key (consultancy_id, client_id, site_id)
        references tenants.sites (consultancy_id, client_id, id),
    add constraint assets_owner_person_fkey foreign key (consultancy_id, client_id, owner_person_id)
        references tenants.people (consultancy_id, client_id, id);
create index assets_group on registers.assets (consultancy_id, client_id, group_name);
create index assets_department on registers.assets (consultancy_id, client_id, department_id);
create index assets_site on registers.assets (consultancy_id, client_id, site_id);
create index assets_owner_person on registers.assets (consultancy_id, client_id, owner_person_id);

reset role;
