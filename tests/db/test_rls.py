"""No row of one consultancy, and none of another client, can be read, changed, removed or planted: every tenant table, every kind of caller.

The caller here is a role with every right on every table, held by nothing but the fences. Rows are made from the catalogue, so a new table is
covered the moment it exists; SPECIAL says what its check constraints want beyond the type."""
import datetime
import itertools
import uuid

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Json

PROBE = "meguri_test_probe"
A, B = "a", "b"

SPECIAL = {
    "tenants.scope_versions": {"status": "draft", "sites": None, "departments": None, "staff_kinds": None, "exclusions": Json([])},
    "scheduling.changes": {"kind": "relocation", "status": "open", "approved_variant": "change_audit", "scope_effective": "acceptance"},
    "scheduling.mark_uses": {"place": "website", "mark": "body_mark", "staff_kind": "employee"},
    "platform.events": {"client_id": "client", "chain_no": None, "hash": None},
    "platform.idempotency": {"member_id": "member"},
    "tenants.consultancies": {"locale": "ja"},
    "tenants.clients": {"id": "client", "status": "active", "locale": "ja"},
    "tenants.members": {"role": "client_admin", "client_id": "client", "locale": "ja", "status": "active"},
    "tenants.assignments": {"member_id": "member"},
    "tenants.sites": {"kind": "branch"},
    "tenants.people": {"staff_kind": "employee"},
    "scheduling.certifications": {"scheme": "iso27001-2022", "state": "preparing", "cycle_type": "initial", "body_id": None, "scope_reductions": Json([])},
    "scheduling.audits": {"kind": "surveillance", "origin": "manual", "status": "planned"},
    "scheduling.findings": {"grade": "minor", "evidence_links": Json([]), "verification": None},
    "scheduling.obligations": {"kind": "custom"},
    "scheduling.certification_bodies": {"standards": Json([]), "contacts": Json([]), "currency": "JPY"},
    "scheduling.quotes": {"basis": "initial", "status": "requested", "currency": "JPY", "schemes": Json(["pmark"]), "other_expenses": Json([]),
                          "tax_pct": 10},
    "scheduling.audit_day_facts": {"headcount_source": None, "identical_groups": Json([]), "later_schemes": Json([])},
    "scheduling.campaigns": {"new_scheme": "new", "status": "open"},
    "scheduling.campaign_steps": {"status": "planned", "planned_with": None},
    "scheduling.deadlines": {"kind": "surveillance", "hardness": "hard", "origin": "manual", "status": "open"},
    "scheduling.calendar_feeds": {"client_id": "client", "target": "member", "member_id": "member", "include": Json(["audits"]), "kinds": Json(["surveillance"])},
    "scheduling.portfolio_rows": {"schemes": [], "states": [], "body_ids": []},
    "registers.assets": {"kind": "other", "status": "active"},
    "registers.catalogue_extensions": {
        "code": "x_own", "impact": None, "likelihood": None, "option": None, "effort": None, "answer_type": None, "good_answer": None,
        "weight": None, "asset_types": Json([]), "threats": Json([]), "controls": Json([]), "affects": Json([]), "questions": Json([]),
        "clause": None},
    "registers.risks": {"status": "open", "origin": "manual"},
    "registers.suggestion_decisions": {"decision": "declined"},
    "registers.context_issues": {"kind": "internal", "status": "active"},
    "registers.interested_parties": {"kind": "other"},
    "registers.treatments": {"option": "mitigate", "state": "planned", "controls": Json([]), "approved_by": None, "approved_on": None},
    "registers.evidence": {"kind": "note", "visibility": "everyone", "sha256": None},
    "registers.evidence_links": {"subject_kind": "asset"},
    "registers.suppliers": {"criticality": "low", "status": "active", "judgement": "accepted", "corporate_number": None},
    "registers.supplier_questionnaires": {"language": "ja", "state": "open", "suggested_judgement": None},
    "registers.requirement_states": {"catalogue": "controls", "state": "planned"},
    "registers.soa_versions": {"sha256": "0" * 64, "approved_by": None},
    "registers.audit_programmes": {"year": 2025},
    "registers.internal_audits": {"state": "planned", "departments": Json([]), "criteria": Json([])},
    "registers.internal_auditors": {"member_id": None},
    "registers.checklist_items": {"answer": "conform"},
    "registers.management_reviews": {"sha256": None, "approved_by": None, "approved_on": None},
    "registers.incidents": {"severity": "low", "appi_category": "sensitive"},
    "registers.corrective_actions": {"source_kind": "other", "grade": "minor", "verified_by_person_id": None, "verified_on": None, "closed_on": None},
    "registers.objectives": {"direction": "at_least", "status": "active"},
    "registers.trainings": {"method": "class", "status": "planned"},
    "registers.attendances": {"result": "invited"},
    "registers.legal_requirements": {"kind": "law", "status": "in_force"},
    "registers.tasks": {"status": "open"},
    "notifications.reminder_policies": {"client_id": "client", "channel": "email", "deadline_kind": None,
                                        "offsets": [30, 7], "receiver_roles": ["client_admin"]},
    "notifications.reminders": {"channel": "email", "language": "ja", "status": "planned"},
    "notifications.reminder_plans": {"basis": "x" * 32},
    "notifications.deliveries": {"channel": "email", "status": "pending"},
}
SPECIAL["scheduling.audits"] |= {"recommendation": None}
SPECIAL |= {
    "scheduling.audit_team": {"role": "observer", "auditor_id": None, "member_id": "member", "person_id": None, "objection_status": None},
    "scheduling.audit_slots": {"kind": "other", "start_time": "10:00", "end_time": "11:00"},
    "scheduling.absences": {"client_id": "client", "auditor_id": None, "member_id": None, "start_time": None, "end_time": None},
    "scheduling.bookings": {"team_id": None, "auditor_id": None, "member_id": None, "person_id": None},
}
SPECIAL |= {
    "notifications.message_templates": {"kind": "reminder", "language": "ja", "no": 1},
    "notifications.mail_settings": {"brand_color": "#112233"},
    "notifications.mail_servers": {"tls": "starttls", "port": 587},
    "notifications.mail_tests": {"kind": "reminder", "language": "ja", "status": "pending"},
}
SPECIAL |= {
    "scheduling.effort_plans": {"stage": "stage1", "member_id": "member"},
    "scheduling.effort_entries": {"stage": "stage1", "member_id": "member", "corrects_id": None, "minutes": 60, "invoiced_on": None, "invoice_ref": None},
    "scheduling.capacities": {"member_id": "member", "month": "2026-01"},
}
SPECIAL |= {
    "registers.risks": SPECIAL["registers.risks"] | {"affects": Json(["integrity"])},
    "scheduling.plan_templates": {"variant": None, "tasks": Json([]), "without_steps": Json([])},
    "scheduling.back_plans": {"direction": "backwards", "variant": "ia_before_stage1", "status": "active", "plan_template_id": None},
    "scheduling.plan_baselines": {"tasks": Json([]), "member_id": None},
    "scheduling.plan_tasks": {"depends_on": Json([]), "owner_member_id": "member"},
    "registers.pack_versions": {"items": Json([])},
}
SPECIAL |= {table: {"levels": Json([])} for table in ("registers.classification_schemes", "registers.classification_defaults")}
SPECIAL |= {"registers.risks": SPECIAL["registers.risks"] | {"affects": Json(["integrity"])}}
SPECIAL |= {
    "notifications.webhook_endpoints": {"kind": "standard", "event_kinds": Json(["*"]), "language": "ja", "enabled": True, "disabled_reason": None, "disabled_at": None},
    "notifications.webhook_deliveries": {"status": "pending", "event_kind": "audit.changed"},
    "notifications.webhook_attempts": {"outcome": "delivered"},
}
SPECIAL["notifications.reminder_policies"] |= {"grade": None, "hardness": None, "business_day_roll": "before", "language": None} | {
    name: Json([]) for name in ("also_channels", "member_ids", "person_ids", "escalation")}
SPECIAL["notifications.digest_settings"] = {"frequency": "weekly"}
SPECIAL["notifications.reminders"] |= {"receiver_kind": "member"}
SPECIAL |= {"notifications.quiet_days": {"client_id": "client"}, "notifications.reminder_marks": {"through": "api"}}
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
BY_TYPE = {"date": NOW.date(), "timestamp with time zone": NOW, "jsonb": Json({}), "json": Json({}), "integer": 1, "bigint": 1,
           "boolean": False, "bytea": b"x", "numeric": 1}


class Schema:
    """Tenant tables in the order of their references, with columns and what each column refers to."""

    def __init__(self, connection):
        self.columns, self.refers = {}, {}
        for table, name, type_ in connection.execute("""
                select c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod)
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                  and obj_description(c.oid, 'pg_class') like 'tenant:%' order by c.oid, a.attnum"""):
            self.columns.setdefault(table, {})[name] = type_
        for table, target, column in connection.execute("""
                select k.conrelid::regclass::text, k.confrelid::regclass::text, a.attname from pg_constraint k
                join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[cardinality(k.conkey)]
                where k.contype = 'f' and cardinality(k.conkey) > 1"""):
            if table in self.columns and table != target:  # a row may do without another of its own table
                self.refers.setdefault(table, {})[column] = target
        self.tables = ["tenants.clients", "tenants.members"]
        while len(self.tables) < len(self.columns):
            self.tables += [table for table in self.columns if table not in self.tables
                            and set(self.refers.get(table, {}).values()) <= set(self.tables)]

    def fenced_by_client(self, table):
        return "client_id" in self.columns[table] or table == "tenants.clients"


class World:
    """Two consultancies with two clients each, and one row of each in every table."""

    def __init__(self, connection):
        self.connection, self.schema, self.numbers = connection, Schema(connection), itertools.count(1)
        self.days = itertools.count(1)
        self.consultancy = {A: uuid.uuid4(), B: uuid.uuid4()}
        self.rows = {}  # (tenant, client number, table) -> row
        for tenant in (A, B):
            connection.execute("insert into platform.consultancies (id, created_at) values (%s, %s)",
                               (self.consultancy[tenant], NOW))
            for number in (1, 2):
                for table in self.schema.tables:
                    if self.schema.fenced_by_client(table) or number == 1:
                        self.rows[tenant, number, table] = self.insert(table, self.row(tenant, number, table))

    def row(self, tenant, number, table):
        """A new row for this client whose references fit."""
        special, refers = SPECIAL.get(table, {}), self.schema.refers.get(table, {})
        found = {}
        for column, type_ in self.schema.columns[table].items():
            target = refers.get(column)
            shared = target in self.schema.columns and not self.schema.fenced_by_client(target)  # one for both clients
            parent = self.rows.get((tenant, 1 if shared else number, target))
            if column == "consultancy_id":
                value = self.consultancy[tenant]
            elif column == "client_id" and special.get(column, "client") == "client":
                value = self.rows[tenant, number, "tenants.clients"]["id"]
            elif special.get(column) == "member" and column.endswith("_id"):
                value = self.rows[tenant, number, "tenants.members"]["id"]
            elif parent and column not in special:
                value = parent["id"]
            elif column in special and special[column] != "client":
                value = special[column]
            else:
                value = self.plain(column, type_)
            found[column] = value
        return found

    def plain(self, column, type_):
        if column == "no":
            return next(self.numbers)
        if type_ == "uuid":
            return uuid.uuid4()
        if type_ == "tsrange":  # no two rows at the same time
            day = NOW.date() + datetime.timedelta(days=next(self.days))
            return f"[{day} 10:00,{day} 11:00)"
        if type_ == "text":
            return f"x{uuid.uuid4()}"[:30] if column not in ("locale", "language") else "ja"
        assert type_ in BY_TYPE, f"say in SPECIAL what {column} {type_} may hold"
        return BY_TYPE[type_]

    def insert(self, table, row, connection=None):
        """Without RETURNING, which would ask for the right to read as well."""
        values = {column: Json(value) if isinstance(value, dict) else value for column, value in row.items()}
        (connection or self.connection).execute(sql.SQL("insert into {} ({}) values ({})").format(
            sql.SQL(table), sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values))), list(values.values()))
        return row


@pytest.fixture(scope="module")
def world(cluster, database):
    with cluster.connect(database) as connection:
        connection.execute(f"drop role if exists {PROBE}")
        connection.execute(f"create role {PROBE} login nosuperuser nobypassrls")
        made = World(connection)
        for schema in ("app", "platform", "tenants", "scheduling", "registers", "notifications"):
            connection.execute(f"grant usage on schema {schema} to {PROBE}")
            connection.execute(f"grant select, insert, update, delete on all tables in schema {schema} to {PROBE}")
        connection.execute(f"grant execute on all functions in schema app to {PROBE}")
        yield made
        connection.execute(f"drop owned by {PROBE}")
        connection.execute(f"drop role {PROBE}")


@pytest.fixture
def caller(cluster, database, world):
    """Runs what it is given as the probe in a context, and undoes it."""
    with psycopg.connect(cluster.conninfo(database, PROBE)) as connection:
        def enter(consultancy="", member="", client="", reach=""):
            connection.rollback()
            for name, value in (("consultancy", consultancy), ("member", member), ("client", client), ("reach", reach)):
                connection.execute("select set_config(%s, %s, true)", (f"app.{name}", str(value)))
            return connection
        yield enter
        connection.rollback()


def tables_of(world, clients_only=False):
    return [table for table in world.schema.tables if not clients_only or world.schema.fenced_by_client(table)]


def key_of(row):
    """What tells this row from every other: its id, or its parent's with its number."""
    names = [name for name in ("id", "delivery_id", "no", "key", "name", "entity_id", "client_id") if name in row][:1] or ["consultancy_id"]
    return sql.SQL(" and ").join(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(row[name])) for name in names)


def count(connection, table, row=None):
    where = sql.SQL(" where ") + key_of(row) if row else sql.SQL("")
    return connection.execute(sql.SQL("select count(*) from {}").format(sql.SQL(table)) + where).fetchone()[0]


def touched(connection, table, row):
    """How many rows a change and a removal of this very row reach."""
    changed = connection.execute(sql.SQL("update {} set consultancy_id = consultancy_id where ").format(sql.SQL(table))
                                 + key_of(row)).rowcount
    with connection.transaction(force_rollback=True):
        removed = connection.execute(sql.SQL("delete from {} where ").format(sql.SQL(table)) + key_of(row)).rowcount
    return changed, removed


def refused(connection, action):
    """Does a fence, and not something else, refuse it?"""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                action()
        except psycopg.errors.InsufficientPrivilege as error:
            assert "row-level security" in str(error), error
            return True
    return False


def check_out_of_reach(world, connection, tenant, number, tables):
    """No row of this client is seen, changed, removed, and none like it can be planted."""
    seen, reached, planted = [], [], []
    for table in tables:
        row = world.rows.get((tenant, number, table))
        if not row:
            continue
        if count(connection, table, row):
            seen.append(table)
        if touched(connection, table, row) != (0, 0):
            reached.append(table)
        if not refused(connection, lambda: world.insert(table, world.row(tenant, number, table), connection)):
            planted.append(table)
    assert (seen, reached, planted) == ([], [], [])


def person(world, tenant, number):
    return world.rows[tenant, number, "tenants.members"]["id"]


def client(world, tenant, number):
    return world.rows[tenant, number, "tenants.clients"]["id"]


def test_the_probe_has_every_right_and_no_privilege(world):
    assert len(tables_of(world)) >= 20
    assert world.connection.execute("select rolsuper or rolbypassrls from pg_roles where rolname = %s", (PROBE,)).fetchone() \
        == (False,)


def test_an_owner_sees_and_reaches_every_row_of_his_consultancy(world, caller):
    """So that the refusals below are not refusals of everything."""
    connection = caller(world.consultancy[A], person(world, A, 1), reach="all")
    for (tenant, number, table), row in world.rows.items():
        if tenant == A and not (table == "platform.idempotency" and number == 2):
            assert count(connection, table, row) == 1, table
            with connection.transaction(force_rollback=True):
                if table != "platform.events":
                    assert connection.execute(sql.SQL("update {} set consultancy_id = consultancy_id where ").format(
                        sql.SQL(table)) + key_of(row)).rowcount == 1, table


def test_an_owner_of_another_consultancy_reaches_no_row(world, caller):
    connection = caller(world.consultancy[B], person(world, B, 1), reach="all")
    for number in (1, 2):
        check_out_of_reach(world, connection, A, number, tables_of(world))


def test_a_whole_table_read_shows_one_consultancy(world, caller):
    connection = caller(world.consultancy[B], person(world, B, 1), reach="all")
    for table in tables_of(world):
        found = connection.execute(sql.SQL("select distinct consultancy_id from {}").format(sql.SQL(table))).fetchall()
        assert found == [(world.consultancy[B],)], table


def test_a_job_reaches_one_consultancy(world, caller):
    connection = caller(world.consultancy[B], reach="job")
    for number in (1, 2):
        check_out_of_reach(world, connection, A, number, tables_of(world))


def test_no_row_can_be_handed_to_another_consultancy(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), reach="all")
    for table in tables_of(world):
        row = world.rows[A, 1, table]
        assert refused(connection, lambda: connection.execute(
            sql.SQL("update {} set consultancy_id = {} where ").format(
                sql.SQL(table), sql.Literal(world.consultancy[B])) + key_of(row))), table


@pytest.mark.parametrize("reach", ["", "none", "own", "ALL", "client", "assigned"])
def test_without_a_consultancy_there_is_nothing(world, caller, reach):
    connection = caller(reach=reach)
    assert [table for table in tables_of(world) if count(connection, table)] == []
    for number in (1, 2):
        check_out_of_reach(world, connection, A, number, tables_of(world))


@pytest.mark.parametrize("reach", ["", "none", "ALL", "client", "assigned"])
def test_an_unknown_or_empty_reach_sees_no_client(world, caller, reach):
    connection = caller(world.consultancy[A], uuid.uuid4(), reach=reach)
    assert [table for table in tables_of(world, clients_only=True) if count(connection, table)] == []


def test_an_unassigned_consultant_reaches_no_client(world, caller):
    connection = caller(world.consultancy[A], uuid.uuid4(), reach="assigned")
    for number in (1, 2):
        check_out_of_reach(world, connection, A, number, tables_of(world, clients_only=True))


def test_a_consultant_reaches_his_assigned_client_only(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), reach="assigned")
    check_out_of_reach(world, connection, A, 2, tables_of(world, clients_only=True))
    assert [table for table in tables_of(world, clients_only=True)
            if count(connection, table, world.rows[A, 1, table]) != 1] == []


def test_an_assignment_of_another_consultancy_opens_nothing(world, caller):
    """The same person id in both consultancies: what counts is the assignment in this one."""
    connection = caller(world.consultancy[B], person(world, A, 1), reach="assigned")
    for number in (1, 2):
        check_out_of_reach(world, connection, B, number, tables_of(world, clients_only=True))


def test_looking_at_assignments_leaves_the_context_as_it_was(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), reach="assigned")
    count(connection, "registers.risks")
    assert connection.execute("select current_setting('app.reach')").fetchone() == ("assigned",)


def test_another_consultant_in_the_same_transaction_is_asked_anew(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), reach="assigned")
    assert count(connection, "registers.risks", world.rows[A, 1, "registers.risks"]) == 1
    connection.execute("select set_config('app.member', %s, true)", (str(person(world, A, 2)),))
    assert count(connection, "registers.risks", world.rows[A, 1, "registers.risks"]) == 0
    assert count(connection, "registers.risks", world.rows[A, 2, "registers.risks"]) == 1


def test_the_end_of_an_assignment_holds_from_the_next_transaction_on(world, caller):
    row = world.rows[A, 1, "tenants.assignments"]
    assert count(caller(world.consultancy[A], person(world, A, 1), reach="assigned"), "tenants.clients") == 1
    world.connection.execute("delete from tenants.assignments where id = %s", (row["id"],))
    try:
        assert count(caller(world.consultancy[A], person(world, A, 1), reach="assigned"), "tenants.clients") == 0
    finally:
        world.insert("tenants.assignments", row)


def test_a_client_user_reaches_his_client_only(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), client(world, A, 1), "client")
    check_out_of_reach(world, connection, A, 2, tables_of(world, clients_only=True))
    assert [table for table in tables_of(world, clients_only=True)
            if count(connection, table, world.rows[A, 1, table]) != 1] == []


def test_a_client_user_without_client_reaches_none(world, caller):
    connection = caller(world.consultancy[A], uuid.uuid4(), reach="client")
    for number in (1, 2):
        check_out_of_reach(world, connection, A, number, tables_of(world, clients_only=True))


def test_a_client_user_hands_no_row_to_another_client(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), client(world, A, 1), "client")
    for table in tables_of(world):
        if "client_id" in world.schema.columns[table]:
            row = world.rows[A, 1, table]
            assert refused(connection, lambda: connection.execute(
                sql.SQL("update {} set client_id = {} where ").format(
                    sql.SQL(table), sql.Literal(client(world, A, 2))) + key_of(row))), table


def staff_member(world):
    row = world.row(A, 1, "tenants.members") | {"role": "admin", "client_id": None}
    return "tenants.members", row


def staff_event(world):
    return "platform.events", world.row(A, 1, "platform.events") | {"client_id": None}


def staff_policy(world):
    return "notifications.reminder_policies", world.row(A, 1, "notifications.reminder_policies") | {"client_id": None}


@pytest.mark.parametrize("make", [staff_member, staff_event, staff_policy])
def test_what_belongs_to_no_client_is_hidden_from_client_users(world, caller, make):
    table, row = make(world)
    world.insert(table, row)
    try:
        assert count(caller(world.consultancy[A], person(world, A, 1), client(world, A, 1), "client"), table, row) == 0
        assert count(caller(world.consultancy[A], person(world, A, 1), reach="assigned"), table, row) == 1
        assert count(caller(world.consultancy[A], reach="all"), table, row) == 1
    finally:
        world.connection.execute(sql.SQL("delete from {} where id = {}").format(sql.SQL(table), sql.Literal(row["id"])))


def test_a_member_reads_his_own_membership_whatever_he_sees(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 2), reach="none")
    assert connection.execute("select id from tenants.members").fetchall() == [(person(world, A, 2),)]


def test_a_member_cannot_move_himself_to_another_client(world, caller):
    connection = caller(world.consultancy[A], person(world, A, 1), client(world, A, 1), "client")
    assert refused(connection, lambda: connection.execute(
        "update tenants.members set client_id = %s where id = %s", (client(world, A, 2), person(world, A, 1))))
    assert refused(connection, lambda: connection.execute(
        "update tenants.members set client_id = null, role = 'owner' where id = %s", (person(world, A, 1),)))


def test_a_kept_reply_is_for_the_member_who_sent_the_request(world, caller):
    row = world.rows[A, 1, "platform.idempotency"]
    assert count(caller(world.consultancy[A], person(world, A, 1), reach="all"), "platform.idempotency", row) == 1
    assert count(caller(world.consultancy[A], person(world, A, 2), reach="all"), "platform.idempotency", row) == 0


def test_a_sealed_event_never_changes_again(world, caller):
    _, row = staff_event(world)
    world.insert("platform.events", row)
    connection = caller(world.consultancy[A], reach="job")
    seal = "update platform.events set chain_no = %s, hash = 'x' where id = %s"
    assert connection.execute(seal, (1, row["id"])).rowcount == 1
    assert connection.execute(seal, (2, row["id"])).rowcount == 0
    connection.rollback()
    world.connection.execute("delete from platform.events where id = %s", (row["id"],))


def test_a_reference_to_a_row_of_another_consultancy_is_refused(world):
    """Even by whom no fence holds: the keys carry the consultancy."""
    for table, refers in world.schema.refers.items():
        for column in refers:
            row = world.row(A, 1, table)
            foreign = world.rows.get((B, 1, refers[column]))
            if row.get(column) is None or not foreign:
                continue
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                world.insert(table, row | {column: foreign["id"]})


def test_a_reference_to_a_row_of_another_client_is_refused(world):
    for table, refers in world.schema.refers.items():
        for column, target in refers.items():
            row = world.row(A, 1, table)
            if row.get(column) is None or target in ("tenants.clients", "tenants.members", "notifications.webhook_endpoints") \
                    or "client_id" not in world.schema.columns[target]:
                continue
            foreign = world.rows[A, 2, target]["id"]
            with world.connection.transaction(force_rollback=True), pytest.raises(psycopg.errors.ForeignKeyViolation):
                # so that no unique key refuses it before
                world.connection.execute(sql.SQL("delete from {} where {} = {}").format(
                    sql.SQL(table), sql.Identifier(column), sql.Literal(foreign)))
                world.insert(table, row | {column: foreign})


def test_the_fences_hold_the_owner_of_the_tables_too(world):
    with world.connection.transaction(force_rollback=True):
        world.connection.execute("set local role meguri_owner")
        assert [table for table in tables_of(world) if count(world.connection, table)] == []


def test_the_programs_login_is_held_by_the_fences(cluster, database, world):
    """The real role, where it may read at all."""
    with psycopg.connect(cluster.conninfo(database, "meguri")) as connection:
        for name, value in (("consultancy", world.consultancy[B]), ("reach", "all")):
            connection.execute("select set_config(%s, %s, true)", (f"app.{name}", str(value)))
        for table in tables_of(world):
            with connection.transaction():
                found = connection.execute(sql.SQL("select distinct consultancy_id from {}").format(sql.SQL(table)))
                assert set(found.fetchall()) <= {(world.consultancy[B],)}, table
