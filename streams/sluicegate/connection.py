"""Where Kafka is and how a client gets in: the settings that the worker, the console and every tool share.

>>> list(Connection(kafka_security_protocol="SASL_SSL", kafka_username="ann").conflicts())
[('kafka_sasl_mechanism', 'is needed with SASL_SSL'), ('kafka_password', 'is needed, or kafka_password_file')]
>>> "hunter2" in repr(Connection(kafka_password="hunter2"))
False
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sluicegate.environment import about

__all__ = ["Connection"]

_FILES = (
    "kafka_ca_file",
    "kafka_cert_file",
    "kafka_key_file",
    "kafka_key_password_file",
    "kafka_password_file",
    "kafka_oauth_client_secret_file",
)
_SECRETS = ("kafka_password",)
_OAUTH = ("kafka_oauth_token_url", "kafka_oauth_client_id", "kafka_oauth_client_secret_file")
_LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])[:/]")


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """Address of Kafka, transport and credentials. Files are read when a client is made: it sees new secrets."""

    broker: Annotated[str, Meta(min_length=1), about("Kafka's bootstrap servers, host:port, comma-separated")] = (
        "127.0.0.1:9092"
    )
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], about("how to talk to Kafka; SSL means TLS")
    ] = "PLAINTEXT"
    kafka_ca_file: Annotated[
        str, about("PEM file of the authorities that vouch for the brokers; empty: those of the system")
    ] = ""
    kafka_cert_file: Annotated[
        str, about("PEM file of this client's certificate and its chain, where the brokers ask for one")
    ] = ""
    kafka_key_file: Annotated[str, about("PEM file of its private key; empty: in kafka_cert_file")] = ""
    kafka_key_password_file: Annotated[str, about("file that holds the password of the private key")] = ""
    kafka_check_hostname: Annotated[bool, about("a broker's certificate has to name the host that was called")] = True
    kafka_sasl_mechanism: Annotated[
        Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"], about("how to sign in to Kafka")
    ] = ""
    kafka_username: Annotated[str, about("who signs in by PLAIN or SCRAM")] = ""
    kafka_password: Annotated[str, about("their password; better kafka_password_file", secret=True)] = ""
    kafka_password_file: Annotated[str, about("file that holds their password")] = ""
    kafka_oauth_token_url: Annotated[str, about("where OAUTHBEARER gets tokens, by the client-credentials grant")] = ""
    kafka_oauth_client_id: Annotated[str, about("client id there")] = ""
    kafka_oauth_client_secret_file: Annotated[str, about("file that holds the client secret")] = ""
    kafka_oauth_scope: Annotated[str, about("scope to ask for there, where one is needed")] = ""

    def __repr__(self) -> str:
        """Without secrets, as it may end up in a log."""
        told: dict[str, Any] = {field: getattr(self, field) for field in self.__struct_fields__}
        told |= {secret: "***" for secret in _SECRETS if told[secret]}
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in told.items())})"

    @property
    def tls(self) -> bool:
        return self.kafka_security_protocol in ("SSL", "SASL_SSL")

    @property
    def sasl(self) -> bool:
        return self.kafka_security_protocol.startswith("SASL_")

    def variables(self) -> dict[str, str]:
        """What differs from the defaults of all but the address, as variables: for a process that is started."""
        found = {}
        for field in msgspec.structs.fields(Connection):
            value = getattr(self, field.name)
            if field.name != "broker" and value != field.default:
                found[f"SLUICEGATE_{field.name.upper()}"] = str(value).lower() if isinstance(value, bool) else value
        return found

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Settings that do not go together: field, and what is wrong."""
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        if self.sasl and not mechanism:
            yield "kafka_sasl_mechanism", f"is needed with {protocol}"
        if not self.sasl:
            for field in ("kafka_sasl_mechanism", "kafka_username", "kafka_password", "kafka_password_file", *_OAUTH):
                if getattr(self, field):
                    yield field, f"has no effect with kafka_security_protocol {protocol}: choose SASL_SSL, or unset it"
        elif mechanism == "OAUTHBEARER":
            yield from self._oauth_conflicts()
        else:
            yield from self._password_conflicts()
        if not self.tls:
            for field in ("kafka_ca_file", "kafka_cert_file", "kafka_key_file"):
                if getattr(self, field):
                    yield (
                        field,
                        f"has no effect with kafka_security_protocol {protocol}: choose one with SSL, or unset it",
                    )
        for field in ("kafka_key_file", "kafka_key_password_file"):
            if getattr(self, field) and not self.kafka_cert_file:
                yield field, "is of no use without kafka_cert_file"

    def _password_conflicts(self) -> Iterator[tuple[str, str]]:
        if not self.kafka_username:
            yield "kafka_username", f"is needed with {self.kafka_sasl_mechanism or self.kafka_security_protocol}"
        if self.kafka_password and self.kafka_password_file:
            yield "kafka_password", "is set, and so is kafka_password_file: unset one of them"
        if not self.kafka_password and not self.kafka_password_file:
            yield "kafka_password", "is needed, or kafka_password_file"
        for field in _OAUTH:
            if getattr(self, field):
                yield field, "is for kafka_sasl_mechanism OAUTHBEARER"

    def _oauth_conflicts(self) -> Iterator[tuple[str, str]]:
        for field in _OAUTH:
            if not getattr(self, field):
                yield field, "is needed with OAUTHBEARER"
        for field in ("kafka_username", "kafka_password", "kafka_password_file"):
            if getattr(self, field):
                yield field, "is not for kafka_sasl_mechanism OAUTHBEARER"
        url = self.kafka_oauth_token_url
        if url and not url.startswith("https://") and not _LOCAL.match(url):
            yield "kafka_oauth_token_url", "must begin with https://: the client secret is sent there"

    def absent(self) -> Iterator[tuple[str, str]]:
        """Files that cannot be read here: field, and what is wrong."""
        for field in _FILES:
            if path := getattr(self, field):
                try:
                    with open(path, "rb"):
                        pass
                except OSError as error:
                    yield field, f"cannot read {path} ({error.strerror}): correct the path, or let this user read it"
