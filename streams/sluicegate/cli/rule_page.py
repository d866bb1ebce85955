"""A rule as a page: everything that its module says, as plain values for a screen, a document or JSON."""

import inspect
import sys
from typing import Any

import msgspec

from sluicegate.rules.base import Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.events import TYPES

__all__ = ["Parameter", "RulePage", "pages"]


class Parameter(msgspec.Struct, frozen=True):
    """A number a policy may set. Bounds are inclusive, None where there is none."""

    name: str
    default: Any
    unit: str
    least: float | None
    most: float | None
    meaning: str

    @property
    def bounds(self) -> str:
        """
        >>> Parameter("n", 3, "days", 1, 400, "").bounds, Parameter("n", "5", "", None, None, "").bounds
        ('1 to 400', '')
        """
        return "" if self.least is None else f"{self.least:g} to {self.most:g}"


class RulePage(msgspec.Struct, frozen=True):
    """What `sluicegate rules show` tells about a rule. Scenarios are names of tests that must fire or stay silent."""

    slug: str
    letter: str
    family: str
    version: str
    title: str
    why: str
    looks_at: tuple[str, ...]
    false_positives: str
    next_step: str
    sources: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    fires: tuple[str, ...]
    silent: tuple[str, ...]


def pages() -> list[RulePage]:
    """Every rule, in the order in which they look at an event."""
    return [_page(rule) for rule in RULES.values()]


def _page(rule: Rule) -> RulePage:
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
        false_positives=marked.get("False positives", ""),
        next_step=marked.get("Next step", ""),
        sources=rule.sources,
        parameters=tuple(_parameters(rule)),
        fires=rule.fires,
        silent=rule.silent,
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


_MARKS = ("False positives", "Next step")


def _parameters(rule: Rule) -> list[Parameter]:
    schema = msgspec.json.schema(rule.params)["$defs"][rule.params.__name__]["properties"]
    types = {field.name: field.type for field in msgspec.inspect.type_info(rule.params).fields}  # type: ignore[attr-defined]
    parameters = []
    for field in msgspec.structs.fields(rule.params):
        shape = schema[field.name]
        bounded = shape.get("anyOf", [shape])[0]  # an optional one: the number or null
        bounds = bounded.get("minimum"), bounded.get("maximum")
        parameters.append(
            Parameter(field.name, field.default, _unit(types[field.name]), *bounds, shape.get("description", ""))
        )
    return parameters


def _unit(kind: Any) -> str:
    """The unit in the annotations of a type, however deep they are."""
    if isinstance(kind, msgspec.inspect.UnionType):
        return next(filter(None, map(_unit, kind.types)), "")
    if isinstance(kind, msgspec.inspect.Metadata):
        return str((kind.extra or {}).get("unit", "")) or _unit(kind.type)
    return ""
