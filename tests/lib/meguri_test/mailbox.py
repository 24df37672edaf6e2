"""Mail that arrived, and the receiver that took it (deploy/mail_sink.py)."""
import email
import email.policy
import json
import os
import pathlib
import signal
import subprocess
import sys

from .paths import ROOT
from .wait import until


class Mail:
    def __init__(self, path):
        self.path = path
        self.raw = path.read_bytes()
        self.envelope = json.loads(path.with_suffix(".json").read_text())
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)
        self.to = self.envelope["to"]
        self.subject = str(self.message["subject"])
        self.id = str(self.message["message-id"])

    @property
    def text(self):
        part = self.message.get_body(("plain", "html"))
        return part.get_content() if part else ""

    def __repr__(self):
        return f"<Mail to {','.join(self.to)}: {self.subject}>"


class Mailbox:
    """A directory of .eml files."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def mails(self, to=None):
        """All of them in order of arrival, or those to one address."""
        found = [Mail(path) for path in sorted(self.directory.glob("[0-9]*.eml"))]
        return [mail for mail in found if to is None or to in mail.to]

    def wait(self, count, to=None, seconds=15):
        return until(lambda: (len(self.mails(to)) >= count) and self.mails(to), seconds, f"{count} mails")

    def clear(self):
        for path in self.directory.glob("*"):
            path.unlink()


class MailSink(Mailbox):
    """options are those of deploy/mail_sink.py, e.g. ("--user", "u", "--password", "p")."""

    def __init__(self, directory, *options):
        super().__init__(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.control = self.directory.parent / (self.directory.name + ".control")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", ROOT / "deploy/mail_sink.py", self.directory, "--control", self.control, *options],
            stdout=subprocess.PIPE, stderr=sys.stderr if os.environ.get("MEGURI_TEST_VERBOSE") else subprocess.DEVNULL,
            text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"smtp://127.0.0.1:{self.port}"

    def misbehave(self, **behaviour):
        """temporary=0.3, refuse=[address], defer=[address], drop=1, drop_kept=1, delay=2; nothing = behave again."""
        temporary = self.control.with_suffix(".new")
        temporary.write_text(json.dumps(behaviour))
        temporary.rename(self.control)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.process.stdout.close()
