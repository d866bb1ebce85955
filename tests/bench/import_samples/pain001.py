"""A pain.001.001.03 payroll file of any size, valid by its schema, with control sums that agree."""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_samples.iso_parts import amount_of, iban_of, name_of

__all__ = ["write_sample"]

_GROUP = 10_000
"""Transactions of a payment group."""
_BLOCK = 1000


def write_sample(path: Path, transactions: int) -> None:
    """Writes the file, some 800 bytes a transaction, in memory that does not grow with it."""
    total = sum(map(amount_of, range(transactions)))
    with path.open("w", encoding="utf-8") as out:
        out.write(
            f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>BENCH-2026-06</MsgId>
      <CreDtTm>2026-06-24T10:00:00Z</CreDtTm>
      <NbOfTxs>{transactions}</NbOfTxs>
      <CtrlSum>{_euros(total)}</CtrlSum>
      <InitgPty>
        <Nm>Musterwerk GmbH</Nm>
      </InitgPty>
    </GrpHdr>
"""
        )
        for first in range(0, transactions, _GROUP):
            last = min(first + _GROUP, transactions)
            out.write(_group(first // _GROUP + 1, last - first, sum(map(amount_of, range(first, last)))))
            for block in range(first, last, _BLOCK):
                out.write("".join(map(_transaction, range(block, min(block + _BLOCK, last)))))
            out.write("    </PmtInf>\n")
        out.write("  </CstmrCdtTrfInitn>\n</Document>\n")


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _group(number: int, transactions: int, total: int) -> str:
    return f"""    <PmtInf>
      <PmtInfId>BENCH-2026-06-{number}</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <BtchBookg>true</BtchBookg>
      <NbOfTxs>{transactions}</NbOfTxs>
      <CtrlSum>{_euros(total)}</CtrlSum>
      <PmtTpInf>
        <SvcLvl>
          <Cd>SEPA</Cd>
        </SvcLvl>
        <CtgyPurp>
          <Cd>SALA</Cd>
        </CtgyPurp>
      </PmtTpInf>
      <ReqdExctnDt>2026-06-29</ReqdExctnDt>
      <Dbtr>
        <Nm>Musterwerk GmbH</Nm>
      </Dbtr>
      <DbtrAcct>
        <Id>
          <IBAN>DE89370400440532013000</IBAN>
        </Id>
      </DbtrAcct>
      <DbtrAgt>
        <FinInstnId>
          <BIC>COBADEFFXXX</BIC>
        </FinInstnId>
      </DbtrAgt>
      <ChrgBr>SLEV</ChrgBr>
"""


def _transaction(number: int) -> str:
    return f"""      <CdtTrfTxInf>
        <PmtId>
          <InstrId>I{number}</InstrId>
          <EndToEndId>SAL-06-{number}</EndToEndId>
        </PmtId>
        <Amt>
          <InstdAmt Ccy="EUR">{_euros(amount_of(number))}</InstdAmt>
        </Amt>
        <CdtrAgt>
          <FinInstnId>
            <BIC>INGDDEFFXXX</BIC>
          </FinInstnId>
        </CdtrAgt>
        <Cdtr>
          <Nm>{name_of(number)}</Nm>
          <PstlAdr>
            <Ctry>DE</Ctry>
          </PstlAdr>
          <Id>
            <PrvtId>
              <Othr>
                <Id>E{number}</Id>
                <SchmeNm>
                  <Cd>EMPL</Cd>
                </SchmeNm>
              </Othr>
            </PrvtId>
          </Id>
        </Cdtr>
        <CdtrAcct>
          <Id>
            <IBAN>{iban_of(number)}</IBAN>
          </Id>
        </CdtrAcct>
        <RmtInf>
          <Ustrd>Gehalt Juni 2026</Ustrd>
        </RmtInf>
      </CdtTrfTxInf>
"""
