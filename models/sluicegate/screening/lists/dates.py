"""Dates as lists write them -> `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

import re
from datetime import date

_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_LONGEST_SPAN = 50  # years: a wider range says nothing about a birth
_ABOUT = r"(?:circa|ca?\.?|about|around|approx(?:imately|\.)?|early|mid|late|in|on|born)[\s-]*"
_NAME = r"(?P<{0}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = r"(?P<year>1[89]\d\d|20\d\d)"
_FORMS = tuple(
    re.compile(rf"(?:{_ABOUT})*{form}\.?", re.IGNORECASE)
    for form in (
        # 1964-06-23 or 1964/06, with a time or zone behind it that says nothing
        rf"{_YEAR}(?:[-/.](?P<month>\d\d)(?:[-/.](?P<day>\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?)?)?",
        # 23/06/1964, with 00, dd or mm for what is not known
        rf"(?:(?P<day>\d\d?|dd)[-/.])?(?P<month>\d\d?|mm)[-/.]{_YEAR}",
        rf"(?:(?P<day>\d\d?)(?:st|nd|rd|th)?[\s-]+)?{_NAME.format('name')}[\s-]*,?\s*{_YEAR}",
        rf"{_NAME.format('name')}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+{_YEAR}",
    )
)
_DECADE = re.compile(rf"(?:{_ABOUT})*(?:the\s+)?(?P<year>(?:19|20)\d)0'?s", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*;\s*|\s+or\s+|(?<=\d{4})\s*,\s*", re.IGNORECASE)
_RANGE = re.compile(
    r"(?:between|from)?\s*(?P<first>.+?)\s*(?:\bto\b|\band\b|–|\s-\s|(?<=\b\d{4})[-/](?=\d{4}\b))\s*(?P<last>.+)",
    re.IGNORECASE,
)


def loose_dates(text: str) -> tuple[str, ...]:
    """Days, months or years in a list's text, each once, in its order; empty where it holds no date.

    A range gives each of its years, or the one month that it lies in; `circa` gives what stands behind it.

    >>> loose_dates("23 Jun 1964"), loose_dates("circa Jun 1964"), loose_dates("1964-06-23Z")
    (('1964-06-23',), ('1964-06',), ('1964-06-23',))
    >>> loose_dates("01 Jan 1960 to 31 Dec 1962"), loose_dates("circa 1961-1962"), loose_dates("00/00/1964 or 1966")
    (('1960', '1961', '1962'), ('1961', '1962'), ('1964', '1966'))
    >>> loose_dates("30-35 years old"), loose_dates("31 Feb 1964")
    ((), ())
    """
    found = (date for part in _SEVERAL.split(text.strip()) for date in _one(part.strip()) or _span(part.strip()))
    return tuple(dict.fromkeys(found))


def _one(text: str) -> tuple[str, ...]:
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _date(match.groupdict())
    if decade := _DECADE.fullmatch(text):
        return tuple(f"{decade['year']}{last}" for last in range(10))
    return ()


def _date(parts: dict[str, str | None]) -> tuple[str, ...]:
    year, name = int(parts["year"] or 0), parts.get("name")
    month = _MONTHS[name.lower()] if name else _number(parts.get("month"))
    day = _number(parts.get("day")) if month else 0
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return ()
    return (f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}" if month else f"{year}",)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _span(text: str) -> tuple[str, ...]:
    match = _RANGE.fullmatch(text)
    if match is None:
        return ()
    last = _one(match["last"])
    if not last:
        return ()
    first = _one(match["first"]) or _one(f"{match['first']} {last[0][:4]}")  # Aug. and Sep. 1977
    if not first:
        return ()
    month = first[0][:7]
    if len(month) == 7 and month == last[-1][:7]:
        return (month,)
    years = range(int(first[0][:4]), int(last[-1][:4]) + 1)
    return tuple(map(str, years)) if 0 < len(years) <= _LONGEST_SPAN else ()
