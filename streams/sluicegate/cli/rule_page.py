"""A rule as a page: everything that its module says, as plain values for a screen, a document or JSON."""

import inspect
import sys
from typing import Any

import msgspec

from sluicegate.policy_file.allowed import allowed
from sluicegate.rules.base import CLAUSES, Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.events import TYPES

__all__ = ["Parameter", "RulePage", "page", "pages"]


class Parameter(msgspec.Struct, frozen=True):
    """A value that a policy may set; `allowed` says what it takes. Bounds are inclusive, None where it is no number."""

    name: str
    default: Any
    unit: str
    least: float | None
    most: float | None
    meaning: str
    allowed: str = ""

    @property
    def standard(self) -> str:
        """The default in words.

        >>> Parameter("codes", ("KP", "IR"), "codes", None, None, "").standard
        'KP, IR'
        """
        if isinstance(self.default, tuple | list):
            return ", ".join(map(str, self.default))
        return "none" if self.default is None else str(self.default)

    @property
    def bounds(self) -> str:
        """
        >>> Parameter("n", 3, "days", 1, 400, "").bounds, Parameter("n", "5", "", None, None, "", "a decimal").bounds
        ('1 to 400', 'a decimal')
        """
        return self.allowed if self.least is None else f"{self.least:g} to {self.most:g}"


class RulePage(msgspec.Struct, frozen=True):
    """What `sluicegate rules show` tells about a rule. Scenarios are names of tests that must fire or stay silent.

    `clauses` says of which False Pretenses the rule shows signs.
    """

    slug: str
    letter: str
    family: str
    version: str
    title: str
    why: str
    looks_at: tuple[str, ...]
    evidence: str
    false_positives: str
    next_step: str
    sources: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    fires: tuple[str, ...]
    silent: tuple[str, ...]
    clauses: tuple[str, ...]


def pages() -> list[RulePage]:
    """Every rule, in the order in which they look at an event."""
    return [page(rule) for rule in RULES.values()]


def page(rule: Rule) -> RulePage:
    """One rule's page."""
    module = sys.modules[rule.params.__module__]
    title, *paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(module) or "").split("\n\n")]
    marked = {name: text for name, colon, text in (p.partition(": ") for p in paragraphs) if colon and name in _MARKS}
    return RulePage(
        slug=rule.slug,
        letter=rule.letter,
        family=rule.family,
        version=rule.version,
        title=title,
        why=" ".join(p for p in paragraphs if p.partition(": ")[0] not in _MARKS),
        looks_at=_looks_at(rule),
        evidence=marked.get("Evidence", ""),
        false_positives=marked.get("False positives", ""),
        next_step=marked.get("Next step", ""),
        sources=rule.sources,
        parameters=tuple(_parameters(rule)),
        fires=rule.fires,
        silent=rule.silent,
        clauses=tuple(CLAUSES[clause] for clause in rule.clauses),
    )


def _looks_at(rule: Rule) -> tuple[str, ...]:
    """Event types, and the moments at which time alone makes the rule look."""
    events = sorted({name for name, kind in TYPES.items() if kind.struct in rule.on})
    moments = {
        "a pay run when it closes": rule.at_close,
        "a payment some time later": rule.at_recheck,
        "a known payee after a list update": rule.at_rescreen,
    }
    return (*events, *(moment for moment, check in moments.items() if check is not None))


_MARKS = ("Evidence", "False positives", "Next step")


def _parameters(rule: Rule) -> list[Parameter]:
    schema = msgspec.json.schema(rule.params)["$defs"][rule.params.__name__]["properties"]
    types = {field.name: field.type for field in msgspec.inspect.type_info(rule.params).fields}  # type: ignore[attr-defined]
    parameters = []
    for field in msgspec.structs.fields(rule.params):
        shape = schema[field.name]
        bounded = shape.get("anyOf", [shape])[0]  # an optional one: the number or null
        bounds = bounded.get("minimum"), bounded.get("maximum")
        unit, meaning = _unit(types[field.name]), shape.get("description", "")
        words = allowed(rule.slug, field.name)
        parameters.append(Parameter(field.name, field.default, unit, *bounds, meaning, words))
    return parameters


def _unit(kind: Any) -> str:
    """The unit in the annotations of a type, however deep they are."""
    if isinstance(kind, msgspec.inspect.UnionType):
        return next(filter(None, map(_unit, kind.types)), "")
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra or {}).get("unit", "")) or _unit(kind.type)
    return ""
