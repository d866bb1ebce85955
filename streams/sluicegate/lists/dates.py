"""When a publisher says that a file was made, where its beginning has it."""

import re
from datetime import date, datetime

__all__ = ["HEAD", "date_in"]

HEAD = 1 << 15
"""Bytes of a file's beginning that are looked through."""

_DAY = r"(\d{4})-(\d\d)-(\d\d)"
_MARKS = (
    (re.compile(rf'\b(?:dateGenerated|generationDate)="{_DAY}'), "%Y-%m-%d"),  # UN, EU
    (
        re.compile(
            r"<(?:\w+:)?DateOfIssue[^>]*>\s*<(?:\w+:)?Year>(\d{4})</(?:\w+:)?Year>\s*<(?:\w+:)?Month>(\d\d?)"
            r"</(?:\w+:)?Month>\s*<(?:\w+:)?Day>(\d\d?)<"
        ),
        "%Y-%m-%d",
    ),  # OFAC, advanced
    (re.compile(r"\bReport Date:\s*(\d\d)-([A-Z][a-z]{2})-(\d{4})"), "%d-%b-%Y"),  # UK
    (re.compile(r"\AfileGenerationDate;[^\n]*\n\"?(\d\d)/(\d\d)/(\d{4})"), "%d/%m/%Y"),  # EU, CSV
)


def date_in(head: bytes) -> date | None:
    """The date of publication in a file's beginning; None where it has none in a form that is known.

    >>> date_in(b'<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:00.000Z">')
    datetime.date(2026, 2, 27)
    >>> date_in(b"Report Date: 02-Feb-2026"), date_in(b"1,AN EXAMPLE")
    (datetime.date(2026, 2, 2), None)
    """
    text = head[:HEAD].decode("utf-8", "replace").removeprefix("\ufeff")
    for mark, form in _MARKS:
        if found := mark.search(text):
            separator = form[2]
            try:
                return datetime.strptime(separator.join(found.groups()), form).date()  # noqa: DTZ007 (a date alone)
            except ValueError:
                return None
    return None
