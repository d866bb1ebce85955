"""Edges of the rules about vendors: which payments count, and which finding comes first where there are several."""

from __future__ import annotations

import pytest

from tests.scenarios.build import DAY, HOUR, Json, Tale, account, payee

# dormant vendors


@pytest.mark.parametrize("days", [(0, 10, 375, 385, 750), (0, 365, 375, 740)])
def test_vendor_paid_more_than_once_a_season_is_seasonal(days: tuple[int, ...]) -> None:
    t = Tale()
    for day in days[:-1]:
        t.pay("V1", at=day * DAY, invoice=f"{day}-1-{day}")
    t.pay("V1", amount="5000.00", at=days[-1] * DAY)
    assert t.play().score("dormant-vendor") is None


def test_vendor_that_paused_a_year_for_the_first_time_is_dormant() -> None:
    t = Tale()
    for at in (0, 10 * DAY, 20 * DAY):
        t.pay("V1", at=at, invoice=f"{at}-1-{at}")
    t.pay("V1", amount="5000.00", at=385 * DAY)
    assert t.play().score("dormant-vendor") == 45


# duplicate invoices


def twice(credited: int, paid_again: int = 2 * DAY) -> Tale:
    """Invoice 417, a credit note for it after so long, and the invoice again."""
    t = Tale()
    t.pay("V1", invoice="417")
    t.pay("V1", amount="5.00", at=credited, invoice={"number": "C1", "credit_note_of": "417"})
    t.pay("V1", at=paid_again, invoice="417")
    return t


@pytest.mark.parametrize(("credited", "score"), [(0, None), (DAY, None), (2 * DAY + 1, 65)])
def test_credit_note_counts_from_the_first_payment_to_the_second(credited: int, score: int | None) -> None:
    assert twice(credited).play().score("duplicate-invoice") == score


def test_credit_note_that_comes_with_the_second_payment_counts() -> None:
    t = Tale()
    t.pay("V1", invoice="417")
    t.pay("V1", at=DAY, invoices=[{"number": "417"}, {"number": "C1", "credit_note_of": "417"}])
    assert t.play().score("duplicate-invoice") is None


def test_same_number_is_told_before_a_similar_one() -> None:
    t = Tale()
    t.pay("V1", invoice="4170")
    t.pay("V1", invoice="417", at=DAY)
    t.pay("V1", invoice="417", at=2 * DAY)
    scores = [reason["score"] for alert in t.play().alerts for reason in alert["reasons"]]
    assert max(scores) == 65


def test_invoice_of_another_payee_is_told_as_such_with_its_days() -> None:
    t = Tale()
    t.pay("V1", "shared", invoice="417")
    t.pay("V2", "shared", invoice="417", at=DAY)
    (reason,) = t.play().reasons("duplicate-invoice")
    assert "1 day " in reason.told["text"]
    assert "another payee" in reason.told["text"]
    assert reason.told["observed"]["days_between"] == 1
    assert reason.told["observed"]["same_payee"] is False


@pytest.mark.parametrize(("count", "score"), [(3, None), (4, 65)])
def test_instalments_that_are_paid_with_other_invoices_add_up(count: int, score: int | None) -> None:
    """Three times 1000 is the total of invoice 417."""
    t = Tale()
    for n in range(count):
        t.pay("V1", at=n * 20 * DAY, invoices=[{"number": "417", "total": "3000.00"}, {"number": f"{n}-X-{n}"}])
    assert t.play().score("duplicate-invoice") == score


# look-alikes


def known(t: Tale, count: int) -> None:
    for n in range(1, count + 1):
        t.pay(payee(f"V{n}", name="Northwind Tooling Ltd", tax_id_hash=f"t{n}"))


def test_no_more_than_five_known_vendors_are_told_of_one_new_one() -> None:
    t = Tale()
    known(t, 7)
    t.created(payee("V9", name="Northwind Toolling LLC"), "V9", at=5 * DAY)
    told = {e["id"] for r in t.play().reasons("lookalike-vendor") for e in r.data["entities"] if e["kind"] == "payee"}
    assert told == {"V1", "V2", "V3", "V4", "V5"}


@pytest.mark.parametrize(("age", "score"), [(400 * DAY - 1, 45), (400 * DAY, None)])
def test_vendor_paid_longer_ago_is_no_pattern_for_another(age: int, score: int | None) -> None:
    t = Tale()
    known(t, 1)
    t.created(payee("V9", name="Northwind Toolling LLC"), "V9", at=age)
    assert t.play().score("lookalike-vendor") == score


def test_payment_of_the_very_moment_makes_no_known_vendor() -> None:
    for at, score in ((DAY - 1, 45), (DAY, None)):
        t = Tale()
        paid = t.pay(payee("V1", name="Northwind Tooling Ltd"), at=at)
        t.status(paid, "settled", at)
        t.created(payee("V9", name="Northwind Toolling LLC"), "V9", at=DAY)
        assert t.play().score("lookalike-vendor") == score


# just under a limit


def near(*amounts: str) -> Tale:
    t = Tale()
    t.policy(limits=["10000"])
    for n, amount in enumerate(amounts):
        t.pay("V1", amount=amount, at=n * (n + 1) * 3 * DAY)
    return t


def test_payment_of_the_limit_itself_ends_the_pattern_of_staying_under_it() -> None:
    under = ("9500.00", "9501.00", "9502.00", "9503.00")
    assert near(*under).play().score("near-limit") == 45
    assert near("10000.00", *under).play().score("near-limit") is None
    assert near(*under[:3], "10000.00", under[3]).play().score("near-limit") is None


# new vendors


def first_payment(*checks: str) -> Tale:
    """The first payment of a new vendor, in equal parts to accounts whose names were checked so."""
    t = Tale()
    t.created("V1", account("0", name_check={"status": checks[0]}))
    for index, status in enumerate(checks):
        split = {"index": index + 1, "count": len(checks)}
        more: Json = {"payment_id": "P", "split": split} if len(checks) > 1 else {}
        t.pay("V1", account(str(index), name_check={"status": status}), "9000.00", HOUR + index, **more)
    return t


@pytest.mark.parametrize(
    ("checks", "verified"), [(["match", "match"], True), (["match", "no_match"], False), (["no_match", "match"], False)]
)
def test_name_must_match_at_every_account_of_a_first_payment(checks: list[str], verified: bool) -> None:
    (reason,) = first_payment(*checks).play().reasons("new-vendor-large")
    assert reason.told["observed"]["verified"] is verified
    assert reason.score == (45 if verified else 65)


# who is excused, and who is not


@pytest.mark.parametrize(("contract", "score"), [("V1", None), ("V2", 30)])
def test_contract_excuses_its_own_vendor_only(contract: str, score: int | None) -> None:
    t = Tale()
    amount = {"value": "1000.00", "currency": "USD"}
    t.policy(recurring_contracts=[{"payee_id": contract, "amount": amount}])
    t.pay("V1")
    t.pay("V1", at=DAY)
    assert t.play().score("duplicate-invoice") == score


def test_change_and_approval_of_one_moment_are_by_the_same_hand() -> None:
    t = Tale()
    t.created("V1", "old", bootstrap=True)
    t.change("V1", "new", 60 * DAY, actor={"user_id": "k"})
    t.pay("V1", "new", at=60 * DAY, approval={"approved_by": ["k"]})
    assert t.play().score("self-approval") == 45


@pytest.mark.parametrize(("flag", "fires"), [("po_box", True), ("virtual_office", True), ("services_only", False)])
def test_post_box_and_virtual_office_are_signs_alike(flag: str, fires: bool) -> None:
    """With services only and no purchase order there are three; without it two."""
    t = Tale()
    t.created(payee("V1", flags=["services_only", flag]), "V1")
    for n, amount in enumerate(("501.00", "733.00", "1207.00", "391.00", "847.00")):
        t.pay(
            payee("V1", flags=["services_only", flag]), amount=amount, at=(n + 1) * 20 * DAY, invoice=f"{n * n}-{n}-A"
        )
    assert (t.play().score("shell-vendor") is not None) is fires


@pytest.mark.parametrize(("count", "action"), [(2, "review"), (3, "hold")])
def test_purchase_in_three_parts_is_to_be_held(count: int, action: str) -> None:
    t = Tale()
    t.policy(limits=["10000"])
    for n in range(count):
        t.pay("V1", amount="5000.00", at=n * HOUR, approval={"requested_by": "b"})
    reasons = t.play().reasons("split-payment")
    assert reasons[-1].data["recommended_action"] == action


# purchases in parts

WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("weeks", "score"),
    [((1, 2, 3, 4), 45), ((1, 2, 3, 4, 5), None), ((4, 5, 6, 7, 8), None), ((1, 2, 3, 4, 9), 45)],
)
def test_two_payments_a_week_are_usual_where_most_of_the_last_eight_weeks_had_them(
    weeks: tuple[int, ...], score: int | None
) -> None:
    t = Tale()
    t.policy(limits=["10000"])
    for week in sorted(weeks, reverse=True):
        for n in range(2):
            t.pay("V1", amount="10.00", at=(10 - week) * WEEK - n * DAY)
    for n in (0, 1):
        t.pay("V1", amount="5000.00", at=10 * WEEK - (1 - n) * HOUR)
    assert t.play().score("split-payment") == score


@pytest.mark.parametrize(
    ("numbers", "score"),
    [(("ABC-1", "XYZ-2"), None), (("ABC-1", "ABC-2"), 45), (("AB1", "AB2"), None), (("ABC1", "ABC2"), 45)],
)
def test_invoices_of_one_series_belong_together_by_three_letters(numbers: tuple[str, ...], score: int | None) -> None:
    t = Tale()
    t.policy(limits=["10000"])
    for n, number in enumerate(numbers):
        t.pay("V1", amount="5000.00", at=n * 2 * DAY, invoice=number)
    assert t.play().score("split-payment") == score


@pytest.mark.parametrize(("orders", "score"), [(("A", "B"), None), (("A", "A"), 45), (("A", None), None)])
def test_invoices_of_one_order_belong_together(orders: tuple[str | None, ...], score: int | None) -> None:
    t = Tale()
    t.policy(limits=["10000"])
    for n, order in enumerate(orders):
        stated = {"po_number": order} if order else {}
        t.pay("V1", amount="5000.00", at=n * 2 * DAY, invoice={"number": str(7 * n + 1)} | stated)
    assert t.play().score("split-payment") == score


# signs of a shell company


def test_invoice_without_a_number_in_it_breaks_no_series() -> None:
    """With consecutive numbers there are three signs, else two."""
    t = Tale()
    vendor = payee("V1", flags=["services_only"])
    for n, amount in enumerate(("501.00", "733.00", "1207.00", "391.00", "847.00")):
        t.pay(vendor, amount=amount, at=n * 20 * DAY, invoices=[{"number": "FEES"}, {"number": f"INV-{n + 1}"}])
    (reason,) = t.play().reasons("shell-vendor")
    assert reason.told["observed"]["signals"] == ["services only", "consecutive invoice numbers", "no purchase order"]
