"""Changes that the certification body must hear of: advice with dates, days and cost, approval, and every step until the certificate is reissued."""
import pytest

KINDS = ["site_relocation", "new_site", "closed_site", "headcount", "scope", "scope_extension", "scope_reduction", "legal_status", "commercial_status",
         "organizational_status", "ownership", "organization", "management", "top_management", "contact_address", "management_system", "processes",
         "new_service", "ended_service", "merger", "split", "rename", "main_outsourcing", "main_cloud", "serious_incident", "remote_work_shift"]
MISSING = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"})


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    """A client of 40 persons with a head office and a branch, and one certification; certified on 2025-02-14 unless said otherwise."""

    def __init__(self, owner, **facts):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト", "headcount": 40}, expect=201).json()["id"]
        self.head = self.make("createSite", name="本社", kind="head_office", is_central_function=True, headcount=32, address="東京都港区1-2-3")
        self.branch = self.make("createSite", name="大阪支社", headcount=8, in_scope=False)
        given = facts or {"state": "certified", "decision_date": "2025-02-14", "stage2_last_day": "2025-01-17", "source": "登録証"}
        self.certification = self.make("createCertification", scheme="iso27001-2022", **given)
        if not facts:
            self.make("createAudit", certification_id=self.certification, kind="stage1", status="held", held_last_day="2024-12-02")

    def make(self, operation, **body):
        return self.owner.call(operation, body, client_id=self.client, expect=201).json()["id"]

    def change(self, kind, date, expect=201, language=None, **body):
        return self.owner.call("createChange", {"kind": kind, "change_date": date, **body}, client_id=self.client, expect=expect,
                               language=language).json()

    def read(self, change, **rest):
        return self.owner.call("getChange", client_id=self.client, change_id=change["id"], expect=200, **rest).json()

    def patch(self, change, body, expect=200, **rest):
        return self.owner.call("updateChange", body, client_id=self.client, change_id=change["id"], if_match="*", expect=expect, **rest).json()

    def approve(self, change, variant, expect=200, language=None, **body):
        return self.owner.call("approveChange", {"variant": variant, **body}, client_id=self.client, change_id=change["id"], expect=expect,
                               language=language).json()

    def audits(self, **params):
        return self.owner.pages(f"/v1/clients/{self.client}/audits", params=params)

    def deadlines(self, change, status=None):
        rows = self.owner.pages(f"/v1/clients/{self.client}/deadlines")
        return {d["kind"]: d for d in rows if d["change_id"] == change["id"] and (not status or d["status"] == status)}

    def versions(self):
        return self.owner.pages(f"/v1/clients/{self.client}/scope-versions")


@pytest.fixture
def case(owner):
    return Case(owner)


def advice(change):
    (found,) = change["advice"]["certifications"]
    return found


def variants(change):
    return {v["variant"]: v for v in advice(change)["variants"]}


# ---------------------------------------------------------------- advice

@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_advised_in_both_languages(case, kind):
    made = case.change(kind, "2025-09-01", language="ja", persons_after=70 if kind == "headcount" else None)
    english = case.read(made, language="en")
    for change in (made, english):
        found = advice(change)
        assert found["recommended"] in variants(change) and found["reason"]["rule"] and found["reason"]["text"]
        assert [v["variant"] for v in found["variants"] if v["recommended"]] == [found["recommended"]]
        named = {v["variant"] for v in found["variants"]} | {v["variant"] for v in found["not_possible"]}
        assert named == {"paper_notice", "merge_with_next_audit", "pull_forward", "change_audit", "repeat_stage1"}
        assert all(v["title"] and v["text"] for v in found["variants"]) and all(v["reason"] for v in found["not_possible"])
    ours, theirs = advice(made), advice(english)
    assert ours["reason"]["text"] != theirs["reason"]["text"]
    assert all(not any("ぁ" < c < "ヿ" for c in v["title"] + v["text"]) for v in theirs["variants"])
    assert all(any("ぁ" < c < "ヿ" for c in v["title"] + v["text"]) for v in ours["variants"])


def test_a_move_soon_before_the_next_audit_is_merged(case):
    found = advice(case.change("site_relocation", "2025-12-01"))
    assert (found["recommended"], found["relocation"]["action"]) == ("merge_with_next_audit", "merge")
    merge = {v["variant"]: v for v in found["variants"]}["merge_with_next_audit"]
    assert (merge["not_before"], merge["due_by"], merge["expected_on"]) == ("2025-12-01", "2026-02-14", "2026-02-14")
    assert merge["audit_id"] == case.audits(kind="surveillance")[0]["id"]


def test_a_move_whose_next_window_opens_in_time_pulls_the_audit_forward(case):
    case.owner.call("updateCertification", {"policies": {"allow_pull_forward": True}}, client_id=case.client, certification_id=case.certification,
                    if_match="*", expect=200)
    found = advice(case.change("site_relocation", "2025-09-01"))
    pull = {v["variant"]: v for v in found["variants"]}["pull_forward"]
    assert found["recommended"] == "pull_forward" and found["relocation"]["action"] == "merge_pull_forward"
    assert (pull["not_before"], pull["due_by"], pull["expected_on"]) == ("2025-11-14", "2025-12-01", "2026-02-14")


def test_a_move_far_from_the_next_audit_takes_one_of_its_own(case):
    change = case.change("site_relocation", "2025-04-20", language="ja")
    own = variants(change)["change_audit"]
    assert own["recommended"] and (own["not_before"], own["due_by"]) == ("2025-04-20", "2025-07-20")
    assert (own["audit_kind"], own["audit_title"]) == ("change", "移転審査")


def test_a_booked_audit_that_comes_before_the_move_does_not_see_it(case):
    audit = case.audits(kind="surveillance")[0]
    change = case.change("site_relocation", "2026-02-01")
    assert advice(change)["recommended"] == "merge_with_next_audit"
    case.owner.call("updateAudit", {"status": "confirmed", "planned_first_day": "2026-01-19", "planned_last_day": "2026-01-20"},
                    client_id=case.client, audit_id=audit["id"], if_match="*", expect=200)
    again = case.read(change)
    assert advice(again)["recommended"] == "change_audit" and advice(again)["relocation"]["action"] == "special_audit"
    assert case.deadlines(change)["change_audit"]["due_on"] == "2026-05-01"


def test_the_advice_follows_the_facts_without_a_word_to_the_change(case):
    change = case.change("new_site", "2025-11-20")
    before = case.owner.call("getChange", client_id=case.client, change_id=change["id"], expect=200)
    assert advice(before.json())["recommended"] == "merge_with_next_audit"
    case.owner.call("updateCertification", {"policies": {"merge_within_months": 1}}, client_id=case.client, certification_id=case.certification,
                    if_match="*", expect=200)
    after = case.owner.call("getChange", client_id=case.client, change_id=change["id"], headers={"If-None-Match": before.headers["ETag"]}, expect=200)
    assert advice(after.json())["recommended"] == "pull_forward" and after.json()["version"] == before.json()["version"]
    listed = case.owner.pages(f"/v1/clients/{case.client}/changes")
    assert advice(listed[0])["recommended"] == "pull_forward"


def test_the_etag_of_a_change_is_good_for_if_match_and_for_not_modified(case):
    change = case.change("top_management", "2025-09-01")
    got = case.owner.call("getChange", client_id=case.client, change_id=change["id"], expect=200)
    tag = got.headers["ETag"]
    case.owner.call("getChange", client_id=case.client, change_id=change["id"], headers={"If-None-Match": tag}, expect=304)
    case.owner.call("updateChange", {"description": "新社長"}, client_id=case.client, change_id=change["id"], if_match=tag, expect=200)
    stale = case.owner.call("updateChange", {"description": "x"}, client_id=case.client, change_id=change["id"], if_match=tag, expect=412)
    assert stale.headers["ETag"] == '"v2"'
    case.owner.call("deleteChange", client_id=case.client, change_id=change["id"], if_match=tag, expect=412)


@pytest.mark.parametrize("before, after, crossed, direction, rows, difference", [
    (40, 50, True, "up", ((26, 45), (46, 65)), {"initial": 1.5, "surveillance": 0.5, "recertification": 1}),
    (50, 40, True, "down", ((46, 65), (26, 45)), {"initial": -1.5, "surveillance": -0.5, "recertification": -1}),
    (26, 45, False, "none", ((26, 45), (26, 45)), {"initial": 0, "surveillance": 0, "recertification": 0}),
    (45, 46, True, "up", ((26, 45), (46, 65)), {"initial": 1.5, "surveillance": 0.5, "recertification": 1}),
    (10, 11, True, "up", ((1, 10), (11, 15)), {"initial": 1, "surveillance": 0.5, "recertification": 0.5})])
def test_a_head_count_says_which_row_it_leaves_and_how_many_days_change(case, before, after, crossed, direction, rows, difference):
    change = case.change("headcount", "2025-09-01", persons_before=before, persons_after=after)
    count = change["advice"]["headcount"]
    assert (count["bracket_changes"], count["direction"], count["difference_days"]) == (crossed, direction, difference)
    assert tuple((count[side]["from"], count[side]["to"]) for side in ("before", "after")) == rows
    assert advice(change)["recommended"] == ("merge_with_next_audit" if crossed else "paper_notice")
    assert change["advice"]["notice"]["must_notify"] is crossed and ("change_notice" in case.deadlines(change)) is crossed
    assert variants(change)["merge_with_next_audit"]["extra_days"] == difference["surveillance"]


def test_a_head_count_without_a_number_before_is_counted_from_the_scope_or_the_client(case):
    assert case.change("headcount", "2025-09-01", persons_after=70)["advice"]["headcount"]["before"]["persons"] == 40
    version = case.owner.call("createScopeVersion", {"headcount": 12}, client_id=case.client, expect=201).json()
    case.owner.call("activateScopeVersion", {}, client_id=case.client, scope_version_id=version["id"], expect=200)
    assert case.change("headcount", "2025-09-01", persons_after=70)["advice"]["headcount"]["before"]["persons"] == 12


def test_an_unknown_head_count_is_said_to_be_unknown(owner):
    case = Case(owner)
    owner.call("updateClient", {"headcount": None}, client_id=case.client, if_match="*", expect=200)
    count = case.change("headcount", "2025-09-01", persons_after=70)["advice"]["headcount"]
    assert count["bracket_changes"] is None and count["before"] is None and "persons_before" in count["text"]
    own = variants(case.change("site_relocation", "2025-04-20"))["change_audit"]
    assert (own["extra_days"], own["cost"]) == (None, None) and "number of persons" in own["cost_reason"]


def test_beyond_the_table_there_are_no_days(case):
    count = case.change("headcount", "2025-09-01", persons_before=10000, persons_after=20000)["advice"]["headcount"]
    assert count["bracket_changes"] is True and count["after"]["initial_days"] is None and count["difference_days"] is None


def test_a_new_site_counts_the_sample_anew(case):
    sites = case.change("new_site", "2025-09-01", site_id=case.branch)["advice"]["sites"]
    assert (sites["before"]["sites"], sites["after"]["sites"]) == (0, 1)
    assert [sites["after"][k] for k in ("initial", "surveillance", "recertification")] == [1, 1, 1]
    case.owner.call("updateSite", {"in_scope": True}, client_id=case.client, site_id=case.branch, if_match="*", expect=200)
    closed = case.change("closed_site", "2025-09-01", site_id=case.branch)["advice"]["sites"]
    assert (closed["before"]["sites"], closed["after"]["sites"]) == (1, 0)


def test_without_a_quote_there_is_no_cost_and_the_reason_is_given(case):
    change = case.change("site_relocation", "2025-04-20", language="ja")
    own = variants(change)["change_audit"]
    assert own["extra_days"] == 1.5 and own["cost"] is None and "見積もり" in own["cost_reason"]


def test_the_chosen_quote_gives_the_cost_of_each_answer(case):
    body = case.owner.call("createCertificationBody", {"name": f"審査機構{case.client}"}, expect=201).json()["id"]
    case.owner.call("updateCertification", {"body_id": body}, client_id=case.client, certification_id=case.certification, if_match="*", expect=200)
    change = case.change("site_relocation", "2025-12-01")
    quote = case.make("createQuote", body_id=body, schemes=["iso27001-2022"], currency="JPY", day_rate=150001, travel_per_audit=40000)
    assert variants(case.read(change))["change_audit"]["cost"]["quote_id"] == quote  # given, not chosen yet
    other = case.make("createQuote", body_id=body, schemes=["iso27001-2022"], currency="JPY", day_rate=90000, received_on="2025-03-03")
    assert variants(case.read(change))["change_audit"]["cost"]["quote_id"] == other
    case.owner.call("chooseQuote", {}, client_id=case.client, quote_id=quote, expect=200)
    priced = variants(case.read(change))
    assert priced["change_audit"]["cost"] == {"currency": "JPY", "amount": 265002, "day_rate": 150001, "extra_days": 1.5, "travel": 40000,
                                              "quote_id": quote}
    assert priced["merge_with_next_audit"]["cost"] == {"currency": "JPY", "amount": 150001, "day_rate": 150001, "extra_days": 1, "travel": 0,
                                                       "quote_id": quote}
    shrunk = variants(case.change("headcount", "2025-12-01", persons_before=50, persons_after=40))["merge_with_next_audit"]["cost"]
    assert (shrunk["amount"], shrunk["extra_days"]) == (-75000, -0.5)
    done = case.approve(change, "change_audit")
    assert done["audits"][0]["cost"]["amount"] == 265002


def test_what_comes_in_is_not_covered_yet_and_what_goes_out_loses_its_mark(case):
    codes = [w["code"] for w in advice(case.change("new_site", "2025-12-01"))["warnings"]]
    assert "NOT_COVERED" in codes and "REISSUE" in codes
    assert "REMOVE_MARK" in [w["code"] for w in advice(case.change("closed_site", "2025-12-01"))["warnings"]]


def test_a_notice_that_is_late_is_warned_of_until_it_is_given(case):
    change = case.change("site_relocation", "2025-03-20")
    assert change["advice"]["notice"]["late"] is True and "NOTICE_LATE" in [w["code"] for w in advice(change)["warnings"]]
    told = case.patch(change, {"notified_on": "2025-02-20"})
    assert told["advice"]["notice"]["late"] is False and "NOTICE_LATE" not in [w["code"] for w in advice(told)["warnings"]]


def test_each_kind_has_the_audit_that_bodies_have_for_it(case):
    found = {kind: variants(case.change(kind, "2025-09-01"))["change_audit"]["audit_kind"] for kind in (
        "site_relocation", "new_site", "scope_extension", "scope_reduction", "closed_site", "top_management")}
    assert found == {"site_relocation": "change", "new_site": "scope_extension", "scope_extension": "scope_extension",
                     "scope_reduction": "scope_reduction", "closed_site": "scope_reduction", "top_management": "change"}


def test_a_serious_incident_may_bring_the_body_at_short_notice(case):
    assert variants(case.change("serious_incident", "2025-03-01"))["change_audit"]["audit_kind"] == "short_notice"


def test_an_incident_is_told_from_its_day_on_and_not_before_it(case):
    change = case.change("serious_incident", "2025-03-01")  # a Saturday; today is Monday
    notice, due = change["advice"]["notice"], case.deadlines(change)["change_notice"]
    assert (notice["notify_by"], notice["notify_by_raw"], notice["late"]) == ("2025-03-03", "2025-03-03", False)
    assert (due["due_on"], due["raw_on"]) == ("2025-03-03", "2025-03-03") and "notice_days_before" not in due["why"]["policy"]


def test_p_mark_has_no_audits_between_its_renewals(owner):
    case = Case(owner)
    case.make("createCertification", scheme="pmark", state="certified", decision_date="2024-12-02", source="登録証")
    found = case.change("site_relocation", "2025-06-01")["advice"]["certifications"][1]
    assert (found["phase"], found["recommended"], found["reason"]["rule"]) == ("pmark", "paper_notice", "PMK-03")
    assert [v["variant"] for v in found["variants"]] == ["paper_notice"]


# ---------------------------------------------------------------- around the certification

def test_a_move_between_the_stages_may_repeat_stage_1(owner):
    case = Case(owner, target_date="2025-06-30")
    for kind, day in (("stage1", "2025-03-17"), ("stage2", "2025-05-12")):
        audit = case.audits(kind=kind)[0]
        owner.call("updateAudit", {"status": "confirmed", "planned_first_day": day, "planned_last_day": day}, client_id=case.client,
                   audit_id=audit["id"], if_match="*", expect=200)
    change = case.change("site_relocation", "2025-04-10")
    found = advice(change)
    assert (found["phase"], found["recommended"], found["move_warning"]["code"]) == ("between_stages", "repeat_stage1", "MOVE_BETWEEN_STAGES")
    assert found["stage1_repeat"]["rule"] == "CHG-04" and found["stage1_repeat"]["stage_gap"]["code"] == "REPEAT_STAGE1_REVIEW"
    again = {v["variant"]: v for v in found["variants"]}["repeat_stage1"]
    assert (again["not_before"], again["due_by"], again["audit_kind"], again["extra_days"]) == ("2025-04-10", "2025-05-12", "stage1", 3)


def test_a_move_before_stage_1_goes_into_the_initial_scope(owner):
    case = Case(owner, target_date="2025-12-26")
    found = advice(case.change("site_relocation", "2025-04-10"))
    assert (found["phase"], found["recommended"], found["move_warning"]["warn"]) == ("before_stage1", "merge_with_next_audit", False)


def test_a_move_planned_just_after_the_target_is_warned_of_with_what_can_be_done(owner):
    case = Case(owner, target_date="2025-09-30")
    found = advice(case.change("site_relocation", "2025-10-20"))
    warning = found["move_warning"]
    assert (warning["code"], warning["options"]) == (
        "MOVE_SOON_AFTER_AUDIT", ["move_first", "include_new_site_in_initial_scope", "accept_extra_audit"])
    assert all(offer["text"] for offer in warning["offers"])


def test_an_unknown_stage_1_is_said_to_be_unknown(owner):
    case = Case(owner, state="certified", decision_date="2025-02-14", stage2_last_day="2025-01-17", source="登録証")
    warning = advice(case.change("site_relocation", "2025-01-10"))["move_warning"]
    assert (warning["warn"], warning["code"], warning["unknown"]) == (True, "STAGE1_UNKNOWN", ["stage1_last_day"])
    after = advice(case.change("site_relocation", "2025-03-20"))["move_warning"]
    assert (after["warn"], after["code"]) == (True, "MOVE_SOON_AFTER_AUDIT")
    late = advice(case.change("site_relocation", "2025-08-15"))["move_warning"]
    assert (late["warn"], late["code"]) == (False, None)


# ---------------------------------------------------------------- approval

def test_approving_a_change_audit_makes_it_with_its_deadlines_and_the_next_scope(case):
    change = case.change("site_relocation", "2025-04-20", site_id=case.head, new_address="東京都品川区4-5-6")
    done = case.approve(change, "change_audit", notified_on="2025-02-20")
    assert (done["status"], done["approved_variant"], done["approved_on"], done["notified_on"]) == (
        "approved", "change_audit", "2025-03-03", "2025-02-20")
    (link,) = done["audits"]
    assert (link["kind"], link["made"], link["not_before"], link["due_by"], link["extra_days"]) == ("change", True, "2025-04-20", "2025-07-20", 1.5)
    audit = case.owner.call("getAudit", client_id=case.client, audit_id=link["audit_id"], expect=200).json()
    assert (audit["kind"], audit["window_start"], audit["window_end"], audit["status"]) == ("change", "2025-04-20", "2025-07-20", "planned")
    due = case.deadlines(change)
    assert due["change_audit"]["raw_on"] == "2025-07-20" and due["change_audit"]["audit_id"] == audit["id"]
    assert (due["change_notice"]["status"], due["change_notice"]["fulfilled_on"]) == ("fulfilled", "2025-02-20")
    assert due["audit_booking"]["status"] == "open"
    (version,) = case.versions()
    assert (version["id"], version["status"], version["effective_on"], version["change_id"]) == (
        done["scope_version_id"], "approved", "2025-04-20", change["id"])
    assert [(s["site_id"], s["address"]) for s in version["sites"]] == [(case.head, "東京都品川区4-5-6")]


def test_approving_a_merge_links_the_next_audit_and_makes_none(case):
    before = len(case.audits())
    done = case.approve(case.change("site_relocation", "2025-12-01"), "merge_with_next_audit")
    (link,) = done["audits"]
    assert (link["made"], link["audit_id"], len(case.audits())) == (False, case.audits(kind="surveillance")[0]["id"], before)


def test_approving_with_days_books_the_merged_audit(case):
    change = case.change("site_relocation", "2025-12-01")
    problem = case.approve(change, "merge_with_next_audit", first_day="2025-11-20", expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]][0] == ("/first_day", "before_start")
    problem = case.approve(change, "merge_with_next_audit", first_day="2026-02-13", last_day="2026-02-16", expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/last_day", "after_end")]
    case.approve(change, "merge_with_next_audit", first_day="2025-12-15", last_day="2025-12-16")
    audit = case.audits(kind="surveillance")[0]
    assert (audit["planned_first_day"], audit["planned_last_day"], audit["status"]) == ("2025-12-15", "2025-12-16", "requested")


def test_an_audit_with_days_is_moved_by_itself(case):
    audit = case.audits(kind="surveillance")[0]
    case.owner.call("updateAudit", {"status": "confirmed", "planned_first_day": "2026-01-19", "planned_last_day": "2026-01-20"},
                    client_id=case.client, audit_id=audit["id"], if_match="*", expect=200)
    change = case.change("site_relocation", "2025-12-01")
    problem = case.approve(change, "merge_with_next_audit", first_day="2026-01-26", expect=422)
    assert [(e["pointer"], e["code"], e["limit"]) for e in problem["errors"]] == [("/first_day", "not_allowed_here", "2026-01-19")]
    case.approve(change, "merge_with_next_audit")


def test_a_variant_that_does_not_fit_names_those_that_do(case):
    problem = case.approve(case.change("site_relocation", "2025-04-20"), "paper_notice", expect=422)
    (error,) = problem["errors"]
    assert (error["pointer"], error["code"]) == ("/variant", "not_in_list") and "change_audit" in error["limit"]
    assert case.audits(kind="change") == [] and case.versions() == []


def test_what_comes_in_takes_effect_when_the_body_accepts_it(case):
    change = case.change("new_site", "2025-03-01", site_id=case.branch)
    done = case.approve(change, "change_audit")
    assert (done["scope_effective"], case.versions()[0]["status"]) == ("acceptance", "draft")
    case.patch(change, {"accepted_on": "2025-03-02"})
    (version,) = case.versions()
    assert (version["status"], version["effective_on"]) == ("approved", "2025-03-02")
    assert case.owner.call("getScope", client_id=case.client, expect=200).json()["number"] == version["number"]
    assert {s["site_id"] for s in version["sites"]} == {case.head, case.branch} if version["sites"] else True


def test_the_switch_follows_the_acceptance(system, case):
    change = case.change("new_site", "2025-03-01", site_id=case.branch)
    case.approve(change, "change_audit")
    case.patch(change, {"accepted_on": "2025-03-02"})
    system.run_jobs()
    assert case.owner.call("getSite", client_id=case.client, site_id=case.branch, expect=200).json()["in_scope"] is True


def test_a_closed_site_leaves_the_scope_and_its_marks_come_down(case):
    case.owner.call("updateSite", {"in_scope": True}, client_id=case.client, site_id=case.branch, if_match="*", expect=200)
    change = case.change("closed_site", "2025-05-30", site_id=case.branch)
    case.approve(change, "paper_notice")
    (version,) = case.versions()
    assert ([s["site_id"] for s in version["sites"]], version["effective_on"]) == ([case.head], "2025-05-30")
    mark = case.deadlines(change)["remove_mark"]
    assert mark["rule"] == "MRK-03" and mark["status"] == "open" and mark["due_on"] >= "2025-05-30"


def test_the_approval_may_say_the_new_scope_in_its_own_words(case):
    change = case.change("headcount", "2025-06-01", persons_after=70)
    case.approve(change, "merge_with_next_audit", scope={"statement_ja": "受託開発", "sites": [{"site_id": case.head}], "staff_kinds": ["employee"]})
    (version,) = case.versions()
    assert (version["statement_ja"], version["headcount"], version["staff_kinds"]) == ("受託開発", 70, ["employee"])
    other = case.change("merger", "2025-06-01")
    problem = case.approve(other, "change_audit", scope={"sites": [{"site_id": MISSING}]}, expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/scope/sites/0/site_id", "not_found_reference")]


def test_the_next_scope_starts_from_the_one_before(case):
    first = case.owner.call("createScopeVersion", {"statement_ja": "開発", "sites": [{"site_id": case.head}], "staff_kinds": ["employee"],
                                                   "boundaries": {"physical": "5階"}}, client_id=case.client, expect=201).json()
    case.owner.call("activateScopeVersion", {"effective_on": "2025-02-14"}, client_id=case.client, scope_version_id=first["id"], expect=200)
    case.approve(case.change("new_site", "2025-12-01", site_id=case.branch), "merge_with_next_audit")
    second = case.versions()[1]
    assert (second["statement_ja"], second["staff_kinds"], second["boundaries"]) == ("開発", ["employee"], {"physical": "5階"})
    assert [s["site_id"] for s in second["sites"]] == [case.head, case.branch]


def test_what_does_not_touch_the_scope_makes_no_version(case):
    done = case.approve(case.change("top_management", "2025-06-01"), "merge_with_next_audit")
    assert done["scope_version_id"] is None and case.versions() == []


def test_the_audit_that_was_made_fulfils_its_deadline_when_it_is_held(system, case):
    change = case.change("site_relocation", "2025-02-20", site_id=case.head)
    (link,) = case.approve(change, "change_audit")["audits"]
    case.owner.call("updateAudit", {"status": "held", "held_first_day": "2025-03-03", "held_last_day": "2025-03-03"}, client_id=case.client,
                    audit_id=link["audit_id"], if_match="*", expect=200)
    due = case.deadlines(change)["change_audit"]
    assert (due["status"], due["fulfilled_on"]) == ("fulfilled", "2025-03-03")


def test_a_moved_change_moves_its_audit_and_its_scope(case):
    change = case.change("site_relocation", "2025-04-20", site_id=case.head)
    (link,) = case.approve(change, "change_audit")["audits"]
    moved = case.patch(change, {"change_date": "2025-05-20"})
    assert (moved["audits"][0]["not_before"], moved["audits"][0]["due_by"]) == ("2025-05-20", "2025-08-20")
    audit = case.owner.call("getAudit", client_id=case.client, audit_id=link["audit_id"], expect=200).json()
    assert (audit["window_start"], audit["window_end"]) == ("2025-05-20", "2025-08-20")
    assert case.versions()[0]["effective_on"] == "2025-05-20" and case.deadlines(change)["change_audit"]["raw_on"] == "2025-08-20"


# ---------------------------------------------------------------- steps

def test_the_whole_way_to_the_reissued_certificate(case):
    change = case.change("site_relocation", "2025-02-20", site_id=case.head, new_address="東京都品川区4-5-6")
    assert change["allowed_steps"] == ["approved", "notified", "done", "withdrawn", "cancelled"]
    assert case.patch(change, {"notified_on": "2025-01-10"})["status"] == "notified"
    assert case.approve(change, "change_audit")["status"] == "approved"
    accepted = case.patch(change, {"accepted_on": "2025-03-01", "reissued_on": "2025-03-03"})
    assert (accepted["status"], accepted["reissued_on"]) == ("accepted_by_body", "2025-03-03")
    assert case.patch(change, {"status": "done"})["status"] == "done"
    row = case.owner.call("getCertification", client_id=case.client, certification_id=case.certification, expect=200).json()
    assert (row["issue_date"], row["expiry_date"]) == ("2025-03-03", "2028-02-13")


def test_a_step_that_is_not_allowed_names_those_that_are(case):
    change = case.change("top_management", "2025-06-01")
    problem = case.patch(change, {"status": "accepted_by_body"}, expect=409, language="en")
    assert problem["code"] == "state_not_allowed" and "approve, notified, done, withdrawn, cancelled" in problem["detail"]
    assert "approve" in case.patch(change, {"status": "approved"}, expect=409, language="ja")["detail"]
    case.approve(change, "merge_with_next_audit")
    assert "accepted_by_body, rejected" in case.approve(change, "merge_with_next_audit", expect=409, language="en")["detail"]


@pytest.mark.parametrize("body, pointer, code", [
    ({"notified_on": "2025-03-04"}, "/notified_on", "in_future"),
    ({"status": "notified", "accepted_on": "2025-03-01"}, "/accepted_on", "not_allowed_here"),
    ({"reissued_on": "2025-03-01"}, "/reissued_on", "missing_fact")])
def test_days_of_steps_are_past_and_fit_the_step(case, body, pointer, code):
    problem = case.patch(case.change("top_management", "2025-06-01"), body, expect=422)
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in problem["errors"]]


def test_the_acceptance_is_not_before_the_notice(case):
    change = case.change("top_management", "2025-06-01", notified_on="2025-02-20")
    problem = case.patch(change, {"accepted_on": "2025-02-19"}, expect=422)
    assert [(e["pointer"], e["code"], e["limit"]) for e in problem["errors"]] == [("/accepted_on", "before_start", "2025-02-20")]


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "cancelled"])
def test_a_change_that_ends_takes_its_audit_and_its_scope_with_it(case, end):
    change = case.change("site_relocation", "2025-04-20", site_id=case.head)
    (link,) = case.approve(change, "change_audit")["audits"]
    case.patch(change, {"status": end})
    assert case.owner.call("getAudit", client_id=case.client, audit_id=link["audit_id"], expect=200).json()["status"] == "cancelled"
    assert case.versions()[0]["status"] == "discarded" and case.deadlines(change, status="open") == {}


def test_after_a_rejection_another_answer_may_be_chosen(case):
    change = case.change("new_site", "2025-12-01", site_id=case.branch, notified_on="2025-03-01")
    case.approve(change, "merge_with_next_audit")
    case.patch(change, {"status": "rejected"})
    again = case.approve(change, "change_audit")
    assert (again["status"], [a["variant"] for a in again["audits"]]) == ("approved", ["change_audit"])


def test_a_reopened_change_forgets_what_was_decided(case):
    change = case.change("site_relocation", "2025-04-20", notified_on="2025-03-01")
    case.approve(change, "change_audit")
    case.patch(change, {"status": "withdrawn"})
    again = case.patch(change, {"status": "open"})
    assert [again[k] for k in ("notified_on", "approved_on", "approved_variant", "scope_version_id")] == [None] * 4


def test_an_approved_change_keeps_its_kind(case):
    change = case.change("top_management", "2025-06-01")
    case.approve(change, "merge_with_next_audit")
    assert case.patch(change, {"kind": "management"}, expect=422)["errors"][0]["pointer"] == "/kind"


def test_only_one_certification_may_be_named(owner):
    case = Case(owner)
    addon = case.make("createCertification", scheme="iso27017-jp", state="certified", decision_date="2025-02-14", source="登録証")
    change = case.change("site_relocation", "2025-04-20")
    both = case.approve(change, "change_audit")
    assert {a["certification_id"] for a in both["audits"]} == {case.certification, addon}
    assert [v["extra_days"] for c in both["advice"]["certifications"] if c["certification_id"] == addon for v in c["variants"]
            if v["variant"] == "change_audit"] == [None]
    problem = case.approve(case.change("new_site", "2025-12-01"), "change_audit", certification_id=MISSING, expect=422)
    assert problem["errors"][0]["pointer"] == "/certification_id"


def test_two_approvals_at_once_make_one_audit(system, case):
    import concurrent.futures
    change = case.change("site_relocation", "2025-04-20", site_id=case.head)

    def approve(_):
        return system.client(case.owner.token).call("approveChange", {"variant": "change_audit"}, client_id=case.client,
                                                    change_id=change["id"]).status_code

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(approve, range(6))) == [200, 409, 409, 409, 409, 409]
    assert len(case.audits(kind="change")) == 1 and len(case.versions()) == 1


def test_a_client_without_a_certification_has_nothing_to_approve(owner):
    client = owner.call("createClient", {"name": "無認証"}, expect=201).json()["id"]
    change = owner.call("createChange", {"kind": "new_site", "change_date": "2025-06-01"}, client_id=client, expect=201).json()
    assert change["advice"]["certifications"] == []
    owner.call("approveChange", {"variant": "change_audit"}, client_id=client, change_id=change["id"], expect=409)
