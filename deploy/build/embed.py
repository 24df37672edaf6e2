#!/usr/bin/python3
"""Writes the C sources that carry what api/embedded.h declares.

embed.py .../embedded.c     api/*.sql, services/*/*.sql and migrations/*.sql
embed.py .../references.c   services/<service>/catalogues/*.json, apart because it is large and rarely changes
"""
import glob
import hashlib
import sys

from contract import c_bytes, write_if_changed

HEADER = """/* Made from the {} by deploy/build/embed.py. */
#include "api/embedded.h"
"""


def text_array(name, data):
    values = [byte - 256 if byte > 127 else byte for byte in data] + [0]
    return f"\nstatic const char {name}[] = {{\n{c_bytes(values)}}};\n"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def statements():
    paths = sorted(glob.glob("api/*.sql") + glob.glob("services/*/*.sql"))
    arrays, rows = [], []
    for number, path in enumerate(paths):
        data = read(path)
        arrays.append(text_array(f"statement_{number}", data))
        service = "api" if path.startswith("api/") else path.split("/")[1]
        rows.append(f'    {{"{service}", "{path}", statement_{number}, {len(data)}}},\n')
    return "".join(arrays), "".join(rows)


def migrations():
    paths = sorted(glob.glob("migrations/*.sql"))
    arrays, rows = [], []
    for number, path in enumerate(paths):
        data = read(path)
        digest = hashlib.sha256(data).hexdigest()
        arrays.append(text_array(f"migration_{number}", data))
        rows.append(f'    {{"{path}", migration_{number}, {len(data)}, "{digest}"}},\n')
    return "".join(arrays), "".join(rows)


def references():
    paths = sorted(glob.glob("services/*/catalogues/*.json"))
    arrays, rows = [], []
    for number, path in enumerate(paths):
        data = read(path)
        digest = hashlib.sha256(data).hexdigest()
        arrays.append(text_array(f"reference_{number}", data))
        rows.append(f'    {{"{path.split("/")[1]}", "{path}", reference_{number}, "{digest}"}},\n')
    return (HEADER.format("catalogues of services/") + "".join(arrays) +
            f"\nconst struct embedded_reference embedded_references[] = {{\n{''.join(rows)}"
            "    {0},\n};\n")


def programs():
    statement_texts, statement_rows = statements()
    migration_texts, migration_rows = migrations()
    return (
        HEADER.format(".sql files of services/ and migrations/") + statement_texts + migration_texts +
        f"\nconst struct embedded_file embedded_statements[] = {{\n{statement_rows}"
        "    {0},\n};\n"
        f"\nconst struct embedded_migration embedded_migrations[] = {{\n{migration_rows}"
        "    {0},\n};\n")


if __name__ == "__main__":
    write_if_changed(sys.argv[1], references() if sys.argv[1].endswith("references.c") else programs())
