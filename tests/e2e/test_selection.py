"""Choosing a certification body: bodies with their own rules, quotes with cost and audit-day check, the estimate, comparison and choice."""
import datetime
import math

import pytest

NOW = "2025-03-03T10:00:00+09:00"
TABLE = [(10, 5), (15, 6), (25, 7), (45, 8.5), (65, 10), (85, 11), (125, 12), (175, 13), (275, 14), (425, 15), (625, 16.5), (875, 17.5)]


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock=NOW)


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture
def client(owner):
    return owner.call("createClient", {"name": "株式会社ミナト", "headcount": 48}, expect=201).json()["id"]


@pytest.fixture
def body(owner, request):
    return new_body(owner, f"審査機構 {request.node.name}"[:200])


def new_body(owner, name, **members):
    return owner.call("createCertificationBody", {"name": name} | members, expect=201).json()["id"]


DAYS = {"stage1": 3.5, "stage2": 6.5, "surveillance1": 3.5, "surveillance2": 3.5, "recertification": 6.5}


def new_quote(owner, client, body, expect=201, **members):
    given = {"body_id": body, "schemes": ["iso27001-2022"], "currency": "JPY", "day_rate": 100000, "days": DAYS} | members
    return owner.call("createQuote", {k: v for k, v in given.items() if v is not ...}, client_id=client, expect=expect).json()


def change(owner, client, quote, body, expect=200):
    return owner.call("updateQuote", body, client_id=client, quote_id=quote, if_match="*", expect=expect).json()


def compare(owner, client, **params):
    return owner.get(f"/v1/clients/{client}/quotes/comparison", params=params, expect=200).json()


def estimate(owner, client, **params):
    return owner.get(f"/v1/clients/{client}/audit-day-estimate", params=params, expect=200).json()


def set_facts(owner, client, expect=200, **members):
    return owner.call("updateAuditDayFacts", members, client_id=client, if_match="*", expect=expect).json()


def pointers(problem):
    return {(e["pointer"], e["code"]) for e in problem["errors"]}


# ---------------------------------------------------------------- bodies

def test_a_body_says_what_it_offers_and_where_its_rules_are_written(owner):
    made = owner.call("createCertificationBody", {
        "name": "東都認証", "accreditation_body": "ISMS-AC", "accreditation": "ISR042",
        "standards": [{"scheme": "iso27001-2022"}, {"scheme": "iso27017"}, {"scheme": "iso27701", "edition": "2019", "accredited": True}, {"scheme": "pmark"}],
        "policies": {"notice_days_before": 45, "anchor": "stage2_last_day", "busy_months": [3, 12]},
        "policy_sources": {"notice_days_before": "認証規程 第12条"}, "day_rate": 130000, "currency": "JPY", "travel_policy": "実費",
        "lead_time_days": 90, "same_auditor": True, "contacts": [{"name": "田中", "email": "tanaka@toto.example"}], "notes": "夏は早い"}, expect=201)
    row = made.json()
    assert owner.get(made.headers["location"], expect=200).json() == row
    assert row["standards"][2] == {"scheme": "iso27701", "edition": "2019", "accredited": True}
    assert row["policies_without_source"] == ["anchor", "busy_months"]
    assert [row["id"]] == [b["id"] for b in owner.pages("/v1/certification-bodies", params={"scheme": "pmark"})]


def test_every_rule_of_a_body_that_product_rules_name_is_a_policy(owner):
    named = {p["name"] for p in owner.get("/v1/policies/effective", expect=200).json()["data"]}
    assert {"surv_before_months", "surv_after_months", "recert_before_months", "recert_latest_months", "anchor", "major_plan_days", "major_evidence_days",
            "minor_plan_days", "minor_evidence_days", "notice_days_before", "max_suspension_months", "audit_time_round", "ia_mr_required_before",
            "busy_months", "stage1_share_pct", "early_threshold_months", "quote_deviation_pct"} <= named


def test_a_source_note_names_a_value_that_exists(owner):
    problem = owner.call("createCertificationBody", {"name": "x1", "policy_sources": {"colour": "p. 3"}}, expect=422).json()
    assert pointers(problem) == {("/policy_sources/colour", "unknown_member")}


def test_a_source_note_goes_with_its_value(owner):
    made = new_body(owner, "出典", policies={"notice_days_before": 45, "restore_months": 3}, policy_sources={"notice_days_before": "第1条", "restore_months": "第2条"})
    row = owner.call("updateCertificationBody", {"policies": {"notice_days_before": None}}, body_id=made, if_match="*", expect=200).json()
    assert row["policy_sources"] == {"restore_months": "第2条"} and row["policies"] == {"restore_months": 3}


def test_a_value_in_force_says_where_it_is_written(owner):
    made = new_body(owner, "規程", policies={"notice_days_before": 45, "restore_months": 3}, policy_sources={"notice_days_before": "第1条"})
    rows = {p["name"]: p for p in owner.get("/v1/policies/effective", params={"body_id": made}, expect=200).json()["data"]}
    assert [rows[n]["source_note"] for n in ("notice_days_before", "restore_months", "anchor")] == ["第1条", None, None]


def test_a_body_with_quotes_is_not_deleted(owner, client, body):
    new_quote(owner, client, body)
    owner.call("deleteCertificationBody", body_id=body, if_match="*", expect=409)


# ---------------------------------------------------------------- what a quote costs

def test_three_years_are_the_sum_of_what_each_year_brings(owner, client, body):
    quote = new_quote(owner, client, body, day_rate=130000, travel_per_audit=12000, fees={"application": 50000, "registration": 80000, "yearly": 30000},
                      other_expenses=[{"label": "証書", "amount": 5000, "year": 1}, {"label": "システム利用料", "amount": 1000}])
    cost = quote["cost"]
    assert [y["total"] for y in cost["years"]] == [10 * 130000 + 2 * 12000 + 160000 + 6000, 455000 + 12000 + 30000 + 1000, 455000 + 12000 + 30000 + 1000]
    assert cost["three_year_total"] == sum(y["total"] for y in cost["years"])
    assert cost["following_recertification"] == 6.5 * 130000 + 12000
    assert cost["total_with_recertification"] == cost["three_year_total"] + cost["following_recertification"]
    assert (cost["auditor_days"], cost["decimals"], cost["missing"]) == (17, 0, [])


@pytest.mark.parametrize("basis, years, following", [
    ("initial", [["stage1", "stage2"], ["surveillance1"], ["surveillance2"]], 650000),
    ("recertification", [["recertification"], ["surveillance1"], ["surveillance2"]], 650000),
    ("transfer", [["surveillance1"], ["surveillance2"], ["recertification"]], None)])
def test_the_first_year_is_what_the_quote_is_for(owner, client, body, basis, years, following):
    cost = new_quote(owner, client, body, basis=basis)["cost"]
    assert [[a["audit"] for a in y["audits"]] for y in cost["years"]] == years
    assert cost["following_recertification"] == following


def test_a_part_of_a_smallest_unit_is_rounded_half_up(owner, client, body):
    cost = new_quote(owner, client, body, day_rate=33, days=DAYS | {"stage1": 0.5, "stage2": 0.25})["cost"]
    assert [a["amount"] for a in cost["years"][0]["audits"]] == [17, 8]  # 16.5, 8.25


@pytest.mark.parametrize("currency, decimals", [("JPY", 0), ("USD", 2), ("EUR", 2), ("KWD", 3), ("KRW", 0)])
def test_the_smallest_unit_is_the_currencys(owner, client, body, currency, decimals):
    assert new_quote(owner, client, body, currency=currency)["cost"]["decimals"] == decimals


def test_tax_inside_is_taken_out_when_its_rate_is_known(owner, client, body):
    quote = new_quote(owner, client, body, day_rate=110000, tax_included=True, tax_pct=10)
    assert quote["cost"]["three_year_total"] == 17 * 110000
    assert quote["cost"]["three_year_total_without_tax"] == 17 * 100000
    assert change(owner, client, quote["id"], {"tax_pct": None})["cost"]["three_year_total_without_tax"] is None


def test_missing_days_are_named(owner, client, body):
    quote = new_quote(owner, client, body, days={"stage1": 1, "stage2": 2})
    assert quote["cost"]["missing"] == ["surveillance1", "surveillance2"]
    assert quote["days"] == {"stage1": 1, "stage2": 2, "surveillance1": None, "surveillance2": None, "recertification": None}


def test_a_quote_without_a_price_is_asked_for(owner, client, body):
    quote = new_quote(owner, client, body, day_rate=...)
    assert (quote["status"], quote["received_on"], quote["cost"]) == ("requested", None, None)
    received = change(owner, client, quote["id"], {"status": "received", "day_rate": 90000})
    assert (received["status"], received["received_on"], received["cost"]["three_year_total"]) == ("received", "2025-03-03", 17 * 90000)


def test_days_are_merged_one_by_one(owner, client, body):
    quote = new_quote(owner, client, body)
    changed = change(owner, client, quote["id"], {"days": {"surveillance1": 3, "recertification": None}})
    assert changed["days"] == DAYS | {"surveillance1": 3, "recertification": None}
    assert (changed["cost"]["three_year_total"], changed["version"]) == (1650000, 2)


@pytest.mark.parametrize("members, wrong", [
    ({"currency": "YEN"}, {("/currency", "not_in_list")}),
    ({"day_rate": 1000.5}, {("/day_rate", "wrong_type")}),
    ({"day_rate": -1}, {("/day_rate", "too_small")}),
    ({"days": {"stage1": 0.1}}, {("/days/stage1", "not_a_multiple")}),
    ({"schemes": []}, {("/schemes", "too_few_items")}),
    ({"schemes": ["iso9001"]}, {("/schemes/0", "not_in_list")}),
    ({"status": "chosen"}, {("/status", "not_in_list")}),
    ({"status": "received", "day_rate": None}, {("/day_rate", "required_with")}),
    ({"received_on": "2025-03-04"}, {("/received_on", "in_future")}),
    ({"received_on": "2025-03-01", "valid_until": "2025-02-28"}, {("/valid_until", "before_start")}),
    ({"tax_pct": 101, "lead_time_days": -1}, {("/tax_pct", "too_large"), ("/lead_time_days", "too_small")}),
    ({"body_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff"}, {("/body_id", "not_found_reference")})])
def test_what_is_wrong_with_a_quote_is_named(owner, client, body, members, wrong):
    assert pointers(new_quote(owner, client, body, expect=422, **members)) == wrong


def test_the_currencies_of_the_world_are_known(owner):
    known = owner.get("/openapi.json", expect=200).json()["components"]["schemas"]["Currency"]["enum"]
    assert len(known) == len(set(known)) > 150 and {"JPY", "USD", "EUR", "GBP", "CNY", "KRW", "SGD"} <= set(known)


def test_the_body_says_what_it_usually_does(owner, client):
    usual = new_body(owner, "通常", currency="USD", same_auditor=True)
    quote = new_quote(owner, client, usual, currency=...)
    assert (quote["currency"], quote["same_auditor_again"]) == ("USD", True)


def test_a_quote_as_of_then_is_what_it_was(system, owner, client, body):
    quote = new_quote(owner, client, body)
    system.set_clock("2025-03-04T10:00:00+09:00")
    try:
        later = system.sign_in(owner.consultancy["email"])
        change(later, client, quote["id"], {"day_rate": 1})
        then = later.get(f"/v1/clients/{client}/quotes/{quote['id']}", params={"as_of": "2025-03-03T12:00:00+09:00"}, expect=200).json()
        assert then == quote
        (listed,) = later.pages(f"/v1/clients/{client}/quotes", params={"as_of": "2025-03-03T12:00:00+09:00"})
        assert listed == quote
    finally:
        system.set_clock(NOW)


def test_a_stale_change_is_refused_with_the_present_version(owner, client, body):
    quote = new_quote(owner, client, body)
    change(owner, client, quote["id"], {"note": "x"})
    for operation, given in (("updateQuote", {"note": "y"}), ("deleteQuote", None)):
        refused = owner.call(operation, given, client_id=client, quote_id=quote["id"], if_match='"v1"', expect=412)
        assert refused.headers["etag"] == '"v2"'


# ---------------------------------------------------------------- the estimate

@pytest.mark.parametrize("persons, days", [(1, 5), *[(p, d) for p, d in TABLE], *[(p + 1, TABLE[i + 1][1]) for i, (p, _) in enumerate(TABLE[:-1])]])
def test_the_table_is_that_of_the_standard(owner, client, persons, days):
    answer = estimate(owner, client, headcount=persons)
    assert answer["table_days"] == answer["initial_days"] == days
    assert answer["stage1_days"] + answer["stage2_days"] == days


def test_the_finest_complete_count_is_taken(owner, client):
    assert (estimate(owner, client)["persons"]["source"], estimate(owner, client)["persons"]["headcount"]) == ("client", 48)
    owner.call("createSite", {"name": "本社", "kind": "head_office", "headcount": 40, "is_central_function": True}, client_id=client, expect=201)
    owner.call("createSite", {"name": "倉庫", "kind": "branch", "headcount": 99, "in_scope": False}, client_id=client, expect=201)
    assert (estimate(owner, client)["persons"]["source"], estimate(owner, client)["persons"]["headcount"]) == ("sites", 40)
    owner.call("createDepartment", {"name": "開発部", "headcount": 20}, client_id=client, expect=201)
    half = owner.call("createDepartment", {"name": "総務部"}, client_id=client, expect=201).json()
    assert estimate(owner, client)["persons"]["source"] == "sites"  # one department is not counted yet
    owner.call("updateDepartment", {"headcount": 5}, client_id=client, department_id=half["id"], if_match="*", expect=200)
    assert (estimate(owner, client)["persons"]["source"], estimate(owner, client)["persons"]["headcount"]) == ("departments", 25)
    set_facts(owner, client, headcount_source="client")
    assert estimate(owner, client)["persons"]["headcount"] == 48
    set_facts(owner, client, headcount=70)
    assert (estimate(owner, client)["persons"]["source"], estimate(owner, client)["table_days"]) == ("own", 11)


def test_identical_work_counts_as_its_square_root_per_activity(owner, client):
    set_facts(owner, client, headcount=112, identical_groups=[{"activity": "コールセンター", "persons": 50}, {"activity": "倉庫", "persons": 37}])
    persons = estimate(owner, client)["persons"]
    assert persons["effective"] == math.isqrt(49) + 1 + math.isqrt(36) + 1 + 25
    assert [g["counted"] for g in persons["identical_groups"]] == [8, 7] and persons["others"] == 25


@pytest.mark.parametrize("business, it, span, applied", [
    ([1, 1, 1], [1, 1, 1], (-10, -30), -10), ([1, 1, 2], [2, 2, 2], (-5, -10), -5), ([1, 2, 1], [3, 3, 3], (5, 20), 5),
    ([2, 2, 1], [1, 1, 2], (-5, -10), -5), ([2, 2, 2], [2, 2, 1], (0, 0), 0), ([2, 2, 2], [3, 3, 1], (10, 50), 10),
    ([3, 3, 1], [1, 1, 1], (5, 20), 5), ([3, 3, 3], [2, 2, 2], (10, 50), 10), ([3, 3, 3], [3, 3, 3], (20, 100), 20)])
def test_complexity_is_a_matrix_of_scores(owner, client, business, it, span, applied):
    set_facts(owner, client, headcount=60, complexity={"business": business, "it": it})
    answer = estimate(owner, client)
    assert (answer["complexity"]["from_pct"], answer["complexity"]["to_pct"]) == span and answer["applied_pct"] == applied
    ends = sorted(math.floor(2 * 10 * (100 + pct) / 100 + 0.5) / 2 for pct in span)
    assert [answer["ranges"]["initial_days"]["least"], answer["ranges"]["initial_days"]["most"]] == ends
    same = owner.post("/v1/calculations/audit-time", {"persons": 60, "complexity": {"business": business, "it": it}}, expect=200).json()
    assert {k: same[k] for k in ("initial_days", "surveillance_days", "stage1_days", "applied_pct")} == {
        k: answer[k] for k in ("initial_days", "surveillance_days", "stage1_days", "applied_pct")}


def test_integration_comes_last_and_goes_to_twenty_percent(owner, client):
    answer = estimate(owner, client, headcount=100, adjust_pct=10, integrated_pct=20)  # 12 -> 13 -> 10.5
    assert (answer["initial_days"], answer["surveillance_days"], answer["recertification_days"]) == (10.5, 3.5, 7)
    owner.get(f"/v1/clients/{client}/audit-day-estimate", params={"integrated_pct": 21}, expect=400)


def test_a_large_remote_share_wants_a_reason(owner, client):
    assert estimate(owner, client, remote_pct=30)["remote"]["needs_reason"] is False
    set_facts(owner, client, remote_pct=50)
    remote = estimate(owner, client)["remote"]
    assert (remote["needs_reason"], remote["remote_days"], remote["on_site_days"]) == (True, 5, 5)
    set_facts(owner, client, remote_reason="全員が在宅勤務")
    assert estimate(owner, client)["remote"]["needs_reason"] is False


@pytest.mark.parametrize("sites", [0, 1, 2, 3, 9, 10, 25, 100])
def test_sites_are_sampled_by_the_square_root(owner, client, sites):
    answer = estimate(owner, client, site_count=sites)["sites"]
    exact = {"initial": math.ceil(round(math.sqrt(sites), 9)), "surveillance": math.ceil(round(0.6 * math.sqrt(sites), 9)),
             "recertification": math.ceil(round(0.8 * math.sqrt(sites), 9))}
    assert {k: answer[k] for k in exact} == exact and answer["central_function"] is True
    every = estimate(owner, client, site_count=sites, sampling="false")["sites"]
    assert (every["initial"], every["surveillance"]) == (sites, math.ceil(sites * 3 / 10))


def test_sites_in_scope_are_counted_without_the_central_one(owner, client):
    for name, kind, central in (("本社", "head_office", True), ("大阪", "branch", False), ("福岡", "branch", False), ("自宅", "home", False)):
        owner.call("createSite", {"name": name, "kind": kind, "is_central_function": central}, client_id=client, expect=201)
    owner.call("createSite", {"name": "札幌", "kind": "branch", "closed_on": "2025-01-31"}, client_id=client, expect=201)
    assert estimate(owner, client)["sites"]["count"] == 2


def test_the_bodys_rounding_and_split_are_used(owner, client):
    up = new_body(owner, "切上げ", policies={"audit_time_round": "ceil_half", "stage1_share_pct": 25})
    answer = estimate(owner, client, headcount=20, adjust_pct=-10, body_id=up)  # 7 -> 6.3
    assert (answer["initial_days"], answer["stage1_days"], answer["surveillance_days"]) == (6.5, 2, 2.5)
    assert estimate(owner, client, headcount=20, adjust_pct=-10)["initial_days"] == 6.5 and answer["why"]["policy"]["audit_time_round"] == "ceil_half"
    owner.get(f"/v1/clients/{client}/audit-day-estimate", params={"body_id": client}, expect=404)


def test_nobody_counted_and_too_many_are_said(owner):
    empty = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    assert estimate(owner, empty)["problem"] == "no_headcount" and estimate(owner, empty)["initial_days"] is None
    assert estimate(owner, empty, headcount=10701)["problem"] == "above_table"


def test_every_step_names_its_rule(owner, client):
    set_facts(owner, client, complexity={"business": [1, 1, 1], "it": [1, 1, 1]}, identical_groups=[{"activity": "x", "persons": 9}], site_count=4,
              integrated_pct=10, remote_pct=40)
    steps = estimate(owner, client)["why"]["steps"]
    assert [s["rule"] for s in steps] == ["AT-01", "AT-05", "AT-01", "AT-02", "AT-08", "AT-04", "AT-03", "AT-06", "AT-07", "MS-01"]
    assert all(s["text_ja"] and s["text_en"] and s["source"] for s in steps)


def test_a_what_if_stores_nothing(owner, client):
    before = owner.get(f"/v1/clients/{client}/audit-day-facts", expect=200)
    estimate(owner, client, headcount=500, business="3,3,3", it="3,3,3")
    after = owner.get(f"/v1/clients/{client}/audit-day-facts", expect=200)
    assert before.json() == after.json() and before.json()["version"] == 0
    assert estimate(owner, client, business="3,3,3", it="3,3,3")["applied_pct"] == 20


def test_facts_carry_a_version(owner, client):
    first = owner.call("updateAuditDayFacts", {"headcount": 10}, client_id=client, if_match='"v0"', expect=200)
    assert (first.json()["version"], first.headers["etag"]) == (1, '"v1"')
    owner.call("updateAuditDayFacts", {"headcount": 11}, client_id=client, if_match='"v0"', expect=412)
    assert set_facts(owner, client, headcount=None)["headcount"] is None


@pytest.mark.parametrize("members, pointer", [
    ({"complexity": {"business": [1, 1], "it": [1, 1, 1]}}, "/complexity/business"), ({"complexity": {"business": [1, 1, 4], "it": [1, 1, 1]}}, "/complexity/business/2"),
    ({"integrated_pct": 21}, "/integrated_pct"), ({"adjust_pct": -31}, "/adjust_pct"), ({"identical_groups": [{"activity": "x", "persons": 0}]}, "/identical_groups/0/persons")])
def test_facts_out_of_bounds_are_named(owner, client, members, pointer):
    assert pointer in {p for p, _ in pointers(set_facts(owner, client, expect=422, **members))}


@pytest.mark.parametrize("given, pointer", [
    ({"persons": 5, "complexity": {"business": [1, 1, 1]}}, "/complexity/it"), ({"persons": 5, "integrated_pct": 21}, "/integrated_pct"),
    ({"persons": 5, "adjust_pct": 5, "complexity": {"business": [1, 1, 1], "it": [1, 1, 1]}}, "/adjust_pct"), ({"persons": 5, "remote_pct": 101}, "/remote_pct")])
def test_the_calculation_refuses_what_contradicts_itself(owner, given, pointer):
    assert pointer in {p for p, _ in pointers(owner.post("/v1/calculations/audit-time", given, expect=422).json())}


# ---------------------------------------------------------------- the warning

def test_a_quote_near_the_estimate_has_no_warning(owner, client, body):
    quote = new_quote(owner, client, body)
    assert quote["warning"] is None and quote["estimate"]["initial_days"] == 10


@pytest.mark.parametrize("days, code, audit, pct", [
    ({"stage1": 2, "stage2": 4}, "below_floor", "initial", -40), ({"stage1": 2.5, "stage2": 5}, "below_estimate", "initial", -25),
    ({"stage1": 4, "stage2": 10}, "above_estimate", "initial", 40), ({"surveillance1": 6}, "above_estimate", "surveillance1", 71),
    ({"recertification": 4}, "below_estimate", "recertification", -38)])
def test_a_quote_far_from_the_estimate_says_so(owner, client, body, days, code, audit, pct):
    warning = new_quote(owner, client, body, days=DAYS | days)["warning"]
    assert (warning["code"], warning["deviation_pct"], warning["threshold_pct"], [a["audit"] for a in warning["audits"]]) == (code, pct, 20, [audit])
    assert warning["message_ja"] and warning["message_en"] and warning["why"]["rules"][0] == "AT-01"


def test_the_threshold_is_a_policy_of_the_body(owner, client):
    strict = new_body(owner, "厳格", policies={"quote_deviation_pct": 10})
    assert new_quote(owner, client, strict, days=DAYS | {"stage2": 8})["warning"]["deviation_pct"] == 15
    lenient = new_body(owner, "寛容", policies={"quote_deviation_pct": 50})
    assert new_quote(owner, client, lenient, days=DAYS | {"stage2": 8})["warning"] is None


def test_more_standards_explain_more_days_but_not_fewer(owner, client, body):
    both = ["iso27001-2022", "iso27017-jp"]
    assert new_quote(owner, client, body, schemes=both, days=DAYS | {"stage2": 14})["warning"] is None
    assert new_quote(owner, client, body, schemes=both, days=DAYS | {"stage2": 2})["warning"]["code"] == "below_floor"


def test_another_standard_has_no_estimate(owner, client, body):
    quote = new_quote(owner, client, body, schemes=["pmark"])
    assert (quote["estimate"], quote["warning"]) == (None, None)


def test_the_warning_follows_the_head_count_of_today(owner, client, body):
    quote = new_quote(owner, client, body)
    owner.call("updateClient", {"headcount": 400}, client_id=client, if_match="*", expect=200)
    now = owner.call("getQuote", client_id=client, quote_id=quote["id"], expect=200).json()
    assert now["warning"]["code"] == "below_floor" and now["version"] == quote["version"]
    (listed,) = owner.pages(f"/v1/clients/{client}/quotes")
    assert listed == now


def test_inside_the_range_of_complexity_nothing_is_far(owner, client, body):
    set_facts(owner, client, complexity={"business": [3, 3, 3], "it": [3, 3, 3]})  # 12 to 20 days
    wide = {"stage1": 5, "stage2": 10, "surveillance1": 5, "surveillance2": 5, "recertification": 10}
    assert new_quote(owner, client, body, days=wide)["warning"] is None
    assert new_quote(owner, client, body)["warning"] is None  # 10 against 12: 17 %
    low = new_quote(owner, client, body, days=wide | {"stage2": 4})["warning"]
    assert (low["deviation_pct"], low["audits"][0]["nearest_days"]) == (-25, 12)


# ---------------------------------------------------------------- side by side

@pytest.fixture
def three(owner, client, request):
    name = request.node.name[:150]
    a = new_body(owner, f"A {name}", accreditation="ISR001", standards=[{"scheme": "iso27001-2022"}, {"scheme": "iso27017"}],
                 policies={"busy_months": [12]}, lead_time_days=30)
    b = new_body(owner, f"B {name}", standards=[{"scheme": "iso27001"}], policies={"busy_months": []}, lead_time_days=300)
    c = new_body(owner, f"C {name}")
    return {"a": new_quote(owner, client, a, day_rate=120000, same_auditor_again=True)["id"], "b": new_quote(owner, client, b, day_rate=100000)["id"],
            "usd": new_quote(owner, client, c, currency="USD", day_rate=90000)["id"]}


def by_id(group):
    return {q["quote_id"]: q for q in group["quotes"]}


def test_currencies_are_never_added_up(owner, client, three):
    groups = {g["currency"]: g for g in compare(owner, client)["groups"]}
    assert set(groups) == {"JPY", "USD"} and set(by_id(groups["USD"])) == {three["usd"]}
    assert (groups["JPY"]["decimals"], groups["USD"]["decimals"]) == (0, 2)


def test_the_cheapest_is_first_and_others_have_their_difference(owner, client, three):
    (group, _) = compare(owner, client)["groups"]
    assert group["cheapest_quote_id"] == three["b"] == group["quotes"][0]["quote_id"]
    assert [(q["difference"], q["difference_pct"]) for q in group["quotes"]] == [(0, 0), (17 * 20000, 20)]
    assert group["quotes"][1]["years"] == [1200000, 420000, 420000]


def test_what_differs_is_named(owner, client, three):
    (group, _) = compare(owner, client, target_date="2026-03-31")["groups"]
    assert {"same_auditor_again", "other_standards", "lead_time", "busy", "accreditation"} <= set(group["differs"])
    assert not {"schemes", "basis", "tax_included", "auditor_days", "validity"} & set(group["differs"])


def test_a_standard_needed_later_is_looked_for(owner, client, three):
    set_facts(owner, client, later_schemes=["iso22301"])
    rows = by_id(compare(owner, client, later="pmark")["groups"][0])
    assert {s["scheme"]: s["offered"] for s in rows[three["a"]]["other_standards"]} == {"iso27017": True, "iso27701": False, "iso22301": False, "pmark": False}
    assert rows[three["b"]]["other_standards"][-2] == {"scheme": "iso27017", "offered": False}
    unknown = compare(owner, client)["groups"][1]["quotes"][0]
    assert {s["offered"] for s in unknown["other_standards"]} == {None} and unknown["offers_quoted_schemes"] is None


def test_the_lead_time_is_held_against_the_target(owner, client, three):
    certification = owner.call("createCertification", {"scheme": "iso27001-2022", "target_date": "2025-12-26"}, client_id=client, expect=201).json()
    rows = by_id(compare(owner, client)["groups"][0])
    plan = owner.post("/v1/calculations/backplan", {"target_certificate_date": "2025-12-26", "variant": "ia_before_stage1", "today": "2025-03-03", "policy": {}},
                      expect=200).json()
    lead = rows[three["a"]]["lead_time"]
    assert (lead["earliest_on"], lead["needed_by"], lead["needed_for"], lead["fits"]) == ("2025-04-02", plan["stage1_first"], "certificate", True)
    assert rows[three["b"]]["lead_time"]["fits"] is False
    late = by_id(compare(owner, client, target_date="2026-12-25")["groups"][0])
    assert late[three["b"]]["lead_time"]["fits"] is True and certification["target_date"] == "2025-12-26"


def test_busy_months_are_the_bodys(owner, client, three):
    rows = by_id(compare(owner, client, target_date="2025-12-26")["groups"][0])
    (hit,) = [b for b in rows[three["a"]]["busy"] if b["busy"]]
    assert (hit["what"], hit["month"], hit["book_by"]) == ("certificate", 12, "2025-06-26")
    assert [b for b in rows[three["b"]]["busy"] if b["busy"]] == []


def test_a_certified_client_needs_the_auditor_in_the_next_window(owner, client, three):
    owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2024-09-20", "stage2_last_day": "2024-08-20"},
               client_id=client, expect=201)
    lead = by_id(compare(owner, client)["groups"][0])[three["b"]]["lead_time"]
    assert (lead["needed_for"], lead["needed_by"], lead["fits"]) == ("next_audit", "2025-09-20", False)


def test_amounts_with_and_without_tax_are_compared_without(owner, client, body):
    plain = new_quote(owner, client, body, day_rate=105000)["id"]
    taxed = new_quote(owner, client, body, day_rate=110000, tax_included=True, tax_pct=10)["id"]
    (group,) = compare(owner, client)["groups"]
    assert (group["compared"], group["cheapest_quote_id"]) == ("three_year_total_without_tax", taxed)
    assert by_id(group)[plain]["difference"] == 17 * 5000 and "tax_included" in group["differs"]


def test_an_incomplete_quote_is_not_the_cheapest(owner, client, body):
    full = new_quote(owner, client, body)["id"]
    part = new_quote(owner, client, body, days={"stage1": 1})["id"]
    (group,) = compare(owner, client)["groups"]
    assert group["cheapest_quote_id"] == full
    assert (by_id(group)[part]["difference"], by_id(group)[part]["missing"]) == (None, ["stage2", "surveillance1", "surveillance2"])


def test_expired_declined_and_unpriced_quotes(owner, client, body):
    old = new_quote(owner, client, body, received_on="2025-01-06", valid_until="2025-03-02")["id"]
    asked = new_quote(owner, client, body, day_rate=...)["id"]
    declined = new_quote(owner, client, body, status="declined")["id"]
    answer = compare(owner, client)
    assert [q["quote_id"] for q in answer["not_priced"]] == [asked]
    assert by_id(answer["groups"][0])[old]["validity"] == {"valid_until": "2025-03-02", "expired": True}
    assert declined not in by_id(answer["groups"][0])
    assert declined in by_id(compare(owner, client, include_declined="true")["groups"][0])


def test_only_quotes_of_a_scheme_are_compared_when_asked(owner, client, body):
    new_quote(owner, client, body)
    mark = new_quote(owner, client, body, schemes=["pmark"])["id"]
    (group,) = compare(owner, client, scheme="pmark")["groups"]
    assert list(by_id(group)) == [mark]


def test_each_quote_stands_beside_the_days(owner, client, body):
    new_quote(owner, client, body, days=DAYS | {"stage2": 20})
    (group,) = compare(owner, client)["groups"]
    assert group["quotes"][0]["warning"]["code"] == "above_estimate" and group["quotes"][0]["estimate"]["initial_days"] == 10


# ---------------------------------------------------------------- choosing

@pytest.fixture
def certification(owner, client):
    return owner.call("createCertification", {"scheme": "iso27001-2022", "target_date": "2026-03-31"}, client_id=client, expect=201).json()["id"]


def choose(owner, client, quote, expect=200, **given):
    return owner.call("chooseQuote", given, client_id=client, quote_id=quote, expect=expect).json()


def statuses(owner, client):
    return {q["id"]: q["status"] for q in owner.pages(f"/v1/clients/{client}/quotes")}


def test_the_chosen_body_becomes_the_certifications(owner, client, certification, three):
    answer = choose(owner, client, three["a"])
    assert answer["quote"]["status"] == "chosen"
    assert [(c["certification_id"], c["body_id"], c["body_set"]) for c in answer["certifications"]] == [(certification, answer["quote"]["body_id"], True)]
    assert statuses(owner, client) == {three["a"]: "chosen", three["b"]: "declined", three["usd"]: "declined"}
    row = owner.call("getCertification", client_id=client, certification_id=certification, expect=200).json()
    assert row["body_id"] == answer["quote"]["body_id"]
    as_of = owner.get(f"/v1/clients/{client}/certifications/{certification}", params={"as_of": "2099-01-01T00:00:00Z"}, expect=200).json()
    assert as_of == row  # the audit trail has the whole row


def test_others_can_be_left_as_they_are(owner, client, certification, three):
    choose(owner, client, three["a"], others="leave")
    choose(owner, client, three["b"], others="leave")
    assert statuses(owner, client) == {three["a"]: "received", three["b"]: "chosen", three["usd"]: "received"}


def test_quotes_of_other_standards_are_not_touched(owner, client, body):
    chosen, other = new_quote(owner, client, body)["id"], new_quote(owner, client, body, schemes=["pmark"])["id"]
    choose(owner, client, chosen)
    assert statuses(owner, client)[other] == "received"


def test_the_programme_follows_the_bodys_windows(owner, client):
    owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2025-02-14", "stage2_last_day": "2025-01-17"},
               client_id=client, expect=201)
    narrow = new_body(owner, "窓が狭い", policies={"surv_before_months": 1, "surv_after_months": 0})
    before = owner.pages(f"/v1/clients/{client}/audits", params={"kind": "surveillance"})[0]
    choose(owner, client, new_quote(owner, client, narrow)["id"])
    after = owner.pages(f"/v1/clients/{client}/audits", params={"kind": "surveillance"})[0]
    assert (before["window_start"], after["window_start"]) == ("2025-11-14", "2026-01-14") and before["id"] == after["id"]


def test_a_standing_certificate_keeps_its_body_until_a_transfer(owner, client, body):
    old = new_body(owner, "旧機関")
    made = owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2024-02-14", "body_id": old},
                      client_id=client, expect=201).json()
    answer = choose(owner, client, new_quote(owner, client, body, basis="transfer")["id"])
    assert [(c["body_id"], c["body_set"]) for c in answer["certifications"]] == [(old, False)]
    assert owner.call("getCertification", client_id=client, certification_id=made["id"], expect=200).json()["body_id"] == old


@pytest.mark.parametrize("members", [{"day_rate": ...}, {"received_on": "2025-01-06", "valid_until": "2025-03-02"}])
def test_without_a_price_or_after_its_validity_nothing_is_chosen(owner, client, body, members):
    quote = new_quote(owner, client, body, **members)["id"]
    problem = choose(owner, client, quote, expect=409)
    assert problem["code"] == "state_not_allowed" and problem["detail"]
    assert statuses(owner, client)[quote] != "chosen"


def test_a_quote_of_another_client_is_not_there(owner, client, body):
    other = owner.call("createClient", {"name": "別"}, expect=201).json()["id"]
    quote = new_quote(owner, client, body)["id"]
    choose(owner, other, quote, expect=404)
    owner.get(f"/v1/clients/{other}/quotes/{quote}", expect=404)


def test_a_chosen_quote_is_declined_before_it_is_deleted(owner, client, body):
    quote = new_quote(owner, client, body)["id"]
    choose(owner, client, quote)
    path = {"client_id": client, "quote_id": quote, "if_match": "*"}
    owner.call("deleteQuote", expect=409, **path)
    change(owner, client, quote, {"status": "declined"})
    owner.call("deleteQuote", expect=204, **path)


def test_two_who_choose_at_once_leave_one_chosen(owner, client, certification, three):
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda q: choose(owner, client, q), [three["a"], three["b"], three["usd"]] * 2))
    found = statuses(owner, client)
    assert sorted(found.values()).count("chosen") == 1
    chosen = next(k for k, v in found.items() if v == "chosen")
    body = owner.call("getQuote", client_id=client, quote_id=chosen, expect=200).json()["body_id"]
    assert owner.call("getCertification", client_id=client, certification_id=certification, expect=200).json()["body_id"] == body


def test_prices_are_not_for_the_clients_users(system, owner, client, body):
    made = owner.call("createMember", {"email": "ka@minato.example", "name": "担当", "role": "client_admin", "client_id": client}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a long enough password"}, expect=204)
    user = system.sign_in("ka@minato.example", "a long enough password")
    user.get(f"/v1/clients/{client}/quotes", expect=403)
    user.get(f"/v1/clients/{client}/quotes/comparison", expect=403)


def test_the_day_of_expiry_still_counts(owner, client, body):
    today = datetime.date(2025, 3, 3).isoformat()
    assert choose(owner, client, new_quote(owner, client, body, valid_until=today)["id"])["quote"]["status"] == "chosen"
