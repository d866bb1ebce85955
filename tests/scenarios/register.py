"""Which scenarios there are: every module of this package, a module a rule, a decorated function a scenario."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.scenarios.build import Tale

Tell = Callable[[Tale], None]


class Scenario(NamedTuple):
    """A tale and what the rule must say to it: `score` in an alert, or None; `noted` in a signal, or None."""

    rule: str
    name: str
    tell: Tell
    score: float | None
    noted: float | None

    @property
    def fires(self) -> bool:
        return self.score is not None


SCENARIOS: dict[tuple[str, str], Scenario] = {}
"""(slug, name) -> scenario."""


def fires(score: float) -> Callable[[Tell], Tell]:
    """The rule raises an alert, with this highest score."""
    return lambda tell: _register(tell, score, None)


def silent(*, noted: float | None = None) -> Callable[[Tell], Tell]:
    """The rule raises no alert; it may note a signal, with this highest score."""
    return lambda tell: _register(tell, None, noted)


def _register(tell: Tell, score: float | None, noted: float | None) -> Tell:
    rule = tell.__module__.rpartition(".")[2].replace("_", "-")
    name = tell.__name__.replace("_", "-")
    SCENARIOS[rule, name] = Scenario(rule, name, tell, score, noted)
    return tell


def scenarios() -> list[Scenario]:
    """Every scenario there is, in order of rule and name."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem not in ("build", "register"):
            import_module(f"tests.scenarios.{file.stem}")
    return [SCENARIOS[key] for key in sorted(SCENARIOS)]


def false_positives(slug: str) -> dict[str, str]:
    """Words of a rule's false positives -> the scenario that shows what the rule makes of them."""
    told: dict[str, str] = import_module(f"tests.scenarios.{slug.replace('-', '_')}").FALSE_POSITIVES
    return told
