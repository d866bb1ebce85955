"""An alert's `data` as its page shows it: why first, each reason observed against expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sluicegate.cli.rule_page import page as rule_page
from sluicegate.console.web.masks import Mask
from sluicegate.console.web.values import Compared, compared, rounded, said
from sluicegate.console.web.words import plain_words
from sluicegate.rules.registry import RULES

__all__ = ["Explained", "Reason", "Share", "explained", "names_in"]

_SHOWN_APART = frozenset({"shares", "points", "aligned", "corroborators"})
_COMPUTED = frozenset({"reasons", "counterfactual"})
_MOST_DECIMALS = 4
"""Of an amount in any currency; payments in crypto units can have more."""
_LISTED = frozenset({"listed_name", "entry_id", "list", "list_version", "verdict", "quality", "field"})


class Share(msgspec.Struct, frozen=True):
    """A part of a whole, for a bar: 0 to 100."""

    name: str
    percent: float
    label: str


class Hit(msgspec.Struct, frozen=True):
    """A list entry that a name or identifier agrees with."""

    listed: str
    list: str
    version: str
    entry: str
    verdict: str
    tokens: tuple[tuple[str, str], ...]
    """(of the payee, of the entry), in order; the second may be empty."""
    confirms: tuple[str, ...]


class Reason(msgspec.Struct, frozen=True):
    """Why a rule spoke."""

    rule: str
    title: str
    score: float
    text: str
    compared: tuple[Compared, ...]
    unknown: tuple[str, ...]
    """What the rule would have looked at, had it been sent."""
    shares: tuple[Share, ...]
    points: tuple[Share, ...]
    hit: Hit | None
    sources: tuple[str, ...]
    next_step: str
    events: tuple[str, ...]
    version: str


class Entity(msgspec.Struct, frozen=True):
    """Somebody or something that takes part. Texts are empty where nothing is known."""

    kind: str
    id: str
    role: str
    label: str
    country: str
    last4: str


class Explained(msgspec.Struct, frozen=True):
    """All of an alert that its page shows and that does not come from elsewhere."""

    title: str
    subject: str
    display: str
    reasons: tuple[Reason, ...]
    counterfactual: str
    money: tuple[tuple[str, str, int], ...]
    entities: tuple[Entity, ...]
    payments: tuple[str, ...]
    action: str
    not_evaluable: tuple[str, ...]
    versions: tuple[tuple[str, str], ...]
    retroactive: bool
    close_reason: str | None
    deadline: str | None
    partial: bool


def names_in(data: Mapping[str, Any]) -> set[str]:
    """Names of people and firms in an alert, which are covered until they are asked for.

    Listed parties are public, and so is a name that is one of theirs letter by letter: covered, it would stand beside
    itself.
    """
    names = {str(data["subject"].get("display") or "")}
    names |= {str(e.get("label") or "") for e in data.get("entities", ()) if e.get("kind") in ("payee", "user")}
    for reason in data.get("reasons", ()):
        seen = reason.get("observed", {})
        names |= {str(seen[key]) for key in ("name", "holder_name", "legal_name", "other_name") if seen.get(key)}
    listed = {str(reason.get("observed", {}).get("listed_name", "")).casefold() for reason in data.get("reasons", ())}
    return {name for name in names if name and name.casefold() not in listed}


def explained(data: Mapping[str, Any], mask: Mask) -> Explained:
    """The alert in the order in which an analyst asks."""
    if all(len(one["value"].partition(".")[2]) <= _MOST_DECIMALS for one in data.get("money", ())):
        data = {name: rounded(value) if name in _COMPUTED else value for name, value in data.items()}
    versions = data.get("versions", {})
    held = [("rules", str(versions.get("ruleset", ""))), ("policy", str(versions.get("policy") or "default"))]
    held += [(f"model {name}", str(version)) for name, version in sorted(versions.get("models", {}).items())]
    held += [(f"list {name}", str(version)) for name, version in sorted(versions.get("lists", {}).items())]
    return Explained(
        title=mask.text(data["title"]),
        subject=f"{data['subject']['kind']} {data['subject']['id']}",
        display=mask.name(data["subject"].get("display") or ""),
        reasons=tuple(_reason(reason, mask) for reason in data["reasons"]),
        counterfactual=mask.text(data.get("counterfactual", "")),
        money=tuple((one["value"], one["currency"], one["count"]) for one in data.get("money", ())),
        entities=tuple(_entity(entity, mask) for entity in data.get("entities", ())),
        payments=tuple(data.get("payment_ids", ())),
        action=plain_words(data.get("recommended_action", "none")),
        not_evaluable=tuple(_unjudged(one) for one in data.get("not_evaluable", ())),
        versions=tuple(held),
        retroactive=bool(data.get("retroactive")),
        close_reason=data.get("close_reason"),
        deadline=data.get("report_hints", {}).get("deadline"),
        partial=any(name == "starter" for name in versions.get("lists", {})),
    )


def _unjudged(text: str) -> str:
    """
    >>> _unjudged("off-cycle: approval.approved_at")
    'off cycle (approval approved at)'
    """
    rule, _, why = text.partition(": ")
    return f"{plain_words(rule)} ({plain_words(why.replace('.', ' '))})" if why else plain_words(rule)


def _entity(entity: Mapping[str, Any], mask: Mask) -> Entity:
    label, role = entity.get("label") or "", entity.get("role") or ""
    return Entity(
        kind=plain_words(entity["kind"]),
        id=entity["id"],
        role=role if entity["kind"] == "list_entry" else plain_words(role),
        label=mask.name(label) if entity["kind"] in ("payee", "user") else label,
        country=entity.get("country") or "",
        last4=f"…{entity['last4']}" if entity.get("last4") else "",
    )


def _reason(reason: Mapping[str, Any], mask: Mask) -> Reason:
    slug = reason["rule"]
    page = rule_page(RULES[slug]) if slug in RULES else None
    seen, usual = reason.get("observed", {}), reason.get("expected", {})
    shares = seen.get("shares") if isinstance(seen.get("shares"), dict) else {}
    points = seen.get("points") if isinstance(seen.get("points"), dict) else {}
    shown = {name: value for name, value in seen.items() if not _apart(name, seen)}
    aligned = str(seen.get("aligned") or "")
    text = reason["text"].replace(aligned, _covered(aligned, mask)) if aligned else reason["text"]
    return Reason(
        rule=slug,
        title=page.title if page is not None else plain_words(slug),
        score=reason["score"],
        text=mask.text(text),
        compared=tuple(compared(mask.value(shown), usual)),
        unknown=tuple(plain_words(name) for name, value in shown.items() if value is None and name not in usual),
        shares=tuple(Share(plain_words(name), 100 * part, f"{part:.0%}") for name, part in _by_size(shares)),
        points=tuple(Share(plain_words(name), abs(part), f"{part:+g}") for name, part in _by_size(points)),
        hit=_hit(seen, mask),
        sources=tuple(reason.get("sources", ())),
        next_step=page.next_step if page is not None else "",
        events=tuple(reason.get("event_ids", ())),
        version=reason.get("version", ""),
    )


def _apart(name: str, seen: Mapping[str, Any]) -> bool:
    """Whether a part of the page of its own shows it."""
    return name in _SHOWN_APART or (name in _LISTED and "list" in seen)


def _covered(aligned: str, mask: Mask) -> str:
    """The aligned words with those of the payee covered."""
    return ", ".join(f"{own} = {listed}" if listed else own for own, listed in _tokens(aligned, mask))


def _tokens(aligned: str, mask: Mask) -> tuple[tuple[str, str], ...]:
    pairs = [pair.partition(" = ") for pair in aligned.split(", ") if pair]
    return tuple((mask.name(own), listed) for own, _, listed in pairs)


def _by_size(points: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(points.items(), key=lambda item: (-abs(item[1]), item[0]))


def _hit(seen: Mapping[str, Any], mask: Mask) -> Hit | None:
    if "list" not in seen or "entry_id" not in seen:
        return None
    return Hit(
        listed=str(seen.get("listed_name") or ""),
        list=str(seen["list"]),
        version=str(seen.get("list_version") or ""),
        entry=str(seen["entry_id"]),
        verdict=str(seen.get("verdict") or "exact"),
        tokens=_tokens(str(seen.get("aligned") or ""), mask),
        confirms=tuple(said(one) for one in seen.get("corroborators") or ()),
    )
