-- Templates of mails: what the program brings, and the consultancy's own versions over it. The highest number counts; one without content is
-- a way back to what the program brings.

-- name: listMessageTemplates
select jsonb_agg(jsonb_build_object(
           'kind', d.kind, 'language', d.language, 'title_ja', k.title_ja, 'title_en', k.title_en,
           'source', case when o.subject is null then 'built_in' else 'consultancy' end, 'subject', coalesce(o.subject, d.subject),
           'text', coalesce(o.body_text, d.body_text), 'html', case when o.subject is null then d.body_html else o.body_html end,
           'placeholders', k.placeholders, 'version', coalesce(o.no, 0), 'changed_at', o.created_at) order by k.position, d.language desc) as data
from notifications.default_templates d
join notifications.template_kinds k on k.kind = d.kind
left join lateral (
    select m.* from notifications.message_templates m
    where m.consultancy_id = :consultancy and m.kind = d.kind and m.language = d.language
    order by m.no desc limit 1) o on true

-- name: getMessageTemplate
select d.kind, d.language, k.title_ja, k.title_en, case when o.subject is null then 'built_in' else 'consultancy' end as source,
       coalesce(o.subject, d.subject) as subject, coalesce(o.body_text, d.body_text) as text,
       case when o.subject is null then d.body_html else o.body_html end as html, k.placeholders, coalesce(o.no, 0) as version, o.created_at as changed_at
from notifications.default_templates d
join notifications.template_kinds k on k.kind = d.kind
left join lateral (
    select m.* from notifications.message_templates m
    where m.consultancy_id = :consultancy and m.kind = d.kind and m.language = d.language
    order by m.no desc limit 1) o on true
where d.kind = :template_kind and d.language = :template_language

-- What a template may name, as an object.
-- name: loadPlaceholders
select jsonb_object_agg(p.item ->> 'name', coalesce(
           (select jsonb_object_agg(x.item ->> 'name', 'text') from jsonb_array_elements(p.item -> 'items') x (item)), '"text"')) as known
from notifications.template_kinds k, jsonb_array_elements(k.placeholders) p (item)
where k.kind = :template_kind

-- Versions are numbered one after the other, so writers take turns.
-- name: lockMessageTemplate
select pg_advisory_xact_lock(hashtextextended('template ' || :consultancy::text || :template_kind || :template_language, 0)) is null as locked

-- A new version; none when somebody else made one meanwhile.
-- name: storeMessageTemplate
-- event: message_template.changed
insert into notifications.message_templates as m (consultancy_id, id, kind, language, no, subject, body_text, body_html, created_at, updated_at)
select :consultancy, :new_id, :template_kind, :template_language, x.no + 1, :subject, :text, :html, :now, :now
from (select coalesce(max(o.no), 0) as no from notifications.message_templates o
      where o.consultancy_id = :consultancy and o.kind = :template_kind and o.language = :template_language) x
where :if_match::int is null or :if_match::int = x.no
returning id, kind, language, no, subject, body_text as text, body_html as html, version, created_at, updated_at

-- name: dropMessageTemplate
-- event: message_template.changed
insert into notifications.message_templates as m (consultancy_id, id, kind, language, no, created_at, updated_at)
select :consultancy, :new_id, :template_kind, :template_language, x.no + 1, :now, :now
from (select coalesce(max(o.no), 0) as no from notifications.message_templates o
      where o.consultancy_id = :consultancy and o.kind = :template_kind and o.language = :template_language) x
where :if_match::int is null or :if_match::int = x.no
returning id, kind, language, no, subject, body_text as text, body_html as html, version, created_at, updated_at

-- name: listMessageTemplateVersions
select coalesce(jsonb_agg(jsonb_build_object(
           'version', v.no, 'source', case when v.subject is null then 'built_in' else 'consultancy' end, 'subject', v.subject,
           'text', v.body_text, 'html', v.body_html, 'created_at', v.created_at) order by v.no desc), '[]') as data
from (select m.* from notifications.message_templates m
      where m.consultancy_id = :consultancy and m.kind = :template_kind and m.language = :template_language
      order by m.no desc
      limit 200) v

-- name: copyMessageTemplate
-- event: message_template.changed
insert into notifications.message_templates as m (consultancy_id, id, kind, language, no, subject, body_text, body_html, created_at, updated_at)
select :consultancy, :new_id, o.kind, o.language,
       (select max(l.no) + 1 from notifications.message_templates l
        where l.consultancy_id = :consultancy and l.kind = o.kind and l.language = o.language),
       o.subject, o.body_text, o.body_html, :now, :now
from notifications.message_templates o
where o.consultancy_id = :consultancy and o.kind = :template_kind and o.language = :template_language and o.no = :from_version::int
returning id, kind, language, no, subject, body_text as text, body_html as html, version, created_at, updated_at

-- ---- preview ----

-- The reminder that was asked for, else the next one of the language, else the next one.
-- name: loadPreviewReminder
select r.id, r.member_id as receiver_id, r.deadline_due_on as due_on, d.raw_on, r.send_on as today,
       case :template_language when 'en' then coalesce(c.name_en, c.name) else c.name end as client_name,
       case :template_language when 'en' then d.title_en else d.title_ja end as title, d.rule, d.hardness,
       coalesce(m.name, e.name, case r.receiver_kind when 'client_contact' then c.contact_name end, r.receiver_email) as receiver_name
from notifications.reminders r
join scheduling.deadlines d on d.consultancy_id = r.consultancy_id and d.id = r.deadline_id
join tenants.clients c on c.consultancy_id = r.consultancy_id and c.id = r.client_id
left join tenants.members m on m.consultancy_id = r.consultancy_id and m.id = r.member_id
left join tenants.people e on e.consultancy_id = r.consultancy_id and e.id = r.member_id
where r.consultancy_id = :consultancy and case when :reminder_id::uuid is null then r.status = 'planned' else r.id = :reminder_id::uuid end
order by r.language = :template_language desc, r.send_at, r.id
limit 1

-- name: loadPreviewEndpoint
select e.id, e.name, e.url, coalesce(e.disabled_reason, 'failures') as disabled_reason, e.last_error
from notifications.webhook_endpoints e
where e.consultancy_id = :consultancy
order by e.disabled_at desc nulls last, e.created_at desc
limit 1

-- Whoever looks at the preview.
-- name: loadPreviewReader
select m.id, m.name, m.email, m.locale
from tenants.members m
where m.consultancy_id = :consultancy and m.id = :member::uuid

-- name: loadMailKit
select t.name as consultancy_name, coalesce(t.sender_name, t.name) as sender_name, s.reply_to, s.brand_color, s.logo_url, s.footer_ja, s.footer_en,
       v.host, v.port, v.tls, v.username, v.password_sealed, v.from_address,
       (select jsonb_object_agg(d.kind || '.' || d.language,
                                jsonb_build_object('subject', coalesce(o.subject, d.subject), 'text', coalesce(o.body_text, d.body_text),
                                                   'html', case when o.subject is null then d.body_html else o.body_html end))
        from notifications.default_templates d
        left join lateral (
            select m.* from notifications.message_templates m
            where m.consultancy_id = :consultancy and m.kind = d.kind and m.language = d.language
            order by m.no desc limit 1) o on true) as templates
from tenants.consultancies t
left join notifications.mail_settings s on s.consultancy_id = t.consultancy_id
left join notifications.mail_servers v on v.consultancy_id = t.consultancy_id
where t.consultancy_id = :consultancy
