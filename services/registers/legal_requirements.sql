-- name: listLegalRequirements
-- key: l.id
-- sort: created_at l.created_at timestamptz
-- sort: title lower(l.title) text
select l.id, l.client_id, l.kind, l.title, l.source, l.counterparty, l.summary, l.how_met, l.department_id, l.owner_person_id,
       l.effective_on, l.review_months, l.reviewed_on, l.status, l.version, l.created_at, l.updated_at{key}
from registers.legal_requirements l
where l.consultancy_id = :consultancy and l.client_id = :client_id
  and (:kind::text is null or l.kind = :kind)
  and (:status::text is null or l.status = :status)
{page}

-- name: insertLegalRequirement
-- event: legal_requirement.created
insert into registers.legal_requirements (consultancy_id, id, client_id, kind, title, source, counterparty, summary, how_met,
                                          department_id, owner_person_id, effective_on, review_months, reviewed_on, status, created_at,
                                          updated_at)
values (:consultancy, :new_id, :client_id, coalesce(:kind, 'law'), :title, :source, :counterparty, :summary, :how_met,
        :department_id::uuid, :owner_person_id::uuid, :effective_on::date, coalesce(:review_months::int, 12), :reviewed_on::date,
        coalesce(:status, 'in_force'), :now, :now)
returning id, client_id, kind, title, source, counterparty, summary, how_met, department_id, owner_person_id, effective_on, review_months,
          reviewed_on, status, version, created_at, updated_at

-- name: getLegalRequirement
select l.id, l.client_id, l.kind, l.title, l.source, l.counterparty, l.summary, l.how_met, l.department_id, l.owner_person_id,
       l.effective_on, l.review_months, l.reviewed_on, l.status, l.version, l.created_at, l.updated_at
from registers.legal_requirements l
where l.consultancy_id = :consultancy and l.client_id = :client_id and l.id = :legal_requirement_id::uuid

-- name: changeLegalRequirement
-- event: legal_requirement.changed
update registers.legal_requirements l
set (kind, title, source, counterparty, summary, how_met, department_id, owner_person_id, effective_on, review_months, reviewed_on,
     status) =
    (select n.kind, n.title, n.source, n.counterparty, n.summary, n.how_met, n.department_id, n.owner_person_id, n.effective_on,
            n.review_months, n.reviewed_on, n.status
     from jsonb_populate_record(l, :body::jsonb) n),
    version = l.version + 1, updated_at = :now
where l.consultancy_id = :consultancy and l.client_id = :client_id and l.id = :legal_requirement_id::uuid
  and (:if_match::int is null or l.version = :if_match::int)
returning id, client_id, kind, title, source, counterparty, summary, how_met, department_id, owner_person_id, effective_on, review_months,
          reviewed_on, status, version, created_at, updated_at

-- name: removeLegalRequirement
-- event: legal_requirement.deleted
delete from registers.legal_requirements l
where l.consultancy_id = :consultancy and l.client_id = :client_id and l.id = :legal_requirement_id::uuid
  and (:if_match::int is null or l.version = :if_match::int)
returning id, client_id, kind, title, source, counterparty, summary, how_met, department_id, owner_person_id, effective_on, review_months,
          reviewed_on, status, version + 1 as version, created_at, updated_at

-- name: legalRequirementDeadlines
select l.client_id, 'legal_requirement:' || l.id as source_key, 'legal_review' as kind,
       case when :operation = 'deleteLegalRequirement' or l.status = 'ended' then null
            else (coalesce(l.reviewed_on, l.effective_on, (l.created_at at time zone 'Asia/Tokyo')::date)
                  + make_interval(months => l.review_months))::date end as raw_on,
       '法令・契約要求事項の見直し: ' || l.title as title_ja,
       'Review the legal requirement: ' || l.title as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '5.31', 'kind', 'HARD',
                              'source', 'ISO/IEC 27001 Annex A 5.31')),
                          'inputs', jsonb_build_object('legal_requirement_id', l.id, 'reviewed_on', l.reviewed_on, 'review_months',
                          l.review_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.legal_requirements l
where l.consultancy_id = :consultancy and l.client_id = :client_id and l.id = :legal_requirement_id::uuid
