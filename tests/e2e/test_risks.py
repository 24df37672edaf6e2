"""Criteria and risks: three methods, what other criteria change, inherent, current and residual, acceptance that ends, map and trend."""
import itertools
import math
import uuid

import pytest

PASSWORD = "a password that is long enough"
NOW = "2025-03-03T09:00:00+09:00"
MATRIX = [[1, 2, 3], [2, 4, 6], [4, 7, 9]]


def colleague(system, owner, role="consultant", **rest):
    email = f"{uuid.uuid4().hex[:8]}@meguri.example"
    made = owner.call("createMember", {"email": email, "name": "別の人", "role": role, **rest}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    return system.sign_in(email, PASSWORD)


@pytest.fixture(scope="module")
def owner(start_system):
    system = start_system(clock=NOW)
    owner = system.owner()
    owner.system = system
    owner.other = colleague(system, owner, "admin")
    return owner


class Firm:
    def __init__(self, owner):
        self.owner = owner
        self.id = owner.call("createClient", {"name": "青葉精機"}, expect=201).json()["id"]

    def call(self, operation, body=None, expect=200, caller=None, **rest):
        return (caller or self.owner).call(operation, body, client_id=self.id, expect=expect, **rest)

    def criteria(self, expect=200, **patch):
        return self.call("updateRiskCriteria", patch, expect=expect, if_match="*").json()

    def preview(self, expect=200, **patch):
        return self.call("previewRiskCriteria", patch, expect=expect).json()

    def risk(self, expect=201, **members):
        return self.call("createRisk", {"title": "盗難", "impact": 3, "likelihood": 2} | members, expect=expect).json()

    def get(self, risk):
        return self.call("getRisk", risk_id=risk["id"]).json()

    def change(self, risk, expect=200, **patch):
        return self.call("updateRisk", patch, expect=expect, risk_id=risk["id"], if_match="*").json()

    def accept(self, risk, expect=200, caller=None, **members):
        return self.call("acceptRisk", {"reason": "費用が見合わない", "accept_until": "2025-06-30"} | members, expect=expect,
                         caller=caller or self.owner.other, risk_id=risk["id"]).json()

    def list(self, **params):
        return list(self.owner.pages(f"/v1/clients/{self.id}/risks", params={"limit": 200} | params))

    def deadlines(self):
        return {d["kind"]: d for d in self.owner.pages(f"/v1/clients/{self.id}/deadlines")}


@pytest.fixture
def firm(owner):
    return Firm(owner)


def wrong(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


# ---------------------------------------------------------------- criteria

def test_without_criteria_of_its_own_a_client_has_the_products(firm):
    got = firm.call("getRiskCriteria").json()
    assert (got["source"], got["method"], got["threshold"], got["version"]) == ("built_in", "additive", 5, 0)
    assert [b["from"] for b in got["bands"]] == [2, 5, 8] and len(got["impact_labels"]) == 5


@pytest.mark.parametrize("patch, score", [
    ({"method": "additive"}, lambda i, l: i + l), ({"method": "multiplicative"}, lambda i, l: i * l),
    ({"method": "matrix", "impact_max": 3, "likelihood_max": 3, "matrix": MATRIX}, lambda i, l: MATRIX[i - 1][l - 1])])
def test_each_method_scores_every_pair_and_the_threshold_judges(firm, patch, score):
    got = firm.criteria(**patch, threshold=4)
    pairs = list(itertools.product(range(1, got["impact_max"] + 1), range(1, got["likelihood_max"] + 1)))
    for impact, likelihood in pairs:
        firm.risk(title=f"{impact}x{likelihood}", impact=impact, likelihood=likelihood)
    froms = [b["from"] for b in got["bands"]]
    for risk in firm.list():
        wanted = score(risk["impact"], risk["likelihood"])
        band = max(1, sum(1 for f in froms if f <= wanted))
        assert (risk["score"], risk["must_treat"], risk["band"]) == (wanted, wanted >= 4, band), risk["title"]


def test_other_criteria_score_what_is_there_as_if_it_were_entered_anew(owner, firm):
    pairs = list(itertools.product(range(1, 6), range(1, 6)))
    for impact, likelihood in pairs:
        firm.risk(title=f"{impact}{likelihood}", impact=impact, likelihood=likelihood, inherent_impact=5, residual_likelihood=1)
    patch = {"method": "multiplicative", "threshold": 9}
    firm.criteria(**patch)
    fresh = Firm(owner)
    fresh.criteria(**patch)
    for impact, likelihood in pairs:
        fresh.risk(title=f"{impact}{likelihood}", impact=impact, likelihood=likelihood, inherent_impact=5, residual_likelihood=1)
    derived = ("impact_used", "score", "band", "must_treat", "inherent_score", "residual_score")
    assert [[r[n] for n in derived] for r in firm.list(sort="title")] == [[r[n] for n in derived] for r in fresh.list(sort="title")]


def test_a_preview_says_what_would_change_and_stores_nothing(firm):
    for likelihood in (1, 2, 3):
        firm.risk(title=str(likelihood), impact=2, likelihood=likelihood)
    before = firm.list()
    preview = firm.preview(threshold=4)
    assert (preview["risks"], preview["must_treat_before"], preview["must_treat_after"]) == (3, 1, 2)
    assert [(c["title"], c["must_treat_before"], c["must_treat_after"]) for c in preview["changes"]][-1] == ("2", False, True)
    assert sum(b["count"] for b in preview["bands_after"]) == 3
    assert firm.list() == before and firm.call("getRiskCriteria").json()["version"] == 0
    firm.criteria(threshold=4)
    after = {r["id"]: r for r in firm.list()}
    assert {c["id"]: (c["score_after"], c["band_after"], c["must_treat_after"]) for c in preview["changes"]} == {
        i: (after[i]["score"], after[i]["band"], after[i]["must_treat"]) for i in (c["id"] for c in preview["changes"])}


def test_only_risks_whose_result_changes_get_a_version(firm):
    low, high = firm.risk(impact=1, likelihood=1), firm.risk(impact=2, likelihood=2)
    firm.criteria(threshold=4, bands=[{"from": 2, "ja": "低", "en": "low", "colour": "#00ff00"}, {"from": 4, "ja": "高", "en": "high", "colour": "#ff0000"}])
    assert (firm.get(low)["version"], firm.get(high)["version"]) == (1, 2)


def test_a_smaller_scale_is_refused_until_the_values_are_converted(firm):
    made = firm.risk(impact=5, likelihood=3)
    assert firm.preview(impact_max=3, likelihood_max=3, threshold=4)["outside_scale"] == 1
    problem = firm.criteria(expect=409, impact_max=3, likelihood_max=3, threshold=4)
    assert "rescale" in problem["detail"] and firm.get(made)["impact"] == 5
    firm.criteria(impact_max=3, likelihood_max=3, threshold=4, rescale=True)
    row = firm.get(made)
    assert (row["impact"], row["likelihood"], row["score"]) == (math.ceil(5 * 3 / 5), math.ceil(3 * 3 / 5), 5)
    assert wrong(firm.risk(expect=422, impact=4)) == {("/impact", "too_large")}


@pytest.mark.parametrize("patch, errors", [
    ({"threshold": 11}, {("/threshold", "too_large")}), ({"threshold": 1}, {("/threshold", "too_small")}),
    ({"method": "matrix"}, {("/matrix", "required")}), ({"matrix": MATRIX}, {("/matrix", "not_allowed_here")}),
    ({"method": "matrix", "matrix": MATRIX}, {("/matrix", "inconsistent"), ("/matrix/0", "inconsistent"), ("/matrix/1", "inconsistent"),
                                              ("/matrix/2", "inconsistent")}),
    ({"method": "matrix", "impact_max": 2, "likelihood_max": 2, "matrix": [[3, 2], [2, 4]], "threshold": 3},
     {("/matrix/0/1", "too_small"), ("/matrix/1/0", "too_small")}),
    ({"impact_labels": [{"value": 1, "ja": "低", "en": "low"}, {"value": 2, "ja": "高", "en": "high"}]}, {("/impact_labels", "inconsistent")}),
    ({"bands": [{"from": 3, "ja": "低", "en": "low", "colour": "#00ff00"}, {"from": 3, "ja": "高", "en": "high", "colour": "#ff0000"}]},
     {("/bands/0/from", "too_large"), ("/bands/1/from", "too_small")}),
    ({"bands": [{"from": 2, "ja": "低", "en": "low", "colour": "green"}]}, {("/bands/0/colour", "pattern_mismatch")})])
def test_everything_wrong_with_criteria_is_named(firm, patch, errors):
    assert wrong(firm.criteria(expect=422, **patch)) == errors == wrong(firm.preview(expect=422, **patch))


def test_labels_and_bands_follow_a_new_scale_unless_they_are_given(firm):
    got = firm.criteria(impact_max=3, likelihood_max=4, threshold=4)
    assert [l["en"] for l in got["impact_labels"]] == ["limited", "moderate", "major"] and len(got["likelihood_labels"]) == 4
    assert [b["from"] for b in got["bands"]] == [2, 4, 6]


def test_the_consultancys_criteria_are_those_of_clients_without_their_own(start_system):
    owner = start_system(clock=NOW).owner()
    own, following = Firm(owner), Firm(owner)
    own.criteria(threshold=3)
    risks = [f.risk(impact=2, likelihood=3) for f in (own, following)]
    etag = following.call("getRiskCriteria").headers["etag"]
    owner.call("updateDefaultRiskCriteria", {"threshold": 6}, if_match='"v0"', expect=200)
    assert following.owner.get(f"/v1/clients/{following.id}/risk-criteria", headers={"If-None-Match": etag}).status_code == 200
    assert [f.get(r)["must_treat"] for f, r in zip((own, following), risks)] == [True, False]
    assert following.call("getRiskCriteria").json()["source"] == "consultancy"
    own.call("resetRiskCriteria", expect=204, if_match="*")
    assert own.call("getRiskCriteria").json()["threshold"] == 6 and not own.get(risks[0])["must_treat"]


def test_the_impact_may_come_from_what_the_asset_is_worth(firm):
    asset = firm.call("createAsset", {"name": "顧客データ", "confidentiality": 4, "integrity": 2, "availability": 1}, expect=201).json()["id"]
    leak = firm.risk(asset_id=asset, impact=1, likelihood=2, affects=["confidentiality"])
    outage = firm.risk(asset_id=asset, impact=1, likelihood=2, affects=["availability", "integrity"])
    loose = firm.risk(impact=3, likelihood=2)
    firm.criteria(impact_basis="cia")
    assert [(firm.get(r)["impact_used"], firm.get(r)["score"]) for r in (leak, outage, loose)] == [(4, 6), (2, 4), (3, 5)]
    firm.call("updateAsset", {"confidentiality": 5}, asset_id=asset, if_match="*")
    assert firm.get(leak)["score"] == 7 and firm.get(outage)["version"] == 2
    made = firm.call("createRisk", {"title": "漏えい", "likelihood": 1, "asset_id": asset}, expect=201).json()
    assert made["impact_used"] == 5
    assert wrong(firm.call("createRisk", {"title": "x", "likelihood": 1}, expect=422).json()) == {("/impact", "required")}


# ---------------------------------------------------------------- risks

def test_inherent_and_residual_fall_back_on_the_current_values(firm):
    made = firm.risk(impact=3, likelihood=3, inherent_likelihood=5, residual_impact=2, residual_likelihood=1)
    assert (made["inherent_score"], made["score"], made["residual_score"]) == (8, 6, 3)
    assert firm.risk()["inherent_score"] is None


def test_lists_are_filtered_by_band_owner_and_what_must_be_treated(firm):
    person = firm.call("createPerson", {"name": "鈴木 一郎"}, expect=201).json()["id"]
    ids = [firm.risk(impact=i, likelihood=i, owner_person_id=person if i == 2 else None)["id"] for i in (1, 2, 3, 5)]
    assert [r["id"] for r in firm.list(band=3)] == [ids[3]] and [r["id"] for r in firm.list(owner_person_id=person)] == [ids[1]]
    assert {r["id"] for r in firm.list(must_treat="true")} == set(ids[2:]) and [r["score"] for r in firm.list(sort="-score")] == [10, 6, 4, 2]


def test_a_review_day_is_a_deadline(firm):
    made = firm.risk(review_on="2025-09-01")
    assert firm.deadlines()["risk_reassessment"]["due_on"] == "2025-09-01"
    firm.change(made, status="closed")
    assert firm.deadlines()["risk_reassessment"]["status"] != "open"


def test_the_map_counts_every_cell(firm):
    for impact, likelihood in ((3, 2), (3, 2), (5, 5), (1, 1)):
        firm.risk(impact=impact, likelihood=likelihood, residual_impact=1, residual_likelihood=1)
    closed = firm.risk(impact=3, likelihood=2)
    firm.change(closed, status="closed")
    found = firm.call("getRiskHeatMap").json()
    cells = {(c["impact"], c["likelihood"]): c for c in found["cells"]}
    assert len(cells) == 25 and found["total"] == 4
    assert (cells[3, 2]["count"], cells[3, 2]["score"], cells[3, 2]["must_treat"]) == (2, 5, True) and cells[2, 2]["count"] == 0
    residual = firm.call("getRiskHeatMap", params={"of": "residual"}).json()
    assert {(c["impact"], c["likelihood"]): c["count"] for c in residual["cells"] if c["count"]} == {(1, 1): 4}


def test_the_trend_and_the_evaluations_come_from_the_history(start_system):
    system = start_system(clock="2025-01-10T09:00:00+09:00")
    firm = Firm(system.owner())
    email = firm.owner.consultancy["email"]
    first = firm.risk(impact=5, likelihood=4)
    for clock, act in (("2025-02-10", lambda: firm.risk(impact=2, likelihood=2)), ("2025-03-10", lambda: firm.change(first, likelihood=1)),
                       ("2025-04-10", lambda: firm.criteria(threshold=7))):
        system.set_clock(f"{clock}T09:00:00+09:00")
        firm.owner = system.sign_in(email)
        act()
    months = firm.call("getRiskTrend", params={"months": 5}).json()["months"]
    assert [(m["month"], m["total"], m["must_treat"], m["score_sum"]) for m in months] == [
        ("2024-12", 0, 0, 0), ("2025-01", 1, 1, 9), ("2025-02", 2, 1, 13), ("2025-03", 2, 1, 10), ("2025-04", 2, 0, 10)]
    rows = firm.owner.pages(f"/v1/clients/{firm.id}/risks/{first['id']}/evaluations")
    assert [(r["kind"], r["score"], r["must_treat"]) for r in rows] == [
        ("risk.created", 9, True), ("risk.changed", 6, True), ("risk.evaluated", 6, False)]


# ---------------------------------------------------------------- acceptance

def test_who_entered_or_evaluated_a_risk_does_not_accept_it(firm, owner):
    made = firm.risk()
    assert "entered" in firm.accept(made, expect=409, caller=owner)["detail"]
    firm.call("updateRisk", {"likelihood": 4}, caller=owner.other, risk_id=made["id"], if_match="*")
    assert "evaluated" in firm.accept(made, expect=409)["detail"]
    third = colleague(owner.system, owner, "admin")
    row = firm.accept(made, caller=third)
    assert (row["status"], row["accepted_on"], row["accept_until"], row["accept_reason"]) == ("accepted", "2025-03-03", "2025-06-30", "費用が見合わない")
    assert firm.deadlines()["risk_acceptance"]["due_on"] == "2025-06-30"


def test_accepted_is_no_status_to_write(firm):
    assert wrong(firm.risk(expect=422, status="accepted")) == {("/status", "not_allowed_here")}
    assert wrong(firm.change(firm.risk(), expect=422, status="accepted")) == {("/status", "not_allowed_here")}


def test_an_acceptance_ends_in_the_future_and_has_a_reason(firm):
    made = firm.risk()
    assert wrong(firm.accept(made, expect=422, accept_until="2025-03-03")) == {("/accept_until", "in_past")}
    assert wrong(firm.accept(made, expect=422, reason="")) == {("/reason", "too_short")}


def test_after_its_last_day_an_accepted_risk_reads_as_open(start_system):
    system = start_system(clock=NOW)
    owner = system.owner()
    owner.other = colleague(system, owner, "admin")
    firm = Firm(owner)
    made = firm.risk()
    firm.accept(made, accept_until="2025-03-31")
    for day, status in (("2025-03-31", "accepted"), ("2025-04-01", "open")):
        system.set_clock(f"{day}T09:00:00+09:00")
        firm.owner = system.sign_in(owner.consultancy["email"])
        assert firm.get(made)["status"] == status and [r["id"] for r in firm.list(status=status)] == [made["id"]]


def test_a_higher_score_or_a_word_ends_an_acceptance(firm):
    raised, withdrawn = firm.risk(), firm.risk()
    firm.accept(raised)
    firm.accept(withdrawn)
    assert firm.change(raised, likelihood=4)["status"] == "open"
    row = firm.call("withdrawRiskAcceptance", caller=firm.owner.other, risk_id=withdrawn["id"]).json()
    assert (row["status"], row["accepted_by"], row["accept_until"]) == ("open", None, None)
    assert firm.call("withdrawRiskAcceptance", expect=409, caller=firm.owner.other, risk_id=withdrawn["id"]).json()["code"] == "state_not_allowed"
    assert firm.deadlines()["risk_acceptance"]["status"] != "open"


def test_criteria_that_raise_the_score_end_an_acceptance_and_its_deadline(firm):
    made = firm.risk(impact=3, likelihood=3)
    firm.accept(made)
    firm.criteria(method="multiplicative", threshold=9)
    assert firm.get(made)["status"] == "open" and firm.deadlines()["risk_acceptance"]["status"] != "open"
