"""The certification cycle over HTTP: states and what they ask for, the programme, what a client may say, policies."""
import pytest

GATE = {"scope_defined_on": "2024-09-10", "risk_assessment_done_on": "2024-10-20", "soa_approved_on": "2024-11-01",
        "internal_audit_done_on": "2024-12-05", "management_review_done_on": "2024-12-16"}
MISSING_ID = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-06-02T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]


class Case:
    """One certification of one client."""

    def __init__(self, owner, client, **facts):
        self.owner, self.client = owner, client
        self.path = f"/v1/clients/{client}"
        self.id = owner.post(f"{self.path}/certifications", {"scheme": "iso27001-2022", **facts}, expect=201).json()["id"]

    def get(self):
        return self.owner.get(f"{self.path}/certifications/{self.id}", expect=200).json()

    def move(self, to, on, expect=201, language="en", **rest):
        return self.owner.post(f"{self.path}/certifications/{self.id}/transitions",
                               {"to": to, "on": on, "source": "審査報告書", **rest}, expect=expect, language=language).json()

    def patch(self, facts, expect=200):
        return self.owner.patch(f"{self.path}/certifications/{self.id}", facts, if_match="*", expect=expect).json()

    def to_recommended(self, **facts):
        self.move("stage1_done", "2024-11-15")
        self.move("stage2_done", "2025-01-10")
        self.move("recommended", "2025-01-31")
        self.patch(GATE | facts)
        return self

    def to_certified(self):
        self.to_recommended().move("certified", "2025-02-14")
        return self

    def programme(self):
        return next(c for c in self.owner.get(f"{self.path}/programme", expect=200).json()["certifications"]
                    if c["certification_id"] == self.id)

    def claims(self, **params):
        return next(c for c in self.owner.get(f"{self.path}/claims", params=params, expect=200).json()["certifications"]
                    if c["certification_id"] == self.id)


@pytest.fixture
def case(owner, client):
    return Case(owner, client)


def missing(problem):
    return [e["limit"] for e in problem["errors"] if e["code"] == "missing_fact"]


# ---------------------------------------------------------------- states

def test_a_new_certification_is_being_prepared(case):
    made = case.get()
    assert made["state"] == "preparing" and made["cycle_no"] == 1 and made["decision_date"] is None


def test_a_client_has_one_certification_per_scheme(owner, case):
    owner.post(f"{case.path}/certifications", {"scheme": "iso27001-2022"}, expect=409)


def test_every_step_is_kept_with_its_day_and_source(case):
    case.to_certified()
    steps = case.owner.get(f"{case.path}/certifications/{case.id}/transitions", expect=200).json()["data"]
    assert [(s["from_state"], s["to_state"], s["on"], s["source"]) for s in steps] == [
        ("preparing", "stage1_done", "2024-11-15", "審査報告書"), ("stage1_done", "stage2_done", "2025-01-10", "審査報告書"),
        ("stage2_done", "recommended", "2025-01-31", "審査報告書"), ("recommended", "certified", "2025-02-14", "審査報告書")]


def test_a_step_that_the_table_does_not_know_is_refused_with_those_it_knows(case):
    problem = case.move("certified", "2025-02-14", expect=409)
    assert problem["code"] == "state_not_allowed" and problem["errors"][0]["limit"] == "stage1_done, withdrawn"


def test_the_decision_names_every_missing_fact(case):
    case.move("stage1_done", "2024-11-15")
    case.move("stage2_done", "2025-01-10")
    case.move("recommended", "2025-01-31")
    case.patch({"scope_defined_on": "2024-09-10"})
    problem = case.move("certified", "2025-02-14", expect=409)
    assert problem["code"] == "state_not_allowed"
    assert missing(problem) == ["risk_assessment", "soa", "internal_audit_full_scope", "management_review"]
    assert "risk assessment" in problem["detail"] and "management review" in problem["detail"]


def test_the_refusal_of_a_decision_speaks_japanese(case):
    case.to_recommended(soa_approved_on=None)
    problem = case.move("certified", "2025-02-14", expect=409, language="ja")
    assert "適用宣言書" in problem["detail"]


def test_a_fact_of_after_the_decision_does_not_count_for_it(case):
    case.to_recommended(management_review_done_on="2025-03-01")
    assert missing(case.move("certified", "2025-02-14", expect=409)) == ["management_review"]


def test_the_decision_brings_effective_date_expiry_and_cycle(case):
    case.to_certified()
    made = case.get()
    assert {k: made[k] for k in ("state", "decision_date", "effective_date", "expiry_date", "original_certification_date",
                                 "cycle_start", "cycle_no", "cycle_type")} == {
        "state": "certified", "decision_date": "2025-02-14", "effective_date": "2025-02-14", "expiry_date": "2028-02-13",
        "original_certification_date": "2025-02-14", "cycle_start": "2025-02-14", "cycle_no": 1, "cycle_type": "initial"}


def test_a_step_in_the_future_is_refused(case):
    assert case.move("stage1_done", "2025-06-03", expect=422)["errors"][0]["code"] == "in_future"


def test_a_step_before_the_one_before_it_is_refused(case):
    case.move("stage1_done", "2024-11-15")
    error = case.move("stage2_done", "2024-11-14", expect=422)["errors"][0]
    assert (error["pointer"], error["code"], error["limit"]) == ("/on", "before_start", "2024-11-15")


def test_a_certificate_is_not_effective_before_its_decision(case):
    case.to_recommended()
    problem = case.move("certified", "2025-02-14", effective_date="2025-02-13", expect=422)
    assert problem["errors"][0]["pointer"] == "/effective_date"


def test_a_refused_step_leaves_no_trace(case):
    case.to_recommended()
    before = case.get()
    case.move("certified", "2025-02-14", effective_date="2025-02-13", expect=422)
    assert case.get() == before


def test_a_suspension_is_lifted_within_its_limit(case):
    case.to_certified().move("suspended", "2025-03-03")
    assert case.get()["suspension_limit"] == "2025-09-03"
    case.move("certified", "2025-05-30")
    assert case.get()["state"] == "certified" and case.get()["expiry_date"] == "2028-02-13"


def test_a_suspension_over_its_limit_is_not_lifted(owner, client):
    case = Case(owner, client, state="certified", decision_date="2024-02-14")
    case.move("suspended", "2024-10-01")
    assert missing(case.move("certified", "2025-04-02", expect=409)) == ["suspension_in_time"]


def test_a_recertification_in_time_keeps_the_expiry_day(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-06-10")
    case.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11")
    made = case.get()
    assert (made["cycle_no"], made["cycle_type"], made["expiry_date"], made["gap_days"], made["anchor_date"]) == (
        2, "recert", "2028-06-09", 0, "2022-06-10")


def test_a_recertification_says_when_its_audit_was(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-06-10")
    assert case.move("certified", "2025-05-20", expect=422)["errors"][0]["pointer"] == "/recertification_audit_last_day"


def test_an_early_recertification_starts_the_cycle_anew(owner, client):
    case = Case(owner, client, state="certified", decision_date="2023-06-10")
    made = case.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11")
    assert made["facts"]["result"] == "renewed_early_reset" and made["facts"]["lost_days"] > 0
    assert case.get()["expiry_date"] == "2028-05-19" and case.get()["anchor_date"] == "2025-05-20"


def test_a_certification_is_restored_within_six_months_with_a_gap(owner, client):
    case = Case(owner, client, state="certified", decision_date="2022-02-14")
    made = case.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11")
    assert made["facts"]["result"] == "restored" and made["facts"]["gap_days"] == 95
    assert case.get()["effective_date"] == "2025-05-20" and case.get()["expiry_date"] == "2028-02-13"


def test_later_than_six_months_a_new_stage_2_comes_first(owner, client):
    case = Case(owner, client, state="certified", decision_date="2021-02-14")
    assert missing(case.move("certified", "2025-05-20", recertification_audit_last_day="2025-04-11", expect=409)) == ["new_stage2"]


def test_a_withdrawn_certification_may_begin_again(case):
    case.to_certified().move("withdrawn", "2025-05-01")
    case.move("preparing", "2025-05-02")
    assert case.get()["state"] == "preparing" and case.get()["decision_date"] is None


def test_the_day_after_its_expiry_a_certification_has_expired(start_system):
    system = start_system(clock="2025-02-13T23:50:00+09:00")
    owner = system.owner()
    client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
    case = Case(owner, client, state="certified", decision_date="2022-02-14")
    system.run_jobs()
    assert case.get()["state"] == "certified"
    system.set_clock("2025-02-14T00:00:00+09:00")
    system.run_jobs()
    case.owner = system.sign_in(owner.consultancy["email"], owner.consultancy["password"])
    assert case.get()["state"] == "expired"
    step = case.owner.get(f"{case.path}/certifications/{case.id}/transitions", expect=200).json()["data"][-1]
    assert (step["from_state"], step["to_state"], step["on"], step["source"], step["actor_id"]) == (
        "certified", "expired", "2025-02-14", "REC-05", None)
    then = case.owner.get(f"{case.path}/certifications/{case.id}", params={"as_of": "2025-02-14T00:00:00+09:00"}, expect=200).json()
    assert then == case.get()


# ---------------------------------------------------------------- entering and correcting

def test_an_existing_certificate_is_entered_with_its_step(owner, client):
    case = Case(owner, client, state="certified", decision_date="2024-03-01", source="登録証の写し")
    steps = owner.get(f"{case.path}/certifications/{case.id}/transitions", expect=200).json()["data"]
    assert [(s["to_state"], s["on"], s["source"]) for s in steps] == [("certified", "2024-03-01", "登録証の写し")]
    assert case.get()["expiry_date"] == "2027-02-28"


def test_a_certificate_of_an_old_client_runs_in_a_later_cycle(owner, client):
    case = Case(owner, client, state="certified", decision_date="2025-01-20", original_certification_date="2019-02-14",
                expiry_date="2028-02-13")
    made = case.get()
    assert (made["cycle_no"], made["cycle_type"], made["anchor_date"]) == (3, "recert", "2025-02-14")


def test_entering_a_certificate_needs_its_decision(owner, client):
    problem = owner.post(f"/v1/clients/{client}/certifications", {"scheme": "iso27001-2022", "state": "certified"}, expect=422).json()
    assert [e["pointer"] for e in problem["errors"]] == ["/decision_date"]


def test_a_certification_in_preparation_has_no_certificate_dates(owner, client):
    problem = owner.post(f"/v1/clients/{client}/certifications", {"scheme": "iso27001-2022", "decision_date": "2025-01-01"},
                         expect=422).json()
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/decision_date", "not_allowed_here")]


def test_what_was_counted_from_a_corrected_decision_follows_it(case):
    case.to_certified()
    made = case.patch({"decision_date": "2025-02-17"})
    assert (made["effective_date"], made["expiry_date"], made["anchor_date"]) == ("2025-02-17", "2028-02-16", "2025-02-17")


def test_a_correction_against_the_order_of_dates_names_the_field(case):
    case.to_certified()
    problem = case.patch({"stage2_last_day": "2025-02-20"}, expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/stage2_last_day", "after_end")]


def test_a_date_of_a_step_not_taken_can_not_be_corrected(case):
    problem = case.patch({"decision_date": "2025-02-14"}, expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/decision_date", "not_allowed_here")]


def test_a_certification_entered_by_mistake_is_deleted(case):
    case.owner.delete(f"{case.path}/certifications/{case.id}", if_match="*", expect=204)
    case.owner.get(f"{case.path}/certifications/{case.id}", expect=404)


def test_a_certification_with_a_history_is_not_deleted(case):
    case.move("stage1_done", "2024-11-15")
    reply = case.owner.delete(f"{case.path}/certifications/{case.id}", if_match="*", expect=409)
    assert reply.json()["code"] == "still_referenced"


# ---------------------------------------------------------------- claims

def claim(case, **params):
    answer = case.claims(**params)
    return (answer["may_say_passed_audit"], answer["may_claim_certified"], answer["may_show_mark"], answer["must_remove_mark"])


def test_before_the_recommendation_nothing_may_be_said(case):
    assert claim(case) == (False, False, False, False)


def test_after_the_recommendation_passed_may_be_said_but_not_certified(case):
    case.to_recommended()
    assert claim(case) == (True, False, False, False)
    assert [r["rule"] for r in case.claims()["reasons"]] == ["MRK-01"]


def test_after_the_decision_certified_may_be_said_and_the_mark_shown(case):
    case.to_certified()
    assert claim(case) == (True, True, True, False)


def test_a_day_in_the_past_is_judged_by_its_state(case):
    case.to_certified()
    assert claim(case, on="2025-02-10") == (True, False, False, False)
    assert claim(case, on="2025-01-20") == (False, False, False, False)


def test_during_a_suspension_the_mark_must_go(case):
    case.to_certified().move("suspended", "2025-05-01")
    assert claim(case) == (False, False, False, True)


def test_after_the_expiry_nothing_may_be_claimed(case):
    case.to_certified()
    assert claim(case, on="2028-02-13") == (True, True, True, False)
    assert claim(case, on="2028-02-14") == (False, False, False, True)


def test_a_site_outside_the_scope_may_not_show_the_mark(owner, case):
    case.to_certified()
    site = owner.post(f"{case.path}/sites", {"name": "大阪支社", "in_scope": False}, expect=201).json()["id"]
    assert claim(case, site_id=site) == (True, True, False, False)
    assert "MRK-02" in [r["rule"] for r in case.claims(site_id=site)["reasons"]]


def test_claims_of_an_unknown_site_are_not_found(owner, case):
    owner.get(f"{case.path}/claims", params={"site_id": MISSING_ID}, expect=404)


def test_an_add_on_counts_only_with_the_isms_in_force(owner, client):
    addon = Case(owner, client, scheme="iso27017-jp", state="certified", decision_date="2025-02-14")
    assert claim(addon)[1] is False
    Case(owner, client, state="certified", decision_date="2025-02-14")
    assert claim(addon)[1] is True


# ---------------------------------------------------------------- policies

def effective(owner, name, **params):
    return next(p for p in owner.get("/v1/policies/effective", params=params, expect=200).json()["data"] if p["name"] == name)


def test_a_value_comes_from_the_strongest_level_that_gives_it(owner, client):
    case = Case(owner, client, policies={"surv_before_months": 2})
    owner.patch("/v1/policies", {"policies": {"surv_before_months": 4, "surv_after_months": 0}}, if_match="*", expect=200)
    try:
        mine = effective(owner, "surv_before_months", certification_id=case.id)
        assert (mine["value"], mine["source"], mine["default"], mine["rule"]) == (2, "certification", 3, "SUR-02")
        assert effective(owner, "surv_after_months", certification_id=case.id)["source"] == "consultancy"
        assert effective(owner, "anchor", certification_id=case.id)["source"] == "default"
    finally:
        owner.patch("/v1/policies", {"policies": {"surv_before_months": None, "surv_after_months": None}}, if_match="*", expect=200)


@pytest.mark.parametrize("policies, pointer, code", [
    ({"surv_before_months": 13}, "/policies/surv_before_months", "too_large"), ({"restore_months": 7}, "/policies/restore_months", "too_large"),
    ({"anchor": "audit"}, "/policies/anchor", "not_in_list"), ({"window": 3}, "/policies/window", "unknown_member")])
def test_a_value_that_does_not_fit_is_named(owner, policies, pointer, code):
    problem = owner.patch("/v1/policies", {"policies": policies}, if_match="*", expect=422).json()
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]


def test_the_contract_and_the_table_know_the_same_policies(owner, system):
    contract = owner.get("/openapi.json", expect=200).json()["components"]["schemas"]["PolicyValues"]["properties"]
    table = owner.get("/v1/policies/effective", expect=200).json()["data"]
    assert [p["name"] for p in table] == list(contract)


# ---------------------------------------------------------------- strangers

def test_another_consultancy_finds_nothing(system, case):
    stranger = system.owner(name="別のコンサルティング", email="stranger@other.example")
    for path in ("", "/certifications", f"/certifications/{case.id}", f"/certifications/{case.id}/transitions", "/programme", "/claims"):
        stranger.get(case.path + path, expect=404)
    stranger.post(f"{case.path}/certifications", {"scheme": "pmark"}, expect=404)
    stranger.post(f"{case.path}/certifications/{case.id}/transitions", {"to": "stage1_done", "on": "2024-11-15"}, expect=404)
    stranger.patch(f"{case.path}/certifications/{case.id}", {"scope_text": "x"}, if_match="*", expect=404)
    stranger.delete(f"{case.path}/certifications/{case.id}", if_match="*", expect=404)
    stranger.get("/v1/policies/effective", params={"certification_id": case.id}, expect=404)
