"""Which rail a credit transfer takes, by what the message says of it: the first of these that says anything.

1. the method: a cheque (PaymentMethod3Code CHK; service levels SVDE and SVAT);
2. the clearing system of an interbank message (ExternalCashClearingSystem1Code);
3. the local instrument (ExternalLocalInstrument1Code and, for the US, the SEC codes that the Common Global
   Implementation puts there);
4. the service level (ExternalServiceLevel1Code);
5. the currency, and the countries of the two banks.

Codes: ISO 20022 external code sets, https://www.iso20022.org/external_code_list.page.
What a service level means in the US and the UK: Common Global Implementation, Credit Transfer (URGP: Fedwire, CHAPS;
NURG: ACH, Bacs; URNS: Faster Payments). Countries: European Payments Council, EPC409-09, SEPA scheme countries.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["SEC_CODES", "SEPA", "rail"]

_SEPA = """
    AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE
    SI SK SM VA
"""
SEPA = frozenset(_SEPA.split())
SEC_CODES = frozenset({"CCD", "CTX", "IAT", "PPD", "TEL", "WEB"})

_INSTANT = {"EUR": "sepa_inst", "GBP": "fps", "USD": "rtp"}
_BULK = {"EUR": "sepa_ct", "GBP": "bacs", "USD": "ach"}
_HOME = {"GBP": frozenset({"GB", "GG", "IM", "JE"}), "USD": frozenset({"US", "PR"}), "EUR": SEPA}

_CHEQUES = frozenset({"SVAT", "SVDE"})
_CLEARINGS = {
    "ABE": "wire",
    "BRL": "wire",
    "CHI": "wire",
    "CHP": "wire",
    "EBA": "wire",
    "EPN": "ach",
    "ERP": "wire",
    "FDA": "ach",
    "FDN": "fednow",
    "FDW": "wire",
    "FPS": "fps",
    "IBP": "sepa_inst",
    "RTG": "wire",
    "SCL": "sepa_ct",
    "ST2": "sepa_ct",
    "STG": "wire",
    "TCH": "rtp",
    "TGT": "wire",
    "UBE": "ach",
    "VCS": "bacs",
    "XCT": "sepa_ct",
}
_INSTRUMENTS = {"BACS": "bacs", "CHAPS": "wire", "FDN": "fednow", "FEDNOW": "fednow", "FPS": "fps", "RTP": "rtp"}
_INSTANT_INSTRUMENTS = frozenset({"BPA", "INST", "INSTIDEAL", "INSTTC01", "INSTTC01IDEAL", "IPA", "ITP"})
_WIRES = frozenset({"G001", "G003", "G004", "PRPT", "SDVA", "URGP"})
_INSTANT_SERVICES = frozenset({"G005", "INST", "URNS"})


@lru_cache(4096)
def rail(method: str, clearing: str, instrument: str, service: str, currency: str, debtor: str, creditor: str) -> str:
    """The rail; absent codes are empty, `debtor` and `creditor` are the countries of the banks.

    >>> rail("TRF", "", "", "SEPA", "EUR", "DE", "FR"), rail("TRF", "", "INST", "SEPA", "EUR", "DE", "FR")
    ('sepa_ct', 'sepa_inst')
    >>> rail("TRF", "", "PPD", "NURG", "USD", "US", "US"), rail("TRF", "", "CCD", "SDVA", "USD", "US", "US")
    ('ach', 'same_day_ach')
    >>> rail("TRF", "", "", "URGP", "USD", "US", "US"), rail("TRF", "", "", "URNS", "GBP", "GB", "GB")
    ('wire', 'fps')
    >>> rail("CHK", "", "", "", "USD", "US", "US"), rail("", "FDN", "", "", "USD", "US", "US")
    ('check', 'fednow')
    >>> rail("TRF", "", "", "NURG", "CHF", "CH", "CH"), rail("TRF", "", "", "", "USD", "US", "MX")
    ('other', 'wire')
    """
    if method == "CHK" or service in _CHEQUES:
        return "check"
    if clearing in _CLEARINGS:
        return _CLEARINGS[clearing]
    if instrument in SEC_CODES:
        return "same_day_ach" if service == "SDVA" else "ach"
    if instrument in _INSTRUMENTS:
        return _INSTRUMENTS[instrument]
    if instrument in _INSTANT_INSTRUMENTS or service in _INSTANT_SERVICES:
        return _INSTANT.get(currency, "other")
    if service == "SEPA":
        return "sepa_ct"
    if service in _WIRES:
        return "wire"
    if clearing == "ACH" or creditor in _HOME.get(currency, ()):
        return _BULK.get(currency, "other")
    return "wire" if debtor and debtor != creditor else "other"
