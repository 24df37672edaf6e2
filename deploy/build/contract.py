#!/usr/bin/python3
"""openapi.yaml as JSON: for the programs (--c FILE), for HAProxy (--haproxy-map FILE), or on standard output.

YAML 1.2 core meaning: dates, times and words like "yes" stay strings; a repeated key is an error.
"""
import json
import os
import re
import sys

import yaml

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SERVICES = {"tenants", "registers", "scheduling", "notifications"}


class CoreLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    yaml_implicit_resolvers = {}


def resolve(tag, pattern, first):
    CoreLoader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


resolve("null", r"^(?:~|null|)$", ["~", "n", ""])
resolve("bool", r"^(?:true|false)$", "tf")
resolve("int", r"^[-+]?[0-9]+$", "-+0123456789")
resolve("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789")


def pairs(loader, node):
    """The members of a mapping; those of a merge key (<<) last, so that explicit ones win."""
    merged = []
    for key_node, value_node in node.value:
        value = loader.construct_object(value_node, deep=True)
        if key_node.value == "<<":
            for part in value if isinstance(value, list) else [value]:
                merged += [(key, member, None) for key, member in part.items()]
        else:
            yield key_node.value, value, key_node
    yield from merged


def mapping(loader, node):
    result = {}
    for key, value, key_node in pairs(loader, node):
        if key not in result:
            result[key] = value
        elif key_node is not None:
            raise yaml.constructor.ConstructorError(None, None, f"repeated key {key!r}", key_node.start_mark)
    return result


def integer(loader, node):
    return int(node.value, 10)


def number(loader, node):
    return float(node.value)


CoreLoader.add_constructor("tag:yaml.org,2002:map", mapping)
CoreLoader.add_constructor("tag:yaml.org,2002:int", integer)
CoreLoader.add_constructor("tag:yaml.org,2002:float", number)


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=CoreLoader)


def write_if_changed(path, text):
    """Rename over the old file, and only when something changed, so that make rebuilds nothing in vain."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def c_bytes(data):
    lines = (", ".join(str(b) for b in data[i:i + 32]) for i in range(0, len(data), 32))
    return ",\n".join(lines)


def c_source(document):
    data = b"" if document is None else json.dumps(
        document, ensure_ascii=False, separators=(",", ":")).encode()
    return (
        "/* Made from openapi.yaml by deploy/build/contract.py. */\n"
        '#include "api/embedded.h"\n\n'
        f"const unsigned char contract_json[] = {{\n{c_bytes(data + bytes(1))}}};\n"
        f"const size_t contract_json_len = {len(data)};\n")


def haproxy_map(document):
    """METHOD:path as pattern -> backend, for map_reg, the most specific first; what every program serves is left out."""
    rows = []
    for path, item in document.get("paths", {}).items():
        pattern = "^" + re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(path)) + "$"
        services = {item[m]["x-service"] for m in METHODS & set(item) if item[m].get("x-service") in SERVICES}
        for method in sorted(METHODS & set(item)):
            service = item[method].get("x-service")
            if service in SERVICES and len(services) > 1:
                name = "(GET|HEAD)" if method == "get" else method.upper()
                rows.append((path.count("{"), pattern.replace("^", f"^{name}:", 1), service))
        if len(services) == 1:
            rows.append((path.count("{"), pattern.replace("^", "^[A-Z]+:", 1), services.pop()))
    return "".join(f"{pattern} {service}\n" for _, pattern, service in sorted(rows))


def main(arguments):
    kind, target = (arguments[0], arguments[1]) if arguments and arguments[0].startswith("--") else (None, None)
    source = arguments[-1] if arguments else "openapi.yaml"
    document = load(source) if os.path.exists(source) else None
    if kind == "--c":
        write_if_changed(target, c_source(document))
    elif kind == "--haproxy-map":
        write_if_changed(target, haproxy_map(document or {}))
    else:
        json.dump(document, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main(sys.argv[1:])
