#!/usr/bin/python3
"""The kinds of events that the statements write (`-- event: audit.changed`), as the program and its contract know them.

usage: events.py            prints them
       events.py --write    brings the list and the catalogue (`webhooks`) of openapi.yaml up to date: a new kind gets the entry of another kind of its
                            entity, or a general one; look at it. Examples of rows that are a schema's come from the example of that schema.
"""
import pathlib
import re
import sys

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from contract import load  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATTERN_LINE = re.compile(r"^    EventKindPattern: .*$", re.M)
CATALOGUE = re.compile(r"^webhooks:\n(?:[ #].*\n)+", re.M)
ENTRY = re.compile(r"^  ([a-z_]+\.[a-z_]+):\n(?:    .*\n)+", re.M)
TEST = "webhook.test"
FOUNDING = {"consultancy.created", "member.created"}  # written by auth.create_consultancy
GENERAL = """  KIND:
    post:
      summary: KIND
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, additionalProperties: false, required: [type, timestamp, data], properties: {type: {const: KIND}, timestamp: {type: string, format: date-time}, data: {$ref: '#/components/schemas/EventData'}}}
            examples: {one: {value: {type: KIND, timestamp: '2025-01-06T01:00:00+00:00', data: {id: 2c11f99f-b0a1-4431-97a3-49fdfcf17ca7, chain_no: 273, entity: ENTITY, entity_id: 01943920-3680-74c3-b6c9-e0d83e5a1ddd, client_id: null, version: 1, operation: change, actor_id: null, actor_kind: system, request_id: null, object: {id: 01943920-3680-74c3-b6c9-e0d83e5a1ddd}}}}}
      responses: {'2XX': {description: Received.}}
"""


def kinds():
    """Every kind that a statement writes, sorted."""
    found = set(FOUNDING)
    for path in ROOT.glob("services/*/*.sql"):
        found |= set(re.findall(r"^-- event: ([a-z_]+\.[a-z_]+)$", path.read_text(encoding="utf-8"), re.M))
    return sorted(found)


def patterns():
    """What a subscription may name."""
    all_kinds = kinds()
    return ["*"] + sorted({kind.split(".")[0] + ".*" for kind in all_kinds} | set(all_kinds))


def entry(kind, known):
    if kind in known:
        return known[kind]
    entity = kind.split(".")[0]
    sibling = next((k for k in sorted(known) if k.startswith(entity + ".")), None)
    if sibling:
        return known[sibling].replace(sibling, kind).replace(known[sibling].split("summary: ")[1].split("\n")[0], kind, 1)
    return GENERAL.replace("KIND", kind).replace("ENTITY", entity)


class Flow(yaml.SafeDumper):
    """Everything written out."""

    def ignore_aliases(self, data):
        return True


def example(kind, row):
    data = {"id": "2c11f99f-b0a1-4431-97a3-49fdfcf17ca7", "chain_no": 273, "entity": kind.split(".")[0], "entity_id": row.get("id"),
            "client_id": row.get("client_id"), "version": row.get("version"), "operation": "import" if kind.endswith("created") else "change",
            "actor_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5a01", "actor_kind": "member", "request_id": "0199f3c2-7b6e-7a53-8c36-2f9e4d1b5aff",
            "object": row}
    value = {"real": {"value": {"type": kind, "timestamp": "2025-01-06T01:00:00+00:00", "data": data}}}
    return yaml.dump(value, Dumper=Flow, default_flow_style=True, width=10**9, allow_unicode=True, sort_keys=False).strip()


def refreshed(kind, text, examples):
    """With the example of the schema that the row has, where it has one."""
    schema = re.search(r"object: {\$ref: '#/components/schemas/(\w+)'}", text)
    if not schema or schema.group(1) not in examples:
        return text
    line = "            examples: " + example(kind, examples[schema.group(1)]["value"]) + "\n"
    return re.sub(r"^            examples: .*\n", lambda _: line, text, flags=re.M)


def catalogue(old):
    known = {match.group(1): match.group() for match in ENTRY.finditer(old)}
    examples = load(ROOT / "openapi.yaml")["components"]["examples"]
    entries = (refreshed(kind, entry(kind, known), examples) for kind in [TEST] + kinds())
    return old[:ENTRY.search(old).start()] + "".join(entries)


def main(arguments):
    if arguments != ["--write"]:
        print("\n".join(kinds()))
        return
    path = ROOT / "openapi.yaml"
    text = path.read_text(encoding="utf-8")
    names = ", ".join(f"'{name}'" if "*" in name else name for name in patterns())
    text = PATTERN_LINE.sub(lambda _: f"    EventKindPattern: {{type: string, enum: [{names}]}}", text)
    path.write_text(CATALOGUE.sub(lambda match: catalogue(match.group()), text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
