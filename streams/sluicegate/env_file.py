"""Files of variables, one NAME=VALUE a line, as `env_file` of compose and `--from-env-file` of kubectl read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["EnvFile", "parse", "read_env_file"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class EnvFile:
    """Variables of a file. `lines` are counted from 1."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    """Line, and what is wrong with it."""


def read_env_file(path: Path, environ: Mapping[str, str]) -> EnvFile:
    """Raises OSError, UnicodeDecodeError. See `parse`."""
    return parse(path.read_text("utf-8-sig"), environ)


def parse(text: str, environ: Mapping[str, str]) -> EnvFile:
    """Variables of a text. A name alone is taken from `environ`; `#` begins a comment line; `export` may stand before.

    Compose drops quotes around a value and what follows ` #`, kubectl keeps both: either is a fault, since the file
    would mean something else to the other.

    >>> parse("A=1\\n# no\\nB\\n", {"B": "2"}).values
    {'A': '1', 'B': '2'}
    >>> parse('A="1"\\nA=2\\nno name\\n', {}).faults
    [(1, 'A: kubectl keeps the quotes: leave them out'), (2, 'A: line 1 sets it too'), (3, 'not NAME=VALUE')]
    """
    found = EnvFile()
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, given, value = stripped.removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if _NAME.fullmatch(name) is None:
            found.faults.append((number, "not NAME=VALUE"))
            continue
        if name in found.lines:
            found.faults.append((number, f"{name}: line {found.lines[name]} sets it too"))
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            found.faults.append((number, f"{name}: kubectl keeps the quotes: leave them out"))
            value = value[1:-1]
        elif " #" in value:
            found.faults.append((number, f"{name}: kubectl keeps the comment: give it a line of its own"))
            value = value.partition(" #")[0].rstrip()
        found.lines[name] = number
        if given:
            found.values[name] = value
        elif name in environ:
            found.values[name] = environ[name]
    return found
