"""Webhooks per second that one worker delivers to a receiver on this machine: from the sealed trail to the recorded outcome."""
import multiprocessing
import time

WARM_UP, EVENTS = 2000, 20000
MAKE = """
    insert into platform.events (consultancy_id, id, at, actor_kind, operation, kind, entity, entity_id, version, data)
    select %s, gen_random_uuid(), clock_timestamp(), 'system', 'bench', 'asset.changed', 'asset', gen_random_uuid(), 1,
           jsonb_build_object('name', '業務用ノートパソコン ' || n, 'kind', 'pc', 'note', repeat('x', 300))
    from generate_series(1, %s) n"""


def receive(port, received):
    """Answers 204 to whatever comes; a process of its own, so that it is no part of what is measured more than it must be."""
    import asyncio

    class Receiver(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport, self.buffer = transport, b""

        def data_received(self, data):
            self.buffer += data
            while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
                head = self.buffer[:end].lower()
                length = int(head[head.index(b"content-length:") + 15:].split(b"\r\n", 1)[0])
                if len(self.buffer) < end + 4 + length:
                    return
                self.buffer = self.buffer[end + 4 + length:]
                received.value += 1
                self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def serve():
        server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0, backlog=256)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(serve())


def until(question, seconds=120):
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "too slow"
        time.sleep(0.02)


def deliver(system, consultancy, endpoint, received, events):
    """Sealed while the endpoint is disabled, then delivered: webhooks per second until the last outcome is recorded."""
    switch = "update notifications.webhook_endpoints set enabled = %s, disabled_reason = %s, disabled_at = %s where id = %s returning id"
    before = received.value
    system.sql(switch, False, "by_hand", "2025-01-01T00:00:00Z", endpoint)
    system.sql(MAKE + " returning id", consultancy, events)
    until(lambda: system.sql("select count(*) from platform.events where consultancy_id = %s and chain_no is null", consultancy)[0][0] == 0)
    system.sql(switch, True, None, None, endpoint)
    start = time.monotonic()
    until(lambda: received.value >= before + events)
    until(lambda: system.sql("select count(*) from notifications.webhook_deliveries where endpoint_id = %s and status <> 'delivered'", endpoint)[0][0] == 0)
    return events / (time.monotonic() - start)


def webhooks_per_second(system):
    """The system has one webhook thread and may reach 127.0.0.1."""
    port, received = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    receiver = multiprocessing.Process(target=receive, args=(port, received), daemon=True)
    receiver.start()
    until(lambda: port.value)
    owner = system.owner()
    consultancy = owner.consultancy["consultancy_id"]
    made = owner.call("createWebhookEndpoint", {"name": "bench", "url": f"http://127.0.0.1:{port.value}/", "event_kinds": ["asset.changed"]},
                      expect=201).json()
    rate = 0
    for events in (WARM_UP, EVENTS):  # the first ones give PostgreSQL something to count
        rate = deliver(system, consultancy, made["id"], received, events)
        system.sql("vacuum analyze")
    receiver.terminate()
    return rate
