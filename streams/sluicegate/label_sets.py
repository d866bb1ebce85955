"""The values that labels of a worker's metrics take: closed sets, so that the number of series is known beforehand.

Most come from the contract or are discovered (rules, lists). No value is ever taken from a record.
"""

from typing import Final, get_args

import msgspec

from sluicegate.detection.log import Counts, Outcome
from sluicegate.detection.payslips import DEDUCTIONS, SOME
from sluicegate.rules.base import LEVELS
from sluicegate.rules.registry import RULES as RULE_FILES
from sluicegate.screening.lists.registry import SOURCES as LIST_FILES
from sluicegate.signals.registry import ON
from sluicegate.topics import COUNTS, INTAKE, SIGHTINGS, SOURCES
from sluicegate.wire.alerts import AlertData
from sluicegate.wire.decode import ReasonCode
from sluicegate.wire.events import Disposition

Values = tuple[str, ...]


def _allowed(block: type[msgspec.Struct], name: str) -> Values:
    """What the contract lets a field say."""
    return get_args(next(field.type for field in msgspec.structs.fields(block) if field.name == name))


PARTITIONS: Final[Values] = ()
"""The numbers of partitions: as many as the deployment's log has, which is fixed when it is made."""

AGENTS: Final[Values] = ("detect", "shared")
STEPS: Final[Values] = ("place", "append", "work", "write", "commit")
RESULTS: Final[Values] = ("committed", "fenced", "failed")

INTERNAL: Final = "internal"
"""Of records of the log that no source topic brought, such as ticks."""
OTHER: Final = "other"
BROUGHT_BY: Final[Values] = (*INTAKE, SIGHTINGS, INTERNAL, OTHER)
ASIDE: Final = frozenset({"policies", "sanctions", "dispositions", COUNTS, SIGHTINGS})
"""Sources of records that are no events to be scored: they change how events are seen, or answer them."""
EVENTS: Final = frozenset(SOURCES) - ASIDE | {INTERNAL, OTHER}
"""Sources of events that are to be scored in time. Ticks are among the internal records, and told by their outcome."""
OUTCOMES: Final[Values] = tuple(outcome.value for outcome in Outcome)
COUNTED: Final[Values] = Counts.__struct_fields__

RULES: Final[Values] = tuple(RULE_FILES)
FOUND: Final[Values] = (*(name for _, name in LEVELS), "shadow", "suppressed", "withdrawn")
FIELDS: Final[Values] = (
    "account.bank_id",
    "account_fp",
    "actor",
    "actor.device_known",
    "amount.currency",
    "amount_base",
    "approval.approved_at",
    "code",
    "created",
    "expected_workers",
    "payee.country",
    "payee.name",
    "payee.start_date",
    "policy.pay_days",
    "policy.roster",
    *(f"purpose.{deduction}" for deduction in DEDUCTIONS[:SOME]),
    "schedule.pay_date",
    "schedule.pay_group",
    "schedule.period_end",
    "schedule.period_start",
    "share_of_pay",
    "warm_up",
    "internal_error",
)
"""What tests of rules may lack."""
CAUSES: Final[Values] = ("fired", "failed")
REASONS: Final[Values] = get_args(ReasonCode)

SEVERITIES: Final = _allowed(AlertData, "severity")
FAMILIES: Final = _allowed(AlertData, "family")
ACTIVITIES: Final = _allowed(AlertData, "activity")
DECISIONS: Final = _allowed(Disposition, "verdict")
STREAMS: Final[Values] = tuple(ON)
STAGES: Final[Values] = ("warming", "scored")

LISTS: Final[Values] = tuple(LIST_FILES)
"""Tenants' own lists go by `private`, whatever a feed calls them."""
SWITCHES: Final[Values] = ("switched", "dropped")
