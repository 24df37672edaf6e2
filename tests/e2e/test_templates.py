"""Templates of mails: what may be written, what becomes of it, and what goes out."""
import concurrent.futures
import datetime
import html

import pystache
import pytest

from test_reminder_actions import login
from test_reminders import Office, go, no_service

NOON = "2026-01-13T12:00:00+09:00"
MORNING = "2026-01-14T09:00:00+09:00"  # thirty days before 2026-02-13
PATH = "/v1/message-templates/reminder/ja"
OWN = {"subject": "【{{consultancy_name}}】{{title}}", "text": "{{receiver_name}}様\n{{#before}}\nあと{{days}}日\n{{/before}}\n{{due_day}}\n",
       "html": "<p>{{client_name}}</p>"}


@pytest.fixture(scope="module")
def system(start_system):
    return no_service(start_system, clock=NOON, environment={"MEGURI_PUBLIC_URL": "https://meguri.example"})


@pytest.fixture
def office(system):
    system.set_clock(NOON)
    return Office(system)


def put(office, content, path=PATH, if_match="*", **rest):
    return office.owner.request("PUT", path, json=content, headers={"If-Match": if_match}, **rest)


def preview(office, path=PATH, expect=200, **draft):
    return office.owner.request("POST", path + "/preview", json=draft, expect=expect).json()


def oracle(source, values, escape):
    """The same template and values by pystache. It says None where nothing is."""
    def told(value):
        if isinstance(value, dict):
            return {k: told(v) for k, v in value.items() if v is not None}
        return [told(v) for v in value] if isinstance(value, list) else value
    return pystache.Renderer(escape=escape, missing_tags="ignore").render(source, told(values))


def test_all_kinds_are_there_in_both_languages(office):
    rows = office.owner.get("/v1/message-templates", expect=200).json()["data"]
    assert [(r["kind"], r["language"]) for r in rows] == [(k, l) for k in ("reminder", "digest", "webhook_disabled") for l in ("ja", "en")]
    assert {(r["source"], r["version"], r["changed_at"]) for r in rows} == {("built_in", 0, None)}
    for row in rows:
        assert row["title_ja"] and row["title_en"] and all(p["text_ja"] and p["text_en"] for p in row["placeholders"])


@pytest.mark.parametrize("kind", ["reminder", "digest", "webhook_disabled"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_product_brings_reads_the_same_by_another_renderer(office, kind, language):
    office.deadline(title_ja="A&B <審査>", title_en="A&B <audit>")
    office.deadline(datetime.date(2026, 1, 16))
    go(office.system, NOON)
    path = f"/v1/message-templates/{kind}/{language}"
    template, seen = office.owner.get(path, expect=200).json(), preview(office, path)
    for part, escape in (("subject", str), ("text", str), ("html", html.escape)):
        assert seen[part] == oracle(template[part], seen["values"], escape), part
    assert set(seen["values"]) >= {p["name"] for p in template["placeholders"]}
    assert "{{" not in seen["text"] and (kind != "reminder" or "<審査>" not in seen["html"])


def test_a_reminder_goes_out_with_the_own_version(office):
    office.deadline()
    go(office.system, NOON)
    put(office, OWN, expect=200)
    go(office.system, MORNING)
    (mail,) = office.mails()
    assert mail.subject == f"【{office.owner.get('/v1/consultancy', expect=200).json()['name']}】第1回サーベイランス審査"
    assert mail.text.replace("\r", "") == "佐藤 花子様\nあと30日\n2026年2月13日（金）\n"
    assert mail.message.get_body(("html",)).get_content().strip() == "<p>株式会社ミナト</p>"
    assert [p.get_content_type() for p in mail.message.iter_parts()] == ["text/plain", "text/html"]


def test_without_html_the_mail_is_plain(office):
    office.deadline()
    go(office.system, NOON)
    put(office, OWN | {"html": None}, expect=200)
    go(office.system, MORNING)
    (mail,) = office.mails()
    assert mail.message.get_content_type() == "text/plain" and not mail.message.is_multipart()


@pytest.mark.parametrize("content, pointer, code", [
    ({"subject": "{{titel}}"}, "/subject", "unknown_placeholder"), ({"text": "a\n{{#before}}"}, "/text", "unbalanced_section"),
    ({"html": "{{{title}}}"}, "/html", "malformed_tag"), ({"subject": "a\nb"}, "/subject", "one_line"), ({"text": ""}, "/text", "too_short"),
    ({"text": "{{overdue_count}}"}, "/text", "unknown_placeholder")])
def test_a_faulty_template_is_refused_by_field(office, content, pointer, code):
    reply = put(office, OWN | content, expect=422).json()
    assert [(e["pointer"], e["code"]) for e in reply["errors"]] == [(pointer, code)]
    assert office.owner.get(PATH, expect=200).json()["source"] == "built_in"
    assert preview(office, expect=422, **content)["errors"][0]["code"] == code


def test_all_faulty_fields_are_named_with_their_lines(office):
    errors = put(office, {"subject": "{{x}}", "text": "\n\n{{y}}", "html": "{{/z}}"}, expect=422).json()["errors"]
    assert [(e["pointer"], e["limit"]) for e in errors] == [("/subject", "line 1: {{x}}"), ("/text", "line 3: {{y}}"), ("/html", "line 1: {{/z}}")]


def test_versions_are_kept_and_come_back(office):
    put(office, OWN, expect=200)
    second = put(office, OWN | {"subject": "{{title}}"}, expect=200).json()
    assert (second["version"], second["source"]) == (2, "consultancy")
    reset = office.owner.request("DELETE", PATH, headers={"If-Match": '"v2"'}, expect=200).json()
    assert (reset["version"], reset["source"]) == (3, "built_in") and reset["html"].startswith("<!doctype html>")
    rows = office.owner.get(PATH + "/versions", expect=200).json()["data"]
    assert [(r["version"], r["source"], r["subject"]) for r in rows] == [(3, "built_in", None), (2, "consultancy", "{{title}}"), (1, "consultancy", OWN["subject"])]
    again = office.owner.request("POST", PATH + "/restore", json={"from_version": 1}, expect=200).json()
    assert (again["version"], again["subject"], again["html"]) == (4, OWN["subject"], OWN["html"])
    office.owner.request("POST", PATH + "/restore", json={"from_version": 9}, expect=404)


def test_two_writers_do_not_overwrite_each_other(office):
    put(office, OWN, if_match='"v0"', expect=200)
    put(office, OWN, if_match='"v0"', expect=412)
    office.owner.request("DELETE", PATH, headers={"If-Match": '"v0"'}, expect=412)


def test_writers_at_once_take_turns(office):
    def all_at_once(if_match):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            return sorted(reply.status_code for reply in pool.map(lambda _: office.owner.request(
                "PUT", PATH, json=OWN, headers={"If-Match": if_match}), range(6)))
    assert all_at_once("*") == [200] * 6
    assert all_at_once('"v6"') == [200] + [412] * 5


def test_the_other_consultancy_keeps_its_own(office, system):
    put(office, OWN, expect=200)
    assert Office(system).owner.get(PATH, expect=200).json()["source"] == "built_in"


def test_a_preview_shows_the_draft_with_the_reminder_that_was_asked_for(office):
    office.deadline()
    office.deadline(datetime.date(2026, 3, 13), title_ja="別の審査")
    go(office.system, NOON)
    wanted = next(r for r in office.reminders(status="planned") if r["deadline_due_on"] == "2026-03-13")
    seen = preview(office, subject="{{title}} {{due_on}}", reminder_id=wanted["id"])
    assert seen["subject"] == "別の審査 2026年3月13日"
    assert office.owner.get(PATH, expect=200).json()["version"] == 0
    assert preview(office, expect=422, reminder_id=office.client_id)["errors"][0]["pointer"] == "/reminder_id"


def test_a_value_that_looks_like_a_tag_stays_a_value(office):
    office.deadline(title_ja="{{receiver_name}} {{#before}}")
    go(office.system, NOON)
    assert preview(office, subject="{{title}}")["subject"] == "{{receiver_name}} {{#before}}"


def test_consultants_read_and_do_not_write(office):
    consultant = login(office, role="consultant")
    consultant.get(PATH, expect=200)
    assert consultant.request("POST", PATH + "/preview", json={}, expect=200).json()["subject"]
    consultant.request("PUT", PATH, json=OWN, headers={"If-Match": "*"}, expect=403)
