"""What PostgreSQL alone can do: the same statements, sent by pgbench as the same role under the same row level security."""
import pathlib
import re
import subprocess

from meguri_test.paths import ROOT

CONTEXT = ("select set_config('app.consultancy', :consultancy, true), set_config('app.member', :member, true), "
           "set_config('app.client', '', true), set_config('app.reach', 'all', true);")
EVENT = """with op as ({sql}), ev as (
    insert into platform.events (consultancy_id, id, at, actor_id, actor_kind, operation, kind, entity, entity_id,
                                 client_id, version, data, request_id)
    select :consultancy::uuid, gen_random_uuid(), now(), :member::uuid, 'member', '{operation}', '{event}',
           '{entity}', (d->>'id')::uuid, (d->>'client_id')::uuid, (d->>'version')::int, d, 'bench'
    from (select to_jsonb(op) as d from op) x)
select * from op"""
KNOWN = {"consultancy", "member", "client_id", "name"}


def statement(service, resource, operation):
    """Text of a statement file's statement, its comments gone, and its event."""
    text = (ROOT / f"services/{service}/{resource}.sql").read_text("utf-8")
    part = re.split(r"^-- name: ", text, flags=re.M)
    body = next(p for p in part if p.split("\n", 1)[0].strip() == operation)
    event = re.search(r"^-- event: (\S+)", body, re.M)
    lines = [line for line in body.split("\n")[1:] if not line.startswith("--")]
    return "\n".join(lines).strip(), event and event.group(1)


def script(service, resource, operation):
    """A pgbench script: tenant context and statement in one round trip and one transaction."""
    sql, event = statement(service, resource, operation)
    sql = sql.replace("{key}", ", (a.created_at)::text as _key")
    sql = sql.replace("{page}", "order by a.created_at asc, a.id asc limit 51")
    if event:
        sql = EVENT.format(sql=sql, operation=operation, event=event, entity=event.split(".")[0])
    sql = sql.replace(":new_id", "gen_random_uuid()").replace(":now", "now()")
    sql = re.sub(r"(?<!:):([a-z]\w*)", lambda m: m.group(0) if m.group(1) in KNOWN else "null", sql)
    return f"\\startpipeline\n{CONTEXT}\n{' '.join(sql.split())};\n\\endpipeline\n"


class Floor:
    """Scripts of one database, run by pgbench -M prepared."""

    def __init__(self, cluster, database, values, home):
        self.cluster, self.database, self.values = cluster, database, values
        self.home = pathlib.Path(home)

    def run(self, script_text, connections, seconds):
        """Transactions per second."""
        file = self.home / "floor.sql"
        file.write_text(script_text)
        defines = [f"-D{name}={value}" for name, value in self.values.items()]
        done = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-h", self.cluster.host, "-p", str(self.cluster.port), "-U", "meguri",
             "-c", str(connections), "-j", "2", "-T", str(seconds), "-f", str(file), *defines, self.database],
            text=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "PGOPTIONS": "-c plan_cache_mode=force_generic_plan"})
        rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.M)
        failed = re.search(r"failed transactions: (\d+)", done.stdout)
        assert done.returncode == 0 and rate and failed.group(1) == "0", f"pgbench: {done.stdout}{done.stderr}"
        return float(rate.group(1))
