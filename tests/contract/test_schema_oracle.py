"""api/schema against python3-jsonschema, an independent implementation of Draft 2020-12: both must agree on every value.

Left out, because Meguri is stricter on purpose: NUL in strings, integers beyond 64 bits, and schemas that no value can meet
(those are refused at start, so there is nothing to compare).
"""
import datetime
import json
import os
import pathlib
import subprocess

import hypothesis
import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ.get("MEGURI_TEST_BUILD", "build-asan")
EXAMPLES = int(os.environ.get("MEGURI_EXAMPLES", "1500"))

NAMES = ["a", "b", "c", "d/e", "名"]
WORDS = ["", "a", "ab", "abc", "日本", "日本語", "x1", "😀", "2025-02-14"]
PATTERNS = ["^a", "b$", "^[a-z]+$", "^[a-z]*[0-9]$", "x|y", "^(ab){1,2}$", "本"]


class Tool:
    """The program that answers with our verdict; one line in, one line out."""

    def __init__(self):
        self.process = subprocess.Popen([ROOT / BUILD / "bin" / "schema_tool"], text=True, encoding="utf-8",
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, schema, value, components=None):
        question = {"schema": schema, "value": value, "components": {"schemas": components or {}}}
        self.process.stdin.write(json.dumps(question, ensure_ascii=False) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


@pytest.fixture(scope="module")
def tool():
    tool = Tool()
    yield tool
    tool.close()


numbers = st.one_of(st.integers(-4, 12), st.sampled_from([0.0, 1.0, 1.5, -0.5, 2.25, 2**53, 2**53 + 1, -2**63, 2**63 - 1, 1e9]))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(WORDS),
                    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=4))
values = st.recursive(scalars, lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)), max_leaves=8)

types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
small = st.integers(0, 3)
references = st.sampled_from(["Leaf", "Tree"]).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def some(members):
    return st.fixed_dictionaries({}, optional=members)


def composite(inner):
    names = st.lists(st.sampled_from(NAMES), unique=True, max_size=2)
    branches = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some({"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
              "required": names, "additionalProperties": st.one_of(st.booleans(), inner),
              "dependentRequired": st.dictionaries(st.sampled_from(NAMES), names, max_size=2)}),
        some({"type": st.just("array"), "items": inner, "minItems": small, "maxItems": small, "uniqueItems": st.booleans()}),
        some({"oneOf": branches}), some({"anyOf": branches}), some({"allOf": branches}),
        some({"allOf": branches, "oneOf": branches, "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)}))


leaves = st.one_of(
    some({"type": st.one_of(types, st.lists(types, min_size=1, unique=True))}),
    some({"type": st.just("string"), "minLength": small, "maxLength": small, "pattern": st.sampled_from(PATTERNS)}),
    some({"minimum": numbers, "maximum": numbers, "exclusiveMinimum": numbers, "exclusiveMaximum": numbers,
          "multipleOf": st.sampled_from([1, 2, 3, 0.5, 0.25])}),
    some({"enum": st.lists(values, min_size=1, max_size=4)}), some({"const": values}), references)
schemas = st.recursive(leaves, composite, max_leaves=6)

# Values of the kind that the schema speaks of: those get past the type.
string_pairs = st.tuples(some({"minLength": small, "maxLength": small, "pattern": st.sampled_from(PATTERNS)}),
                         st.sampled_from(WORDS) | st.text("ab日😀", max_size=4))
number_pairs = st.tuples(
    some({"type": st.sampled_from(["integer", "number"]), "minimum": numbers, "maximum": numbers, "exclusiveMinimum": numbers,
          "exclusiveMaximum": numbers, "multipleOf": st.sampled_from([1, 2, 3, 0.5, 0.25])}), numbers)
few = st.recursive(st.sampled_from([0, 1, 1.0, "1", None]), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
    st.sampled_from("ab"), inner, max_size=2), max_leaves=3)
list_pairs = st.tuples(some({"uniqueItems": st.just(True), "minItems": small, "items": leaves}), st.lists(few, max_size=4))
pairs = st.one_of(st.tuples(schemas, values), string_pairs, number_pairs, list_pairs)

TREE = {"type": "object", "required": ["a"], "additionalProperties": {"$ref": "#/components/schemas/Tree"},
        "properties": {"a": {"type": ["integer", "null"]}, "b": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}


def verdict(schema, value, components):
    document = {"components": {"schemas": components}}
    resolver = jsonschema.RefResolver("", document)
    return jsonschema.Draft202012Validator(schema, resolver=resolver).is_valid(value)


@settings(max_examples=EXAMPLES, deadline=None, database=None,
          suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.filter_too_much])
@given(pair=pairs, leaf=leaves.filter(lambda s: "$ref" not in s))
def test_our_verdict_is_that_of_an_independent_implementation(tool, pair, leaf):
    schema, value = pair
    components = {"Leaf": leaf, "Tree": TREE}
    answer = tool.ask(schema, value, components)
    assert "unread" not in answer, answer
    hypothesis.assume("refused" not in answer)
    expected = verdict(schema, value, components)
    assert (not answer["errors"]) == expected, (schema, value, answer)


def resolve(value, pointer):
    """The value at a pointer; a missing last member is None with found False."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(token)]
        elif token in value:
            value = value[token]
        else:
            return None, False
    return value, True


@settings(max_examples=EXAMPLES // 3, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck))
@given(schema=schemas, value=values)
def test_every_pointer_leads_into_the_value_and_only_required_ones_miss(tool, schema, value):
    answer = tool.ask(schema, value, {"Leaf": {}, "Tree": TREE})
    for pointer, code, _ in answer.get("errors", []):
        _, found = resolve(value, pointer)
        assert found == (code not in ("required", "required_with")), (pointer, code)


@settings(max_examples=EXAMPLES // 3, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck))
@given(wrong=st.lists(st.booleans(), min_size=1, max_size=30))
def test_every_wrong_member_is_named_in_order(tool, wrong):
    value = {f"m{i}": "x" if bad else i for i, bad in enumerate(wrong)}
    answer = tool.ask({"additionalProperties": {"type": "integer"}}, value)
    assert [pointer for pointer, _, _ in answer["errors"]] == [f"/m{i}" for i, bad in enumerate(wrong) if bad]


@pytest.mark.parametrize("format_name, strategy", [
    ("date", st.dates(datetime.date(1950, 1, 1), datetime.date(2199, 12, 31)).map(str)),
    ("uuid", st.uuids().map(str)),
    ("time-zone", st.timezone_keys(allow_prefix=False).filter(lambda key: key not in ("Factory", "localtime"))),
])
def test_what_python_makes_has_the_format(tool, format_name, strategy):
    @settings(max_examples=200, deadline=None, database=None)
    @given(strategy)
    def check(text):
        assert tool.ask({"format": format_name}, text) == {"errors": []}
    check()
