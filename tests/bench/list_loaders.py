"""List loaders against an independent count of the same files; two sets compared; damaged files refused.

Counts are by `list_counts`, which shares no code with the loaders. The set of December 2025 has no SDN.CSV: its other
files are compared row by row, and a set is made of them and of the names of the SDN of 26 November 2025 (whole, but
without Remarks, and four weeks older), which the loader reads like any other. So of 2025 there are no births,
nationalities, and numbers, no wallets but those in the comments, and the aliases of parties added in December have no
party (they are the faults of that set); the difference between the two sets is one of parties, of the words of their
names (but not of the weak ones, which stand in Remarks), and of rows. The advanced XML is not in the data: the parties
of 2021 are written in that form by code of the bench, and must come back as they were.
"""

import gzip
import json
import re
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.lists.refresh import Origin, refresh
from sluicegate.lists.store import Store
from sluicegate.screening.lists.base import Fault, ListRefused, ListSource
from sluicegate.screening.lists.csv_rows import rows
from sluicegate.screening.lists.diff import compare
from sluicegate.screening.lists.ofac_xml import NAMESPACES
from sluicegate.screening.lists.registry import SOURCES
from sluicegate.screening.wallets import address_id, has_valid_checksum
from sluicegate.wire.events import ListEntry, ListName
from tests.bench import list_counts
from tests.bench.harness import headline, say, table
from tests.bench.list_counts import Counts, squeezed
from tests.bench.ofac_advanced import as_advanced

DATA = Path(__file__).parents[3] / "shared/data/sanctions"
OLD, NEW = DATA / "ofac-2021-07", DATA / "ofac-2025-12-24"
NAMES, UN, WALLETS = DATA / "ofac-2025-11-26-names.jsonl.gz", DATA / "un-2026-02-27.xml.gz", DATA / "wallets.csv"
LEGACY = ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv")
SDN_TYPES = {"person": '"individual"', "vessel": '"vessel"', "aircraft": '"aircraft"'}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def main() -> None:
    if not DATA.is_dir():
        print(f"nothing to measure: {DATA} is absent")
        return
    headline("list loaders")
    with tempfile.TemporaryDirectory(prefix="sluicegate-lists-") as temporary:
        folder = Path(temporary)
        made = made_set(folder / "2025")
        (folder / "un").mkdir()
        united = folder / "un" / "un_consolidated.xml"
        united.write_bytes(gzip.decompress(UN.read_bytes()))
        old, new = (list(load("ofac-sdn", 1, {name: place / name for name in LEGACY})) for place in (OLD, made))
        un = list(load("un", 0, {united.name: united}))
        count_lists(old, new, un, made, united)
        count_rows()
        known_wallets(old)
        compare_sets(old, new)
        advanced_form(old, folder / "sdn_advanced.xml")
        refusals(folder / "refused", united)


def load(name: str, form: int, paths: dict[str, Path]) -> Iterator[ListEntry | Fault]:
    return SOURCES[name].forms[form].parse({file: chunks(path) for file, path in paths.items()})


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            yield chunk


def entries(found: Iterable[ListEntry | Fault]) -> list[ListEntry]:
    return [part for part in found if isinstance(part, ListEntry)]


def made_set(folder: Path) -> Path:
    """The files of December 2025 beside an SDN.CSV made of the names of November: primary names and kinds alone."""
    folder.mkdir()
    for name in LEGACY[1:]:
        (folder / name).write_bytes((NEW / name).read_bytes())
    with gzip.open(NAMES, "rt", encoding="utf-8") as lines, (folder / LEGACY[0]).open("w", newline="") as out:
        for line in lines:
            party = json.loads(line)
            name = next(name["full_name"] for name in party["names"] if name["is_primary"])
            kind = SDN_TYPES.get(party["kind"], "-0- ")
            out.write(f'{party["entity_id"]},"{name.replace(chr(34), chr(34) * 2)}",{kind}' + ",-0- " * 9 + "\r\n")
        out.write("\x1a")
    return folder


def counted(found: Iterable[ListEntry | Fault]) -> Counts:
    held = entries(found)
    return Counts(
        len(held),
        sum(len({name.name for name in entry.names}) for entry in held),
        sum(len({address_id(wallet) for wallet in entry.wallets}) for entry in held),
        sum(len({squeezed(one.value) for one in entry.ids}) for entry in held),
    )


def count_lists(
    old: list[ListEntry | Fault], new: list[ListEntry | Fault], un: list[ListEntry | Fault], made: Path, united: Path
) -> None:
    independent, scripts = list_counts.united_nations(united.read_text("utf-8"))
    sets = (
        ("ofac-sdn, July 2021", old, list_counts.legacy(OLD, LEGACY)),
        ("ofac-sdn, made of 2025", new, list_counts.legacy(made, LEGACY)),
        ("un, February 2026", un, independent),
    )
    lines = [
        (title, what, got, expected, "equal" if got == expected else "different")
        for title, found, counts in sets
        for what, got, expected in zip(Counts._fields, counted(found), counts, strict=True)
    ]
    table(lines, ("list", "of", "loader", "independent count", ""))
    written = sum(
        any(not name.name.isascii() and re.search(r"[\u0370-\uffff]", name.name) for name in e.names)
        for e in entries(un)
    )
    print(f"\nun: {scripts} fields of an original script; {written} entries with a name in one")
    for title, found, _ in sets:
        faults = [part for part in found if isinstance(part, Fault)]
        reasons = {(fault.field, fault.reason): 0 for fault in faults}
        for fault in faults:
            reasons[fault.field, fault.reason] += 1
        print(
            f"{title}: {len(faults)} faults",
            *(f"\n  {count} × {field} {reason}" for (field, reason), count in reasons.items()),
        )


def count_rows() -> None:
    lines = []
    for place in (OLD, NEW):
        for name in LEGACY:
            path = place / name
            if path.exists():
                got = sum(1 for _ in rows(name, chunks(path), "cp1252", end="\x1a", end_needed=False))
                expected = list_counts.lines(path)
                lines.append((f"{place.name}/{name}", got, expected, "equal" if got == expected else "different"))
    table(lines, ("file", "rows by the reader", "lines with a number", ""))
    print(f"\nwallets in the comments of December 2025: {list_counts.wallets_in(NEW / LEGACY[3])}")


def known_wallets(old: list[ListEntry | Fault]) -> None:
    known = {row[0]: row[5] for row in list_counts.cells(WALLETS)}
    listed = {address_id(wallet) for entry in entries(old) for wallet in entry.wallets}
    states = [known.get(wallet, "not there") for wallet in listed]
    table([(state, states.count(state)) for state in sorted(set(states))], ("wallets of 2021 in wallets.csv", "count"))
    likely = [wallet for wallet in listed if re.match(r"[13T]|bc1|0x", wallet)]
    one_case = [wallet for wallet in likely if wallet.startswith("0x")]
    wrong = [wallet for wallet in likely if not wallet.startswith("0x") and not has_valid_checksum(wallet)]
    print(f"\nof {len(listed)}: {len(likely)} look like Bitcoin, TRON or EVM, {len(one_case)} of them EVM;")
    print(f"checksums that fail: {len(wrong)} {wrong}")


def compare_sets(old: list[ListEntry | Fault], new: list[ListEntry | Fault]) -> None:
    difference = compare(map(bare, entries(old)), map(bare, entries(new)))
    lines: list[tuple[str, int, int, int]] = [
        ("parties (kind, words of names)", len(difference.added), len(difference.removed), len(difference.changed))
    ]
    renamed = sum("names" in change.fields for change in difference.changed)
    for name, key in (("alt.csv", 2), ("add.csv", 2), ("sdn_comments.csv", 1)):
        before, after = (
            {tuple(row[:key]): row[key:] for row in list_counts.cells(place / name) if len(row) > 1}
            for place in (OLD, NEW)
        )
        changed = sum(before[number] != after[number] for number in before.keys() & after.keys())
        lines.append((f"rows of {name}", len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed))
    table(lines, ("July 2021 to end of 2025", "added", "removed", "changed"))
    print(f"\nof the changed parties {renamed} have other names, {len(difference.changed) - renamed} only another kind")
    print(f"parties: {len(entries(old)):,} before, {len(entries(new)):,} after")


def bare(entry: ListEntry) -> ListEntry:
    """Of an entry what both sets have: kind, and the words of its names that are not weak.

    The names of November 2025 have no comma behind the family name, and capitals and order of their own.
    """
    names = {
        " ".join(sorted(re.findall(r"\w+", name.name.casefold()))) for name in entry.names if name.quality != "weak"
    }
    listed = tuple(ListName(name=name) for name in sorted(names))
    return ListEntry(entry_id=entry.entry_id, kind=entry.kind, names=listed)


def advanced_form(old: list[ListEntry | Fault], path: Path) -> None:
    held = entries(old)
    path.write_text(as_advanced(held), "utf-8")
    began = time.perf_counter()
    found = entries(load("ofac-sdn", 0, {path.name: path}))
    seconds = time.perf_counter() - began
    same = sum(
        before == msgspec.structs.replace(after, ids=before.ids) for before, after in zip(held, found, strict=True)
    )
    tracemalloc.start()
    for _ in load("ofac-sdn", 0, {path.name: path}):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = path.stat().st_size / 1e6
    print(f"\nadvanced form of {len(held)} parties, {size:.1f} MB: {same} come back equal (identifiers left out),")
    print(f"{seconds:.2f} s, {peak / 1e6:.0f} MB at most (tracemalloc)")


def refusals(folder: Path, united: Path) -> None:
    """Each damaged file is given to `lists update`'s own code, over a good snapshot of the list."""
    xml = united.read_bytes()
    set_of_old = {name: (OLD / name).read_bytes() for name in LEGACY}
    sdn = set_of_old["sdn.csv"]
    blocks = re.findall(rb" *<INDIVIDUAL>.*?</INDIVIDUAL>\n", xml, re.DOTALL)
    half_xml = xml
    for block in blocks[: len(blocks) * 3 // 4]:
        half_xml = half_xml.replace(block, b"", 1)
    half_sdn = b"".join(sdn.splitlines(keepends=True)[: sdn.count(b"\n") // 2]) + b"\x1a"
    say("refusals")
    given = folder / "given"
    given.mkdir(parents=True)
    lines = []
    for name, good, cases in (
        (
            "un",
            {united.name: xml},
            {
                "truncated": {united.name: xml[: len(xml) // 2]},
                "empty": {united.name: b""},
                "renamed namespace": {
                    united.name: xml.replace(b"<CONSOLIDATED_LIST ", b'<CONSOLIDATED_LIST xmlns="urn:new" ', 1)
                },
                "half the entries": {united.name: half_xml},
            },
        ),
        (
            "ofac-sdn",
            set_of_old,
            {
                "truncated": set_of_old | {"sdn.csv": sdn[: len(sdn) // 2]},
                "cut at a line's end": set_of_old | {"sdn.csv": sdn[: sdn.rindex(b"\n", 0, len(sdn) // 2) + 1]},
                "empty": set_of_old | {"sdn.csv": b""},
                "half the entries": set_of_old | {"sdn.csv": half_sdn},
            },
        ),
    ):
        source, store = SOURCES[name], Store(folder / "store")
        first = attempt(store, source, given, good)
        for title, files in cases.items():
            said = attempt(store, source, given, files)
            held = store.current(name)
            kept = held is not None and first == f"taken: {held.version}"
            lines.append((f"{name}: {title}", said, "old list kept" if kept else "OLD LIST GONE"))
    renamed = folder / "sdn_advanced.xml"
    renamed.write_bytes(
        (united.parents[1] / "sdn_advanced.xml").read_bytes().replace(NAMESPACES[0].encode(), b"urn:new", 1)
    )
    store = Store(folder / "store")
    before = store.state("ofac-sdn")
    said = attempt(store, SOURCES["ofac-sdn"], given, {renamed.name: renamed.read_bytes()})
    kept = store.state("ofac-sdn") == before
    lines.append(("ofac-sdn: renamed namespace", said, "old list kept" if kept else "OLD LIST GONE"))
    print()
    for title, said, kept_text in lines:
        print(f"{title}\n  {said}\n  {kept_text}")


def attempt(store: Store, source: ListSource, given: Path, files: dict[str, bytes]) -> str:
    for old in given.iterdir():
        old.unlink()
    for name, content in files.items():
        (given / name).write_bytes(content)
    quiet: Callable[[str], None] = lambda _: None  # noqa: E731
    try:
        with store.locked(source.name, quiet):
            return f"taken: {refresh(store, source, Origin((given,)), NOW).version}"
    except ListRefused as refused:
        return f"refused: {refused}"


if __name__ == "__main__":
    main()
