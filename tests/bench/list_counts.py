"""What is in the files of the lists, counted without the loaders: csv module, splitting and plain patterns.

Names are counted once per party, white space folded; wallets once per party, `0x` ones without regard to case;
identifiers once per party and number, spaces left out. What is a name or a number in a field is decided
by the rules that the loaders follow, written a second time.
"""

import csv
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LABELS = (
    "Passport",
    "Diplomatic Passport",
    "British National Overseas Passport",
    "Stateless Person Passport",
    "Travel Document Number",
    "Cedula No.",
    "National ID No.",
    "National Foreign ID Number",
    "Personal ID Card",
    "Personal ID No.",
    "Moroccan Personal ID No.",
    "Bosnian Personal ID No.",
    "Tazkira National ID Card",
    "Stateless Person ID Card",
    "Refugee ID Card",
    "Kenyan ID No.",
    "C.U.R.P. #",
    "C.U.R.P.",
    "D.N.I.",
    "N.I.E.",
    "I.F.E.",
    "SSN",
    "LE Number",
    "Electoral Registry No.",
    "Residency Number",
    "Numero de Identidad",
    "Turkish Identification Number",
    "UAE Identification",
    "Citizen's Card Number",
    "Seafarer's Identification Document",
    "Identification Number",
    "Driver's License No.",
    "Tax ID No.",
    "NIT #",
    "NIT",
    "RUC #",
    "RIF #",
    "R.F.C. #",
    "R.F.C.",
    "RFC",
    "RTN",
    "C.U.I.T.",
    "C.I.F.",
    "US FEIN",
    "V.A.T. Number",
    "Italian Fiscal Code",
    "Fiscal Code",
    "Registration Number",
    "Registration ID",
    "Company Number",
    "UK Company Number",
    "Company ID: No.",
    "Commercial Registry Number",
    "Matricula Mercantil No",
    "Folio Mercantil No.",
    "Government Gazette Number",
    "C.R. No.",
    "Romanian C.R.",
    "Business Registration Document #",
    "Business Registration Number",
    "Business Number",
    "Public Registration Number",
    "Chamber of Commerce Number",
    "Dubai Chamber of Commerce Membership No.",
    "Istanbul Chamber of Comm. No.",
    "Certificate of Incorporation Number",
    "Enterprise Number",
    "Branch Unit Number",
    "Legal Entity Number",
    "Registered Charity No.",
    "Trade License No.",
    "Tourism License No.",
    "Pilot License Number",
    "Afghan Money Service Provider License Number",
    "File Number",
    "MSB Registration Number",
    "Central Registration System Number",
    "Unified Social Credit Code (USCC)",
    "United Social Credit Code Certificate (USCCC)",
    "Vessel Registration Identification",
    "Vessel Registration Number",
    "MMSI",
    "D-U-N-S Number",
    "SWIFT/BIC",
)
_NUMBER_ENDS = re.compile(r" ?\(| issued\b| expire|, | and | at ")
_FIELDS = re.compile(r"<(NAME_ORIGINAL_SCRIPT|ALIAS_NAME)>(.*?)</\1>", re.DOTALL)


class Counts(NamedTuple):
    entries: int
    names: int
    wallets: int
    ids: int


def squeezed(text: str) -> str:
    return "".join(text.split())


def legacy(folder: Path, files: tuple[str, str, str, str]) -> Counts:
    """The legacy set of a folder; files: parties, aliases, addresses, comments."""
    parties, aliases, _, comments = ([row for row in cells(folder / name) if len(row) > 1] for name in files)
    more = {row[0]: row[1] for row in comments}
    names: defaultdict[str, set[str]] = defaultdict(set)
    wallets: set[tuple[str, str]] = set()
    ids: set[tuple[str, str]] = set()
    for number, name, *_, remarks in parties:
        names[number].add(" ".join(name.split()))
        text = (remarks if remarks.strip() != "-0-" else "") + more.get(number, "")
        names[number].update(" ".join(alias.split()) for alias in re.findall(r"[afn]\.k\.a\. '(.*?)'(?=;|\.?$)", text))
        for address in re.findall(r"Digital Currency Address - \S+ (\w+)", text):
            wallets.add((number, address.lower() if address.startswith("0x") else address))
        ids.update((number, found) for found in numbers(text))
    for row in aliases:
        if row[0] in names:
            names[row[0]].add(" ".join(row[3].split()))
    return Counts(len(parties), sum(map(len, names.values())), len(wallets), len(ids))


def cells(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="latin-1", newline="") as file:
        yield from csv.reader(file)


def numbers(text: str) -> Iterator[str]:
    """Numbers behind the labels that stand for an identifier."""
    for fact in text.rstrip(". ").split(";"):
        fact = fact.strip().removeprefix("alt. ")
        label = max((each for each in _LABELS if fact.startswith(each + " ")), key=len, default="")
        if not label:
            continue
        rest = fact[len(label) :].strip()
        rest = re.sub(r"^(?:(?:Document )?(?:No\.|Number|Card|#) )*(?:[A-Za-z.]+: ?)?", "", rest)
        rest = rest.removeprefix("IMO ") if re.search(r"IMO \d{7}", rest) else rest
        number = _NUMBER_ENDS.split(rest)[0]
        if label == "SWIFT/BIC" or re.search(r"\d", number):
            yield squeezed(number)


def lines(path: Path) -> int:
    """Lines that begin with a number and a comma."""
    return len(re.findall(rb"^\d+ *,", path.read_bytes(), re.MULTILINE))


def wallets_in(path: Path) -> int:
    """Addresses behind a label of digital currency, whatever the party."""
    return len(set(re.findall(r"Digital Currency Address - \S+ (\w+)", path.read_text("latin-1"))))


def united_nations(text: str) -> tuple[Counts, int]:
    """Of the UN's XML; and how many names there are in an original script."""
    names, ids, entries = 0, 0, 0
    for _, block in re.findall(r"<(INDIVIDUAL|ENTITY)>(.*?)</\1>", text, re.DOTALL):
        entries += 1
        parts = re.findall(r"<(?:FIRST|SECOND|THIRD|FOURTH)_NAME>(.*?)</", block, re.DOTALL)
        fields = [" ".join(parts), *(field for _, field in _FIELDS.findall(block))]
        names += len({name for field in fields for name in _un_names(" ".join(html.unescape(field).split()))})
        found = re.findall(r"<NUMBER>(.*?)</NUMBER>", block, re.DOTALL)
        ids += len({first for number in found if (first := _first_number(number))})
    scripts = len(re.findall(r"<NAME_ORIGINAL_SCRIPT>\s*[^<\s]", text))
    return Counts(entries, names, 0, ids), scripts


def _first_number(text: str) -> str:
    words = re.split(r"[,;(]", html.unescape(text))[0].split()
    first = next((place for place, word in enumerate(words) if any(map(str.isdigit, word))), None)
    if first is None:
        return squeezed(re.sub(r"^.*\(.*?\)", "", text)) if re.search(r"\d", text) else ""
    before = words[first - 1] if first and re.fullmatch("[A-Z]{1,3}", words[first - 1]) else ""
    return before + "".join(words[first:])


def _un_names(field: str) -> Iterator[str]:
    foreign = any(char.isalpha() and ord(char) > 0x36F and not 0x1E00 <= ord(char) < 0x1F00 for char in field)
    several = ";" in field or (foreign and re.search("[A-Za-z]", field))
    for piece in re.split(r"[;()]| [a-z]\) ", field) if several else [field]:
        piece = re.sub(r"^original script:? ?", "", piece.strip(' ,:"“”'))
        if not several:
            piece = re.sub(r" ?\([^()]*(?:[Nn]ame|NAME|third)\)| ?\([a-z][^()]{8,}\)", "", piece.lstrip(") "))
        piece = re.sub(r",? born .*| - [a-z-]+ name", "", piece).strip(' ,:"“”')
        if not piece or (several and re.fullmatch("[a-z -]* name", piece)):
            continue
        yield piece
        if re.search(r"\([A-Z][A-Z0-9/-]+\)$", piece):
            yield piece[: piece.rindex("(")].strip()
