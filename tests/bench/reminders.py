"""Reminders: how fast deadlines are planned, how fast mail leaves one worker, how late it is, and whether a big consultancy holds up a small one."""
import multiprocessing
import statistics
import time

DEADLINES, CONSULTANCIES, CLIENTS = 100000, 4, 50
MAILS, STEADY, FLOOD = 6000, 60, 40000
CLIENT = """
    insert into tenants.clients (consultancy_id, id, name, created_at, updated_at)
    select %s, gen_random_uuid(), '株式会社ミナト ' || n, now(), now() from generate_series(1, %s) n returning id"""
DEADLINE = """
    insert into scheduling.deadlines (consultancy_id, id, client_id, kind, title_ja, title_en, due_on, raw_on, hardness, created_at, updated_at)
    select c.consultancy_id, gen_random_uuid(), c.id, 'internal_audit', '内部監査 ' || n, 'internal audit ' || n, d.day, d.day, 'policy', now(), now()
    from tenants.clients c
    cross join generate_series(1, %s) n
    cross join lateral (select current_date + 400 + n %% 700 as day) d
    where c.consultancy_id = any (%s) returning 1"""
DUE = """
    update notifications.reminders set send_at = clock_timestamp() + make_interval(secs => %s * n.no)
    from (select r.id, row_number() over () as no from notifications.reminders r where r.consultancy_id = %s and r.status = 'planned' limit %s) n
    where reminders.id = n.id returning reminders.id"""
SENT = """
    select o.id::text, extract(epoch from r.send_at)::float8 from notifications.deliveries o join notifications.reminders r on r.id = o.reminder_id
    where o.consultancy_id = %s and o.status = 'sent'"""


def receive(port, received, arrivals):
    """Takes every mail and notes when its Message-ID came; a process of its own and as little SMTP as will do, so that the sender is what is measured."""
    import asyncio

    class Receiver(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport, self.buffer, self.body = transport, b"", False
            transport.write(b"220 sink\r\n")

        def data_received(self, data):
            self.buffer += data
            while (end := self.buffer.find(b"\r\n.\r\n" if self.body else b"\r\n")) >= 0:
                text, self.buffer = self.buffer[:end], self.buffer[end + (5 if self.body else 2):]
                self.answer(text)

        def answer(self, text):
            if self.body:
                start = text.index(b"Message-ID: <") + 13
                arrivals.put((text[start:start + 36].decode(), time.time()))
                received.value += 1
                self.body = False
                self.transport.write(b"250 kept\r\n")
            elif text[:4].upper() == b"DATA":
                self.body = True
                self.transport.write(b"354 go on\r\n")
            elif text[:4].upper() == b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            else:
                self.transport.write(b"250 sink\r\n")

    async def serve():
        server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=256)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(serve())


def until(question, seconds=300, pause=0.02):
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "too slow"
        time.sleep(pause)


class Reminders:
    """start(environment): a system on its own database, not running yet."""

    def __init__(self, start):
        self.start = start
        self.port, self.received, self.arrivals = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0), multiprocessing.Queue()
        self.looked = 0  # so many of the arrivals
        self.receiver = multiprocessing.Process(target=receive, args=(self.port, self.received, self.arrivals), daemon=True)
        self.receiver.start()
        until(lambda: self.port.value)

    def system(self, threads):
        return self.start({"MEGURI_JOB_THREADS": str(threads), "MEGURI_SMTP_URL": f"smtp://127.0.0.1:{self.port.value}"})

    @staticmethod
    def consultancy(system, clients=CLIENTS):
        made = system.create_consultancy()["consultancy_id"]
        system.sql(CLIENT, made, clients)
        return made

    def plan(self, system, consultancies, per_client):
        """Deadlines and reminders planned per second, from the start of the program to the last plan."""
        plans = "select count(*) from notifications.reminder_plans where consultancy_id = any (%s)"
        reminders = "select count(*) from notifications.reminders where consultancy_id = any (%s)"
        [[before]], [[planned]] = system.sql(reminders, consultancies), system.sql(plans, consultancies)
        wanted = len(system.sql(DEADLINE, per_client, consultancies))
        begun = time.monotonic()
        if not system.process:
            system.start()
        until(lambda: system.sql(plans, consultancies)[0][0] >= planned + wanted, pause=0.2)
        took = time.monotonic() - begun
        [[after]] = system.sql(reminders, consultancies)
        return wanted / took, (after - before) / took

    def lags(self, system, consultancy):
        """Seconds from each due instant to the arrival of its mail, once all of them are recorded."""
        seen = {}
        for _ in range(self.received.value - self.looked):
            key, when = self.arrivals.get()
            seen.setdefault(key, when)
        self.looked += len(seen)
        return sorted(seen[key] - due for key, due in system.sql(SENT, consultancy) if key in seen)

    def sent(self, system, consultancy):
        return system.sql("select count(*) from notifications.deliveries where consultancy_id = %s and status = 'sent'", consultancy)[0][0]

    def send(self, system, consultancy, count, apart=0.0):
        """Mails per second of what is due at once, from the first arrival to the last record."""
        before, already = self.received.value, self.sent(system, consultancy)
        system.sql(DUE, apart, consultancy, count)
        until(lambda: self.received.value > before, pause=0.002)
        begun = time.monotonic()
        until(lambda: self.sent(system, consultancy) >= already + count, pause=0.1)
        return count / (time.monotonic() - begun)

    # -- what is measured -------------------------------------------------------------------------------------------------

    def measure_planning(self, row):
        system = self.system(threads=2)
        try:
            consultancies = [self.consultancy(system) for _ in range(CONSULTANCIES)]
            self.plan(system, consultancies, 2)  # gives PostgreSQL something to count
            system.sql("vacuum analyze")
            deadlines, reminders = self.plan(system, consultancies, DEADLINES // CONSULTANCIES // CLIENTS)
            wanted = 1e6 / 60
            row("planning", f"{deadlines:,.0f}/s", f"{reminders:,.0f} rem/s", f"1M in {1e6 / deadlines:,.0f} s", "", "",
                "1M in 60 s" + ("" if deadlines >= wanted else "  missed"))
        finally:
            system.close()

    def measure_sending(self, row):
        system = self.system(threads=1)
        try:
            big, small = self.consultancy(system), self.consultancy(system, 1)
            self.plan(system, [big, small], (FLOOD + 3 * MAILS) // 8 // CLIENTS + 1)
            self.send(system, big, MAILS)  # the first ones give PostgreSQL something to count
            system.sql("vacuum analyze")
            rate = self.send(system, big, MAILS)
            row("mail, one worker", f"{rate:,.0f}/s", "", "", "", "", ">= 300/s" + ("" if rate >= 300 else "  missed"))
            self.lags(system, big)
            self.send(system, big, STEADY, apart=0.2)
            lags = self.lags(system, big)
            row("  lag, steady", f"{statistics.median(lags):.2f} s", f"max {lags[-1]:.2f} s", "", "", "", "< 2 s" + ("" if lags[-1] < 2 else "  missed"))
            self.fairness(system, big, small, row)
        finally:
            system.close()

    def fairness(self, system, big, small, row):
        system.sql(DUE, 0.0, big, FLOOD)
        before = self.received.value
        until(lambda: self.received.value > before + 500)
        self.send(system, small, 10)
        left = FLOOD - self.sent(system, big)
        lags = self.lags(system, small)
        row("  beside a flood", f"max {lags[-1]:.2f} s", f"{left:,} waiting", "", "", "", "seconds" + ("" if lags[-1] < 5 else "  missed"))

    def measure(self, row):
        self.measure_planning(row)
        self.measure_sending(row)
        self.receiver.terminate()
