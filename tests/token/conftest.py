"""Builds token_tool from the library under test."""
import os
import shlex
import subprocess

import pytest

from meguri_test.paths import BUILD, ROOT
from token_tool import Tool

PACKAGES = ["libevent", "libevent_openssl", "libevent_pthreads", "libpq", "jansson", "openssl", "libcurl", "libargon2"]


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("token") / "token_tool")
    compiler = shlex.split((BUILD / "flags").read_text())
    libraries = subprocess.run(["pkg-config", "--libs", *PACKAGES], check=True, capture_output=True, text=True).stdout
    subprocess.run([*compiler, "-o", path, "tests/token/token_tool.c", str(BUILD / "lib.a"), *libraries.split(),
                    "-lhttp_parser", "-lm", "-pthread", "-pie"], check=True, cwd=ROOT)
    return path


@pytest.fixture
def tool(program, tmp_path):
    secret = tmp_path / "secret"
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(os.urandom(32))
    tool = Tool(program, str(secret))
    yield tool
    tool.close()
