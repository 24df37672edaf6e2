"""Two consultancies, one furnished with one of everything that the contract lets create, by the contract's own examples.

Bodies are the examples with ids put in, so an operation added later is covered without a line here; one whose example can not be used fails by
its name.
"""
import re
import uuid

from . import contract

OPERATIONS = contract.shared().operations
DOCUMENT = contract.shared().document
PASSWORD = "a password that is long enough"
PUBLIC = {o for o, op in OPERATIONS.items() if op.get("security") == []}
CREATING = {o: op for o, op in OPERATIONS.items() if op["method"] == "POST" and not op["path"].startswith("/v1/calculations/") and o not in PUBLIC}
ROLES = ("admin", "consultant", "client_admin", "client_member", "auditor")
CLIENT_ROLES = ROLES[2:]
SHARED = {"catalogue": "threats", "item_code": "device-lost", "requirement_code": "5.1", "pack_no": "1", "template_kind": "reminder", "template_language": "ja"}  # reference data, the same for everybody: names nothing of anyone
OF_THE_CONSULTANCY = {"member_id", "body_id", "policy_id", "extension_id", "campaign_id"}  # its own members may see these, whatever clients they see
OF_THE_CONSULTANCY |= {"auditor_id", "absence_id", "capacity_id", "endpoint_id", "plan_template_id", "pack_id"}
OF_THE_CONSULTANCY |= {"auditor_id", "absence_id", "capacity_id", "endpoint_id", "quiet_days_id"}
OF_THE_CONSULTANCY |= {"mail_test_id", "mail_address_id", "unsubscription_id"}


def definition(operation):
    item = DOCUMENT["paths"][OPERATIONS[operation]["path"]]
    return item[OPERATIONS[operation]["method"].lower()]


def example(operation):
    body = definition(operation).get("requestBody")
    if not body:
        return None
    (media,) = body["content"].values()
    return next(iter(media["examples"].values()))["value"]


def kind_of(name):
    """owner_person_id is the id of a person."""
    return re.sub(r"^\w+_(?=(?:person|member|client|department|site)_id$)", "", name)


def with_ids(value, ids):
    """The example with every id replaced by the world's (or by one that nobody has)."""
    if isinstance(value, dict):
        return {k: ids.get(kind_of(k), str(uuid.uuid4())) if k.endswith("_id") and isinstance(v, str) else with_ids(v, ids) for k, v in value.items()}
    if isinstance(value, list):
        return [with_ids(v, ids) for v in value]
    return value


def media_type(operation):
    (name,) = definition(operation)["requestBody"]["content"]
    return name


def is_json(operation):
    return "requestBody" in definition(operation) and "json" in media_type(operation)


def parameters(operation):
    return [n for n in re.findall(r"\{(\w+)\}", OPERATIONS[operation]["path"]) if n not in SHARED]


def fill(operation, ids):
    return re.sub(r"\{(\w+)\}", lambda m: SHARED.get(m.group(1)) or ids.get(m.group(1), str(uuid.uuid4())), OPERATIONS[operation]["path"])


def perform(client, operation, ids, members=None, **rest):
    """The example's request with these ids; members are put into its body."""
    body = with_ids(example(operation), ids)
    if members:
        body |= members
    if operation == "createMember":
        body["email"] = f"{uuid.uuid4().hex[:12]}@meguri.example"
    if operation == "createClient":
        body["code"] = uuid.uuid4().hex[:12]
    if operation == "createCatalogueExtension":
        body["code"] = "x_" + uuid.uuid4().hex[:12]
    if operation in ("createCertificationBody", "createCampaign"):
        body["name"] = uuid.uuid4().hex[:12]
    if operation == "createEvidenceLink":
        body["subject"] = ids.get("asset_id", str(uuid.uuid4()))
    method = OPERATIONS[operation]["method"]
    if isinstance(body, str):
        name = media_type(operation)
        rest |= {"content": body.encode(), "headers": {"Content-Type": name if "*" not in name else "application/octet-stream"} | rest.get("headers", {})}
    elif body is not None:
        rest["json"] = body
    return client.request(method, fill(operation, ids), if_match="*" if method in ("PATCH", "DELETE") else None, **rest)


class World:
    """Consultancy A with two clients that have one of everything, and consultancy B with one client that has the same."""

    CLIENTS_OWN = {n for o in CREATING for n in re.findall(r"\{(\w+)\}", OPERATIONS[o]["path"])} - OF_THE_CONSULTANCY - {"client_id"} | {
        "asset_id", "risk_id", "site_id", "department_id"}  # objects of one client

    def __init__(self, system):
        self.system = system
        self.owner, self.stranger = system.owner(), system.owner()
        self.first, self.second, self.strange = self.furnish(self.owner), self.furnish(self.owner), self.furnish(self.stranger)
        self.spare = perform(self.stranger, "createClient", {}, expect=201).json()["id"]  # where each scheme is still free
        self.consultant = self.join("consultant", all_clients=False)
        self.owner.call("createAssignment", {"member_id": self.consultant.id, "client_id": self.first["client_id"]}, expect=201)
        self.user = self.join("client_admin", client_id=self.first["client_id"])
        self.roles = {role: self.join(role, **({"client_id": self.first["client_id"]} if role in CLIENT_ROLES else {})) for role in ROLES}

    def join(self, role, **rest):
        email = f"{uuid.uuid4().hex[:12]}@meguri.example"
        made = self.owner.call("createMember", {"email": email, "name": "x", "role": role, **rest}, expect=201).json()
        self.system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
        member = self.system.sign_in(email, PASSWORD)
        member.id = made["id"]
        return member

    def furnish(self, owner):
        """One of everything under a new client: each creating operation as soon as the ids it names are there."""
        ids = {"client_id": perform(owner, "createClient", {}, expect=201).json()["id"]}
        waiting = [o for o in CREATING if o.startswith("create") and o not in ("createClient", "createTransition")]
        while waiting:
            ready = [o for o in waiting if self.needs(o) <= set(ids)]
            assert ready, f"no example of these can be used: {waiting}, known ids: {sorted(ids)}"
            for operation in ready:
                made = perform(owner, operation, ids, expect=201).json()
                ids[self.id_name(operation)] = made["id"]
                if operation == "createCalendarFeed":
                    ids["feed_token"] = made["url"].rpartition("/")[2]
                if operation == "createSupplierQuestionnaire":
                    ids["questionnaire_token"] = made["questionnaire_token"]
                waiting.remove(operation)
        perform(owner, "putEvidenceContent", ids, expect=200)
        path = f"/v1/clients/{ids['client_id']}/certifications/{ids['certification_id']}/transitions"
        moved = owner.post(path, {"to": "stage1_done", "on": "2024-12-02"}, expect=201).json()
        owner.post(path.replace("transitions", "carry-forward"), {"audit_id": ids["audit_id"]}, expect=200)
        self.system.run_jobs()
        groups = owner.get(f"/v1/clients/{ids['client_id']}/asset-groups", expect=200).json()["data"]
        return ids | {"transition_id": moved["id"], "group_id": groups[0]["id"], "reminder_id": self.row("notifications.reminders", ids),
                      "plan_baseline_id": self.row("scheduling.plan_baselines", ids), "delivery_id": self.row("notifications.deliveries", ids),
                      "webhook_delivery_id": owner.post(f"/v1/webhook-endpoints/{ids['endpoint_id']}/test", expect=202).json()["id"]}

    def row(self, table, ids):
        rows = self.system.sql(f"select id::text from {table} where client_id = %s limit 1", ids["client_id"])
        return rows[0][0] if rows else str(uuid.uuid4())

    @staticmethod
    def needs(operation):
        body = example(operation) if is_json(operation) else {}
        return {kind_of(k) for k, v in body.items() if k.endswith("_id") and isinstance(v, str)} | set(parameters(operation))

    @staticmethod
    def id_name(operation):
        path = OPERATIONS[operation]["path"]
        item = next(p for p in DOCUMENT["paths"] if re.fullmatch(re.escape(path) + r"/\{\w+\}", p))
        return re.search(r"\{(\w+)\}$", item).group(1)

    def snapshot(self):
        tables = self.system.sql("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema in "
                                 "('tenants','registers','scheduling','notifications') union select 'platform.events' order by 1")
        return {t: self.system.sql(f"select count(*), md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from {t} t")[0] for (t,) in tables}
