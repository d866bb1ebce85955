"""Tokens of those who send: 256 random bits, shown once, of which the file keeps a digest.

A token is `slg_<id>_<secret>`. The id is no secret: it names the token in lists and tells which digest to compare with.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from sluicegate.errors import SettingsError
from sluicegate.wire.scalars import Tenant, format_time, parse_time

__all__ = ["SCOPES", "Scope", "Token", "TokenBook", "TokenFile"]

Scope = Literal["events", "policy", "dispositions", "runs"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a token may be good for: events of payments and payees, the tenant's policy, verdicts, pay runs."""

_PREFIX = "slg"
_NOBODY = "0" * 64


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What the file knows of a token. Times are RFC 3339 in UTC; `expires` is exclusive."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    tenant: Tenant
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    created: str
    expires: str

    def expired(self, now: int) -> bool:
        """At `now`, µs since 1970 UTC; a time that cannot be read has passed."""
        end = parse_time(self.expires)
        return end is None or now >= end


_FILE = msgspec.json.Decoder(list[Token])


class TokenFile:
    """The file as commands change it; it is replaced as a whole, and readable by its owner only."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def read(self) -> list[Token]:
        """In the order of their making; none where there is no file. Raises SettingsError where it is no such file."""
        try:
            return _FILE.decode(self._path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(f"{self._path}: cannot be read ({error.strerror})") from None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{self._path}: no file of tokens ({error}); bring a sound copy back, or take it away and make new ones"
            ) from None

    def add(self, name: str, tenant: str, scopes: tuple[Scope, ...], now: int, days: int) -> tuple[str, Token]:
        """A new token, which nobody can show again, and what is kept of it. `now` in µs. Raises SettingsError."""
        with self._locked():
            held = self.read()
            taken = {one.id for one in held}
            id = next(id for id in iter(lambda: secrets.token_hex(4), "") if id not in taken)
            text = f"{_PREFIX}_{id}_{secrets.token_urlsafe(32)}"
            made = Token(
                id=id,
                name=name,
                tenant=tenant,
                scopes=scopes,
                sha256=_digest(text),
                created=format_time(now),
                expires=format_time(now + days * 86_400_000_000),
            )
            self._write([*held, made])
        return text, made

    def revoke(self, id: str) -> Token | None:
        """Take a token out; None where there is none of this id. Raises SettingsError."""
        with self._locked():
            held = self.read()
            gone = next((one for one in held if one.id == id), None)
            if gone is not None:
                self._write([one for one in held if one.id != id])
        return gone

    def _write(self, tokens: list[Token]) -> None:
        text = msgspec.json.format(msgspec.json.encode(tokens)) + b"\n"
        number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        with os.fdopen(number, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(number)
        if self._path.exists():  # a group that may read it keeps its right
            os.chmod(name, self._path.stat().st_mode & 0o640)
        os.replace(name, self._path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two commands at once: one after the other."""
        try:
            with Path(f"{self._path}.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise SettingsError(f"{self._path}: cannot be written ({error.strerror})") from None


class TokenBook:
    """The file as the gateway looks into it: read again whenever it has changed."""

    def __init__(self, path: str) -> None:
        """Raises SettingsError where the file is not sound."""
        self._path = path
        self._file = TokenFile(path)
        self._stamp: tuple[int, ...] | None = self._now_stamp()
        self._by_id = self._read()

    def check(self) -> bool:
        """Whether the file has changed, and was read again.

        Raises SettingsError where it is not sound: then nobody gets in until it is, since a revocation may be in it.
        """
        stamp = self._now_stamp()
        if stamp == self._stamp:
            return False
        self._by_id = {}
        self._by_id = self._read()
        self._stamp = stamp
        return True

    def find(self, text: str, now: int) -> Token | None:
        """The token of this text, if it is good at `now` (µs); why it is not is nobody's business."""
        _, _, rest = text.partition("_")
        held = self._by_id.get(rest.partition("_")[0])
        # the same work whether there is such an id or not
        same = hmac.compare_digest(_digest(text), held.sha256 if held else _NOBODY)
        return held if same and held is not None and not held.expired(now) else None

    def __len__(self) -> int:
        return len(self._by_id)

    def _read(self) -> dict[str, Token]:
        return {one.id: one for one in self._file.read()}

    def _now_stamp(self) -> tuple[int, ...] | None:
        try:
            seen = os.stat(self._path)
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_ino, seen.st_size


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
