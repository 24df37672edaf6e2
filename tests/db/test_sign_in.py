"""The functions behind which credentials, sessions, invitations and keys lie."""
import datetime
import uuid

import psycopg
import pytest

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
LATER = NOW + datetime.timedelta(days=30)


def after(**span):
    return NOW + datetime.timedelta(**span)


class Office:
    """A consultancy with its owner, made as the operator makes it."""

    def __init__(self, connection, email):
        self.id, self.owner, self.email = uuid.uuid4(), uuid.uuid4(), email
        connection.execute("select auth.create_consultancy(%s, '巡り', 'ja', 'Asia/Tokyo', %s, %s, '山田', 'hash', %s, %s)",
                           (self.id, self.owner, email, uuid.uuid4(), NOW))


@pytest.fixture(scope="module")
def offices(cluster, database):
    with psycopg.connect(cluster.conninfo(database, "meguri_migrate"), autocommit=True) as connection:
        return Office(connection, "Owner@Example.com"), Office(connection, "owner@example.com")


@pytest.fixture
def call(cluster, database):
    """Runs one statement as the tenants program in a consultancy's context; all in one transaction that is undone."""
    with psycopg.connect(cluster.conninfo(database, "meguri_tenants")) as connection:
        def run(text, *values, office=None):
            connection.execute("select set_config('app.consultancy', %s, true)", (str(office.id) if office else "",))
            cursor = connection.execute(text, values)
            return cursor.fetchall()
        yield run
        connection.rollback()


def open_session(call, office, token="first", session=None):
    session = session or uuid.uuid4()
    assert call("select auth.open_session(%s, %s, %s, %s, 'browser', %s, %s)", office.id, office.owner, session,
                f"{token}-{session}", NOW, LATER) == [(True,)]
    return session, f"{token}-{session}"


def rotate(call, old, new, now=NOW):
    return call("select auth.rotate_session(%s, %s, %s, %s)", old, new, now, LATER)[0][0]


def active(call, session, office, now=NOW):
    return call("select auth.session_active(%s, %s)", session, now, office=office)[0][0]


def test_founding_a_consultancy_makes_owner_reminder_policy_and_their_events(cluster, database, offices):
    rows = cluster.execute("select kind, entity_id = (data ->> 'id')::uuid, actor_kind from platform.events "
                           "where consultancy_id = %s order by kind", offices[0].id, database=database)
    assert rows == [("consultancy.created", True, "operator"), ("member.created", True, "operator"),
                    ("reminder_policy.created", True, "operator")]
    assert cluster.execute("select role, status, all_clients from tenants.members where consultancy_id = %s",
                           offices[0].id, database=database) == [("owner", "active", True)]
    assert cluster.execute("select offsets, overdue_every_days, send_hour from notifications.reminder_policies "
                           "where consultancy_id = %s", offices[0].id, database=database) == [
                               ([180, 90, 60, 30, 14, 7, 1], 7, 9)]


def test_one_address_signs_in_to_each_of_its_consultancies(call, offices):
    rows = call("select consultancy_id, member_id, password_hash, role from auth.credentials('OWNER@example.com', %s)", NOW)
    assert set(rows) == {(office.id, office.owner, "hash", "owner") for office in offices}


def test_looking_for_credentials_leaves_the_context_as_it_was(call, offices):
    call("select * from auth.credentials('owner@example.com', %s)", NOW, office=offices[1])
    assert call("select count(*) from auth.credentials('owner@example.com', %s), tenants.consultancies", NOW) == [(0,)]


@pytest.mark.parametrize("change", ["status = 'removed'", "status = 'invited'", "expires_at = '2025-12-31Z'"])
def test_whoever_is_no_active_member_cannot_sign_in(call, offices, change):
    call("select set_config('app.reach', 'all', true)")
    call(f"update tenants.members set {change} where id = %s returning id", offices[0].owner, office=offices[0])
    assert call("select consultancy_id from auth.credentials('owner@example.com', %s)", NOW) == [(offices[1].id,)]


def test_wrong_passwords_are_counted_until_the_right_one(call, offices):
    count = "select failed_count, failed_at from auth.credentials('owner@example.com', %s) where consultancy_id = %s"
    call("select auth.sign_in_failed(%s, %s, %s)", offices[0].id, offices[0].owner, NOW)
    assert call(count, NOW, offices[0].id) == [(1, NOW)]
    open_session(call, offices[0])
    assert call(count, NOW, offices[0].id) == [(0, None)]


def test_a_refresh_token_works_once(call, offices):
    session, token = open_session(call, offices[0])
    assert rotate(call, token, "second") == "rotated"
    assert rotate(call, "second", "third") == "rotated"
    assert active(call, session, offices[0])


@pytest.mark.parametrize("again", ["oldest", "newest"])
def test_a_second_use_of_any_refresh_token_ends_the_session(call, offices, again):
    session, token = open_session(call, offices[0])
    rotate(call, token, "second")
    rotate(call, "second", "third")
    assert rotate(call, token if again == "oldest" else "second", "fourth") == "reused"
    assert not active(call, session, offices[0])
    assert rotate(call, "third", "fifth") == "gone"


def test_unknown_expired_and_revoked_refresh_tokens_are_gone(call, offices):
    session, token = open_session(call, offices[0])
    assert rotate(call, "never given", "second") == "gone"
    assert rotate(call, token, "second", now=after(days=31)) == "gone"
    assert call("select auth.revoke_session(%s, %s)", session, NOW, office=offices[0]) == [(True,)]
    assert rotate(call, token, "second") == "gone"


def test_two_refreshes_at_once_do_not_both_succeed(cluster, database, offices):
    """The second waits for the first and then sees a used token."""
    session, token = uuid.uuid4(), f"race-{uuid.uuid4()}"
    with psycopg.connect(cluster.conninfo(database, "meguri_tenants")) as one, \
            psycopg.connect(cluster.conninfo(database, "meguri_tenants")) as two:
        one.execute("select auth.open_session(%s, %s, %s, %s, null, %s, %s)",
                    (offices[0].id, offices[0].owner, session, token, NOW, LATER))
        one.commit()
        spend = "select auth.rotate_session(%s, %s, %s, %s)"
        assert one.execute(spend, (token, token + "a", NOW, LATER)).fetchone() == ("rotated",)
        two.execute("set local lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            two.execute(spend, (token, token + "b", NOW, LATER))
        two.rollback()
        one.commit()
        assert two.execute(spend, (token, token + "b", NOW, LATER)).fetchone() == ("reused",)


def test_a_session_is_active_in_its_own_consultancy_until_it_ends(call, offices):
    session, _ = open_session(call, offices[0])
    assert active(call, session, offices[0])
    assert not active(call, session, offices[1])
    assert not active(call, None, offices[0])
    assert not active(call, session, offices[0], now=LATER)


def test_no_consultancy_ends_sessions_or_changes_logins_of_another(call, offices):
    session, _ = open_session(call, offices[0])
    mine, theirs = offices[1], offices[0].owner
    assert call("select auth.revoke_session(%s, %s)", session, NOW, office=mine) == [(False,)]
    assert call("select auth.revoke_member_sessions(%s, %s)", theirs, NOW, office=mine) == [(0,)]
    assert call("select auth.set_password(%s, 'mine', %s)", theirs, NOW, office=mine) == [(False,)]
    assert call("select auth.invite(%s, 'mine', %s)", theirs, LATER, office=mine) == [(False,)]
    assert call("select auth.delete_user(%s)", theirs, office=mine) == [(False,)]
    assert active(call, session, offices[0])


def test_a_new_password_signs_out_everywhere(call, offices):
    session, _ = open_session(call, offices[0])
    assert call("select auth.set_password(%s, 'new', %s)", offices[0].owner, NOW, office=offices[0]) == [(True,)]
    assert not active(call, session, offices[0])


def test_a_removed_login_takes_its_sessions_along(call, offices):
    session, token = open_session(call, offices[0])
    assert call("select auth.delete_user(%s)", offices[0].owner, office=offices[0]) == [(True,)]
    assert not active(call, session, offices[0])
    assert rotate(call, token, "second") == "gone"


def test_an_address_has_one_login_per_consultancy(call, offices):
    assert call("select auth.create_user(%s, 'OWNER@example.com', %s)", uuid.uuid4(), NOW, office=offices[0]) == [(False,)]
    assert call("select auth.create_user(%s, 'sato@example.com', %s)", uuid.uuid4(), NOW, office=offices[0]) == [(True,)]


def test_an_invitation_sets_one_password_once(call, offices):
    member = uuid.uuid4()
    call("select auth.create_user(%s, 'sato@example.com', %s)", member, NOW, office=offices[0])
    for token in ("older", "newer"):
        assert call("select auth.invite(%s, %s, %s)", member, token, LATER, office=offices[0]) == [(True,)]
    accept = "select consultancy_id, member_id from auth.accept_invitation(%s, 'hash', %s)"
    assert call("select consultancy_id, member_id from auth.find_invitation('newer', %s)", NOW) == [(offices[0].id, member)]
    assert call(accept, "newer", NOW) == [(offices[0].id, member)]
    assert call(accept, "newer", NOW) == []
    assert call(accept, "older", NOW) == [], "the invitations before it must not work any more"


def test_an_invitation_ends(call, offices):
    call("select auth.invite(%s, 'token', %s)", offices[0].owner, LATER, office=offices[0])
    assert call("select * from auth.find_invitation('token', %s)", LATER) == []
    assert call("select * from auth.accept_invitation('token', 'hash', %s)", LATER) == []


def test_only_who_may_sign_gets_private_keys(cluster, database, call):
    with psycopg.connect(cluster.conninfo(database, "meguri_tenants"), autocommit=True) as connection:
        assert connection.execute("select auth.add_first_key('k1', 'public', 'sealed', %s)", (NOW,)).fetchone() == (True,)
        assert connection.execute("select auth.add_first_key('k2', 'public', 'sealed', %s)", (NOW,)).fetchone() == (False,)
    for user, sealed in (("meguri_tenants", "sealed"), ("meguri", "sealed"), ("meguri_scheduling", None)):
        with psycopg.connect(cluster.conninfo(database, user)) as connection:
            rows = connection.execute("select kid, public_pem, private_sealed from auth.keys(%s)", (NOW,)).fetchall()
            assert rows == [("k1", "public", sealed)], user


def test_a_rotated_key_verifies_for_its_time_only(call):
    call("select auth.add_first_key('k1', 'public', 'sealed', %s)", NOW)
    assert call("select auth.add_key('k3', 'public', 'sealed', %s, %s, %s)", NOW, after(minutes=5), after(days=1)) == [(True,)]
    kids = "select kid from auth.keys(%s)"
    assert call(kids, after(hours=1)) == [("k1",), ("k3",)]
    assert call(kids, after(days=2)) == [("k3",)]


def test_sweeping_forgets_only_what_has_ended(call, offices):
    session, token = open_session(call, offices[0])
    assert call("select auth.sweep(%s)", NOW)[0][0] == 0
    assert active(call, session, offices[0])
    assert call("select auth.sweep(%s)", after(days=60))[0][0] >= 2
    assert rotate(call, token, "second") == "gone"


@pytest.mark.parametrize("user", ["meguri_registers", "meguri_scheduling", "meguri_notifications"])
def test_only_the_tenants_program_signs_anybody_in(cluster, database, user):
    with psycopg.connect(cluster.conninfo(database, user)) as connection, \
            pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from auth.credentials('owner@example.com', %s)", (NOW,))
