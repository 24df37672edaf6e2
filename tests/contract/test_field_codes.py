"""Every field code that the sources use has its sentences in api/problem_texts.c."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARGUMENT = r'(?:"(?:[^"\\]|\\.)*"|[^",();]|\([^()]*\))*'
# function -> how many arguments stand before the code
CALLS = {"refuse_field": 2, "problem_add": 4, "calculation_refuse": 2, "refuse_item": 2, "report_error": 2}


def known():
    text = (ROOT / "api/problem_texts.c").read_text(encoding="utf-8")
    return set(re.findall(r'\{"([a-z_]+)"', text[text.index("field_texts[]"):]))


def used():
    for path in sorted([*(ROOT / "api").glob("*.c"), *(ROOT / "services").rglob("*.c")]):
        text = path.read_text(encoding="utf-8")
        for name, before in CALLS.items():
            for match in re.finditer(rf"\b{name}\((?:{ARGUMENT},){{{before}}}\s*\"([a-z_]+)\"", text):
                yield path.relative_to(ROOT).as_posix(), match.group(1)
    table = (ROOT / "api/sqlstate.c").read_text(encoding="utf-8")
    for code in re.findall(r'\{"[0-9A-Z]{5}", PROBLEM_\w+,\s*"([a-z_]+)"', table):
        yield "api/sqlstate.c", code
    for code in re.findall(r'\{"[a-z]+", "([a-z_]+)"\}', table):
        yield "api/sqlstate.c", code


def test_every_field_code_in_use_has_sentences():
    found = set(used())
    assert {"required", "duplicate", "before_start", "unknown_parameter"} <= {code for _, code in found}
    assert {(path, code) for path, code in found if code not in known()} == set()
