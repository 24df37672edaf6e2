"""Suggested risks: what the assets' types bring, decided many at once and remembered; how far the assets are covered."""
import pytest

A_MISSING_ID = "0199f3c2-0000-7000-8000-000000000000"
SMALL_COMPANY = ("laptop", "smartphone", "cloud_storage", "saas_account", "paper_contract", "server_room", "source_code", "customer_data",
                 "office", "router", "usb_stick", "employee", "outsourcing")


class Firm:
    """A client of a new consultancy, with what its tests do to it."""

    def __init__(self, system, **client):
        self.owner = system.owner()
        self.id = self.owner.call("createClient", {"name": "青葉精機"} | client, expect=201).json()["id"]
        self.path = f"/v1/clients/{self.id}"

    def asset(self, kind, **rest):
        return self.owner.post(f"{self.path}/assets", {"name": f"資産 {kind}", "kind": kind} | rest, expect=201).json()

    def suggestions(self, **params):
        query = "&".join(f"{k}={v}" for k, v in ({"limit": 200} | params).items())
        return list(self.owner.pages(f"{self.path}/suggestions?{query}"))

    def threats(self, **params):
        return [s["threat_code"] for s in self.suggestions(**params)]

    def decide(self, word, *pairs, expect=200, **rest):
        body = rest | ({"items": [p if isinstance(p, dict) else {"asset_id": p[0], "threat_code": p[1]} for p in pairs]} if pairs else {})
        return self.owner.post(f"{self.path}/suggestions/{word}", body, expect=expect).json()

    def risks(self):
        return list(self.owner.pages(f"{self.path}/risks?limit=200"))

    def coverage(self):
        return self.owner.get(f"{self.path}/risk-coverage", expect=200).json()


@pytest.fixture
def firm(system):
    return Firm(system)


def results(report):
    return [r["result"] for r in report["results"]]


# ---------------------------------------------------------------- what is suggested

def test_a_client_without_assets_has_no_suggestions(firm):
    assert firm.suggestions() == []


@pytest.mark.parametrize("kind", SMALL_COMPANY)
def test_what_a_small_company_has_brings_risks_with_treatments_and_controls(firm, kind):
    asset = firm.asset(kind)
    found = firm.suggestions()
    assert len(found) >= 3
    for suggestion in found:
        assert suggestion["asset_id"] == asset["id"] and suggestion["state"] == "open" and suggestion["risk_id"] is None
        assert len(suggestion["treatments"]) >= 2 and suggestion["controls"]
        used = {control for treatment in suggestion["treatments"] for control in treatment["controls"]}
        assert {control["code"] for control in suggestion["controls"]} == used


def test_suggestions_of_one_asset_of_a_type_and_of_the_client(firm):
    one, two, office = firm.asset("laptop"), firm.asset("laptop"), firm.asset("office")
    everything = firm.suggestions()
    assert {s["asset_id"] for s in everything} == {one["id"], two["id"], office["id"]}
    assert {s["asset_id"] for s in firm.suggestions(asset_id=one["id"])} == {one["id"]}
    assert {s["asset_id"] for s in firm.suggestions(kind="laptop")} == {one["id"], two["id"]}
    assert {s["asset_id"] for s in firm.suggestions(type_group="place")} == {office["id"]}
    assert {s["threat_code"] for s in firm.suggestions(threat_code="device-lost")} == {"device-lost"}


def test_suggestions_of_a_group_of_assets(firm):
    one = firm.asset("laptop", group_name="営業部")
    firm.asset("laptop", group_name="開発部")
    assert {s["asset_id"] for s in firm.suggestions(group_name="営業部")} == {one["id"]}


def test_pages_hold_every_suggestion_once(firm):
    firm.asset("laptop"), firm.asset("server"), firm.asset("office")
    for sort in ("asset", "-asset", "level", "-level"):
        small = firm.suggestions(limit=7, sort=sort)
        assert len({s["id"] for s in small}) == len(small) == len(firm.suggestions())


def test_the_most_serious_come_first_when_asked(firm):
    firm.asset("laptop"), firm.asset("office")
    levels = [s["impact"] + s["likelihood"] for s in firm.suggestions(sort="-level")]
    assert levels == sorted(levels, reverse=True) and len(set(levels)) > 1


def test_retired_assets_and_those_outside_the_scope_bring_nothing(firm):
    firm.asset("laptop", status="retired")
    outside = firm.asset("laptop", in_scope=False)
    assert firm.suggestions() == []
    assert firm.suggestions(asset_id=outside["id"]) != []  # unless it is named


def test_an_own_threat_and_an_own_treatment_are_suggested_too(firm):
    own = {"title_ja": "展示会での放置", "title_en": "Left at a fair", "text_ja": "目を離したすきに見られる。", "text_en": "Visitors read it."}
    kind = own | {"catalogue": "asset_types", "code": "x_demo_device"}
    threat = own | {"catalogue": "threats", "code": "x_fair", "asset_types": ["x_demo_device"]}
    treatment = own | {"catalogue": "treatments", "code": "x_guard", "threats": ["x_fair"], "controls": ["7.9"], "option": "mitigate"}
    for item in (kind, threat, treatment):
        firm.owner.call("createCatalogueExtension", item, expect=201)
    asset = firm.asset("x_demo_device")
    (suggestion,) = firm.suggestions()
    assert (suggestion["threat_code"], suggestion["threat"]["origin"], suggestion["impact"], suggestion["likelihood"]) == ("x_fair", "consultancy", 3, 3)
    assert [t["code"] for t in suggestion["treatments"]] == ["x_guard"] and [c["code"] for c in suggestion["controls"]] == ["7.9"]
    assert results(firm.decide("accept", (asset["id"], "x_fair"))) == ["accepted"]


def test_an_asset_of_an_unknown_kind_is_refused(firm):
    reply = firm.owner.post(f"{firm.path}/assets", {"name": "x", "kind": "spaceship"}, expect=422)
    assert [(e["pointer"], e["code"]) for e in reply.json()["errors"]] == [("/kind", "unknown_value")]
    asset = firm.asset("laptop")
    firm.owner.patch(f"{firm.path}/assets/{asset['id']}", {"kind": "x_spaceship"}, if_match="*", expect=422)
    assert firm.owner.patch(f"{firm.path}/assets/{asset['id']}", {"kind": "tablet"}, if_match="*", expect=200).json()["kind"] == "tablet"


def test_another_type_brings_other_risks(firm):
    asset = firm.asset("laptop")
    firm.owner.patch(f"{firm.path}/assets/{asset['id']}", {"kind": "office"}, if_match="*", expect=200)
    assert "tailgating" in firm.threats() and "device-stolen-outside" not in firm.threats()


# ---------------------------------------------------------------- accepting

def test_accepting_makes_risks_that_know_their_origin(firm):
    asset = firm.asset("laptop", name="営業部ノートPC", owner_name="佐藤 花子")
    hint = next(s for s in firm.suggestions() if s["threat_code"] == "device-stolen-outside")
    report = firm.decide("accept", (asset["id"], "device-stolen-outside"))
    assert (results(report), report["changed"], report["unchanged"], report["refused"], report["remaining"]) == (["accepted"], 1, 0, 0, 0)
    (risk,) = firm.risks()
    assert risk["id"] == report["results"][0]["risk_id"]
    assert (risk["origin"], risk["threat_code"], risk["asset_id"], risk["number"]) == ("suggestion", "device-stolen-outside", asset["id"], "R-0001")
    assert risk["catalogue_version"] == 1
    assert (risk["impact"], risk["likelihood"], risk["owner_name"]) == (hint["impact"], hint["likelihood"], "佐藤 花子")
    assert (risk["title"], risk["threat"], risk["vulnerability"]) == (hint["threat"]["title_ja"] + "（営業部ノートPC）", hint["threat"]["text_ja"], hint["threat"]["vulnerability_ja"])


def test_many_are_accepted_at_once_and_numbered_in_their_order(firm):
    asset = firm.asset("laptop")
    wanted = firm.threats()
    report = firm.decide("accept", *[(asset["id"], code) for code in wanted])
    assert results(report) == ["accepted"] * len(wanted)
    risks = sorted(firm.risks(), key=lambda risk: risk["number"])
    assert [risk["threat_code"] for risk in risks] == wanted
    assert [risk["number"] for risk in risks] == [f"R-{n:04}" for n in range(1, len(wanted) + 1)]
    assert firm.suggestions() == [] and len(firm.suggestions(state="accepted")) == len(wanted)


def test_everything_that_a_filter_finds_is_accepted(firm):
    laptop, office = firm.asset("laptop"), firm.asset("office")
    count = len(firm.suggestions(kind="laptop"))
    report = firm.decide("accept", filter={"kind": "laptop"})
    assert (report["changed"], report["remaining"]) == (count, 0) and {r["asset_id"] for r in report["results"]} == {laptop["id"]}
    assert {s["asset_id"] for s in firm.suggestions()} == {office["id"]}
    firm.decide("accept", filter={})
    assert firm.suggestions() == [] and firm.coverage()["percent"] == 100


def test_a_filter_takes_a_thousand_at_a_time(firm):
    each = len(firm.suggestions()) or 1
    firm.asset("employee")
    each = len(firm.suggestions())
    for _ in range(1000 // each + 1):
        firm.asset("employee")
    total = firm.coverage()["suggestions"]["open"]
    report = firm.decide("decline", filter={})
    assert (report["changed"], report["remaining"]) == (1000, total - 1000)
    report = firm.decide("decline", filter={})
    assert (report["changed"], report["remaining"]) == (total - 1000, 0) and firm.coverage()["suggestions"]["open"] == 0


def test_ratings_title_and_owner_may_be_given(firm):
    asset = firm.asset("laptop")
    firm.decide("accept", {"asset_id": asset["id"], "threat_code": "device-lost", "impact": 5, "likelihood": 1, "title": "置き忘れ", "owner_name": "鈴木"})
    (risk,) = firm.risks()
    assert (risk["impact"], risk["likelihood"], risk["title"], risk["owner_name"]) == (5, 1, "置き忘れ", "鈴木")


@pytest.mark.parametrize("locale, language, wanted", [("ja", None, "ja"), ("en", None, "en"), ("ja", "en", "en"), ("en", "ja", "ja")])
def test_risks_are_worded_in_the_clients_language_or_the_one_asked_for(system, locale, language, wanted):
    firm = Firm(system, locale=locale)
    asset = firm.asset("laptop")
    hint = next(s for s in firm.suggestions() if s["threat_code"] == "device-lost")
    firm.decide("accept", (asset["id"], "device-lost"), **({"locale": language} if language else {}))
    assert firm.risks()[0]["threat"] == hint["threat"][f"text_{wanted}"]


def test_accepting_again_changes_nothing(firm):
    asset = firm.asset("laptop")
    first = firm.decide("accept", (asset["id"], "device-lost"))
    again = firm.decide("accept", (asset["id"], "device-lost"))
    assert results(again) == ["already_accepted"] and again["changed"] == 0
    assert again["results"][0]["risk_id"] == first["results"][0]["risk_id"] and len(firm.risks()) == 1


def test_a_pair_named_twice_makes_one_risk(firm):
    asset = firm.asset("laptop")
    report = firm.decide("accept", (asset["id"], "device-lost"), (asset["id"], "device-lost"))
    assert results(report) == ["accepted", "already_accepted"] and len({r["risk_id"] for r in report["results"]}) == len(firm.risks()) == 1


def test_a_wrong_item_does_not_stop_the_others(firm):
    laptop, office = firm.asset("laptop"), firm.asset("office")
    report = firm.decide("accept", (A_MISSING_ID, "device-lost"), (laptop["id"], "no-such-threat"), (office["id"], "device-lost"),
                         (laptop["id"], "device-lost"))
    assert results(report) == ["not_found", "not_found", "not_suggested", "accepted"]
    assert (report["changed"], report["refused"]) == (1, 3) and len(firm.risks()) == 1


def test_an_asset_of_another_client_is_not_found(system, firm):
    other = Firm(system)
    asset = other.asset("laptop")
    assert results(firm.decide("accept", (asset["id"], "device-lost"))) == ["not_found"]
    assert other.risks() == [] and firm.risks() == []


def test_items_or_a_filter_and_not_both(firm):
    pointers = lambda reply: [e["pointer"] for e in reply["errors"]]
    assert pointers(firm.decide("accept", expect=422)) == ["/items"]
    assert pointers(firm.decide("decline", (A_MISSING_ID, "device-lost"), filter={}, expect=422)) == ["/filter"]


def test_a_missing_client_comes_before_everything(firm):
    for word in ("accept", "decline", "reopen"):
        firm.owner.post(f"/v1/clients/{A_MISSING_ID}/suggestions/{word}", {}, expect=404)


def test_many_at_once_from_two_sides_make_each_risk_once(system):
    from concurrent.futures import ThreadPoolExecutor
    firm = Firm(system)
    asset = firm.asset("laptop")
    pairs = [(asset["id"], code) for code in firm.threats()]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: firm.decide("accept", *pairs), range(4)))
    assert sum(report["changed"] for report in reports) == len(pairs)
    assert len(firm.risks()) == len({risk["threat_code"] for risk in firm.risks()}) == len(pairs)


def test_each_accepted_risk_is_in_the_audit_trail(firm):
    asset = firm.asset("laptop")
    report = firm.decide("accept", (asset["id"], "device-lost"), (asset["id"], "device-stolen-outside"))
    events = list(firm.owner.pages(f"/v1/events?client_id={firm.id}"))
    assert {e["entity_id"] for e in events if e["kind"] == "risk.created"} == {r["risk_id"] for r in report["results"]}
    assert len([e for e in events if e["kind"] == "suggestion.decided"]) == 2


# ---------------------------------------------------------------- declining and reopening

def test_declined_ones_do_not_come_back(firm):
    asset = firm.asset("laptop")
    before = firm.threats()
    report = firm.decide("decline", (asset["id"], "executive-travel"), reason="海外出張はありません")
    assert results(report) == ["declined"]
    assert firm.threats() == [code for code in before if code != "executive-travel"]
    (declined,) = firm.suggestions(state="declined")
    assert (declined["threat_code"], declined["decided"]["decision"], declined["decided"]["reason"]) == (
        "executive-travel", "declined", "海外出張はありません")
    assert results(firm.decide("decline", (asset["id"], "executive-travel"))) == ["already_declined"]
    assert firm.risks() == []


def test_each_item_may_have_its_own_reason(firm):
    asset = firm.asset("laptop")
    firm.decide("decline", {"asset_id": asset["id"], "threat_code": "device-lost", "reason": "持ち出しません"}, (asset["id"], "shoulder-surfing"),
                reason="一人の事務所です")
    assert {s["threat_code"]: s["decided"]["reason"] for s in firm.suggestions(state="declined")} == {
        "device-lost": "持ち出しません", "shoulder-surfing": "一人の事務所です"}


def test_a_declined_one_is_reopened(firm):
    asset = firm.asset("laptop")
    firm.decide("decline", (asset["id"], "device-lost"))
    assert results(firm.decide("reopen", (asset["id"], "device-lost"))) == ["reopened"]
    assert "device-lost" in firm.threats() and firm.suggestions(state="declined") == []
    assert results(firm.decide("reopen", (asset["id"], "device-lost"))) == ["already_open"]


def test_all_declined_ones_of_a_type_are_reopened(firm):
    firm.asset("laptop"), firm.asset("office")
    firm.decide("decline", filter={})
    report = firm.decide("reopen", filter={"kind": "office"})
    assert set(results(report)) == {"reopened"} and {s["asset_kind"] for s in firm.suggestions()} == {"office"}


def test_a_declined_one_may_be_accepted_after_all(firm):
    asset = firm.asset("laptop")
    firm.decide("decline", (asset["id"], "device-lost"))
    assert results(firm.decide("accept", (asset["id"], "device-lost"))) == ["accepted"]
    assert firm.suggestions(state="declined") == [] and len(firm.risks()) == 1


def test_an_accepted_one_is_neither_declined_nor_reopened(firm):
    asset = firm.asset("laptop")
    accepted = firm.decide("accept", (asset["id"], "device-lost"))["results"][0]
    for word in ("decline", "reopen"):
        (result,) = firm.decide(word, (asset["id"], "device-lost"))["results"]
        assert (result["result"], result["risk_id"]) == ("not_allowed", accepted["risk_id"])
    assert len(firm.risks()) == 1


def test_a_deleted_risk_opens_its_suggestion_again(firm):
    asset = firm.asset("laptop")
    risk = firm.decide("accept", (asset["id"], "device-lost"))["results"][0]["risk_id"]
    firm.owner.delete(f"{firm.path}/risks/{risk}", if_match="*", expect=204)
    assert "device-lost" in firm.threats()
    assert results(firm.decide("accept", (asset["id"], "device-lost"))) == ["accepted"]


def test_a_risk_entered_by_hand_with_its_threat_counts(firm):
    asset = firm.asset("laptop")
    body = {"asset_id": asset["id"], "title": "置き忘れ", "impact": 3, "likelihood": 3, "threat_code": "device-lost"}
    risk = firm.owner.post(f"{firm.path}/risks", body, expect=201).json()
    assert (risk["origin"], risk["threat_code"]) == ("manual", "device-lost") and "device-lost" not in firm.threats()
    assert [r["id"] for r in firm.owner.pages(f"{firm.path}/risks?threat_code=device-lost")] == [risk["id"]]
    firm.owner.patch(f"{firm.path}/risks/{risk['id']}", {"threat_code": None}, if_match="*", expect=200)
    assert "device-lost" in firm.threats()


def test_an_unknown_threat_of_a_risk_is_refused(firm):
    reply = firm.owner.post(f"{firm.path}/risks", {"title": "x", "impact": 3, "likelihood": 3, "threat_code": "no-such-threat"}, expect=422)
    assert [(e["pointer"], e["code"]) for e in reply.json()["errors"]] == [("/threat_code", "not_found_reference")]


# ---------------------------------------------------------------- coverage

def test_coverage_of_nothing(firm):
    coverage = firm.coverage()
    assert (coverage["assets"], coverage["percent"], coverage["kinds"], coverage["suggestions"]["total"]) == (0, 0, [], 0)


def test_coverage_shows_assets_without_risk_and_types_uncovered(firm):
    laptop, second, office = firm.asset("laptop"), firm.asset("laptop"), firm.asset("office")
    firm.decide("accept", (laptop["id"], "device-lost"))
    firm.decide("decline", (laptop["id"], "executive-travel"), (second["id"], "executive-travel"))
    coverage = firm.coverage()
    assert (coverage["assets"], coverage["with_risk"], coverage["without_risk"], coverage["percent"]) == (3, 1, 2, 33)
    assert [a["id"] for a in coverage["assets_without_risk"]] == [second["id"], office["id"]]
    assert coverage["uncovered_kinds"] == ["office"]
    counts = coverage["suggestions"]
    assert (counts["accepted"], counts["declined"], counts["open"]) == (1, 2, len(firm.suggestions()))
    assert counts["total"] == counts["open"] + 3 and counts["percent"] == 3 * 100 // counts["total"]
    laptops = next(k for k in coverage["kinds"] if k["kind"] == "laptop")
    assert (laptops["assets"], laptops["with_risk"], laptops["accepted"], laptops["declined"]) == (2, 1, 1, 2)
    assert laptops["title_ja"] == "ノートパソコン"


def test_coverage_leaves_out_what_is_retired_or_outside(firm):
    firm.asset("laptop", status="retired"), firm.asset("office", in_scope=False)
    assert firm.coverage()["assets"] == 0 and firm.coverage()["suggestions"]["total"] == 0


def test_a_client_user_decides_for_his_client(system):
    firm = Firm(system)
    asset = firm.asset("laptop")
    made = firm.owner.call("createMember", {"email": f"user-{firm.id[:13]}@meguri.example", "name": "x", "role": "client_member",
                                            "client_id": firm.id}, expect=201).json()
    password = "a password that is long enough"
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": password}, expect=204)
    firm.owner = system.sign_in(made["email"], password)
    assert results(firm.decide("accept", (asset["id"], "device-lost"))) == ["accepted"]
    (suggestion,) = firm.suggestions(state="accepted")
    assert suggestion["decided"]["member_id"] == made["id"]
