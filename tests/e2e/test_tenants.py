"""Who is who: sign-in, sessions, members and their roles, assignments."""
import time

import jwt
import pytest

PASSWORD = "a password that is long enough"


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


def join(system, by, role, email, **rest):
    """Invites, accepts, signs in; the member's client."""
    made = by.call("createMember", {"email": email, "name": "佐藤 花子", "role": role, **rest}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    member = system.sign_in(email, PASSWORD)
    member.id = made["id"]
    return member


def new_client(owner, name="株式会社ミナト"):
    return owner.call("createClient", {"name": name}, expect=201).json()


def eventually(check, seconds=5):
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


def test_the_access_token_verifies_with_the_published_keys(system, owner):
    keys = jwt.PyJWKSet.from_dict(system.client().call("getKeys", expect=200).json())
    header = jwt.get_unverified_header(owner.token)
    key = next(k for k in keys.keys if k.key_id == header["kid"])
    claims = jwt.decode(owner.token, key.key, algorithms=["ES256"], audience="meguri")
    assert header["typ"] == "at+jwt" and claims["sub"] == owner.session["member_id"]


def test_wrong_password_and_unknown_address_are_answered_alike(system, owner):
    email = owner.consultancy["email"]
    wrong = system.client().call("createSession", {"email": email, "password": "wrong password here"}, expect=401).json()
    unknown = system.client().call("createSession", {"email": "nobody@meguri.example", "password": "x"}, expect=401).json()
    assert {k: v for k, v in wrong.items() if k != "instance"} == {k: v for k, v in unknown.items() if k != "instance"}


def test_ten_wrong_passwords_make_the_login_rest(start_system):
    system = start_system(clock="2025-01-06T09:00:00+09:00")
    made = system.create_consultancy()
    for _ in range(10):
        system.client().call("createSession", {"email": made["email"], "password": "wrong password"}, expect=401)
    reply = system.client().call("createSession", {"email": made["email"], "password": made["password"]}, expect=429)
    assert reply.headers["Retry-After"] == "60"
    system.set_clock("2025-01-06T09:01:01+09:00")
    eventually(lambda: system.client().call("createSession", {"email": made["email"], "password": made["password"]}).status_code == 201)


def test_a_refresh_token_works_once_and_its_second_use_ends_the_session(system, owner):
    member = system.sign_in(owner.consultancy["email"], owner.consultancy["password"])
    first = member.session["refresh_token"]
    second = system.client().call("refreshSession", {"refresh_token": first}, expect=201).json()
    assert second["refresh_token"] != first
    system.client().call("refreshSession", {"refresh_token": first}, expect=401)
    system.client().call("refreshSession", {"refresh_token": second["refresh_token"]}, expect=401)
    eventually(lambda: member.call("getMe").status_code == 401)


def test_sign_out_ends_access_and_refresh_tokens(system, owner):
    member = system.sign_in(owner.consultancy["email"], owner.consultancy["password"])
    member.call("deleteSession", expect=204)
    system.client().call("refreshSession", {"refresh_token": member.session["refresh_token"]}, expect=401)
    eventually(lambda: member.call("getMe").status_code == 401)


def test_an_expired_token_says_so(start_system):
    system = start_system(clock="2025-01-06T09:00:00+09:00")
    owner = system.owner()
    owner.call("getMe", expect=200)
    system.set_clock("2025-01-06T09:05:01+09:00")
    eventually(lambda: owner.call("getMe").status_code == 401)
    assert owner.call("getMe", expect=401).json()["code"] == "token_expired"


def test_the_role_of_a_new_member_is_the_one_in_the_body(system, owner):
    assert join(system, owner, "consultant", "role@meguri.example").session["role"] == "consultant"


def test_a_removed_member_is_out_within_seconds_though_the_token_is_valid(system, owner):
    member = join(system, owner, "admin", "leaver@meguri.example")
    member.call("listClients", expect=200)
    owner.call("deleteMember", member_id=member.id, if_match="*", expect=204)
    eventually(lambda: member.call("listClients").status_code == 401)
    owner.call("getMember", member_id=member.id, expect=404)


def test_a_removed_address_can_be_invited_again(system, owner):
    member = join(system, owner, "admin", "again@meguri.example")
    owner.call("deleteMember", member_id=member.id, if_match="*", expect=204)
    join(system, owner, "consultant", "again@meguri.example")


def test_an_invitation_works_once(system, owner):
    made = owner.call("createMember", {"email": "once@meguri.example", "name": "一度", "role": "admin"}, expect=201).json()
    body = {"invitation_token": made["invitation_token"], "password": PASSWORD}
    system.client().call("acceptInvitation", body, expect=204)
    system.client().call("acceptInvitation", body, expect=401)


def test_an_address_is_taken_once_per_consultancy_and_free_in_another(system, owner):
    body = {"email": "shared@meguri.example", "name": "共有", "role": "admin"}
    owner.call("createMember", body, expect=201)
    problem = owner.call("createMember", body | {"email": "SHARED@meguri.example"}, expect=409).json()
    assert problem["errors"][0]["pointer"] == "/email"
    system.owner().call("createMember", body, expect=201)


def test_one_password_in_two_consultancies_needs_the_consultancy_named(system):
    first, second = system.owner(), system.owner()
    for owner in (first, second):
        join(system, owner, "admin", "both@meguri.example") if owner is first else None
    made = second.call("createMember", {"email": "both@meguri.example", "name": "両方", "role": "admin"}, expect=201).json()
    system.client().call("acceptInvitation", {"invitation_token": made["invitation_token"], "password": PASSWORD}, expect=204)
    body = {"email": "both@meguri.example", "password": PASSWORD}
    problem = system.client().call("createSession", body, expect=422).json()
    assert problem["errors"][0]["pointer"] == "/consultancy_id"
    for owner in (first, second):
        wanted = owner.consultancy["consultancy_id"]
        reply = system.client().call("createSession", body | {"consultancy_id": wanted}, expect=201).json()
        assert reply["consultancy_id"] == wanted


@pytest.mark.parametrize("role, client, pointer", [("client_admin", False, "/client_id"), ("consultant", True, "/client_id")])
def test_role_and_client_must_fit(system, owner, role, client, pointer):
    body = {"email": f"fit-{role}@meguri.example", "name": "x", "role": role}
    if client:
        body["client_id"] = new_client(owner)["id"]
    problem = owner.call("createMember", body, expect=422).json()
    assert [e["pointer"] for e in problem["errors"]] == [pointer]


def test_an_admin_can_not_make_or_change_an_owner(system, owner):
    admin = join(system, owner, "admin", "admin@meguri.example")
    admin.call("createMember", {"email": "o2@meguri.example", "name": "x", "role": "owner"}, expect=422)
    owner_id = owner.session["member_id"]
    admin.call("updateMember", {"name": "taken over"}, member_id=owner_id, if_match="*", expect=403)
    admin.call("updateMember", {"role": "owner"}, member_id=admin.id, if_match="*", expect=422)


def test_the_last_owner_stays(system):
    owner = system.owner()
    me = owner.session["member_id"]
    owner.call("deleteMember", member_id=me, if_match="*", expect=409)
    problem = owner.call("updateMember", {"role": "admin"}, member_id=me, if_match="*", expect=409).json()
    assert problem["code"] == "state_not_allowed"


def test_a_consultant_sees_assigned_clients_only(system, owner):
    seen, hidden = new_client(owner, "見える"), new_client(owner, "見えない")
    consultant = join(system, owner, "consultant", "assigned@meguri.example")
    assert consultant.call("listClients", expect=200).json()["data"] == []
    made = owner.call("createAssignment", {"member_id": consultant.id, "client_id": seen["id"], "is_lead": True}, expect=201).json()
    assert [c["id"] for c in consultant.call("listClients", expect=200).json()["data"]] == [seen["id"]]
    consultant.call("getClient", client_id=hidden["id"], expect=404)
    consultant.call("createSite", {"name": "x"}, client_id=hidden["id"], expect=404)
    owner.call("deleteAssignment", assignment_id=made["id"], if_match="*", expect=204)
    consultant.call("getClient", client_id=seen["id"], expect=404)


def test_a_consultant_given_all_sees_all_at_the_next_request(system, owner):
    client = new_client(owner)
    consultant = join(system, owner, "consultant", "all@meguri.example")
    consultant.call("getClient", client_id=client["id"], expect=404)
    owner.call("updateMember", {"all_clients": True}, member_id=consultant.id, if_match="*", expect=200)
    eventually(lambda: consultant.call("getClient", client_id=client["id"]).status_code == 200)


def test_client_users_are_not_assigned(system, owner):
    client = new_client(owner)
    user = join(system, owner, "client_admin", "ca@meguri.example", client_id=client["id"])
    problem = owner.call("createAssignment", {"member_id": user.id, "client_id": client["id"]}, expect=422).json()
    assert problem["errors"][0]["pointer"] == "/member_id"


def test_a_client_user_sees_one_client_and_may_not_change_it(system, owner):
    mine, other = new_client(owner), new_client(owner)
    user = join(system, owner, "client_member", "cm@meguri.example", client_id=mine["id"])
    assert [c["id"] for c in user.call("listClients", expect=200).json()["data"]] == [mine["id"]]
    user.call("getClient", client_id=other["id"], expect=404)
    user.call("updateClient", {"name": "x"}, client_id=mine["id"], if_match="*", expect=403)
    user.call("listMembers", expect=403)


def test_a_time_limited_auditor_is_out_when_the_time_ends(start_system):
    system = start_system(clock="2025-01-06T09:00:00+09:00", environment={"MEGURI_ACCESS_TOKEN_SECONDS": "3600"})
    owner = system.owner()
    client = new_client(owner)
    auditor = join(system, owner, "auditor", "auditor@meguri.example", client_id=client["id"],
                   expires_at="2025-01-06T09:30:00+09:00")
    auditor.call("getClient", client_id=client["id"], expect=200)
    auditor.call("createAsset", {"name": "x"}, client_id=client["id"], expect=403)
    system.set_clock("2025-01-06T09:31:00+09:00")
    eventually(lambda: auditor.call("getClient", client_id=client["id"]).status_code == 401)


def test_a_new_signing_key_takes_over_without_breaking_tokens(start_system):
    system = start_system(clock="2025-01-06T09:00:00+09:00")
    owner = system.owner()
    kid = jwt.get_unverified_header(owner.token)["kid"]
    system.admin("rotate-keys")
    system.set_clock("2025-01-06T09:00:20+09:00")
    credentials = {"email": owner.consultancy["email"], "password": owner.consultancy["password"]}

    def signed_by_new():
        token = system.client().call("createSession", credentials, expect=201).json()["access_token"]
        return jwt.get_unverified_header(token)["kid"] != kid

    eventually(signed_by_new, 15)
    owner.call("getMe", expect=200)


def test_a_client_with_sites_is_not_deleted_and_a_mistaken_one_is(owner):
    client = new_client(owner)
    site = owner.call("createSite", {"name": "本社"}, client_id=client["id"], expect=201).json()
    assert owner.call("deleteClient", client_id=client["id"], if_match="*", expect=409).json()["code"] == "still_referenced"
    owner.call("deleteSite", client_id=client["id"], site_id=site["id"], if_match="*", expect=204)
    owner.call("deleteClient", client_id=client["id"], if_match="*", expect=204)
    owner.call("getClient", client_id=client["id"], expect=404)
