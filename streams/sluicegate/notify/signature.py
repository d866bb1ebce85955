"""Signatures of webhooks after the Standard Webhooks specification 1.0 (standardwebhooks.com), symmetric: `v1`."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable

from sluicegate.errors import SettingsError

__all__ = ["headers", "key"]

_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64


def key(secret: str) -> bytes:
    """The key within a secret `whsec_` + base64 of 24 to 64 bytes. Raises SettingsError, which does not repeat it.

    >>> key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").hex()[:8]
    '31f290f6'
    """
    try:
        found = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not secret.startswith(_PREFIX) or not _LEAST <= len(found) <= _MOST:
        raise SettingsError(
            f"a webhook secret is {_PREFIX} and {_LEAST} to {_MOST} random bytes in base64;"
            f' one is made by: echo "{_PREFIX}$(openssl rand -base64 32)"'
        )
    return found


def headers(id: str, timestamp: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The three headers of a message: its stable `id`, when it is sent (s since 1970), and a signature for each key.

    >>> headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}',
    ...         [key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{id}.{timestamp}.".encode() + body
    made = (base64.b64encode(hmac.digest(one, signed, "sha256")).decode() for one in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }
