"""Keyed fingerprints: accounts, people and tax ids leave as HMAC-SHA256 under the tenant's secret, never as they are.

The same number gives the same fingerprint within a tenant, whichever connector read it, so that a file, a call and a
producer of the tenant's own agree; without the secret nobody can try numbers out.
"""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from sluicegate.errors import SettingsError

__all__ = ["LEAST_BYTES", "SECRETS", "TenantKeys", "read_secret"]

SECRETS = "SLUICEGATE_TENANT_SECRETS"
LEAST_BYTES = 16
_LENGTH = 24
_SPACE = re.compile(r"[\s\-]+")
MEMORY = 1 << 16
"""Fingerprints that are remembered: payees recur from run to run."""


class TenantKeys:
    """Makes fingerprints with one tenant's secret.

    >>> keys = TenantKeys(b"0123456789abcdef")
    >>> keys.account("iban", "DE", "", "DE89 3704 0044 0532 0130 00")
    'fp_096cdcd0f176c0932918d195'
    >>> keys.account("iban", "de", "", "de89-37040044-0532013000")
    'fp_096cdcd0f176c0932918d195'
    """

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError when the secret is shorter than 16 bytes."""
        if len(secret) < LEAST_BYTES:
            raise ValueError(f"a tenant's secret has at least {LEAST_BYTES} bytes")
        self._keyed = hmac.new(secret, digestmod="sha256")
        self._made = lru_cache(MEMORY)(self._make)

    def account(self, scheme: str, country: str, bank_id: str, number: str) -> str:
        """Of a bank account; of an IBAN, whose bank and country are in its number, `bank_id` is empty."""
        return self._made("fp", "\n".join((scheme, country.upper(), _bare(bank_id), _bare(number))))

    def payee(self, text: str) -> str:
        """Of what names a payee where the file has no id of it."""
        return self._made("py", text)

    def digest(self, *parts: bytes) -> str:
        """64 hexadecimal digits; keyed, since who has a plain hash of a short record can try out the numbers in it."""
        keyed = self._keyed.copy()
        keyed.update(b"\0".join(parts))
        return keyed.hexdigest()

    def running(self) -> hmac.HMAC:
        """A keyed digest to be fed piece by piece."""
        return self._keyed.copy()

    def tax_id(self, number: str) -> str:
        """Of a tax or social security number."""
        return self._made("tx", _bare(number))

    def _make(self, prefix: str, text: str) -> str:
        keyed = self._keyed.copy()
        keyed.update(f"{prefix}\n{text}".encode())
        return f"{prefix}_{keyed.hexdigest()[:_LENGTH]}"


def _bare(number: str) -> str:
    return _SPACE.sub("", number).upper()


def read_secret(tenant: str, path: Path | None, environ: Mapping[str, str] = os.environ) -> TenantKeys:
    """Keys of a tenant: from the file named, or from its file in the folder SLUICEGATE_TENANT_SECRETS.

    White space around the secret is no part of it. Raises SettingsError.
    """
    folder = environ.get(SECRETS, "")
    if path is None:
        if not folder:
            raise SettingsError(
                f"the secret of tenant {tenant} is needed: account numbers leave as fingerprints keyed with it. Make "
                f"one with `openssl rand -hex 32 > FILE && chmod 600 FILE`, keep it, and name it by --secret-file, or "
                f"put it as {tenant} into the folder {SECRETS}"
            )
        path = Path(folder) / tenant
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"the secret of tenant {tenant} cannot be read from {path}: {error.strerror}. "
            f"`openssl rand -hex 32 > {path} && chmod 600 {path}` makes one"
        ) from None
    try:
        return TenantKeys(secret)
    except ValueError as error:
        raise SettingsError(f"{path}: {error}; `openssl rand -hex 32 > {path}` makes a good one") from None
