"""What falls due in a register is a deadline like every other."""
import pytest


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.client_id = owner.call("createClient", {"name": "青葉精機", "code": "aoba"}, expect=201).json()["id"]
    return owner


def asset(office, **members):
    return office.call("createAsset", {"name": "旧ファイルサーバー", "kind": "server", **members}, client_id=office.client_id, expect=201).json()


def deadline(office, made):
    rows = office.pages(f"/v1/clients/{office.client_id}/deadlines")
    return next((r for r in rows if (r["why"].get("inputs") or {}).get("asset_id") == made["id"]), None)


def test_an_assets_end_of_life_is_a_deadline_on_a_business_day(office):
    found = deadline(office, asset(office, end_of_life="2025-10-12"))
    assert (found["kind"], found["raw_on"], found["due_on"], found["status"], found["origin"]) == (
        "asset_end_of_life", "2025-10-12", "2025-10-10", "open", "register")


def test_an_asset_without_an_end_owes_nothing(office):
    assert deadline(office, asset(office)) is None


def test_a_moved_end_moves_the_same_deadline(office):
    made = asset(office, end_of_life="2025-10-10")
    before = deadline(office, made)
    office.call("updateAsset", {"end_of_life": "2026-10-09"}, client_id=office.client_id, asset_id=made["id"], if_match="*", expect=200)
    after = deadline(office, made)
    assert (after["id"], after["due_on"], after["moved_from"]) == (before["id"], "2026-10-09", "2025-10-10")


def test_a_change_of_something_else_leaves_the_deadline_alone(office):
    made = asset(office, end_of_life="2025-10-10")
    before = deadline(office, made)
    office.call("updateAsset", {"location": "書庫"}, client_id=office.client_id, asset_id=made["id"], if_match="*", expect=200)
    assert deadline(office, made)["version"] == before["version"]


@pytest.mark.parametrize("patch", [{"end_of_life": None}, {"status": "retired"}])
def test_what_does_not_fall_due_any_more_is_withdrawn(office, patch):
    made = asset(office, end_of_life="2025-10-10")
    office.call("updateAsset", patch, client_id=office.client_id, asset_id=made["id"], if_match="*", expect=200)
    assert deadline(office, made)["status"] == "withdrawn"


def test_a_deleted_asset_owes_nothing(office):
    made = asset(office, end_of_life="2025-10-10")
    office.call("deleteAsset", client_id=office.client_id, asset_id=made["id"], if_match="*", expect=204)
    assert deadline(office, made)["status"] == "withdrawn"


def test_a_refused_delete_withdraws_nothing(office):
    made = asset(office, end_of_life="2025-10-10")
    office.call("deleteAsset", client_id=office.client_id, asset_id=made["id"], if_match='"v99"', expect=412)
    assert deadline(office, made)["status"] == "open"
