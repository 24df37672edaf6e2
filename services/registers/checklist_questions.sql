-- Questions of the client's own that generated checklists of internal audits contain.

-- name: listChecklistQuestions
-- key: c.id
-- sort: created_at c.created_at timestamptz
-- sort: code lower(c.code) text
select c.id, c.client_id, c.code, c.question_ja, c.question_en, c.version, c.created_at, c.updated_at{key}
from registers.checklist_questions c
where c.consultancy_id = :consultancy and c.client_id = :client_id
  and (:code::text is null or c.code = :code)
{page}

-- name: createChecklistQuestion
-- event: checklist_question.created
insert into registers.checklist_questions (consultancy_id, id, client_id, code, question_ja, question_en, created_at, updated_at)
values (:consultancy, :new_id, :client_id, :code, :question_ja, :question_en, :now, :now)
returning id, client_id, code, question_ja, question_en, version, created_at, updated_at

-- name: getChecklistQuestion
select c.id, c.client_id, c.code, c.question_ja, c.question_en, c.version, c.created_at, c.updated_at
from registers.checklist_questions c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :checklist_question_id

-- name: updateChecklistQuestion
-- event: checklist_question.changed
update registers.checklist_questions c
set (code, question_ja, question_en) =
    (select n.code, n.question_ja, n.question_en
     from jsonb_populate_record(c, :body::jsonb) n),
    version = c.version + 1, updated_at = :now
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :checklist_question_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, code, question_ja, question_en, version, created_at, updated_at

-- name: deleteChecklistQuestion
-- event: checklist_question.deleted
delete from registers.checklist_questions c
where c.consultancy_id = :consultancy and c.client_id = :client_id and c.id = :checklist_question_id
  and (:if_match::int is null or c.version = :if_match::int)
returning id, client_id, code, question_ja, question_en, version + 1 as version, created_at, updated_at
