"""Signing in elsewhere: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), state and nonce."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from sluicegate.console.people import ROLES
from sluicegate.errors import SettingsError

if TYPE_CHECKING:
    from sluicegate.console.people import Role
    from sluicegate.console.settings import ConsoleSettings

__all__ = ["Issuer", "Known", "Pending", "RefusedError", "secret_of"]

_SIGNED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Asymmetric alone: with a shared secret, or none, anybody who knows the client could sign."""
_LEEWAY = 60
_KEPT = 3600.0
_AGAIN = 30.0
_SECONDS = 10.0


class RefusedError(Exception):
    """Signing in elsewhere did not succeed; the text is for the person. Operator action: what it says."""


class Pending(msgspec.Struct, frozen=True, array_like=True):
    """What a browser keeps between leaving for the issuer and coming back."""

    state: str
    nonce: str
    verifier: str
    next: str


class Known(msgspec.Struct, frozen=True):
    """Whom the issuer says it is; `subject` is theirs for good, the name may change."""

    subject: str
    name: str
    role: Role
    tenants: tuple[str, ...]


def secret_of(settings: ConsoleSettings) -> str:
    """The client's secret; empty: a public client. Raises SettingsError."""
    if not settings.oidc_secret_file:
        return ""
    try:
        return Path(settings.oidc_secret_file).read_text().strip()
    except OSError as error:
        raise SettingsError(f"SLUICEGATE_CONSOLE_OIDC_SECRET_FILE cannot be read: {error.strerror}") from None


class Issuer:
    """The issuer, as its discovery document describes it. Blocking; for several threads."""

    def __init__(self, settings: ConsoleSettings) -> None:
        if not settings.oidc_client_id:
            raise SettingsError("SLUICEGATE_CONSOLE_OIDC_CLIENT_ID is needed with an OpenID Connect issuer")
        self._settings = settings
        self._secret = secret_of(settings)
        self._lock = threading.Lock()
        self._document: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked = -_KEPT
        self._keys_asked = -_KEPT

    def begin(self, back: str, target: str) -> tuple[str, Pending]:
        """Where to send the browser, which comes back to `back`. Raises RefusedError."""
        pending = Pending(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), target)
        digest = hashlib.sha256(pending.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = str(self._discovered()["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", pending

    def finish(self, code: str, pending: Pending, back: str) -> Known:
        """Who has come back with a code. Raises RefusedError."""
        return self._known(self._claims(self._exchange(code, pending, back), pending.nonce))

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            if time.monotonic() - self._asked > _KEPT or not self._document:
                issuer = self._settings.oidc_issuer.rstrip("/")
                found = _json(lambda client: client.get(f"{issuer}/.well-known/openid-configuration"))
                if str(found.get("issuer", "")).rstrip("/") != issuer:
                    raise RefusedError("the sign-in service names another issuer than the one configured")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if any(not _as_safe(found.get(name), issuer) for name in needed):
                    raise RefusedError("the sign-in service does not say where its endpoints are, or not by https")
                self._document, self._asked = found, time.monotonic()
            return self._document

    def _key_set(self, *, anew: bool) -> KeySet:
        """The issuer's keys; `anew`: asked for again, though not at the pace of those who send unknown key ids."""
        address = self._discovered()["jwks_uri"]
        with self._lock:
            age = time.monotonic() - self._keys_asked
            if self._keys is None or age > _KEPT or (anew and age > _AGAIN):
                found = _json(lambda client: client.get(address))
                try:
                    self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
                except (JoseError, ValueError, TypeError, KeyError):
                    raise RefusedError("the sign-in service's keys cannot be read") from None
                self._keys_asked = time.monotonic()
            return self._keys

    def _exchange(self, code: str, pending: Pending, back: str) -> str:
        """The id token for a code."""
        document, id = self._discovered(), self._settings.oidc_client_id
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": pending.verifier,
        }
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = None
        if self._secret and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(id, self._secret)
        else:
            form |= {"client_id": id} | ({"client_secret": self._secret} if self._secret else {})
        found = _json(lambda client: client.post(document["token_endpoint"], data=form, auth=auth))
        token = found.get("id_token")
        if not isinstance(token, str):
            raise RefusedError("the sign-in service gave no id token")
        return token

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that is signed by the issuer, for us, for this sign-in, and in time."""
        try:
            try:
                found = jwt.decode(token, self._key_set(anew=False), algorithms=_SIGNED)
            except InvalidKeyIdError:
                found = jwt.decode(token, self._key_set(anew=True), algorithms=_SIGNED)
            client = self._settings.oidc_client_id
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY,
                iss={"essential": True, "value": self._document["issuer"]},
                aud={"essential": True, "value": client},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(found.claims)
        except (JoseError, ValueError, TypeError):
            # not which check it was: whoever forges tokens learns nothing
            raise RefusedError("the sign-in service's answer is not valid: try again") from None
        claims = dict(found.claims)
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", client) != client or (len(audience) > 1 and "azp" not in claims):
            raise RefusedError("the sign-in service's answer is for another application")
        return claims

    def _known(self, claims: dict[str, Any]) -> Known:
        settings = self._settings
        said = _texts(claims.get(settings.oidc_roles_claim))
        roles: list[Role] = [role for role in ROLES if role in said]
        if not roles:
            raise RefusedError(f"your account has no role here: its claim {settings.oidc_roles_claim} names none known")
        tenants = _texts(claims.get(settings.oidc_tenants_claim))
        if not tenants:
            raise RefusedError(f"your account has no tenants here: its claim {settings.oidc_tenants_claim} names none")
        subject = str(claims["sub"])
        named = next((claims[name] for name in ("preferred_username", "email") if claims.get(name)), subject)
        return Known(f"{claims['iss']}#{subject}", str(named)[:120], roles[-1], tuple(sorted(set(tenants))))


def _texts(claim: object) -> list[str]:
    """A claim that is a text or a list of them."""
    listed = claim if isinstance(claim, list) else [claim]
    return [text for text in listed if isinstance(text, str) and text]


def _as_safe(address: object, issuer: str) -> bool:
    """Whether an endpoint is at least as well protected as the issuer's own address."""
    return isinstance(address, str) and address.startswith(("https://", "http://")[: 1 + issuer.startswith("http://")])


def _json(ask: Any) -> dict[str, Any]:
    """An answer's JSON object. Raises RefusedError."""
    try:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client:
            answer: httpx.Response = ask(client)
        answer.raise_for_status()
        found = answer.json()
    except httpx.HTTPStatusError as error:
        raise RefusedError(f"the sign-in service refused (status {error.response.status_code}): try again") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise RefusedError("the sign-in service does not answer: try again later") from None
    if not isinstance(found, dict):
        raise RefusedError("the sign-in service's answer cannot be read")
    return found
