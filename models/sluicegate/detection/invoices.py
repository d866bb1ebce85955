"""Invoice numbers in the form in which duplicates are compared."""

import unicodedata

PREFIXES = ("INVOICE", "INV", "NO")


def normal_form(number: str | None) -> str:
    """Upper-case letters and digits without a leading INVOICE, INV or NO and without leading zeros; may be empty.

    >>> normal_form("Inv. No. 000417-A"), normal_form("INV"), normal_form(None)
    ('417A', 'INV', '')
    """
    if not number:
        return ""
    text = (number if number.isascii() else unicodedata.normalize("NFKC", number)).upper()
    if not (text.isascii() and text.isalnum()):
        text = "".join([c for c in text if c.isascii() and c.isalnum()])
    shortened = True
    while shortened:
        shortened = False
        for prefix in PREFIXES:
            rest = text[len(prefix) :]
            if text.startswith(prefix) and any(c.isdigit() for c in rest):
                text, shortened = rest, True
                break
    return text.lstrip("0")


def nearly_equal(one: str, other: str) -> bool:
    """Whether two normal forms differ by one extra trailing character, or by one swap of two adjacent ones.

    >>> nearly_equal("417", "417A"), nearly_equal("4172", "4127"), nearly_equal("417", "418")
    (True, True, False)
    """
    if abs(len(one) - len(other)) == 1:
        short, long = sorted((one, other), key=len)
        return bool(short) and long.startswith(short)
    if len(one) != len(other):
        return False
    wrong = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == other[wrong[1]]
        and one[wrong[1]] == other[wrong[0]]
    )
