"""Attacks on access tokens over HTTP, forged with a library that is not ours."""
import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@pytest.fixture(scope="module")
def owner(system):
    return system.owner()


@pytest.fixture(scope="module")
def claims(owner):
    return jwt.decode(owner.token, options={"verify_signature": False})


@pytest.fixture(scope="module")
def key_set(system):
    return system.client().call("getKeys", expect=200).json()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def refused(owner, token):
    return owner.get("/v1/me", token=token).status_code == 401


def test_the_true_token_is_taken(owner):
    owner.get("/v1/me", expect=200)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_no_signature_is_refused(owner, claims, algorithm):
    header = jwt.get_unverified_header(owner.token) | {"alg": algorithm}
    head = b64(json.dumps(header).encode())
    assert refused(owner, f"{head}.{b64(json.dumps(claims).encode())}.")


def test_a_mac_with_the_public_key_is_refused(owner, claims, key_set):
    public = jwt.PyJWKSet.from_dict(key_set).keys[0].key
    secrets = [public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo), json.dumps(key_set["keys"][0]).encode()]
    for secret in secrets:
        head = b64(json.dumps(jwt.get_unverified_header(owner.token) | {"alg": "HS256"}).encode())
        signed = f"{head}.{b64(json.dumps(claims).encode())}"
        assert refused(owner, f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}")


def forge(claims, header, key):
    return jwt.encode(claims, key, algorithm="ES256", headers=header)


def test_another_key_under_a_known_or_an_unknown_kid_is_refused(owner, claims):
    key = ec.generate_private_key(ec.SECP256R1())
    known = jwt.get_unverified_header(owner.token)["kid"]
    for kid in (known, "unknown", "../../etc/passwd", ""):
        assert refused(owner, forge(claims, {"typ": "at+jwt", "kid": kid}, key))


@pytest.mark.parametrize("change", [
    {"exp": int(time.time()) - 1}, {"nbf": int(time.time()) + 3600}, {"aud": "other"}, {"iss": "https://other.example"}, {"exp": None}, {"sub": None}])
def test_changed_claims_break_the_signature(owner, claims, change):
    head, _, signature = owner.token.split(".")
    changed = {k: v for k, v in (claims | change).items() if v is not None}
    assert refused(owner, f"{head}.{b64(json.dumps(changed).encode())}.{signature}")


@pytest.mark.parametrize("spoil", [
    lambda t: t + "A", lambda t: t + ".", lambda t: t + "=", lambda t: "." + t, lambda t: t[:-1], lambda t: t.replace(".", "..", 1), lambda t: t[:-2] + "!!",
    lambda t: t.split(".")[0], lambda t: "a" * 5000, lambda t: t.swapcase()])
def test_anything_around_the_token_is_refused(owner, spoil):
    assert refused(owner, spoil(owner.token))


def test_two_authorization_headers_are_refused(owner):
    headers = [("Authorization", f"Bearer {owner.token}"), ("Authorization", "Bearer x")]
    assert owner.http.get("/v1/me", headers=headers).status_code == 400


def test_a_token_of_another_installation_is_refused(start_system, owner):
    assert start_system().owner().get("/v1/me", token=owner.token).status_code == 401
