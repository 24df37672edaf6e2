"""What happens to a certificate besides its audits: suspension, withdrawal, transfer, reduced scope, another edition, add-ons, the P-mark."""
import pytest

TODAY = "2026-06-01"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock=f"{TODAY}T09:00:00+09:00")


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture(scope="module")
def bodies(owner):
    return [owner.call("createCertificationBody", {"name": name, "policies": policies}, expect=201).json()["id"]
            for name, policies in (("東日本審査機構", {}), ("西日本認証センター", {"surv_before_months": 1, "notice_days_before": 90}))]


class Case:
    """One certification; others of the same client beside it."""

    def __init__(self, owner, client=None, expect=201, **facts):
        self.owner = owner
        self.client = client or owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
        reply = owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14"} | facts,
                           client_id=self.client, expect=expect).json()
        self.id, self.problem = reply.get("id"), reply

    def beside(self, **facts):
        return Case(self.owner, self.client, **facts)

    def call(self, operation, body, expect=200, **rest):
        return self.owner.call(operation, body, client_id=self.client, certification_id=self.id, expect=expect, **rest).json()

    def get(self):
        return self.owner.call("getCertification", client_id=self.client, certification_id=self.id, expect=200).json()

    def move(self, to, on, expect=201, **rest):
        return self.call("createTransition", {"to": to, "on": on, "source": "通知", **rest}, expect=expect)

    def patch(self, **facts):
        return self.call("updateCertification", facts, if_match="*")

    def audit(self, **facts):
        return self.owner.call("createAudit", {"certification_id": self.id, **facts}, client_id=self.client, expect=201).json()["id"]

    def held(self, kind, day):
        return self.audit(kind=kind, status="held", held_first_day=day, held_last_day=day)

    def audits(self):
        return [a for a in self.owner.pages(f"/v1/clients/{self.client}/audits", params={"certification_id": self.id}) if a["status"] != "cancelled"]

    def open(self):
        return {d["kind"]: d for d in self.owner.pages(f"/v1/clients/{self.client}/deadlines", params={"status": "open"})
                if d["certification_id"] == self.id}

    def steps(self):
        return [(t["from_state"], t["to_state"], t["on"]) for t in
                self.owner.pages(f"/v1/clients/{self.client}/certifications/{self.id}/transitions", params={"sort": "on"})]

    def claim(self):
        rows = self.owner.call("getClaims", client_id=self.client, expect=200).json()["certifications"]
        row = next(c for c in rows if c["certification_id"] == self.id)
        return row["may_claim_certified"], row["must_remove_mark"]


@pytest.fixture
def case(owner, bodies):
    return Case(owner, body_id=bodies[0])


def missing(problem):
    return {e["limit"] for e in problem["errors"] if e["code"] == "missing_fact"}


def wrong(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


# ---------------------------------------------------------------- entering

def test_a_suspended_certificate_is_entered_with_its_limit_and_its_history(owner):
    case = Case(owner, state="suspended", suspended_on="2026-03-10")
    row = case.get()
    assert (row["state"], row["suspension_limit"], row["expiry_date"]) == ("suspended", "2026-09-10", "2028-02-13")
    assert case.steps() == [("preparing", "certified", "2025-02-14"), ("certified", "suspended", "2026-03-10")]
    assert case.open()["suspension_limit"]["raw_on"] == "2026-09-10" and case.claim() == (False, True)


def test_an_expired_certificate_is_entered_and_can_be_restored(owner):
    case = Case(owner, state="expired", decision_date="2023-03-01")
    assert case.steps()[-1] == ("certified", "expired", "2026-03-01")
    assert case.open()["restore_deadline"]["raw_on"] == "2026-08-28"
    case.move("certified", "2026-05-20", recertification_audit_last_day="2026-05-01")
    row = case.get()
    assert (row["expiry_date"], row["gap_days"], row["cycle_no"]) == ("2029-02-28", 80, 2)


@pytest.mark.parametrize("facts, errors", [
    ({"state": "suspended"}, {("/suspended_on", "required")}),
    ({"state": "suspended", "suspended_on": "2025-01-01"}, {("/suspended_on", "before_start")}),
    ({"state": "suspended", "suspended_on": "2026-06-02"}, {("/suspended_on", "after_end")}),
    ({"state": "expired"}, {("/expiry_date", "after_end")}),
    ({"suspended_on": "2026-03-10"}, {("/suspended_on", "not_allowed_here")})])
def test_what_a_certificate_has_come_to_fits_its_dates(owner, facts, errors):
    assert wrong(Case(owner, expect=422, **facts).problem) == errors


# ---------------------------------------------------------------- suspension, withdrawal, reduction

def test_a_suspension_ends_claims_and_a_return_brings_them_back_with_the_same_expiry(case):
    case.move("suspended", "2026-03-10")
    assert {"suspension_limit", "remove_mark", "surveillance_audit"} <= set(case.open()) and case.claim() == (False, True)
    case.move("certified", "2026-05-20")
    assert case.get()["expiry_date"] == "2028-02-13" and case.claim() == (True, False)
    assert not {"suspension_limit", "remove_mark"} & set(case.open())


def test_after_the_limit_a_suspension_ends_by_reduction_or_withdrawal_only(owner):
    case = Case(owner, state="suspended", suspended_on="2025-11-01", scope_text="全社")
    assert missing(case.move("certified", "2026-05-20", expect=409)) == {"suspension_in_time"}
    row = case.call("reduceScope", {"on": "2026-05-20", "scope_text": "本社における開発", "removed": "大阪支社", "restore": True})
    assert (row["state"], row["scope_text"], row["suspended_on"], row["expiry_date"]) == ("certified", "本社における開発", None, "2028-02-13")
    assert case.claim() == (True, False)


def test_a_reduced_scope_takes_the_mark_from_the_part_each_time(case):
    case.patch(scope_text="全社")
    for removed, scope in (("大阪支社", "本社と名古屋"), ("名古屋", "本社")):
        case.call("reduceScope", {"on": "2026-05-28", "scope_text": scope, "removed": removed})
    assert [r["removed"] for r in case.get()["scope_reductions"]] == ["大阪支社", "名古屋"]
    due = [d for d in case.owner.pages(f"/v1/clients/{case.client}/deadlines", params={"kind": "remove_mark"})]
    assert [(d["raw_on"], d["why"]["inputs"]["removed"], d["hardness"]) for d in due] == [
        ("2026-06-04", "大阪支社", "hard"), ("2026-06-04", "名古屋", "hard")]
    assert case.steps()[-1] == ("certified", "certified", "2026-05-28")
    assert wrong(case.call("reduceScope", {"on": "2026-05-28", "scope_text": "本社", "removed": "x", "restore": True}, expect=422)) == {
        ("/scope_text", "inconsistent"), ("/restore", "not_allowed_here")}


def test_places_that_leave_with_a_reduction_are_out_of_the_next_version_of_the_scope(system, owner, case):
    head, branch = (owner.call("createSite", {"name": name, "in_scope": True}, client_id=case.client, expect=201).json()["id"]
                    for name in ("本社", "大阪支社"))
    body = {"on": "2026-05-28", "scope_text": "本社", "removed": "大阪支社", "site_ids": [branch]}
    stranger = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"
    assert wrong(case.call("reduceScope", body | {"department_ids": [stranger]}, expect=422)) == {("/department_ids/0", "not_found_reference")}
    case.call("reduceScope", body)
    system.run_jobs()
    scope = owner.call("getScope", client_id=case.client, expect=200).json()
    assert [s["site_id"] for s in scope["sites"]] == [head] and scope["statement_ja"] == "本社"
    claims = {site: owner.call("getClaims", client_id=case.client, params={"site_id": site}, expect=200).json()["certifications"][0]["may_show_mark"]
              for site in (head, branch)}
    assert claims == {head: True, branch: False}
    again = case.call("reduceScope", body | {"scope_text": "本社の一部"}, expect=422)
    assert wrong(again) == {("/site_ids/0", "inconsistent")}


def test_only_a_certificate_is_reduced(owner):
    client = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    made = owner.call("createCertification", {"scheme": "iso27001-2022"}, client_id=client, expect=201).json()["id"]
    owner.call("reduceScope", {"on": "2026-05-28", "scope_text": "本社", "removed": "支社"}, client_id=client, certification_id=made, expect=409)


# ---------------------------------------------------------------- transfer

def transfer(case, bodies, expect=200, **facts):
    return case.call("transferCertification", {"on": "2026-05-20", "body_id": bodies[1], "accredited_mla": True,
                                               "pre_transfer_review_on": "2026-05-10"} | facts, expect=expect)


def window(case, ordinal=2):
    return next(a["window_start"] for a in case.audits() if a["kind"] == "surveillance" and a["ordinal"] == ordinal and a["cycle_no"] == 1)


def test_a_transfer_keeps_expiry_and_cycle_and_brings_the_policies_of_the_accepting_body(case, bodies):
    before = case.get()
    assert window(case) == "2026-11-14"
    made = transfer(case, bodies)
    after = case.get()
    assert after["body_id"] == bodies[1] and window(case) == "2027-01-14"
    for kept in ("expiry_date", "cycle_no", "cycle_start", "anchor_date", "decision_date", "state"):
        assert after[kept] == before[kept]
    assert (made["from_body_id"], made["to_body_id"], made["expiry_date"]) == (bodies[0], bodies[1], "2028-02-13")
    facts = case.owner.call("getTransition", client_id=case.client, certification_id=case.id, transition_id=made["transition_id"], expect=200).json()["facts"]
    assert facts["transfer"]["pre_transfer_review_on"] == "2026-05-10"


def test_everything_that_stands_against_a_transfer_is_named(case, bodies):
    audit = case.held("surveillance", "2026-01-20")
    case.owner.call("createFinding", {"audit_id": audit, "grade": "major", "statement": "x"}, client_id=case.client, expect=201)
    case.move("suspended", "2026-04-01")
    problem = transfer(case, bodies, expect=409, accredited_mla=False)
    assert missing(problem) == {"certificate_valid", "accredited_certificate", "majors_verified"}
    preview = case.call("previewTransfer", {"accredited_mla": False})
    assert preview["eligible"] is False and {m["fact"] for m in preview["missing"]} == missing(problem)
    assert case.get()["body_id"] == bodies[0]


def test_a_body_that_lost_its_accreditation_leaves_six_months(case, bodies):
    case.patch(accreditation_lost_on="2025-12-01")
    due = case.open()["transfer_limit"]
    assert (due["raw_on"], due["hardness"], due["rule"]) == ("2026-06-01", "hard", "TRF-02")
    assert case.call("previewTransfer", {"on": "2026-06-02"})["eligible"] is False
    made = transfer(case, bodies)
    assert made["deadline"] == "2026-06-01" and "TRF-02" in [w["rule"] for w in made["warnings"]]
    assert case.get()["accreditation_lost_on"] is None and "transfer_limit" not in case.open()


def test_an_emergency_ends_with_the_expiry_at_the_latest(owner):
    case = Case(owner, decision_date="2023-08-01")
    case.patch(accreditation_lost_on="2026-05-01")
    assert case.open()["transfer_limit"]["raw_on"] == "2026-07-31"


def test_a_transfer_just_before_the_next_audit_is_warned_of(case, bodies):
    case.held("surveillance", "2026-01-20")
    case.audit(kind="surveillance", status="confirmed", planned_first_day="2026-12-01", planned_last_day="2026-12-01")
    assert case.call("previewTransfer", {"on": "2026-09-30"})["start_by"] == "2026-10-01"
    rules = [(w["rule"], "late" in w["text"]) for w in case.call("previewTransfer", {"on": "2026-10-02"}, language="en")["warnings"]]
    assert ("TRF-03", True) in rules


@pytest.mark.parametrize("facts, errors", [
    ({"on": "2026-06-02"}, {("/on", "in_future")}), ({"on": "2025-01-01"}, {("/on", "before_start")}),
    ({"pre_transfer_review_on": "2026-05-21", "body_id": 0}, {("/pre_transfer_review_on", "after_end"), ("/body_id", "self_reference")}),
    ({"body_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"}, {("/body_id", "not_found_reference")})])
def test_the_dates_and_the_body_of_a_transfer_fit(case, bodies, facts, errors):
    if facts.get("body_id") == 0:
        facts = facts | {"body_id": bodies[0]}
    assert wrong(transfer(case, bodies, expect=422, **facts)) == errors


def test_the_p_mark_is_not_transferred(owner, bodies):
    assert transfer(Case(owner, scheme="pmark"), bodies, expect=409)["code"] == "state_not_allowed"


def test_an_add_on_moves_with_its_isms(owner, bodies):
    isms = Case(owner, body_id=bodies[0])
    addon = isms.beside(scheme="iso27017-jp", body_id=bodies[0])
    assert transfer(addon, bodies, expect=409)["code"] == "state_not_allowed"
    transfer(isms, bodies)
    assert addon.get()["body_id"] == bodies[1]


# ---------------------------------------------------------------- add-ons

@pytest.fixture
def pair(owner):
    isms = Case(owner)
    return isms, isms.beside(scheme="iso27017-jp", decision_date="2026-03-10")


def test_an_add_on_ends_with_its_isms(pair):
    _, addon = pair
    assert addon.get()["expiry_date"] == "2028-02-13"
    kinds = [(a["kind"], a["nominal_date"]) for a in addon.audits() if a["cycle_no"] == 1]
    assert kinds == [("surveillance", "2027-03-10"), ("recertification", "2028-02-14")]
    assert [a["nominal_date"] for a in addon.audits() if a["cycle_no"] == 2] == ["2029-02-14", "2030-02-14", "2031-02-14"]


def test_another_expiry_than_that_of_the_isms_is_refused(owner, pair):
    problem = pair[0].beside(scheme="iso27701-2019", expiry_date="2028-12-31", expect=422).problem
    assert wrong(problem) == {("/expiry_date", "inconsistent")}


def test_an_add_on_entered_before_its_isms_is_aligned_when_that_comes(owner):
    addon = Case(owner, scheme="iso27701-2019", decision_date="2025-08-01")
    assert addon.get()["expiry_date"] == "2028-07-31"
    isms = addon.beside()
    assert addon.get()["expiry_date"] == "2028-02-13"
    isms.patch(expiry_date="2028-02-10")
    assert addon.get()["expiry_date"] == "2028-02-10"


def test_an_add_on_is_suspended_and_restored_with_its_isms(pair):
    isms, addon = pair
    isms.move("suspended", "2026-04-01")
    row = addon.get()
    assert (row["state"], row["suspended_on"], row["suspension_limit"]) == ("suspended", "2026-04-01", "2026-10-01")
    assert missing(addon.move("certified", "2026-04-02", expect=409)) == {"isms_in_force"}
    isms.move("certified", "2026-05-01")
    assert addon.get()["state"] == "certified"
    assert addon.steps()[1:] == [("certified", "suspended", "2026-04-01"), ("suspended", "certified", "2026-05-01")]


def test_an_add_on_suspended_for_itself_is_not_restored_with_the_isms(pair):
    isms, addon = pair
    addon.move("suspended", "2026-03-20")
    isms.move("suspended", "2026-04-01")
    isms.move("certified", "2026-05-01")
    assert addon.get()["state"] == "suspended"


def test_an_add_on_is_withdrawn_with_its_isms(pair):
    isms, addon = pair
    isms.move("withdrawn", "2026-05-01")
    assert addon.get()["state"] == "withdrawn" and set(addon.open()) == {"remove_mark"}


def test_an_add_on_is_renewed_and_lapses_and_returns_with_its_isms(start_system):
    system = start_system(clock="2028-01-20T09:00:00+09:00")
    isms = Case(system.owner())
    addon = isms.beside(scheme="iso27017-jp", decision_date="2026-03-10")
    isms.move("certified", "2028-01-20", recertification_audit_last_day="2027-12-03")
    row = addon.get()
    assert (row["expiry_date"], row["cycle_no"], row["cycle_type"], row["decision_date"]) == ("2031-02-13", 2, "recert", "2028-01-20")
    assert [a["nominal_date"] for a in addon.audits() if a["cycle_no"] == 2] == ["2029-02-14", "2030-02-14", "2031-02-14"]
    assert missing(addon.move("certified", "2028-01-20", expect=409)) == {"isms_recertified"}
    system.set_clock("2031-02-20T09:00:00+09:00")
    system.run_jobs()
    isms.owner = addon.owner = system.sign_in(isms.owner.consultancy["email"])
    assert (isms.get()["state"], addon.get()["state"]) == ("expired", "expired")
    assert addon.claim() == (False, True)
    isms.move("certified", "2031-02-20", recertification_audit_last_day="2031-02-18")
    row = addon.get()
    assert (row["state"], row["expiry_date"], row["gap_days"]) == ("certified", "2034-02-13", 6)


def test_an_add_on_joins_at_a_surveillance_without_two_stages(owner):
    isms = Case(owner)
    made = owner.call("createCertification", {"scheme": "iso27017-jp"}, client_id=isms.client, expect=201).json()["id"]
    addon = Case.__new__(Case)
    addon.owner, addon.client, addon.id = owner, isms.client, made
    assert missing(addon.move("certified", "2026-03-10", expect=409)) == {"isms_audit"}
    isms.held("surveillance", "2026-01-20")
    step = addon.move("certified", "2026-03-10")
    assert step["facts"]["added_at_audit"] == "2026-01-20" and addon.get()["expiry_date"] == "2028-02-13"


def test_an_add_on_without_an_isms_in_force_is_not_granted(owner):
    client = owner.call("createClient", {"name": "ISMS なし"}, expect=201).json()["id"]
    made = owner.call("createCertification", {"scheme": "iso27017-jp"}, client_id=client, expect=201).json()["id"]
    problem = owner.call("createTransition", {"to": "certified", "on": "2026-03-10"}, client_id=client, certification_id=made, expect=409).json()
    assert missing(problem) == {"isms_audit", "isms_in_force"}


def test_the_2025_edition_of_27701_stands_alone(owner):
    alone = Case(owner, scheme="iso27701-2025", decision_date="2026-03-10")
    assert alone.get()["expiry_date"] == "2029-03-09" and alone.claim() == (True, False)
    isms = alone.beside()
    isms.move("suspended", "2026-04-01")
    assert alone.get()["state"] == "certified"


# ---------------------------------------------------------------- editions

@pytest.fixture
def old(start_system):
    system = start_system(clock="2025-06-20T09:00:00+09:00")
    case = Case(system.owner(), scheme="iso27001-2013", decision_date="2023-07-01")
    case.system = system
    return case


def change(case, expect=200, **facts):
    return case.call("changeEdition", {"on": "2025-06-20", "to_scheme": "iso27001-2022"} | facts, expect=expect)


def test_a_change_of_edition_wants_its_audit_and_keeps_the_expiry(old):
    assert old.open()["edition_end"]["raw_on"] == "2025-10-31"
    assert missing(change(old, expect=409)) == {"transition_audit"}
    old.held("surveillance", "2025-05-21")
    row = change(old)
    assert (row["scheme"], row["previous_scheme"], row["edition_changed_on"], row["expiry_date"]) == (
        "iso27001-2022", "iso27001-2013", "2025-06-20", "2026-06-30")
    last = old.owner.pages(f"/v1/clients/{old.client}/certifications/{old.id}/transitions", params={"sort": "-on"})[0]
    assert (last["facts"]["edition_change"]["audit_kind"], last["facts"]["edition_change"]["extra_days"]) == ("surveillance", 1.0)
    assert "edition_end" not in old.open()


def test_a_recertification_audit_takes_half_a_day_more(old):
    change(old, audit_kind="recertification", audit_last_day="2025-06-10")
    last = old.owner.pages(f"/v1/clients/{old.client}/certifications/{old.id}/transitions", params={"sort": "-on"})[0]
    assert last["facts"]["edition_change"]["extra_days"] == 0.5


def test_the_old_edition_ends_for_everybody(old):
    old.system.set_clock("2025-11-04T09:00:00+09:00")
    old.system.run_jobs()
    old.owner = old.system.sign_in(old.owner.consultancy["email"])
    assert old.get()["state"] == "expired" and old.steps()[-1] == ("certified", "expired", "2025-11-01")
    assert "restore_deadline" not in old.open()
    assert missing(old.move("certified", "2025-11-04", recertification_audit_last_day="2025-10-01", expect=409)) == {"edition_open"}


def test_no_initial_audit_starts_on_the_old_edition_any_more(old):
    client = old.owner.call("createClient", {"name": "旧版"}, expect=201).json()["id"]
    made = old.owner.call("createCertification", {"scheme": "iso27001-2013"}, client_id=client, expect=201).json()["id"]
    path = {"client_id": client, "certification_id": made}
    problem = old.owner.call("createTransition", {"to": "stage1_done", "on": "2024-05-01"}, expect=409, **path).json()
    assert missing(problem) == {"edition_open"}
    old.owner.call("createTransition", {"to": "stage1_done", "on": "2024-04-30"}, expect=201, **path)


def test_a_campaign_says_what_no_rule_says_yet(owner):
    case = Case(owner)
    owner.call("createCampaign", {"name": "次の版", "old_scheme": "iso27001-2022", "new_scheme": "iso27001-next", "end_on": "2026-05-25",
                                  "extra_days": {"surveillance": 0.5}}, expect=201)
    case.held("surveillance", "2026-01-20")
    assert missing(change(case, on="2026-05-26", to_scheme="iso27001-next", expect=409)) == {"edition_in_force"}
    assert change(case, on="2026-05-25", to_scheme="iso27001-next")["scheme"] == "iso27001-next"


def test_only_the_next_edition_is_changed_to(case):
    assert wrong(change(case, on="2026-05-20", to_scheme="iso27001-2013", expect=422)) == {("/to_scheme", "inconsistent")}


# ---------------------------------------------------------------- P-mark

def test_the_p_mark_is_renewed_contiguously_in_its_window(start_system):
    system = start_system(clock="2024-11-20T09:00:00+09:00")
    mark = Case(system.owner(), scheme="pmark", decision_date="2022-12-02")
    row = mark.get()
    assert row["expiry_date"] == "2024-12-01" and mark.audits() == []
    due = {d["kind"]: d["due_on"] for d in mark.owner.pages(f"/v1/clients/{mark.client}/deadlines")}
    assert (due["pmark_renewal_open"], due["pmark_renewal_close"]) == ("2024-04-02", "2024-08-01")
    mark.move("certified", "2024-11-20")
    assert mark.get()["expiry_date"] == "2026-12-01" and mark.open()["pmark_renewal_open"]["due_on"] == "2026-04-02"


# ---------------------------------------------------------------- policies that contradict each other

PAIRS = [("recert_latest_months", 4, "recert_before_months", 3), ("stage_gap_min_days", 61, "stage_gap_max_months", 2),
         ("major_plan_days", 61, "major_evidence_days", 60), ("minor_plan_days", 90, "minor_evidence_days", 30),
         ("management_review_buffer_days", 40, "internal_audit_buffer_days", 30), ("stage_gap_min_days", 30, "stage2_prep_days", 20)]


@pytest.mark.parametrize("less, low, more, high", PAIRS)
def test_contradicting_values_are_refused_together_where_they_are_set(owner, case, less, low, more, high):
    values = {"policies": {less: low, more: high}}
    both = {(f"/policies/{less}", "inconsistent"), (f"/policies/{more}", "inconsistent")}
    assert wrong(owner.call("updatePolicies", values, if_match="*", expect=422).json()) == both
    assert wrong(owner.call("createCertificationBody", {"name": f"矛盾 {less}"} | values, expect=422).json()) == both
    assert wrong(case.call("updateCertification", values, if_match="*", expect=422)) == both
    assert wrong(case.beside(scheme="iso27701-2025", expect=422, **values).problem) == both


def test_a_value_that_contradicts_what_another_level_says_is_refused(owner, bodies, case):
    owner.call("updateCertificationBody", {"policies": {"recert_before_months": 2}}, body_id=bodies[0], if_match="*", expect=200)
    try:
        assert wrong(case.call("updateCertification", {"policies": {"recert_latest_months": 3}}, if_match="*", expect=422)) == {
            ("/policies/recert_latest_months", "inconsistent"), ("/policies/recert_before_months", "inconsistent")}
        case.patch(policies={"recert_latest_months": 1})
    finally:
        owner.call("updateCertificationBody", {"policies": {"recert_before_months": None}}, body_id=bodies[0], if_match="*", expect=200)
