"""Evidence: files in and out byte by byte, their type found in the bytes, seen by whom it is meant for."""
import hashlib
import http.client
import os
import threading
import uuid

import pytest

PASSWORD = "a password that is long enough"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def office(start_system):
    system = start_system(clock="2025-02-14T09:00:00+09:00")
    owner = system.owner()
    owner.system = system
    owner.client_id = owner.call("createClient", {"name": "青葉精機", "code": "aoba"}, expect=201).json()["id"]
    owner.users = {}
    for role in ("admin", "client_admin", "client_member"):
        email = f"{uuid.uuid4().hex[:8]}@meguri.example"
        of_client = {"client_id": owner.client_id} if role != "admin" else {}
        made = owner.call("createMember", {"email": email, "name": "x", "role": role} | of_client, expect=201).json()
        system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
        owner.users[role] = system.sign_in(email, PASSWORD)
    return owner


def evidence(office, **members):
    return office.call("createEvidence", {"title": "設定画面", "kind": "file"} | members, client_id=office.client_id, expect=201).json()


def put(office, made, content, expect=200, headers=None, **params):
    return office.put(f"/v1/clients/{office.client_id}/evidence/{made['id']}/content", content=content, expect=expect, params=params,
                      headers={"Content-Type": "application/octet-stream"} | (headers or {}))


def get(caller, office, made, expect=200, **rest):
    return caller.get(f"/v1/clients/{office.client_id}/evidence/{made['id']}/content", expect=expect, **rest)


@pytest.mark.parametrize("size", [1, 262144, 262145, 20 * 1024 * 1024])
def test_a_file_comes_back_as_it_was_sent(office, size):
    content = os.urandom(size)
    made = evidence(office)
    stored = put(office, made, content).json()
    assert (stored["size_bytes"], stored["sha256"]) == (size, hashlib.sha256(content).hexdigest())
    assert get(office, office, made).content == content


def test_more_than_20_mib_is_refused(office):
    made = evidence(office)
    connection = http.client.HTTPConnection(office.url.removeprefix("http://"))
    connection.putrequest("PUT", f"/v1/clients/{office.client_id}/evidence/{made['id']}/content")
    for name, value in (("Authorization", f"Bearer {office.token}"), ("Content-Type", "a/b"), ("Content-Length", str(20 * 1024 * 1024 + 1))):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413  # before a byte of it was sent
    get(office, office, made, expect=404)


def test_other_operations_keep_the_small_limit(office):
    office.call("createEvidence", {"title": "x", "kind": "note", "note": "x" * 1100000}, client_id=office.client_id, expect=413)


def test_a_new_content_replaces_the_old(office):
    made = evidence(office)
    put(office, made, os.urandom(600000))
    put(office, made, PNG)
    assert get(office, office, made).content == PNG


def test_another_hash_than_promised_is_refused_and_nothing_is_kept(office):
    made = evidence(office)
    assert hashlib.sha256(PNG).hexdigest() in put(office, made, PNG, expect=422, sha256="0" * 64).json()["detail"]
    get(office, office, made, expect=404)
    put(office, made, PNG, sha256=hashlib.sha256(PNG).hexdigest())


@pytest.mark.parametrize("content, name, declared, found", [
    (PNG, "a.pdf", "application/pdf", "image/png"),
    (b"%PDF-1.7\n%\xe2\xe3", None, "image/png", "application/pdf"),
    (b"<script>alert(1)</script>", "a.html", "text/html", "text/plain"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml", "text/plain"),
    (b"a,b\n1,2\n", "a.csv", "text/csv", "text/csv"),
    (b"PK\x03\x04" + bytes(30), "台帳.xlsx", "x/y", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("あ".encode("cp932") + b"\x00", "a.txt", "text/plain", "application/octet-stream")])
def test_the_type_is_found_in_the_content_and_nothing_is_shown_in_place(office, content, name, declared, found):
    made = evidence(office)
    stored = put(office, made, content, headers={"Content-Type": declared}, **({"file_name": name} if name else {})).json()
    reply = get(office, office, made)
    assert stored["media_type"] == found == reply.headers["Content-Type"]
    assert reply.headers["Content-Disposition"].startswith("attachment;") and reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_japanese_name_is_escaped_as_rfc_8187_says(office):
    made = evidence(office)
    put(office, made, PNG, file_name='画"面\r\n.png')
    assert get(office, office, made).headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E7%94%BB%22%E9%9D%A2%0D%0A.png"


def test_an_unchanged_file_is_not_sent_twice(office):
    made = evidence(office)
    put(office, made, PNG)
    tag = get(office, office, made).headers["ETag"]
    assert get(office, office, made, expect=304, headers={"If-None-Match": tag}).content == b""


def test_a_link_needs_its_address_and_has_no_content(office):
    refused = office.call("createEvidence", {"title": "x", "kind": "link"}, client_id=office.client_id, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/url", "required")]
    put(office, evidence(office, kind="link", url="https://example.jp/"), PNG, expect=409)


@pytest.mark.parametrize("visibility, seen_by", [("everyone", {"admin", "client_admin", "client_member"}), ("client_admin", {"admin", "client_admin"}),
                                                 ("consultancy", {"admin"})])
def test_evidence_is_seen_by_whom_it_is_meant_for(office, visibility, seen_by):
    made = evidence(office, visibility=visibility)
    put(office, made, PNG)
    path = f"/v1/clients/{office.client_id}/evidence"
    assert {r for r, c in office.users.items() if c.get(f"{path}/{made['id']}").status_code == 200} == seen_by
    assert {r for r, c in office.users.items() if get(c, office, made, expect=(200, 404)).status_code == 200} == seen_by
    assert {r for r, c in office.users.items() if made["id"] in {e["id"] for e in c.pages(path)}} == seen_by


def test_evidence_is_attached_to_a_record_of_the_same_client_only(office):
    made = evidence(office)
    asset = office.call("createAsset", {"name": "サーバー"}, client_id=office.client_id, expect=201).json()
    other = office.call("createClient", {"name": "他社"}, expect=201).json()["id"]
    foreign = office.call("createAsset", {"name": "サーバー"}, client_id=other, expect=201).json()
    link = {"client_id": office.client_id, "evidence_id": made["id"]}
    office.call("createEvidenceLink", {"subject_kind": "asset", "subject": asset["id"]}, **link, expect=201)
    for kind, subject in (("asset", foreign["id"]), ("risk", asset["id"]), ("asset", str(uuid.uuid4()))):
        refused = office.call("createEvidenceLink", {"subject_kind": kind, "subject": subject}, **link, expect=422).json()
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/subject", "not_found_reference")]
    assert [e["id"] for e in office.pages(f"/v1/clients/{office.client_id}/evidence", params={"subject": asset["id"]})] == [made["id"]]


def test_evidence_is_attached_to_what_else_an_auditor_asks_about(office):
    def record(what, body, **path):
        return office.call(f"create{what}", body, client_id=office.client_id, expect=201, **path).json()["id"]

    supplier = record("Supplier", {"name": "株式会社クラウド"})
    review = record("ManagementReview", {"title": "2025", "planned_on": "2025-12-01"})
    party = record("InterestedParty", {"name": "顧客"})
    subjects = {
        "supplier": supplier, "supplier_contract": record("SupplierContract", {"title": "契約"}, supplier_id=supplier),
        "internal_audit": record("InternalAudit", {"title": "監査", "first_day": "2025-12-01", "last_day": "2025-12-01"}),
        "management_review": review, "context_issue": record("ContextIssue", {"kind": "external", "topic": "円安"}), "interested_party": party}
    made = evidence(office)
    for kind, subject in subjects.items():
        office.call("createEvidenceLink", {"subject_kind": kind, "subject": subject}, client_id=office.client_id, evidence_id=made["id"], expect=201)
        wrong_kind = "supplier_condition" if kind == "supplier" else "party_requirement"
        office.call("createEvidenceLink", {"subject_kind": wrong_kind, "subject": subject}, client_id=office.client_id, evidence_id=made["id"],
                    expect=422)


def test_what_an_approved_record_uses_is_neither_replaced_nor_deleted(office):
    made = evidence(office)
    put(office, made, PNG)
    rule = office.call("createTreatment", {"title": "規程", "text_ja": "本文", "state": "implemented"}, client_id=office.client_id, expect=201).json()
    office.call("createEvidenceLink", {"subject_kind": "treatment", "subject": rule["id"]}, client_id=office.client_id, evidence_id=made["id"], expect=201)
    office.users["admin"].call("approveTreatment", client_id=office.client_id, treatment_id=rule["id"], expect=200)
    put(office, made, b"other", expect=409)
    office.call("deleteEvidence", client_id=office.client_id, evidence_id=made["id"], if_match="*", expect=409)
    assert get(office, office, made).content == PNG


def test_deleted_evidence_leaves_no_bytes(office):
    made = evidence(office)
    put(office, made, PNG)
    office.call("deleteEvidence", client_id=office.client_id, evidence_id=made["id"], if_match="*", expect=204)
    assert office.system.sql("select count(*) from registers.blob_chunks where evidence_id = %s", made["id"]) == [(0,)]


def test_many_files_at_once_all_arrive(office):
    made = [evidence(office) for _ in range(4)]
    contents = [os.urandom(5_000_000) for _ in made]
    callers = [office.with_token(office.token) for _ in made]
    threads = [threading.Thread(target=lambda c=c, m=m, b=b: c.put(f"/v1/clients/{office.client_id}/evidence/{m['id']}/content", content=b,
                                                                  headers={"Content-Type": "a/b"}, expect=200))
               for c, m, b in zip(callers, made, contents)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert [get(office, office, m).content for m in made] == contents
