"""Where things are. MEGURI_TEST_BUILD chooses the programs under test (default build-asan)."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / os.environ.get("MEGURI_TEST_BUILD", "build-asan")


def program(name="meguri"):
    path = BUILD / "bin" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built; run `make asan` (or set MEGURI_TEST_BUILD=build)")
    return str(path)
