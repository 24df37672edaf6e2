"""What architecture and isolation demand of every table, function and role, read from the catalogues of a migrated database.

A new table is covered the moment it exists. The few exceptions are written down here, each with its reason."""
import psycopg
import pytest
from psycopg.rows import namedtuple_row

SERVICES = {"meguri_tenants", "meguri_registers", "meguri_scheduling", "meguri_notifications"}
ROLES = SERVICES | {"meguri", "meguri_owner", "meguri_migrate"}

# The client fence is app.sees_client(client_id) unless said otherwise.
CLIENT_FENCES = {
    "tenants.clients": ("app.sees_client(id)", None),
    # one's own membership, and the staff for the staff
    "tenants.members": ("((id = app.member()) OR app.sees_staff(client_id))", "app.sees_staff(client_id)"),
    # app.is_assigned looks here itself
    "tenants.assignments": ("CASE app.reach() WHEN 'own'::text THEN (member_id = app.member()) "
                            "ELSE app.sees_client(client_id) END", None),
    # rows of no client are the staff's
    "notifications.reminder_policies": ("app.sees_staff(client_id)", None),
    "notifications.quiet_days": ("app.sees_staff(client_id)", None),
    "scheduling.calendar_feeds": ("app.sees_staff(client_id)", None),
    # everybody may report what concerns the consultancy, its staff reads it
    "platform.events": ("app.sees_staff(client_id)", "((client_id IS NULL) OR app.sees_client(client_id))"),
    # each member's own replies; the job forgets old ones
    "platform.idempotency": ("((app.reach() = 'job'::text) OR (member_id = app.member()))", None),
}
# Tenant tables whose rows belong to the whole consultancy and may be read by its clients' users too.
CONSULTANCY_WIDE = {"tenants.consultancies", "scheduling.certification_bodies", "registers.catalogue_extensions", "scheduling.campaigns"}
# Children that say nothing without their parent.
CASCADES = {"assignments_member_fkey", "assignments_client_fkey", "certification_transitions_certification_fkey", "campaign_steps_campaign_fkey",
            "campaign_steps_certification_fkey", "suggestion_decisions_asset_fkey",
            "delivery_attempts_delivery_fkey", "sessions_user_fkey", "refresh_tokens_session_fkey",
            "invitations_user_fkey", "calendar_feeds_client_fkey", "calendar_feeds_member_fkey", "feed_tokens_feed_fkey", "questionnaire_tokens_questionnaire_fkey"}
CASCADES |= {"plan_tasks_back_plan_fkey", "plan_baselines_back_plan_fkey", "pack_versions_pack_fkey", "pack_copies_pack_fkey", "carried_items_carry_forward_fkey", "carried_reviews_carry_forward_fkey"}
# Tenant tables that are not resources: no version to match.
NOT_RESOURCES = {"platform.events", "platform.idempotency", "platform.counters", "notifications.delivery_attempts", "scheduling.carried_items",
                 "scheduling.carried_reviews"}
# What the programs may do with platform tables directly; everything else is behind functions.
PLATFORM_GRANTS = {("platform.consultancies", column, role, "SELECT") for column in ("id", "status") for role in SERVICES}

# Bookings: auditors of bodies are the consultancy's; the rest says nothing without its audit.
CLIENT_FENCES["scheduling.absences"] = ("app.sees_staff(client_id)", None)
CONSULTANCY_WIDE |= {"scheduling.auditors", "scheduling.capacities", "registers.packs", "registers.pack_versions", "registers.risk_criteria_defaults", "scheduling.plan_templates"}
CONSULTANCY_WIDE.add("registers.classification_defaults")
CONSULTANCY_WIDE |= {f"notifications.{t}" for t in ("digest_settings", "message_templates", "mail_settings", "mail_servers", "mail_addresses",
                                                    "unsubscriptions", "mail_tests")}
CASCADES |= {"audit_sites_audit_fkey", "bookings_audit_fkey", "bookings_slot_fkey", "bookings_team_fkey"}
NOT_RESOURCES |= {"scheduling.audit_sites", "scheduling.bookings"}
# Webhooks: an endpoint of no client is told of all of them; what was sent says nothing without it.
CLIENT_FENCES |= {f"notifications.webhook_{t}": ("app.sees_staff(client_id)", None) for t in ("endpoints", "deliveries", "attempts")}
CASCADES |= {"webhook_endpoints_client_fkey", "webhook_deliveries_endpoint_fkey", "webhook_attempts_delivery_fkey", "webhook_attempts_client_fkey"}
NOT_RESOURCES |= {"notifications.webhook_attempts"}

OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"


@pytest.fixture(scope="module")
def catalogue(cluster, database):
    with psycopg.connect(cluster.conninfo(database), autocommit=True, row_factory=namedtuple_row) as connection:
        yield lambda text, *values: connection.execute(text, values or None).fetchall()


@pytest.fixture(scope="module")
def tables(catalogue):
    """schema.name -> row of every table."""
    return {row.name: row for row in catalogue(f"""
        select c.oid, n.nspname || '.' || c.relname as name, c.relrowsecurity as rls, c.relforcerowsecurity as forced,
               c.relpersistence as persistence, coalesce(obj_description(c.oid, 'pg_class'), '') as comment,
               split_part(coalesce(obj_description(c.oid, 'pg_class'), ''), ':', 1) as kind
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and {OURS}""")}


@pytest.fixture(scope="module")
def tenant(tables):
    found = {name: row for name, row in tables.items() if row.kind == "tenant"}
    assert len(found) >= 20, "no schema to lint"
    return found


@pytest.fixture(scope="module")
def columns(catalogue):
    """schema.name -> {column -> row}"""
    found = {}
    for row in catalogue(f"""
            select n.nspname || '.' || c.relname as relation, a.attname as name, a.attnotnull as required,
                   format_type(a.atttypid, a.atttypmod) as type, a.attgenerated as generated,
                   pg_get_expr(d.adbin, d.adrelid) as value
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and {OURS}
            order by a.attrelid, a.attnum"""):
        found.setdefault(row.relation, {})[row.name] = row
    return found


@pytest.fixture(scope="module")
def policies(catalogue):
    """schema.name -> {policy -> row}"""
    found = {}
    for row in catalogue("select schemaname || '.' || tablename as relation, * from pg_policies"):
        found.setdefault(row.relation, {})[row.policyname] = row
    return found


@pytest.fixture(scope="module")
def keys(catalogue):
    """Every foreign key: from, to, column pairs, actions."""
    return catalogue("""
        select k.conname as name, k.conrelid::regclass::text as source, k.confrelid::regclass::text as target,
               k.confdeltype as on_delete, k.confupdtype as on_update, k.condeferrable as deferrable,
               array(select s.attname::text from unnest(k.conkey) with ordinality u (no, at)
                     join pg_attribute s on s.attrelid = k.conrelid and s.attnum = u.no order by u.at) as own,
               array(select t.attname::text from unnest(k.confkey) with ordinality u (no, at)
                     join pg_attribute t on t.attrelid = k.confrelid and t.attnum = u.no order by u.at) as theirs
        from pg_constraint k where k.contype = 'f'""")


@pytest.fixture(scope="module")
def grants(catalogue):
    """Every right on a table or a column that is not its owner's."""
    return catalogue(f"""
        select n.nspname || '.' || c.relname as relation, null as "column",
               coalesce(r.rolname, 'public') as role, x.privilege_type as right, x.is_grantable as passes
        from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join aclexplode(c.relacl) x
        left join pg_roles r on r.oid = x.grantee where {OURS} and x.grantee <> c.relowner
        union all
        select n.nspname || '.' || c.relname, a.attname, coalesce(r.rolname, 'public'), x.privilege_type, x.is_grantable
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        cross join aclexplode(a.attacl) x left join pg_roles r on r.oid = x.grantee
        where {OURS} and x.grantee <> c.relowner""")


@pytest.fixture(scope="module")
def functions(catalogue):
    return catalogue(f"""
        select p.oid::regprocedure::text as name, p.prosecdef as definer, p.proowner::regrole::text as owner,
               coalesce(p.proconfig, '{{}}') as settings,
               exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x where x.grantee = 0) as public
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where {OURS} and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""")


# ---------------------------------------------------------------- tables

def test_every_table_says_its_kind(tables):
    assert [name for name, row in tables.items() if row.kind not in ("tenant", "reference", "platform")] == []


def test_every_table_says_what_it_is_for(tables):
    assert [name for name, row in tables.items() if len(row.comment.partition(": ")[2]) < 10] == []


def test_every_table_with_a_consultancy_outside_platform_is_a_tenant_table(tables, columns):
    assert [name for name, row in tables.items() if "consultancy_id" in columns[name] and row.kind != "tenant"
            and not name.startswith("platform.")] == []


def test_tables_are_logged(tables):
    assert {row.persistence for row in tables.values()} == {"p"}


def test_nothing_but_tables_and_indexes_holds_data(catalogue):
    assert catalogue(f"""
        select c.oid::regclass::text, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind in ('S', 'm', 'f')""") == []


def test_views_ask_with_the_rights_of_the_caller(catalogue):
    assert catalogue(f"""
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions), false)""") == []


def test_there_are_no_triggers(catalogue):
    assert catalogue("select tgname from pg_trigger where not tgisinternal") == []
    assert catalogue("select evtname from pg_event_trigger") == []


def test_there_are_no_rewrite_rules(catalogue):
    assert catalogue(f"""
        select r.rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and r.rulename <> '_RETURN'""") == []


def test_everything_belongs_to_the_owner(catalogue):
    assert catalogue(f"""
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where {OURS} and c.relowner <> 'meguri_owner'::regrole
        union all select n.nspname from pg_namespace n
        where {OURS} and n.nspname <> 'public' and n.nspowner <> 'meguri_owner'::regrole""") == []


def test_no_column_default_reads_the_clock_or_makes_an_id(columns):
    found = [(table, column.name, column.value) for table, of in columns.items() for column in of.values()
             if column.value and not column.generated and "(" in column.value and table != "platform.migrations"]
    assert found == []


def test_resources_carry_version_and_times(tenant, columns):
    wanted = {"version": "integer", "created_at": "timestamp with time zone", "updated_at": "timestamp with time zone"}
    wrong = [(table, name) for table in tenant if table not in NOT_RESOURCES for name, type_ in wanted.items()
             if not (name in columns[table] and columns[table][name].type == type_ and columns[table][name].required)]
    assert wrong == []


def test_instants_have_a_zone(columns):
    assert [(table, name) for table, of in columns.items() for name, column in of.items()
            if column.type.startswith("timestamp without")] == []


# ---------------------------------------------------------------- fences

def test_tenant_tables_begin_with_their_consultancy(tenant, columns):
    assert [table for table in tenant if next(iter(columns[table])) != "consultancy_id"
            or columns[table]["consultancy_id"].type != "uuid" or not columns[table]["consultancy_id"].required] == []


def one_line(expression):
    return " ".join(expression.split())


def test_row_level_security_is_forced_on_every_tenant_table(tenant):
    assert [name for name, row in tenant.items() if not (row.rls and row.forced)] == []


def test_every_tenant_table_has_the_tenant_fence(tenant, policies):
    fence = "(consultancy_id = app.consultancy())"
    wrong = []
    for table in tenant:
        policy = policies.get(table, {}).get("tenant_fence")
        if not policy or (policy.permissive, policy.cmd, policy.roles, policy.qual, policy.with_check) != \
                ("RESTRICTIVE", "ALL", ["public"], fence, fence):
            wrong.append((table, policy))
    assert wrong == []


def test_every_tenant_table_has_its_client_fence(tenant, policies):
    wrong = []
    for table in tenant:
        policy = policies.get(table, {}).get("client_fence")
        if table in CONSULTANCY_WIDE:
            continue
        sees, writes = CLIENT_FENCES.get(table, ("app.sees_client(client_id)", None))
        if not policy or (policy.permissive, policy.cmd, policy.roles, one_line(policy.qual), one_line(policy.with_check)) \
                != ("RESTRICTIVE", "ALL", ["public"], sees, writes or sees):
            wrong.append((table, policy and policy.qual))
    assert wrong == []


def test_no_table_of_a_client_is_without_client_fence(columns):
    assert [table for table in CONSULTANCY_WIDE if "client_id" in columns[table]] == []


def test_nothing_is_permitted_beside_the_fences(tenant, policies):
    """Permissive policies are joined by OR: a second one could only open what the first leaves."""
    permissive = {table: [name for name, policy in policies[table].items() if policy.permissive == "PERMISSIVE"]
                  for table in tenant}
    assert {table: names for table, names in permissive.items() if names != ["granted"]} == {}


def test_policies_stand_only_on_tenant_tables(tenant, policies):
    assert set(policies) == set(tenant)


# ---------------------------------------------------------------- keys

def test_every_key_and_index_of_a_tenant_table_begins_with_the_consultancy(catalogue, tenant):
    rows = catalogue("""
        select i.indrelid::regclass::text as relation, i.indexrelid::regclass::text as name, a.attname as first
        from pg_index i left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]""")
    assert [(row.relation, row.name) for row in rows if row.relation in tenant and row.first != "consultancy_id"] == []


def test_every_tenant_table_has_a_primary_key(catalogue, tenant):
    keyed = {row.relation for row in catalogue(
        "select conrelid::regclass::text as relation from pg_constraint where contype = 'p'")}
    assert set(tenant) - keyed == set()


def test_references_between_tenant_tables_carry_the_consultancy(tenant, keys):
    wrong = [key.name for key in keys if key.source in tenant and key.target in tenant
             and (key.own[0], key.theirs[0]) != ("consultancy_id", "consultancy_id")]
    assert wrong == []


def test_a_tenant_table_refers_outside_only_to_its_consultancy(tenant, keys):
    wrong = [key.name for key in keys if key.source in tenant and key.target not in tenant
             and (key.target, key.own, key.theirs) != ("platform.consultancies", ["consultancy_id"], ["id"])]
    assert wrong == []


def test_references_within_one_client_carry_the_client(columns, tenant, keys):
    """Otherwise a row of one client could hang on a row of another."""
    wrong = []
    for key in keys:
        target = columns[key.target].get("client_id")
        if key.source in tenant and target and target.required and "client_id" in columns[key.source]:
            if ("client_id", "client_id") not in zip(key.own, key.theirs):
                wrong.append(key.name)
    assert wrong == []


def test_every_client_id_is_a_reference(columns, tenant, keys):
    """Directly or through the parent; events, what was told of them, replies and counters outlive the client."""
    free = {"platform.events", "platform.counters", "notifications.webhook_deliveries", "notifications.webhook_attempts"}
    covered = {key.source for key in keys if "client_id" in key.own}
    assert [table for table in tenant if "client_id" in columns[table] and table not in covered | free] == []


def test_deleting_what_is_referenced_is_refused_except_for_pure_children(keys):
    assert {key.name for key in keys if key.on_delete != "a"} == CASCADES
    assert {key.on_delete for key in keys} <= {"a", "c"}


def test_keys_never_change(keys):
    assert [key.name for key in keys if key.on_update != "a" or key.deferrable] == []


def test_unique_keys_have_names_that_problems_can_use(catalogue, tenant):
    """table_what_key, so that the shell's table can turn 23505 into a sentence."""
    rows = catalogue("""
        select i.indrelid::regclass::text as relation, c.relname as name
        from pg_index i join pg_class c on c.oid = i.indexrelid where i.indisunique and not i.indisprimary""")
    assert [row.name for row in rows if row.relation in tenant
            and not (row.name.startswith(row.relation.split(".")[1]) and row.name.endswith("_key"))] == []


# ---------------------------------------------------------------- rights

def test_only_the_services_are_granted_anything(grants):
    assert [row for row in grants if row.role not in SERVICES or row.passes] == []


def test_nobody_may_truncate_refer_or_trigger(grants):
    assert [row for row in grants if row.right not in ("SELECT", "INSERT", "UPDATE", "DELETE")] == []


def test_platform_tables_are_reached_through_functions(grants, tables):
    found = {(row.relation, row.column, row.role, row.right) for row in grants
             if row.relation in tables and tables[row.relation].kind == "platform"}
    assert found == PLATFORM_GRANTS


def test_reference_tables_and_views_are_read_only(grants, tables):
    assert [row for row in grants if row.right != "SELECT"
            and (row.relation not in tables or tables[row.relation].kind == "reference")] == []


def test_events_are_append_only_but_for_their_seal(grants):
    found = {(row.column, row.role, row.right) for row in grants if row.relation == "platform.events"}
    assert {entry for entry in found if entry[2] not in ("SELECT", "INSERT")} == {
        ("chain_no", "meguri_tenants", "UPDATE"), ("hash", "meguri_tenants", "UPDATE")}


def test_a_sealed_event_is_fenced_against_a_second_seal(policies):
    policy = policies["platform.events"]["sealed_once"]
    assert (policy.permissive, policy.cmd, policy.qual, policy.with_check) == (
        "RESTRICTIVE", "UPDATE", "(chain_no IS NULL)", "(chain_no IS NOT NULL)")


def test_a_service_writes_only_its_own_schema_and_what_is_shared(grants):
    shared = {"platform.events", "platform.idempotency", "platform.counters"}
    # policy settings are stored with the consultancy but belong to scheduling
    agreed = {("tenants.consultancies", "meguri_scheduling", column) for column in ("policies", "version", "updated_at")}
    # whatever in a register falls due is a deadline, in the one table on which calendars and reminders hang
    agreed |= {("scheduling.deadlines", "meguri_registers", None)}
    # what a register proves is a fact of the certification
    agreed |= {("scheduling.certifications", "meguri_registers", column) for column in (
        "soa_approved_on", "risk_assessment_done_on", "internal_audit_done_on", "management_review_done_on", "plan_stale", "version", "updated_at")}
    # a scope that is approved is one too
    agreed |= {("scheduling.certifications", "meguri_tenants", column) for column in ("scope_defined_on", "plan_stale", "version", "updated_at")}
    # an approved change of a client is its next scope
    agreed |= {("tenants.scope_versions", "meguri_scheduling", None)}
    wrong = [row for row in grants if row.right != "SELECT" and row.relation not in shared
             and row.relation.split(".")[0] != row.role.removeprefix("meguri_")
             and (row.relation, row.role, row.column) not in agreed]
    assert wrong == []


def test_no_program_may_create_anything(catalogue, cluster):
    assert catalogue(f"""
        select n.nspname, r.rolname from pg_namespace n cross join pg_roles r
        where {OURS} and r.rolname <> all (array['meguri_owner', 'meguri_migrate', 'postgres'])
          and r.rolname !~ '^pg_' and not r.rolsuper and has_schema_privilege(r.oid, n.oid, 'create')""") == []
    # Rights on a database are not cloned with it, so look at the migrated one.
    assert cluster.execute("""
        select r.rolname from pg_roles r where r.rolname ~ '^meguri' and r.rolname not in ('meguri_owner', 'meguri_migrate')
          and (has_database_privilege(r.oid, %s, 'create') or has_database_privilege(r.oid, %s, 'temporary'))""",
                           cluster.template(), cluster.template()) == []


# ---------------------------------------------------------------- functions

def test_no_function_is_executable_by_everybody(functions):
    assert [row.name for row in functions if row.public] == []


def test_functions_with_the_owners_rights_pin_their_search_path(functions):
    definers = [row for row in functions if row.definer]
    assert len(definers) >= 15
    assert [row.name for row in definers if "search_path=pg_catalog, pg_temp" not in row.settings
            or row.owner != "meguri_owner"] == []


def test_fence_functions_run_with_the_callers_rights(functions):
    fences = [row for row in functions if row.name.startswith("app.")]
    assert fences and [row.name for row in fences if row.definer] == []


def test_founding_a_consultancy_and_fencing_tables_are_the_operators_alone(catalogue):
    assert catalogue("""
        select p.proname, r.rolname from pg_proc p cross join pg_roles r
        where p.proname in ('create_consultancy', 'fence') and r.rolname = any (%s)
          and has_function_privilege(r.oid, p.oid, 'execute')""", list(SERVICES | {"meguri"})) == []


# ---------------------------------------------------------------- roles

def test_no_role_can_step_over_the_fences(catalogue):
    rows = catalogue("select * from pg_roles where rolname = any (%s)", list(ROLES))
    assert {row.rolname for row in rows} == ROLES
    assert [row.rolname for row in rows if row.rolsuper or row.rolbypassrls or row.rolcreaterole or row.rolcreatedb
            or row.rolreplication] == []


def test_nobody_logs_in_as_the_owner(catalogue):
    rows = catalogue("select rolname, rolcanlogin from pg_roles where rolname = any (%s)", list(ROLES))
    assert {row.rolname for row in rows if not row.rolcanlogin} == {"meguri_owner"}


def test_memberships_are_these_and_no_others(catalogue):
    rows = catalogue("""
        select g.rolname as role, m.rolname as member, a.admin_option as admin from pg_auth_members a
        join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member
        where g.rolname = any (%s) or m.rolname = any (%s)""", list(ROLES), list(ROLES))
    assert {(row.role, row.member) for row in rows} == {(role, "meguri") for role in SERVICES} | {
        ("meguri_owner", "meguri_migrate")}
    assert not any(row.admin for row in rows)
