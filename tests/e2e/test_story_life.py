"""Eight years of one certificate, played in order with the clock moved: two bodies compared, a major at stage 2, suspension and return, transfer to the
other body, a larger scope, a second scheme, two cycles.

Each test is the next chapter; expected dates follow from the rules and are written out here.
"""
import pytest

from test_story import Story

DAYS = {"stage1": 1.5, "stage2": 3.5, "surveillance1": 2, "surveillance2": 2, "recertification": 3.5}


class Life(Story):
    def __init__(self, system):
        super().__init__(system)
        self.bodies = [self.owner.call("createCertificationBody", {"name": name, "standards": [{"scheme": "iso27001-2022"}, {"scheme": "iso27017"}],
                                                                   "policies": policies}, expect=201).json()["id"]
                       for name, policies in (("東日本審査機構", {"major_plan_days": 10}), ("西日本認証センター", {"surv_before_months": 2}))]
        self.id = self.client("株式会社ミナト", "ja", "isms@minato.example", headcount=48)
        self.head = self.make("createSite", name="本社", kind="head_office", in_scope=True, headcount=40)
        self.branch = self.make("createSite", name="大阪支店", in_scope=False, headcount=8)
        self.isms = self.make("createCertification", scheme="iso27001-2022", target_date="2025-02-28", scope_text="本社における受託開発")

    def call(self, operation, body=None, expect=200, **rest):
        return self.owner.call(operation, body, client_id=self.id, expect=expect, **rest).json()

    def make(self, operation, **body):
        return self.call(operation, body, expect=201)["id"]

    def move(self, to, on, expect=201, certification=None, **rest):
        return self.step(self.id, certification or self.isms, to, on, expect=expect, **rest)

    def now(self, certification=None):
        row = self.call("getCertification", certification_id=certification or self.isms)
        return row["state"], row["expiry_date"]

    def held(self, kind, day, certification=None):
        row = next(a for a in self.audits(self.id, kind=kind, status="planned") if a["certification_id"] == (certification or self.isms))
        return self.call("updateAudit", {"status": "held", "held_first_day": day, "held_last_day": day}, audit_id=row["id"], if_match="*")


@pytest.fixture(scope="module")
def life(start_system):
    return Life(start_system(clock="2024-09-02T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"}))


def test_the_body_is_chosen_by_cost_over_three_years(life):
    quotes = [life.make("createQuote", body_id=body, schemes=["iso27001-2022"], currency="JPY", day_rate=rate, days=DAYS, valid_until="2024-10-31")
              for body, rate in zip(life.bodies, (100000, 120000))]
    (group,) = life.call("compareQuotes")["groups"]
    assert [q["quote_id"] for q in group["quotes"]] == quotes
    life.call("chooseQuote", {}, quote_id=quotes[0])
    assert life.call("getCertification", certification_id=life.isms)["body_id"] == life.bodies[0]


def test_a_major_at_stage_2_keeps_the_certificate_back_until_it_is_verified(life):
    life.at("2025-01-20")
    life.facts(life.id, life.isms, scope_defined_on="2024-09-20", risk_assessment_done_on="2024-10-18", soa_approved_on="2024-10-31",
               internal_audit_done_on="2024-12-05", management_review_done_on="2024-12-16")
    life.move("stage1_done", "2024-11-15")
    life.move("stage2_done", "2025-01-17")
    stage2 = next(a["id"] for a in life.audits(life.id, kind="stage2"))
    major = life.make("createFinding", audit_id=stage2, grade="major", reference="9.2", statement="内部監査が適用範囲の全体を見ていない")
    limits = {d["kind"]: d["raw_on"] for d in life.owner.pages(f"/v1/clients/{life.id}/deadlines") if d["finding_id"] == major}
    assert (limits["finding_plan"], limits["major_verification"]) == ("2025-01-27", "2025-07-17")
    life.at("2025-03-14")
    life.move("recommended", "2025-03-14")
    assert any("major" in e["limit"] for e in life.move("certified", "2025-03-14", expect=409)["errors"])
    order = life.call("orderFollowUpAudit", {"planned_first_day": "2025-03-10"}, audit_id=stage2, expect=201)
    life.call("updateAudit", {"status": "held", "held_first_day": "2025-03-10", "held_last_day": "2025-03-10"}, audit_id=order["audit_id"], if_match="*")
    life.call("verifyFindings", {"verified_by": "審査員 高橋", "close": True}, audit_id=order["audit_id"])
    life.at("2025-03-28")
    life.move("certified", "2025-03-28")
    assert life.now() == ("certified", "2028-03-27") and life.claims(life.id) == (True, True, True)


def test_a_suspension_takes_the_claims_and_a_return_gives_them_back(life):
    life.at("2026-03-20")
    life.held("surveillance", "2026-03-12")
    life.at("2026-06-10")
    life.move("suspended", "2026-06-01")
    assert life.claims(life.id)[1:] == (False, False) and life.deadline(life.id, "suspension_limit")["raw_on"] == "2026-12-01"
    life.at("2026-08-20")
    life.move("certified", "2026-08-20")
    assert life.now() == ("certified", "2028-03-27") and life.claims(life.id) == (True, True, True)


def test_the_accepting_body_keeps_the_expiry_and_brings_its_windows(life):
    life.at("2026-10-05")
    life.call("transferCertification", {"on": "2026-10-01", "body_id": life.bodies[1], "accredited_mla": True, "pre_transfer_review_on": "2026-09-15"},
              certification_id=life.isms)
    assert life.now() == ("certified", "2028-03-27")
    second = next(a for a in life.audits(life.id, kind="surveillance", status="planned") if a["nominal_date"] == "2027-03-28")
    assert second["window_start"] == "2027-01-28"


def test_a_larger_scope_is_in_force_when_the_body_accepted_it(life):
    change = life.call("createChange", {"kind": "scope_extension", "change_date": "2026-12-01", "site_id": life.branch, "certification_id": life.isms},
                       expect=201)
    assert not life.claims(life.id, site_id=life.branch)[2]
    (audit,) = life.call("approveChange", {"variant": "change_audit", "scope": {"statement_ja": "本社と大阪支店における受託開発", "sites": [
        {"site_id": life.head}, {"site_id": life.branch}]}}, change_id=change["id"])["audits"]
    life.at("2026-12-21")
    life.call("updateAudit", {"status": "held", "held_first_day": "2026-12-10", "held_last_day": "2026-12-10"}, audit_id=audit["audit_id"], if_match="*")
    life.call("updateChange", {"notified_on": "2026-10-10", "accepted_on": "2026-12-18", "reissued_on": "2026-12-21"}, change_id=change["id"], if_match="*")
    life.system.run_jobs()
    assert life.claims(life.id, site_id=life.branch)[2]
    assert life.call("getScope")["statement_ja"] == "本社と大阪支店における受託開発" and life.now() == ("certified", "2028-03-27")


def test_a_second_scheme_joins_at_the_surveillance_and_ends_with_the_isms(life):
    life.addon = life.make("createCertification", scheme="iso27017-jp", body_id=life.bodies[1], scope_text="クラウドサービスの提供")
    life.at("2027-04-05")
    life.held("surveillance", "2027-03-16")
    life.move("certified", "2027-04-01", certification=life.addon)
    assert life.now(life.addon) == ("certified", "2028-03-27")


def test_both_are_renewed_together_and_keep_their_anniversary(life):
    life.at("2028-01-20")
    life.held("recertification", "2028-01-11")
    if any(a["certification_id"] == life.addon for a in life.audits(life.id, kind="recertification", status="planned")):
        life.held("recertification", "2028-01-11", certification=life.addon)
    life.at("2028-02-25")
    life.move("certified", "2028-02-25", recertification_audit_last_day="2028-01-11")
    assert (life.now(), life.now(life.addon)) == (("certified", "2031-03-27"), ("certified", "2031-03-27"))


def test_no_calendar_year_of_two_cycles_is_without_an_audit(life):
    for held, day in (("2029-03-13", "2029-03-20"), ("2030-03-12", "2030-03-20")):
        life.at(day)
        life.held("surveillance", held)
    life.at("2031-01-20")
    life.held("recertification", "2031-01-14")
    life.at("2031-02-20")
    life.move("certified", "2031-02-20", recertification_audit_last_day="2031-01-14")
    assert life.now() == ("certified", "2034-03-27")
    held = [a for a in life.audits(life.id) if a["status"] == "held" and a["certification_id"] == life.isms]
    assert {a["held_last_day"][:4] for a in held} >= {str(year) for year in range(2025, 2032)}


def test_the_whole_life_is_told_by_its_steps(life):
    rows = life.owner.pages(f"/v1/clients/{life.id}/certifications/{life.isms}/transitions", params={"sort": "on"})
    assert [(r["to_state"], r["on"]) for r in rows] == [
        ("stage1_done", "2024-11-15"), ("stage2_done", "2025-01-17"), ("recommended", "2025-03-14"), ("certified", "2025-03-28"),
        ("suspended", "2026-06-01"), ("certified", "2026-08-20"), ("certified", "2026-10-01"), ("certified", "2028-02-25"), ("certified", "2031-02-20")]


def test_nobody_was_reminded_twice_in_all_those_years(life):
    rows = life.owner.pages("/v1/reminders", params={"status": "sent"})
    keys = [(r["policy_id"], r["deadline_id"], r["deadline_due_on"], r["offset_days"], r["channel"], r["member_id"]) for r in rows]
    assert keys and len(set(keys)) == len(keys)
