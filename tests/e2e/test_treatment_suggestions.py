"""Treatments of the catalogue become the client's rules: for many risks at once, linked, planned with owner and date."""
import pytest

from test_suggestions import Firm


@pytest.fixture
def firm(system):
    """A firm with a laptop whose suggested risks are accepted, and somebody to do the work."""
    firm = Firm(system)
    firm.laptop = firm.asset("laptop")
    firm.decide("accept", filter={})
    firm.person = firm.owner.post(f"{firm.path}/people", {"name": "鈴木 一郎"}, expect=201).json()["id"]
    return firm


def suggested(firm, **params):
    return list(firm.owner.pages(f"{firm.path}/treatment-suggestions", params={"limit": 200} | params))


def accept(firm, *items, expect=200, **rest):
    return firm.owner.post(f"{firm.path}/treatment-suggestions/accept", {"items": list(items)} | rest, expect=expect).json()


def planned(firm, code, **rest):
    return {"code": code, "owner_person_id": firm.person, "due_on": "2030-06-28"} | rest


def rules(firm):
    return {t["origin"]: t for t in firm.owner.pages(f"{firm.path}/treatments")}


def risks_of(firm, rule):
    return {k["risk_id"] for k in firm.owner.pages(f"{firm.path}/treatments/{rule['id']}/risks")}


def answered_by(firm, code):
    """The firm's risks whose threat this treatment of the catalogue answers."""
    threats = firm.owner.get(f"/v1/catalogues/treatments/items/{code}", expect=200).json()["threats"]
    return {risk["id"] for risk in firm.risks() if risk["threat_code"] in threats}


def test_every_treatment_of_the_open_risks_is_suggested_with_them(firm):
    found = {s["code"]: s for s in suggested(firm)}
    catalogue = list(firm.owner.pages("/v1/catalogues/treatments/items", params={"limit": 200}))
    threats = {risk["threat_code"] for risk in firm.risks()}
    assert set(found) == {t["code"] for t in catalogue if threats & set(t["threats"])}
    for code in ("disk-encryption", "screen-lock"):
        assert {risk["id"] for risk in found[code]["risks"]} == answered_by(firm, code)
        assert found[code]["risk_count"] == len(found[code]["risks"]) and found[code]["treatment_id"] is None


def test_what_answers_the_most_risks_comes_first(firm):
    counts = [s["risk_count"] for s in suggested(firm, limit=20)]
    assert counts == sorted(counts, reverse=True) and counts[0] > 1
    assert [s["code"] for s in suggested(firm, sort="code", limit=7)] == sorted(s["code"] for s in suggested(firm))


def test_treatments_of_one_risk_one_asset_one_option(firm):
    risk = next(r for r in firm.risks() if r["threat_code"] == "device-lost")
    assert "disk-encryption" in {s["code"] for s in suggested(firm, risk_id=risk["id"])}
    assert {s["risk_count"] for s in suggested(firm, risk_id=risk["id"])} == {1}
    assert len(suggested(firm, asset_id=firm.laptop["id"])) == len(suggested(firm))
    assert suggested(firm, asset_id=firm.person) == []
    assert {s["option"] for s in suggested(firm, option="avoid")} == {"avoid"}
    assert {s["effort"] for s in suggested(firm, effort="low")} == {"low"}


def test_an_accepted_one_is_a_rule_for_all_its_risks(firm):
    report = accept(firm, planned(firm, "disk-encryption", review_months=12))
    rule = rules(firm)["disk-encryption"]
    assert (report["results"][0]["result"], report["results"][0]["treatment_id"], report["created"]) == ("created", rule["id"], 1)
    item = firm.owner.get("/v1/catalogues/treatments/items/disk-encryption").json()
    assert (rule["title"], rule["text_ja"], rule["text_en"], rule["controls"]) == (
        item["title_ja"], item["text_ja"], item["text_en"], item["controls"])
    assert (rule["number"], rule["state"], rule["owner_person_id"], rule["due_on"], rule["review_months"]) == (
        "T-0001", "planned", firm.person, "2030-06-28", 12)
    assert risks_of(firm, rule) == answered_by(firm, "disk-encryption") and report["linked"] == len(risks_of(firm, rule))
    assert "disk-encryption" not in {s["code"] for s in suggested(firm)}
    revisions = list(firm.owner.pages(f"{firm.path}/treatments/{rule['id']}/revisions"))
    assert [(r["revision"], r["text_ja"]) for r in revisions] == [(1, item["text_ja"])]


def test_its_day_is_a_deadline(firm):
    accept(firm, planned(firm, "disk-encryption"), {"code": "screen-lock", "state": "implemented", "review_months": 12})
    deadlines = [d for d in firm.owner.pages(f"/v1/deadlines?client_id={firm.id}") if d["kind"].startswith("treatment")]
    assert ("treatment", "2030-06-28") in {(d["kind"], d["raw_on"]) for d in deadlines}
    assert [d["kind"] for d in deadlines if "画面" in d["title_ja"] or "ロック" in d["title_ja"]] == ["treatment_review"]


def test_accepting_again_changes_nothing(firm):
    first = accept(firm, planned(firm, "disk-encryption"))
    again = accept(firm, planned(firm, "disk-encryption"), planned(firm, "disk-encryption"))
    assert [r["result"] for r in again["results"]] == ["unchanged", "unchanged"] and (again["created"], again["linked"]) == (0, 0)
    assert {r["treatment_id"] for r in again["results"]} == {first["results"][0]["treatment_id"]} and len(rules(firm)) == 1


def test_the_same_code_twice_makes_one_rule(firm):
    report = accept(firm, planned(firm, "disk-encryption"), planned(firm, "disk-encryption"))
    assert [r["result"] for r in report["results"]] == ["created", "unchanged"]
    assert len({r["treatment_id"] for r in report["results"]}) == len(rules(firm)) == 1


def test_a_new_risk_is_added_to_the_rule_that_is_there(firm):
    accept(firm, planned(firm, "disk-encryption"))
    second = firm.asset("laptop")
    firm.decide("accept", (second["id"], "device-lost"))
    (suggestion,) = [s for s in suggested(firm) if s["code"] == "disk-encryption"]
    rule = rules(firm)["disk-encryption"]
    assert (suggestion["treatment_id"], suggestion["risk_count"]) == (rule["id"], 1)
    report = accept(firm, planned(firm, "disk-encryption"))
    assert (report["results"][0]["result"], report["linked"], len(rules(firm))) == ("linked", 1, 1)
    assert risks_of(firm, rule) == answered_by(firm, "disk-encryption")


def test_only_the_risks_that_are_named_are_linked(firm):
    risk = next(r for r in firm.risks() if r["threat_code"] == "device-lost")
    accept(firm, planned(firm, "disk-encryption", risk_ids=[risk["id"]]))
    assert risks_of(firm, rules(firm)["disk-encryption"]) == {risk["id"]}


def test_many_at_once(firm):
    codes = [s["code"] for s in suggested(firm) if s["option"] != "accept"]
    report = accept(firm, *[planned(firm, code) for code in codes])
    assert report["created"] == len(codes) and set(rules(firm)) == set(codes)
    assert {s["option"] for s in suggested(firm)} <= {"accept"}
    assert sorted(t["number"] for t in rules(firm).values()) == [f"T-{n:04}" for n in range(1, len(codes) + 1)]


def test_what_is_planned_needs_owner_and_day(firm):
    problems = accept(firm, {"code": "disk-encryption"}, {"code": "screen-lock", "state": "implemented"}, expect=422)["errors"]
    assert {(p["pointer"], p["code"]) for p in problems} == {("/items/0/owner_person_id", "required"), ("/items/0/due_on", "required")}
    assert rules(firm) == {}


def test_accepting_a_risk_as_it_is_needs_neither(firm):
    assert accept(firm, {"code": "accept-wear"})["created"] == 1
    assert rules(firm)["accept-wear"]["option"] == "accept"


def test_what_does_not_exist_is_named(system, firm):
    other = Firm(system)
    risk = other.owner.post(f"{other.path}/risks", {"title": "x", "impact": 2, "likelihood": 2}, expect=201).json()["id"]
    problems = accept(firm, planned(firm, "no-such-treatment"), planned(firm, "disk-encryption", owner_person_id=risk, risk_ids=[risk]),
                      expect=422)["errors"]
    assert {p["pointer"] for p in problems} == {"/items/0/code", "/items/1/owner_person_id", "/items/1/risk_ids/0"}
    assert {p["code"] for p in problems} == {"not_found_reference"}


def test_a_missing_client_comes_first(firm):
    firm.owner.post("/v1/clients/0199f3c2-0000-7000-8000-000000000000/treatment-suggestions/accept", {"items": [{"code": "disk-encryption"}]},
                    expect=404)


def test_closed_risks_ask_for_nothing(firm):
    for risk in firm.risks():
        firm.owner.patch(f"{firm.path}/risks/{risk['id']}", {"status": "closed"}, if_match="*", expect=200)
    assert suggested(firm) == []


# ---------------------------------------------------------------- declining

def decide(firm, word, *codes, expect=200, **rest):
    body = rest | ({"items": [c if isinstance(c, dict) else {"code": c} for c in codes]} if codes else {})
    return firm.owner.post(f"{firm.path}/treatment-suggestions/{word}", body, expect=expect).json()


def results(report):
    return [r["result"] for r in report["results"]]


def codes(firm, **params):
    return {s["code"] for s in suggested(firm, **params)}


def test_what_is_declined_is_remembered_with_its_reason(firm):
    report = decide(firm, "decline", "disk-encryption", {"code": "screen-lock", "reason": "端末が自動で施錠する"}, reason="代替策がある")
    assert (results(report), report["changed"]) == (["declined", "declined"], 2)
    assert not {"disk-encryption", "screen-lock"} & codes(firm)
    found = {s["code"]: s for s in suggested(firm, state="declined")}
    assert {c: s["decided"]["reason"] for c, s in found.items()} == {"disk-encryption": "代替策がある", "screen-lock": "端末が自動で施錠する"}
    assert {s["decided"]["decision"] for s in found.values()} == {s["state"] for s in found.values()} == {"declined"}
    assert {s["decided"]["member_id"] for s in found.values()} == {firm.owner.session["member_id"]}


def test_it_does_not_come_back_with_another_risk(firm):
    decide(firm, "decline", "disk-encryption")
    second = firm.asset("laptop")
    firm.decide("accept", (second["id"], "device-lost"))
    assert "disk-encryption" not in codes(firm)


def test_it_is_still_listed_when_no_risk_asks_for_it(firm):
    decide(firm, "decline", "disk-encryption")
    for risk in firm.risks():
        firm.owner.patch(f"{firm.path}/risks/{risk['id']}", {"status": "closed"}, if_match="*", expect=200)
    (found,) = suggested(firm, state="declined")
    assert (found["code"], found["risk_count"], found["risks"]) == ("disk-encryption", 0, [])


def test_a_filter_declines_all_that_it_finds(firm):
    high, rest = codes(firm, effort="high"), codes(firm) - codes(firm, effort="high")
    report = decide(firm, "decline", filter={"effort": "high"}, reason="予算がない")
    assert {r["code"] for r in report["results"]} == high and report["changed"] == len(high) > 0
    assert codes(firm) == rest and codes(firm, state="declined") == high


def test_only_what_answers_that_risk(firm):
    risk = next(r for r in firm.risks() if r["threat_code"] == "device-lost")
    wanted = codes(firm, risk_id=risk["id"])
    decide(firm, "decline", filter={"risk_id": risk["id"]})
    assert codes(firm, state="declined") == wanted == codes(firm, state="declined", risk_id=risk["id"])


def test_deciding_again_changes_nothing(firm):
    assert results(decide(firm, "decline", "disk-encryption", "disk-encryption", reason="a")) == ["declined", "already_declined"]
    report = decide(firm, "decline", "disk-encryption", reason="b")
    assert (results(report), report["unchanged"]) == (["already_declined"], 1)
    assert suggested(firm, state="declined")[0]["decided"]["reason"] == "a"


def test_reopened_ones_are_suggested_again(firm):
    before = suggested(firm)
    decide(firm, "decline", filter={})
    assert suggested(firm) == []
    report = decide(firm, "reopen", "disk-encryption", "disk-encryption")
    assert results(report) == ["reopened", "already_open"] and codes(firm) == {"disk-encryption"}
    decide(firm, "reopen", filter={})
    assert suggested(firm) == before and suggested(firm, state="declined") == []


def test_a_declined_one_may_be_accepted_after_all(firm):
    decide(firm, "decline", "disk-encryption")
    accept(firm, planned(firm, "disk-encryption"))
    assert "disk-encryption" in rules(firm) and suggested(firm, state="declined") == []


def test_accepted_ones_are_those_with_a_rule(firm):
    accept(firm, planned(firm, "disk-encryption"), planned(firm, "remote-wipe"))
    found = {s["code"]: s for s in suggested(firm, state="accepted")}
    assert set(found) == {"disk-encryption", "remote-wipe"}
    rule = rules(firm)["disk-encryption"]
    assert found["disk-encryption"]["treatment_id"] == rule["id"] and found["disk-encryption"]["state"] == "accepted"
    assert {r["id"] for r in found["disk-encryption"]["risks"]} == risks_of(firm, rule)
    assert {s["state"] for s in suggested(firm)} == {"open"}


def test_what_can_not_be_declined_says_why(firm):
    accept(firm, planned(firm, "disk-encryption"))
    every = {t["code"] for t in firm.owner.pages("/v1/catalogues/treatments/items", params={"limit": 200})}
    idle = min(every - codes(firm) - {"disk-encryption"})
    report = decide(firm, "decline", "disk-encryption", idle, "no-such-treatment")
    assert results(report) == ["not_allowed", "not_suggested", "not_found"] and report["refused"] == 3
    assert suggested(firm, state="declined") == []


def test_items_or_a_filter(firm):
    decide(firm, "decline", expect=422)
    decide(firm, "reopen", "disk-encryption", filter={}, expect=422)


@pytest.mark.parametrize("word", ["decline", "reopen"])
def test_decisions_of_a_missing_client(firm, word):
    firm.owner.post(f"/v1/clients/0199f3c2-0000-7000-8000-000000000000/treatment-suggestions/{word}", {}, expect=404)
