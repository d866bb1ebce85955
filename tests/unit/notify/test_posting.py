"""HTTP as it is: a server that checks signatures, a certificate that nobody trusts, addresses within, silence."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sluicegate.embedded.certificates import Authority
from sluicegate.errors import SettingsError
from sluicegate.notify.endpoints import Slack, Webhook
from sluicegate.notify.names import bare
from sluicegate.notify.outcomes import Result
from sluicegate.notify.posting import SlackSender, WebhookSender
from sluicegate.notify.rendering import Templates
from sluicegate.notify.sample import sample
from sluicegate.notify.senders import Message, Sender
from tests.streams.receivers import SECRET, Receiver, receiver

OTHER = f"whsec_{base64.b64encode(bytes(40)).decode()}"
"""The secret of tomorrow."""


def message(event: dict[str, Any] | None = None) -> Message:
    shown = event or bare(sample())
    return Message("al_1-1-siem", "al_1", shown, msgspec.json.encode(shown))


def sent(make: Any, *messages: Message) -> list[Result]:
    async def run() -> list[Result]:
        sender: Sender = make()
        try:
            return [await sender.send(one) for one in messages or (message(),)]
        finally:
            await sender.close()

    return asyncio.run(run())


def hook(to: Receiver, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Webhook:
    monkeypatch.setenv("SIEM", SECRET)
    monkeypatch.setenv("SIEM_NEXT", OTHER)
    given: dict[str, Any] = {
        "name": "siem",
        "url": f"{to.url}/x",
        "secret_env": ("SIEM",),
        "allow_private": True,
    } | more
    return Webhook(**given)


def test_a_webhook_is_signed_with_each_secret_and_each_attempt_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as to:
        endpoint = hook(to, monkeypatch, secret_env=("SIEM", "SIEM_NEXT"))
        to.planned["/x"] = deque([500])
        assert [one.outcome for one in sent(lambda: WebhookSender(endpoint), message(), message())] == [
            "failed",
            "sent",
        ]
    for one in to.got:
        assert one.id == "al_1-1-siem"
        assert one.verified(SECRET) == one.verified(OTHER) == bare(sample())
        assert len(one.headers["webhook-signature"].split()) == 2
        assert "authorization" not in one.headers


def test_a_changed_secret_and_authorization_hold_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, authorization = tmp_path / "secret", tmp_path / "authorization"
    secret.write_text(f"{SECRET}\n")
    authorization.write_text("Bearer one\n")
    with receiver() as to:
        endpoint = hook(
            to, monkeypatch, secret_env=(), secret_files=(str(secret),), authorization_file=str(authorization)
        )

        async def run() -> list[Result]:
            sender = WebhookSender(endpoint)
            results = [await sender.send(message())]
            secret.write_text(OTHER)
            authorization.write_text("Bearer two")
            results.append(await sender.send(message()))
            secret.unlink()
            results.append(await sender.send(message()))
            secret.write_text(SECRET)
            authorization.write_text("Bearer one\r\nX-Other: 1")
            results.append(await sender.send(message()))
            await sender.close()
            return results

        results = asyncio.run(run())
    assert [one.outcome for one in results] == ["sent", "sent", "failed", "failed"]
    assert "No such file" in results[2].reason
    assert "one line of printable characters" in results[3].reason
    assert [one.headers["authorization"] for one in to.got] == ["Bearer one", "Bearer two"]
    assert to.got[0].verified(SECRET)
    assert to.got[1].verified(OTHER)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254"])
def test_addresses_within_are_never_connected_to(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as to:
        endpoint = hook(to, monkeypatch, url=f"https://{host}:{to.port}/x", allow_private=False)
        (result,) = sent(lambda: WebhookSender(endpoint))
    assert result.outcome == "blocked"
    assert to.got == []


def test_redirects_are_not_followed_and_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as to:
        to.always |= {"/moved": (307, {"location": f"{to.url}/x"}), "/silent": 3.0}
        moved = hook(to, monkeypatch, url=f"{to.url}/moved")
        silent = hook(to, monkeypatch, url=f"{to.url}/silent", timeout_seconds=1)
        assert sent(lambda: WebhookSender(moved))[0].reason == "answered 307: redirects are not followed"
        assert sent(lambda: WebhookSender(silent)) == [Result("unreachable", "no answer in time")]
        to.stop()
        assert sent(lambda: WebhookSender(moved)) == [Result("unreachable", "no connection (ConnectionRefusedError)")]
        assert to.at("/x") == []


def test_a_certificate_is_trusted_only_where_its_issuer_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority("test")
    own = authority.issue(tmp_path / "server.pem", "localhost")
    trusted = str(authority.write(tmp_path / "authority.pem"))
    with receiver() as to:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(own)
        assert to._server is not None
        to._server.socket = context.wrap_socket(to._server.socket, server_side=True)
        url = f"https://localhost:{to.port}/x"
        unknown = hook(to, monkeypatch, url=url)
        known = hook(to, monkeypatch, url=url, ca_file=trusted)
        assert sent(lambda: WebhookSender(unknown)) == [Result("unreachable", "its certificate is not trusted")]
        assert sent(lambda: WebhookSender(known)) == [Result("sent")]


@pytest.mark.parametrize(
    "secret", ["", "no secret", "whsec_", "whsec_MTIz", "whsec_" + "!" * 32, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_secret_that_is_none_is_refused_at_the_start_and_not_repeated(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as to:
        endpoint = hook(to, monkeypatch)
        monkeypatch.setenv("SIEM", secret)
        with pytest.raises(SettingsError) as caught:
            WebhookSender(endpoint)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)


def test_slack_gets_its_json_and_the_url_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with receiver() as to:
        monkeypatch.setenv("SLACK", f"{to.url}/services/T0/B0/hunter2")
        endpoint = Slack(name="ops", url_env="SLACK", allow_private=True)
        templates = Templates(endpoint, "", [sample()])
        assert sent(lambda: SlackSender(endpoint, templates)) == [Result("sent")]
        (got,) = to.at("/services/T0/B0/hunter2")
        assert got.headers["content-type"] == "application/json; charset=utf-8"
        assert [block["type"] for block in got.json["blocks"]] == ["section", "section", "section", "context"]
        to.stop()
        (result,) = sent(lambda: SlackSender(endpoint, templates))
        assert "hunter2" not in result.reason
        monkeypatch.setenv("SLACK", "ftp://hunter2")
        with pytest.raises(SettingsError) as caught:
            SlackSender(endpoint, templates)
        assert str(caught.value) == "the URL in SLACK: expected an http or https URL"
