"""E-mail by SMTP, in threads of the endpoint's own: a server that is slow holds up nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from sluicegate.errors import SettingsError
from sluicegate.notify.endpoints import Email
from sluicegate.notify.guard import BlockedAddressError, connected
from sluicegate.notify.outcomes import Result
from sluicegate.notify.rendering import Templates, UnrenderedError
from sluicegate.notify.secrets import secret
from sluicegate.notify.senders import Message

__all__ = ["EmailSender"]

_MOST_SUBJECT = 200


class EmailSender:
    """Mails to one endpoint's addresses; mails about one alert form a thread."""

    def __init__(self, endpoint: Email, templates: Templates) -> None:
        """Raises SettingsError where a secret or a certificate cannot be read."""
        self._own = endpoint
        self._templates = templates
        self._password()
        try:
            self._tls = ssl.create_default_context(cafile=endpoint.ca_file or None)
        except OSError as error:
            raise SettingsError(f"ca_file {endpoint.ca_file}: {error.strerror or error}") from None
        self._threads = ThreadPoolExecutor(endpoint.concurrency, f"mail {endpoint.name}")
        self._domain = endpoint.sender.rpartition("@")[2]

    async def send(self, message: Message) -> Result:
        names = ("mail.subject", "mail.txt", "mail.html")
        try:
            subject, text, html = (self._templates.text(name, message.event) for name in names)
        except UnrenderedError as error:
            return Result("unrendered", str(error))
        mail = self._mail(message.id, subject, text, html)
        mail["References"] = f"<{message.alert}@{self._domain}>"
        return await self._leave(mail)

    async def send_digest(self, messages: Sequence[Message]) -> Result:
        try:
            events = [message.event for message in messages]
            subject, text, html = (self._templates.digest(name, events) for name in ("subject", "txt", "html"))
        except UnrenderedError as error:
            return Result("unrendered", str(error))
        own = hashlib.sha256("\n".join(message.id for message in messages).encode()).hexdigest()[:32]
        return await self._leave(self._mail(f"digest-{own}", subject, text, html))

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _password(self) -> str:
        return secret(self._own.password_file, self._own.password_env)

    def _mail(self, id: str, subject: str, text: str, html: str) -> EmailMessage:
        mail = EmailMessage(SMTP)
        mail["From"] = self._own.sender
        mail["To"] = ", ".join(self._own.to)
        mail["Subject"] = " ".join(subject.split())[:_MOST_SUBJECT]
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{id}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
        return mail

    async def _leave(self, mail: EmailMessage) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._transfer, mail)

    def _transfer(self, mail: EmailMessage) -> Result:
        try:
            with self._connected() as server:
                refused = server.send_message(mail, self._own.sender, list(self._own.to))
            return Result("sent", f"{len(refused)} of {len(self._own.to)} addresses refused" if refused else "")
        except BlockedAddressError as error:
            return Result("blocked", f"{error}: set allow_private = true if that is meant")
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            return _answered(min(codes), "to every address")
        except smtplib.SMTPResponseException as error:
            signing_in = isinstance(error, smtplib.SMTPAuthenticationError)
            return _answered(error.smtp_code, "to the password" if signing_in else "")
        except smtplib.SMTPNotSupportedError:
            return Result("refused", "the server lacks what the endpoint asks for: STARTTLS, or a way to sign in")
        except ssl.SSLCertVerificationError:
            return Result("unreachable", "its certificate is not trusted")
        except socket.gaierror:
            return Result("unreachable", "its name has no address")
        except TimeoutError:
            return Result("unreachable", "no answer in time")
        except (smtplib.SMTPException, OSError) as error:
            return Result("unreachable", f"no connection ({type(error).__name__})")
        except SettingsError as error:
            return Result("failed", str(error))

    def _connected(self) -> smtplib.SMTP:
        own = self._own
        made = _Client(own, self._tls)
        try:
            if own.tls == "starttls":
                made.starttls(context=self._tls)
            if own.user:
                made.login(own.user, self._password())
        except BaseException:
            made.close()
            raise
        return made


class _Client(smtplib.SMTP):
    """smtplib's client over a connection whose address was looked at, with TLS from the start where that is asked.

    `_get_socket` is what smtplib's own SMTP_SSL overrides to the same end.
    """

    def __init__(self, own: Email, tls: ssl.SSLContext) -> None:
        self._own, self._tls = own, tls
        super().__init__(own.host, own.port, timeout=own.timeout_seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = connected(host, port, timeout, private=self._own.allow_private)
        if self._own.tls != "tls":
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _answered(code: int, what: str) -> Result:
    reason = f"answered {code}{f' {what}' if what else ''}"
    return Result("refused" if 500 <= code < 600 else "failed", reason)
