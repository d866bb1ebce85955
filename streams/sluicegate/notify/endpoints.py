"""Those who are told: one struct a kind, and which alerts they want."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from sluicegate.wire.alerts import Family, Severity

__all__ = ["KINDS", "SEVERITIES", "Email", "Endpoint", "Kind", "Slack", "Webhook"]

Kind = Literal["webhook", "slack", "email"]
SEVERITIES: tuple[str, ...] = get_args(Severity)
"""By urgency, the most severe first."""

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
        extra={"expected": "1 to 40 of a-z, 0-9, - and _, not - or _ first"},
    ),
]
Text = Annotated[str, Meta(max_length=2000)]
Address = Annotated[
    str,
    Meta(
        pattern=r"^[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}$", extra={"expected": "an e-mail address such as ops@example.com"}
    ),
]
Addresses = Annotated[tuple[Address, ...], Meta(min_length=1)]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What every kind has: whom it stands for, what it wants, and how hard it may be pressed."""

    kind: ClassVar[Kind]

    name: Name
    tenants: tuple[str, ...] = ()
    """Empty: all. So with the next three."""
    families: tuple[Family, ...] = ()
    activities: tuple[Literal["create", "update", "close"], ...] = ()
    rules: tuple[str, ...] = ()
    """Alerts with at least one reason of these rules."""
    min_severity: Severity = "low"
    personal_data: bool = False
    """Whether names and labels go along."""
    allow_private: bool = False
    """Whether addresses within, and connections without TLS, are meant."""
    revisions: Literal["each", "latest"] = "each"
    """`latest`: a revision that still waits makes way for the next one of its alert."""
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 4
    per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 600
    timeout_seconds: Annotated[int, Meta(ge=1, le=120)] = 15
    give_up_hours: Annotated[int, Meta(ge=0, le=720)] = 72
    """0: after the first failure."""
    give_up_attempts: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """0: time alone decides."""

    def wants(self, tenant: str, severity: str, family: str, activity: str, rules: frozenset[str]) -> bool:
        """Whether it wants an alert of this kind. A severity that is not known here counts as the highest.

        >>> slack = Slack(name="ops", min_severity="high", rules=("pay-spike",), url_env="X")
        >>> slack.wants("acme", "critical", "payroll", "create", frozenset({"pay-spike", "off-cycle"}))
        True
        >>> slack.wants("acme", "medium", "payroll", "create", frozenset({"pay-spike"}))
        False
        """
        return (
            (not self.tenants or tenant in self.tenants)
            and (severity not in SEVERITIES or SEVERITIES.index(severity) <= SEVERITIES.index(self.min_severity))
            and (not self.families or family in self.families)
            and (not self.activities or activity in self.activities)
            and (not self.rules or not rules.isdisjoint(self.rules))
        )

    def problems(self) -> Iterator[tuple[str, str]]:
        """(field, why) of what does not go together."""
        yield from ()


class _Posted(Endpoint, frozen=True, kw_only=True):
    """What is told by HTTP POST. The URL of a Slack webhook is a secret, that of others may be."""

    url: Text = ""
    url_file: str = ""
    url_env: str = ""
    ca_file: str = ""
    """Certificates to trust instead of the usual ones (PEM)."""

    def problems(self) -> Iterator[tuple[str, str]]:
        given = [name for name in ("url", "url_file", "url_env") if getattr(self, name)]
        if len(given) != 1:
            yield given[1] if given else "name", "exactly one of url, url_file and url_env is needed"
        elif self.url and (why := url_problem(self.url, plain=self.allow_private)):
            yield "url", why


class Webhook(_Posted, frozen=True, kw_only=True):
    """The alert as it is in Kafka, signed after the Standard Webhooks specification 1.0."""

    kind: ClassVar[Kind] = "webhook"

    secret_files: tuple[str, ...] = ()
    secret_env: tuple[str, ...] = ()
    """While a secret is changed, the old and the new one: the body is signed with each."""
    authorization_file: str = ""
    authorization_env: str = ""
    """What the header Authorization says, where the receiver asks for it."""

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        if not self.secret_files and not self.secret_env:
            yield "name", "secret_files or secret_env is needed: what is not signed cannot be told from a forgery"
        if self.authorization_file and self.authorization_env:
            yield "authorization_env", "only one of authorization_file and authorization_env"


class Slack(_Posted, frozen=True, kw_only=True):
    """A message in Block Kit to an incoming webhook."""

    kind: ClassVar[Kind] = "slack"

    revisions: Literal["each", "latest"] = "latest"
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 1
    per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 50
    """Slack takes about one message a second."""
    template: str = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from super().problems()
        if self.url:
            yield "url", "whoever knows the URL may write: put it into url_file or url_env"


class Email(Endpoint, frozen=True, kw_only=True):
    """A mail with text and HTML to one or several addresses."""

    kind: ClassVar[Kind] = "email"

    revisions: Literal["each", "latest"] = "latest"
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 1
    per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 60
    timeout_seconds: Annotated[int, Meta(ge=1, le=120)] = 30
    host: Annotated[str, Meta(min_length=1, max_length=255)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    user: str = ""
    password_file: str = ""
    password_env: str = ""
    sender: Address
    to: Addresses
    subject_template: str = ""
    text_template: str = ""
    html_template: str = ""
    digest_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    """0: a mail for each alert."""
    digest_below: Severity = "high"
    """Alerts less severe than this one wait for the digest."""

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.tls == "none" and not self.allow_private:
            yield "tls", "none only with allow_private = true: the mail could be read on its way"
        if self.password_file and self.password_env:
            yield "password_env", "only one of password_file and password_env"
        if bool(self.user) != bool(self.password_file or self.password_env):
            yield "user" if self.user else "name", "user and password_file or password_env go together"

    def digested(self, severity: str) -> bool:
        """Whether an alert of this severity waits for the next digest."""
        known = severity in SEVERITIES
        return self.digest_minutes > 0 and known and SEVERITIES.index(severity) > SEVERITIES.index(self.digest_below)


KINDS: dict[str, type[Webhook] | type[Slack] | type[Email]] = {kind.kind: kind for kind in (Webhook, Slack, Email)}


def url_problem(url: str, *, plain: bool) -> str:
    """What is wrong with a URL; empty where nothing is.

    >>> url_problem("https://hooks.example.com/x", plain=False), url_problem("ftp://x", plain=True)
    ('', 'expected an http or https URL')
    >>> url_problem("http://hooks.example.com/x", plain=False)
    'expected https: what is sent could be read on its way (http only with allow_private = true)'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "no URL"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "expected an http or https URL"
    if parts.scheme == "http" and not plain:
        return "expected https: what is sent could be read on its way (http only with allow_private = true)"
    if parts.username or parts.password:
        return "no password belongs into a URL: use authorization_file or authorization_env"
    return ""
