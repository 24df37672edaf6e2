"""Bytes to a socket and replies from it, without the help of an HTTP library that would correct our mistakes."""
import socket
import time


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        """All values of a field, joined; None when it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


class Raw:
    """One connection. heads: for which of the replies no body follows (answers to HEAD)."""

    def __init__(self, address, timeout=10, receive_buffer=None):
        host, port = address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_slowly(self, data, pause=0.0):
        """One byte per segment; a refusal in the middle ends it."""
        for at in range(len(data)):
            try:
                self.socket.sendall(data[at:at + 1])
            except (BrokenPipeError, ConnectionResetError):
                return self
            if pause:
                time.sleep(pause)
        return self

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self):
        """Closes with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def ended(self):
        """True when the server closes without a further byte."""
        return not self.buffer and not self._more()

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                raise EOFError(f"connection ended within a reply: {self.buffer[:300]!r}")
        part, _, self.buffer = self.buffer.partition(mark)
        return part

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise EOFError(f"connection ended within a body: {len(self.buffer)} of {count}")
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    def reply(self, head=False):
        """The next reply, checked for being well-formed."""
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1", first
        status = int(status)
        headers = [tuple(line.split(": ", 1)) for line in lines]
        reply = Reply(status, headers, b"")
        if status >= 200 and status not in (204, 304):
            length = int(reply.header("Content-Length"))
            reply.body = b"" if head else self._exactly(length)
        return reply

    def replies_until_end(self):
        found = []
        while not self.ended():
            found.append(self.reply())
        return found


def request(method="GET", target="/nothing-here", headers=(), body=b"", version="HTTP/1.1", host="edge.example"):
    """A correct request unless the arguments say otherwise. headers: (name, value) pairs or whole lines."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [line if isinstance(line, str) else f"{line[0]}: {line[1]}" for line in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def post(target="/nothing-here", body=b"{}", headers=()):
    return request("POST", target, [("Content-Length", len(body)), *headers], body)


def chunked(payload, target="/nothing-here", headers=()):
    """A POST whose body is the given raw chunked text."""
    return request("POST", target, [("Transfer-Encoding", "chunked"), *headers], payload)
