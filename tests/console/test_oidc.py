"""Signing in elsewhere, against an issuer with a key of its own, over HTTP."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

from sluicegate.console.tables import audit, session, user
from tests.console.server import ConsoleProcess, opened, person

CLIENT, SECRET = "console", "a secret of the test"
Start = Callable[..., ConsoleProcess]


class Provider:
    """A little OpenID Connect issuer. What a test sets differently in `claims`, `header` or `key` is a fault."""

    def __init__(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "k1"})
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.claims: dict[str, Any] = {}
        self.unsigned = False
        self.asked: dict[str, Any] = {}
        self.verified = False
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._answer(provider.document)
                elif self.path == "/keys":
                    self._answer({"keys": [provider.published.as_dict(private=False)]})
                else:
                    self.send_error(404)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                allowed = f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
                digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                provider.verified = (
                    challenge == provider.asked["code_challenge"] and self.headers["authorization"] == allowed
                )
                if not provider.verified or form["code"] != ["c0de"]:
                    self.send_error(400)
                    return
                self._answer({"id_token": provider.token(), "token_type": "Bearer", "access_token": "x"})

            def _answer(self, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-1",
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["nonce"],
            "preferred_username": "dana",
            "sluicegate_role": ["unrelated", "analyst"],
            "sluicegate_tenants": ["acme", "other"],
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.unsigned:
            parts = ({"alg": "none"}, claims)
            coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
            return f"{coded[0]}.{coded[1]}."
        return jwt.encode(self.header, claims, self.key)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def running(provider: Provider, console: Start, tmp_path: Path) -> ConsoleProcess:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return console(
        "127.0.0.1:1",
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT,
        oidc_secret_file=tmp_path / "secret",
        signins_per_minute=100,
    )


def come_back(running: ConsoleProcess, provider: Provider, browser: httpx.Client, **changed: str) -> httpx.Response:
    """Leave for the issuer, which lets the person in, and come back; `changed`: parameters that are not as sent."""
    left = browser.get(f"{running.url}/sign-in/elsewhere?next=/insight")
    assert left.status_code == 303, left.text
    address = urlsplit(left.headers["location"])
    assert left.headers["location"].startswith(f"{provider.url}/authorize?")
    provider.asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert provider.asked["code_challenge_method"] == "S256"
    query = {"code": "c0de", "state": provider.asked["state"]} | changed
    return browser.get(f"{provider.asked['redirect_uri']}?{urlencode(query)}")


def test_who_is_let_in_elsewhere_is_let_in_here(running: ConsoleProcess, provider: Provider) -> None:
    with httpx.Client() as browser:
        back = come_back(running, provider, browser)
        assert (back.status_code, back.headers["location"]) == (303, "/insight"), back.text
        assert provider.verified
        assert browser.get(f"{running.url}/api/v1/alerts").status_code == 200
        # the same person with another name and another role is the same person
        provider.claims = {"preferred_username": "dana.new", "sluicegate_role": "viewer", "sluicegate_tenants": "acme"}
        assert come_back(running, provider, browser).status_code == 303
    with opened(running.database).connect() as connection:
        rows = connection.execute(select(user.c.name, user.c.role, user.c.tenants, user.c.password_hash)).all()
        trail = connection.execute(select(audit.c.user_name, audit.c.action)).all()
    assert [tuple(row) for row in rows] == [("dana", "viewer", '["acme"]', None)]
    assert [tuple(row) for row in trail] == [("dana", "sign in")] * 2
    log = running.log.read_text()
    assert not [secret for secret in (SECRET, "c0de", "dana", "u-1", provider.asked["nonce"]) if secret in log]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "another"}, "not valid"),
        ({"nonce": None}, "not valid"),
        ({"aud": "another"}, "not valid"),
        ({"aud": [CLIENT, "another"]}, "another application"),
        ({"azp": "another"}, "another application"),
        ({"iss": "http://127.0.0.1:9"}, "not valid"),
        ({"exp": 1_000_000}, "not valid"),
        ({"exp": None}, "not valid"),
        ({"iat": 9_999_999_999}, "not valid"),
        ({"sub": None}, "not valid"),
        ({"sluicegate_role": "root"}, "no role"),
        ({"sluicegate_role": None}, "no role"),
        ({"sluicegate_tenants": []}, "no tenants"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    running: ConsoleProcess, provider: Provider, claims: dict[str, Any], why: str
) -> None:
    provider.claims = claims
    refused(running, provider, why)


def refused(running: ConsoleProcess, provider: Provider, why: str, **changed: str) -> None:
    with httpx.Client() as browser:
        back = come_back(running, provider, browser, **changed)
        assert back.status_code == 403
        assert why in back.text.lower()
        assert browser.get(f"{running.url}/api/v1/alerts").status_code == 401
    with opened(running.database).connect() as connection:
        assert connection.execute(select(session.c.user_id)).all() == []


def test_a_signature_that_is_not_the_issuers_is_refused(running: ConsoleProcess, provider: Provider) -> None:
    provider.unsigned = True
    refused(running, provider, "not valid")
    provider.unsigned = False
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    refused(running, provider, "not valid")
    provider.key = RSAKey.generate_key(2048, {"kid": "k2"})
    provider.header = {"alg": "RS256", "kid": "k2"}
    refused(running, provider, "not valid")


def test_a_forged_way_back_is_refused(running: ConsoleProcess, provider: Provider) -> None:
    refused(running, provider, "not begun here", state="another")
    refused(running, provider, "refused", code="another")
    refused(running, provider, "did not let you in", code="", error="access_denied")
    with httpx.Client() as stranger:
        query = urlencode({"code": "c0de", "state": provider.asked["state"]})
        assert stranger.get(f"{running.url}/sign-in/elsewhere/back?{query}").status_code == 403


def test_accounts_here_are_not_given_away(running: ConsoleProcess, provider: Provider) -> None:
    engine = opened(running.database)
    person(engine, "dana", "admin")
    refused(running, provider, "somebody else has your name")
    provider.claims = {"preferred_username": "dan"}
    with httpx.Client() as browser:
        assert come_back(running, provider, browser).status_code == 303
    with engine.begin() as connection:
        connection.execute(update(user).where(user.c.name == "dan").values(disabled=True))
        connection.execute(session.delete())
    refused(running, provider, "disabled")


def test_an_issuer_that_does_not_answer_is_named_so(running: ConsoleProcess, provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    status, page = running.get("/sign-in/elsewhere")
    assert status == 502
    assert "does not answer" in page
    assert running.get("/sign-in")[0] == 200
