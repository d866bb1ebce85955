"""A new vendor's name or e-mail domain looks like that of a vendor who is paid already, with another account.

Looked at when the vendor is created and at its first payment.

Evidence: what resembles (name or domain) and how much, the known vendor, whether the new one was paid already.

False positives: branches and sister companies (silent with the same tax id, LEI or group); unrelated firms of one trade
with similar names; names that a source withholds ("redacted": they are not compared).

Next step: call the known vendor, on the number held before.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, PayeeRecord, Profile
from sluicegate.detection.vendor_records import DomainRecord, VendorSegment, VendorTally
from sluicegate.detection.vendors import clean_name, is_first, similar_domains, similar_names
from sluicegate.detection.view import View, settled
from sluicegate.rules.base import HIGH, MEDIUM, Days, Entity, Finding, Result, Rule, RuleParams, Share
from sluicegate.wire.events import PayeeChange, Payment

MOST_LOOKED_AT, MOST_FINDINGS = 50, 5
"""Similar vendors that are looked at, the most similar ones first, and told about."""


class Params(RuleParams, frozen=True):
    similarity: Annotated[Share, Meta(description="Jaro-Winkler similarity from which names look alike")] = 0.92
    active_days: Annotated[Days, Meta(description="days since a settled payment that make a vendor a known one")] = 400


def check_payment(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    id = data.payee.payee_id
    if is_first(view.known(id), row):
        yield from _findings(view, params, id, set(row.fps), ((id, row.id),))


def check_change(view: View, params: Params) -> Iterator[Result]:
    data: PayeeChange = view.data
    if data.change == "created":
        fps = {data.new_account.fp} if data.new_account is not None else set()
        yield from _findings(view, params, data.payee.payee_id, fps, ())


def _findings(
    view: View, params: Params, id: str, fps: set[str], payments: tuple[tuple[str, str], ...]
) -> Iterator[Finding]:
    profile = view.known(id).profile
    if profile.kind != "vendor":
        return
    alike = {payee: 1.0 for payee, _ in similar_domains(view, profile.email_domain or "")}
    domains = set(alike)
    for payee, score in similar_names(view, clean_name(profile.name), params.similarity):
        alike[payee] = max(score, alike.get(payee, 0.0))
    alike.pop(id, None)
    told = 0
    for payee in sorted(alike, key=lambda p: (-alike[p], p))[:MOST_LOOKED_AT]:
        other = view.known(payee)
        if (
            other.profile.kind == "vendor"
            and not _same_party(profile, other.profile)
            and not fps & {use.fp for use in other.accounts}
            and _active(view, params, payee)
        ):
            yield _finding(params, id, profile, payee, other, alike[payee], payee in domains, payments)
            told += 1
            if told >= MOST_FINDINGS:
                return


def _same_party(one: Profile, other: Profile) -> bool:
    pairs = (
        (one.tax_id_hash, other.tax_id_hash),
        (one.lei, other.lei),
        (one.group_id, other.group_id),
    )
    return any(mine and mine == theirs for mine, theirs in pairs)


def _active(view: View, params: Params, payee: str) -> bool:
    since = view.time - params.active_days * DAY
    return any(since < r.time < view.time and settled(r, view.time) for r in view.rows(payee, since))


def _finding(
    params: Params,
    id: str,
    profile: Profile,
    payee: str,
    other: PayeeRecord,
    similarity: float,
    by_domain: bool,
    payments: tuple[tuple[str, str], ...],
) -> Finding:
    what = "e-mail domain" if by_domain else "name"
    return Finding(
        score=HIGH if payments else MEDIUM,
        subject=("payee", id),
        title=f"A new vendor's {what} looks like that of a known vendor",
        text=f"The {what} resembles that of a vendor already paid"
        + ("." if by_domain else f" (similarity {similarity:.2f}).")
        + " Account and tax id are not the same.",
        observed={
            "similar": what,
            "similarity": None if by_domain else round(similarity, 4),
            "paid": bool(payments),
        },
        expected={"similarity_below": params.similarity, "or": "the same tax id, LEI, group or account"},
        counterfactual="The same tax id, LEI or group as the known vendor's would have kept it silent.",
        action="hold" if payments else "verify_callback",
        cause=f"{id}\n{payee}",
        payments=payments,
        entities=(Entity("payee", payee, "known_vendor", other.profile.name, other.profile.country),),
        display=profile.name,
    )


RULE = Rule(
    slug="lookalike-vendor",
    letter="B5",
    family="payables",
    params=Params,
    on={Payment: check_payment, PayeeChange: check_change},
    reads=(PayeeRecord, BlockRecord, VendorSegment, VendorTally, DomainRecord),
    sources=("FinCEN FIN-2016-A003", "Nacha False Pretenses"),
    clauses=("identity",),
    fires=("similar-name-at-creation", "similar-name-at-first-payment", "similar-domain"),
    silent=("name-less-similar", "same-tax-id", "known-vendor-not-paid-for-400-days", "branch-of-one-group"),
    about_amount=True,
    pays="vendor",
)
