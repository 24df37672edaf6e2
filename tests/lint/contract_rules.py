#!/usr/bin/python3
"""House rules of openapi.yaml that no validator knows, and that every example fits its schema."""
import re
import sys

import jsonschema

from common import complain, finish

sys.path.insert(0, "deploy/build")
import events  # noqa: E402
from contract import METHODS, SERVICES, load  # noqa: E402

OPERATION_ID = re.compile(r"^[a-z]+([A-Z][a-z0-9]*)*$")
PATH = re.compile(r"^(/\.well-known/[a-z.-]+|/openapi\.json|/v1(/([a-z]+(-[a-z0-9]+)*|\{[a-z_]+\}))+)$")


def resolve(document, node):
    while isinstance(node, dict) and "$ref" in node:
        here = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            here = here[part.replace("~1", "/").replace("~0", "~")]
        node = here
    return node


def walk(node, pointer=""):
    yield pointer, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from walk(child, f"{pointer}/{name}")


def check_references(document):
    used = set()
    for pointer, node in walk(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            used.add(node["$ref"])
            try:
                resolve(document, node)
            except KeyError:
                complain(pointer, f"{node['$ref']} leads nowhere")
    for kind in ("schemas", "responses", "parameters", "examples", "headers"):
        for name in document["components"].get(kind, {}):
            if f"#/components/{kind}/{name}" not in used:
                complain(f"components/{kind}/{name}", "nobody uses it")


def check_operation(document, path, method, operation, shared):
    where = operation.get("operationId", f"{method} {path}")
    for member in ("operationId", "summary", "tags", "x-service", "security", "responses"):
        if member not in operation:
            complain(where, f"{member} is missing")
    if not OPERATION_ID.match(where):
        complain(where, "operationId is lowerCamelCase")
    if operation.get("x-service") not in SERVICES | {"api"}:
        complain(where, "x-service names one of the programs")
    if sum(status.startswith("2") for status in operation.get("responses", {})) != 1:
        complain(where, "exactly one 2xx response")
    parameters = [resolve(document, p) for p in shared + operation.get("parameters", [])]
    declared = {p["name"] for p in parameters if p["in"] == "path"}
    if declared != set(re.findall(r"\{(\w+)\}", path)):
        complain(where, f"path parameters differ from the path: {sorted(declared)}")
    for tag in operation.get("tags", []):
        if tag not in {t["name"] for t in document["tags"]}:
            complain(where, f"tag {tag} is not described")


def check_paths(document):
    seen = set()
    for path, item in document["paths"].items():
        if not PATH.match(path):
            complain(path, "not a path of the house")
        for method in METHODS & set(item):
            operation = item[method]
            check_operation(document, path, method, operation, item.get("parameters", []))
            if operation.get("operationId") in seen:
                complain(operation["operationId"], "the id is taken")
            seen.add(operation.get("operationId"))


def check_examples(document):
    checker = jsonschema.FormatChecker()
    for pointer, node in walk(document):
        if not (isinstance(node, dict) and "schema" in node and isinstance(node.get("examples"), dict)):
            continue
        schema = {"components": document["components"], "allOf": [node["schema"]]}
        validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
        for name, example in node["examples"].items():
            for error in validator.iter_errors(resolve(document, example)["value"]):
                hint = " (deploy/build/events.py --write)" if pointer.startswith("/webhooks") else ""
                complain(f"{pointer}/examples/{name}", f"{error.json_path}: {error.message[:200]}{hint}")


def check_bodies(document):
    for pointer, node in walk(document["paths"]):
        if pointer.endswith("/requestBody"):
            for media, content in resolve(document, node)["content"].items():
                schema = resolve(document, content["schema"])
                if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
                    complain(pointer, f"{media}: unknown members must be refused (additionalProperties: false)")
                if "examples" not in content:
                    complain(pointer, f"{media}: no example")


def check_events(document):
    """Every kind that a statement writes can be subscribed to, and no other."""
    listed = set(document.get("webhooks", {})) - {events.TEST}
    for kind in sorted(listed ^ set(events.kinds())):
        complain("webhooks", f"{kind}: statements and catalogue differ; deploy/build/events.py --write brings it up to date")
    if document["components"]["schemas"]["EventKindPattern"]["enum"] != events.patterns():
        complain("EventKindPattern", "deploy/build/events.py --write brings it up to date")


def main():
    document = load("openapi.yaml")
    if not str(document.get("openapi", "")).startswith("3.1."):
        complain("openapi", "3.1 is wanted")
    check_references(document)
    check_paths(document)
    check_bodies(document)
    check_examples(document)
    check_events(document)
    finish()


main()
