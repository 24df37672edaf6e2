"""Registers that grow: what readings take of a client with 2,000 assets and five risks on each, against one with 100 assets, on one kept-alive
connection. Both belong to the same consultancy, so that the difference is their size."""
import http.client
import statistics
import time
import urllib.parse

SMALL, LARGE, RISKS_PER_ASSET, READINGS, BULK = 100, 2000, 5, 200, 500
KINDS = ("laptop", "smartphone", "saas_account", "paper_contract", "customer_data")
RISKS = """
    insert into registers.risks (consultancy_id, id, client_id, number, asset_id, title, impact, likelihood, impact_used, score, band, must_treat,
                                 status, created_at, updated_at)
    select a.consultancy_id, gen_random_uuid(), a.client_id, 'R-' || lpad(row_number() over (order by a.number, n)::text, 5, '0'), a.id,
           'ノートPCの盗難 ' || n, e.impact, e.likelihood, e.impact_used, e.score, e.band, e.must_treat, e.status, a.created_at, a.updated_at
    from registers.assets a
    cross join generate_series(1, {risks}) n
    cross join lateral registers.evaluated(jsonb_populate_record(null::registers.risks, jsonb_build_object(
        'consultancy_id', a.consultancy_id, 'client_id', a.client_id, 'asset_id', a.id, 'status', 'open', 'affects', '["integrity"]'::jsonb,
        'impact', 1 + (hashtext(a.id::text || n) & 3), 'likelihood', 1 + (hashtext(n || a.id::text) & 3))),
        registers.criteria_of(a.consultancy_id, a.client_id)) e
    where a.client_id = '{client}'"""


class Registers:
    """Assets are made through the operations; their risks below them, as they would be 10,000 requests."""

    def __init__(self, system):
        self.system, self.owner = system, system.owner()
        self.small, self.large = self.client(SMALL), self.client(LARGE)
        system.sql("vacuum analyze")

    def client(self, assets):
        client = self.owner.call("createClient", {"name": f"資産 {assets} 件の会社"}, expect=201).json()["id"]
        for first in range(0, assets, BULK):
            items = [{"action": "create", "asset": {"name": f"資産 {n:04d}", "kind": KINDS[n % len(KINDS)], "classification_level": 1 + n % 4}}
                     for n in range(first, min(first + BULK, assets))]
            self.owner.call("bulkAssets", {"items": items}, client_id=client, expect=200)
        self.system.sql(RISKS.format(client=client, risks=RISKS_PER_ASSET))
        return client

    def readings(self, *paths):
        """Median milliseconds of each path, read in turn, from the request's first byte to the reply's last."""
        place = urllib.parse.urlsplit(self.system.url)
        connection = http.client.HTTPConnection(place.hostname, place.port)
        times = {path: [] for path in paths}
        for _ in range(READINGS):
            for path in paths:
                begun = time.perf_counter()
                connection.request("GET", path, headers={"Authorization": f"Bearer {self.owner.token}"})
                reply = connection.getresponse()
                body = reply.read()
                times[path].append((time.perf_counter() - begun) * 1000)
                assert reply.status == 200, body
        connection.close()
        return [statistics.median(times[path]) for path in paths]

    def measure(self, row):
        row("registers", f"{LARGE} assets", f"{LARGE * RISKS_PER_ASSET} risks", f"{SMALL} assets", f"{SMALL * RISKS_PER_ASSET} risks", "", "")
        for title, path in (("list of assets", "assets?limit=50"), ("  by name", "assets?limit=50&sort=name"),
                            ("  by a filter", "assets?limit=50&in_scope=true"), ("list of risks", "risks?limit=50"),
                            ("  highest first", "risks?limit=50&sort=-score"), ("  by what remains", "risks?limit=50&sort=-residual_score"), ("groups of assets", "asset-groups?limit=50")):
            large, small = self.readings(f"/v1/clients/{self.large}/{path}", f"/v1/clients/{self.small}/{path}")
            row(title, f"{large:.2f} ms", "", f"{small:.2f} ms", "", f"{large / small:.2f}",
                "" if path.startswith("asset-groups") else "<= 1.30" + ("" if large <= small * 1.3 else "  missed"))
        for title, path, most in (("heat map", "risks/heat-map", 20),):
            (median,) = self.readings(f"/v1/clients/{self.large}/{path}")
            row(title, f"{median:.2f} ms", "", "", "", "", f"<= {most} ms" + ("" if median <= most else "  missed"))
