#!/usr/bin/python3
"""Includes go downward only, a service never includes another, foreign headers stay in few files (layers.txt)."""
import fnmatch
import os
import re

from common import complain, files, finish, read

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


class Table:
    def __init__(self):
        self.layers, self.pure, self.headers = [], {}, {}
        for line in read("tests/lint/layers.txt").splitlines():
            word, _, rest = line.partition(": ")
            if word == "layer":
                self.layers.append(rest.split())
            elif word == "pure":
                folder, names = rest.split(":")
                self.pure[folder] = set(names.split())
            elif word == "header":
                prefix, patterns = rest.split(": ")
                self.headers[prefix] = patterns.split()
        self.level = {name: number for number, layer in enumerate(self.layers) for name in layer}

    def module(self, path):
        """The longest listed name that the file's name begins with."""
        stem = os.path.splitext(os.path.basename(path))[0]
        while stem not in self.level and "_" in stem:
            stem = stem.rpartition("_")[0]
        return stem if stem in self.level else None


def target(path, name):
    """Path from the root of an included header of ours."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    return beside if os.path.isfile(beside) else name


def check_ours(table, path, where, included):
    ours, theirs = path.split("/"), included.split("/")
    if theirs[0] == "services" and ours[0] == "api":
        complain(where, "api/ includes a service")
    if ours[0] == "services" and theirs[0] == "services" and ours[1] not in (theirs[1], "all"):
        complain(where, f"{ours[1]} includes {theirs[1]}; services meet in tables and events only")
    if ours[0] == "api" and theirs[0] == "api":
        mine, other = table.module(path), table.module(included)
        if mine is None or other is None:
            complain(where, f"{path if mine is None else included} has no layer in tests/lint/layers.txt")
        elif table.level[other] > table.level[mine]:
            complain(where, f"{mine} includes {other}, which is above it")
    for folder, allowed in table.pure.items():
        if path.startswith(folder + "/") and theirs[0] == "api" and table.module(included) not in allowed:
            complain(where, f"{folder} is pure and may include only {', '.join(sorted(allowed))} of api/")


def check_foreign(table, path, where, header):
    for prefix, patterns in table.headers.items():
        if header.startswith(prefix) and not any(fnmatch.fnmatch(path, pattern) for pattern in patterns):
            complain(where, f"<{header}> belongs in {' '.join(patterns)}")


def main():
    table = Table()
    for path in files("api/*.c", "api/*.h", "services/*.c", "services/*.h"):
        for number, line in enumerate(read(path).splitlines(), 1):
            if match := INCLUDE.match(line):
                where = f"{path}:{number}"
                if match.group(1):
                    check_ours(table, path, where, target(path, match.group(1)))
                else:
                    check_foreign(table, path, where, match.group(2))
    finish()


main()
