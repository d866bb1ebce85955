"""Names of other scripts and their Latin entries: how often one finds the other, per script and both ways.

The UN list's original-script names against its Latin names alone, and the other way round; and original names
of people whom OFAC lists (`script_names.py`) against the whole SDN list. Found: the entry is among the hits, by the
rules' verdicts or with an engine score of at least --threshold. First: no other entry scores higher; alone: none
as high.

Needs the real data in ../shared; says so where it is absent.
"""

import argparse
import gzip
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.screening.fold import list_name_tokens
from sluicegate.screening.index import CompiledList, NameQuery
from sluicegate.screening.scorer import MODEL_VERSION
from sluicegate.screening.variants import variants
from sluicegate.wire.events import ListEntry, ListName
from tests.bench import ofac_names, script_names
from tests.bench.harness import headline, table
from tests.bench.screening_compare import listed

UN = ofac_names.SHARED / "data/sanctions/un-2026-02-27.xml.gz"
_NOT_LATIN = re.compile(
    r"\(.*?\)|[^\x00-\u024f\u1e00-\u1eff\u2018\u2019`]+"
)  # what is in brackets may be a translation
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_LOOKED_AT = 10
Kind = Literal["person", "organisation"]


class Party(NamedTuple):
    """An entry of the UN list: its Latin names, the primary one first, and that in its own script, or nothing."""

    id: str
    kind: Kind
    latin: list[str]
    original: str


class Found(NamedTuple):
    verdict: bool
    score: float  # of the entry that is meant
    others: float  # the best of another entry


def united_nations() -> list[Party]:
    with gzip.open(UN) as source:
        root = ET.parse(source).getroot()
    return [*_parties(root, "INDIVIDUAL", "person"), *_parties(root, "ENTITY", "organisation")]


def _parties(root: ET.Element, tag: str, kind: Kind) -> Iterator[Party]:
    for element in root.iter(tag):
        primary = " ".join(part for name in _PARTS if (part := (element.findtext(name) or "").strip()))
        aliases = ((alias.findtext("ALIAS_NAME") or "") for alias in element.iter(f"{tag}_ALIAS"))
        latin = [name for one in (primary, *aliases) if (name := _NOT_LATIN.sub(" ", one).strip())]
        original = (element.findtext("NAME_ORIGINAL_SCRIPT") or "").strip()
        yield Party(element.findtext("DATAID") or "", kind, latin, original)


def script_of(name: str) -> str:
    """The script of most of its letters, as the first word of their Unicode names."""
    counts = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in name if letter.isalpha())
    return counts.most_common(1)[0][0].capitalize() if counts else ""


def compiled(names: Iterable[tuple[str, Kind, Sequence[str]]]) -> CompiledList:
    entries = (
        ListEntry(entry_id=id, kind=kind, names=tuple(ListName(name=name, quality="strong") for name in some))
        for id, kind, some in names
        if some
    )
    return CompiledList("bench", "1", entries)


def search(within: CompiledList, spellings: Iterable[str], kind: Kind, meant: set[str]) -> Found:
    """One party's name in all of its spellings."""
    scores: dict[str, float] = {}
    verdict = False
    for spelling in spellings:
        query = NameQuery(spelling, kind)
        verdict |= any(hit.entry_id in meant for hit in within.screen_name(query))
        for one in within.rank(query, _LOOKED_AT):
            scores[one.entry.entry_id] = max(one.score, scores.get(one.entry.entry_id, 0.0))
    own = max((score for id, score in scores.items() if id in meant), default=0.0)
    return Found(verdict, own, max((score for id, score in scores.items() if id not in meant), default=0.0))


def row(title: str, found: Sequence[Found], threshold: float) -> list[str | int]:
    tests: tuple[Callable[[Found], bool], ...] = (
        lambda one: one.verdict,
        lambda one: one.verdict or one.score >= threshold,
        lambda one: one.score > 0 and one.score >= one.others,
        lambda one: one.score > one.others,
    )
    return [title, len(found), *(f"{sum(map(test, found)) / len(found):.3f}" for test in tests)]


def with_variants(name: str, kind: Kind) -> list[str]:
    return [name, *variants(name, kind)]


def without(name: str, kind: Kind) -> list[str]:
    return [name]


def un_rows(threshold: float) -> Iterator[list[str | int]]:
    parties = united_nations()
    originals = [party for party in parties if party.original and script_of(party.original) != "Latin"]
    in_latin = compiled((party.id, party.kind, party.latin) for party in parties)
    for spell, how in ((without, "plain"), (with_variants, "variants")):
        found: dict[str, list[Found]] = defaultdict(list)
        in_original = compiled((one.id, one.kind, spell(one.original, one.kind)) for one in originals)
        for one in originals:
            group = f"{script_of(one.original)}, {one.kind}"
            names = spell(one.original, one.kind)
            found[f"UN, {group}: original to Latin, {how}"].append(search(in_latin, names, one.kind, {one.id}))
            found[f"UN, {group}: Latin to original, {how}"].append(
                search(in_original, one.latin[:1], one.kind, {one.id})
            )
        for title in sorted(found):
            yield row(title, found[title], threshold)


def sdn_rows(threshold: float) -> Iterator[list[str | int]]:
    entries = [entry for entry in listed() if entry.kind == "person"]
    people = CompiledList("bench", "1", entries)
    holders: dict[frozenset[str], set[str]] = defaultdict(set)
    for entry in entries:
        for one in entry.names:
            holders[frozenset(list_name_tokens(one.name, "person"))].add(entry.entry_id)
    for script, names in script_names.SCRIPTS.items():
        meant = {name: _holders(holders, latin) for name, latin in names.items()}
        for name in (name for name, ids in meant.items() if not ids):
            print(f"not listed as {names[name]}: left out")
        for spell, how in ((without, "plain"), (with_variants, "variants")):
            found = [search(people, spell(name, "person"), "person", ids) for name, ids in meant.items() if ids]
            yield row(f"SDN, {script}, person: original to Latin, {how}", found, threshold)


def _holders(holders: dict[frozenset[str], set[str]], latin: str) -> set[str]:
    """Entries that have a name of these tokens, and at most one more."""
    wanted = frozenset(latin.split())
    return {id for tokens, ids in holders.items() if wanted <= tokens and len(tokens) <= len(wanted) + 1 for id in ids}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threshold", type=float, default=50.0, help="engine score of a hit, 0 to 100")
    options = parser.parse_args()
    if not UN.exists():
        sys.exit(f"no real data: {UN} is absent")
    headline(f"Names of other scripts, engine model {MODEL_VERSION}")
    rows = [*un_rows(options.threshold), *sdn_rows(options.threshold)]
    table(rows, ("names, direction, spellings", "names", "verdict", "found", "first", "alone"))


if __name__ == "__main__":
    main()
