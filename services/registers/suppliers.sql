-- name: listSuppliers
-- key: s.id
-- sort: created_at s.created_at timestamptz
-- sort: name lower(s.name) text
-- sort: score coalesce(s.score, -1) int
select s.id, s.client_id, s.number, s.name, s.corporate_number, s.website, s.service, s.department_id, s.owner_person_id, s.contact_name,
       s.contact_email, s.data_handled, s.personal_data, s.subcontracts, s.criticality, s.in_scope, s.status, s.assess_months, s.judgement,
       s.judged_on, s.judgement_note, s.judged_by, s.score, s.score_on, s.version, s.created_at, s.updated_at{key}
from registers.suppliers s
where s.consultancy_id = :consultancy and s.client_id = :client_id
  and (:criticality::text is null or s.criticality = :criticality)
  and (:judgement::text is null or s.judgement = :judgement)
  and (:status::text is null or s.status = :status)
  and (:in_scope::boolean is null or s.in_scope = :in_scope::boolean)
  and (:department_id::uuid is null or s.department_id = :department_id::uuid)
{page}

-- name: insertSupplier
-- event: supplier.created
with counted as (
    insert into platform.counters as c (consultancy_id, client_id, name, value)
    values (:consultancy, :client_id, 'supplier', 1)
    on conflict (consultancy_id, client_id, name) do update set value = c.value + 1
    returning value::text as value)
insert into registers.suppliers (consultancy_id, id, client_id, number, name, corporate_number, website, service, department_id,
                                 owner_person_id,
                                 contact_name, contact_email, data_handled, personal_data, subcontracts, criticality, in_scope, status,
                                 assess_months, judgement, judged_on, judgement_note, judged_by, created_at, updated_at)
select :consultancy, :new_id, :client_id, 'S-' || lpad(n.value, greatest(4, length(n.value)), '0'), :name, :corporate_number, :website,
       :service, :department_id::uuid, :owner_person_id::uuid,
        :contact_name, :contact_email, :data_handled, coalesce(:personal_data::boolean, false), :subcontracts::boolean,
        coalesce(:criticality, 'medium'), coalesce(:in_scope::boolean, true), coalesce(:status, 'active'),
        coalesce(:assess_months::int, 12), :judgement, coalesce(:judged_on::date,
        case when :judgement::text is not null then :today::date end), :judgement_note,
        case when :judgement::text is not null then :member::uuid end, :now, :now
from counted n
returning id, client_id, number, name, corporate_number, website, service, department_id, owner_person_id, contact_name, contact_email,
          data_handled, personal_data, subcontracts, criticality, in_scope, status, assess_months, judgement, judged_on, judgement_note,
          judged_by, score, score_on, version, created_at, updated_at

-- name: getSupplier
select s.id, s.client_id, s.number, s.name, s.corporate_number, s.website, s.service, s.department_id, s.owner_person_id, s.contact_name,
       s.contact_email, s.data_handled, s.personal_data, s.subcontracts, s.criticality, s.in_scope, s.status, s.assess_months, s.judgement,
       s.judged_on, s.judgement_note, s.judged_by, s.score, s.score_on, s.version, s.created_at, s.updated_at
from registers.suppliers s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid

-- name: changeSupplier
-- event: supplier.changed
update registers.suppliers s
set (name, corporate_number, website, service, department_id, owner_person_id, contact_name, contact_email, data_handled, personal_data,
     subcontracts, criticality, in_scope, status, assess_months, judgement, judged_on, judgement_note, judged_by) =
    (select n.name, n.corporate_number, n.website, n.service, n.department_id, n.owner_person_id, n.contact_name, n.contact_email,
            n.data_handled, n.personal_data, n.subcontracts, n.criticality, n.in_scope, n.status, n.assess_months, n.judgement,
            case when n.judgement is null then null when n.judgement is distinct from s.judgement and n.judged_on is not distinct from s.judged_on
            then :today::date else n.judged_on end, n.judgement_note,
            case when (n.judgement, n.judged_on, n.judgement_note) is distinct from (s.judgement, s.judged_on, s.judgement_note)
            then :member::uuid else s.judged_by end
     from jsonb_populate_record(s, :body::jsonb) n),
    version = s.version + 1, updated_at = :now
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, number, name, corporate_number, website, service, department_id, owner_person_id, contact_name, contact_email,
          data_handled, personal_data, subcontracts, criticality, in_scope, status, assess_months, judgement, judged_on, judgement_note,
          judged_by, score, score_on, version, created_at, updated_at

-- name: removeSupplier
-- event: supplier.deleted
delete from registers.suppliers s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid
  and (:if_match::int is null or s.version = :if_match::int)
returning id, client_id, number, name, corporate_number, website, service, department_id, owner_person_id, contact_name, contact_email,
          data_handled, personal_data, subcontracts, criticality, in_scope, status, assess_months, judgement, judged_on, judgement_note,
          judged_by, score, score_on, version + 1 as version, created_at, updated_at

-- Without a judgement the assessment is due since the day on which the supplier was entered.
-- name: supplierDeadlines
select s.client_id, 'supplier:' || s.id as source_key, 'supplier_assessment' as kind,
       case when :operation = 'deleteSupplier' or s.status = 'ended' then null
            when s.judged_on is null then (s.created_at at time zone 'Asia/Tokyo')::date
            else (s.judged_on + make_interval(months => s.assess_months))::date end as raw_on,
       '委託先の評価: ' || s.number || ' ' || s.name as title_ja, 'Assess the supplier: ' || s.number || ' ' || s.name as title_en,
       'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '5.22', 'kind', 'HARD', 'source',
       'ISO/IEC 27001 Annex A 5.19-5.22')),
                          'inputs', jsonb_build_object('supplier_id', s.id, 'judged_on', s.judged_on, 'assess_months', s.assess_months),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.suppliers s
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid

-- name: listSupplierContracts
-- key: k.id
-- sort: created_at k.created_at timestamptz
select k.id, k.client_id, k.supplier_id, k.title, k.reference, k.department_id, k.starts_on, k.ends_on, k.notice_on, k.auto_renews,
       k.confidentiality, k.note, k.version, k.created_at, k.updated_at{key}
from registers.supplier_contracts k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.supplier_id = :supplier_id::uuid
{page}

-- name: insertSupplierContract
-- event: supplier_contract.created
insert into registers.supplier_contracts (consultancy_id, id, client_id, supplier_id, title, reference, department_id, starts_on, ends_on,
                                          notice_on, auto_renews, confidentiality, note, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :supplier_id::uuid, :title, :reference, :department_id::uuid, :starts_on::date, :ends_on::date,
        :notice_on::date, coalesce(:auto_renews::boolean, false), :confidentiality::boolean, :note, :now, :now)
returning id, client_id, supplier_id, title, reference, department_id, starts_on, ends_on, notice_on, auto_renews, confidentiality, note,
          version, created_at, updated_at

-- name: getSupplierContract
select k.id, k.client_id, k.supplier_id, k.title, k.reference, k.department_id, k.starts_on, k.ends_on, k.notice_on, k.auto_renews,
       k.confidentiality, k.note, k.version, k.created_at, k.updated_at
from registers.supplier_contracts k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.supplier_id = :supplier_id::uuid and k.id = :supplier_contract_id::uuid

-- name: changeSupplierContract
-- event: supplier_contract.changed
update registers.supplier_contracts k
set (title, reference, department_id, starts_on, ends_on, notice_on, auto_renews, confidentiality, note) =
    (select n.title, n.reference, n.department_id, n.starts_on, n.ends_on, n.notice_on, n.auto_renews, n.confidentiality, n.note
     from jsonb_populate_record(k, :body::jsonb) n),
    version = k.version + 1, updated_at = :now
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.supplier_id = :supplier_id::uuid and k.id = :supplier_contract_id::uuid
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, supplier_id, title, reference, department_id, starts_on, ends_on, notice_on, auto_renews, confidentiality, note,
          version, created_at, updated_at

-- name: removeSupplierContract
-- event: supplier_contract.deleted
delete from registers.supplier_contracts k
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.supplier_id = :supplier_id::uuid and k.id = :supplier_contract_id::uuid
  and (:if_match::int is null or k.version = :if_match::int)
returning id, client_id, supplier_id, title, reference, department_id, starts_on, ends_on, notice_on, auto_renews, confidentiality, note,
          version + 1 as version, created_at, updated_at

-- name: supplierContractDeadlines
select k.client_id, 'supplier_contract:' || k.id as source_key, 'supplier_contract_notice' as kind,
       case when :operation <> 'deleteSupplierContract' then coalesce(k.notice_on,
       case when not k.auto_renews then k.ends_on end) end as raw_on,
       '契約の更新・解約の申出期限: ' || s.name || ' ' || k.title as title_ja,
       'Renew or end the contract: ' || s.name || ' ' || k.title as title_en, 'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '5.22', 'kind', 'HARD', 'source',
       'ISO/IEC 27001 Annex A 5.19-5.22')),
                          'inputs', jsonb_build_object('supplier_contract_id', k.id, 'notice_on', k.notice_on, 'ends_on', k.ends_on),
                          'policy', '{}'::jsonb) as why,
       null::date as fulfilled_on
from registers.supplier_contracts k
join registers.suppliers s on s.consultancy_id = k.consultancy_id and s.client_id = k.client_id and s.id = k.supplier_id
where k.consultancy_id = :consultancy and k.client_id = :client_id and k.id = :supplier_contract_id::uuid

-- name: listSupplierConditions
-- key: c.id
-- sort: created_at c.created_at timestamptz
select c.id, c.client_id, c.supplier_id, c.condition, c.due_on, c.done_on, c.note, c.version, c.created_at, c.updated_at{key}
from registers.supplier_conditions c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.supplier_id = :supplier_id::uuid
{page}

-- name: insertSupplierCondition
-- event: supplier_condition.created
insert into registers.supplier_conditions (consultancy_id, id, client_id, supplier_id, condition, due_on, done_on, note, created_at,
                                           updated_at)
values (:consultancy, :new_id, :client_id, :supplier_id::uuid, :condition, :due_on::date, :done_on::date, :note, :now, :now)
returning id, client_id, supplier_id, condition, due_on, done_on, note, version, created_at, updated_at

-- name: getSupplierCondition
select c.id, c.client_id, c.supplier_id, c.condition, c.due_on, c.done_on, c.note, c.version, c.created_at, c.updated_at
from registers.supplier_conditions c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.supplier_id = :supplier_id::uuid and c.id = :supplier_condition_id::uuid

-- name: changeSupplierCondition
-- event: supplier_condition.changed
update registers.supplier_conditions c
set (condition, due_on, done_on, note) =
    (select n.condition, n.due_on, n.done_on, n.note
     from jsonb_populate_record(c, :body::jsonb) n),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.supplier_id = :supplier_id::uuid and c.id = :supplier_condition_id::uuid
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, supplier_id, condition, due_on, done_on, note, version, created_at, updated_at

-- name: removeSupplierCondition
-- event: supplier_condition.deleted
delete from registers.supplier_conditions c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.supplier_id = :supplier_id::uuid and c.id = :supplier_condition_id::uuid
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, supplier_id, condition, due_on, done_on, note, version + 1 as version, created_at, updated_at

-- name: supplierConditionDeadlines
select c.client_id, 'supplier_condition:' || c.id as source_key, 'supplier_condition' as kind,
       case when :operation <> 'deleteSupplierCondition' then c.due_on end as raw_on,
       '委託先への条件の期限: ' || s.name || ' ' || left(c.condition, 100) as title_ja,
       'Condition for the supplier ' || s.name || ': ' || left(c.condition, 100) as title_en, 'own' as hardness, null as rule,
       jsonb_build_object('rules', jsonb_build_array(jsonb_build_object('id', '5.22', 'kind', 'HARD', 'source',
       'ISO/IEC 27001 Annex A 5.19-5.22')),
                          'inputs', jsonb_build_object('supplier_condition_id', c.id, 'due_on', c.due_on), 'policy', '{}'::jsonb) as why,
       c.done_on as fulfilled_on
from registers.supplier_conditions c
join registers.suppliers s on s.consultancy_id = c.consultancy_id and s.client_id = c.client_id and s.id = c.supplier_id
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :supplier_condition_id::uuid
