"""The check programs tests/db/test_*.c on a PostgreSQL of their own: one test here for each of theirs."""
import os
import re
import subprocess

import pytest

from meguri_test.paths import BUILD, ROOT

PROGRAMS = sorted(path.stem for path in (ROOT / "tests/db").glob("test_*.c"))


def facts():
    for program in PROGRAMS:
        text = (ROOT / "tests/db" / f"{program}.c").read_text(encoding="utf-8")
        for name in re.findall(r"^START_TEST\((\w+)\)", text, re.M):
            yield pytest.param(program, name, id=f"{program}-{name}")


@pytest.fixture(scope="module")
def outcomes(cluster, tmp_path_factory):
    """TAP lines and output by program; each runs once, when first asked for."""
    known = {}

    def run(program):
        if program not in known:
            log = tmp_path_factory.mktemp(program) / "tap"
            database = f"lanes_{program}"
            cluster.create_database(database)
            done = subprocess.run([BUILD / "db" / program], text=True, capture_output=True, timeout=280,
                                  env=os.environ | {"MEGURI_TEST_DATABASE": cluster.conninfo(database),
                                                    "CK_TAP_LOG_FILE_NAME": str(log)})
            cluster.drop(database)
            known[program] = log.read_text(encoding="utf-8").splitlines(), done.stdout + done.stderr
        return known[program]

    return run


@pytest.mark.parametrize("program, name", facts())
def test_fact(outcomes, program, name):
    lines, output = outcomes(program)
    own = [line for line in lines if f":{name}:" in line]
    assert own, f"{name} did not run\n{output}"
    assert all(line.startswith("ok ") for line in own), "\n".join(own) + "\n" + output
