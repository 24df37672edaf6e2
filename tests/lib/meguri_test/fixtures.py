"""Fixtures that every test may name, and the report of a failing test."""
import pytest

from . import client as client_module
from . import system as system_module
from .cluster import Cluster
from .system import System


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL of this test run alone (not durable)."""
    made = Cluster()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def database(cluster, request):
    """Name of a freshly migrated database for this module."""
    name = cluster.clone(request.module.__name__)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="module")
def start_system(cluster, request):
    """Makes systems, stopped at the end of the module: start_system(clock="2025-...", environment={...})."""
    made = []

    def start(database=None, **options):
        name = database or cluster.clone(request.module.__name__)
        made.append(System(cluster, name, **options))
        return made[-1]

    yield start
    errors = []
    for system in made:
        try:
            system.close()
        except AssertionError as error:
            errors.append(str(error))
        cluster.drop(system.database)
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="module")
def system(start_system, database):
    """`meguri` at the real time on this module's database."""
    return start_system(database)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    client_module.exchanges.clear()
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for number, text in enumerate(client_module.exchanges):
            report.sections.append((f"exchange {number + 1} of the last {len(client_module.exchanges)}", text))
        for system in system_module.running:
            report.sections.append((f"log of {system.program} on {system.url}", system.log_tail()))
