"""A tenant's paid vendors: found again by a similar name or e-mail domain, and what they were paid first.

Names are compared by Jaro-Winkler. A name's signature, 64 bits that say which characters it holds once and twice, shows
how many of them cannot be matched in another name; that bounds the similarity from above, so most vendors are passed
over without comparing letters, and none that is similar enough is missed. Cost: some ns a vendor.
"""

from __future__ import annotations

import math
from bisect import insort
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import JaroWinkler

from sluicegate.detection.records import VendorMark
from sluicegate.detection.vendor_records import DomainRecord, VendorSegment, VendorTally
from sluicegate.screening.fold import organisation_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from sluicegate.detection.records import PayeeRecord, PaymentRow
    from sluicegate.detection.state import State
    from sluicegate.detection.view import View
    from sluicegate.wire.events import Payment

SEGMENT = 512
MAX_DOMAIN = 64
"""Vendors kept of one e-mail domain: those that came last."""
MAX_FIRST = 512
"""First payments kept: the latest ones."""
PREFIX_BONUS = 0.4
"""The share of what is missing to 1 that a common prefix of four letters adds at most."""
ROUNDING = 1e-9
"""So that a similarity of exactly the least one counts, however its last bit came out."""
WITHHELD = frozenset(("redacted", "anonymised", "anonymized", "withheld", "undisclosed"))
BESIDE = frozenset(("personal", "private", "data", "details", "information", "name", "individual", "payee", "supplier"))
"""What stands in the place of a name that a source may not tell, with what stands beside it: all such payees would be
alike."""
ONCE = "abcdefghijklmnopqrstuvwxyz0123456789 "
TWICE = "abcdefghijklmnopqrstuvwxyz "


def clean_name(name: str | None) -> str:
    """The name as vendors are compared: tokens without the legal form, by one space; empty where it was withheld.

    >>> clean_name("The Northwind Tooling Co., Ltd"), clean_name("REDACTED PERSONAL DATA")
    ('northwind tooling', '')
    """
    tokens = organisation_tokens(name) if name else ()
    withheld = not WITHHELD.isdisjoint(tokens) and (WITHHELD | BESIDE).issuperset(tokens)
    return "" if withheld else " ".join(tokens)


def plain_domain(domain: str | None) -> str:
    """The form that look-alike e-mail domains share.

    >>> plain_domain("n0rth-vvind.com") == plain_domain("northwind.com")
    True
    """
    text = (domain or "").lower().replace("-", "").replace("0", "o").replace("1", "l")
    return text.replace("rn", "m").replace("vv", "w")


def note_vendor(state: State, id: str, record: PayeeRecord) -> None:
    """Keep the index in step with a paid vendor's name and e-mail domain."""
    profile = record.profile
    if profile.kind != "vendor":
        return
    if record.vendor is None:
        tally = _tally(state)
        record.vendor = VendorMark(tally.count)
        tally.count += 1
    mark, name, domain = record.vendor, clean_name(profile.name), (profile.email_domain or "").lower()
    _keep_name(state, mark.slot, id, name)
    if domain != mark.domain:
        _move_domain(state, id, mark.domain, domain)
        mark.domain = domain


def _tally(state: State) -> VendorTally:
    tally = state.edit(VendorTally, "")
    if tally is None:
        tally = VendorTally()
        state.put("", tally)
    return tally


def _keep_name(state: State, slot: int, id: str, name: str) -> None:
    number, place = str(slot // SEGMENT), slot % SEGMENT
    held = state.get(VendorSegment, number)
    if held is not None and place < len(held.names) and held.names[place] == name:
        return
    segment = VendorSegment() if held is None else held
    state.put(number, segment)
    segment.payees[place : place + 1], segment.names[place : place + 1] = [id], [name]
    segment.signatures = _replaced(segment.signatures, place, 8, signature(name))
    segment.lengths = _replaced(segment.lengths, place, 2, len(name))


def _replaced(packed: bytes, place: int, width: int, value: int) -> bytes:
    return packed[: place * width] + value.to_bytes(width, "little") + packed[(place + 1) * width :]


def _move_domain(state: State, id: str, before: str, now: str) -> None:
    if before:
        held = state.edit(DomainRecord, plain_domain(before))
        if held is not None:
            held.vendors = [one for one in held.vendors if one[0] != id]
    if now:
        held = state.edit(DomainRecord, plain_domain(now))
        if held is None:
            held = DomainRecord()
            state.put(plain_domain(now), held)
        held.vendors = [*held.vendors, (id, now)][-MAX_DOMAIN:]


def signature(name: str) -> int:
    """64 bits: which characters a cleaned name holds, and which of them at least twice."""
    once = sum(1 << bit for bit, char in enumerate(ONCE) if char in name)
    return once | sum(1 << bit for bit, char in enumerate(TWICE, len(ONCE)) if name.count(char) > 1)


def similar_names(view: View, name: str, least: float) -> Iterator[tuple[str, float]]:
    """(payee, Jaro-Winkler similarity 0 to 1) of the paid vendors whose cleaned names are that similar to `name`."""
    tally = view.state.get(VendorTally, "")
    if tally is None or not name:
        return
    least -= ROUNDING
    unmatched_share = 3 * (1 - (least - PREFIX_BONUS) / (1 - PREFIX_BONUS))
    mine, length = np.uint64(signature(name)), len(name)
    for number in range(-(-tally.count // SEGMENT)):
        segment = view.state.get(VendorSegment, str(number))
        if segment is None:
            continue
        theirs = np.frombuffer(segment.signatures, "<u8")
        lengths = np.maximum(np.frombuffer(segment.lengths, "<u2"), 1)
        unmatched = np.bitwise_count(mine & ~theirs) / length + np.bitwise_count(theirs & ~mine) / lengths
        for place in np.flatnonzero(unmatched <= unmatched_share).tolist():
            score = JaroWinkler.similarity(name, segment.names[place])  # its cutoff loses scores just above it
            if score >= least and segment.names[place]:
                yield segment.payees[place], score


def similar_domains(view: View, domain: str) -> Iterator[tuple[str, str]]:
    """(payee, stated domain) of the paid vendors whose e-mail domain looks like this one and is another."""
    held = view.state.get(DomainRecord, plain_domain(domain)) if domain else None
    for payee, stated in held.vendors if held is not None else ():
        if stated != domain.lower():
            yield payee, stated


def is_first(record: PayeeRecord, row: PaymentRow) -> bool:
    """Whether no payment to the payee is earlier."""
    return not record.blocks and all(held.time >= row.time or held.id == row.id for held in record.rows)


def note_first(view: View, data: Payment, row: PaymentRow) -> None:
    """Keep what a vendor, unless imported from an existing master file, was paid first."""
    record = view.known(data.payee.payee_id)
    if row.payroll or row.base is None or record.bootstrap or not is_first(record, row):
        return
    tally = _tally(view.state)
    insort(tally.first, (row.time, row.base))
    del tally.first[:-MAX_FIRST]


def first_amounts(view: View) -> list[str]:
    """What the tenant's vendors were paid first, in base currency, before the event's time."""
    tally = view.state.get(VendorTally, "")
    return [amount for time, amount in tally.first if time < view.time] if tally is not None else []


def percentile(amounts: list[Decimal], share: float) -> Decimal:
    """The percentile by nearest rank.

    >>> from decimal import Decimal
    >>> percentile([Decimal(n) for n in range(1, 21)], 0.95)
    Decimal('19')
    """
    return sorted(amounts)[math.ceil(share * len(amounts)) - 1]
