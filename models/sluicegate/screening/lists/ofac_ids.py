"""Labels under which OFAC lists a number -> the scheme that a payee's identifier would have."""

import re

_SCHEMES = tuple(
    (scheme, re.compile(pattern, re.IGNORECASE))
    for scheme, pattern in (
        ("mmsi", r"\bMMSI\b|Maritime Mobile Service"),
        ("imo", r"\bIMO\b|International Maritime Organi[sz]ation"),
        ("bic", r"\bSWIFT\b|\bBIC\b"),
        ("duns", r"D-U-N-S"),
        ("passport", r"passport"),
        ("travel_document", r"travel document"),
        ("driving_licence", r"driver's licen[sc]e"),
        (
            "tax",
            r"\btax(payer)?\b|\bNIT\b|\bRUC\b|\bRIF\b|\bR\.?F\.?C\b|\bC\.?U\.?I\.?T\b|\bFEIN\b|\bV\.?A\.?T\b"
            r"|fiscal code|\bRTN\b|\bC\.?I\.?F\b|\bN\.?I\.?F\b|\bINN\b|\bNUIT\b|\bC\.?N\.?P\.?J\b",
        ),
        (
            "registration",
            r"regist|company|business|commerc|enterprise|incorporation|folio|mercantil|gazette|\bC\.R\.|chamber"
            r"|credit code|\bUSCCC?\b|legal entity|branch unit|licen[sc]e|file number|\bOGRN\b|charity",
        ),
        (
            "national_id",
            r"cedula|national id|identification|personal id|\bID\b|\bD\.?N\.?I\b|identity"
            r"|\bC\.?U\.?R\.?P\b|\bSSN\b|social security|citizen's card|tazkira|residency|\bLE number|\bN\.?I\.?E\b"
            r"|identidad|refugee|stateless person|\bI\.?F\.?E\b|\bD\.?U\.?I\b|\bNIK\b|\bC\.?P\.?F\b",
        ),
    )
)
_ELECTORAL = re.compile(r"electoral", re.IGNORECASE)  # of a person, though it is a registry
_NO_ID = re.compile(r"chinese commercial code", re.IGNORECASE)  # how the characters of a name are telegraphed
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_IMO = re.compile(r"\bIMO\W*(\d{7})\b", re.IGNORECASE)


def listed_id(label: str, value: str) -> tuple[str, str] | None:
    """Scheme and value of a number that is listed under a label; None for a label that names no identifier.

    >>> listed_id("Tax ID No.", "7744001497"), listed_id("Vessel Registration Identification", "IMO 9187629")
    (('tax', '7744001497'), ('imo', '9187629'))
    >>> listed_id("Legal Entity Number", "253400WSS48YWMBUA688"), listed_id("Phone Number", "5550100")
    (('lei', '253400WSS48YWMBUA688'), None)
    """
    if imo := _IMO.search(value):
        return "imo", imo[1]
    if _NO_ID.search(label):
        return None
    if _ELECTORAL.search(label):
        return "national_id", value
    scheme = next((scheme for scheme, pattern in _SCHEMES if pattern.search(label)), None)
    if scheme is None or not (scheme == "bic" or any(map(str.isdigit, value))):
        return None
    return ("lei" if scheme == "registration" and _is_lei(value) else scheme), value


def _is_lei(value: str) -> bool:
    """ISO 17442: two check digits by ISO 7064, letters counted from 10."""
    return bool(_LEI.fullmatch(value)) and int("".join(str(int(char, 36)) for char in value)) % 97 == 1
