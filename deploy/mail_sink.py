#!/usr/bin/python3
"""A small SMTP receiver for the demo and the tests: every message becomes DIR/<time>-<n>.eml.

Beside it DIR/<time>-<n>.json holds the envelope: from, to, tls, user, received. Both appear whole or not at all, the
.json first; names sort by arrival. Listens on 127.0.0.1 only. With --control FILE it looks before each message into that
JSON object for how to misbehave (all optional):
  delay             seconds before each answer to DATA
  temporary         share 0..1 of messages answered 451 (by --seed, so repeatable)
  refuse            list of recipients answered 550
  defer             list of recipients answered 450
  drop              share 0..1 of messages whose connection ends instead of an answer, the message not kept
  drop_kept         the same, but the message IS kept: the sender can not know
"""
import argparse
import asyncio
import datetime
import itertools
import json
import os
import random
import signal
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Sink:
    def __init__(self, options):
        self.directory = options.directory
        self.control = options.control
        self.random = random.Random(options.seed)
        self.count = itertools.count(1)

    def behaviour(self):
        try:
            with open(self.control, encoding="utf-8") as file:
                return json.load(file)
        except (TypeError, FileNotFoundError, ValueError):
            return {}

    def happens(self, share):
        return bool(share) and self.random.random() < share

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.behaviour().get("refuse", []):
            return "550 5.1.1 no such mailbox"
        if address in self.behaviour().get("defer", []):
            return "450 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        behaviour = self.behaviour()
        await asyncio.sleep(behaviour.get("delay", 0))
        if self.happens(behaviour.get("temporary")):
            return "451 4.3.0 try again later"
        if self.happens(behaviour.get("drop")):
            server.transport.abort()
            return "421 4.3.0 gone"
        self.keep(session, envelope)
        if self.happens(behaviour.get("drop_kept")):
            server.transport.abort()
        return "250 2.0.0 OK"

    def keep(self, session, envelope):
        name = f"{time.time_ns():020d}-{next(self.count):06d}"
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data if session.authenticated else None,
            "received": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        }
        self.write(name + ".json", json.dumps(facts, ensure_ascii=False).encode())
        self.write(name + ".eml", envelope.original_content)

    def write(self, name, data):
        temporary = os.path.join(self.directory, "." + name)
        with open(temporary, "wb") as file:
            file.write(data)
        os.rename(temporary, os.path.join(self.directory, name))


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=False, auth_data=user if good else None)
    return check


def smtp_parameters(options):
    parameters = {"hostname": "localhost", "enable_SMTPUTF8": True, "data_size_limit": 50_000_000}
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
        parameters |= {"tls_context": context, "require_starttls": True}
    if options.user:
        parameters |= {"auth_required": True, "auth_require_tls": bool(options.certificate),
                       "authenticator": authenticator(options.user, options.password)}
    return parameters


def write_port(path, port):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"{port}\n")
    os.rename(path + ".new", path)


async def serve(options):
    loop = asyncio.get_running_loop()
    sink, parameters = Sink(options), smtp_parameters(options)
    server = await loop.create_server(lambda: SMTP(sink, loop=loop, **parameters), "127.0.0.1", options.port)
    port = server.sockets[0].getsockname()[1]
    if options.port_file:
        write_port(options.port_file, port)
    print(port, flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--port", type=int, default=0, help="0 = any free one")
    parser.add_argument("--port-file", help="the port is written here")
    parser.add_argument("--certificate", help="PEM chain: STARTTLS is offered and required")
    parser.add_argument("--key", help="PEM key of the certificate")
    parser.add_argument("--user", help="AUTH is required")
    parser.add_argument("--password", default="")
    parser.add_argument("--control", help="JSON file, see above")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = arguments()
    os.makedirs(chosen.directory, exist_ok=True)
    asyncio.run(serve(chosen))
