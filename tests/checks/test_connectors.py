"""What every connector must keep, on its sample files and on larger ones that are made here."""

from __future__ import annotations

import random
import re
import sys
import tracemalloc
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sluicegate.connectors.base import Connector, Context, Faulty, Transaction
from sluicegate.connectors.importing import Refused, Sound, digest_of, items, sniffed
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.mapping import Mapping, read_mapping
from sluicegate.connectors.registry import CONNECTORS
from sluicegate.errors import FileRefusedError

SAMPLES = Path(__file__).parents[1] / "unit" / "connectors" / "samples"
PLACED = re.compile(r"line \d+")
KEYS = TenantKeys(b"a secret of the tests")
FILES = [path for path in sorted(SAMPLES.glob("*/*.*")) if path.suffix != ".toml"]
IBAN = re.compile(rb"\b(?!RF)[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b")


def context(path: Path) -> Context:
    """A csv file has its mapping beside it."""
    beside = path.with_suffix(".toml")
    mapping = read_mapping(beside.read_text(encoding="utf-8")) if beside.exists() else None
    assert mapping is None or isinstance(mapping, Mapping), mapping
    return Context("acme", KEYS, mapping=mapping)


def connector_of(path: Path) -> Connector:
    return CONNECTORS[path.parent.name]


def read(connector: Connector, raw: bytes, given: Context) -> list[Transaction | Faulty]:
    file = BytesIO(raw)
    survey = connector.survey(file, given)
    file.seek(0)
    found = list(connector.read(file, given, survey))
    assert len(found) == survey.transactions
    return found


def events(connector: Connector, raw: bytes, given: Context) -> list[Sound | Refused]:
    file = BytesIO(raw)
    survey = connector.survey(file, given)
    return list(items(connector, file, given, survey, digest_of(file, given), arrives=False))


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
each_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=list(CONNECTORS))


@each_connector
def test_connector_has_samples_and_says_what_it_is(connector: Connector) -> None:
    assert [path for path in FILES if path.parent.name == connector.name]
    assert connector.title
    assert connector.formats
    assert connector.emits
    assert all(suffix.startswith(".") for suffix in connector.suffixes)
    assert (sys.modules[connector.read.__module__].__doc__ or "").count("\n") > 1


@each_file
def test_sample_is_read_whole_and_every_event_is_sound(path: Path) -> None:
    connector = connector_of(path)
    found = events(connector, path.read_bytes(), context(path))
    assert found
    refused = [one.letter.detail for one in found if isinstance(one, Refused)]
    assert not refused
    bodies = [msgspec.json.decode(one.value) for one in found if isinstance(one, Sound)]
    assert {body["type"] for body in bodies} <= {*connector.emits}
    assert len({body["id"] for body in bodies}) == len(bodies)
    assert len({body["time"] for body in bodies}) == len(bodies)


@each_file
def test_control_sums_of_samples_agree(path: Path) -> None:
    survey = connector_of(path).survey(BytesIO(path.read_bytes()), context(path))
    assert [control for control in survey.controls if not control.ok] == []


@each_file
def test_the_same_file_gives_the_same_events(path: Path) -> None:
    raw, given = path.read_bytes(), context(path)
    once, again = (events(connector_of(path), raw, given) for _ in range(2))
    assert once == again


@each_file
def test_another_secret_gives_other_fingerprints_and_ids(path: Path) -> None:
    raw, given = path.read_bytes(), context(path)
    other = Context("acme", TenantKeys(b"another secret of tests"), mapping=given.mapping)
    ours, theirs = (ids(connector_of(path), raw, one) for one in (given, other))
    assert not ours & theirs


def ids(connector: Connector, raw: bytes, given: Context) -> set[str]:
    found = [msgspec.json.decode(one.value) for one in events(connector, raw, given) if isinstance(one, Sound)]
    return {one["id"] for one in found} | {fp for one in found for fp in fingerprints(one["data"])}


def fingerprints(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name in ("fp", "account_fp"):
                yield one
            yield from fingerprints(one)
    elif isinstance(value, list):
        for one in value:
            yield from fingerprints(one)


@each_file
def test_no_account_number_leaves(path: Path) -> None:
    raw = path.read_bytes()
    found = events(connector_of(path), raw, context(path))
    told = b"".join(one.value if isinstance(one, Sound) else msgspec.json.encode(one.letter) for one in found)
    for number in {*IBAN.findall(raw)}:
        assert number not in told


@each_file
def test_file_is_told_by_its_content_or_name(path: Path) -> None:
    assert sniffed(path, CONNECTORS) is connector_of(path)


@each_file
def test_file_that_is_cut_off_gives_what_is_before_and_then_is_refused(path: Path) -> None:
    """Or is read as a shorter one, where its format has no end."""
    connector, raw, given = connector_of(path), path.read_bytes(), context(path)
    whole = [one.value for one in events(connector, raw, given) if isinstance(one, Sound)]
    refusals: list[str] = []
    for size in range(0, len(raw), max(1, len(raw) // 40)):
        file, found = BytesIO(raw[:size]), []
        try:
            survey = connector.survey(file, given)
            found += list(items(connector, file, given, survey, "", arrives=False))
        except FileRefusedError as error:
            refusals.append(str(error))
        assert len(found) <= len(whole) + 1  # what is left of a row may look like one
    assert refusals
    assert [why for why in refusals if not PLACED.match(why)] == []


@each_file
def test_damaged_file_is_never_more_than_refused(path: Path) -> None:
    connector, raw, given = connector_of(path), path.read_bytes(), context(path)
    chance, refusals = random.Random(path.name), []
    for _ in range(150):
        damaged = bytearray(raw)
        for _ in range(chance.choice((1, 1, 2, 20))):
            at = chance.randrange(len(damaged))
            kind = chance.randrange(3)
            if kind == 0:
                damaged[at] = chance.randrange(256)
            elif kind == 1:
                del damaged[at : at + chance.randrange(1, 40)]
            else:
                damaged[at:at] = damaged[at : at + chance.randrange(1, 400)]
            if not damaged:
                break
        try:
            read(connector, bytes(damaged), given)
            events(connector, bytes(damaged), given)
        except FileRefusedError as error:
            refusals.append(str(error))
    assert [why for why in refusals if not PLACED.match(why)] == []


@each_connector
def test_memory_does_not_grow_with_the_file(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample = import_module(f"tests.bench.import_samples.{connector.name}").write_sample
    monkeypatch.setattr("sluicegate.connectors.keys.MEMORY", 16)  # fingerprints that are remembered: some, not all
    keys = TenantKeys(b"a secret of the tests")
    peaks = []
    for transactions in (500, 5_000):
        path = tmp_path / f"{transactions}{connector.suffixes[0]}"
        write_sample(path, transactions)
        given = Context("acme", keys, mapping=context(path).mapping)
        with path.open("rb") as file:
            tracemalloc.start()
            survey = connector.survey(file, given)
            assert sum(1 for _ in items(connector, file, given, survey, "", arrives=False)) == transactions
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert survey.transactions == transactions
    assert peaks[1] < peaks[0] + 1_000_000  # ten times the file, not ten times the memory
