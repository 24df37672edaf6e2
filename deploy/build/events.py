#!/usr/bin/python3
"""The kinds of events that the statements write (`-- event: audit.changed`), as the program and its contract know them.

usage: events.py            prints them
       events.py --write    rewrites the list in openapi.yaml
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATTERN_LINE = re.compile(r"^    EventKindPattern: .*$", re.M)


def kinds():
    """Every kind that a statement writes, sorted."""
    found = set()
    for path in ROOT.glob("services/*/*.sql"):
        found |= set(re.findall(r"^-- event: ([a-z_]+\.[a-z_]+)$", path.read_text(encoding="utf-8"), re.M))
    return sorted(found)


def patterns():
    """What a subscription may name."""
    all_kinds = kinds()
    return ["*"] + sorted({kind.split(".")[0] + ".*" for kind in all_kinds} | set(all_kinds))


def main(arguments):
    if arguments != ["--write"]:
        print("\n".join(kinds()))
        return
    path = ROOT / "openapi.yaml"
    text = path.read_text(encoding="utf-8")
    names = ", ".join(f"'{name}'" if "*" in name else name for name in patterns())
    path.write_text(PATTERN_LINE.sub(lambda _: f"    EventKindPattern: {{type: string, enum: [{names}]}}", text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
