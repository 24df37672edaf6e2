#!/usr/bin/python3
"""clang-tidy over all C files, two at a time, remembering by content what was clean (build/tidy/)."""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys

from common import files, read

CACHE = "build/tidy"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def flags():
    packages = ["libevent", "libpq", "jansson", "libjwt", "openssl", "libcurl", "check"]
    found = subprocess.run(["pkg-config", "--cflags", *packages], capture_output=True, text=True).stdout.split()
    return ["-std=c11", "-D_GNU_SOURCE", "-I.", "-Ibuild/gen", "-Wno-unknown-warning-option", *found]


def closure(path, seen):
    """The file and every header of the project it reaches."""
    if path in seen:
        return
    seen[path] = text = read(path)
    for name in INCLUDE.findall(text):
        for candidate in (os.path.normpath(os.path.join(os.path.dirname(path), name)), name):
            if os.path.isfile(candidate):
                closure(candidate, seen)
                break


def key(path, options):
    seen = {}
    closure(path, seen)
    parts = [read(".clang-tidy"), " ".join(options)] + [f"{p}\0{t}" for p, t in sorted(seen.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def tidy(path, options):
    mark = os.path.join(CACHE, key(path, options))
    if os.path.exists(mark):
        return True
    done = subprocess.run(["clang-tidy", "--quiet", path, "--", *options], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr if not done.stdout else "", sep="", file=sys.stderr)
        return False
    open(mark, "w", encoding="ascii").close()
    return True


def main():
    os.makedirs(CACHE, exist_ok=True)
    options, paths = flags(), sys.argv[1:] or files("api/*.c", "services/*.c", "tests/*.c")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: tidy(path, options), paths))
    sys.exit(not all(results))


main()
