"""Secrets from files or the environment, read anew each time: one that is changed holds without a restart."""

from __future__ import annotations

import os
from pathlib import Path

from sluicegate.errors import SettingsError

__all__ = ["secret"]


def secret(file: str = "", variable: str = "") -> str:
    """The text of a file or an environment variable, without white space around it; empty where neither is named.

    Raises SettingsError where it is not there, or empty.
    """
    if not file and not variable:
        return ""
    if variable:
        text, place = os.environ.get(variable, ""), f"environment variable {variable}"
    else:
        try:
            text, place = Path(file).read_text("utf-8"), f"file {file}"
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"secret file {file}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    if not text.strip():
        raise SettingsError(f"a secret is missing: the {place} is empty")
    return text.strip()
