"""Returns and notices of change name the payment, the payee and the account that the payroll file named."""

from __future__ import annotations

import pytest

from tests.scenarios.build import play
from tests.unit.connectors.nacha_build import (
    BANK,
    PEOPLE,
    AchFile,
    Batch,
    changed,
    exchange,
    iat_addenda,
    international,
    notices,
    payroll,
    returned,
    returns,
)
from tests.unit.connectors.nacha_read import KEYS, data, faulty, lines, sound


def test_return_names_payment_payee_and_account_of_its_payment() -> None:
    paid = {one["payment_id"]: one for one in data(payroll().bytes())}
    answers = data(returns().bytes())
    assert len(answers) == 5
    for answer in answers:
        payment = paid[answer["payment_id"]]
        assert answer["payee_id"] == payment["payee"]["payee_id"]
        assert answer["account_fp"] == payment["account"]["fp"]


def test_codes_and_what_they_make_of_the_payment() -> None:
    told = [(one["status"], one["code"], one.get("questionable")) for one in data(returns().bytes())]
    assert told == [
        ("returned", "R03", None),
        ("returned", "R17", True),
        ("returned", "R14", None),
        ("accepted", "R68", None),
        ("returned", "R73", None),
    ]


def test_r17_without_the_word_is_not_questionable() -> None:
    file = AchFile()
    file.batch().answer(
        "21", BANK, "12345678", 100, "E-1", "X", returned("R17", f"{BANK[:8]}0000001", info="FIELD ERROR")
    )
    assert data(file.bytes())[0]["questionable"] is False


def test_small_letters_of_a_code_count() -> None:
    assert data(returns().bytes().replace(b"799R", b"799r"))[0]["code"] == "R03"


def test_notice_of_change_corrects_what_its_code_says() -> None:
    expected = [
        ("C01", "011401533", "004417820916"),
        ("C02", "322271627", "77120045530"),
        ("C03", "111000025", "930011745599"),
        ("C05", None, None),
        ("C06", "011401533", "004417820917"),
        ("C07", "322271627", "77120045531"),
        ("C01", "011401533", "661200459914"),
    ]
    told = data(notices().bytes())
    assert {one["status"] for one in told} == {"noc"}
    for one, (code, bank, number) in zip(told, expected, strict=True):
        assert one["code"] == code
        if bank is None or number is None:
            assert "corrected_account" not in one
        else:
            account = one["corrected_account"]
            assert (account["bank_id"], account["last4"]) == (bank, number[-4:])
            assert account["fp"] == KEYS.account("us_aba", "US", bank, number)


def test_notice_names_payee_and_account_of_the_payment() -> None:
    told = data(notices().bytes())
    paid = {one["payment_id"]: one for one in data(payroll().bytes())}
    for one in told[:6]:
        assert one["payee_id"] == paid[one["payment_id"]]["payee"]["payee_id"]
        assert one["account_fp"] == paid[one["payment_id"]]["account"]["fp"]
    (trade,) = data(exchange().bytes())
    assert told[6]["payee_id"] == trade["payee"]["payee_id"]
    assert told[6]["account_fp"] == trade["account"]["fp"]


def test_notice_for_a_ctx_payee_without_number_finds_the_name_behind_the_count() -> None:
    paid, told = AchFile(), AchFile()
    paid.batch("CTX").entry("22", "011401533", "661200459913", 100, "", "MILL FLOUR CO")
    told.batch("COR").answer(
        "21", BANK, "661200459913", 0, "", "MILL FLOUR CO", changed("C01", f"{BANK[:8]}0000001", "1"), "0001"
    )
    assert data(told.bytes())[0]["payee_id"] == data(paid.bytes())[0]["payee"]["payee_id"]


def test_refused_notice_corrects_nothing() -> None:
    file = AchFile()
    file.batch("COR").answer("21", BANK, "12345678", 0, "E-1", "X", changed("C65", f"{BANK[:8]}0000001", "123"))
    assert "corrected_account" not in data(file.bytes())[0]


def test_routing_of_the_original_bank_is_that_of_the_answering_one_where_it_is_missing() -> None:
    file = returns()
    file.batches[0].records[1] = file.batches[0].records[1].replace("      01140153", " " * 14)
    assert data(file.bytes())[0]["account_fp"] == data(payroll().bytes())[0]["account"]["fp"]


def _international(batch: Batch, addendum: str, addenda: tuple[str, ...]) -> None:
    batch.entry("21", BANK, "072580001234567897", 180_000, addenda=(*addenda, f"{addendum:80}"))
    batch.records[-1] = f"{addendum:79}{batch.odfi}0000001"


def test_international_return_names_payment_payee_and_account() -> None:
    file = AchFile()
    _international(
        file.batch("IAT"),
        returned("R03", f"{BANK[:8]}0000001", BANK[:8]),
        iat_addenda("CARMEN RUIZ VEGA", receiver_id="E-1010"),
    )
    (answer,) = sound(file.bytes())
    payment = data(international().bytes())[0]
    assert answer.type == "payment.status.v1"
    assert answer.data["payment_id"] == payment["payment_id"]
    assert answer.data["payee_id"] == payment["payee"]["payee_id"]
    assert answer.data["account_fp"] == payment["account"]["fp"]


def test_international_notice_names_nobody_and_is_a_dead_letter() -> None:
    file = AchFile()
    batch = file.batch("COR", indicator="IATCOR")
    _international(batch, changed("C01", f"{BANK[:8]}0000001", "123456789", BANK[:8]), ())
    (fault,) = faulty(file.bytes())
    assert "neither names the payee" in fault.message


def _first(number: str, *, created: str, effective: str) -> AchFile:
    file = AchFile(created=created)
    code, bank, _, cents, id, name = PEOPLE[0]
    file.batch(effective=effective).entry(code, bank, number, cents, id, name)
    return file


def test_payroll_with_another_account_and_its_return_alert() -> None:
    """Payrolls of three months to one account, the fourth to another, which then sends R03."""
    events = []
    for created, effective in (("2601220900", "260123"), ("2602190900", "260220"), ("2603190900", "260320")):
        events += lines(_first("004417820915", created=created, effective=effective).bytes())
    events += lines(_first("998877665544", created="2604160900", effective="260417").bytes())
    sent_back = AchFile(created="2604200600", origin=BANK)
    _, _, _, cents, id, name = PEOPLE[0]
    sent_back.batch(effective="260417", odfi="01140153").answer(
        "21", BANK, "998877665544", cents, id, name, returned("R03", f"{BANK[:8]}0000001")
    )
    played = play([*events, *lines(sent_back.bytes())])
    (changed_account,) = {one.subject for one in played.reasons("changed-account")}
    assert changed_account == ("payee", "E-1001")
    sent = played.reasons("return-signal")[-1]
    assert sent.subject == ("payee", "E-1001")
    assert sent.score == 45  # so soon after the account was changed
    assert "1234567892/2026-04-17/091000010000001" in sent.data["payment_ids"]


def test_notice_of_change_explains_the_account_that_follows() -> None:
    """The same as a change that nobody announced, but for the bank's notice."""
    events = []
    for created, effective in (("2601220900", "260123"), ("2602190900", "260220"), ("2603190900", "260320")):
        events += lines(_first("004417820915", created=created, effective=effective).bytes())
    notice = AchFile(created="2603250600", origin=BANK)
    _, _, number, _, id, name = PEOPLE[0]
    notice.batch("COR", odfi="01140153").answer(
        "21", BANK, number, 0, id, name, changed("C01", f"{BANK[:8]}0000001", "998877665544")
    )
    paid = lines(_first("998877665544", created="2604160900", effective="260417").bytes())
    assert play([*events, *paid]).reasons("changed-account")
    assert not play([*events, *lines(notice.bytes()), *paid]).reasons("changed-account")


@pytest.mark.parametrize("effective", ["      ", "000000"])
def test_return_without_effective_date_still_names_payee_and_account(effective: str) -> None:
    content = returns().bytes().replace(b"260320   1", effective.encode() + b"   1")
    first = data(content)[0]
    assert first["payment_id"] == "1234567892/-/091000010000001"
    assert (first["payee_id"], first["account_fp"]) == ("E-1001", data(payroll().bytes())[0]["account"]["fp"])
