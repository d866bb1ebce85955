"""An analyst's decisions on the alerts that the injected schemes should open, days after they opened."""

from __future__ import annotations

from functools import partial
from typing import Any

from sluicegate.generate.days import DAY, instant_text
from sluicegate.generate.drafts import DISPOSITION, Case, Draft
from sluicegate.generate.tenants import Tenant

PATIENCE = 20  # days for which the analyst waits for an alert that does not come
ALLOWED_FOR = 60 * DAY
_VERDICTS = {"confirmed": 0.55, "escalated": 0.15, "false_positive": 0.15, "benign": 0.15}


def plan(tenant: Tenant, case: Case, due: int) -> None:
    """Plan the decision on a case."""
    tenant.plan(due + DAY + int(2 * DAY * tenant.rng.random()), partial(_decide, tenant, case, PATIENCE))


def _decide(tenant: Tenant, case: Case, patience: int, due: int, at: int) -> Draft | None:
    if case.alert_id is None:
        if patience:
            tenant.plan(due + DAY, partial(_decide, tenant, case, patience - 1))
        return None
    verdict = tenant.rng.choices(tuple(_VERDICTS), tuple(_VERDICTS.values()))[0]
    data: dict[str, Any] = {
        "alert_id": case.alert_id,
        "verdict": verdict,
        "reason_code": "generated",
        "by": f"analyst-{1 + int(4 * tenant.rng.random())}",
        "at": instant_text(at),
    }
    if verdict == "false_positive":
        allow: dict[str, Any] = {
            "rule": case.rule,
            "pivot": {"kind": case.subject_kind, "value": case.subject_id},
            "expires": instant_text(at + ALLOWED_FOR),
        }
        if case.list_entry is not None:
            allow["list_entry"] = case.list_entry
        data["allow"] = allow
    return Draft(DISPOSITION, data)
