"""An entry in the making: what the rows or elements of a list say about one party, each value once."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import inspect

from sluicegate.screening.lists.base import Fault
from sluicegate.screening.lists.countries import country_code, is_no_country
from sluicegate.screening.lists.dates import loose_dates
from sluicegate.screening.wallets import address_id, find_addresses
from sluicegate.wire.events import ListEntry
from sluicegate.wire.faults import faults

Kind = Literal["person", "organisation", "vessel", "aircraft"]
Quality = Literal["primary", "strong", "weak"]

_RANKS = {"primary": 0, "strong": 1, "weak": 2}
_ENTRY = inspect.type_info(ListEntry)
_DAY = len("YYYY-MM-DD")
_SPACE = re.compile(r"\s+")
# most EVM addresses of lists are in one case, which carries no checksum; 40 hex digits in a list are no accident
_EVM = re.compile(r"(?<![0-9A-Za-z])0x[0-9A-Fa-f]{40}(?![0-9A-Za-z])")


class Draft:
    """Collects values in the order they come; white space is folded, empty values are passed over.

    The first name said to be primary is; the other ones are strong. Where none is, the first strong name becomes it.
    A name given twice keeps its better quality.
    """

    __slots__ = (
        "_countries",
        "_dob",
        "_entry_id",
        "_faults",
        "_ids",
        "_kind",
        "_listed_on",
        "_names",
        "_programs",
        "_remarks",
        "_wallets",
    )

    def __init__(self, entry_id: str, kind: Kind) -> None:
        self._entry_id = entry_id
        self._kind = kind
        self._listed_on = ""
        self._faults: dict[tuple[str, str], None] = {}
        self._names: dict[str, Quality] = {}
        self._dob: dict[str, None] = {}
        self._countries: dict[str, None] = {}
        self._programs: dict[str, None] = {}
        self._wallets: dict[str, str] = {}
        self._ids: dict[tuple[str, str], None] = {}
        self._remarks: dict[str, None] = {}

    def name(self, text: str, quality: Quality) -> None:
        if text := fold_space(text):
            if quality == "primary" and "primary" in self._names.values():
                quality = "strong"
            self._names[text] = min(quality, self._names.get(text, quality), key=_RANKS.__getitem__)

    def birth(self, text: str) -> None:
        """text: dates as `loose_dates` reads them; a fault where there is none in it."""
        dates = loose_dates(text)
        self._dob.update(dict.fromkeys(dates))
        if not dates and text.strip():
            self.fault("/dob", "not a date")

    def country(self, *spellings: str) -> None:
        """Code or name, the first one that is known; a fault where none is, unless they are known to mean nothing."""
        code = next(filter(None, map(country_code, spellings)), None)
        if code:
            self._countries[code] = None
        elif not all(map(is_no_country, spellings)):
            self.fault("/countries", "not a country that is known")

    def program(self, text: str) -> None:
        if text := fold_space(text):
            self._programs[text] = None

    def identifier(self, scheme: str, value: str) -> None:
        if value := fold_space(value):
            self._ids[scheme, value] = None

    def wallet(self, address: str) -> None:
        if address := address.strip():
            self._wallets.setdefault(address_id(address), address)

    def wallets_in(self, text: str) -> None:
        """Addresses in free text: those with a valid checksum, and all of the EVM form."""
        for address in (*_EVM.findall(text), *find_addresses(text)):
            self.wallet(address)

    def listed(self, text: str) -> None:
        """A day of listing, as `loose_dates` reads it: of several the first counts, a year or month does not."""
        days = [date for date in loose_dates(text) if len(date) == _DAY]
        self._listed_on = min(filter(None, (self._listed_on, *days)), default="")

    def remark(self, text: str) -> None:
        if text := fold_space(text):
            self._remarks[text] = None

    def fault(self, field: str, reason: str) -> None:
        """A part that cannot be used, `field` as a JSON Pointer into the entry; said with the entry, each once."""
        self._faults[field, reason] = None

    def finish(self, where: str) -> Iterator[ListEntry | Fault]:
        """The faults, and the entry without the parts that break the contract; none is left without a name."""
        for field, reason in self._faults:
            yield Fault(where, field, reason)
        raw = self._raw()
        try:
            yield msgspec.convert(raw, ListEntry)
        except msgspec.ValidationError:
            yield from _repaired(raw, where)

    def _raw(self) -> dict[str, Any]:
        raw: dict[str, Any] = {
            "entry_id": self._entry_id,
            "kind": self._kind,
            "names": self._listed_names(),
            "dob": list(self._dob),
            "countries": sorted(self._countries),
            "programs": list(self._programs),
            "wallets": list(self._wallets.values()),
            "ids": [{"scheme": scheme, "value": value} for scheme, value in self._ids],
        }
        if self._listed_on:
            raw["listed_on"] = self._listed_on
        if self._remarks:
            raw["remarks"] = "; ".join(self._remarks)
        return raw

    def _listed_names(self) -> list[dict[str, str]]:
        qualities: dict[str, Quality] = dict(self._names)
        if "primary" not in qualities.values():
            first = next((name for name, quality in qualities.items() if quality == "strong"), None)
            if first is not None:
                qualities[first] = "primary"
        ranked = sorted(qualities.items(), key=lambda item: item[1] != "primary")  # stable: the rest in file order
        return [{"name": name, "quality": quality} for name, quality in ranked]


def fold_space(text: str) -> str:
    r"""Runs of white space of any kind as one space, none at the ends.

    >>> fold_space(" AL\u00a0 EXAMPLE\n")
    'AL EXAMPLE'
    """
    return _SPACE.sub(" ", text).strip()


def _repaired(raw: dict[str, Any], where: str) -> Iterator[ListEntry | Fault]:
    """Without the items that break the contract; a fault of a required field takes the entry with it."""
    broken: dict[str, set[str]] = {}
    for fault in faults(raw, _ENTRY):
        yield Fault(where, fault.path, fault.message)
        field, _, item = fault.path[1:].partition("/")
        broken.setdefault(field, set()).add(item.partition("/")[0])
    for field, items in broken.items():
        if "" in items:
            return
        raw[field] = [item for index, item in enumerate(raw[field]) if str(index) not in items]
    if raw["names"]:
        yield msgspec.convert(raw, ListEntry)
