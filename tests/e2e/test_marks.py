"""Who may show the mark where, on any day, and the places that show it."""
import pytest

MISSING = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"})


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    """A client whose head office and development are certified since 2025-02-14, its branch and sales are not."""

    def __init__(self, owner, **facts):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
        self.head = self.make("createSite", name="本社", is_central_function=True)
        self.branch = self.make("createSite", name="大阪支社", in_scope=False)
        self.development = self.make("createDepartment", name="開発部")
        self.sales = self.make("createDepartment", name="営業部", in_scope=False)
        facts = facts or {"state": "certified", "decision_date": "2025-02-14", "stage2_last_day": "2025-01-17", "source": "登録証"}
        self.certification = self.make("createCertification", scheme="iso27001-2022", **facts)

    def make(self, operation, **body):
        return self.owner.call(operation, body, client_id=self.client, expect=201).json()["id"]

    def move(self, to, on, **rest):
        return self.owner.post(f"/v1/clients/{self.client}/certifications/{self.certification}/transitions",
                               {"to": to, "on": on, "source": "通知", **rest}, expect=201).json()

    def scope(self, effective_on, **body):
        version = self.make("createScopeVersion", **body)
        self.owner.call("activateScopeVersion", {"effective_on": effective_on}, client_id=self.client, scope_version_id=version, expect=200)

    def rights(self, language=None, **params):
        found = self.owner.call("getMarkRights", client_id=self.client, params=params, expect=200, language=language).json()
        (row,) = found["certifications"]
        return row

    def shows(self, **params):
        row = self.rights(**params)
        named = [(s["name"], s["may_show_mark"]) for s in row["sites"] + row["departments"]]
        return {n for n, may in named if may}

    def use(self, **body):
        return self.owner.call("createMarkUse", {"place": "website", "description": "会社概要", **body}, client_id=self.client, expect=201).json()

    def verdict(self, use, **params):
        return self.owner.call("getMarkUse", client_id=self.client, mark_use_id=use["id"], params=params, expect=200).json()["verdict"]


@pytest.fixture
def case(owner):
    return Case(owner)


def rules(reasons):
    return [r["rule"] for r in reasons]


# ---------------------------------------------------------------- rights

def test_only_what_is_inside_the_scope_shows_the_mark(case):
    assert case.shows() == {"本社", "開発部"}
    outside = {s["name"]: rules(s["reasons"]) for s in case.rights()["sites"] + case.rights()["departments"] if not s["may_show_mark"]}
    assert outside == {"大阪支社": ["MRK-01", "MRK-02"], "営業部": ["MRK-01", "MRK-02"]}


def test_without_a_version_every_kind_of_staff_is_inside(case):
    assert all(k["may_show_mark"] for k in case.rights()["staff_kinds"])


def test_a_version_may_hold_some_kinds_of_staff_only(case):
    case.scope("2025-03-03", sites=[{"site_id": case.head}], departments=[{"department_id": case.development}], staff_kinds=["employee"])
    kinds = {k["staff_kind"]: (k["in_scope"], k["may_show_mark"]) for k in case.rights()["staff_kinds"]}
    assert kinds == {"employee": (True, True), "contractor": (False, False), "dispatched": (False, False), "part_time": (False, False),
                     "external": (False, False)}


@pytest.mark.parametrize("language, text", [("ja", "適用範囲外"), ("en", "Outside the certified scope")])
def test_the_reasons_are_in_the_language_of_the_request(case, language, text):
    branch = next(s for s in case.rights(language=language)["sites"] if s["name"] == "大阪支社")
    assert any(text in r["text"] for r in branch["reasons"])


def test_before_the_decision_nobody_shows_it_and_the_day_decides(case):
    assert case.shows(on="2025-02-13") == set()
    assert case.shows(on="2025-02-14") == {"本社", "開発部"}
    assert case.shows(on="2028-02-13") == {"本社", "開発部"} and case.shows(on="2028-02-14") == set()
    assert "MRK-03" in rules(case.rights(on="2028-02-14")["reasons"])


def test_the_scope_of_the_day_decides_and_not_the_scope_of_today(case):
    case.scope("2025-02-14", sites=[{"site_id": case.head}], departments=[{"department_id": case.development}])
    case.scope("2025-03-01", sites=[{"site_id": case.branch}], departments=[{"department_id": case.sales}])
    assert case.shows(on="2025-02-20") == {"本社", "開発部"} and case.shows() == {"大阪支社", "営業部"}


def test_a_later_scope_is_judged_by_its_own_words(case):
    case.scope("2025-03-01", sites=[{"site_id": case.head}], departments=[{"department_id": case.development}])
    case.scope("2025-06-01", sites=None, departments=None)
    assert case.shows(on="2025-06-01") == {"本社", "大阪支社", "開発部", "営業部"}


def test_a_flag_against_the_version_stops_the_mark_and_says_so(case):
    case.scope("2025-03-01", sites=[{"site_id": case.head}], departments=[{"department_id": case.development}])
    case.owner.call("updateSite", {"in_scope": True}, client_id=case.client, site_id=case.branch, if_match="*", expect=200)
    branch = next(s for s in case.rights(language="ja")["sites"] if s["name"] == "大阪支社")
    assert branch["may_show_mark"] is False and any("食い違っています" in r["text"] for r in branch["reasons"])
    claims = case.owner.call("getClaims", client_id=case.client, params={"site_id": case.branch}, expect=200).json()
    assert claims["in_scope"] is False


def test_claims_know_kinds_of_staff(case):
    case.scope("2025-03-01", sites=None, departments=None, staff_kinds=["employee"])
    for kind, may in (("employee", True), ("contractor", False)):
        claims = case.owner.call("getClaims", client_id=case.client, params={"staff_kind": kind}, expect=200).json()
        assert (claims["in_scope"], claims["certifications"][0]["may_show_mark"]) == (may, may)
    case.owner.call("getClaims", client_id=case.client, params={"department_id": MISSING}, expect=404)


def test_after_the_recommendation_passed_may_be_said_but_nothing_shown(owner):
    case = Case(owner, target_date="2025-06-30")
    case.move("stage1_done", "2024-11-15")
    case.move("stage2_done", "2025-01-10")
    case.move("recommended", "2025-01-31")
    row = case.rights()
    assert (row["may_say_passed_audit"], row["may_claim_certified"], row["may_show_mark"]) == (True, False, False) and case.shows() == set()
    assert rules(row["reasons"]) == ["MRK-01"]


# ---------------------------------------------------------------- uses

def test_a_use_inside_the_scope_is_allowed(case):
    use = case.use(site_id=case.head, since="2025-03-01")
    assert (use["verdict"]["shown"], use["verdict"]["allowed"], use["verdict"]["must_remove"]) == (True, True, False)


@pytest.mark.parametrize("body, rule", [
    ({"site": "branch"}, "MRK-02"), ({"department": "sales"}, "MRK-02"), ({"mark": "accreditation_symbol"}, "MRK-04"),
    ({"place": "product"}, "MRK-04"), ({"place": "packaging"}, "MRK-04"), ({"place": "test_report"}, "MRK-04")])
def test_a_use_that_is_not_allowed_says_why(case, body, rule):
    body = dict(body)
    if "site" in body:
        body["site_id"] = getattr(case, body.pop("site"))
    if "department" in body:
        body["department_id"] = getattr(case, body.pop("department"))
    verdict = case.use(**body)["verdict"]
    assert (verdict["allowed"], verdict["must_remove"]) == (False, True) and rule in rules(verdict["reasons"])


def test_words_may_stand_where_the_mark_may_not(case):
    assert case.use(place="packaging", mark="text_claim")["verdict"]["allowed"] is True


def test_the_card_of_a_contractor_is_outside_when_only_employees_are_certified(case):
    case.scope("2025-03-01", sites=None, departments=None, staff_kinds=["employee"])
    assert case.use(place="business_card", staff_kind="contractor")["verdict"]["allowed"] is False
    assert case.use(place="business_card", staff_kind="employee")["verdict"]["allowed"] is True


def test_a_suspension_makes_the_list_of_what_must_come_down(case):
    site, words, gone = case.use(site_id=case.head), case.use(mark="text_claim"), case.use(removed_on="2025-03-01")
    assert case.owner.pages(f"/v1/clients/{case.client}/mark-uses", params={"must_remove": True}) == []
    case.move("suspended", "2025-03-02")
    listed = case.owner.pages(f"/v1/clients/{case.client}/mark-uses", params={"must_remove": True})
    assert {u["id"] for u in listed} == {site["id"], words["id"]}
    assert all("MRK-03" in rules(u["verdict"]["reasons"]) for u in listed)
    assert case.verdict(gone)["shown"] is False and case.verdict(site, on="2025-03-01")["allowed"] is True
    case.owner.call("updateMarkUse", {"removed_on": "2025-03-03"}, client_id=case.client, mark_use_id=site["id"], if_match="*", expect=200)
    left = case.owner.pages(f"/v1/clients/{case.client}/mark-uses", params={"must_remove": True})
    assert [u["id"] for u in left] == [words["id"]]


def test_a_smaller_scope_makes_the_list_too(case):
    case.scope("2025-02-14", sites=None, departments=None)
    use = case.use(site_id=case.branch)
    assert use["verdict"]["allowed"] is True
    case.scope("2025-03-03", sites=[{"site_id": case.head}], departments=None)
    assert [u["id"] for u in case.owner.pages(f"/v1/clients/{case.client}/mark-uses", params={"must_remove": True})] == [use["id"]]


def test_without_a_certification_no_mark_is_allowed(owner):
    client = owner.call("createClient", {"name": "無認証"}, expect=201).json()["id"]
    use = owner.call("createMarkUse", {"place": "website", "description": "フッター"}, client_id=client, expect=201).json()
    assert (use["verdict"]["allowed"], rules(use["verdict"]["reasons"])) == (False, ["MRK-04"])


def test_a_use_names_only_what_is_the_clients_own(owner, case):
    other = Case(owner)
    for member, value in (("site_id", other.head), ("department_id", other.sales), ("certification_id", other.certification)):
        problem = owner.call("createMarkUse", {"place": "website", "description": "x", member: value}, client_id=case.client, expect=422).json()
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(f"/{member}", "not_found_reference")]


def test_a_use_is_a_merge_patch_with_versions_and_can_go(case):
    use = case.use(site_id=case.head, note="左下")
    path = {"client_id": case.client, "mark_use_id": use["id"]}
    got = case.owner.call("getMarkUse", expect=200, **path)
    changed = case.owner.call("updateMarkUse", {"note": None, "since": "2025-03-01"}, if_match=got.headers["ETag"], expect=200, **path).json()
    assert (changed["note"], changed["since"], changed["site_id"], changed["version"]) == (None, "2025-03-01", case.head, 2)
    case.owner.call("updateMarkUse", {"note": "x"}, if_match='"v1"', expect=412, **path)
    problem = case.owner.call("updateMarkUse", {"removed_on": "2025-02-28"}, if_match="*", expect=422, **path).json()
    assert problem["errors"][0]["pointer"] == "/removed_on"
    case.owner.call("deleteMarkUse", if_match='"v1"', expect=412, **path)
    case.owner.call("deleteMarkUse", if_match='"v2"', expect=204, **path)
    case.owner.call("getMarkUse", expect=404, **path)


def test_an_add_on_carries_a_mark_only_with_the_isms(case):
    addon = case.make("createCertification", scheme="iso27017-jp", state="certified", decision_date="2025-02-14", source="登録証")
    assert case.use(certification_id=addon)["verdict"]["allowed"] is True
    case.move("suspended", "2025-03-02")
    verdict = case.use(certification_id=addon)["verdict"]
    assert verdict["allowed"] is False and "ADD-01" in rules(verdict["reasons"])
