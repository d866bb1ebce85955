"""The same checks for every list source that discovery finds: what it declares, its samples, and files gone wrong."""

import inspect
import re
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.screening import lists
from sluicegate.screening.lists.base import Fault, ListFile, ListRefused, ListSource
from sluicegate.screening.lists.registry import SOURCES
from sluicegate.wire.events import ListEntry
from tests.unit.screening.lists.reading import read, sample

FORMS = [(source, number) for source in SOURCES.values() for number, form in enumerate(source.forms) if form.files]
FILES = [(source, number, file) for source, number in FORMS for file in source.forms[number].files]
XML = [each for each in FILES if each[2].name.endswith(".xml")]

SOURCE = pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
FORM = pytest.mark.parametrize(("source", "form"), FORMS, ids=[f"{source.name}-{form}" for source, form in FORMS])
FILE = pytest.mark.parametrize(
    ("source", "form", "file"), FILES, ids=[f"{source.name}-{file.name}" for source, _, file in FILES]
)
XML_FILE = pytest.mark.parametrize(
    ("source", "form", "file"), XML, ids=[f"{source.name}-{file.name}" for source, _, file in XML]
)
ROOT = re.compile(rb"<(?!\?)(?P<name>[\w:]+)(?P<rest>[^>]*)>")


def entries(found: list[ListEntry | Fault]) -> list[ListEntry]:
    return [part for part in found if isinstance(part, ListEntry)]


def outcome(source: ListSource, form: int, files: dict[str, bytes]) -> tuple[list[ListEntry], str]:
    """The entries, or what the refusal says."""
    try:
        return entries(read(source, files, form)), ""
    except ListRefused as refused:
        return [], str(refused)


def refusal(source: ListSource, form: int, file: ListFile, content: bytes) -> str:
    """What is said when one file of the sample has another content."""
    with pytest.raises(ListRefused) as refused:
        read(source, sample(source, form) | {file.name: content}, form)
    return str(refused.value)


def test_every_module_says_what_it_is() -> None:
    for module in iter_modules(lists.__path__):
        assert inspect.getdoc(import_module(f"{lists.__name__}.{module.name}")), module.name


@SOURCE
def test_source_declares_what_is_shown_and_downloaded(source: ListSource) -> None:
    assert SOURCES[source.name] is source
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", source.name)
    assert source.title
    assert source.licence
    assert source.homepage == "" or source.homepage.startswith("https://")
    assert source.forms
    assert 0 < source.max_shrink <= 0.05
    assert source.max_age_days > 0
    for form in source.forms:
        names = [file.name for file in form.files]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) for name in names)
        assert all(file.url == "" or file.url.startswith("https://") for file in form.files)


@SOURCE
def test_no_two_lists_share_a_file(source: ListSource) -> None:
    own = {file.name for form in source.forms for file in form.files}
    others = {file.name for other in SOURCES.values() if other is not source for f in other.forms for file in f.files}
    assert not own & others


@FORM
def test_entries_of_the_sample_keep_the_contract(source: ListSource, form: int) -> None:
    found = entries(read(source, sample(source, form), form))
    assert found
    for entry in found:
        assert msgspec.json.decode(msgspec.json.encode(entry), type=ListEntry) == entry
        assert msgspec.convert(msgspec.to_builtins(entry), ListEntry) == entry
    assert max(Counter(entry.entry_id for entry in found).values()) == 1


@FORM
def test_faults_of_the_sample_name_a_file_and_no_party(source: ListSource, form: int) -> None:
    found = read(source, sample(source, form), form)
    names = [name.name for entry in entries(found) for name in entry.names]
    for fault in found:
        if isinstance(fault, Fault):
            assert fault.where.startswith(tuple(file.name for file in source.forms[form].files))
            assert not any(name in f"{fault.where} {fault.reason}" for name in names)


@FILE
@pytest.mark.parametrize("content", [b"", b"\n"], ids=["empty", "blank"])
def test_empty_file_is_refused_by_name(source: ListSource, form: int, file: ListFile, content: bytes) -> None:
    assert file.name in refusal(source, form, file, content)


@FILE
def test_file_cut_in_the_middle_is_refused_by_name(source: ListSource, form: int, file: ListFile) -> None:
    content = sample(source, form)[file.name]
    assert file.name in refusal(source, form, file, content[: len(content) // 2])


@FILE
@pytest.mark.parametrize(
    "content",
    [
        b"<html><head><title>Moved</title></head><body>Gone.</body></html>\n",
        b'<?xml version="1.0"?>\n<unknown><party id="1"/></unknown>\n',
        b'{"error": "not found"}\n',
        b"a,b,c\r\n1,2,3\r\n",
    ],
    ids=["html", "xml", "json", "csv"],
)
def test_another_document_is_refused_by_name(source: ListSource, form: int, file: ListFile, content: bytes) -> None:
    assert file.name in refusal(source, form, file, content)


@XML_FILE
def test_renamed_root_is_refused_with_both_names(source: ListSource, form: int, file: ListFile) -> None:
    content = sample(source, form)[file.name]
    root = ROOT.search(content)
    assert root is not None
    renamed = content.replace(root["name"], b"Renamed")
    said = refusal(source, form, file, renamed)
    assert file.name in said
    assert "Renamed" in said
    assert root["name"].decode() in said


@XML_FILE
def test_renamed_namespace_is_refused_with_the_known_ones(source: ListSource, form: int, file: ListFile) -> None:
    content = sample(source, form)[file.name]
    renamed = ROOT.sub(
        lambda root: b"<%s%s xmlns='urn:renamed'>" % (root["name"], re.sub(rb' xmlns="[^"]*"', b"", root["rest"])),
        content,
        count=1,
    )
    said = refusal(source, form, file, renamed)
    assert file.name in said
    assert "urn:renamed" in said
    assert "known" in said


@FILE
@given(content=st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_refused_by_name(source: ListSource, form: int, file: ListFile, content: bytes) -> None:
    assert file.name in refusal(source, form, file, content)


@FORM
@given(size=st.integers(1, 5000))
@settings(max_examples=25, deadline=None)
def test_chunk_boundaries_change_nothing(source: ListSource, form: int, size: int) -> None:
    files = sample(source, form)
    assert read(source, files, form, size) == read(source, files, form)


@FILE
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_file_cut_anywhere_is_refused_or_has_no_entry_of_its_own(
    source: ListSource, form: int, file: ListFile, data: st.DataObject
) -> None:
    """Where a format has no end, a file cut between two entries looks whole: then less comes out, but nothing else.

    A wallet whose holder was cut off stands for itself: better than not at all.
    """
    files = sample(source, form)
    whole = {entry.entry_id for entry in entries(read(source, files, form))}
    if source.name == "opensanctions":
        whole |= {"zz-wallet-1", "zz-wallet-2", "zz-wallet-3"}
    at = data.draw(st.integers(0, len(files[file.name]) - 1))
    found, said = outcome(source, form, files | {file.name: files[file.name][:at]})
    assert file.name in said or {entry.entry_id for entry in found} <= whole


@FILE
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_file_raises_nothing_but_a_refusal(
    source: ListSource, form: int, file: ListFile, data: st.DataObject
) -> None:
    files = sample(source, form)
    content = bytearray(files[file.name])
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=5)
    ):
        content[at] = byte
    found, _ = outcome(source, form, files | {file.name: bytes(content)})
    assert max(Counter(entry.entry_id for entry in found).values(), default=1) == 1
