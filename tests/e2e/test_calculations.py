"""Every rule as a stateless call: all vectors through HTTP, and wrong input named by its field."""
import json

import pytest

from meguri_test.paths import ROOT

VECTORS = [v for name in ("schedule.json", "own.json") for v in json.loads((ROOT / "tests/vectors" / name).read_text())["vectors"]]


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


def calculate(owner, op, given, **rest):
    return owner.post(f"/v1/calculations/{op.replace('_', '-')}", given, **rest)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["id"])
def test_vector(owner, vector):
    answer = calculate(owner, vector["op"], vector["given"], expect=200).json()
    assert {k: answer.get(k) for k in vector["expect"]} == vector["expect"], vector["why"]


@pytest.mark.parametrize("op, given, pointer", [
    ("add_months", {"date": "2025-02-29", "months": 1}, "/date"),
    ("add_months", {"date": "1949-12-31", "months": 1}, "/date"),
    ("add_months", {"date": "2199-12-31", "months": 1}, "/months"),
    ("audit_time", {"persons": -1}, "/persons"),
    ("audit_time", {"persons": 0}, "/persons"),
    ("audit_time", {"persons": 5, "policy": {"round": "down"}}, "/policy/round"),
    ("cycle_plan", {"decision_date": "2025-02-14", "policy": {"anchor": "moon"}}, "/policy/anchor"),
    ("cycle_plan", {"decision_date": "2025-02-14", "policy": {"colour": 1}}, "/policy/colour"),
    ("sites_sample", {"sites": 3, "audit": "internal"}, "/audit"),
    ("holiday", {}, "/date"),
])
def test_bad_input_names_its_field(owner, op, given, pointer):
    problem = calculate(owner, op, given, expect=422).json()
    assert pointer in [e["pointer"] for e in problem["errors"]], problem


def test_every_operation_of_the_vectors_is_a_call(system):
    from meguri_test import contract
    paths = {o["path"] for o in contract.shared().operations.values()}
    assert {f"/v1/calculations/{v['op'].replace('_', '-')}" for v in VECTORS} <= paths


def test_an_answer_explains_itself(owner):
    why = calculate(owner, "cycle_plan", {"decision_date": "2025-02-14"}, expect=200).json()["why"]
    assert "CYC-01" in [r["id"] for r in why["rules"]] and why["policy"]["surv_before_months"] == 3
