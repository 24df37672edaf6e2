"""Three years of a consultancy played with a moved clock: the mails that the rules ask for, each exactly once, at its hour; also when workers die and the
mail server is bad.

What is expected is computed here from the rules (services/notifications/plan.h says them in words) and the holiday file, not by the program.
"""
import collections
import datetime
import email
import email.header
import email.utils
import json
import os
import random
import time
import uuid

import pytest

from meguri_test import until
from meguri_test.paths import ROOT
from meguri_test.runner import JobRunner

JST = datetime.timezone(datetime.timedelta(hours=9))
HOLIDAYS = {h["date"] for h in json.loads((ROOT / "tests/data/jp_holidays.json").read_text())}
DAY = datetime.timedelta(days=1)
START = datetime.date(2025, 1, 6)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
KINDS = {"internal_audit": ("内部監査", "internal audit"), "management_review": ("マネジメントレビュー", "management review"),
         "own_task": ("台帳を見直す", "review of the asset register"), "contract": ("委託契約の更新期限", "renewal of the contract"),
         "training": ("全社員の教育", "training of all staff")}
INSERT = """
    insert into scheduling.deadlines (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, created_at, updated_at)
    select %s, d.id, d.client, d.kind, d.title_ja, d.title_en, d.due, d.due, d.hardness, now(), now()
    from json_to_recordset(%s::json) as d (id uuid, client uuid, kind text, title_ja text, title_en text, due date, hardness text)"""
VACUUM = """
    vacuum (analyze) platform.work, platform.events, scheduling.deadlines, notifications.reminders, notifications.reminder_plans,
                     notifications.deliveries, notifications.delivery_attempts"""
NEXT = """
    select least((select min(send_at) from notifications.reminders where status = 'planned'),
                 (select min(next_attempt_at) from notifications.deliveries where status in ('pending', 'failed')))"""
UNDONE = """
    select (select count(*) from notifications.reminders r join scheduling.deadlines d on d.id = r.deadline_id
            where r.status = 'queued' or r.status = 'planned' and r.send_at <= %s)
         + (select count(*) from notifications.deliveries where status in ('pending', 'sending', 'failed'))"""


# -- the rules ----------------------------------------------------------------------------------------------------------------

def is_closed(day):
    return day.weekday() >= 5 or day.isoformat() in HOLIDAYS or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def rolled(day, way):
    while is_closed(day):
        day += way * DAY
    return day


def end_of_month(day):
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def hour(day, of_day=9):
    return datetime.datetime(day.year, day.month, day.day, of_day, tzinfo=JST)


class Policy:
    def __init__(self, offsets=(180, 90, 60, 30, 14, 7, 1), overdue=7, after=False, escalation=()):
        self.offsets, self.overdue, self.after, self.escalation = sorted(offsets), overdue, after, escalation

    def day_before(self, due, offset):
        day = due - offset * DAY
        later = rolled(day, 1)
        return later if self.after and later <= due else rolled(day, -1)

    def instants(self, due, since, last):
        """When a receiver is told of a deadline that has this date from `since` on."""
        wanted = {hour(self.day_before(due, offset)) for offset in self.offsets}
        if hour(self.day_before(due, self.offsets[0])) <= since and due >= since.date():
            wanted.add(since)  # short notice; everything here becomes known in business hours
        times = range(1, (last - due).days // self.overdue + 1) if self.overdue and last > due else ()
        return wanted | {hour(rolled(due + n * self.overdue * DAY, 1)) for n in times}

    def escalations(self, due, role):
        return {hour(rolled(due + days * DAY, 1)) for days, who in self.escalation if who == role}


class Deadline:
    """phases: (from when, date), the date None once there is nothing to do any more."""

    def __init__(self, client, title_ja, title_en, due, since, kind="own_task", hardness="own", key=None):
        self.id, self.client, self.kind, self.hardness = key or str(uuid.uuid4()), client, kind, hardness
        self.title_ja, self.title_en, self.phases = title_ja, title_en, [(since, due)]

    def row(self):
        return {"id": self.id, "client": self.client.id, "kind": self.kind, "title_ja": self.title_ja, "title_en": self.title_en,
                "due": str(self.phases[-1][1]), "hardness": self.hardness}

    def now(self, instant, due):
        if due != self.phases[-1][1]:
            self.phases.append((instant, due))

    def expected(self, end):
        ends = [since for since, _ in self.phases[1:]] + [end + DAY]
        for (since, due), until_when in zip(self.phases, ends):
            for receiver, escalated in self.client.receivers() if due else ():
                policy = self.client.policy
                wanted = policy.escalations(due, "owner") if escalated else policy.instants(due, since, end.date()) | policy.escalations(due, receiver.role)
                for instant in wanted:
                    if since <= instant < until_when and instant <= end and (instant > since or instant.hour != 9):
                        yield receiver.address, self.subject(receiver.locale, due, instant.date()), instant

    def subject(self, locale, due, day):
        days = (due - day).days
        if locale == "en":
            mark = "Deadline" if days > 0 else "Due today" if days == 0 else "Overdue"
            span = f"{abs(days)} day" + ("s" if abs(days) != 1 else "")
            state = "due today" if days == 0 else f"due in {span}" if days > 0 else f"overdue by {span}"
            return f"[{mark}] {self.client.name_en}: {self.title_en} {state} ({due.day} {MONTHS[due.month - 1]} {due.year})"
        limit = "" if self.title_ja.endswith("期限") else "期限" if self.title_ja.endswith("る") else "の期限"
        date = f"（{due.year}年{due.month}月{due.day}日）"
        what = f"{self.client.name}：{self.title_ja}{limit}"
        if days == 0:
            return f"【本日期限】{what}は本日です{date}"
        return f"【期限】{what}まであと{days}日{date}" if days > 0 else f"【期限超過】{what}を{-days}日過ぎています{date}"


# -- the consultancy ----------------------------------------------------------------------------------------------------------

Receiver = collections.namedtuple("Receiver", "address locale role")


class OneClient:
    def __init__(self, number, office):
        self.office, self.policy = office, office.policy
        self.name, self.name_en = f"株式会社ミナト{number:03d}", f"Minato {number:03d} Ltd."
        locale = "en" if number % 3 == 0 else "ja"
        self.contact = Receiver(f"contact-{number:03d}@client.example", locale, "client_contact" if number % 2 else "client_admin")
        self.consultant = office.consultants[number % len(office.consultants)]
        self.id = office.owner.call("createClient", {"name": self.name, "name_en": self.name_en, "locale": locale}, expect=201).json()["id"]
        if number % 2:
            office.sql.execute("update tenants.clients set contact_name = '総務 太郎', contact_email = %s where id = %s", (self.contact.address, self.id))
        else:
            office.owner.call("createMember", {"email": self.contact.address, "name": "佐藤 花子", "role": "client_admin", "client_id": self.id,
                                               "locale": locale}, expect=201)
        office.owner.call("createAssignment", {"member_id": office.consultant_ids[self.consultant], "client_id": self.id}, expect=201)

    def receivers(self):
        """(receiver, only by escalation)"""
        yield self.contact, False
        if self.policy is self.office.policy:
            yield self.consultant, False
            yield self.office.boss, True


class Office:
    """A consultancy with its clients and their deadlines, and what will happen to these: all of it made from one number."""

    def __init__(self, system, clients, days, deadlines, certified=0, seed=1):
        self.system, self.random, self.end = system, random.Random(seed), hour(START + days * DAY)
        self.sql, self.step = system.cluster.connect(system.database), lambda moment: moment
        self.owner = system.owner()
        self.id = self.owner.consultancy["consultancy_id"]
        self.boss = Receiver(self.owner.consultancy["email"], "ja", "owner")
        self.policy = Policy(escalation=((3, "consultant"), (10, "owner")))
        self.consultant_ids = {}
        self.consultants = [self.consultant(n) for n in range(4)]
        (general,) = self.owner.call("listReminderPolicies", expect=200).json()["data"]
        self.owner.call("updateReminderPolicy", {
            "receiver_roles": [*general["receiver_roles"], "client_contact"],
            "escalation": [{"after_days": days, "role": role} for days, role in self.policy.escalation]}, policy_id=general["id"], if_match="*", expect=200)
        self.clients = [OneClient(n, self) for n in range(clients)]
        self.own_policy(self.clients[0])
        self.derived = {}
        for client in self.clients[1:1 + certified]:
            self.owner.call("createCertification", {"scheme": "iso27001-2022", "state": "certified", "decision_date": "2024-06-14",
                                                    "stage2_last_day": "2024-05-17", "source": "certificate"}, client_id=client.id, expect=201)
        self.days_of_work = self.working_days(days)
        self.plans = collections.defaultdict(list)  # what is done at which noon
        self.deadlines = [self.deadline(client, n, days) for k, client in enumerate(self.clients) for n in range(deadlines + (k % 3 == 0))]

    def consultant(self, number):
        one = Receiver(f"consultant-{number}@meguri.example", "ja", "consultant")
        self.consultant_ids[one] = self.owner.call("createMember", {"email": one.address, "name": f"担当 {number}", "role": "consultant",
                                                                    "locale": one.locale}, expect=201).json()["id"]
        return one

    def own_policy(self, client):
        client.policy = Policy(offsets=(45, 10, 3), overdue=14, after=True)
        self.owner.call("createReminderPolicy", {"name": "別の約束", "client_id": client.id, "offsets": [45, 10, 3], "overdue_every_days": 14,
                                                 "business_day_roll": "after", "receiver_roles": ["client_admin", "client_contact"]}, expect=201)

    def working_days(self, days):
        """Every second week somebody looks after the deadlines, at noon."""
        return [hour(rolled(START + n * DAY, 1), 12) for n in range(0, days, 14)]

    def deadline(self, client, number, days):
        """Some are known from the beginning, some come later, some at short notice; many are done in time, some late; some are moved first."""
        kind = self.random.choice(list(KINDS))
        ja, en = KINDS[kind]
        due = end_of_month(START + self.random.randrange(5, days + 60) * DAY)
        early = [noon for noon in self.days_of_work if noon.date() <= due]
        since = self.random.choice([early[0], early[0], early[-1], self.random.choice(early)])
        made = Deadline(client, f"第{number + 1}回{ja}", f"{en} no. {number + 1}", due, since, kind, self.random.choice(["hard", "policy", "law", "own"]))
        self.plans[since].append((made, due))
        later = [noon for noon in self.days_of_work if since < noon]
        if later and self.random.random() < 0.15:
            moved = self.random.choice(later)
            due = end_of_month(max(due, moved.date()) + self.random.randrange(3, 120) * DAY)
            self.plan(made, moved, due)
        done = due + self.random.choice([-40, -10, 0, 12, 25]) * DAY
        for noon in self.days_of_work:
            if noon > made.phases[-1][0] and noon.date() >= done:
                self.plan(made, noon, None)
                break
        return made

    def plan(self, deadline, noon, due):
        deadline.now(noon, due)
        self.plans[noon].append((deadline, due))

    # -- what happens -----------------------------------------------------------------------------------------------------

    def begin(self):
        """What PostgreSQL's autovacuum would do, which a test's cluster has not. The daily check of the whole trail is kept away: it has its own tests,
        and a play has hundreds of days."""
        self.sql.execute("analyze")
        self.sql.execute("insert into platform.work (job, consultancy_id, due_at, lease_until) values ('check_trail', %s, now(), 'infinity')"
                         " on conflict (job, consultancy_id) do update set lease_until = excluded.lease_until", (self.id,))

    def work(self, noon):
        if self.days_of_work.index(noon) % 4 == 1:
            self.sql.execute(VACUUM)
        fresh = [d.row() | {"due": str(due)} for d, due in self.plans[noon] if d.phases[0][0] == noon]
        self.sql.execute(INSERT, (self.id, json.dumps(fresh)))
        for deadline, due in self.plans[noon]:
            if deadline.phases[0][0] != noon:
                self.sql.execute("update scheduling.deadlines set due_on = coalesce(%s, due_on), status = %s, version = version + 1 where id = %s",
                                 (due, "open" if due else "fulfilled", deadline.id))
        self.sql.execute("update scheduling.deadlines set status = 'fulfilled', fulfilled_on = due_on, version = version + 1"
                         " where origin = 'derived' and status = 'open' and due_on < %s", (noon.date() - 12 * DAY,))

    def see_derived(self, instant):
        """The dates of derived deadlines are other tests' matter; here their reminders are."""
        by_id = {client.id: client for client in self.clients}
        for key, client, ja, en, due, status in self.sql.execute(
                "select id::text, client_id::text, title_ja, title_en, due_on, status from scheduling.deadlines where origin = 'derived'"):
            present = due if status == "open" else None
            if key not in self.derived:
                self.derived[key] = Deadline(by_id[client], ja, en, present, instant, key=key)
            self.derived[key].now(instant, present)

    def next(self, instant):
        """The next planned moment, mail to be tried again, or day of work."""
        (soon,) = self.sql.execute(NEXT).fetchone()
        soon = soon and self.step(soon)
        days = [noon for noon in self.days_of_work if noon > instant]
        moments = [m for m in (soon, *days[:1]) if m and m <= self.end]
        return max(min(moments).astimezone(JST), instant + datetime.timedelta(seconds=1)) if moments else None

    def expected(self):
        return collections.Counter(e for d in (*self.deadlines, *self.derived.values()) for e in d.expected(self.end))

    def count(self):
        return sum(1 for _ in self.system.mail.directory.glob("[0-9]*.eml"))

    def received(self):
        for path in sorted(self.system.mail.directory.glob("[0-9]*.eml")):
            head = email.message_from_bytes(path.read_bytes().partition(b"\r\n\r\n")[0])
            (address,) = json.loads(path.with_suffix(".json").read_text())["to"]
            subject = str(email.header.make_header(email.header.decode_header(head["subject"])))
            yield head["message-id"], (address, subject, email.utils.parsedate_to_datetime(head["date"]).astimezone(JST))


def play(office, run):
    """From one moment to the next; run(instant) does what is due."""
    office.begin()
    instant = office.days_of_work[0]
    while instant:
        office.system.set_clock(instant.isoformat(), wait=False)
        if instant in office.plans or instant in office.days_of_work:
            office.work(instant)
        run(instant)
        office.see_derived(instant)
        instant = office.next(instant)


def differences(wanted, present):
    def lines(counter):
        return "".join(f"\n  {n} x {instant:%Y-%m-%d %H:%M} {address} {subject}" for (address, subject, instant), n in
                       sorted(counter.items(), key=lambda item: item[0][2])[:15])
    lost, more = wanted - present, present - wanted
    return f"{sum(lost.values())} did not come:{lines(lost)}\n{sum(more.values())} came unasked:{lines(more)}"


def quiet(start_system, **environment):
    return start_system(clock=hour(START, 12).isoformat(), environment={"MEGURI_JOB_THREADS": "0", "MEGURI_LOG_LEVEL": "warn"} | environment)


@pytest.fixture
def runner(start_system):
    system = quiet(start_system)
    made = JobRunner(system._full_environment(), system.home / "jobs.jsonl")
    made.system = system
    yield made
    made.stop()


# With sanitizers a year is played, so that the suite stays short; MEGURI_TEST_BUILD=build plays all three.
YEARS = 3 if os.environ.get("MEGURI_TEST_BUILD") == "build" else 1


@pytest.mark.timeout(400)
def test_two_hundred_clients_get_exactly_the_mails_of_three_years(runner):
    office = Office(runner.system, clients=200, days=YEARS * 365, deadlines=1, certified=3)
    begun, moments = time.monotonic(), []
    play(office, lambda instant: moments.append((instant, runner.run())))
    took = time.monotonic() - begun
    mails = list(office.received())
    print(f"{len(mails)} mails at {len(moments)} moments in {took:.1f} s")
    wanted, present = office.expected(), collections.Counter(mail for _, mail in mails)
    assert wanted == present, differences(wanted, present)
    assert len({key for key, _ in mails}) == len(mails) > 1500 * YEARS


# -- workers die --------------------------------------------------------------------------------------------------------------

class Workers:
    """Two processes that run the jobs at once, and die."""

    def __init__(self, system):
        self.system, self.kills, self.random = system, 0, random.Random(7)
        self.pair = [self.worker(), self.worker()]

    def worker(self):
        return JobRunner(self.system._full_environment(), self.system.home / f"jobs-{self.kills}-{time.monotonic_ns()}.jsonl")

    def kill(self, worker):
        worker.process.kill()
        worker.process.wait()
        worker.selector.close()
        worker.process.stdout.close()
        self.kills += 1
        self.pair[self.pair.index(worker)] = self.worker()

    def both(self):
        for worker in self.pair:
            worker.start()
        for worker in list(self.pair):
            worker.finish()

    def stop(self):
        for worker in self.pair:
            worker.stop()


@pytest.fixture
def workers(start_system):
    made = Workers(quiet(start_system, MEGURI_LEASE_SECONDS="2"))
    yield made
    made.stop()


def test_workers_killed_while_they_send_lose_nothing_and_repeat_at_most_the_mail_in_flight(workers):
    office = Office(workers.system, clients=60, days=200, deadlines=2, seed=2)

    def undone(instant):
        return office.sql.execute(UNDONE, (instant,)).fetchone()[0]

    def run(instant):
        due = undone(instant)
        if due >= 25 and workers.kills < 8 and instant.hour == 9:
            before = office.count()
            office.system.mail.misbehave(delay=0.03)
            for worker in workers.pair:
                worker.start()
            until(lambda: office.count() >= before + workers.random.randrange(2, 20), 30, "some mails on their way", pause=0.005)
            for worker in list(workers.pair):
                workers.kill(worker)
            assert undone(instant), "killed when there was nothing left to do"
            office.system.mail.misbehave()
        until(lambda: workers.both() or not undone(instant), 60, "everything due to be sent", pause=0.2)

    play(office, run)
    check_repeats(office, workers.kills // 2)
    assert workers.kills >= 8


def check_repeats(office, most):
    """What came is what was wanted, when every mail that came twice under one Message-ID counts once."""
    mails = list(office.received())
    wanted, present = office.expected(), collections.Counter(mail for _, mail in dict(mails).items())
    assert wanted == present, differences(wanted, present)
    assert len(mails) - len(dict(mails)) <= most


# -- the mail server is bad ---------------------------------------------------------------------------------------------------

BEHAVIOURS = [{"temporary": 0.3}, {}, {"drop": 0.3}, {"drop_kept": 0.3}, {"temporary": 0.1, "drop": 0.1, "drop_kept": 0.1, "delay": 0.01}]
FAILURES = "select delivery_id::text, detail from notifications.delivery_attempts where outcome = 'temporary_failure'"


def five_minutes(instant):
    return instant + (datetime.datetime.min - instant.replace(tzinfo=None)) % datetime.timedelta(minutes=5)


def test_a_mail_server_that_refuses_drops_and_delays_gets_every_mail_in_the_end(runner):
    office = Office(runner.system, clients=60, days=200, deadlines=1, seed=3)
    office.step = five_minutes
    moments = iter(range(10**6))

    def run(_):
        office.system.mail.misbehave(**BEHAVIOURS[next(moments) // 2 % len(BEHAVIOURS)])
        runner.run()

    play(office, run)
    failures = collections.defaultdict(list)
    for key, detail in office.sql.execute(FAILURES):
        failures[f"<{key}@meguri.example>"].append(detail)
    mails = list(office.received())
    check_arrivals(office, {key: mail for key, mail in reversed(mails)})
    repeats = collections.Counter(key for key, _ in mails)
    unknown = {key: [d for d in said if not d.startswith("451")] for key, said in failures.items()}
    assert all(count - 1 <= len(unknown.get(key, ())) for key, count in repeats.items())
    assert len(mails) > len(repeats) > 500 and sum(map(len, failures.values())) > 100


def check_arrivals(office, mails):
    """The wanted ones on their day, none before its moment; a mail that is tried again tells when it was tried."""
    expected = sorted(office.expected().elements(), key=lambda mail: mail[2], reverse=True)
    soonest = {(address, subject, instant.replace(hour=9)): instant for address, subject, instant in expected}
    wanted = collections.Counter((address, subject, instant.replace(hour=9)) for address, subject, instant in expected)
    present = collections.Counter((address, subject, when.replace(hour=9, minute=0, second=0)) for address, subject, when in mails.values())
    assert wanted == present, differences(wanted, present)
    early = [mail for mail in mails.values() if mail[2] < soonest[mail[0], mail[1], mail[2].replace(hour=9, minute=0, second=0)]]
    assert not early, early[:5]
