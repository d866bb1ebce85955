"""Mail as it is: a server that asks for TLS and a password, refuses, and keeps what came."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from sluicegate.embedded.certificates import Authority
from sluicegate.notify.endpoints import Email
from sluicegate.notify.mailing import EmailSender
from sluicegate.notify.names import bare
from sluicegate.notify.outcomes import Result
from sluicegate.notify.rendering import Templates
from sluicegate.notify.sample import sample
from sluicegate.notify.senders import Message
from tests.streams.receivers import mail_server


def message(number: int = 1, **data: Any) -> Message:
    event = bare(sample())
    event["data"] |= data
    return Message(f"al_{number}-1-desk", f"al_{number}", event, msgspec.json.encode(event))


def desk(port: int, **more: Any) -> Email:
    given: dict[str, Any] = {
        "name": "desk",
        "host": "localhost",
        "port": port,
        "sender": "sluicegate@pay.example",
        "to": ("a@pay.example", "b@pay.example"),
        "allow_private": True,
        "tls": "none",
    }
    return Email(**(given | more))


def sent(endpoint: Email, *messages: Message, digest: bool = False) -> Result:
    async def run() -> Result:
        sender = EmailSender(endpoint, Templates(endpoint, "https://console.example", [sample()]))
        try:
            return await (sender.send_digest(messages) if digest else sender.send(messages[0]))
        finally:
            await sender.close()

    return asyncio.run(run())


def test_a_mail_has_text_and_html_and_belongs_to_the_thread_of_its_alert() -> None:
    title = "Pay <b>to</b> &\r\nBcc: evil@example.com"
    with mail_server() as (box, port):
        assert sent(desk(port), message(7, title=title)) == Result("sent")
    (mail,) = box.mails
    assert mail["to"] == "a@pay.example, b@pay.example"
    assert mail["bcc"] is None
    assert mail["subject"] == "[LOW] Pay <b>to</b> & Bcc: evil@example.com (sluicegate-test)"
    assert (mail["message-id"], mail["references"]) == ("<al_7-1-desk@pay.example>", "<al_7@pay.example>")
    assert mail["auto-submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    link = "https://console.example/alerts/al_00000000000000000000000000000000"
    assert f"\n{link}\n" in text.get_content().replace("\r\n", "\n")
    assert f'<a href="{link}">' in html.get_content()
    assert "Pay &lt;b&gt;to&lt;/b&gt; &amp;" in html.get_content()


def test_several_come_as_one_digest() -> None:
    with mail_server() as (box, port):
        assert sent(desk(port), message(1), message(2, title="Other"), digest=True) == Result("sent")
    (mail,) = box.mails
    assert mail["subject"] == "2 alerts: A test of the notifications: nothing happened, and 1 more"
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content().count("https://console.example/alerts/") == 2
    assert "Other" in html.get_content()


@pytest.mark.parametrize(("answer", "outcome"), [("554 5.7.1 no", "refused"), ("451 4.3.0 later", "failed")])
def test_what_the_server_says_decides(answer: str, outcome: str) -> None:
    with mail_server() as (box, port):
        box.refusals.append(answer)
        result = sent(desk(port), message())
    assert result == Result(outcome, f"answered {answer[:3]}")  # type: ignore[arg-type]


def test_tls_and_a_password_are_used_and_what_does_not_fit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority("test")
    own = authority.issue(tmp_path / "server.pem", "localhost")
    trusted = str(authority.write(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own)
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2")

    def known(_server: Any, _session: Any, _envelope: Any, _way: str, given: Any) -> AuthResult:
        fits = isinstance(given, LoginPassword) and (given.login, given.password) == (b"me", b"hunter2")
        return AuthResult(success=fits, handled=False)

    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": known}
    safe = {"tls": "starttls", "ca_file": trusted, "user": "me", "password_env": "MAIL_PASSWORD"}
    with mail_server(**options) as (box, port):
        assert sent(desk(port, **safe), message()) == Result("sent")
        assert sent(desk(port, **safe | {"user": "you"}), message()) == Result(
            "refused", "answered 535 to the password"
        )
        untrusted = {key: value for key, value in safe.items() if key != "ca_file"}
        assert sent(desk(port, **untrusted), message()) == Result("unreachable", "its certificate is not trusted")
        assert sent(desk(port), message()).outcome == "refused"
    assert len(box.mails) == 1
    with mail_server() as (_, port):
        assert sent(desk(port, **safe), message()).outcome == "refused"  # no STARTTLS there
        assert sent(desk(port, allow_private=False), message()).outcome == "blocked"
    assert sent(desk(port), message()) == Result("unreachable", "no connection (ConnectionRefusedError)")
    with mail_server(ssl_context=context) as (box, port):
        assert sent(desk(port, tls="tls", ca_file=trusted), message()) == Result("sent")
        assert sent(desk(port, tls="tls"), message()) == Result("unreachable", "its certificate is not trusted")
