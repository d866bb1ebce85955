"""What an alert's page says of its data: digits that matter, names covered, pairs side by side."""

from typing import Any

import pytest
from sqlalchemy import Engine

from sluicegate.console.people import Person
from sluicegate.console.store import activity, alerts, budget
from sluicegate.console.web.explained import Explained, explained, names_in
from sluicegate.console.web.masks import Mask
from sluicegate.replay import Replay
from sluicegate.wire.canonical import canonical
from tests.console import made


def shown(data: dict[str, Any], *, masked: bool = True) -> Explained:
    whole = {"title": "A title", "subject": {"kind": "payee", "id": "W1"}, "money": []} | data
    return explained(whole, Mask(names_in(whole) if masked else ()))


def reason(rule: str, observed: dict[str, Any], expected: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"rule": rule, "score": 45, "text": text, "observed": observed, "expected": expected}


RUN = reason(
    "run-shift",
    {"total": "94369.90", "unexplained_share": 0.1205, "name_check": None},
    {"total": "84224.798461538461538462", "unexplained_share_at_most": 0.1},
    "The run pays 94369.90; 84224.798461538461538462 was expected.",
)


def test_computed_numbers_have_the_digits_that_matter_and_bounds_stand_beside_what_they_bound() -> None:
    (told,) = shown({"reasons": [RUN], "money": [{"value": "94369.90", "currency": "USD", "count": 51}]}).reasons
    assert told.text == "The run pays 94369.90; 84224.80 was expected."
    assert [(row.name, row.observed, row.expected) for row in told.compared] == [
        ("total", "94,369.90", "84,224.80"),
        ("unexplained share", "12%", "at most 10%"),
    ]
    assert told.unknown == ("name check",)


def test_amounts_of_payments_keep_every_digit() -> None:
    money = [{"value": "0.123456789012345678", "currency": "ETH", "count": 1}]
    seen = {"amount": "0.123456789012345678", "sent": {"value": "0.123456789012345678", "currency": "ETH"}}
    (told,) = shown({"reasons": [reason("rapid-cashout", seen, {})], "money": money}).reasons
    assert [row.observed for row in told.compared] == ["0.123456789012345678", "0.123456789012345678 ETH"]
    assert shown({"reasons": [], "money": money}).money == (("0.123456789012345678", "ETH", 1),)


HIT = {
    "aligned": "chinyong = chinyong, tech = technology",
    "listed_name": "Chinyong Information Technology",
    "name": "Chinyong Tech",
    "entry_id": "e1",
    "list": "sdn",
    "list_version": "7",
    "verdict": "strong",
}


@pytest.mark.parametrize("masked", [True, False])
def test_the_words_of_the_payee_are_covered_in_the_text_as_in_the_table(masked: bool) -> None:
    text = f"Potential match on the name alone: {HIT['aligned']}."
    (told,) = shown({"reasons": [reason("sanctioned-name", HIT, {"listed": False}, text)]}, masked=masked).reasons
    assert told.hit is not None
    if masked:
        assert told.hit.tokens == (("c•••••••", "chinyong"), ("t•••", "technology"))
        assert told.text == "Potential match on the name alone: c••••••• = chinyong, t••• = technology."
    else:
        assert told.hit.tokens == (("chinyong", "chinyong"), ("tech", "technology"))
        assert told.text == text
    assert told.hit.listed == "Chinyong Information Technology"


def test_a_name_that_is_the_listed_one_is_public() -> None:
    same = HIT | {"name": "CHINYONG INFORMATION TECHNOLOGY"}
    data = {"reasons": [reason("sanctioned-name", same, {})], "subject": {"display": "Chinyong information technology"}}
    assert names_in(data) == set()


def test_budget_use_counts_payments_and_what_was_reported_of_them(engine: Engine) -> None:
    """Each figure against the events that it comes from."""
    events = [made.payment(number, payee=f"V{number}", invoice=f"INV-{number}") for number in range(1, 8)]
    events += [made.payment(number, tenant="other") for number in (1, 2)]
    found: list[bytes] = []
    replay = Replay(lambda output: found.append(output.value) if output.topic == "alerts" else None)
    replay.feed("events.jsonl", [canonical(event) for event in events])
    happenings = [activity.read(canonical(event), 0, at) for at, event in enumerate(events)]
    with engine.begin() as connection:
        activity.take(connection, [one for one in happenings if one is not None])
        assert len(found) == 1
        alerts.take(connection, [made.revision(found[0].replace(b"duplicate-invoice", b"unusual-payment"))], 1)
    with engine.connect() as connection:
        everybody, ann = Person(1, "root", "admin", ("*",)), Person(2, "ann", "viewer", ("other",))
        assert budget.use(connection, everybody, 0).by_tenant() == [("other", 2, 1), ("acme", 7, 0)]
        assert budget.use(connection, ann, 0).by_tenant() == [("other", 2, 1)]
        day = 1_781_161_200_000_000 // 86_400_000_000
        assert budget.use(connection, everybody, 0).by_day(day) == (9, 1)
        assert budget.use(connection, everybody, (day + 1) * 86_400_000_000).by_tenant() == []
