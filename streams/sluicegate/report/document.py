"""A report as plain values: HTML and PDF are made from the same ones."""

from __future__ import annotations

import msgspec

__all__ = ["Document", "Section", "Table"]


class Table(msgspec.Struct, frozen=True):
    """Rows of text below their headings; every row is as long as `heads`. `empty` stands in for no rows."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    empty: str = "None in the period."
    widths: tuple[int, ...] = ()
    """Shares of the page's width; none: alike."""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """By column, whether all of its cells are figures, which stand to the right.

        >>> Table(("Rule", "Alerts"), (("pay-spike", "1,204"), ("shell-vendor", "-"))).numeric
        (False, True)
        """
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.heads)
        return tuple(bool(column) and all(_is_figure(cell) for cell in column) for column in columns)


def _is_figure(cell: str) -> bool:
    return cell in ("", "-") or cell.replace(",", "").replace(".", "", 1).removesuffix(" %").isdigit()


class Section(msgspec.Struct, frozen=True):
    """A heading, what it means, and its tables."""

    title: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """A report: title, facts about itself (label, value), sections in order."""

    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
