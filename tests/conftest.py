"""Makes tests/lib importable and its fixtures known to every test."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))

from meguri_test.fixtures import (  # noqa: E402
    cluster, database, pytest_runtest_makereport, pytest_runtest_setup, start_system, system)

__all__ = ["cluster", "database", "pytest_runtest_makereport", "pytest_runtest_setup", "start_system", "system"]
