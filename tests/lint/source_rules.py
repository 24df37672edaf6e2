#!/usr/bin/python3
"""House rules that need no compiler: banned calls, lengths of functions and files, words in committed text."""
import json
import re
import subprocess

from common import complain, files, finish, read

MAX_FUNCTION, MAX_FILE = 60, 400

BANNED = re.compile(r"\b(strcat|strcpy|strncpy|strncat|sprintf|vsprintf|atoi|atol|atof|gets|strtok|alloca|system|popen)\s*\(")
FREE_IN_SERVICE = re.compile(r"\bfree\s*\(")
OWN_T = re.compile(r"^typedef\b.*\b\w+_t\s*;")
TYPEDEF_STRUCT = re.compile(r"^typedef\s+(struct|union|enum)\b")
FIXED_BUFFER = re.compile(r"\bchar\s+\w+\[(256|512|1024|2048|4096|8192)\]")

# Put together here so that this file passes its own rule.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
MACHINE = re.compile(r"(?<![\w.])/(wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me)/")
NOT_TEXT = re.compile(r"\.(json|svg|png|eml|ics|lock|woff2?|bin)$|/corpus/|^LICENSE$|^tests/oracle/modules/")


def without_comments(text):
    """Comments and literals blanked, lines kept."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def check_calls(path, code):
    for number, line in enumerate(code.splitlines(), 1):
        where = f"{path}:{number}"
        if match := BANNED.search(line):
            complain(where, f"{match.group(1)} is banned")
        if path.startswith("services/") and FREE_IN_SERVICE.search(line):
            complain(where, "free( in a service: use the arena or a cleanup type")
        if TYPEDEF_STRUCT.search(line) or OWN_T.search(line):
            complain(where, "no typedef of structs, no name ending in _t")
        if FIXED_BUFFER.search(line):
            complain(where, "no fixed buffer of a round size; use arena_printf or struct text")


def check_functions(paths):
    output = subprocess.run(["ctags", "-L", "-", "-o", "-", "--kinds-C=f", "--fields=+ne", "--output-format=json"],
                            input="\n".join(paths), capture_output=True, text=True, check=True).stdout
    for row in map(json.loads, output.splitlines()):
        lines = row.get("end", row["line"]) - row["line"] + 1
        if lines > MAX_FUNCTION:
            complain(f"{row['path']}:{row['line']}", f"{row['name']} has {lines} lines, at most {MAX_FUNCTION}")


def check_words(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := UNFINISHED.search(line):
            complain(f"{path}:{number}", f"unfinished mark {match.group()}")
        if match := MACHINE.search(line):
            complain(f"{path}:{number}", f"a path of somebody's machine: {match.group()}")


def main():
    sources = files("*.c", "*.h")
    for path in sources:
        text = read(path)
        check_calls(path, without_comments(text))
        if (lines := text.count("\n")) > MAX_FILE:
            complain(path, f"{lines} lines, at most {MAX_FILE}")
    check_functions([path for path in sources if path.endswith(".c")])
    for path in files():
        if not NOT_TEXT.search(path):
            check_words(path, read(path))
    finish()


main()
