"""From one audit to the next: the frozen state against now, and what was looked at for the new cycle."""
import pytest

MISSING = "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock="2025-03-03T10:00:00+09:00", environment={"MEGURI_JOB_THREADS": "0"})


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


class Case:
    """A certified client with three assets, a risk and a held surveillance audit with an observation, a minor and a good point."""

    def __init__(self, owner):
        self.owner = owner
        self.client = owner.call("createClient", {"name": "株式会社ミナト"}, expect=201).json()["id"]
        self.certification = self.make("createCertification", scheme="iso27001-2022", state="certified", decision_date="2024-03-11",
                                       stage2_last_day="2024-02-09", source="登録証")
        self.pc, self.server, self.paper = (self.make("createAsset", name=n) for n in ("PC", "サーバー", "契約書"))
        self.risk = self.make("createRisk", title="盗難", asset_id=self.pc, impact=3, likelihood=2)
        (self.audit,) = owner.pages(f"/v1/clients/{self.client}/audits", params={"kind": "surveillance", "status": "planned"})[:1]
        owner.call("updateAudit", {"held_first_day": "2025-02-27", "held_last_day": "2025-02-28"}, client_id=self.client, audit_id=self.audit["id"],
                   if_match="*", expect=200)
        self.findings = {grade: self.make("createFinding", audit_id=self.audit["id"], grade=grade, statement=f"{grade}の指摘")
                         for grade in ("observation", "minor", "strength")}
        self.path = f"/v1/clients/{self.client}/certifications/{self.certification}/carry-forward"

    def make(self, operation, **body):
        return self.owner.call(operation, body, client_id=self.client, expect=201).json()["id"]

    def freeze(self, expect=200, **body):
        return self.owner.post(self.path, body, expect=expect).json()

    def get(self, expect=200, **params):
        return self.owner.get(self.path, params=params, expect=expect).json()

    def items(self, language=None, **params):
        return {i["id"]: i for i in self.owner.pages(f"{self.path}/items", params=params)}

    def review(self, expect=200, **body):
        return self.owner.post(f"{self.path}/reviews", body, expect=expect).json()

    def change_something(self):
        self.owner.call("updateAsset", {"name": "ノートPC"}, client_id=self.client, asset_id=self.pc, if_match="*", expect=200)
        self.owner.call("deleteAsset", client_id=self.client, asset_id=self.paper, if_match="*", expect=204)
        return self.make("createAsset", name="ルーター")


@pytest.fixture
def case(owner):
    return Case(owner)


def test_what_was_just_frozen_has_not_changed(case):
    frozen = case.freeze(note="サーベイランスの時点")
    assert (frozen["audit_id"], frozen["audit_kind"], frozen["audit_held_on"], frozen["frozen_on"], frozen["note"]) == (
        case.audit["id"], "surveillance", "2025-02-28", "2025-03-03", "サーベイランスの時点")
    counts = frozen["counts"]
    assert (counts["modified"], counts["new"], counts["dropped"], counts["reviewed"]) == (0, 0, 0, 0)
    assert counts["to_review"] == counts["unchanged"] == 8  # three assets, a risk, three findings, the audit
    assert {k["kind"]: k["unchanged"] for k in frozen["kinds"]} == {"asset": 3, "audit": 1, "finding": 3, "risk": 1}


def test_the_comparison_says_what_became_of_each_thing(case):
    case.freeze()
    router = case.change_something()
    items = case.items(kind="asset")
    assert {i: items[i]["change"] for i in items} == {
        case.pc: "modified", case.server: "unchanged", case.paper: "dropped", router: "new"}
    assert items[case.pc]["changed"] == [{"member": "name", "before": "PC", "after": "ノートPC"}]
    assert items[case.server]["changed"] == [] and items[case.paper]["content"]["name"] == "契約書"
    counts = case.get()["counts"]
    assert (counts["unchanged"], counts["modified"], counts["new"], counts["dropped"]) == (6, 1, 1, 1)


def test_links_stay(case):
    case.freeze()
    case.change_something()
    risk = case.items(kind="risk")[case.risk]
    assert (risk["change"], risk["links"]) == ("unchanged", {"asset_id": case.pc}) and "盗難" in risk["label"]


def test_the_findings_of_the_audit_come_back_to_be_looked_at(case):
    case.freeze()
    revisit = case.items(revisit=True)
    assert set(revisit) == {case.findings["observation"], case.findings["minor"]}
    assert all(i["revisit_reason"] and i["status"] == "to_review" for i in revisit.values())
    assert case.items(revisit=False)[case.findings["strength"]]["revisit"] is False


@pytest.mark.parametrize("language, word", [("ja", "観察事項"), ("en", "observation")])
def test_the_reason_to_look_again_is_in_the_language_of_the_request(case, language, word):
    case.freeze()
    rows = case.owner.get(f"{case.path}/items", params={"revisit": True}, language=language, expect=200).json()["data"]
    assert any(word in r["revisit_reason"] for r in rows)


def test_an_older_finding_that_is_still_open_is_looked_at_too(case):
    earlier = case.make("createAudit", certification_id=case.certification, kind="follow_up", status="held", held_last_day="2024-06-03")
    open_, closed = (case.make("createFinding", audit_id=earlier, grade="minor", statement=s) for s in ("未完了", "完了"))
    case.owner.call("updateFinding", {"plan_accepted_on": "2024-07-01", "verified_on": "2024-08-01", "closed_on": "2024-08-01"}, client_id=case.client,
                    finding_id=closed, if_match="*", expect=200)
    case.freeze()
    items = case.items(kind="finding")
    assert items[open_]["revisit"] is True and items[closed]["revisit"] is False


def test_a_review_counts_until_the_thing_changes(case):
    case.freeze()
    after = case.review(item_ids=[case.pc, case.server], note="現物を確認")
    assert (after["counts"]["reviewed"], after["counts"]["to_review"]) == (2, 6)
    item = case.items(status="reviewed")[case.pc]
    assert (item["reviewed_on"], item["review_note"], bool(item["reviewed_by"])) == ("2025-03-03", "現物を確認", True)
    case.owner.call("updateAsset", {"name": "ノートPC"}, client_id=case.client, asset_id=case.pc, if_match="*", expect=200)
    assert set(case.items(status="reviewed")) == {case.server} and case.items(kind="asset")[case.pc]["status"] == "to_review"


def test_everything_unchanged_is_taken_over_at_once_and_back(case):
    case.freeze()
    router = case.change_something()
    counts = case.review(change="unchanged")["counts"]
    assert (counts["reviewed"], counts["to_review"]) == (6, 3)
    assert set(case.items(status="to_review")) == {case.pc, case.paper, router}
    assert case.review(change="unchanged", kind="asset", status="to_review")["counts"]["reviewed"] == 5


def test_thousands_are_reviewed_at_once_and_back(case):
    case.freeze()
    for part in range(4):
        case.owner.post(f"/v1/clients/{case.client}/assets/bulk", {
            "items": [{"action": "create", "asset": {"name": f"PC {part}-{n}"}} for n in range(1000)]}, expect=200)
    assert case.review(change="new")["counts"]["reviewed"] == 4000
    assert case.review(change="new", status="to_review")["counts"]["reviewed"] == 0


def test_a_review_names_things_of_the_comparison(case):
    case.freeze()
    problem = case.review(item_ids=[case.pc, MISSING], expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/item_ids/1", "not_found_reference")]
    assert case.review(expect=422)["errors"][0]["pointer"] == "/item_ids" and case.get()["counts"]["reviewed"] == 0


def test_an_audit_is_frozen_once(case):
    case.freeze()
    assert case.freeze(expect=409)["code"] == "state_not_allowed"


def test_without_a_held_audit_there_is_nothing_to_freeze_and_nothing_to_read(owner):
    client = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    certification = owner.call("createCertification", {"scheme": "iso27001-2022"}, client_id=client, expect=201).json()["id"]
    path = f"/v1/clients/{client}/certifications/{certification}/carry-forward"
    owner.post(path, {}, expect=409)
    owner.get(path, expect=404)
    owner.get(f"{path}/items", expect=404)
    owner.post(f"{path}/reviews", {"change": "new"}, expect=404)


def test_the_audit_must_be_one_of_the_certification(owner, case):
    other = Case(owner)
    problem = case.freeze(audit_id=other.audit["id"], expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/audit_id", "not_found_reference")]


def test_the_state_of_an_earlier_instant_can_be_frozen(system, owner):
    case = Case(owner)
    system.set_clock("2025-03-05T10:00:00+09:00")
    try:
        case.owner = system.sign_in(owner.consultancy["email"])
        case.change_something()
        frozen = case.freeze(state_at="2025-03-04T00:00:00+09:00")
        assert frozen["frozen_on"] == "2025-03-04"
        counts = frozen["counts"]
        assert (counts["modified"], counts["new"], counts["dropped"]) == (1, 1, 1)
        other = Case(case.owner)
        assert other.freeze(state_at="2025-03-06T00:00:00+09:00", expect=422)["errors"][0]["pointer"] == "/state_at"
    finally:
        system.set_clock("2025-03-03T10:00:00+09:00")


def test_the_next_audit_starts_from_the_last_frozen_state(system, owner):
    case = Case(owner)
    case.freeze()
    following = case.get()["next_audit"]
    assert (following["kind"], following["nominal_date"]) == ("surveillance", "2026-03-11")
    assert case.get(for_audit_id=following["id"])["audit_id"] == case.audit["id"]
    case.get(for_audit_id=case.audit["id"], expect=404)
    router = case.change_something()
    assert set(case.items(for_audit_id=following["id"], change="new")) == {router}
    system.set_clock("2026-03-05T10:00:00+09:00")
    try:
        case.owner = system.sign_in(owner.consultancy["email"])
        case.owner.call("updateAudit", {"held_first_day": "2026-03-03", "held_last_day": "2026-03-04"}, client_id=case.client,
                        audit_id=following["id"], if_match="*", expect=200)
        second = case.freeze()
        assert second["audit_id"] == following["id"] and second["counts"]["modified"] == 0
        assert case.get(audit_id=case.audit["id"])["counts"]["modified"] >= 1 and case.get()["id"] == second["id"]
    finally:
        system.set_clock("2025-03-03T10:00:00+09:00")


def test_the_scope_and_the_changes_are_carried(case):
    version = case.make("createScopeVersion", statement_ja="受託開発")
    case.owner.call("activateScopeVersion", {}, client_id=case.client, scope_version_id=version, expect=200)
    change = case.make("createChange", kind="top_management", change_date="2025-06-01")
    case.freeze()
    case.owner.call("updateChange", {"description": "新社長"}, client_id=case.client, change_id=change, if_match="*", expect=200)
    items = case.items()
    assert items[version]["change"] == "unchanged" and "受託開発" in items[version]["label"]
    assert [c["member"] for c in items[change]["changed"]] == ["description"]


def test_what_belongs_to_another_certification_stays_out(case):
    other = case.make("createCertification", scheme="iso27017-jp", state="certified", decision_date="2024-03-11", source="登録証")
    audit = case.make("createAudit", certification_id=other, kind="follow_up", status="held", held_last_day="2025-02-20")
    finding = case.make("createFinding", audit_id=audit, grade="minor", statement="別の認証")
    case.freeze()
    assert {audit, finding} & set(case.items()) == set()


def test_pages_hold_everything_once(case):
    case.freeze()
    rows, after = [], None
    while True:
        page = case.owner.get(f"{case.path}/items", params={"limit": 3, "sort": "label"} | ({"after": after} if after else {}), expect=200).json()
        rows += [r["id"] for r in page["data"]]
        after = page["next"]
        if not after:
            break
    assert len(rows) == len(set(rows)) == 8
