"""Free ports, each given out once even when several test runs share the machine.

Ports below the kernel's range for outgoing connections, guarded by a lock file for the life of this process: listeners
use SO_REUSEPORT, so a plain bind would not notice a second owner.
"""
import fcntl
import os
import random
import socket

DIRECTORY = f"/tmp/meguri-ports-{os.getuid()}"
RANGE = range(20000, 32000)
_held = []


def free_port():
    os.makedirs(DIRECTORY, exist_ok=True)
    for port in random.sample(RANGE, 500):
        lock = open(os.path.join(DIRECTORY, str(port)), "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return port
    raise OSError("no free port found")
