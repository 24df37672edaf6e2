"""wrk against the server, CPU time of processes, idle connections, start-up."""
import os
import pathlib
import re
import selectors
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
# No response(): calling Lua for every reply would measure wrk.
LUA = """wrk.method = "{method}"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
function done(summary, latency)
    local e = summary.errors
    io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration, e.status,
        e.connect + e.read + e.write + e.timeout, latency:percentile(99)))
end
"""


def wrk(home, url, *, token, connections, seconds, method="GET", body=""):
    """Requests per second; AssertionError when a reply was an error."""
    file = pathlib.Path(home) / "load.lua"
    file.write_text(LUA.format(method=method, token=token, body=body))
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(file), url],
                          text=True, capture_output=True)
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    assert found, f"wrk: {done.stdout}{done.stderr}"
    requests, duration, refused, errors, _ = (int(n) for n in found.groups())
    assert refused == 0 and errors == 0, f"{method} {url}: {refused} replies above 399, {errors} socket errors"
    return requests / (duration / 1e6)


def _stat(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii")
    return text.rsplit(")", 1)[1].split()


def cpu_seconds(*parents):
    """User and system time of these processes and all their children, ended ones included."""
    total = 0
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and (int(entry) in parents or int(_stat(entry)[1]) in parents):
                total += sum(int(n) for n in _stat(entry)[11:13])
                if int(entry) in parents:
                    total += sum(int(n) for n in _stat(entry)[13:15])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / TICK


def rss_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


def idle_connections(system, count):
    """Bytes of resident memory per `count` kept-alive connections that made one request each and then rest."""
    request = f"GET /v1/nothing-here HTTP/1.1\r\nHost: 127.0.0.1:{system.port}\r\n\r\n".encode()
    pid, sockets, selector = system.process.pid, [], selectors.DefaultSelector()
    before = rss_kib(pid)
    try:
        for _ in range(count):
            sockets.append(socket.create_connection(("127.0.0.1", system.port)))
            sockets[-1].sendall(request)
            assert sockets[-1].recv(65536).startswith(b"HTTP/1.1 404"), "an idle connection got no reply"
        until = time.monotonic() + 1
        while time.monotonic() < until:  # whatever is freed a little later
            time.sleep(0.1)
        for connection in sockets:
            selector.register(connection, selectors.EVENT_READ)
        assert not selector.select(0), "the server closed idle connections"
        return (rss_kib(pid) - before) * 1024
    finally:
        selector.close()
        for connection in sockets:
            connection.close()


def start_ms(system):
    """Milliseconds from exec to the first 200 of /readyz."""
    request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    begun = time.monotonic()
    system.start(wait=False)
    while time.monotonic() < begun + 20:
        try:
            with socket.create_connection(("127.0.0.1", system.admin_port), timeout=1) as connection:
                connection.sendall(request)
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return (time.monotonic() - begun) * 1000
        except OSError:
            pass
        time.sleep(0.001)
    raise AssertionError(f"not ready in 20 s:\n{system.log_tail()}")
