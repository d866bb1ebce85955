"""A pacs.008.001.10 file of any size, valid by its schema, with totals that agree; a line a transaction."""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_samples.iso_parts import amount_of, iban_of, name_of

__all__ = ["write_sample"]

_BLOCK = 1000


def write_sample(path: Path, transactions: int) -> None:
    """Writes the file, some 700 bytes a transaction, in memory that does not grow with it."""
    total = sum(map(amount_of, range(transactions)))
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.10"><FIToFICstmrCdtTrf><GrpHdr>'
            "<MsgId>BENCH-BULK-1</MsgId><CreDtTm>2026-06-29T01:00:00Z</CreDtTm>"
            f"<NbOfTxs>{transactions}</NbOfTxs><CtrlSum>{_euros(total)}</CtrlSum>"
            f'<TtlIntrBkSttlmAmt Ccy="EUR">{_euros(total)}</TtlIntrBkSttlmAmt>'
            "<IntrBkSttlmDt>2026-06-29</IntrBkSttlmDt>"
            "<SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Cd>ST2</Cd></ClrSys></SttlmInf>"
            "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SUPP</Cd></CtgyPurp></PmtTpInf></GrpHdr>\n"
        )
        for block in range(0, transactions, _BLOCK):
            out.write("".join(map(_transaction, range(block, min(block + _BLOCK, transactions)))))
        out.write("</FIToFICstmrCdtTrf></Document>\n")


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _transaction(number: int) -> str:
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>I{number}</InstrId><EndToEndId>E{number}</EndToEndId><TxId>T{number}</TxId>"
        f'</PmtId><IntrBkSttlmAmt Ccy="EUR">{_euros(amount_of(number))}</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>'
        "<Dbtr><Nm>Musterwerk GmbH</Nm></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></DbtrAgt>"
        "<CdtrAgt><FinInstnId><BICFI>INGDDEFFXXX</BICFI></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>{name_of(number)}</Nm></Cdtr><CdtrAcct><Id><IBAN>{iban_of(number)}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>Invoice {number}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )
