"""Suppliers: what falls due, the questionnaire behind a secret link, and what stays private to each client."""
import concurrent.futures
import uuid

import pytest

PASSWORD = "a password that is long enough"
COMPANY = "1234567890123"


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.system = system
    return owner


@pytest.fixture
def client(office):
    return office.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]


@pytest.fixture
def supplier(office, client):
    return make_supplier(office, client)


def make_supplier(office, client, **members):
    made = office.call("createSupplier", {"name": "株式会社クラウド倉庫"} | members, client_id=client, expect=201).json()
    return {"client_id": client, "supplier_id": made["id"]}


def ask(office, supplier, expect=201, **members):
    return office.call("createSupplierQuestionnaire", {"expires_on": "2025-03-31"} | members, **supplier, expect=expect).json()


def answers(questions, answer="yes"):
    return {q["code"]: {"answer": answer if answer in q["answers"] else "no"} for q in questions}


def good(office, supplier, made):
    """The best answer to each question."""
    stored = read(office, supplier, made)
    return {q["code"]: {"answer": q["good_answer"]} for q in stored["questions"]}


def read(office, supplier, made):
    return office.call("getSupplierQuestionnaire", **supplier, supplier_questionnaire_id=made["id"], expect=200).json()


def link(office, made):
    return office.system.client(), {"questionnaire_token": made["questionnaire_token"]}


def submit(office, made, given, expect=200, **members):
    anyone, token = link(office, made)
    return anyone.call("submitQuestionnaire", {"answers": given, "respondent_name": "田中 次郎"} | members, **token, expect=expect).json()


def deadlines(office, client):
    return {d["kind"]: d for d in office.pages(f"/v1/clients/{client}/deadlines")}


def wrong(reply):
    return {(e["pointer"], e["code"]) for e in reply["errors"]}


# ---- what falls due

def test_a_new_supplier_is_to_be_assessed_at_once_and_then_every_year(office, client, supplier):
    assert deadlines(office, client)["supplier_assessment"]["raw_on"] == "2025-02-14"
    judged = office.call("updateSupplier", {"judgement": "accepted"}, **supplier, if_match="*", expect=200).json()
    assert (judged["judged_on"], judged["judged_by"]) == ("2025-02-14", office.call("getMe", expect=200).json()["id"])
    assert deadlines(office, client)["supplier_assessment"]["raw_on"] == "2026-02-14"


def test_contract_notice_and_conditions_are_deadlines(office, client, supplier):
    office.call("createSupplierContract", {"title": "基本契約", "starts_on": "2024-04-01", "ends_on": "2026-03-31", "notice_on": "2025-12-31"}, **supplier, expect=201)
    made = office.call("createSupplierCondition", {"condition": "一覧の提出", "due_on": "2025-04-30"}, **supplier, expect=201).json()
    found = deadlines(office, client)
    assert (found["supplier_contract_notice"]["due_on"], found["supplier_condition"]["due_on"]) == ("2025-12-26", "2025-04-30")
    office.call("updateSupplierCondition", {"done_on": "2025-02-14"}, **supplier, supplier_condition_id=made["id"], if_match="*", expect=200)
    assert deadlines(office, client)["supplier_condition"]["status"] == "fulfilled"


def test_dates_of_a_contract_are_in_order(office, supplier):
    refused = office.call("createSupplierContract", {"title": "x", "starts_on": "2025-04-01", "ends_on": "2025-03-31"}, **supplier, expect=422).json()
    assert wrong(refused) == {("/ends_on", "before_start")}


# ---- the link

def test_whoever_has_the_link_sees_the_questions_in_the_language_asked_for(office, supplier):
    for language, first in (("ja", "パソコン"), ("en", "computers")):
        anyone, token = link(office, ask(office, supplier, language=language))
        seen = anyone.call("openQuestionnaire", **token, expect=200).json()
        assert len(seen["questions"]) >= 25 and first in seen["questions"][0]["question"]
        assert (seen["client"], seen["supplier"], seen["state"]) == ("青葉精機", "株式会社クラウド倉庫", "open")


def test_an_unknown_link_is_missing(office):
    for token in ("msq_" + "x" * 43, "0123456789"):
        office.system.client().call("openQuestionnaire", questionnaire_token=token, expect=404)


def test_the_link_is_shown_once_and_stored_as_a_hash_only(office, supplier):
    made = ask(office, supplier)
    assert "questionnaire_token" not in read(office, supplier, made)
    everything = str(office.system.sql("select * from platform.questionnaire_tokens")) + str(office.system.sql("select data from platform.events"))
    assert made["questionnaire_token"] not in everything
    link(office, made)[0].call("openQuestionnaire", questionnaire_token=made["questionnaire_token"], expect=200)
    assert made["questionnaire_token"] not in office.system.log()


def test_a_draft_is_kept_and_completed(office, supplier):
    made = ask(office, supplier)
    anyone, token = link(office, made)
    anyone.call("saveQuestionnaire", {"answers": {"S-01": {"answer": "partly", "note": "一部"}}}, **token, expect=200)
    again = anyone.call("openQuestionnaire", **token, expect=200).json()
    assert again["answers"] == {"S-01": {"answer": "partly", "note": "一部"}}
    missing = submit(office, made, {}, expect=422)
    assert wrong(missing) == {(f"/answers/{q['code']}", "required") for q in again["questions"] if q["code"] != "S-01"}


def test_wrong_answers_are_named(office, supplier):
    anyone, token = link(office, ask(office, supplier))
    refused = anyone.call("saveQuestionnaire", {"answers": {"S-99": {"answer": "yes"}, "S-01": {"answer": "maybe"}}}, **token, expect=422).json()
    assert wrong(refused) == {("/answers/S-01/answer", "not_in_list")}
    refused = anyone.call("saveQuestionnaire", {"answers": {"S-99": {"answer": "yes"}}}, **token, expect=422).json()
    assert wrong(refused) == {("/answers/S-99", "unknown_member")}


def test_good_answers_score_100_and_bad_ones_0(office, supplier):
    for flip, score, judgement in ((False, 100, "accepted"), (True, 0, "rejected")):
        made = ask(office, supplier)
        given = good(office, supplier, made)
        if flip:
            given = {c: {"answer": "no" if a["answer"] == "yes" else "yes"} for c, a in given.items()}
        submit(office, made, given)
        stored = read(office, supplier, made)
        assert (stored["score"], stored["suggested_judgement"], stored["state"]) == (score, judgement, "submitted")
        assert office.call("getSupplier", **supplier, expect=200).json()["score"] == score


def test_what_does_not_apply_counts_for_nothing(office, supplier):
    made = ask(office, supplier)
    given = {c: {"answer": "not_applicable"} for c in good(office, supplier, made)}
    submit(office, made, given)
    assert read(office, supplier, made)["score"] is None


def test_it_is_submitted_once_even_by_many_at_once(office, supplier):
    made = ask(office, supplier)
    given = good(office, supplier, made)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        done = [f.result() for f in [pool.submit(lambda: link(office, made)[0].call(
            "submitQuestionnaire", {"answers": given, "respondent_name": "x"}, questionnaire_token=made["questionnaire_token"])) for _ in range(6)]]
    assert sorted(r.status_code for r in done)[:1] == [200] and {r.status_code for r in done} <= {200, 404, 409}
    assert [r.status_code for r in done].count(200) == 1
    submit(office, made, given, expect=409)


def test_after_its_day_it_is_closed(office, client):
    supplier = make_supplier(office, client)
    made = ask(office, supplier, expires_on="2025-02-14")
    office.system.set_clock("2025-02-15T09:00:00+09:00")
    try:
        anyone, token = link(office, made)
        assert anyone.call("openQuestionnaire", **token, expect=200).json()["state"] == "expired"
        assert "expired" in anyone.call("saveQuestionnaire", {"answers": {}}, **token, expect=409).json()["detail"]
    finally:
        office.system.set_clock("2025-02-14T09:00:00+09:00")


@pytest.mark.parametrize("day, code", [("2025-02-13", "in_past"), ("2026-03-01", "out_of_range")])
def test_the_last_day_lies_within_a_year(office, supplier, day, code):
    assert wrong(ask(office, supplier, expect=422, expires_on=day)) == {("/expires_on", code)}


def test_reopening_makes_a_new_link_and_keeps_the_answers_as_a_draft(office, supplier):
    made = ask(office, supplier)
    given = good(office, supplier, made)
    submit(office, made, given)
    again = office.call("reopenSupplierQuestionnaire", {"expires_on": "2025-04-30"}, **supplier, supplier_questionnaire_id=made["id"], expect=200).json()
    link(office, made)[0].call("openQuestionnaire", questionnaire_token=made["questionnaire_token"], expect=404)
    anyone, token = link(office, again)
    assert anyone.call("openQuestionnaire", **token, expect=200).json()["answers"] == given
    submit(office, again, {})


def test_a_deleted_questionnaire_leaves_no_link(office, supplier):
    made = ask(office, supplier)
    office.call("deleteSupplierQuestionnaire", **supplier, supplier_questionnaire_id=made["id"], if_match="*", expect=204)
    link(office, made)[0].call("openQuestionnaire", questionnaire_token=made["questionnaire_token"], expect=404)


# ---- asked once for many clients

def two_clients(office):
    clients = [office.call("createClient", {"name": n}, expect=201).json()["id"] for n in ("甲社", "乙社")]
    number = str(uuid.uuid4().int)[:13]
    return [make_supplier(office, c, corporate_number=number) for c in clients]


def reuse(caller, supplier, expect=200):
    return caller.call("reuseSupplierAnswers", **supplier, expect=expect).json()


def test_answers_with_consent_serve_another_client(office):
    first, second = two_clients(office)
    made = ask(office, first)
    given = good(office, first, made)
    submit(office, made, given, may_share=True)
    office.call("updateSupplier", {"judgement": "rejected", "judgement_note": "甲社の判断"}, **first, if_match="*", expect=200)
    taken = reuse(office, second)
    assert (taken["answers"], taken["reused"], taken["score"]) == (given, True, 100)
    other = office.call("getSupplier", **second, expect=200).json()
    assert (other["judgement"], other["score"]) == (None, 100)
    assert "甲社" not in str(taken) and first["client_id"] not in str(taken)


def test_the_same_answers_are_not_taken_over_twice_nor_ones_own(office):
    first, second = two_clients(office)
    made = ask(office, first)
    submit(office, made, good(office, first, made), may_share=True)
    reuse(office, second)
    for mine in (first, second):
        assert "already" in reuse(office, mine, expect=409)["detail"]
        assert len(office.call("listSupplierQuestionnaires", **mine, expect=200).json()["data"]) == 1


def test_a_judgement_is_not_of_the_future(office):
    first, _ = two_clients(office)
    problem = office.call("updateSupplier", {"judgement": "accepted", "judged_on": "2099-01-01"}, **first, if_match="*", expect=422).json()
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/judged_on", "in_future")]


def test_without_consent_nothing_is_taken_over(office):
    first, second = two_clients(office)
    made = ask(office, first)
    submit(office, made, good(office, first, made))
    assert "lets others use" in reuse(office, second, expect=409)["detail"]


def test_a_user_of_another_client_takes_over_what_is_shared_and_sees_nothing_else(office):
    first, second = two_clients(office)
    made = ask(office, first)
    submit(office, made, good(office, first, made), may_share=True)
    email = f"{uuid.uuid4().hex[:8]}@meguri.example"
    invited = office.call("createMember", {"email": email, "name": "x", "role": "client_admin", "client_id": second["client_id"]}, expect=201).json()
    office.system.client().call("acceptInvitation", {"invitation_token": invited["invitation_token"], "password": PASSWORD}, expect=204)
    user = office.system.sign_in(email, PASSWORD)
    assert reuse(user, second)["reused"]
    user.call("getSupplier", **first, expect=404)
    assert user.call("listSuppliers", client_id=first["client_id"]).status_code == 404


def test_another_consultancy_takes_over_nothing(office):
    first, _ = two_clients(office)
    made = ask(office, first)
    submit(office, made, good(office, first, made), may_share=True)
    number = office.call("getSupplier", **first, expect=200).json()["corporate_number"]
    stranger = office.system.owner()
    client = stranger.call("createClient", {"name": "x"}, expect=201).json()["id"]
    reuse(stranger, make_supplier(stranger, client, corporate_number=number), expect=409)
