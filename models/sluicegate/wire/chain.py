"""Alert revisions as a chain: each holds the hash of the one before it, tenant by tenant.

Three extension attributes of the CloudEvents envelope carry it:

- `chainseq`: the number of the revision among all of the tenant's alert revisions, from 1;
- `chainprev`: `chainhash` of the revision before it; that of the first is `origin(tenant)`;
- `chainhash`: SHA-256 in hex of the event's canonical JSON (UTF-8, keys sorted, no spaces) without this attribute.

Whoever notes the last number and hash of a tenant holds fast all that was said before: a hash-linked log after Haber
and Stornetta, "How to time-stamp a digital document" (1991). The chain has no key: who can rewrite all of the topic can
make a chain that is whole again, and only a hash noted elsewhere tells the two apart.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

import msgspec

from sluicegate.wire.canonical import canonical

_HEAD = b'{"chainhash":"'
"""How canonical JSON of a chained event begins: no other attribute sorts before this one."""
_REST = len(_HEAD) + 64 + len(b'",')
Hash = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class Link(msgspec.Struct, frozen=True):
    """What a chained revision says of its place, and whether its content gives the hash that it carries."""

    tenant: str
    number: int
    before: str
    hash: str
    alert: str
    revision: int
    closes: bool
    sound: bool


class Unlinked(msgspec.Struct, frozen=True):
    """A record that has no place in a chain, and why; `tenant` as far as it says one."""

    why: str
    tenant: str | None = None


def origin(tenant: str) -> str:
    """What the first revision of a tenant follows.

    It is SHA-256 in hex of `alert.v1`, a line feed and the tenant.

    >>> origin("acme")[:16]
    '8c45e1e756bc167c'
    """
    return hashlib.sha256(f"alert.v1\n{tenant}".encode()).hexdigest()


def seal(event: dict[str, Any], number: int, before: str) -> tuple[bytes, str]:
    """Canonical JSON of the event with its three attributes, and its `chainhash`.

    >>> value, hash = seal({"id": "x"}, 1, "0" * 64)
    >>> value == canonical({"id": "x", "chainseq": 1, "chainprev": "0" * 64, "chainhash": hash})
    True
    """
    content = canonical({**event, "chainprev": before, "chainseq": number})
    hash = hashlib.sha256(content).hexdigest()
    return b'%b%b",%b' % (_HEAD, hash.encode(), content[1:]), hash


class _Data(msgspec.Struct):
    alert_id: str
    revision: Number
    activity: str


class _Alert(msgspec.Struct):
    type: Literal["alert.v1"]
    tenantid: str
    chainseq: Number
    chainprev: Hash
    chainhash: Hash
    data: _Data


class _Kind(msgspec.Struct):
    type: str = ""
    tenantid: str | None = None


_ALERT = msgspec.json.Decoder(_Alert)
_KIND = msgspec.json.Decoder(_Kind)


def read_link(value: bytes | None) -> Link | Unlinked | None:
    """The place of a record of `alerts` in its chain; None for a signal, which has none.

    JSON that was written anew with other spaces or another order of keys counts as the same. Nothing is raised.
    """
    try:
        event = _ALERT.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _unlinked(value or b"", error)
    sound = _gives(value or b"", event.chainhash)
    data = event.data
    return Link(
        event.tenantid,
        event.chainseq,
        event.chainprev,
        event.chainhash,
        data.alert_id,
        data.revision,
        data.activity == "close",
        sound,
    )


def _unlinked(value: bytes, error: Exception) -> Unlinked | None:
    try:
        event = _KIND.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Unlinked("it is no event in JSON")
    if event.type == "signal.v1":
        return None
    if event.type != "alert.v1":
        return Unlinked("it is no alert", event.tenantid)
    return Unlinked(f"its place in the chain is missing or malformed ({error})", event.tenantid)


def _gives(value: bytes, hash: str) -> bool:
    """Whether the event without its `chainhash` has this hash."""
    if value.startswith(_HEAD) and hashlib.sha256(b"{" + value[_REST:]).hexdigest() == hash:
        return value[len(_HEAD) : _REST] == hash.encode() + b'",'
    try:
        event = json.loads(value, object_pairs_hook=_once)
        del event["chainhash"]
        return hashlib.sha256(canonical(event)).hexdigest() == hash
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: of two values readers would choose differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found
