"""The `[holidays]` table of a policy file: public holidays of a country by library, with additions and exceptions.

They become dates when the file is checked or published, so that what a policy means does not depend on the version of
a library that a worker happens to have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

import holidays as library
from holidays.version import __version__

__all__ = ["Asked", "Expanded", "expand"]

KEYS = ("country", "subdivision", "years", "extra", "except")
YEARS_AHEAD = 2
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Events are of these years."""


class Asked(NamedTuple):
    """A fault: the keys that lead to it, and what is wrong."""

    path: tuple[str | int, ...]
    message: str


class Expanded(NamedTuple):
    """The dates in order, and in words where they come from."""

    dates: tuple[date, ...]
    origin: str


def expand(table: Mapping[str, Any], today: date) -> Expanded | list[Asked]:
    """The dates of a table; `years` left out: the year of `today` and the two after. Else every fault.

    >>> found = expand({"country": "US", "years": [2026], "except": [date(2026, 10, 12)]}, date(2026, 1, 1))
    >>> len(found.dates), found.dates[0].isoformat(), found.origin.split(", by")[0]
    (11, '2026-01-01', 'US, years 2026')
    >>> expand({"country": "DE", "subdivision": "Augsburgg"}, date(2026, 1, 1))[0].message
    'expected a subdivision of DE; did you mean Augsburg?'
    """
    faults = list(_faults(table))
    if faults:
        return faults
    country, subdivision = table["country"], table.get("subdivision")
    years = table.get("years", list(range(today.year, today.year + YEARS_AHEAD + 1)))
    public = set(library.country_holidays(country, subdiv=subdivision, years=years))
    extra, left_out = {*table.get("extra", ())}, {*table.get("except", ())}
    strange = [n for n, day in enumerate(table.get("except", ())) if day not in public]
    if strange:
        return [Asked(("except", n), "no public holiday there, so nothing to leave out") for n in strange]
    place = f"{country}-{subdivision}" if subdivision else country
    words = [f"{place}, years {', '.join(map(str, years))}"]
    words += [] if "years" in table else ["which are not named in the file: this one and the next two"]
    words += [f"by the library holidays {__version__}"]
    words += [f"{len(extra)} added"] * bool(extra) + [f"{len(left_out)} left out"] * bool(left_out)
    return Expanded(tuple(sorted(public - left_out | extra)), ", ".join(words))


def _faults(table: Mapping[str, Any]) -> Iterator[Asked]:
    for key in table:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1)
            yield Asked((key,), "unknown key" + _hint(near, KEYS))
    known = library.list_supported_countries()
    country = table.get("country")
    if country is None:
        yield Asked(("country",), "missing; expected a country such as US (ISO 3166-1)")
    elif not isinstance(country, str) or country not in known:
        near = get_close_matches(str(country), known, 1)
        yield Asked(("country",), "expected a country that the library holidays knows, such as US" + _hint(near))
    elif (part := table.get("subdivision")) is not None and part not in known[country]:
        names = known[country]
        near = get_close_matches(str(part), names, 1)
        yield Asked(("subdivision",), f"expected a subdivision of {country}" + _hint(near, names))
    years = table.get("years", [])
    if not isinstance(years, list) or ("years" in table and not years):
        yield Asked(("years",), "expected an array of years, such as [2026, 2027]")
    else:
        for number, year in enumerate(years):
            if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
                yield Asked(("years", number), f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")
    for key in ("extra", "except"):
        days = table.get(key, [])
        if not isinstance(days, list):
            yield Asked((key,), "expected an array of dates, such as [2026-12-24]")
            continue
        for number, day in enumerate(days):
            if type(day) is not date:
                yield Asked((key, number), "expected a date, such as 2026-12-24 (without quotes)")


def _hint(near: list[str], known: tuple[str, ...] | list[str] = ()) -> str:
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are: {', '.join(known)}" if known else ""
