-- name: listClients
-- key: c.id
-- sort: created_at c.created_at timestamptz
-- sort: name lower(c.name) text
-- sort: code coalesce(c.code, '') text
select c.id, c.code, c.name, c.name_kana, c.name_en, c.locale, c.time_zone, c.headcount, c.fiscal_year_end_month, c.status,
       c.contact_name, c.contact_email, c.notes, c.version, c.created_at, c.updated_at{key}
from tenants.clients c
where c.consultancy_id = :consultancy
  and (:status::text is null or c.status = :status)
  and (:code::text is null or c.code = :code)
{page}

-- name: createClient
-- event: client.created
insert into tenants.clients (consultancy_id, id, code, name, name_kana, name_en, locale, time_zone, headcount, fiscal_year_end_month,
                             status, contact_name, contact_email, notes, created_at, updated_at)
values (:consultancy, :new_id, :code, :name, :name_kana, :name_en, coalesce(:locale, 'ja'), coalesce(:time_zone, 'Asia/Tokyo'),
        :headcount, :fiscal_year_end_month, coalesce(:status, 'active'), :contact_name, :contact_email, :notes, :now, :now)
returning id, code, name, name_kana, name_en, locale, time_zone, headcount, fiscal_year_end_month, status, contact_name, contact_email, notes, version,
          created_at, updated_at

-- name: getClient
select c.id, c.code, c.name, c.name_kana, c.name_en, c.locale, c.time_zone, c.headcount, c.fiscal_year_end_month, c.status,
       c.contact_name, c.contact_email, c.notes, c.version, c.created_at, c.updated_at
from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id

-- name: updateClient
-- event: client.changed
update tenants.clients c
set (code, name, name_kana, name_en, locale, time_zone, headcount, fiscal_year_end_month, status, contact_name, contact_email, notes) =
    (select p.code, p.name, p.name_kana, p.name_en, p.locale, p.time_zone, p.headcount, p.fiscal_year_end_month, p.status, p.contact_name, p.contact_email, p.notes
     from jsonb_populate_record(c, :body::jsonb) p),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.id = :client_id and (:if_match::int is null or c.version = :if_match::int)
returning id, code, name, name_kana, name_en, locale, time_zone, headcount, fiscal_year_end_month, status, contact_name, contact_email, notes, version,
          created_at, updated_at

-- name: deleteClient
-- event: client.deleted
delete from tenants.clients c
where c.consultancy_id = :consultancy and c.id = :client_id and (:if_match::int is null or c.version = :if_match::int)
returning id, code, name, name_kana, name_en, locale, time_zone, headcount, fiscal_year_end_month, status, contact_name, contact_email, notes,
          version + 1 as version, created_at, updated_at
