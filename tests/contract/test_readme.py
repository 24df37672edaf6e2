"""The README's table of settings is the one the program prints."""
import subprocess

from meguri_test.paths import ROOT, program


def test_the_settings_in_the_readme_are_the_programs():
    printed = subprocess.run([program(), "settings"], text=True, capture_output=True, check=True).stdout.strip()
    assert printed in (ROOT / "README.md").read_text()
