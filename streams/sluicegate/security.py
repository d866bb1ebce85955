"""Transport and credentials of a connection as the arguments of the three clients: aiokafka, kafka-python and Faust."""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from sluicegate.connection import Connection
from sluicegate.errors import BrokerRefusedError, SettingsError

__all__ = [
    "TokenSource",
    "aiokafka_options",
    "faust_credentials",
    "kafka_python_options",
    "password",
    "ssl_context",
    "token_source",
]

_NAME = "SLUICEGATE_{}".format


def aiokafka_options(connection: Connection) -> dict[str, Any]:
    """Of any client of aiokafka: servers, transport, credentials. Raises SettingsError."""
    return _options(connection, _for_aiokafka)


def kafka_python_options(connection: Connection) -> dict[str, Any]:
    """Of any client of kafka-python. Raises SettingsError."""
    return _options(connection, _for_kafka_python)


def _options(connection: Connection, tokens: "Callable[[TokenSource], Any]") -> dict[str, Any]:
    options: dict[str, Any] = {
        "bootstrap_servers": connection.broker.split(","),
        "security_protocol": connection.kafka_security_protocol,
    }
    if connection.tls:
        options["ssl_context"] = ssl_context(connection)
    if connection.sasl:
        options["sasl_mechanism"] = connection.kafka_sasl_mechanism
        if connection.kafka_sasl_mechanism == "OAUTHBEARER":
            options["sasl_oauth_token_provider"] = tokens(token_source(connection))
        else:
            options |= {"sasl_plain_username": connection.kafka_username, "sasl_plain_password": password(connection)}
    return options


def faust_credentials(connection: Connection) -> Any:
    """Value of Faust's setting `broker_credentials`; None where there is nothing to say."""
    import faust

    context = ssl_context(connection) if connection.tls else None
    if not connection.sasl:
        return faust.SSLCredentials(context) if connection.tls else None
    if connection.kafka_sasl_mechanism == "OAUTHBEARER":
        from faust.auth import OAuthCredentials

        return OAuthCredentials(oauth_cb=_for_aiokafka(token_source(connection)), ssl_context=context)
    return faust.SASLCredentials(
        username=connection.kafka_username,
        password=password(connection),
        ssl_context=context,
        mechanism=connection.kafka_sasl_mechanism,
    )


def ssl_context(connection: Connection) -> ssl.SSLContext:
    """TLS 1.2 or later, brokers verified. Raises SettingsError where a file is not what its setting says."""
    try:
        context = ssl.create_default_context(cafile=connection.kafka_ca_file or None)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(
            f"{_NAME('KAFKA_CA_FILE')}: {connection.kafka_ca_file} holds no certificate in PEM"
        ) from error
    context.check_hostname = connection.kafka_check_hostname
    if connection.kafka_cert_file:
        secret = _secret(connection, "kafka_key_password_file") if connection.kafka_key_password_file else ""
        try:
            # a password is always given, or OpenSSL would ask for one at the terminal
            context.load_cert_chain(connection.kafka_cert_file, connection.kafka_key_file or None, lambda: secret)
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(
                f"{_NAME('KAFKA_CERT_FILE')}: {connection.kafka_cert_file} and its private key cannot be used "
                f"({getattr(error, 'reason', None) or type(error).__name__}): both in PEM, the key that of the "
                f"certificate, and {_NAME('KAFKA_KEY_PASSWORD_FILE')} where it has a password"
            ) from None
    return context


def password(connection: Connection) -> str:
    """Of the user who signs in. Raises SettingsError where the file is empty or cannot be read."""
    return connection.kafka_password or _secret(connection, "kafka_password_file")


def _secret(connection: Connection, field: str) -> str:
    """The file's content without its line end."""
    path = getattr(connection, field)
    try:
        text = Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise SettingsError(f"{_NAME(field.upper())}: cannot read {path} ({why})") from None
    if not text:
        raise SettingsError(f"{_NAME(field.upper())}: {path} is empty")
    return text


class TokenSource:
    """Access tokens by the client-credentials grant (RFC 6749, section 4.4), each used until shortly before its end.

    For several threads. The client secret is read anew for each token.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def token(self) -> str:
        """A token that is valid for a while. Blocking. Raises BrokerRefusedError, SettingsError."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                asked = time.monotonic()
                self._token, lifetime = self._fetch()
                self._renew_at = asked + lifetime - min(60.0, lifetime / 5)
            return self._token

    def _fetch(self) -> tuple[str, float]:
        import httpx

        connection, url = self._connection, self._connection.kafka_oauth_token_url
        form = {"grant_type": "client_credentials"}
        if connection.kafka_oauth_scope:
            form["scope"] = connection.kafka_oauth_scope
        secret = _secret(connection, "kafka_oauth_client_secret_file")
        try:
            answer = httpx.post(url, data=form, auth=(connection.kafka_oauth_client_id, secret), timeout=10)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BrokerRefusedError(
                f"{_NAME('KAFKA_OAUTH_TOKEN_URL')}: no token from {url} ({type(error).__name__})"
            ) from None
        if answer.status_code != httpx.codes.OK:
            raise BrokerRefusedError(
                f"{url} gives no token (status {answer.status_code}): look at {_NAME('KAFKA_OAUTH_CLIENT_ID')}, "
                f"{_NAME('KAFKA_OAUTH_CLIENT_SECRET_FILE')} and {_NAME('KAFKA_OAUTH_SCOPE')}"
            )
        try:
            given = answer.json()
            return str(given["access_token"]), float(given.get("expires_in", 300))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BrokerRefusedError(
                f"{_NAME('KAFKA_OAUTH_TOKEN_URL')}: what {url} answers is no token of OAuth 2"
            ) from None


@lru_cache(maxsize=8)
def token_source(connection: Connection) -> TokenSource:
    """The one source of a connection: its clients share tokens."""
    return TokenSource(connection)


def _for_aiokafka(source: TokenSource) -> Any:
    from aiokafka.abc import AbstractTokenProvider

    class Tokens(AbstractTokenProvider):
        async def token(self) -> str:
            return await asyncio.to_thread(source.token)

    return Tokens()


def _for_kafka_python(source: TokenSource) -> Any:
    from kafka.net.sasl.oauth import AbstractTokenProvider

    class Tokens(AbstractTokenProvider):
        def token(self) -> str:
            return source.token()

    return Tokens()
