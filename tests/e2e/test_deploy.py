"""deploy/run, as a newcomer meets it: what it prints works when pasted, the demo has twelve clients, deploy/stop leaves nothing."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import httpx
import pytest
from meguri_test.mailbox import Mailbox
from meguri_test.paths import ROOT
from meguri_test.ports import free_port
from meguri_test.wait import until

STATES = {
    "aoba": ["preparing"], "izumi": ["stage1_done"], "kaede": ["recommended"], "minato": ["certified"], "northwind": ["certified"],
    "sakura": ["certified"], "tsubaki": ["stage2_done"], "fuji": ["certified"], "hikari": ["expired"], "kita": ["suspended"],
    "yayoi": ["certified"], "sora": ["certified", "certified"]}
# What makes each client's point of life visible among its deadlines: kind, and whether it is overdue.
SIGNS = {
    "aoba": ("soa", False), "izumi": ("stage2_latest", False), "kaede": ("target_certificate", False), "minato": ("surveillance_audit", False),
    "northwind": ("surveillance_audit", False), "sakura": ("surveillance_audit", True), "tsubaki": ("major_verification", False),
    "fuji": ("recertification_decision", False), "hikari": ("restore_deadline", False), "kita": ("suspension_limit", False),
    "yayoi": ("change_audit", False), "sora": ("surveillance_audit", False)}


class Place:
    """A home of its own for deploy/run."""

    def __init__(self, *options, listen=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="meguri-deploy-"))
        self.home.chmod(0o711)
        self.options = options
        self.listen = listen or f"127.0.0.1:{free_port()}"
        try:
            self.output = self.run()
        except BaseException:
            self.close()
            raise

    def environment(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEGURI_", "PG", "MAKE", "MFLAGS"))}
        return kept | {"MEGURI_HOME": str(self.home), "MEGURI_LISTEN": self.listen, "MEGURI_CLUSTER_FAST": "1"}

    def call(self, *words, expect=0):
        with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in what is left running
            done = subprocess.run(words, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=300,
                                  check=False)
            output.seek(0)
            text = output.read()
        assert done.returncode == expect, text
        return text

    def run(self, *more):
        return self.call("deploy/run", "--detach", *self.options, *more)

    def variables(self):
        return dict(re.findall(r"^export (\w+)='(.*)'$", (self.home / "demo.env").read_text(), re.M))

    def api(self):
        settings = self.variables()
        return httpx.Client(base_url=settings["MEGURI_URL"], headers={"Authorization": f"Bearer {settings['MEGURI_TOKEN']}"}, timeout=30)

    def processes(self):
        """Everything alive that was started below the home."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"{self.home}/" in words:
                found.append(words)
        return found

    def pid(self, name):
        return int((self.home / "run" / f"{name}.pid").read_text().split()[0])

    def close(self):
        self.call("deploy/stop")
        self.call("deploy/cluster", "remove", str(self.home))
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture(scope="module", params=["", "--services"], ids=["all in one", "services behind HAProxy"])
def place(request):
    made = Place(*filter(None, [request.param]))
    yield made
    made.close()


def rows(api, path):
    reply = api.get(path, params={"limit": 100})
    assert reply.status_code == 200, reply.text
    return reply.json()["data"]


def clients(api):
    return {row["code"]: row for row in rows(api, "/v1/clients")}


def test_the_three_printed_commands_work_when_pasted(place):
    lines = place.output.splitlines()
    source = next(line for line in lines if line.startswith(". "))
    commands = [line for line in lines if line.startswith("curl ")]
    assert len(commands) == 3, place.output
    for command in commands:
        done = subprocess.run(["bash", "-c", f"{source}\n{command} --fail-with-body -w '\\n%{{http_code}}'"], capture_output=True, text=True,
                              env=place.environment(), timeout=60, check=False)
        body, code = done.stdout.rsplit("\n", 1)
        assert code == "200" and json.loads(body), f"{command}\n{done.stdout}{done.stderr}"


def test_the_address_and_the_sign_in_are_printed_and_work(place):
    settings = place.variables()
    assert f"Meguri runs at {settings['MEGURI_URL']} " in place.output
    assert f"Sign in: {settings['MEGURI_EMAIL']} / {settings['MEGURI_PASSWORD']}" in place.output
    assert settings["MEGURI_URL"] == f"http://{place.listen}"
    reply = httpx.post(settings["MEGURI_URL"] + "/v1/sessions", json={"email": settings["MEGURI_EMAIL"], "password": settings["MEGURI_PASSWORD"]})
    assert reply.status_code == 201 and reply.json()["expires_in"] == 3600, reply.text


def test_demo_env_is_for_its_owner_alone(place):
    assert (place.home / "demo.env").stat().st_mode & 0o777 == 0o600
    assert set(place.variables()) == {"MEGURI_URL", "MEGURI_EMAIL", "MEGURI_PASSWORD", "MEGURI_TOKEN"}


def test_the_operators_commands_reach_what_runs(place):
    assert (place.home / "operator.env").stat().st_mode & 0o777 == 0o600
    told = json.loads(place.call("deploy/admin", "queues"))
    assert [c["name"] for c in told["consultancies"]] == ["巡りコンサルティング"] and told["pauses"] == []
    with place.api() as api:
        client = next(iter(clients(api).values()))["id"]
    assert "reminders within 60 days" in place.call("deploy/admin", "dry-run", "--client", client, "--days", "60")


def test_the_demo_has_twelve_clients_each_at_another_point_of_the_life(place):
    with place.api() as api:
        states = {code: [row["state"] for row in rows(api, f"/v1/clients/{client['id']}/certifications")]
                  for code, client in clients(api).items()}
    assert states == STATES


def test_each_client_shows_its_point_of_life_in_its_deadlines(place):
    with place.api() as api:
        for code, client in clients(api).items():
            found = {(row["kind"], row["overdue"]) for row in rows(api, f"/v1/clients/{client['id']}/deadlines")}
            assert SIGNS[code] in found, (code, found)


def test_every_client_has_sites_one_of_them_outside_the_scope_assets_risks_and_people(place):
    with place.api() as api:
        for code, client in clients(api).items():
            base = f"/v1/clients/{client['id']}"
            assert {row["in_scope"] for row in rows(api, f"{base}/sites")} == {True, False}, code
            for path in ("departments", "assets", "risks"):
                assert rows(api, f"{base}/{path}"), (code, path)
        assert {row["role"] for row in rows(api, "/v1/members")} == {"owner", "consultant", "client_admin", "auditor"}


def test_the_relocation_answers_with_advice(place):
    with place.api() as api:
        changes = rows(api, f"/v1/clients/{clients(api)['yayoi']['id']}/changes")
    assert [row["kind"] for row in changes] == ["site_relocation"] and changes[0]["advice"] and changes[0]["status"] == "approved"


def test_the_demo_shows_transfer_suspension_and_return_a_second_scheme_a_larger_scope_and_recurring_work(place):
    with place.api() as api:
        base = {code: f"/v1/clients/{client['id']}" for code, client in clients(api).items()}
        certification = {code: rows(api, f"{path}/certifications")[0] for code, path in base.items()}
        steps = {code: [row["to_state"] for row in rows(api, f"{path}/certifications/{certification[code]['id']}/transitions")]
                 for code, path in base.items()}
        assert [steps["kita"].count(state) for state in ("suspended", "certified")] == [2, 2]
        assert {row["scheme"] for row in rows(api, f"{base['sora']}/certifications")} == {"iso27001-2022", "iso27017-jp"}
        assert {row["status"] for row in rows(api, f"{base['sora']}/scope-versions")} == {"draft"}
        assert certification["minato"]["body_id"] != certification["sakura"]["body_id"]
        assert {row["kind"] for row in rows(api, f"{base['minato']}/obligations")} >= {"training", "risk_review", "access_review"}
        assert rows(api, f"{base['minato']}/effort-entries") and rows(api, f"{base['minato']}/mark-uses")
        assert len(rows(api, f"{base['aoba']}/treatments")) >= 50 and [p["made"]["feasible"] for p in rows(api, f"{base['aoba']}/back-plans")] == [True]


def test_reminders_arrive_in_the_mailbox_in_japanese_and_in_english(place):
    box = Mailbox(place.home / "mail")
    japanese = box.wait(1, "isms@yayoi.example", seconds=60)[0]
    english = box.wait(1, "isms@northwind.example", seconds=60)[0]
    assert "新しい事務所の図面を認証機関に送る" in japanese.subject + japanese.text
    assert "Confirm the audit plan to the certification body" in english.subject + english.text
    for mail in (japanese, english):
        assert mail.message["mime-version"] == "1.0" and mail.message.get_body(("plain",)) and not mail.message.defects
        assert mail.message["from"].addresses[0].addr_spec == "no-reply@meguri.example"


def test_the_links_of_a_mail_work(place):
    mail = Mailbox(place.home / "mail").wait(1, "isms@northwind.example", seconds=60)[0]
    url = place.variables()["MEGURI_URL"]
    (unsubscribe,) = re.fullmatch(r"<(\S+)>", mail.message["list-unsubscribe"]).groups()
    (reminder,) = re.findall(r"\S+/v1/reminder-links/\S+", mail.text)
    for link in (unsubscribe, reminder):
        assert link.startswith(url + "/v1/")
        page = httpx.get(link, headers={"Accept": "text/html"})
        assert page.status_code == 200 and 'method="post"' in page.text


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/v1/nothing", 404), ("GET", "/nothing", 404), ("PUT", "/v1/clients", 405), ("DELETE", "/v1/deadlines", 405),
    ("GET", "/v1/clients", 401), ("POST", "/v1/calculations/cycle-plan", 401), ("GET", "/v1/reminders", 401)])
def test_what_is_refused_is_refused_as_a_problem(place, method, path, status):
    reply = httpx.request(method, place.variables()["MEGURI_URL"] + path)
    assert reply.status_code == status and reply.headers["content-type"] == "application/problem+json", reply.text
    assert reply.json()["status"] == status


def test_a_second_run_changes_nothing_and_renews_the_sign_in(place):
    with place.api() as api:
        before = clients(api)
        deadlines = rows(api, "/v1/deadlines")
    old = place.variables()
    assert f"Meguri runs at {old['MEGURI_URL']} " in place.run()
    with place.api() as api:
        assert clients(api) == before
        assert rows(api, "/v1/deadlines") == deadlines
    new = place.variables()
    assert new.pop("MEGURI_TOKEN") != old.pop("MEGURI_TOKEN") and new == old


def test_a_program_that_died_is_named_and_started_again(place):
    name = "scheduling" if place.options else "meguri"
    pid = place.pid(name)
    os.kill(pid, 9)
    until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10, "its end")
    assert f"{name} has ended by itself" in place.run()
    with place.api() as api:
        assert len(clients(api)) == 12


def test_stop_leaves_no_process_and_may_be_repeated(place):
    assert place.processes()
    place.call("deploy/stop")
    assert place.processes() == []
    place.call("deploy/stop")
    assert f"Meguri runs at http://{place.listen} " in place.run("--no-demo")


def test_a_taken_port_is_said_and_the_next_free_one_is_used():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        place = Place("--no-demo", listen=f"127.0.0.1:{port}")
        try:
            said = re.search(rf"^port {port} is taken; using (\d+)$", place.output, re.M)
            assert said and httpx.get(f"http://127.0.0.1:{said[1]}/openapi.json").status_code == 200, place.output
        finally:
            place.close()
