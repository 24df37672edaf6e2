"""A receiver of webhooks that remembers what came and answers as it is told."""
import http.server
import json
import ssl
import threading

from .wait import until


class Received:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers["webhook-id"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received = Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        sink = self.server.sink
        with sink.lock:
            sink.received.append(received)
        status, headers, content = sink.answer(received)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


class Sink:
    """answer(received) -> (status, headers, content) may be replaced. tls: (certificate, key) files."""

    def __init__(self, tls=None, host="127.0.0.1", port=0):
        self.received, self.lock = [], threading.Lock()
        self.answer = lambda received: (204, {}, b"")
        self.server = Server((host, port), Handler)
        self.server.sink = self
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def answers(self, status, content=b"", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda received: (status, named, content)

    def wait(self, count, seconds=15):
        return until(lambda: len(self.received) >= count and list(self.received), seconds, f"{count} webhooks")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
