"""The policies around a tenant's history: the present one with every rule in shadow, then the present one again."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from sluicegate.cli.output import FileError
from sluicegate.detection.policy import check_policy
from sluicegate.policies import TOPIC, history_of, policy_event
from sluicegate.policy_file.read import read
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.events import PolicyUpdate, RuleSetting

__all__ = ["Present", "from_files", "in_shadow", "on_topic", "present"]


class Present(NamedTuple):
    """A tenant's present policy, and where it was found, in words."""

    update: PolicyUpdate
    found: str

    def event(self, tenant: str) -> bytes:
        """An event that puts it in force, from its place in the log on. Each call makes a new one: an id that was seen
        before would change nothing."""
        return policy_event(tenant, self.update, time.time_ns() // 1000)[1]

    def shadow_event(self, tenant: str) -> bytes:
        """An event that puts it in force with every rule in shadow."""
        return policy_event(tenant, in_shadow(self.update), time.time_ns() // 1000)[1]


def in_shadow(update: PolicyUpdate) -> PolicyUpdate:
    """The policy with every rule in shadow, but for those that are off: they look at nothing, and learn nothing.

    >>> shadowed = in_shadow(PolicyUpdate(rules={"pay-spike": RuleSetting(mode="off")}))
    >>> shadowed.rules["pay-spike"].mode, shadowed.rules["unusual-payment"].mode
    ('off', 'shadow')
    """
    held = {slug: update.rules.get(slug, RuleSetting()) for slug in RULES}
    modes = {
        slug: setting if setting.mode == "off" else msgspec.structs.replace(setting, mode="shadow")
        for slug, setting in held.items()
    }
    return msgspec.structs.replace(update, rules={**update.rules, **modes})


def present(tenants: Sequence[str], files: Mapping[str, Present], records: Iterable[Any]) -> dict[str, Present]:
    """Each tenant's policy: that of a file, else the last on the topic (`records`, of Kafka), else the default."""
    held = list(records)
    return {tenant: files.get(tenant) or on_topic(held, tenant) for tenant in tenants}


def on_topic(records: Iterable[Any], tenant: str) -> Present:
    last = history_of(records, tenant).in_force
    if last is None:
        return Present(PolicyUpdate(), f"the default policy, for there is none on {TOPIC}")
    return Present(last.update, f"policy {last.event_id} on {TOPIC}")


def from_files(paths: Sequence[Path], tenants: Sequence[str]) -> dict[str, Present]:
    """Policies by tenant: files as of `sluicegate policy`, or a `policy.update.v1` event as JSON.

    Raises FileError, ClickException for a file that is neither, or whose tenant has no events.
    """
    out: dict[str, Present] = {}
    for path in paths:
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise FileError("read", path, error) from None
        tenant, update = _event(path, text) if text.lstrip().startswith("{") else _file(path, text)
        if tenant not in tenants:
            raise click.UsageError(f"--policy {path} is for {tenant}, of which there is no event")
        if tenant in out:
            raise click.UsageError(f"--policy {path}: there are two for {tenant}")
        out[tenant] = Present(update, f"the policy in {path}")
    return out


def _file(path: Path, text: str) -> tuple[str, PolicyUpdate]:
    found = read(text, datetime.now(UTC).date())
    if isinstance(found, list):
        first = found[0]
        raise click.ClickException(f"{path}:{first.line}: {first.path} {first.message}")
    return found.tenant, found.update


def _event(path: Path, text: str) -> tuple[str, PolicyUpdate]:
    try:  # the event may stand on several lines
        value = json.dumps(json.loads(text)).encode()
    except ValueError as error:
        raise click.ClickException(f"{path}: no JSON: {error}") from None
    event = decode(value)
    fault = event if isinstance(event, Reject) else None
    if not isinstance(event, Reject):
        if not isinstance(event.data, PolicyUpdate):
            raise click.ClickException(f"{path}: a {event.type}, where a policy.update.v1 is needed")
        fault = check_policy(event.data)
        if fault is None:
            return event.tenant, event.data
    assert fault is not None
    raise click.ClickException(f"{path}: {fault.reason} {fault.path} {fault.message}")
