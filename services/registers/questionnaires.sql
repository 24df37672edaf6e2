-- name: listSupplierQuestionnaires
-- key: q.id
-- sort: created_at q.created_at timestamptz
select q.id, q.client_id, q.supplier_id, q.language, q.expires_on, q.recipient_email, q.state, q.questions, q.answers, q.respondent_name,
       q.submitted_at, q.score, q.suggested_judgement, q.may_share, q.reused, q.version, q.created_at, q.updated_at{key}
from registers.supplier_questionnaires q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.supplier_id = :supplier_id::uuid
  and (:state::text is null or q.state = :state)
{page}

-- name: insertSupplierQuestionnaire
-- event: supplier_questionnaire.created
insert into registers.supplier_questionnaires (consultancy_id, id, client_id, supplier_id, language, expires_on, recipient_email, state,
                                               questions, answers, may_share, reused, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :supplier_id::uuid, coalesce(:language_wanted, 'ja'), :expires_on::date, :recipient_email, 'open',
        (select jsonb_agg(jsonb_build_object('code', e.code, 'title_ja', e.title_ja, 'title_en', e.title_en, 'text_ja', e.text_ja,
                'text_en', e.text_en,
                                             'answer_type', e.details->>'answer_type', 'good_answer', e.details->>'good_answer',
                                             'weight', (e.details->>'weight')::int) order by e.position, e.code)
         from registers.catalogue_entries e
         where (e.consultancy_id = :consultancy or e.consultancy_id is null) and e.catalogue = 'supplier_questions' and e.is_current),
        '{}', false, false, :now, :now)
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at

-- name: getSupplierQuestionnaire
select q.id, q.client_id, q.supplier_id, q.language, q.expires_on, q.recipient_email, q.state, q.questions, q.answers, q.respondent_name,
       q.submitted_at, q.score, q.suggested_judgement, q.may_share, q.reused, q.version, q.created_at, q.updated_at
from registers.supplier_questionnaires q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.supplier_id = :supplier_id::uuid and q.id = :supplier_questionnaire_id::uuid

-- name: changeSupplierQuestionnaire
-- event: supplier_questionnaire.changed
update registers.supplier_questionnaires q
set expires_on = coalesce(:expires_on::date, q.expires_on),
    version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.supplier_id = :supplier_id::uuid and q.id = :supplier_questionnaire_id::uuid
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at

-- name: deleteSupplierQuestionnaire
-- event: supplier_questionnaire.deleted
delete from registers.supplier_questionnaires q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.supplier_id = :supplier_id::uuid and q.id = :supplier_questionnaire_id::uuid
  and (:if_match::int is null or q.version = :if_match::int)
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version + 1 as version, created_at, updated_at

-- The only reply that shows the link.
-- name: setQuestionnaireToken
-- no-event: links are nobody's history
select q.id, q.client_id, q.supplier_id, q.language, q.expires_on, q.recipient_email, q.state, q.questions, q.answers, q.respondent_name,
       q.submitted_at, q.score, q.suggested_judgement, q.may_share, q.reused, q.version, q.created_at, q.updated_at,
       :questionnaire_token::text as questionnaire_token
from registers.supplier_questionnaires q
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.id = :supplier_questionnaire_id::uuid
  and auth.set_questionnaire_token(q.id, q.client_id, :token_hash)

-- A new day within a year from today.
-- name: supplierQuestionnaireProblems
select '/expires_on' as pointer, case when :expires_on::date < :today::date then 'in_past' else 'out_of_range' end as code,
       case when :expires_on::date < :today::date then :today::date::text else :today::date || ' - ' || (:today::date + 366) end as limit, null as detail_en,
       null as detail_ja
where :expires_on::date not between :today::date and :today::date + 366

-- name: reopenQuestionnaire
-- event: supplier_questionnaire.reopened
update registers.supplier_questionnaires q
set state = 'open', submitted_at = null, score = null, suggested_judgement = null, may_share = false, reused = false,
    expires_on = coalesce(:expires_on::date, q.expires_on), version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.client_id = :client_id and q.supplier_id = :supplier_id::uuid
  and q.id = :supplier_questionnaire_id::uuid
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at

-- The newest answers with consent of the same company, from whichever client of the consultancy; nothing of that client comes along.
-- name: reuseAnswers
-- event: supplier_questionnaire.created
insert into registers.supplier_questionnaires (consultancy_id, id, client_id, supplier_id, language, expires_on, state, questions, answers,
                                               respondent_name, submitted_at, score, suggested_judgement, may_share, reused, created_at,
                                               updated_at)
select :consultancy, :new_id, s.client_id, s.id, f.language, :today::date, 'submitted', f.questions, f.answers, f.respondent_name,
       f.submitted_at, f.score, f.suggested_judgement, false, true, :now, :now
from registers.suppliers s
cross join lateral auth.shared_answers(s.corporate_number) f
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at

-- name: reuseSupplierAnswersProblems
select null as pointer, null as code, null as limit, p.en as detail_en, p.ja as detail_ja
from registers.suppliers s
cross join lateral (values
    (s.corporate_number is null, 'The supplier has no corporate number by which it could be recognised.',
     '法人番号が登録されていないため、同じ委託先を特定できません。'),
    (s.corporate_number is not null and not exists (select from auth.shared_answers(s.corporate_number)),
     'There are no answers of this supplier that it lets others use. Send it a questionnaire.',
     '共有に同意した回答がありません。調査票を送付してください。'),
    (exists (select from auth.shared_answers(s.corporate_number) f
             join registers.supplier_questionnaires q on q.consultancy_id = s.consultancy_id and q.client_id = s.client_id
                                                     and q.supplier_id = s.id and q.state = 'submitted' and q.submitted_at >= f.submitted_at),
     'This client has these answers or newer ones already. For others, send a questionnaire.',
     'この顧客には、この回答か、より新しい回答が既にあります。新たに回答を求めるには調査票を送付してください。')) p(wrong, en, ja)
where s.consultancy_id = :consultancy and s.client_id = :client_id and s.id = :supplier_id::uuid and p.wrong

-- name: storeSupplierScore
-- event: supplier.scored
update registers.suppliers s
set score = q.score, score_on = (q.submitted_at at time zone 'Asia/Tokyo')::date, version = s.version + 1, updated_at = :now
from registers.supplier_questionnaires q
where q.consultancy_id = :consultancy and q.id = :supplier_questionnaire_id::uuid and s.consultancy_id = q.consultancy_id
  and s.client_id = q.client_id and s.id = q.supplier_id
returning s.id, s.client_id, s.number, s.name, s.corporate_number, s.website, s.service, s.department_id, s.owner_person_id,
          s.contact_name, s.contact_email,
          s.data_handled, s.personal_data, s.subcontracts, s.criticality, s.in_scope, s.status, s.assess_months, s.judgement, s.judged_on,
          s.judgement_note,
          s.judged_by, s.score, s.score_on, s.version, s.created_at, s.updated_at

-- ---------------------------------------------------------------- behind the link

-- name: findQuestionnaire
select t.consultancy_id, t.client_id, t.questionnaire_id from auth.find_questionnaire(:token_hash) t

-- name: openQuestionnaire
select q.id, q.client_id, q.language, q.expires_on,
       case when q.state = 'open' and q.expires_on < :today::date then 'expired' else q.state end as state,
       t.name as consultancy, c.name as client, s.name as supplier, q.questions, q.answers, q.respondent_name, q.submitted_at, q.version
from registers.supplier_questionnaires q
join registers.suppliers s on s.consultancy_id = q.consultancy_id and s.client_id = q.client_id and s.id = q.supplier_id
join tenants.clients c on c.consultancy_id = q.consultancy_id and c.id = q.client_id
join tenants.consultancies t on t.consultancy_id = q.consultancy_id
where q.consultancy_id = :consultancy and q.client_id = :questionnaire_client::uuid and q.id = :supplier_questionnaire_id::uuid

-- name: keepAnswers
-- event: supplier_questionnaire.answered
update registers.supplier_questionnaires q
set answers = q.answers || :given_answers::jsonb, version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.id = :supplier_questionnaire_id::uuid and q.state = 'open' and q.expires_on >= :today::date
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at

-- One submission: of two at once the second finds the state changed.
-- name: submitAnswers
-- event: supplier_questionnaire.submitted
update registers.supplier_questionnaires q
set answers = :given_answers::jsonb, respondent_name = :respondent_name, submitted_at = :now, state = 'submitted', score = :score::int,
    suggested_judgement = :suggested_judgement, may_share = coalesce(:may_share::boolean, false), version = q.version + 1, updated_at = :now
where q.consultancy_id = :consultancy and q.id = :supplier_questionnaire_id::uuid and q.state = 'open' and q.expires_on >= :today::date
returning id, client_id, supplier_id, language, expires_on, recipient_email, state, questions, answers, respondent_name, submitted_at,
          score, suggested_judgement, may_share, reused, version, created_at, updated_at
