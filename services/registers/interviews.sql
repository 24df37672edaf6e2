-- Questions to rehearse stage 2 with, made of what is written down about a department or about the whole company.

-- name: getInterviewPack
with c as materialized (
    select c.consultancy_id, c.id as client_id, d.id as department_id, d.name as department
    from tenants.clients c
    left join tenants.departments d on d.consultancy_id = c.consultancy_id and d.client_id = c.id and d.id = :department_id::uuid
    where c.consultancy_id = :consultancy and c.id = :client_id and (:department_id::uuid is null or d.id is not null)),
assets as materialized (
    select a.* from c join registers.assets a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id and a.status = 'active'
    where c.department_id is null or a.department_id = c.department_id),
risks as materialized (
    select r.*, a.name as asset_name
    from c join registers.risks r on r.consultancy_id = c.consultancy_id and r.client_id = c.client_id and r.status <> 'closed'
    left join assets a on a.id = r.asset_id
    where c.department_id is null or a.id is not null
          or r.owner_person_id in (select p.id from tenants.people p where p.consultancy_id = c.consultancy_id and p.client_id = c.client_id
                                                                     and p.department_id = c.department_id)),
rules as materialized (
    select t.* from c join registers.treatments t on t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.option <> 'accept'
    where c.department_id is null or t.department_id = c.department_id
          or exists (select from registers.treatment_risks k join risks r on r.id = k.risk_id
                     where k.consultancy_id = c.consultancy_id and k.client_id = c.client_id and k.treatment_id = t.id)),
questions (place, topic, clause, question_ja, question_en, answer_ja, answer_en, source, source_id) as (
    select 10, 'context', '4.1', '会社にとって情報セキュリティ上の大きな課題は何ですか。', 'Which issues matter most for information security in your company?',
           string_agg(i.topic, '、' order by i.kind, i.topic), string_agg(i.topic, '; ' order by i.kind, i.topic), 'context_issue', null::uuid
    from c join registers.context_issues i on i.consultancy_id = c.consultancy_id and i.client_id = c.client_id and i.status = 'active'
    where c.department_id is null having count(*) > 0
    union all
    select 20, 'leadership', '5.1', '情報セキュリティのために、経営者としてどのような資源と権限を与えていますか。',
           'Which resources and authority do you give to information security?', null, null, null, null from c where c.department_id is null
    union all
    select 21, 'leadership', '5.2', '情報セキュリティ方針を自分の言葉で説明してください。社員にはどう伝えていますか。',
           'Say your information security policy in your own words. How does the staff learn of it?', null, null, null, null
    from c where c.department_id is null
    union all
    select 22, 'leadership', '5.3', '情報セキュリティの責任者は誰で、何を任せていますか。', 'Who is responsible for information security, and for what?',
           null, null, null, null from c where c.department_id is null
    union all
    select 30, 'objectives', '6.2', '目的「' || o.title || '」は達成できそうですか。どう測っていますか。',
           'Will the objective "' || o.title || '" be met, and how do you measure it?',
           '目標 ' || trim_scale(o.target) || coalesce(o.unit, '') || coalesce('、最新の実績 ' || trim_scale(m.value) || coalesce(o.unit, '') || '（' || m.measured_on || '）', '、まだ測定していません'),
           'Target ' || trim_scale(o.target) || coalesce(' ' || o.unit, '') || coalesce(', last measured ' || trim_scale(m.value) || coalesce(' ' || o.unit, '') || ' on ' || m.measured_on, ', not measured yet'),
           'objective', o.id
    from c join registers.objectives o on o.consultancy_id = c.consultancy_id and o.client_id = c.client_id and o.status = 'active'
    left join lateral (select m.value, m.measured_on from registers.measurements m
                       where m.consultancy_id = o.consultancy_id and m.client_id = o.client_id and m.objective_id = o.id
                       order by m.measured_on desc limit 1) m on true
    where c.department_id is null or o.department_id = c.department_id
    union all
    select 40, 'assets', 'A.5.9', 'この部門で最も重要な情報資産は何ですか。誰が管理していますか。',
           'Which information assets of this department matter most, and who looks after them?', w.ja, w.en, 'asset', null
    from c cross join lateral (
        select string_agg(a.name || coalesce('（' || a.owner_name || '）', ''), '、') as ja, string_agg(a.name || coalesce(' (' || a.owner_name || ')', ''), '; ') as en
        from (select a.* from assets a
              order by greatest(a.confidentiality, a.integrity, a.availability) desc nulls last, a.number limit 5) a) w
    where c.department_id is not null and w.ja is not null
    union all
    select * from (
        select 50, 'risks', '6.1.2', 'リスク「' || r.title || '」にはどう備えていますか。', 'How are you prepared for the risk "' || r.title || '"?',
               coalesce((select string_agg(t.number || ' ' || t.title || case t.state when 'implemented' then '（実施済み）' else '（予定）' end, '、' order by t.number)
                         from registers.treatment_risks k join registers.treatments t on t.consultancy_id = k.consultancy_id and t.client_id = k.client_id and t.id = k.treatment_id
                         where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id and k.risk_id = r.id),
                        '対応が登録されていません。審査までに決めてください。'),
               coalesce((select string_agg(t.number || ' ' || t.title || case t.state when 'implemented' then ' (in force)' else ' (planned)' end, '; ' order by t.number)
                         from registers.treatment_risks k join registers.treatments t on t.consultancy_id = k.consultancy_id and t.client_id = k.client_id and t.id = k.treatment_id
                         where k.consultancy_id = r.consultancy_id and k.client_id = r.client_id and k.risk_id = r.id),
                        'No treatment is written down. Decide before the audit.'),
               'risk', r.id
        from risks r order by r.score desc, r.number limit 8) w
    union all
    select * from (
        select 60, 'plans', '6.1.3', '「' || t.title || '」はいつまでに、誰が行いますか。', 'By when is "' || t.title || '" done, and by whom?',
               concat_ws('、', p.name, t.due_on::text), concat_ws(', ', p.name, t.due_on::text), 'treatment', t.id
        from rules t left join tenants.people p on p.consultancy_id = t.consultancy_id and p.client_id = t.client_id and p.id = t.owner_person_id
        where t.state in ('planned', 'in_progress') order by t.due_on nulls last, t.number limit 8) w
    union all
    select * from (
        select 70, 'rules', coalesce('A.' || (t.controls ->> 0), '7.5'), '規程「' || t.title || '」は実際にどう守られていますか。記録を見せてください。',
               'How is the rule "' || t.title || '" kept in practice? Show the records.', left(t.text_ja, 500), left(coalesce(t.text_en, t.text_ja), 500), 'treatment', t.id
        from rules t where t.state = 'implemented' order by jsonb_array_length(t.controls) desc, t.number limit 8) w
    union all
    select * from (
        select 80, 'findings', '10.2', '指摘「' || a.title || '」の原因は何で、再発をどう防いでいますか。',
               'What was the cause of the finding "' || a.title || '", and what keeps it from coming back?',
               concat_ws(' / ', '原因: ' || a.cause, '是正処置: ' || a.action), concat_ws(' / ', 'Cause: ' || a.cause, 'Action: ' || a.action), 'corrective_action', a.id
        from c join registers.corrective_actions a on a.consultancy_id = c.consultancy_id and a.client_id = c.client_id
        where c.department_id is null or a.department_id = c.department_id order by a.closed_on nulls first, a.number limit 8) w
    union all
    select * from (
        select 90, 'incidents', 'A.5.26, A.5.27', 'インシデント「' || i.title || '」のとき、どう動きましたか。何を学びましたか。',
               'What did you do in the incident "' || i.title || '", and what did you learn?', i.lessons, i.lessons, 'incident', i.id
        from c join registers.incidents i on i.consultancy_id = c.consultancy_id and i.client_id = c.client_id
        where c.department_id is null or i.department_id = c.department_id order by i.detected_at desc limit 5) w
    union all
    select 100, 'awareness', '7.2, 7.3', '最近受けた情報セキュリティの教育は何ですか。', 'Which training in information security did you have last?',
           t.title || coalesce('（' || t.held_on || '）', ''), t.title || coalesce(' (' || t.held_on || ')', ''), 'training', t.id
    from c cross join lateral (
        select t.id, t.title, t.held_on from registers.trainings t
        where t.consultancy_id = c.consultancy_id and t.client_id = c.client_id and t.status = 'held' order by t.held_on desc limit 1) t
    union all
    select 101, 'awareness', 'A.6.8', 'おかしいと思ったことは、誰に、どうやって知らせますか。', 'Whom do you tell, and how, when something looks wrong?',
           null, null, null, null from c
    union all
    select * from (
        select 110, 'suppliers', 'A.5.19', '委託先「' || s.name || '」をどう選び、どう確認していますか。', 'How did you choose the supplier "' || s.name || '", and how do you check it?',
               case when s.judged_on is null then '評価がまだです。' else '最後の評価: ' || s.judged_on || coalesce('、点数 ' || s.score, '') end,
               case when s.judged_on is null then 'Not judged yet.' else 'Last judged on ' || s.judged_on || coalesce(', score ' || s.score, '') end, 'supplier', s.id
        from c join registers.suppliers s on s.consultancy_id = c.consultancy_id and s.client_id = c.client_id and s.status = 'active'
        where c.department_id is null or s.department_id = c.department_id
        order by array_position(array['critical', 'high', 'medium', 'low'], s.criticality), s.number limit 5) w
    union all
    select 120, 'review', '9.3', '前回のマネジメントレビューで何を決め、どこまで進みましたか。', 'What did the last management review decide, and how far is it?',
           string_agg(d.decision || case when d.done_on is null then '（未完了）' else '（完了）' end, '、' order by d.due_on, d.id),
           string_agg(d.decision || case when d.done_on is null then ' (open)' else ' (done)' end, '; ' order by d.due_on, d.id), 'review_decision', null
    from c join registers.review_decisions d on d.consultancy_id = c.consultancy_id and d.client_id = c.client_id
    where c.department_id is null and d.management_review_id = (
        select m.id from registers.management_reviews m
        where m.consultancy_id = c.consultancy_id and m.client_id = c.client_id and m.held_on is not null order by m.held_on desc limit 1)
    having count(*) > 0)
select c.client_id, case when c.department_id is null then 'top_management' else 'department' end as audience, c.department_id, c.department,
       :today::date as on,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'topic', q.topic, 'clause', q.clause, 'question_ja', q.question_ja, 'question_en', q.question_en, 'answer_ja', q.answer_ja,
                   'answer_en', q.answer_en, 'source', q.source, 'source_id', q.source_id) order by q.place, q.question_ja), '[]')
        from questions q) as questions
from c
