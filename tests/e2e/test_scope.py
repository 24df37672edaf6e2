"""The scope of a client as versions: drafts, activation, what was in force when, and the live flags that follow."""
import pytest

MISSING = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"})


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Office:
    """A client with a head office, a branch and two departments."""

    def __init__(self, owner):
        self.owner = owner
        self.id = owner.call("createClient", {"name": "株式会社ミナト", "headcount": 60}, expect=201).json()["id"]
        self.head = self.make("createSite", name="本社", kind="head_office", is_central_function=True, headcount=40, address="東京都港区1-2-3")
        self.branch = self.make("createSite", name="大阪支社", headcount=8, in_scope=False)
        self.development = self.make("createDepartment", name="開発部", headcount=30)
        self.sales = self.make("createDepartment", name="営業部", headcount=10)

    def make(self, operation, **body):
        return self.owner.call(operation, body, client_id=self.id, expect=201).json()["id"]

    def draft(self, expect=201, **body):
        return self.owner.call("createScopeVersion", body, client_id=self.id, expect=expect).json()

    def activate(self, version, expect=200, language=None, **body):
        return self.owner.call("activateScopeVersion", body, client_id=self.id, scope_version_id=version, expect=expect, language=language).json()

    def scope(self, **params):
        return self.owner.call("getScope", client_id=self.id, params=params, expect=200).json()

    def version(self, version):
        return self.owner.call("getScopeVersion", client_id=self.id, scope_version_id=version, expect=200).json()

    def flags(self):
        sites = {s["id"]: s["in_scope"] for s in self.owner.pages(f"/v1/clients/{self.id}/sites")}
        return sites | {d["id"]: d["in_scope"] for d in self.owner.pages(f"/v1/clients/{self.id}/departments")}


@pytest.fixture
def office(owner):
    return Office(owner)


def test_without_a_version_the_flags_are_the_scope(office):
    scope = office.scope()
    assert (scope["basis"], scope["scope_version_id"], scope["staff_kinds"], scope["differences"]) == ("flags", None, None, [])
    assert [s["site_id"] for s in scope["sites"]] == [office.head] and len(scope["departments"]) == 2


def test_a_draft_changes_nothing(office):
    before = office.flags()
    made = office.draft(statement_ja="開発", sites=[{"site_id": office.branch}])
    assert (made["status"], made["number"], made["effective_on"]) == ("draft", 1, None)
    assert office.flags() == before and office.scope()["basis"] == "flags"


def test_everything_the_scope_says_is_kept(office):
    said = {"statement_ja": "受託開発", "statement_en": "Contract development", "staff_kinds": ["employee", "contractor"],
            "exclusions": [{"what": "大阪支社", "reason": "販売だけを行う"}],
            "boundaries": {"organizational": "開発部", "physical": "本社5階", "technical": "社内網", "interfaces": "監視サービス"},
            "headcount": 48, "note": "取締役会で決定"}
    made = office.draft(**said, sites=[{"site_id": office.head}], departments=[{"department_id": office.development}])
    read = office.version(made["id"])
    assert {k: read[k] for k in said} == said
    assert read["sites"] == [{"site_id": office.head, "name": "本社", "kind": "head_office", "address": "東京都港区1-2-3", "headcount": 40,
                              "is_central_function": True}]
    assert read["departments"] == [{"department_id": office.development, "name": "開発部", "headcount": 30}]


def test_a_place_of_nobody_or_named_twice_is_refused_by_its_pointer(office):
    problem = office.draft(expect=422, sites=[{"site_id": office.head}, {"site_id": MISSING}, {"site_id": office.head}],
                           departments=[{"department_id": MISSING}])
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [
        ("/sites/1/site_id", "not_found_reference"), ("/sites/2/site_id", "duplicate"), ("/departments/0/department_id", "not_found_reference")]


def test_a_place_of_another_client_is_refused_like_a_missing_one(owner, office):
    other = Office(owner)
    problem = office.draft(expect=422, sites=[{"site_id": other.head}])
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/sites/0/site_id", "not_found_reference")]


def test_activating_switches_the_flags_in_the_same_breath(office):
    made = office.draft(sites=[{"site_id": office.branch, "address": "大阪市北区4-5", "headcount": 12}],
                        departments=[{"department_id": office.development}])
    active = office.activate(made["id"])
    assert (active["status"], active["effective_on"], active["approved_on"]) == ("active", "2025-03-03", "2025-03-03")
    assert office.flags() == {office.head: False, office.branch: True, office.development: True, office.sales: False}
    branch = office.owner.call("getSite", client_id=office.id, site_id=office.branch, expect=200).json()
    assert (branch["address"], branch["headcount"]) == ("大阪市北区4-5", 12)
    events = office.owner.pages("/v1/events", params={"client_id": office.id, "entity": "site", "entity_id": office.branch})
    assert "switchScopeSites" in [e["operation"] for e in events if e["kind"] == "site.changed"]


def test_all_is_all(office):
    office.activate(office.draft(sites=None, departments=None)["id"])
    assert set(office.flags().values()) == {True}
    assert office.scope()["sites"] is None and office.scope()["departments"] is None


def test_the_later_version_supersedes_the_earlier_and_both_are_read_by_their_day(office):
    first, second = office.draft(statement_ja="一", sites=[{"site_id": office.head}]), office.draft(statement_ja="二", sites=None)
    office.activate(first["id"], effective_on="2024-04-01")
    office.activate(second["id"], effective_on="2025-02-01")
    assert [(v["number"], v["status"], v["superseded_on"]) for v in office.owner.pages(f"/v1/clients/{office.id}/scope-versions")] == [
        (1, "superseded", "2025-02-01"), (2, "active", None)]
    assert [office.scope(on=day)["number"] for day in ("2024-03-31", "2024-04-01", "2025-01-31", "2025-02-01", "2026-01-01")] == [
        None, 1, 1, 2, 2]


def test_a_version_for_an_earlier_day_does_not_switch_anything(office):
    office.activate(office.draft(sites=[{"site_id": office.branch}])["id"], effective_on="2025-03-01")
    late = office.activate(office.draft(sites=[{"site_id": office.head}])["id"], effective_on="2024-12-01")
    assert (late["status"], late["superseded_on"]) == ("superseded", "2025-03-01")
    assert office.flags()[office.branch] is True and office.flags()[office.head] is False


def test_a_later_day_waits_and_is_switched_on_that_day(start_system):
    system = start_system(clock="2025-03-03T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"})
    office = Office(system.owner())
    office.activate(office.draft(sites=[{"site_id": office.head}])["id"])
    next_ = office.activate(office.draft(sites=[{"site_id": office.branch}])["id"], effective_on="2025-04-01")
    assert (next_["status"], office.flags()[office.branch], office.scope()["number"]) == ("approved", False, 1)
    assert office.scope(on="2025-04-01")["number"] == 2
    system.set_clock("2025-04-01T00:10:00+09:00")
    system.run_jobs()
    office.owner = system.sign_in(office.owner.consultancy["email"])
    assert [v["status"] for v in office.owner.pages(f"/v1/clients/{office.id}/scope-versions")] == ["superseded", "active"]
    assert office.flags()[office.branch] is True and office.flags()[office.head] is False


def test_a_waiting_version_may_be_given_another_day(office):
    made = office.draft()
    office.activate(made["id"], effective_on="2025-06-01")
    assert office.activate(made["id"], effective_on="2025-05-01")["effective_on"] == "2025-05-01"


def test_a_version_keeps_how_its_places_were_called_then(office):
    office.activate(office.draft(sites=[{"site_id": office.head}])["id"], effective_on="2025-01-01")
    office.owner.call("updateSite", {"name": "品川本社"}, client_id=office.id, site_id=office.head, if_match="*", expect=200)
    assert office.scope()["sites"][0]["name"] == "本社"


def test_what_took_effect_is_neither_changed_nor_deleted(office):
    made = office.draft()
    path = {"client_id": office.id, "scope_version_id": made["id"], "if_match": "*"}
    office.owner.call("updateScopeVersion", {"statement_ja": "新"}, expect=200, **path)
    office.activate(made["id"])
    for operation, body in (("updateScopeVersion", {"note": "x"}), ("deleteScopeVersion", None)):
        problem = office.owner.call(operation, body, expect=409, language="ja", **path).json()
        assert problem["code"] == "state_not_allowed" and "下書き" in problem["detail"]
    assert office.activate(made["id"], expect=409, language="en")["detail"].startswith("Only a draft")


def test_a_draft_is_a_merge_patch_and_can_go(office):
    made = office.draft(sites=[{"site_id": office.head}], boundaries={"physical": "5階", "technical": "社内網"}, headcount=40)
    path = {"client_id": office.id, "scope_version_id": made["id"]}
    changed = office.owner.call("updateScopeVersion", {"sites": None, "boundaries": {"physical": None}, "headcount": 41}, if_match='"v1"',
                                expect=200, **path).json()
    assert (changed["sites"], changed["boundaries"], changed["headcount"], changed["version"]) == (None, {"technical": "社内網"}, 41, 2)
    office.owner.call("updateScopeVersion", {"headcount": 42}, if_match='"v1"', expect=412, **path)
    office.owner.call("deleteScopeVersion", if_match='"v2"', expect=204, **path)
    office.owner.call("getScopeVersion", expect=404, **path)


def test_a_flag_that_contradicts_the_version_does_not_hide(office):
    office.activate(office.draft(sites=[{"site_id": office.head}], departments=None)["id"])
    office.owner.call("updateSite", {"in_scope": True}, client_id=office.id, site_id=office.branch, if_match="*", expect=200)
    office.owner.call("updateDepartment", {"in_scope": False}, client_id=office.id, department_id=office.sales, if_match="*", expect=200)
    assert office.scope()["differences"] == [
        {"kind": "site", "id": office.branch, "name": "大阪支社", "in_version": False, "in_scope": True},
        {"kind": "department", "id": office.sales, "name": "営業部", "in_version": True, "in_scope": False}]


def test_the_difference_of_two_versions(office):
    first = office.draft(statement_ja="開発", sites=[{"site_id": office.head}], departments=[{"department_id": office.development}],
                         staff_kinds=["employee"], exclusions=[{"what": "大阪支社", "reason": "販売だけ"}], headcount=30)
    second = office.draft(statement_ja="開発と運用", sites=[{"site_id": office.head, "address": "東京都品川区7-8"}, {"site_id": office.branch}],
                          departments=[{"department_id": office.sales}], staff_kinds=["employee", "dispatched"], headcount=40)
    office.activate(first["id"], effective_on="2025-01-01")
    found = office.owner.call("getScopeDifference", client_id=office.id, scope_version_id=second["id"], expect=200).json()
    assert (found["number"], found["since_id"], found["since_number"]) == (2, first["id"], 1)
    assert found["changed"] == ["statement_ja", "sites", "departments", "staff_kinds", "exclusions", "headcount"]
    assert found["statement_ja"] == {"before": "開発", "after": "開発と運用"} and found["statement_en"] is None
    assert found["headcount"] == {"before": 30, "after": 40}
    assert [s["site_id"] for s in found["sites"]["added"]] == [office.branch] and found["sites"]["removed"] == []
    assert [(c["before"]["address"], c["after"]["address"]) for c in found["sites"]["changed"]] == [("東京都港区1-2-3", "東京都品川区7-8")]
    assert [d["name"] for d in found["departments"]["added"]] == ["営業部"] and [d["name"] for d in found["departments"]["removed"]] == ["開発部"]
    assert found["staff_kinds"] == {"added": ["dispatched"], "removed": []}
    assert found["exclusions"] == {"added": [], "removed": [{"what": "大阪支社", "reason": "販売だけ"}]}


def test_the_first_version_has_nothing_to_differ_from(office):
    made = office.draft(statement_ja="開発", sites=[{"site_id": office.head}])
    found = office.owner.call("getScopeDifference", client_id=office.id, scope_version_id=made["id"], expect=200).json()
    assert (found["since_id"], found["changed"], found["sites"]) == (None, [], {"added": [], "removed": [], "changed": []})
    office.owner.call("getScopeDifference", client_id=office.id, scope_version_id=made["id"], params={"since": MISSING}, expect=404)


def test_the_versions_are_read_as_they_stood(system, office):
    made = office.draft(headcount=40)
    system.set_clock("2025-03-04T10:00:00+09:00")
    try:
        office.owner = system.sign_in(office.owner.consultancy["email"])
        office.activate(made["id"])
        stood = office.owner.call("getScopeVersion", client_id=office.id, scope_version_id=made["id"],
                                  params={"as_of": "2025-03-03T12:00:00+09:00"}, expect=200).json()
        assert (stood["status"], stood["headcount"]) == ("draft", 40)
    finally:
        system.set_clock("2025-03-03T10:00:00+09:00")


def test_two_drafts_at_once_get_two_numbers(system, office):
    import concurrent.futures

    def draft(_):
        return system.client(office.owner.token).call("createScopeVersion", {}, client_id=office.id).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(draft, range(16))) == {201}
    numbers = [v["number"] for v in office.owner.pages(f"/v1/clients/{office.id}/scope-versions")]
    assert numbers == list(range(1, 17))
