"""What came of the history: how far the models have learned, and what the rules would have said."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from sluicegate.detection.codec import decode
from sluicegate.detection.partition import Partition
from sluicegate.detection.policy import Policy
from sluicegate.detection.records import StreamModel
from sluicegate.rules.unusual_payment import learning
from sluicegate.signals.base import BOTH
from sluicegate.wire.events import PolicyUpdate

__all__ = ["Findings", "learned", "nothing_learned"]

RULE = "unusual-payment"


class _Reason(msgspec.Struct):
    rule: str


class _Data(msgspec.Struct):
    tenant_id: str
    mode: str
    notice: bool
    reasons: list[_Reason]


class _Signal(msgspec.Struct):
    data: _Data


_SIGNAL = msgspec.json.Decoder(_Signal)


class Findings:
    """Counts what rules in shadow found, by tenant and rule; notices of the models are none."""

    def __init__(self) -> None:
        self.rules: dict[str, Counter[str]] = {}

    def add(self, value: bytes) -> None:
        data = _SIGNAL.decode(value).data
        if data.mode == "shadow" and not data.notice:
            self.rules.setdefault(data.tenant_id, Counter()).update(reason.rule for reason in data.reasons)

    def text(self, tenant: str) -> str:
        """
        >>> Findings().text("acme")
        'No findings.'
        """
        counts = self.rules.get(tenant, Counter())
        if not counts:
            return "No findings."
        rules = ", ".join(f"{rule} {count:,}" for rule, count in sorted(counts.items(), key=lambda i: (-i[1], i[0])))
        return f"Findings, on signals only: {counts.total():,} ({rules})."


def nothing_learned(update: PolicyUpdate) -> str:
    """Why no model has moved.

    >>> nothing_learned(PolicyUpdate())
    'No payment was new: the models are as they were.'
    """
    setting = update.rules.get(RULE)
    if setting is not None and setting.mode == "off":
        return f"{RULE} is off in the policy: its models learn nothing."
    return "No payment was new: the models are as they were."


def learned(partition: Partition, policies: Mapping[str, PolicyUpdate]) -> Iterator[tuple[str, str]]:
    """(tenant, how far the model of a stream has learned) from the records of the state; of streams with payments."""
    for tenant, update in policies.items():
        policy = Policy(update, None)
        store = partition.stores.get(tenant)
        held = store.records.get(StreamModel.KIND, {}) if store is not None else {}
        for stream in BOTH:
            if stream in held:
                count = decode(StreamModel, held[stream]).count
                yield tenant, learning(stream, count, policy.param(RULE, "warm_up"))
