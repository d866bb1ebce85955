"""B9: who created a vendor, or changed its account, approves a payment to it."""

from tests.scenarios.build import DAY, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "tenants with fewer than three users": "tenant-of-two-users",
}

K = {"user_id": "k"}
APPROVED = {"approved_by": ["m", "k"]}


@fires(45)
def creator_approves(t: Tale) -> None:
    t.created("V1", "V1", actor=K)
    t.pay("V1", at=DAY, approval=APPROVED)


@silent()
def another_user_approves(t: Tale) -> None:
    t.created("V1", "V1", actor=K)
    t.pay("V1", at=DAY, approval={"approved_by": ["m"], "created_by": "k", "requested_by": "k"})


@fires(45)
def creator_approves_at_the_end_of_30_days(t: Tale) -> None:
    t.created("V1", "V1", actor=K)
    t.pay("V1", at=30 * DAY, approval=APPROVED)


@silent()
def creator_approves_after_30_days(t: Tale) -> None:
    t.created("V1", "V1", actor=K)
    t.pay("V1", at=30 * DAY + 1, approval=APPROVED)


@fires(45)
def changer_approves(t: Tale) -> None:
    t.change("V1", "new", at=60 * DAY, actor=K)
    t.pay("V1", "new", at=90 * DAY, approval=APPROVED)


@silent()
def changer_approves_after_30_days(t: Tale) -> None:
    t.change("V1", "new", at=60 * DAY, actor=K)
    t.pay("V1", "new", at=90 * DAY + 1, approval=APPROVED)


@silent()
def another_user_changed_the_account_since(t: Tale) -> None:
    t.change("V1", "new", actor=K)
    t.change("V1", "newer", at=DAY, actor={"user_id": "m"})
    t.pay("V1", "newer", at=2 * DAY, approval={"approved_by": ["k"]})


@silent()
def importer_approves(t: Tale) -> None:
    t.created("V1", "V1", actor=K, bootstrap=True)
    t.pay("V1", at=DAY, approval=APPROVED)


@silent()
def creator_unknown(t: Tale) -> None:
    t.created("V1", "V1")
    t.pay("V1", at=DAY, approval=APPROVED)


@silent()
def employee_created_by_the_approver(t: Tale) -> None:
    t.created("E1", "E1", actor=K)
    t.pay("E1", at=DAY, approval=APPROVED)


@silent()
def tenant_of_two_users(t: Tale) -> None:
    t.policy(rules={"self-approval": {"mode": "off"}})
    t.created("V1", "V1", actor=K)
    t.pay("V1", at=DAY, approval=APPROVED)
