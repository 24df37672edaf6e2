"""Each program's login has the rights that its own statements need: PostgreSQL looks at them when it explains."""
import re

import psycopg
import pytest

from meguri_test.paths import ROOT

SERVICES = ("tenants", "registers", "scheduling", "notifications")
FILES = [(service, path) for service in SERVICES
         for path in sorted((ROOT / "services" / service).glob("*.sql")) + [ROOT / "api/shell.sql"]]


def statements(path):
    """(name, text with $1...) of a statement file."""
    lines = [line for line in path.read_text(encoding="utf-8").split("\n")
             if not line.startswith("--") or line.startswith("-- name:")]
    parts = re.split(r"^-- name: (\w+)\s*\n", "\n".join(lines), flags=re.M)[1:]
    for name, body in zip(parts[::2], parts[1::2]):
        body = body.strip().rstrip(";").replace("{key}", ", null as _key").replace("{page}", "")
        names = []

        def number(match):
            if not match[1]:
                return match[0]  # a text constant
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"
        yield name, re.sub(r"'[^']*'|(?<![:\w]):([a-z_]+)", number, body), len(names)


def test_there_are_statements():
    assert len(FILES) > len(SERVICES) and all(list(statements(path)) for _, path in FILES)


@pytest.mark.parametrize("service, path", FILES, ids=lambda value: getattr(value, "stem", value))
def test_a_program_has_the_rights_its_statements_need(cluster, database, service, path):
    refused = []
    with psycopg.connect(cluster.conninfo(database, f"meguri_{service}"), autocommit=True) as connection:
        for name, text, count in statements(path):
            try:
                connection.execute(f'prepare "{name}" as {text}'.encode())
                values = f"({', '.join(['null'] * count)})" if count else ""
                connection.execute(f'explain execute "{name}"{values}'.encode())
            except psycopg.errors.InsufficientPrivilege as error:
                refused.append((name, str(error)))
    assert refused == []
