"""PyJWT and cryptography as independent oracles: they read our tokens, we read theirs, neither reads a forgery."""
import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from token_tool import AUDIENCE, ISSUER


def claims(**changes):
    now = int(time.time())
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "member-1", "jti": "jti-1", "client_id": "front-end",
            "consultancy": "tenant-1", "sid": "session-1", "scope": "clients:read 巡り", "iat": now, "nbf": now,
            "exp": now + 300}
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def theirs(key, kid="theirs", typ="at+jwt", **changes):
    return jwt.encode(claims(**changes), key, algorithm="ES256", headers={"typ": typ, "kid": kid})


def part(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture
def key(tool):
    key = ec.generate_private_key(ec.SECP256R1())
    assert tool("trust", kid="theirs", pem=pem(key))["ok"]
    return key


def test_pyjwt_verifies_our_token_with_our_key_set(tool):
    kid = tool("generate")["kid"]
    ours = claims()
    token = tool("issue", claims=ours)["token"]
    header = jwt.get_unverified_header(token)
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    keys = {k["kid"]: jwt.PyJWK(k).key for k in tool("jwks")["keys"]}
    assert jwt.decode(token, keys[kid], ["ES256"], audience=AUDIENCE, issuer=ISSUER) == ours


def test_the_key_set_and_the_pem_are_the_same_key(tool):
    made = tool("generate")
    point = serialization.load_pem_public_key(made["public_pem"].encode()).public_numbers()
    (jwk,) = tool("jwks")["keys"]
    assert jwk == {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": made["kid"],
                   "x": part(point.x.to_bytes(32, "big")), "y": part(point.y.to_bytes(32, "big"))}


def test_the_kid_is_the_rfc_7638_thumbprint(tool):
    kid = tool("generate")["kid"]
    (jwk,) = tool("jwks")["keys"]
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
    assert kid == part(hashlib.sha256(text.encode()).digest())


def test_we_verify_a_token_of_pyjwt(tool, key):
    answer = tool("verify", token=theirs(key))
    assert answer.pop("verdict") == "ok"
    expected = claims(iss=None, aud=None)
    assert {name: answer[name] for name in expected if name not in ("iat", "nbf", "exp")} == {
        name: value for name, value in expected.items() if name not in ("iat", "nbf", "exp")}


def test_three_hundred_signatures_each_way_agree(tool, key):
    """About one signature in 128 has a half with a leading zero byte."""
    kid = tool("generate")["kid"]
    ours = {k["kid"]: jwt.PyJWK(k).key for k in tool("jwks")["keys"]}[kid]
    for number in range(300):
        token = tool("issue", claims=claims(jti=str(number)))["token"]
        assert jwt.decode(token, ours, ["ES256"], audience=AUDIENCE, issuer=ISSUER)["jti"] == str(number)
        assert tool("verify", token=theirs(key, jti=str(number)))["verdict"] == "ok"


@pytest.mark.parametrize("changes, verdict", [
    ({"exp": 1}, "expired"),
    ({"iss": "https://other"}, "invalid"),
    ({"aud": "other"}, "invalid"),
    ({"aud": ["x", AUDIENCE]}, "ok"),
    ({"nbf": 4102444800}, "invalid"),
    ({"iat": 4102444800}, "invalid"),
    ({"jti": None}, "invalid"),
    ({"exp": None}, "invalid"),
    ({"sub": None}, "invalid"),
])
def test_claims_are_judged(tool, key, changes, verdict):
    assert tool("verify", token=theirs(key, **changes))["verdict"] == verdict


def test_the_type_must_be_an_access_token(tool, key):
    assert tool("verify", token=theirs(key, typ="JWT"))["verdict"] == "invalid"


def test_an_unknown_key_is_said_to_be_unknown(tool, key):
    assert tool("verify", token=theirs(key, kid="other"))["verdict"] == "unknown_key"


def test_a_stranger_who_uses_our_kid_is_refused(tool, key):
    assert tool("verify", token=theirs(ec.generate_private_key(ec.SECP256R1())))["verdict"] == "invalid"


@pytest.mark.parametrize("alg", ["HS256", "ES256", "none"])
def test_a_mac_with_the_public_key_is_refused(tool, key, alg):
    header = part(json.dumps({"alg": alg, "typ": "at+jwt", "kid": "theirs"}).encode())
    signed = f"{header}.{part(json.dumps(claims()).encode())}"
    mac = hmac.new(pem(key).encode(), signed.encode(), hashlib.sha256).digest()
    for signature in (part(mac), part(mac + mac), ""):
        assert tool("verify", token=f"{signed}.{signature}")["verdict"] == "invalid"


def test_a_der_signature_is_refused(tool, key):
    signed = theirs(key).rpartition(".")[0]
    der = key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert tool("verify", token=f"{signed}.{part(der)}")["verdict"] == "invalid"


def test_padded_parts_are_refused(tool, key):
    head, body, signature = theirs(key).split(".")
    assert tool("verify", token=f"{head}.{body}.{signature}==")["verdict"] == "invalid"
    assert tool("verify", token=f"{head}=.{body}.{signature}")["verdict"] == "invalid"


@pytest.mark.parametrize("other", [lambda: ec.generate_private_key(ec.SECP384R1()),
                                   lambda: rsa.generate_private_key(65537, 2048)], ids=["P-384", "RSA"])
def test_other_kinds_of_keys_are_not_trusted(tool, other):
    assert not tool("trust", kid="other", pem=pem(other()))["ok"]
