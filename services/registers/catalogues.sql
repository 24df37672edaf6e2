-- Published catalogues are the same for everybody; the consultancy's own items stand beside them (view registers.catalogue_entries).

-- name: listCatalogues
-- key: md5(c.catalogue)::uuid
-- sort: catalogue c.catalogue text
select md5(c.catalogue)::uuid as _id, c.catalogue, c.version, c.title_ja, c.title_en, c.description_ja, c.description_en,
       (select count(*) from registers.catalogue_items i where i.catalogue = c.catalogue and i.version = c.version) as items,
       (select count(*) from registers.catalogue_extensions x
        where x.consultancy_id = :consultancy and x.catalogue = c.catalogue) as own_items,
       (select jsonb_agg(jsonb_build_object('version', o.version, 'loaded_at', o.loaded_at) order by o.version desc)
        from registers.catalogues o where o.catalogue = c.catalogue) as versions{key}
from registers.catalogues c
where c.is_current
{page}

-- name: listCatalogueItems
-- key: e.id
-- sort: position e.position int
-- sort: code e.code text
select e.id, e.catalogue, e.catalogue_version, e.origin, e.extension_id, e.is_current, e.code, e.position, e.title_ja, e.title_en, e.text_ja,
       e.text_en, e.clause, e.theme, to_jsonb(e.asset_types) as asset_types, to_jsonb(e.threats) as threats,
       to_jsonb(e.controls) as controls, e.details{key}
from registers.catalogue_entries e
where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = :catalogue
  and case when :version::int is null then e.is_current else e.catalogue_version = :version end
  and (:origin::text is null or e.origin = :origin)
  and (:theme::text is null or e.theme = :theme)
  and (:clause::text is null or e.clause = :clause or starts_with(e.clause, :clause || '.'))
  and (:asset_type::text is null or :asset_type = any (e.asset_types))
  and (:threat::text is null or :threat = any (e.threats))
  and (:control::text is null or :control = any (e.controls))
  and (:q::text is null or strpos(lower(normalize(concat_ws(' ', e.code, e.title_ja, e.title_en, e.text_ja, e.text_en,
           e.details->>'vulnerability_ja', e.details->>'vulnerability_en', e.details->>'synonyms_ja', e.details->>'synonyms_en'), nfkc)),
           lower(normalize(:q, nfkc))) > 0)
{page}

-- An item that a newer version no longer has is answered from the last version that had it.
-- name: getCatalogueItem
select e.id, e.catalogue, e.catalogue_version, e.origin, e.extension_id, e.is_current, e.code, e.position, e.title_ja, e.title_en, e.text_ja,
       e.text_en, e.clause, e.theme, to_jsonb(e.asset_types) as asset_types, to_jsonb(e.threats) as threats,
       to_jsonb(e.controls) as controls, e.details
from registers.catalogue_entries e
where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = :catalogue and e.code = :item_code
  and (:version::int is null or e.catalogue_version = :version)
order by e.is_current desc, e.catalogue_version desc
limit 1

-- name: listCatalogueExtensions
-- key: x.id
-- sort: created_at x.created_at timestamptz
-- sort: code lower(x.code) text
select x.id, x.catalogue, x.code, x.title_ja, x.title_en, x.text_ja, x.text_en, x.clause, x.theme, x.asset_types, x.threats, x.controls,
       x.vulnerability_ja, x.vulnerability_en, x.affects, x.impact, x.likelihood, x.option, x.effort, x.confidentiality, x.integrity,
       x.availability, x.answer_type, x.good_answer, x.weight, x.questions, x.version, x.created_at, x.updated_at{key}
from registers.catalogue_extensions x
where x.consultancy_id = :consultancy
  and (:catalogue::text is null or x.catalogue = :catalogue)
{page}

-- What an own item refers to is in a catalogue, in any version, or is an own item too.
-- name: catalogueExtensionProblems
select '/' || r.member || '/' || (r.n - 1) as pointer, 'not_found_reference' as code, null as limit, null as detail_en, null as detail_ja
from (select 'asset_types' as member, a.code, a.n from jsonb_array_elements_text(coalesce(:asset_types::jsonb, '[]')) with ordinality as a(code, n)
      union all
      select 'threats', t.code, t.n from jsonb_array_elements_text(coalesce(:threats::jsonb, '[]')) with ordinality as t(code, n)
      union all
      select 'controls', c.code, c.n from jsonb_array_elements_text(coalesce(:controls::jsonb, '[]')) with ordinality as c(code, n)) r
where not exists (select 1 from registers.catalogue_entries e
                  where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = r.member and e.code = r.code)
order by r.member, r.n

-- name: deleteCatalogueExtensionProblems
select null as pointer, null as code, null as limit,
       'Assets are of this type. Give them another type first.' as detail_en,
       'この種類の資産があります。先に別の種類へ変更してください。' as detail_ja
from registers.catalogue_extensions x
where x.consultancy_id = :consultancy and x.id = :extension_id and x.catalogue = 'asset_types'
  and exists (select 1 from registers.assets a where a.consultancy_id = x.consultancy_id and a.kind = x.code)
union all
select null, null, null, 'Other own items refer to this one. Change them first.',
       'ほかの独自項目がこの項目を参照しています。先にそちらを変更してください。'
from registers.catalogue_extensions x
where x.consultancy_id = :consultancy and x.id = :extension_id
  and exists (select 1 from registers.catalogue_extensions o
              where o.consultancy_id = x.consultancy_id
                and case x.catalogue when 'asset_types' then o.asset_types when 'threats' then o.threats when 'controls' then o.controls
                    end ? x.code)

-- name: insertCatalogueExtension
-- event: catalogue_extension.created
insert into registers.catalogue_extensions (consultancy_id, id, catalogue, code, title_ja, title_en, text_ja, text_en, clause, theme,
                                            asset_types, threats, controls, vulnerability_ja, vulnerability_en, affects, impact,
                                            likelihood, option, effort, confidentiality, integrity, availability, answer_type, good_answer,
                                            weight, questions, created_at, updated_at)
values (:consultancy, :new_id, :catalogue, :code, :title_ja, :title_en, :text_ja, :text_en, :clause, :theme,
        coalesce(:asset_types::jsonb, '[]'), coalesce(:threats::jsonb, '[]'), coalesce(:controls::jsonb, '[]'), :vulnerability_ja,
        :vulnerability_en, coalesce(:affects::jsonb, '[]'), :impact::int, :likelihood::int, :option, :effort, :confidentiality::int,
        :integrity::int, :availability::int, :answer_type, :good_answer, :weight::int, coalesce(:questions::jsonb, '[]'), :now, :now)
returning id, catalogue, code, title_ja, title_en, text_ja, text_en, clause, theme, asset_types, threats, controls, vulnerability_ja,
          vulnerability_en, affects, impact, likelihood, option, effort, confidentiality, integrity, availability, answer_type,
          good_answer, weight, questions, version, created_at, updated_at

-- name: getCatalogueExtension
select x.id, x.catalogue, x.code, x.title_ja, x.title_en, x.text_ja, x.text_en, x.clause, x.theme, x.asset_types, x.threats, x.controls,
       x.vulnerability_ja, x.vulnerability_en, x.affects, x.impact, x.likelihood, x.option, x.effort, x.confidentiality, x.integrity,
       x.availability, x.answer_type, x.good_answer, x.weight, x.questions, x.version, x.created_at, x.updated_at
from registers.catalogue_extensions x
where x.consultancy_id = :consultancy and x.id = :extension_id

-- name: changeCatalogueExtension
-- event: catalogue_extension.changed
update registers.catalogue_extensions x
set (title_ja, title_en, text_ja, text_en, clause, theme, asset_types, threats, controls, vulnerability_ja, vulnerability_en, affects,
     impact, likelihood, option, effort, confidentiality, integrity, availability, answer_type, good_answer, weight, questions) =
    (select n.title_ja, n.title_en, n.text_ja, n.text_en, n.clause, n.theme, n.asset_types, n.threats, n.controls, n.vulnerability_ja,
            n.vulnerability_en, n.affects, n.impact, n.likelihood, n.option, n.effort, n.confidentiality, n.integrity, n.availability,
            n.answer_type, n.good_answer, n.weight, n.questions
     from jsonb_populate_record(x, :body::jsonb) n),
    version = x.version + 1, updated_at = :now
where x.consultancy_id = :consultancy and x.id = :extension_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, catalogue, code, title_ja, title_en, text_ja, text_en, clause, theme, asset_types, threats, controls, vulnerability_ja,
          vulnerability_en, affects, impact, likelihood, option, effort, confidentiality, integrity, availability, answer_type,
          good_answer, weight, questions, version, created_at, updated_at

-- name: removeCatalogueExtension
-- event: catalogue_extension.deleted
delete from registers.catalogue_extensions x
where x.consultancy_id = :consultancy and x.id = :extension_id
  and (:if_match::int is null or x.version = :if_match::int)
returning id, catalogue, code, title_ja, title_en, text_ja, text_en, clause, theme, asset_types, threats, controls, vulnerability_ja,
          vulnerability_en, affects, impact, likelihood, option, effort, confidentiality, integrity, availability, answer_type,
          good_answer, weight, questions, version + 1 as version, created_at, updated_at
