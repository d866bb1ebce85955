"""Writes ACH files field by field, after the record layouts of the Nacha Operating Rules, Appendix Three.

`python -m tests.unit.connectors.nacha_build` writes the samples anew; a test holds them against what is here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples" / "nacha"
BANK, HOME = "091000019", "121042882"


class Batch:
    """A batch; entries get the trace numbers that follow each other. `answer`: the bank that sends it back."""

    def __init__(
        self,
        number: int,
        *,
        sec: str = "PPD",
        descriptor: str = "PAYROLL",
        effective: str = "260320",
        descriptive: str = "",
        company: str = "GROVE BAKERY",
        company_id: str = "1234567892",
        odfi: str = BANK[:8],
        indicator: str = "",
    ) -> None:
        self.number, self.sec, self.odfi, self.company_id = number, sec, odfi, company_id
        if sec == "IAT" or indicator:
            names = f"{indicator:16}FF3{'':15}MX{company_id:10}{sec:3}{descriptor:10}USDMXN"
        else:
            names = f"{company:16}{'':20}{company_id:10}{sec:3}{descriptor:10}{descriptive:6}"
        self.head = f"5@@@{names}{effective:6}   1{odfi}{number:07}"
        self.records: list[str] = []
        self.hash = self.debit = self.credit = 0
        self._trace = 0

    def entry(
        self,
        code: str,
        routing: str,
        number: str,
        cents: int,
        id: str = "",
        name: str = "",
        addenda: tuple[str, ...] = (),
        trace: str | None = None,
    ) -> Batch:
        """`addenda`: texts of 05 records, or whole records but for their last seven digits."""
        self._trace += 1
        trace = trace or f"{self.odfi}{self._trace:07}"
        if self.sec == "IAT" or "IATCOR" in self.head:
            middle = f"{len(addenda):04}{'':13}{cents:010}{number:35}{'':4}"
        elif self.sec == "CTX":
            middle = f"{number:17}{cents:010}{id:15}{len(addenda):04}{name:16}    "
        else:
            middle = f"{number:17}{cents:010}{id:15}{name:22}  "
        self.records.append(f"6{code}{routing}{middle}{1 if addenda else 0}{trace}")
        for at, text in enumerate(addenda, 1):
            whole = text[:1] == "7" and len(text) > 80
            self.records.append(f"{text:87}{trace[-7:]}"[:94] if whole else f"705{text:80}{at % 10_000:04}{trace[-7:]}")
        self.hash += int(routing[:8])
        if code[1] > "4":
            self.debit += cents
        else:
            self.credit += cents
        return self

    def answer(
        self, code: str, routing: str, number: str, cents: int, id: str, name: str, addendum: str, more: str = ""
    ) -> Batch:
        """An entry with one addenda record 98 or 99, of positions 1-79; `more` as in a CTX entry."""
        self._trace += 1
        trace = f"{self.odfi}{self._trace:07}"
        middle = f"{number:17}{cents:010}{id:15}{more + name:22}  "
        self.records += [f"6{code}{routing}{middle}1{trace}", f"{addendum:79}{trace}"]
        self.hash += int(routing[:8])
        self.credit += cents if code[1] < "5" else 0
        self.debit += cents if code[1] > "4" else 0
        return self

    def lines(self) -> list[str]:
        service = "200" if self.debit and self.credit else "225" if self.debit else "220"
        end = (
            f"8{service}{len(self.records):06}{self.hash % 10**10:010}{self.debit:012}{self.credit:012}"
            f"{self.company_id:10}{'':25}{self.odfi}{self.number:07}"
        )
        return [self.head.replace("@@@", service), *self.records, end]


class AchFile:
    def __init__(self, created: str = "2603180830", modifier: str = "A", origin: str = "1234567892") -> None:
        self.head = f"101 {BANK}{origin:>10}{created}{modifier}094101{'NORTH RIVER BANK':23}{'GROVE BAKERY':23}{'':8}"
        self.batches: list[Batch] = []

    def batch(self, sec: str = "PPD", **fields: str) -> Batch:
        self.batches.append(Batch(len(self.batches) + 1, sec=sec, **fields))
        return self.batches[-1]

    def lines(self) -> list[str]:
        """With controls and padding to blocks of ten."""
        lines = [self.head, *(line for batch in self.batches for line in batch.lines())]
        records = sum(len(batch.records) for batch in self.batches)
        hash = sum(batch.hash for batch in self.batches) % 10**10
        debit, credit = (sum(getattr(batch, name) for batch in self.batches) for name in ("debit", "credit"))
        blocks = -(-(len(lines) + 1) // 10)
        lines.append(f"9{len(self.batches):06}{blocks:06}{records:08}{hash:010}{debit:012}{credit:012}{'':39}")
        lines += ["9" * 94] * (-len(lines) % 10)
        assert all(len(line) == 94 for line in lines)
        return lines

    def bytes(self, end: str = "\n") -> bytes:
        return "".join(line + end for line in self.lines()).encode()


def iat_addenda(
    name: str,
    *,
    salary: bool = True,
    foreign: int = 3_150_000,
    receiver_id: str = "",
    bank: str = "BANCO DEL NORTE",
    qualifier: str = "01",
    bank_id: str = "072",
    country: str = "MX",
    text: str = "",
) -> tuple[str, ...]:
    """Addenda 10 to 16 of an international entry, and 17 where there is text."""
    records = [
        f"710{'SAL' if salary else 'BUS'}{foreign:018}{'':22}{name:35}{'':6}",
        f"711{'GROVE BAKERY':35}{'12 MILL ROAD':35}{'':14}",
        f"712{'PORTLAND*OR' + chr(92):35}{'US*97201' + chr(92):35}{'':14}",
        f"713{'NORTH RIVER BANK':35}01{BANK:34}US {'':10}",
        f"714{bank:35}{qualifier:2}{bank_id:34}{country:3}{'':10}",
        f"715{receiver_id:15}{'CALLE 5 NUM 20':35}{'':34}",
        f"716{'MONTERREY*NLE' + chr(92):35}{country + '*64000' + chr(92):35}{'':14}",
    ]
    if text:
        records.append(f"717{text:80}{1:04}")
    return tuple(records)


def returned(code: str, trace: str, bank: str = "01140153", info: str = "", died: str = "") -> str:
    """Addenda 99 of a return, positions 1-79."""
    return f"799{code}{trace:15}{died:6}{bank}{info:44}"


def dishonoured(code: str, trace: str, bank: str, return_trace: str, reason: str) -> str:
    return f"799{code}{trace:15}{'':6}{bank}{'':3}{return_trace:15}082{reason:2}{'':21}"


def contested(code: str, trace: str, bank: str, return_trace: str, reason: str) -> str:
    return f"799{code}{trace:15}260324{bank}079{return_trace:15}082{reason:2}{HOME[:8]}0000009084{'68'} "


def changed(code: str, trace: str, data: str, bank: str = "01140153") -> str:
    """Addenda 98 of a notice of change, positions 1-79."""
    return f"798{code}{trace:15}{'':6}{bank}{data:29}{'':15}"


PEOPLE = (
    ("22", "011401533", "004417820915", 245_017, "E-1001", "ANNA SCHMIDT"),
    ("32", "121042882", "77120045530", 198_050, "E-1002", "LUIS ORTEGA"),
    ("22", "021000021", "930011745518", 312_499, "078051120", "MEI LING CHEN"),
    ("22", "111000025", "5500184422", 150_000, "", "PRIYA NAIR"),
)


def payroll() -> AchFile:
    """PPD, with the offsetting debit and a prenotification, which are no payments."""
    file = AchFile()
    batch = file.batch()
    for code, routing, number, cents, id, name in PEOPLE:
        batch.entry(code, routing, number, cents, id, name)
    batch.entry("23", "322271627", "88104421907", 0, "E-1005", "TOM BAKER")
    batch.entry("27", BANK, "100200300400", batch.credit, "", "GROVE BAKERY")
    return file


def vendors() -> AchFile:
    """CCD on the same day, with and without addenda."""
    file = AchFile(modifier="B")
    batch = file.batch("CCD", descriptor="VENDOR PMT", descriptive="SD1300")
    text = "RMR*IV*INV-2026-0071**1250.00*1300.00*50.00\\DTM*003*20260302\\"
    batch.entry("22", "011401533", "661200459913", 125_000, "V-2001", "MILL FLOUR CO", (text,))
    batch.entry("22", "121042882", "440077315566", 88_010, "V-2002", "OVEN PARTS LLC", ("Order 4471 final",))
    batch.entry("42", "021000021", "120077881234", 5_000, "V-2003", "CITY WATER")
    return file


def exchange() -> AchFile:
    """CTX: an 820 of three invoices over six addenda records."""
    file = AchFile(modifier="C")
    text = (
        "ISA*00*          *00*          *ZZ*GROVEBAKERY    *ZZ*MILLFLOUR      *260318*0830*U*00401*000000101*0*P*>\\"
        "GS*RA*GROVEBAKERY*MILLFLOUR*20260318*0830*101*X*004010\\ST*820*0001\\"
        "BPR*C*4750.25*C*ACH*CTX*01*091000019*DA*100200300400*1234567892**01*011401533*DA*661200459913*20260320\\"
        "N1*PR*GROVE BAKERY\\ENT*1\\RMR*IV*INV-2026-0074**2000.00*2000.00\\DTM*003*20260304\\REF*PO*PO-881\\"
        "RMR*IV*INV-2026-0075**1750.25*1800.25*50.00\\RMR*IV*INV-2026-0076**1000.00\\SE*11*0001\\GE*1*101\\IEA*1*000000101\\"
    )
    pieces = tuple(text[at : at + 80] for at in range(0, len(text), 80))
    batch = file.batch("CTX", descriptor="INVOICES")
    batch.entry("22", "011401533", "661200459913", 475_025, "V-2001", "MILL FLOUR CO", pieces)
    return file


def international() -> AchFile:
    """IAT: wages to Mexico (CLABE), a supplier in Germany (IBAN, BIC) with remittance."""
    file = AchFile(modifier="D")
    batch = file.batch("IAT")
    batch.entry(
        "22", BANK, "072580001234567897", 180_000, addenda=iat_addenda("CARMEN RUIZ VEGA", receiver_id="E-1010")
    )
    german = iat_addenda(
        "BACKOFEN TECHNIK GMBH", salary=False, receiver_id="V-2010", bank="COMMERZBANK", qualifier="02",
        bank_id="COBADEFFXXX", country="DE", text="Invoice 2026-118 spare parts",
    )  # fmt: skip
    file.batch("IAT", descriptor="SUPPLIER").entry("22", BANK, "DE89370400440532013000", 93_025, addenda=german)
    return file


def returns() -> AchFile:
    """Three returns of the payroll and one of a debit; in batches of their own a dishonoured and a contested one."""
    file = AchFile(created="2603240600", modifier="R", origin=BANK)
    batch = file.batch(odfi="01140153")
    _, _, number, cents, id, name = PEOPLE[0]
    batch.answer("21", BANK, number, cents, id, name, returned("R03", f"{BANK[:8]}0000001"))
    _, _, number, cents, id, name = PEOPLE[1]
    questionable = returned("R17", f"{BANK[:8]}0000002", "12104288", "QUESTIONABLE")
    batch.answer("31", BANK, number, cents, id, name, questionable)
    _, _, number, cents, id, name = PEOPLE[2]
    batch.answer("21", BANK, number, cents, id, name, returned("R14", f"{BANK[:8]}0000003", "02100002", died="260301"))
    batch.answer("26", BANK, "31400912", 9_900, "C-77", "OLD CUSTOMER", returned("R01", f"{BANK[:8]}0000009"))
    _, _, number, cents, id, name = PEOPLE[3]
    fourth = f"{BANK[:8]}0000004"
    batch = file.batch()
    batch.answer("21", BANK, number, cents, id, name, dishonoured("R68", fourth, "11100002", "111000020000007", "03"))
    batch = file.batch(odfi="01140153")
    batch.answer("21", BANK, number, cents, id, name, contested("R73", fourth, "11100002", "111000020000007", "03"))
    return file


def notices() -> AchFile:
    """Notices of change: account, routing number, both, transaction code, both and the code, and one of a CTX entry."""
    file = AchFile(created="2603250600", modifier="N", origin=BANK)
    batch = file.batch("COR", odfi="01140153", effective="260320")
    trace = f"{BANK[:8]}000000"
    one, two, three, four = PEOPLE
    for person, code, data, bank, at in (
        (one, "C01", "004417820916", "01140153", 1),
        (two, "C02", "322271627", "12104288", 2),
        (three, "C03", f"{'111000025':12}{'930011745599':17}", "02100002", 3),
        (four, "C05", "32", "11100002", 4),
        (one, "C06", f"{'004417820917':20}37", "01140153", 1),
        (two, "C07", f"{'322271627':9}{'77120045531':17}32", "12104288", 2),
    ):
        kind = "31" if person[0] == "32" else "21"
        batch.answer(kind, BANK, person[2], 0, person[4], person[5], changed(code, f"{trace}{at}", data, bank))
    batch.answer(
        "21", BANK, "661200459913", 0, "V-2001", "MILL FLOUR CO", changed("C01", f"{trace}1", "661200459914"), "0001"
    )
    return file


def mixed() -> AchFile:
    """Payroll, vendors and international ones, a person's own payment, and returns, in one file."""
    file = AchFile(modifier="M")
    file.batches = [*payroll().batches, *vendors().batches, *exchange().batches, *international().batches]
    file.batch("WEB", descriptor="SENDMONEY").entry("22", "011401533", "7710045", 2_500, "ANNA SCHMIDT", "RUTH ADLER")
    file.batch("CIE", descriptor="BILLPAY").entry("22", "021000021", "120077881234", 4_410, "ANNA SCHMIDT", "CUST-9917")
    for at, batch in enumerate(file.batches, 1):
        batch.number = at
        batch.head = batch.head[:87] + f"{at:07}"
    return file


GOOD: dict[str, Callable[[], bytes]] = {
    "ppd-payroll.ach": lambda: payroll().bytes(),
    "ccd-vendors.ach": lambda: vendors().bytes("\r\n"),
    "ctx-invoices.ach": lambda: exchange().bytes(),
    "iat.ach": lambda: international().bytes(),
    "returns.ach": lambda: returns().bytes(),
    "notices-of-change.ach": lambda: notices().bytes(),
    "mixed.ach": lambda: mixed().bytes(),
    "blocked.ach": lambda: payroll().bytes(""),
    "edited.ach": lambda: b"".join(line.encode().rstrip() + b"\n" for line in mixed().lines() if line != "9" * 94),
}


def edit(data: bytes, line: int, at: int, text: str) -> bytes:
    """The file with `text` at position `at` of a line, both from 1."""
    lines = data.split(b"\n")
    old = lines[line - 1]
    lines[line - 1] = old[: at - 1] + text.encode() + old[at - 1 + len(text) :]
    return b"\n".join(lines)


BAD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "amount-not-digits.ach": (
        lambda: edit(payroll().bytes(), 3, 30, "00024A5017"), "bad_amount",
        "line 3: entry detail, positions 30-39 (amount)",
    ),
    "amount-zero.ach": (
        lambda: edit(payroll().bytes(), 3, 30, "0000000000"), "bad_amount",
        "line 3: entry detail, positions 30-39 (amount)",
    ),
    "routing-not-digits.ach": (
        lambda: edit(payroll().bytes(), 4, 4, "12X"), "schema_violation",
        "line 4: entry detail, positions 4-11 (receiving bank)",
    ),
    "account-empty.ach": (
        lambda: edit(payroll().bytes(), 5, 13, " " * 17), "schema_violation",
        "line 5: entry detail, positions 13-29 (account number)",
    ),
    "code-unknown.ach": (
        lambda: edit(payroll().bytes(), 5, 2, "99"), "schema_violation",
        "line 5: entry detail, positions 2-3 (transaction code)",
    ),
    "trace-short.ach": (
        lambda: payroll().bytes().replace(b"0091000010000002\n", b"009100001000000\n"), "schema_violation",
        "line 4: entry detail, positions 80-94 (trace number)",
    ),
    "record-too-long.ach": (
        lambda: payroll().bytes().replace(b"0091000010000002\n", b"0910000010000002X\n"), "schema_violation",
        "line 4: entry detail",
    ),
    "record-unknown.ach": (
        lambda: edit(payroll().bytes(), 4, 1, "4"), "schema_violation", "line 4: position 1 (record type)",
    ),
    "return-without-reason.ach": (
        lambda: edit(returns().bytes(), 4, 4, "   "), "schema_violation", "line 4: addenda 99, positions 4-6 (code)",
    ),
    "return-without-trace.ach": (
        lambda: edit(returns().bytes(), 4, 7, " " * 15), "schema_violation",
        "line 4: addenda 99, positions 7-21 (original entry trace number)",
    ),
    "notice-without-data.ach": (
        lambda: edit(notices().bytes(), 4, 36, " " * 29), "schema_violation",
        "line 4: addenda 98, positions 36-52 (corrected account number)",
    ),
    "iat-without-name.ach": (
        lambda: edit(international().bytes(), 4, 47, " " * 35), "schema_violation",
        "line 4: addenda 10, positions 47-81 (receiver's name)",
    ),
}  # fmt: skip
"""Files with one faulty transaction: its reason and place."""


def main() -> None:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    (SAMPLES / "bad").mkdir(exist_ok=True)
    for name, make in GOOD.items():
        (SAMPLES / name).write_bytes(make())
    for name, (make, _, _) in BAD.items():
        (SAMPLES / "bad" / name).write_bytes(make())


if __name__ == "__main__":
    main()
