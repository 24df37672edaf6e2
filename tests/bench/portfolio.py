"""The portfolio over 500 clients in every stage of their life: what one reading takes, on one kept-alive connection."""
import datetime
import http.client
import random
import statistics
import time
import urllib.parse

CLIENTS, CONSULTANTS, READINGS = 500, 10, 60
PASSWORD = "correct horse battery staple"
HELD = """
    update scheduling.audits set status = 'held', held_first_day = nominal_date - 20, held_last_day = nominal_date - 19
    where kind in ('surveillance', 'recertification') and nominal_date < current_date and certification_id in ({cases})"""
BOOKED = """
    update scheduling.audits set status = 'confirmed', planned_first_day = least(nominal_date, window_end) - 9,
        planned_last_day = least(nominal_date, window_end) - 8
    where status = 'planned' and window_start < current_date + 60 and hashtext(id::text) % 10 <> 0 and certification_id in ({cases})"""
PREPARED = """
    update scheduling.certifications set internal_audit_done_on = current_date - 100, management_review_done_on = current_date - 80,
        plan_stale = true"""


class Portfolio:
    """Made through the operations; what lies in the past is entered below them, because it is no part of what is measured."""

    def __init__(self, system):
        self.system, self.owner = system, system.owner()
        self.random = random.Random(1)
        consultants = [self.consultant(n) for n in range(CONSULTANTS)]
        for number in range(CLIENTS):
            client = self.client(number)
            self.owner.call("createAssignment", {"member_id": consultants[number % CONSULTANTS], "client_id": client}, expect=201)
        cases = "select id from scheduling.certifications"
        for statement in (HELD, BOOKED, PREPARED):
            system.sql(statement.format(cases=cases))
        system.run_jobs()
        system.sql("vacuum analyze")
        self.one = system.sign_in("consultant-0@bench.example", PASSWORD)

    def consultant(self, number):
        email = f"consultant-{number}@bench.example"
        made = self.owner.call("createMember", {"email": email, "name": f"コンサルタント {number}", "role": "consultant"}, expect=201).json()
        if number == 0:
            self.system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
        return made["id"]

    def client(self, number):
        client = self.owner.call("createClient", {"name": f"株式会社ミナト {number:03d}", "code": f"c{number:03d}"}, expect=201).json()["id"]
        today = datetime.date.today()
        if number % 5 == 0:
            facts = {"target_date": str(today + datetime.timedelta(days=self.random.randint(60, 400)))}
        else:
            facts = {"state": "certified", "decision_date": str(today - datetime.timedelta(days=self.random.randint(10, 1000)))}
        self.owner.post(f"/v1/clients/{client}/certifications", {"scheme": "iso27001-2022", **facts}, expect=201)
        return client

    def counts(self):
        """Deadlines, audits and red clients of the consultancy."""
        [[deadlines, audits]] = self.system.sql("select (select count(*) from scheduling.deadlines), (select count(*) from scheduling.audits)")
        totals = self.owner.get("/v1/portfolio/totals", expect=200).json()
        return deadlines / CLIENTS, audits / CLIENTS, totals["red"]

    def reading(self, who, path):
        """Median milliseconds from the request's last byte to the reply's last, and the reply's size."""
        place = urllib.parse.urlsplit(self.system.url)
        connection = http.client.HTTPConnection(place.hostname, place.port)
        times = []
        for _ in range(READINGS):
            begun = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": f"Bearer {who.token}"})
            reply = connection.getresponse()
            body = reply.read()
            times.append((time.perf_counter() - begun) * 1000)
            assert reply.status == 200, body
        connection.close()
        return statistics.median(times), len(body)

    def measure(self, row):
        deadlines, audits, red = self.counts()
        row("portfolio", f"{CLIENTS} clients", f"{deadlines:.0f} deadl.", f"{audits:.0f} audits", f"{red} red", "", "")
        for title, who, path, target in (
                ("first page", self.owner, "/v1/portfolio", 3), ("  most urgent", self.owner, "/v1/portfolio?sort=-colour", 3),
                ("  by next audit", self.owner, "/v1/portfolio?sort=next_audit", 3), ("  by deadline", self.owner, "/v1/portfolio?sort=due", 3),
                ("  of one consult.", self.one, "/v1/portfolio?sort=-colour", 3), ("  one colour", self.owner, "/v1/portfolio?colour=red", 3),
                ("all of them", self.owner, "/v1/portfolio?limit=500", 30), ("totals", self.owner, "/v1/portfolio/totals", 30),
                ("workload", self.owner, "/v1/portfolio/workload", 30)):
            median, size = self.reading(who, path)
            row(title, f"{median:.2f} ms", f"{size // 1024} KiB", "", "", "", f"<= {target} ms" + ("" if median <= target else "  missed"))
