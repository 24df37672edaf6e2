"""Addresses for the raw-socket suite: the small edge_server of this directory and, for every vector, `meguri` itself."""
import json
import os
import shlex
import signal
import subprocess
import tempfile
from urllib.parse import urlsplit

import pytest
from meguri_test.paths import BUILD, ROOT
from meguri_test.system import SANITIZER

from raw import Raw, request

LIBRARIES = ["-levent", "-levent_openssl", "-lhttp_parser", "-lssl", "-lcrypto", "-lm", "-pthread"]
MODULES = ["loop", "arena", "text", "clock", "civil", "problem", "problem_language", "problem_texts"]


def compile_server(folder, words):
    """The edge and what it stands on, nothing above it."""
    sources = [f"api/{name}.c" for name in MODULES] + [str(p) for p in sorted((ROOT / "api").glob("http*.c"))]
    subprocess.run([*words, "-I.", "-pie", "-o", str(folder / "edge_server"), "tests/edge/edge_server.c", *sources,
                    *LIBRARIES], cwd=ROOT, check=True)
    return folder / "edge_server"


@pytest.fixture(scope="session")
def sanitized_program(tmp_path_factory):
    """edge_server with the flags of the build under test."""
    return compile_server(tmp_path_factory.mktemp("edge"), shlex.split((BUILD / "flags").read_text()))


@pytest.fixture(scope="session")
def plain_program(tmp_path_factory):
    """edge_server without sanitizers, for what is measured in bytes."""
    return compile_server(tmp_path_factory.mktemp("plain"), ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-fPIE"])


class Edge:
    """One running edge_server. Keywords become its EDGE_... settings."""

    def __init__(self, program, **settings):
        self.log = tempfile.TemporaryFile("w+")
        environment = os.environ | {f"EDGE_{name.upper()}": str(value) for name, value in settings.items()}
        self.process = subprocess.Popen([str(program)], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.address = ("127.0.0.1", int(self.process.stdout.readline()))

    def connect(self, **options):
        return Raw(self.address, **options)

    def count(self):
        with self.connect() as raw:
            return json.loads(raw.send(request(target="/count")).reply().body)

    def stop(self):
        """Drains; asserts a clean end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
        self.process.stdout.close()
        self.log.seek(0)
        report = self.log.read()
        self.log.close()
        assert not SANITIZER.search(report), report[:6000]
        assert code == 0, f"edge_server ended with {code}: {report}"


@pytest.fixture
def start_edge(sanitized_program):
    made = []

    def start(program=sanitized_program, **settings):
        made.append(Edge(program, **settings))
        return made[-1]

    yield start
    for edge in made:
        if edge.process.returncode is None:
            edge.stop()


@pytest.fixture(scope="session")
def edge(sanitized_program):
    made = Edge(sanitized_program)
    yield made
    made.stop()


@pytest.fixture(params=["edge_server", "meguri"])
def anywhere(request):
    """connect() to each program that speaks HTTP with this edge; MEGURI_EDGE_ADDRESS=host:port names another one."""
    if request.param == "edge_server":
        return request.getfixturevalue("edge").connect
    given = os.environ.get("MEGURI_EDGE_ADDRESS")
    where = urlsplit(f"//{given}" if given else request.getfixturevalue("system").url)
    return lambda **options: Raw((where.hostname, where.port), **options)
