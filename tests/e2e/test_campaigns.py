"""The change of a standard over all clients: who must change, with which audit, by when, how far it is, and what it costs in auditor-days."""
import collections

import pytest

NOW = "2024-02-05T10:00:00+09:00"
MD26 = {"name": "2013 から 2022 へ", "old_scheme": "iso27001-2013", "new_scheme": "iso27001-2022", "last_start_initial": "2024-04-30",
        "last_start_recertification": "2024-04-30", "end_on": "2025-10-31", "extra_days": {"surveillance": 1, "recertification": 0.5, "alone": 1},
        "source": "IAF MD 26:2023"}


@pytest.fixture(scope="module")
def system(start_system):
    return start_system(clock=NOW)


@pytest.fixture
def owner(system):
    return system.owner()


def certify(owner, decision, scheme="iso27001-2013", name="株式会社ミナト", **members):
    client = owner.call("createClient", {"name": name}, expect=201).json()["id"]
    made = owner.call("createCertification", {"scheme": scheme, "state": "certified", "decision_date": decision} | members, client_id=client, expect=201).json()
    return client, made["id"]


def prepare(owner, scheme="iso27001-2013"):
    client = owner.call("createClient", {"name": "準備中"}, expect=201).json()["id"]
    return client, owner.call("createCertification", {"scheme": scheme}, client_id=client, expect=201).json()["id"]


def begin(owner, **members):
    return owner.call("createCampaign", MD26 | members, expect=201).json()["id"]


def rows(owner, campaign, **params):
    return owner.pages(f"/v1/campaigns/{campaign}/certifications", params=params)


def one(owner, campaign, certification):
    return owner.call("getCampaignCertification", campaign_id=campaign, certification_id=certification, expect=200).json()


def mark(owner, campaign, certification, expect=200, **body):
    return owner.call("updateCampaignCertification", body, campaign_id=campaign, certification_id=certification, if_match="*", expect=expect).json()


def change_edition(owner, client, certification, to="iso27001-2022", on="2024-02-02", day="2024-01-30"):
    given = {"to_scheme": to, "on": on, "audit_kind": "surveillance", "audit_last_day": day}
    return owner.post(f"/v1/clients/{client}/certifications/{certification}/edition-change", given, expect=(200, 201)).json()


def impact(owner, campaign):
    return owner.get(f"/v1/campaigns/{campaign}/impact", expect=200).json()


def audits(owner, client, kind):
    return owner.pages(f"/v1/clients/{client}/audits", params={"kind": kind})


# ---------------------------------------------------------------- the campaign

def test_a_campaign_is_data(owner):
    made = owner.call("createCampaign", MD26, expect=201)
    row = made.json()
    assert owner.get(made.headers["location"], expect=200).json() == row
    assert row["extra_days"] == {"initial": 0, "surveillance": 1, "recertification": 0.5, "alone": 1} and row["status"] == "open"
    changed = owner.call("updateCampaign", {"extra_days": {"alone": 1.5}, "end_on": "2025-09-30"}, campaign_id=row["id"], if_match='"v1"', expect=200).json()
    assert changed["extra_days"] == {"initial": 0, "surveillance": 1, "recertification": 0.5, "alone": 1.5} and changed["end_on"] == "2025-09-30"
    owner.call("deleteCampaign", campaign_id=row["id"], if_match='"v2"', expect=204)
    owner.get(f"/v1/campaigns/{row['id']}/certifications", expect=404)
    owner.get(f"/v1/campaigns/{row['id']}/impact", expect=404)


@pytest.mark.parametrize("members, pointer, code", [
    ({"new_scheme": "iso27001-2013"}, "/new_scheme", "inconsistent"), ({"last_start_initial": "2025-11-01"}, "/last_start_initial", "after_end"),
    ({"extra_days": {"surveillance": 0.3}}, "/extra_days/surveillance", "not_a_multiple"), ({"old_scheme": "iso9001"}, "/old_scheme", "not_in_list"),
    ({"end_on": None}, "/end_on", "wrong_type")])
def test_what_is_wrong_with_a_campaign_is_named(owner, members, pointer, code):
    problem = owner.call("createCampaign", MD26 | members, expect=422).json()
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in problem["errors"]]


def test_two_campaigns_have_two_names(owner):
    begin(owner)
    owner.call("createCampaign", MD26, expect=409)


# ---------------------------------------------------------------- with which audit, by when

def test_the_next_surveillance_brings_the_new_edition_when_it_is_cheapest(owner):
    client, certification = certify(owner, "2023-05-10")  # surveillances 2024-05 and 2025-05, recertification 2026-05: behind the end
    row = one(owner, begin(owner), certification)
    first = audits(owner, client, "surveillance")[0]
    assert row["transition"] == {"with": "surveillance", "audit_id": first["id"], "on": "2024-05-10", "window_start": first["window_start"],
                                 "window_end": first["window_end"], "extra_days": 1, "old_edition_refused": False}
    assert (row["by_when"], row["status"], row["version"]) == (first["window_end"], "not_planned", 1)


def test_a_recertification_costs_half_a_day_and_is_preferred(owner):
    client, certification = certify(owner, "2022-05-10")  # surveillance 2024-05, recertification 2025-05
    transition = one(owner, begin(owner), certification)["transition"]
    assert (transition["with"], transition["extra_days"], transition["old_edition_refused"]) == ("recertification", 0.5, True)
    assert transition["audit_id"] == audits(owner, client, "recertification")[0]["id"]


def test_an_audit_that_can_no_longer_be_booked_is_left_for_the_next(owner):
    client, certification = certify(owner, "2023-04-20")  # the first surveillance was to be booked by 2024-01-21
    campaign = begin(owner)
    row = one(owner, campaign, certification)
    assert (row["transition"]["on"], row["late"]) == ("2025-04-20", False)
    audit = audits(owner, client, "surveillance")[0]
    owner.call("updateAudit", {"planned_first_day": "2024-03-04", "planned_last_day": "2024-03-05"}, client_id=client, audit_id=audit["id"], if_match="*", expect=200)
    assert one(owner, campaign, certification)["transition"]["on"] == "2024-03-05"


def test_a_person_may_choose_another_audit(owner):
    _, certification = certify(owner, "2022-05-10")
    campaign = begin(owner)
    row = mark(owner, campaign, certification, status="planned", planned_with="surveillance", note="担当者の希望")
    assert (row["transition"]["with"], row["transition"]["on"], row["transition"]["extra_days"], row["version"]) == ("surveillance", "2024-05-10", 1, 2)
    alone = mark(owner, campaign, certification, planned_with="alone", planned_on="2024-10-01")
    assert (alone["transition"]["with"], alone["transition"]["on"], alone["transition"]["audit_id"]) == ("alone", "2024-10-01", None)


def test_nothing_fits_before_the_end_so_it_is_held_alone(owner):
    _, certification = certify(owner, "2023-11-10")
    row = one(owner, begin(owner, end_on="2024-06-15", last_start_initial=None, last_start_recertification=None), certification)
    assert (row["transition"]["with"], row["transition"]["extra_days"]) == ("alone", 1)
    assert row["by_when"] == "2024-04-17"  # 45 + 14 days before the end


def test_the_days_before_the_end_are_policies(owner):
    _, certification = certify(owner, "2023-05-10", policies={"major_closure_days": 10, "decision_days": 5})
    row = one(owner, begin(owner, end_on="2024-06-15", last_start_initial=None, last_start_recertification=None), certification)
    assert (row["transition"]["with"], row["why"]["inputs"]["latest_audit_day"]) == ("surveillance", "2024-05-31")
    assert row["why"]["policy"]["major_closure_days"] == 10 and row["why"]["rules"] == ["TRN-01", "TRN-02", "TRN-03", "TRN-04"]


def test_a_later_audit_is_pulled_forward_inside_its_window(owner):
    _, certification = certify(owner, "2023-05-10")
    row = one(owner, begin(owner, end_on="2024-07-01", last_start_initial=None, last_start_recertification=None), certification)  # audit by 2024-05-03
    assert (row["transition"]["with"], row["transition"]["on"], row["by_when"]) == ("surveillance", "2024-05-03", "2024-05-03")


def test_a_booked_audit_counts_on_its_day(owner):
    client, certification = certify(owner, "2023-05-10")
    audit = audits(owner, client, "surveillance")[0]
    owner.call("updateAudit", {"status": "confirmed", "planned_first_day": "2024-04-08", "planned_last_day": "2024-04-09"}, client_id=client,
               audit_id=audit["id"], if_match="*", expect=200)
    assert one(owner, begin(owner), certification)["transition"]["on"] == "2024-04-09"


def test_who_is_not_certified_yet_goes_for_the_new_edition(owner):
    _, certification = prepare(owner)
    row = one(owner, begin(owner), certification)
    assert (row["transition"]["with"], row["transition"]["extra_days"], row["by_when"]) == ("initial", 0, "2024-04-30")


def test_no_standard_is_known_by_name(owner):
    _, cloud = certify(owner, "2023-05-10", scheme="iso27017-jp")
    _, isms = certify(owner, "2023-05-10", scheme="iso27001-2022")
    rest = {"last_start_initial": None, "last_start_recertification": None, "end_on": "2026-12-31", "extra_days": {"surveillance": 0.25}}
    first = begin(owner, name="クラウド", old_scheme="iso27017-jp", new_scheme="iso27017-2026", **rest)
    second = begin(owner, name="次の版", old_scheme="iso27001-2022", new_scheme="iso27001-next", **rest)
    assert [r["certification_id"] for r in rows(owner, first)] == [cloud] and [r["certification_id"] for r in rows(owner, second)] == [isms]


# ---------------------------------------------------------------- progress

def test_the_change_of_edition_makes_it_done(owner):
    client, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    change_edition(owner, client, certification)
    row = one(owner, campaign, certification)
    assert (row["status"], row["scheme"], row["done_on"], row["transition"], row["by_when"], row["late"]) == ("done", "iso27001-2022", "2024-02-02", None, None, False)
    assert mark(owner, campaign, certification, note="証書を受領", done_on="2024-02-03")["done_on"] == "2024-02-03"


def test_done_is_not_said_before_it_is(owner):
    _, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    problem = mark(owner, campaign, certification, status="done", expect=409)
    assert problem["code"] == "state_not_allowed" and "edition-change" in problem["detail"]
    assert one(owner, campaign, certification)["status"] == "not_planned"


def test_done_is_not_taken_back(owner):
    client, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    change_edition(owner, client, certification)
    assert mark(owner, campaign, certification, status="planned", expect=409)["code"] == "state_not_allowed"
    assert mark(owner, campaign, certification, status="done")["status"] == "done"


def test_one_that_joined_later_and_changed_still_counts(owner):
    campaign = begin(owner)
    client, certification = certify(owner, "2023-05-10")
    change_edition(owner, client, certification)
    assert [(r["certification_id"], r["status"], r["version"]) for r in rows(owner, campaign)] == [(certification, "done", 0)]


def test_one_that_is_withdrawn_has_ended(owner):
    client, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    owner.post(f"/v1/clients/{client}/certifications/{certification}/transitions", {"to": "withdrawn", "on": "2024-02-02"}, expect=201)
    assert one(owner, campaign, certification)["status"] == "ended"
    assert impact(owner, campaign)["by_status"] == {"not_planned": 0, "planned": 0, "audited": 0, "done": 0, "ended": 1}


def test_one_that_joins_later_is_in_it_too(owner):
    campaign = begin(owner)
    assert rows(owner, campaign) == []
    _, certification = certify(owner, "2023-05-10")
    row = one(owner, campaign, certification)
    assert (row["status"], row["version"]) == ("not_planned", 0)
    owner.call("updateCampaignCertification", {"status": "planned"}, campaign_id=campaign, certification_id=certification, if_match='"v1"', expect=412)
    made = owner.call("updateCampaignCertification", {"status": "planned"}, campaign_id=campaign, certification_id=certification, if_match='"v0"', expect=200)
    assert (made.json()["status"], made.json()["version"], made.headers["etag"]) == ("planned", 1, '"v1"')


def test_a_certification_of_another_edition_is_not_in_it(owner):
    _, certification = certify(owner, "2023-05-10", scheme="iso27001-2022")
    campaign = begin(owner)
    owner.call("getCampaignCertification", campaign_id=campaign, certification_id=certification, expect=404)
    mark(owner, campaign, certification, status="planned", expect=404)


def test_a_closed_campaign_takes_no_more_steps(owner):
    _, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    owner.call("updateCampaign", {"status": "closed"}, campaign_id=campaign, if_match="*", expect=200)
    assert mark(owner, campaign, certification, status="planned", expect=409)["detail"]


def test_nothing_is_done_in_the_future(owner):
    _, certification = certify(owner, "2023-05-10")
    problem = mark(owner, begin(owner), certification, done_on="2024-02-06", expect=422)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/done_on", "in_future")]


# ---------------------------------------------------------------- who is late

def test_who_has_not_booked_in_time_is_late(owner):
    _, soon = certify(owner, "2023-04-20")   # window ends 2024-04-20; was to be booked by 2024-01-21, and the next audit is too late
    _, later = certify(owner, "2023-10-10", name="青葉")  # window ends 2024-10-10
    campaign = begin(owner, end_on="2024-12-31")
    assert [(r["certification_id"], r["late_reason"]) for r in rows(owner, campaign, late="true")] == [(soon, "not_booked_in_time")]
    assert [r["certification_id"] for r in rows(owner, campaign, late="false")] == [later]
    assert mark(owner, campaign, soon, status="planned")["late"] is False


def test_a_planned_audit_that_has_passed_is_late_until_it_was_held(system, owner):
    _, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    mark(owner, campaign, certification, status="planned", planned_with="alone", planned_on="2024-03-20")
    system.set_clock("2024-03-21T10:00:00+09:00")
    try:
        later = system.sign_in(owner.consultancy["email"])
        assert one(later, campaign, certification)["late_reason"] == "audit_passed"
        assert mark(later, campaign, certification, status="audited")["late"] is False
    finally:
        system.set_clock(NOW)


def test_after_the_last_day_everybody_is_late(owner):
    _, certification = certify(owner, "2023-05-10")
    row = one(owner, begin(owner, end_on="2024-03-31", last_start_initial=None, last_start_recertification=None), certification)
    assert (row["late_reason"], row["days_left"]) == ("date_passed", -4)


# ---------------------------------------------------------------- over all clients

def test_the_impact_is_the_sum_of_the_rows(owner):
    for decision in ("2022-05-10", "2022-09-20", "2023-05-10", "2023-05-24", "2023-11-10"):
        certify(owner, decision, name=decision)
    changed = certify(owner, "2023-07-03", name="済み")
    prepare(owner)
    campaign = begin(owner)
    change_edition(owner, *changed)
    listed, answer = rows(owner, campaign), impact(owner, campaign)
    opened = [r for r in listed if r["transition"]]
    assert (answer["certifications"], answer["open"], answer["late"]) == (7, 6, sum(r["late"] for r in listed))
    assert answer["extra_days"] == sum(r["transition"]["extra_days"] for r in opened) == 0.5 * 2 + 3
    assert {k: v for k, v in answer["by_status"].items() if v} == dict(collections.Counter(r["status"] for r in listed))
    months, with_ = collections.Counter(), collections.Counter()
    for row in opened:
        months[(row["transition"]["on"] or row["by_when"])[:7]] += row["transition"]["extra_days"]
        with_[row["transition"]["with"]] += row["transition"]["extra_days"]
    assert {m["month"]: m["extra_days"] for m in answer["months"]} == dict(months)
    assert [m["month"] for m in answer["months"]] == sorted(months)
    assert {w["with"]: w["extra_days"] for w in answer["by_audit"]} == {"surveillance": 0, "recertification": 0, "alone": 0, "initial": 0} | dict(with_)


def test_the_list_is_sorted_filtered_and_paged(owner):
    for name, decision in (("う", "2023-05-10"), ("い", "2023-11-10"), ("あ", "2023-08-01")):
        certify(owner, decision, name=name)
    campaign = begin(owner)
    path = f"/v1/campaigns/{campaign}/certifications"
    first = owner.get(path, params={"limit": 2}, expect=200).json()
    second = owner.get(path, params={"limit": 2, "after": first["next"]}, expect=200).json()
    assert [r["client_name"] for r in first["data"] + second["data"]] == ["う", "あ", "い"] and second["next"] is None
    assert [r["client_name"] for r in rows(owner, campaign, sort="-client_name")] == ["う", "い", "あ"]
    assert rows(owner, campaign, status="planned") == []


def test_a_consultant_sees_and_marks_only_his_clients(system, owner):
    mine, certification = certify(owner, "2023-05-10", name="担当")
    _, foreign = certify(owner, "2023-05-10", name="担当外")
    campaign = begin(owner)
    made = owner.call("createMember", {"email": "c@meguri.example", "name": "x", "role": "consultant"}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": "a long enough password"}, expect=204)
    owner.call("createAssignment", {"member_id": made["id"], "client_id": mine}, expect=201)
    consultant = system.sign_in("c@meguri.example", "a long enough password")
    assert [r["certification_id"] for r in rows(consultant, campaign)] == [certification]
    assert impact(consultant, campaign)["certifications"] == 1
    assert mark(consultant, campaign, certification, status="planned")["status"] == "planned"
    mark(consultant, campaign, foreign, status="planned", expect=404)
    consultant.call("updateCampaign", {"note": "x"}, campaign_id=campaign, if_match="*", expect=403)


# ---------------------------------------------------------------- deadlines

def due(owner, client):
    return [(d["raw_on"], d["due_on"], d["status"]) for d in owner.pages(f"/v1/clients/{client}/deadlines", params={"kind": "edition_transition"})]


def test_the_last_day_is_a_deadline_that_follows_the_choice(system, owner):
    client, certification = certify(owner, "2022-05-10")
    campaign = begin(owner)
    system.run_jobs()
    (deadline,) = owner.pages(f"/v1/clients/{client}/deadlines", params={"kind": "edition_transition"})
    row = one(owner, campaign, certification)
    assert (deadline["raw_on"], deadline["origin"], deadline["rule"], deadline["status"]) == (row["by_when"], "register", "TRN-01", "open")
    assert MD26["name"] in deadline["title_ja"] and deadline["why"]["inputs"]["certification_id"] == certification
    moved = mark(owner, campaign, certification, planned_with="surveillance")
    system.run_jobs()
    assert [d[0] for d in due(owner, client)] == [moved["by_when"]] != [row["by_when"]]


def test_a_deadline_falls_on_a_business_day(system, owner):
    client, _ = certify(owner, "2023-11-10")
    begin(owner, end_on="2024-07-03", last_start_initial=None, last_start_recertification=None)  # 59 days before: Sunday in Golden Week
    system.run_jobs()
    assert due(owner, client) == [("2024-05-05", "2024-05-02", "open")]


@pytest.mark.parametrize("what, status", [("done", "fulfilled"), ("ended", "withdrawn"), ("closed", "withdrawn"), ("deleted", "withdrawn")])
def test_a_deadline_ends_with_its_reason(system, owner, what, status):
    client, certification = certify(owner, "2023-05-10")
    campaign = begin(owner)
    system.run_jobs()
    if what == "closed":
        owner.call("updateCampaign", {"status": "closed"}, campaign_id=campaign, if_match="*", expect=200)
    elif what == "deleted":
        owner.call("deleteCampaign", campaign_id=campaign, if_match="*", expect=204)
    elif what == "done":
        change_edition(owner, client, certification)
    else:
        mark(owner, campaign, certification, status=what)
    system.run_jobs()
    assert [d[2] for d in due(owner, client)] == [status]


def test_the_same_day_again_changes_nothing(system, owner):
    client, _ = certify(owner, "2023-05-10")
    begin(owner)
    system.run_jobs()
    before = owner.pages(f"/v1/clients/{client}/deadlines", params={"kind": "edition_transition"})
    system.sql("update scheduling.campaigns set plan_stale = true")
    system.run_jobs()
    assert owner.pages(f"/v1/clients/{client}/deadlines", params={"kind": "edition_transition"}) == before
