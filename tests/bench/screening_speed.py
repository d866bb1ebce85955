"""Speed of screening against the whole SDN, on one core: names, building, updates; and what retrieval finds.

    python -m tests.bench.screening_speed

CPU time is the process's own, so it tells what a quiet machine would do; the clock also counts what others took.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sluicegate.screening.index import CompiledList, Kind, NameQuery
from sluicegate.wire.events import ListEntry
from sluicegate.wire.scalars import dec_hook
from tests.bench import ofac_names

DATA = ofac_names.SHARED / "data/screening"
SLICE = 200
CHANGED = 1000
NEAREST = (5, 8, 20, 30, 50)
KINDS: dict[str, Kind] = {"person": "person", "organisation": "organisation"}

Row = dict[str, Any]
T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine-possible", type=float, default=70.0, help="engine score of a verdict, in points")
    parser.add_argument("--near-miss", type=float, default=50.0, help="engine score of a near miss, in points")
    options = parser.parse_args()
    if not ofac_names.NAMES.exists():
        sys.exit(f"No data: {ofac_names.NAMES} is absent.")
    rows = [row for row in ofac_names.entries() if row["names"]]
    entries = decode(rows)
    gc.collect()
    gc.freeze()  # what is measured is the list, not what the garbage collector makes of the bench's own data
    gc.set_threshold(50_000, 20, 20)  # as in the worker
    print(f"{len(entries)} entries, {sum(len(entry.names) for entry in entries)} names")
    building(entries)
    updating(entries, rows)
    retrieval(entries)
    natural, perturbed = natural_names(), perturbed_names(entries)
    mixed = natural + perturbed
    random.Random(1).shuffle(mixed)
    engine = {"engine_possible": options.engine_possible, "near_miss": options.near_miss}
    print(f"\n{'never-seen names':44}{'names/s':>9}{'by clock':>10}{'p50 µs':>8}{'p99 µs':>8}{'max µs':>8}")
    screening("natural and perturbed, engine on", entries, mixed, **engine)
    screening("natural, engine on", entries, natural, **engine)
    screening("perturbed, engine on", entries, perturbed, **engine)
    screening("natural, both types, engine on", entries, [NameQuery(q.name, "both") for q in natural], **engine)
    screening("natural and perturbed, rules alone", entries, mixed)
    seen(entries, natural, **engine)


def building(entries: list[ListEntry]) -> None:
    before = resident()
    cpu, took, built = timed(lambda: CompiledList("sdn", "1", entries))
    print(f"build: {cpu:.2f} s CPU, {took:.2f} s; memory {resident() - before:.0f} MB resident")
    del built


def updating(entries: list[ListEntry], rows: list[Row]) -> None:
    first = CompiledList("sdn", "0", [])
    slices = [timed(partial(first.prepare, part))[:2] for part in sliced(entries)]
    cpus, clocks = zip(*slices, strict=True)
    print(
        f"prepare {SLICE} entries: mean {1e3 * sum(cpus) / len(cpus):.1f}, longest {1e3 * max(cpus):.1f} ms CPU"
        f" ({1e3 * max(clocks):.1f} ms)"
    )
    cpu, took, whole = timed(lambda: first.derive("1", entries, []))
    print(f"derive the first version, prepared: {1e3 * cpu:.1f} ms CPU ({1e3 * took:.1f} ms)")
    news = decode(renamed(row) for row in rows[:CHANGED])
    whole.prepare(news)
    gone = [entry.entry_id for entry in entries[-CHANGED // 10 :]]
    cpu, took, later = timed(lambda: whole.derive("2", news, gone))
    print(f"derive {CHANGED} changed and {len(gone)} removed, prepared: {1e3 * cpu:.1f} ms CPU ({1e3 * took:.1f} ms)")
    prepares, derives = turnover(later, rows)
    print(
        f"100 updates of {SLICE} entries each: longest prepare {1e3 * max(prepares):.1f}, derive mean "
        f"{1e3 * sum(derives) / len(derives):.1f}, longest {1e3 * max(derives):.1f} ms CPU;"
        f" {resident():.0f} MB resident"
    )


def turnover(version: CompiledList, rows: list[Row]) -> tuple[list[float], list[float]]:
    """CPU times of preparing and deriving."""
    prepares, derives = [], []
    for number in range(100):
        news = decode(renamed(row, f" {number}x") for row in random.Random(number).sample(rows, SLICE))
        prepares.append(timed(partial(version.prepare, news))[0])
        cpu, _, version = timed(partial(version.derive, str(number), news, []))
        derives.append(cpu)
    return prepares, derives


def retrieval(entries: list[ListEntry]) -> None:
    """For how many perturbed names the entry is among the names nearest by grams, and among those scored."""
    holding = CompiledList("sdn", "1", entries)._holding
    views = {"person": holding._people, "organisation": holding._organisations}
    asked, found, scored = 0, Counter[int](), 0
    for row in read(DATA / "perturbed-names.jsonl"):
        entry = holding.entry(str(row["entity_id"]))
        if entry is None or entry.kind not in views:
            continue
        view = views[entry.kind]
        tokens, folded = view.table.query_tokens(row["query"]), view.table.fold(row["query"])
        right = [any(owner is entry for owner, _ in view.table.owners[at]) for at in view.nearest(tokens, max(NEAREST))]
        found.update(limit for limit in NEAREST if any(right[:limit]))
        best = view.worth_scoring(tokens, folded)
        scored += any(owner is entry for at in best for owner, _ in view.table.owners[at])
        asked += 1
    shares = ", ".join(f"{found[limit] / asked:.4f} @{limit}" for limit in NEAREST)
    print(f"recall of {asked} perturbed names by grams: {shares}; among the scored: {scored / asked:.4f}")


def screening(label: str, entries: list[ListEntry], queries: list[NameQuery], **engine: float) -> None:
    listed = CompiledList("sdn", "1", entries)
    for query in queries[:100]:  # warm the code, not the caches of names
        listed.screen_name(NameQuery(f"{query.name} q", query.kind), **engine)  # type: ignore[arg-type]
    latencies = []
    start, began = time.process_time(), time.perf_counter()
    for query in queries:
        before = time.process_time()
        listed.screen_name(query, **engine)  # type: ignore[arg-type]
        latencies.append(time.process_time() - before)
    cpu, clock = time.process_time() - start, time.perf_counter() - began
    latencies.sort()
    p50, p99, longest = (1e6 * latencies[int(share * (len(latencies) - 1))] for share in (0.5, 0.99, 1.0))
    print(f"{label:44}{len(queries) / cpu:9.0f}{len(queries) / clock:10.0f}{p50:8.0f}{p99:8.0f}{longest:8.0f}")


def seen(entries: list[ListEntry], queries: list[NameQuery], **engine: float) -> None:
    listed = CompiledList("sdn", "1", entries)
    unlisted = [query for query in queries if not listed.screen_name(query, **engine)]  # type: ignore[arg-type]
    screen = listed.screen_name
    start = time.process_time()
    for query in unlisted:
        screen(query, **engine)  # type: ignore[arg-type]
    print(f"seen names without a hit: {1e6 * (time.process_time() - start) / len(unlisted):.2f} µs")


def natural_names() -> list[NameQuery]:
    rows = read(DATA / "unlisted-names.jsonl")
    return [NameQuery(row["query"], "person") for row in rows if not row["class"].startswith("hard")]


def perturbed_names(entries: list[ListEntry]) -> list[NameQuery]:
    kinds = {entry.entry_id: KINDS[entry.kind] for entry in entries if entry.kind in KINDS}
    rows = read(DATA / "perturbed-names.jsonl")
    return [NameQuery(row["query"], kind) for row in rows if (kind := kinds.get(str(row["entity_id"])))]


def renamed(row: Row, suffix: str = " ZZ") -> Row:
    return {**row, "names": [{**name, "name": name["name"] + suffix} for name in row["names"]]}


def decode(rows: Iterable[Row]) -> list[ListEntry]:
    return [msgspec.convert(row, ListEntry, dec_hook=dec_hook) for row in rows]


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sliced(entries: list[ListEntry]) -> Iterator[list[ListEntry]]:
    for start in range(0, len(entries), SLICE):
        yield entries[start : start + SLICE]


def timed(run: Callable[[], T]) -> tuple[float, float, T]:
    """Seconds of CPU, seconds, and what it gave."""
    cpu, clock = time.process_time(), time.perf_counter()
    result = run()
    return time.process_time() - cpu, time.perf_counter() - clock, result


def resident() -> float:
    """Resident memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    main()
