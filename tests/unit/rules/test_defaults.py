"""What the parameters of each rule are where no policy sets them, beside a file to read.

A change that is meant: `python -m tests.unit.rules.test_defaults` writes the file anew; read the difference.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import yaml

from sluicegate.rules.registry import RULES

DEFAULTS = Path(__file__).parent / "defaults.yaml"


def defaults(slug: str) -> dict[str, object]:
    """Parameter -> default, as a policy would say it."""
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(RULES[slug].params(), order="deterministic"))
    return found


@pytest.mark.parametrize("slug", list(RULES))
def test_defaults_are_as_in_the_file(slug: str) -> None:
    assert defaults(slug) == yaml.safe_load(DEFAULTS.read_text())[slug]


if __name__ == "__main__":
    DEFAULTS.write_text(yaml.safe_dump({slug: defaults(slug) for slug in RULES}, sort_keys=False, width=118))
