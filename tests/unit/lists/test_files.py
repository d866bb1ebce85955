"""Which list a file is, and what reading it gives."""

import gzip
import random
from pathlib import Path

import pytest

from sluicegate.lists.files import read_list, recognise
from sluicegate.lists.loaded import load
from sluicegate.screening.lists.base import Fault, Form, ListFile, ListRefused, ListSource
from tests.unit.lists.samples import entries, entry, jsonl, private_file, un_xml


def test_private_list_is_recognised_by_what_is_in_it(tmp_path: Path) -> None:
    held = entries(3)
    found = read_list(private_file(tmp_path, reversed(held)))
    assert (found.source.name, list(found.entries), found.faults) == ("private", held, ())
    assert read_list(tmp_path / "watch.jsonl", name="acme-watch").source.name == "acme-watch"


def test_same_entries_have_one_hash_whatever_their_order_and_packing(tmp_path: Path) -> None:
    held = entries(50)
    plain = read_list(private_file(tmp_path, held))
    random.Random(5).shuffle(held)
    (tmp_path / "Watch.JSONL.gz").write_bytes(gzip.compress(jsonl(held)))
    packed = read_list(tmp_path / "Watch.JSONL.gz")
    assert (packed.sha256, packed.version) == (plain.sha256, plain.version)
    assert packed.version == packed.sha256[:12]
    assert read_list(private_file(tmp_path, entries(49))).sha256 != plain.sha256


def test_public_list_is_recognised_by_name_and_by_root_element_and_dated_by_its_publisher(tmp_path: Path) -> None:
    for name in ("un_consolidated.xml", "UN_Consolidated.XML.gz", "my download.xml"):
        content = un_xml(range(1, 5))
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        found = read_list(tmp_path / name)
        assert (found.source.name, len(found.entries)) == ("un", 4)
        assert found.version == f"2026-02-27-{found.sha256[:8]}"


def test_set_of_csv_files_is_found_from_its_folder_and_from_one_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "ofac"
    folder.mkdir()
    for name in ("SDN.CSV", "ALT.CSV", "ADD.CSV", "SDN_COMMENTS.CSV"):
        (folder / name).write_bytes(b"\x1a\r\n")
    (folder / "SDN.CSV").write_bytes(
        b'1,"EXAMPLE, Ada","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a'
    )
    whole = recognise([folder])
    assert (whole.source.name, len(whole.paths)) == ("ofac-sdn", 4)
    assert recognise([folder / "SDN.CSV"]) == whole
    assert recognise(sorted(folder.iterdir()), "ofac-sdn") == whole
    (folder / "SDN.CSV").unlink()
    with pytest.raises(ListRefused, match=r"ofac: sdn\.csv of ofac-sdn is missing"):
        recognise([folder])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"hello", "not a list in a form that is known"),
        ("a.jsonl", b"", "not a list in a form that is known"),
        ("a.xml", b"<html><body>moved</body></html>", "not a list in a form that is known"),
        ("un_consolidated.xml", un_xml([1], root='<CONSOLIDATED_LIST xmlns="urn:new">'), "un_consolidated.xml"),
        ("un_consolidated.xml", un_xml([1, 2])[:-40], "un_consolidated.xml"),
        ("un_consolidated.xml", un_xml([]), "un_consolidated.xml"),
        ("a.jsonl.gz", gzip.compress(jsonl(entries(2000)))[:-200], "gzip is damaged or cut off"),
    ],
)
def test_refused_file_is_named_with_a_reason(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ListRefused) as refused:
        read_list(tmp_path / name)
    assert says in str(refused.value)
    assert name in str(refused.value)


def test_faults_are_placed_in_the_file_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    path.write_bytes(jsonl([entry(1)]) + b'{"entry_id":"2","kind":"ship","names":[{"name":"X"}]}\n')
    (fault,) = read_list(path).faults
    assert (fault.where, fault.field) == ("watch.jsonl:2", "/kind")


def test_absent_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_list(tmp_path / "none.jsonl")
    with pytest.raises(ListRefused, match="there is no file in it"):
        read_list(tmp_path)


def test_entry_that_the_wire_would_refuse_is_a_fault_whatever_its_loader_thinks() -> None:
    bad = [entry(2, countries=("Wonderland",)), entry(3, "\ud800"), entry(1, "again")]
    form = Form((ListFile("x", ""),), lambda _files: iter([entry(1), Fault("x:9", "/names", "none"), *bad]))
    source = ListSource("x", "X", (form,), licence="", homepage="")
    found = load(source, form, {})
    assert found.entries == (entry(1),)
    assert [(fault.where, fault.field) for fault in found.faults] == [
        ("x:9", "/names"),
        ("entry 00002", "/countries[0]"),
        ("entry 00003", ""),
        ("entry 00001", "/entry_id"),
    ]
    empty = Form((), lambda _files: iter([]))
    with pytest.raises(ListRefused, match="no entry of x"):
        load(source, empty, {})
