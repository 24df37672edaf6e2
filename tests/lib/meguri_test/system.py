"""One running program of Meguri with everything it needs: ports, secret, clock, mailbox, log."""
import json
import os
import pathlib
import secrets
import signal
import subprocess
import tempfile
import shutil
import time

import httpx

from .client import Client
from .mailbox import MailSink
from .paths import program as program_path
from .ports import free_port
from .runner import SANITIZER, JobRunner
from .wait import until

CLOCK_CHECK_SECONDS = 0.05  # programs read a changed clock after at most 20 ms (api/clock.c)
PASSWORD = "correct horse battery staple"
running = []  # for the report of a failing test


class System:
    """database: name of a migrated database of cluster. clock: RFC 3339 instant, or None for the real time.

    environment adds or replaces settings (None removes one). start=False only prepares; mail=False has no mailbox.
    """

    def __init__(self, cluster, database, *, program="meguri", clock=None, environment=None, start=True, mail=True,
                 user=None):
        self.cluster, self.database, self.program = cluster, database, program
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="meguri-test-"))
        self.log_path = self.home / "log.jsonl"
        self.port, self.admin_port = free_port(), free_port()
        self.url, self.admin_url = (f"http://127.0.0.1:{p}" for p in (self.port, self.admin_port))
        self.mail = MailSink(self.home / "mail") if mail else None
        self.clock_path = self.home / "clock" if clock else None
        if clock:
            self.set_clock(clock)
        self.environment = self._environment(user or program)
        self.environment |= environment or {}
        self.process = self.runner = None
        if start:
            self._start_or_clear_up()

    def _start_or_clear_up(self):
        """Who does not get a system can not close it."""
        try:
            self.start()
        except BaseException:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self.mail:
                self.mail.stop()
            raise

    def _environment(self, role):
        secret = self.home / "secret"
        secret.write_bytes(secrets.token_bytes(32))
        secret.chmod(0o600)
        role = role if role.startswith("meguri") else f"meguri_{role}"
        return {
            "MEGURI_HOME": str(self.home),
            "MEGURI_LISTEN": f"127.0.0.1:{self.port}",
            "MEGURI_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
            "MEGURI_DATABASE": self.cluster.conninfo(self.database, role),
            "MEGURI_MIGRATE_DATABASE": self.cluster.conninfo(self.database),
            "MEGURI_SECRET_FILE": str(secret),
            "MEGURI_CLOCK": str(self.clock_path) if self.clock_path else None,
            "MEGURI_SMTP_URL": self.mail.url if self.mail else None,
            "MEGURI_SMTP_TLS": "off",
            "MEGURI_MAIL_FROM": "Meguri <no-reply@meguri.example>",
            "MEGURI_LOOPS": "2",
            "MEGURI_DB_WRITE": "4",
            "MEGURI_RATE_LIMIT": "0",
            "MEGURI_LOGIN_RATE_LIMIT": "100000",
            "MEGURI_LOG_LEVEL": "info",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        }

    def _full_environment(self):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MEGURI_", "PG"))}
        return inherited | {k: v for k, v in self.environment.items() if v is not None}

    # -- life -----------------------------------------------------------------------------------------------------

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([program_path(self.program)], env=self._full_environment(),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        running.append(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=30):
        until(self.is_ready, seconds, f"/readyz of {self.program}")

    def is_ready(self):
        code = self.process.poll()
        assert code is None, f"{self.program} ended with {code}:\n{self.log_tail()}"
        try:
            return httpx.get(self.admin_url + "/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, seconds=30):
        """SIGTERM; asserts exit status 0 and no sanitizer report."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.program} did not stop in {seconds} s:\n{self.log_tail()}") from None
        self._ended(0)

    def kill(self):
        """SIGKILL, as a crash; start() may follow."""
        self.process.kill()
        self.process.wait()
        self._ended(-signal.SIGKILL)

    def _ended(self, wanted):
        if self in running:
            running.remove(self)
        code = self.process.returncode if self.process else wanted
        self.process = None
        log = self.log()
        report = SANITIZER.search(log)
        assert not report, f"sanitizer report of {self.program}:\n{log[report.start():][:6000]}"
        assert code == wanted, f"{self.program} ended with {code}, not {wanted}:\n{self.log_tail()}"

    def close(self):
        """Stops everything and removes the home."""
        try:
            self._stop_runner()
            self.stop()
        finally:
            if self.mail:
                self.mail.stop()
            shutil.rmtree(self.home, ignore_errors=True)

    # -- looking --------------------------------------------------------------------------------------------------

    def log(self):
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def log_tail(self, lines=40):
        return "\n".join(self.log().splitlines()[-lines:])

    def metrics(self):
        return httpx.get(self.admin_url + "/metrics", timeout=5).text

    def mails(self, to=None):
        return self.mail.mails(to)

    def sql(self, text, *values):
        """As superuser, past row level security: for looking, and for facts no operation can make."""
        return self.cluster.execute(text, *values, database=self.database)

    # -- acting ---------------------------------------------------------------------------------------------------

    def set_clock(self, instant, wait=True):
        """set_clock("2025-02-14T09:00:00+09:00"); only when the system was made with clock=. Who only runs jobs need not wait for the program."""
        assert self.clock_path, "make the system with clock=..."
        temporary = self.clock_path.with_suffix(".new")
        temporary.write_text(instant + "\n")
        temporary.rename(self.clock_path)
        if wait:
            time.sleep(CLOCK_CHECK_SECONDS)  # nothing to poll: no reply tells which instant the program holds

    def admin(self, *words, expect=0):
        """`meguri admin ...`; its standard output."""
        return self.admin_run(*words, expect=expect).stdout

    def admin_run(self, *words, expect=0):
        """The same with .stdout and .stderr (the log)."""
        done = subprocess.run([program_path(), "admin", *words], env=self._full_environment(), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        assert not SANITIZER.search(done.stderr), done.stderr
        assert done.returncode == expect, f"meguri admin {' '.join(words)}: {done.stdout}{done.stderr}"
        return done

    def run_jobs(self):
        """All jobs until nothing is due at the present (injected) time. A job that the running program has begun before may not have seen
        the last change: it is waited for, and so is one that it begins meanwhile."""
        until(self._nothing_leased, 30, "end of the jobs that run")
        environment = self._full_environment()
        if not (self.runner and self.runner.serves(environment)):
            self._stop_runner()
            self.runner = JobRunner(environment, self.home / "jobs.jsonl")
        runs = self.runner.run()
        until(self._nothing_leased, 30, "end of the jobs that run")
        return runs

    def _stop_runner(self):
        if self.runner:
            self.runner.stop()
            self.runner = None

    def _nothing_leased(self):
        return self.sql("select count(*) from platform.work where lease_until > clock_timestamp()")[0][0] == 0

    def create_consultancy(self, name="巡コンサルティング", email=None, owner_name="山田 花子", password=PASSWORD,
                           locale="ja", time_zone="Asia/Tokyo"):
        """{consultancy_id, member_id, email, password}; each call makes another one."""
        email = email or f"owner-{secrets.token_hex(4)}@meguri.example"
        password_file = self.home / f"password-{secrets.token_hex(4)}"
        password_file.write_text(password + "\n")
        made = json.loads(self.admin(
            "create-consultancy", "--name", name, "--email", email, "--owner-name", owner_name, "--locale", locale,
            "--time-zone", time_zone, "--password-file", str(password_file)))
        return made | {"email": email, "password": password}

    def client(self, token=None):
        return Client(self.url, token)

    def sign_in(self, email, password=PASSWORD):
        """A client with an access token; .session is the whole reply."""
        client = self.client()
        client.session = client.call("createSession", {"email": email, "password": password}, expect=(200, 201)).json()
        client.token = client.session["access_token"]
        return client

    def owner(self, **rest):
        """A new consultancy's owner, signed in; .consultancy tells its ids."""
        made = self.create_consultancy(**rest)
        client = self.sign_in(made["email"], made["password"])
        client.consultancy = made
        return client
