"""Servers, presentation, bounces and unsubscriptions of mails."""
import email.message
import json
import re
import secrets
import subprocess

import pytest

from meguri_test import MailSink
from test_reminder_actions import login, soften
from test_reminders import Office, at, go, no_service

NOON = "2026-01-13T12:00:00+09:00"
MORNING = "2026-01-14T09:00:00+09:00"  # thirty days before the deadline of 2026-02-13
NEXT = "2026-01-30T09:00:00+09:00"
PUBLIC = "https://meguri.example"
SETTINGS = {"reply_to": "isms@minato.example", "brand_color": "#aa0000", "logo_url": "https://minato.example/logo.png", "footer_ja": "東京都\n千代田区",
            "footer_en": None}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    home = tmp_path_factory.mktemp("tls")
    made = home / "certificate.pem", home / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", made[1], "-out", made[0]], check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def system(start_system, certificate):
    return no_service(start_system, clock=NOON, environment={
        "MEGURI_PUBLIC_URL": PUBLIC, "MEGURI_SMTP_CA_FILE": str(certificate[0]), "MEGURI_WEBHOOK_ALLOW": "127.0.0.1/32"})


@pytest.fixture
def office(system):
    system.set_clock(NOON)
    office = Office(system)
    office.deadline_id = office.deadline()
    go(system, NOON)
    return office


@pytest.fixture
def sink(tmp_path, certificate):
    """The consultancy's own server: STARTTLS and sign-in required."""
    made = MailSink(tmp_path / "own", "--certificate", str(certificate[0]), "--key", str(certificate[1]), "--user", "isms", "--password", "geheim")
    yield made
    made.stop()


def put(office, path, content, expect=200, if_match="*"):
    return office.owner.request("PUT", path, json=content, headers={"If-Match": if_match}, expect=expect).json()


def own_server(sink, **changes):
    return {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "username": "isms", "password": "geheim",
            "from_address": "isms@minato.example"} | changes


def first_mail(office):
    at(office, MORNING)
    (mail,) = office.mails()
    return mail


# ---------------------------------------------------------------- presentation

def test_settings_show_in_the_mail(office):
    assert put(office, "/v1/mail-settings", SETTINGS) == SETTINGS | {"version": 1}
    mail = first_mail(office)
    page = mail.message.get_body(("html",)).get_content()
    assert mail.message["reply-to"] == "isms@minato.example" and "#aa0000" in page and "https://minato.example/logo.png" in page
    assert "東京都\n千代田区" in mail.text.replace("\r", "")


@pytest.mark.parametrize("wrong, pointer", [({"reply_to": "x@y\r\nBcc: z@w"}, "/reply_to"), ({"brand_color": "red;"}, "/brand_color"),
                                            ({"logo_url": "javascript:alert(1)"}, "/logo_url"),
                                            ({"logo_url": "https://x\nX: y"}, "/logo_url"), ({"logo_url": "https://x\"onerror=1"}, "/logo_url"), ({"footer_ja": "x" * 1001}, "/footer_ja")])
def test_wrong_settings_are_named(office, wrong, pointer):
    assert [e["pointer"] for e in put(office, "/v1/mail-settings", SETTINGS | wrong, expect=422)["errors"]] == [pointer]


def test_settings_are_written_by_one_at_a_time(office):
    put(office, "/v1/mail-settings", SETTINGS, if_match='"v0"')
    put(office, "/v1/mail-settings", SETTINGS, if_match='"v0"', expect=412)


# ---------------------------------------------------------------- server

def test_mails_go_by_the_consultancys_own_server(office, sink):
    set_ = put(office, "/v1/mail-server", own_server(sink))
    assert "password" not in set_ and set_["has_password"] and set_["source"] == "consultancy"
    at(office, MORNING)
    (mail,) = sink.mails(office.people[0]["email"])
    assert office.mails() == [] and mail.envelope["tls"] and mail.envelope["user"] == "isms" and mail.envelope["from"] == "isms@minato.example"
    assert mail.message["from"].addresses[0].addr_spec == "isms@minato.example" and mail.id.endswith("@minato.example>")


def test_the_password_lies_sealed_in_the_database(office, sink):
    put(office, "/v1/mail-server", own_server(sink))
    (sealed,), = office.system.sql("select password_sealed from notifications.mail_servers where consultancy_id = %s", office.consultancy_id)
    trail = json.dumps(office.owner.pages("/v1/events", params={"kind": "mail_server.changed"}))
    assert sealed and "geheim" not in sealed and "geheim" not in trail and sealed not in trail


def test_a_password_that_is_not_given_stays_only_where_it_was_for(office, sink):
    put(office, "/v1/mail-server", own_server(sink))
    kept = {k: v for k, v in own_server(sink).items() if k != "password"}
    assert put(office, "/v1/mail-server", kept)["has_password"]
    assert not put(office, "/v1/mail-server", kept | {"host": "localhost"})["has_password"]
    assert not put(office, "/v1/mail-server", own_server(sink, password=None))["has_password"]


def test_back_to_the_installations_server(office, sink):
    put(office, "/v1/mail-server", own_server(sink))
    back = office.owner.request("DELETE", "/v1/mail-server", headers={"If-Match": "*"}, expect=200).json()
    assert (back["source"], back["host"], back["version"]) == ("installation", None, 0)
    assert first_mail(office) and sink.mails() == []
    office.owner.request("DELETE", "/v1/mail-server", headers={"If-Match": "*"}, expect=404)


@pytest.mark.parametrize("wrong, pointer", [({"host": "a b"}, "/host"), ({"host": "x/y"}, "/host"), ({"host": "u@x"}, "/host"), ({"port": 0}, "/port"),
                                            ({"tls": "off"}, "/tls"), ({"username": None}, "/username"), ({"from_address": "a@b\n"}, "/from_address")])
def test_a_wrong_server_is_named(office, sink, wrong, pointer):
    assert [e["pointer"] for e in put(office, "/v1/mail-server", own_server(sink, **wrong), expect=422)["errors"]] == [pointer]


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::1]", "192.168.0.1"])
def test_a_server_inside_is_not_connected(office, sink, host):
    put(office, "/v1/mail-server", own_server(sink, host=host, port=25))
    at(office, MORNING)
    (delivery,) = office.deliveries()
    assert delivery["status"] == "failed" and "is not a public one" in delivery["last_error"], delivery


def test_a_wrong_certificate_is_refused_and_tried_again(office, start_system, tmp_path):
    home = tmp_path / "other"
    home.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", home / "k", "-out", home / "c"], check=True, capture_output=True)
    other = MailSink(home / "mail", "--certificate", str(home / "c"), "--key", str(home / "k"))
    try:
        put(office, "/v1/mail-server", own_server(other))
        at(office, MORNING)
        (delivery,) = office.deliveries()
        assert delivery["status"] == "failed" and "certificate" in delivery["last_error"] and other.mails() == []
    finally:
        other.stop()


# ---------------------------------------------------------------- tests

def ask(office, **body):
    made = office.owner.request("POST", "/v1/mail-tests", json=body, expect=201).json()
    go(office.system, NOON)
    return office.owner.get(f"/v1/mail-tests/{made['id']}", expect=200).json()


def test_a_test_mail_goes_to_whoever_asks_and_says_what_came_of_it(office):
    done = ask(office)
    (mail,) = office.system.mails(office.owner.consultancy["email"])
    assert (done["status"], done["address"], mail.subject) == ("sent", office.owner.consultancy["email"], "【Meguri】テストメール")
    assert done["detail"].startswith("250")


@pytest.mark.parametrize("kind, language, words", [("reminder", "ja", "【期限】"), ("reminder", "en", "[Deadline]"), ("digest", "ja", "【期限まとめ】"),
                                                   ("webhook_disabled", "en", "[Meguri] Webhook")])
def test_a_template_can_be_tried_as_a_mail(office, kind, language, words):
    assert ask(office, kind=kind, language=language)["status"] == "sent"
    mail = office.system.mails(office.owner.consultancy["email"])[-1]
    assert words in mail.subject and mail.message["content-language"] == language


def test_a_test_by_a_server_that_does_not_answer_says_so(office, sink):
    put(office, "/v1/mail-server", own_server(sink, password="falsch"))
    done = ask(office)
    assert done["status"] == "failed" and "535" in done["detail"] + " 535" and sink.mails() == []
    assert done["detail"] and "falsch" not in done["detail"]


# ---------------------------------------------------------------- bounces

def notification(address, action="failed", status="5.1.1", original=None):
    """A delivery status notification, made by Python's email package."""
    report = email.message.EmailMessage()
    report["From"], report["To"], report["Subject"] = "mailer-daemon@mx.example", "isms@minato.example", "Undelivered Mail Returned to Sender"
    report.set_content("Your mail was not delivered.\n")
    report.make_mixed()
    report.set_type("multipart/report")
    report.set_param("report-type", "delivery-status")
    fields = email.message.Message()
    fields["Reporting-MTA"] = "dns; mx.example"
    recipient = email.message.Message()
    recipient["Final-Recipient"], recipient["Action"], recipient["Status"] = f"rfc822; {address}", action, status
    recipient["Diagnostic-Code"] = "smtp; 550 5.1.1 <" + address + ">: Recipient address rejected: User unknown in virtual mailbox table"
    part = email.message.Message()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([fields, recipient])
    report.attach(part)
    if original:
        head = email.message.Message()
        head["Content-Type"] = "text/rfc822-headers"
        head.set_payload(f"Subject: x\nMessage-ID: {original}\n")
        report.attach(head)
    return report.as_bytes()


def bounce(office, raw, expect=200):
    return office.owner.request("POST", "/v1/mail-bounces", content=raw, headers={"Content-Type": "message/rfc822"}, expect=expect).json()


def test_a_bounce_marks_the_address_and_nothing_more_goes_there(office):
    mail = first_mail(office)
    address = office.people[0]["email"]
    assert bounce(office, notification(address.upper(), original=mail.id)) == {"recipients": 1, "marked": [address]}
    (row,) = office.owner.pages("/v1/mail-addresses", params={"address": address})
    assert (row["status_code"], row["bounces"]) == ("5.1.1", 1) and mail.id.startswith(f"<{row['delivery_id']}@") and "User unknown" in row["diagnostic"]
    at(office, NEXT)
    assert len(office.mails()) == 1
    (dead,) = office.deliveries(status="dead")
    assert "User unknown" in dead["last_error"]
    assert [r["status"] for r in office.reminders() if r["offset_days"] == 14] == ["dead"]


def test_a_cleared_address_gets_mail_again(office):
    first_mail(office)
    bounce(office, notification(office.people[0]["email"]))
    (row,) = office.owner.pages("/v1/mail-addresses")
    office.owner.request("DELETE", f"/v1/mail-addresses/{row['id']}", headers={"If-Match": "*"}, expect=204)
    at(office, NEXT)
    assert len(office.mails()) == 2 and office.owner.pages("/v1/mail-addresses") == []


@pytest.mark.parametrize("action, status", [("delayed", "4.4.1"), ("failed", "4.4.7"), ("delivered", "2.0.0"), ("relayed", "2.0.0")])
def test_what_is_not_for_good_marks_nobody(office, action, status):
    first_mail(office)
    assert bounce(office, notification(office.people[0]["email"], action, status)) == {"recipients": 1, "marked": []}


def test_a_forwarded_mail_that_bounced_marks_where_it_was_sent(office):
    first_mail(office)
    address = office.people[0]["email"]
    raw = notification("elsewhere@forwarded.example").replace(b"Final-Recipient:", b"Original-Recipient: rfc822;" + address.encode() + b"\nFinal-Recipient:")
    assert bounce(office, raw) == {"recipients": 1, "marked": [address]}


def test_an_address_that_nobody_has_is_not_kept(office):
    assert bounce(office, notification("stranger@elsewhere.example"))["marked"] == []


def test_a_second_bounce_counts(office):
    first_mail(office)
    for _ in range(2):
        bounce(office, notification(office.people[0]["email"]))
    assert [r["bounces"] for r in office.owner.pages("/v1/mail-addresses")] == [2]


@pytest.mark.parametrize("raw", [b"hello", b"Content-Type: text/plain\r\n\r\nx", b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n", b"\x00\xff" * 50,
                                 b"Content-Type: multipart/report; boundary=\"\"\r\n\r\n", b":\n\n"])
def test_what_is_no_report_is_refused(office, raw):
    bounce(office, raw, expect=422)


# ---------------------------------------------------------------- unsubscribing

def unsubscribe_of(mail):
    assert mail.message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    (link,) = re.fullmatch(r"<(https://[^>]+)>", mail.message["list-unsubscribe"]).groups()
    assert link.startswith(PUBLIC + "/v1/unsubscribe-links/mru_") and link in mail.text
    return link.removeprefix(PUBLIC)


def one_click(office, link, query=""):
    """As a mail program does it (RFC 8058 section 3.1)."""
    return office.system.client().request("POST", link + query, content=b"List-Unsubscribe=One-Click",
                                          headers={"Content-Type": "application/x-www-form-urlencoded"})


def test_one_click_ends_what_no_standard_demands(office):
    soften(office, office.deadline_id)
    link = unsubscribe_of(first_mail(office))
    assert one_click(office, link).json()["unsubscribed"] is True
    at(office, NEXT)
    assert len(office.mails()) == 1
    assert ("withdrawn", "unsubscribed") in {(r["status"], r["reason"]) for r in office.reminders()}


def test_a_hard_deadline_is_told_all_the_same(office):
    link = unsubscribe_of(first_mail(office))
    one_click(office, link)
    at(office, NEXT)
    assert len(office.mails()) == 2


def test_looking_changes_nothing_and_two_clicks_are_one(office):
    soften(office, office.deadline_id)
    link = unsubscribe_of(first_mail(office))
    anybody = office.system.client()
    page = anybody.get(link, headers={"Accept": "text/html"}, expect=200)
    assert "配信を停止する" in page.text and "<script" not in page.text and anybody.get(link, expect=200).json()["unsubscribed"] is False
    assert office.owner.pages("/v1/unsubscriptions") == []
    for _ in range(2):
        assert one_click(office, link).status_code == 200
    assert [u["address"] for u in office.owner.pages("/v1/unsubscriptions")] == [office.people[0]["email"]]


def test_who_comes_back_is_told_again(office):
    soften(office, office.deadline_id)
    link = unsubscribe_of(first_mail(office))
    one_click(office, link)
    assert one_click(office, link, "?action=resubscribe").json()["unsubscribed"] is False
    at(office, NEXT)
    assert len(office.mails()) == 2


def test_the_consultancy_can_take_it_back(office):
    soften(office, office.deadline_id)
    one_click(office, unsubscribe_of(first_mail(office)))
    (row,) = office.owner.pages("/v1/unsubscriptions")
    office.owner.request("DELETE", f"/v1/unsubscriptions/{row['id']}", headers={"If-Match": "*"}, expect=204)
    at(office, NEXT)
    assert len(office.mails()) == 2


def test_a_digest_ends_with_its_link(office):
    member = login(office)
    member.request("PUT", "/v1/digest/settings", json={"frequency": "daily", "weekday": 1, "send_hour": 8}, expect=200)
    soften(office, office.deadline(title_ja="来週の期限"))
    go(office.system, "2026-01-14T08:30:00+09:00")
    (mail,) = [m for m in office.system.mails(member.email) if "まとめ" in m.subject]
    one_click(office, unsubscribe_of(mail))
    at(office, "2026-01-15T08:30:00+09:00")
    assert len([m for m in office.system.mails(member.email) if "まとめ" in m.subject]) == 1


def test_a_forged_link_is_not_found(office):
    link = unsubscribe_of(first_mail(office))
    for forged in (link[:-1] + ("A" if link[-1] != "A" else "B"), "/v1/unsubscribe-links/mru_" + secrets.token_urlsafe(96)):
        assert office.system.client().get(forged).status_code == 404 and one_click(office, forged).status_code == 404
