"""What the commands about lists print: lines for people, or JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from sluicegate.errors import SnapshotDamagedError
from sluicegate.lists.files import source_named
from sluicegate.lists.notice import PARTIAL_ONLY, partial_only
from sluicegate.lists.publish import Update
from sluicegate.lists.refresh import Incoming, Refreshed
from sluicegate.lists.store import Store
from sluicegate.screening.lists.diff import ListDiff
from sluicegate.screening.lists.registry import SOURCES

__all__ = ["checked", "details", "differences", "overview", "published", "updated"]

_SHOWN = 5
"""Ids that are named one by one in a line."""


def updated(store: Store, name: str, found: Refreshed, as_json: bool) -> str:
    """What became of a list that was updated."""
    manifest = store.manifest(name, found.version)
    if as_json:
        about: dict[str, Any] = {"list": name, "status": found.status, "version": found.version, "before": found.before}
        about |= {"entries": manifest.entries, "names": manifest.names, "wallets": manifest.wallets}
        return json.dumps(about | {"faults": found.fault_count} | _counts(found.difference))
    if found.status == "unchanged":
        return f"{name}: unchanged, version {found.version}"
    was = f", was {found.before}" if found.before else ""
    text = f"{name}: version {found.version}{was}: {_holds(manifest.entries, manifest.names, manifest.wallets)}"
    if found.difference is not None:
        text += f"; {_summary(found.difference)}"
    if found.fault_count:
        text += f"; faults: {found.fault_count:,} (`sluicegate lists check {name}` names them)"
    return text


def published(name: str, sent: Update | None, as_json: bool) -> str:
    """What was sent of a list."""
    if as_json:
        about: dict[str, Any] = {"list": name, "published": None}
        if sent is not None:
            about["published"] = {"version": sent.version, "mode": sent.mode, "since": sent.since or None}
            about["published"] |= {"parts": len(sent.events), "added": sent.added, "removed": sent.removed}
        return json.dumps(about)
    if sent is None:
        return f"{name}: the topic has this version already"
    parts = f"{len(sent.events):,} part{'s' * (len(sent.events) != 1)}"
    if sent.mode == "snapshot":
        return f"{name}: sent whole, {sent.added:,} entries in {parts}"
    return (
        f"{name}: sent what changed since {sent.since}: {sent.added:,} to add, {sent.removed:,} to remove, in {parts}"
    )


def overview(store: Store, now: datetime, as_json: bool) -> Iterator[str]:
    """A line for each list that is held, then what is missing."""
    held = store.names()
    for name in held:
        about = _about(store, name, now)
        if as_json:
            yield json.dumps(about)
        elif "damaged" in about:
            yield f"{name:16} DAMAGED: {about['damaged']}"
        else:
            marks = ["partial"] * about["partial"] + [f"OLD: over {about['max_age_days']} days"] * about["old"]
            sent = about["published"]
            state = "not sent" if not sent else "sent" if about["sent"] else f"sent: {sent[-1]['version']}"
            yield (
                f"{name:16} {about['version']:20} checked {_ago(about['age_s']):>11}"
                f"  {_holds(about['entries'], about['names'], about['wallets'])}; {about['licence']}; "
                + "; ".join([state, *marks])
            )
    if as_json:
        return
    if absent := [
        name for name, source in SOURCES.items() if name not in held and name != "private" and not source.partial
    ]:
        yield f"not loaded: {', '.join(absent)}"
    if partial_only(held):
        yield PARTIAL_ONLY


def details(store: Store, name: str, now: datetime, as_json: bool) -> str:
    """All about one list."""
    about = _about(store, name, now)
    if as_json:
        return json.dumps(about)
    if "damaged" in about:
        raise SnapshotDamagedError(about["damaged"])
    source = source_named(name)
    rows = [
        ("list", f"{name}: {source.title}" + (" (partial)" if source.partial else "")),
        ("version", about["version"]),
        ("published", about["published_at"] or "the publisher gives no date"),
        ("fetched", about["fetched_at"]),
        ("checked", about["checked_at"] + f", {_ago(about['age_s'])}" + (" OLD" if about["old"] else "")),
        ("holds", f"{_holds(about['entries'], about['names'], about['wallets'])}, {about['ids']:,} identifiers"),
        ("faults", f"{about['faults']:,}"),
        ("sha256", about["sha256"]),
        ("licence", source.licence),
        ("publisher", source.homepage),
        *(("file", f"{file['name']}: {file['bytes']:,} bytes, {file['url']}") for file in about["files"]),
        *(
            ("sent", f"{one['version']} to {one['topic']} at {one['broker']}, tenant {one['tenant']}")
            for one in about["published"]
        ),
        ("kept", ", ".join(store.versions(name))),
    ]
    return "\n".join(f"{label:10}{text}" for label, text in rows if text)


def differences(before: str, after: str, found: ListDiff, as_json: bool) -> Iterator[str]:
    """One line a difference, after one that counts them."""
    if not as_json:
        yield f"{before} -> {after}: {_summary(found, shown=0)}"
    none: tuple[str, ...] = ()
    lines = [("+", "added", id, none) for id in found.added] + [("-", "removed", id, none) for id in found.removed]
    lines += [("~", "changed", change.entry_id, change.fields) for change in found.changed]
    for mark, what, entry_id, fields in lines:
        if as_json:
            yield json.dumps({"change": what, "entry_id": entry_id} | ({"fields": fields} if fields else {}))
        else:
            yield f"{mark} {entry_id}" + (f"  {', '.join(fields)}" if fields else "")


def checked(found: Incoming, as_json: bool) -> str:
    """What a list holds, and each of its faults."""
    loaded = found.loaded
    if as_json:
        about = {"list": loaded.source.name, "version": loaded.version, "entries": len(loaded.entries)}
        about |= {"names": loaded.names, "wallets": loaded.wallets, "ids": loaded.ids}
        return json.dumps(about | {"faults": msgspec.to_builtins(loaded.faults)})
    head = (
        f"{loaded.source.name}: {_holds(len(loaded.entries), loaded.names, loaded.wallets)}, {loaded.ids:,} identifiers"
    )
    faults = [f"  {fault.where}: {fault.field} {fault.reason}" for fault in loaded.faults]
    return "\n".join([f"{head}; faults: {len(faults):,}", *faults])


def _about(store: Store, name: str, now: datetime) -> dict[str, Any]:
    source = source_named(name)
    try:
        state = store.state(name)
        assert state is not None
        manifest, sent = store.manifest(name, state.version), store.published(name)
    except SnapshotDamagedError as error:
        return {"list": name, "damaged": str(error)}
    age = (now - datetime.fromisoformat(state.checked_at).astimezone(UTC)).total_seconds()
    return {
        "list": name,
        "title": source.title,
        "partial": source.partial,
        "version": state.version,
        "published_at": manifest.published_at,
        "fetched_at": manifest.fetched_at,
        "checked_at": state.checked_at,
        "age_s": round(age),
        "max_age_days": source.max_age_days,
        "old": age > source.max_age_days * 86_400,
        "entries": manifest.entries,
        "names": manifest.names,
        "wallets": manifest.wallets,
        "ids": manifest.ids,
        "faults": manifest.fault_count,
        "sha256": manifest.sha256,
        "licence": source.licence,
        "files": msgspec.to_builtins(manifest.files),
        "sent": any(one.version == state.version for one in sent),
        "published": msgspec.to_builtins(sent),
    }


def _counts(found: ListDiff | None) -> dict[str, int | None]:
    if found is None:
        return {"added": None, "removed": None, "changed": None}
    return {"added": len(found.added), "removed": len(found.removed), "changed": len(found.changed)}


def _summary(found: ListDiff, shown: int = _SHOWN) -> str:
    kinds = (found.added, "added"), (found.removed, "removed"), ([one.entry_id for one in found.changed], "changed")
    return ", ".join(f"{len(ids):,} {what}{_some(ids[:shown], len(ids))}" for ids, what in kinds)


def _some(ids: "tuple[str, ...] | list[str]", count: int) -> str:
    return f" ({', '.join(ids)}{', …' if count > len(ids) else ''})" if ids else ""


def _holds(entries: int, names: int, wallets: int) -> str:
    return f"{entries:,} entries, {names:,} names, {wallets:,} wallets"


def _ago(seconds: float) -> str:
    """How long ago, roughly.

    >>> _ago(30), _ago(3700), _ago(3 * 86400)
    ('just now', '1 h ago', '3 days ago')
    """
    if seconds < 120:
        return "just now"
    if seconds < 2 * 3600:
        return f"{seconds // 3600:.0f} h ago" if seconds >= 3600 else f"{seconds // 60:.0f} min ago"
    return f"{seconds // 3600:.0f} h ago" if seconds < 2 * 86_400 else f"{seconds // 86_400:.0f} days ago"
