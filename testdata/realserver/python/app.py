"""A small API as the tests with real servers need it: Flask and PyJWT.

    app.py PORT     serves until it is killed; logs on standard error
    app.py tokens   prints a token for each way to be refused, as a JSON object
"""

import json
import sys
import time

import jwt
from flask import Flask, request

KEY, OTHER_KEY = "k" * 32, "z" * 32
KEYS = {"current": KEY}
REVOKED = {"left"}


def tokens():
    now = int(time.time())

    def sign(key=KEY, alg="HS256", kid="current", **change):
        claims = {"sub": "alice", "iss": "shop", "aud": "orders", "exp": now + 3600, "scope": "orders:read"} | change
        return jwt.encode({k: v for k, v in claims.items() if v}, key, alg, headers={"kid": kid})

    good = sign()
    return {
        "good": good,
        "expired": sign(exp=now - 3600),
        "signature": sign(key=OTHER_KEY),
        "audience": sign(aud="billing"),
        "no-audience": sign(aud=None),
        "issuer": sign(iss="market"),
        "not-yet": sign(nbf=now + 1800),
        "from-the-future": sign(iat=now + 1800),
        "algorithm": sign(alg="HS512"),
        "unknown-key": sign(kid="retired"),
        "unreachable": sign(kid="remote"),
        "cut-off": good[: good.index(".") + 1],
        "malformed": "not-a-token",
        "revoked": sign(jti="left"),
        "scope": sign(scope="invoices:read"),
    }


app = Flask("shop")


def key_of(token):
    kid = jwt.get_unverified_header(token)["kid"]
    if kid == "remote":  # of a key server that is down
        return jwt.PyJWKClient("http://127.0.0.1:1/jwks").get_signing_key(kid).key
    if kid not in KEYS:
        raise jwt.PyJWKClientError(f'Unable to find a signing key that matches: "{kid}"')
    return KEYS[kid]


def check():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        raise jwt.InvalidTokenError("Missing Authorization header")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError(f"Unsupported authorization scheme: {scheme}")
    claims = jwt.decode(token, key_of(token), algorithms=["HS256"], audience="orders", issuer="shop")
    if claims.get("jti") in REVOKED:
        raise jwt.InvalidTokenError("Token has been revoked")
    if "orders:read" not in claims["scope"].split():
        raise PermissionError("Token lacks the scope orders:read")


@app.route("/<style>/<case>")
def orders(style, case):
    try:
        check()
    except (jwt.PyJWTError, PermissionError) as e:
        where = (request.method, request.path, request.remote_addr)
        if style == "traceback":
            app.logger.exception("%s %s from %s refused", *where)
        else:
            app.logger.warning("%s %s from %s refused: %s", *where, e)
        if isinstance(e, PermissionError):
            return {"error": "forbidden"}, 403
        return {"error": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="shop"'}
    return {"ok": True}


if sys.argv[1] == "tokens":
    json.dump(tokens(), sys.stdout)
else:
    app.run("127.0.0.1", int(sys.argv[1]))
