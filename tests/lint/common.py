"""Shared by the lint scripts: the files of the project, and one way to complain."""
import os
import subprocess
import sys

complaints = []


def files(*patterns):
    """Paths that are, or are about to be, committed."""
    output = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
                            check=True, capture_output=True, text=True).stdout
    return [path for path in output.splitlines() if os.path.isfile(path)]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def complain(where, what):
    complaints.append(f"{where}: {what}")


def finish():
    print("\n".join(complaints), file=sys.stderr, end="\n" if complaints else "")
    sys.exit(bool(complaints))
