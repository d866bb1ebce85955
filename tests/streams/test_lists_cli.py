"""`sluicegate lists` against a real publisher and the real Kafka."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.detection.partition import LogRecord, Outcome, Partition
from sluicegate.errors import ListDownloadError
from sluicegate.lists.download import Limits, download
from sluicegate.lists.files import read_list
from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.lists.store import SourceFile, Store
from sluicegate.screening.lists.base import ListFile
from sluicegate.wire.events import ListEntry
from tests.streams.kafka import Kafka
from tests.streams.publisher import Publisher
from tests.unit.lists.samples import entries, entry, private_file, un_xml

UN = "un_consolidated.xml"
FILE = ListFile("a.bin", "")
QUICK = Limits(idle=0.3, attempts=3, first_wait=0.01, max_bytes=1_000_000)

Run = Callable[..., Result]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as one:
        yield one


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SLUICEGATE_LISTS", str(tmp_path / "lists"))
    return Store()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["lists", *map(str, arguments)])


def fetch(publisher: Publisher, folder: Path, known: SourceFile | None = None) -> SourceFile | None:
    url = f"{publisher.base}/{FILE.name}"
    got = download([(FILE, url)], folder, {} if known is None else {url: known}, QUICK)
    return None if got is None else got[0]


# ---- downloads


def test_file_is_fetched_once_and_then_only_when_it_changed(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files[FILE.name] = b"x" * 300_000
    first = fetch(publisher, tmp_path)
    assert first is not None
    assert ((tmp_path / FILE.name).stat().st_size, first.bytes) == (300_000, 300_000)
    assert fetch(publisher, tmp_path, first) is None
    publisher.files[FILE.name] = b"y"
    second = fetch(publisher, tmp_path, first)
    assert second is not None
    assert (second.bytes, second.modified) == (1, "Fri, 20 Nov 2026 08:00:00 GMT")
    assert [status for _, status in publisher.statuses] == [200, 304, 200]


@pytest.mark.parametrize("trouble", [500, 503, 429, "cut", "slow"])
def test_trouble_that_passes_is_waited_out(publisher: Publisher, tmp_path: Path, trouble: int | str) -> None:
    publisher.files[FILE.name] = b"x" * 300_000
    publisher.misbehave(FILE.name, trouble, trouble)
    assert fetch(publisher, tmp_path) is not None
    assert (tmp_path / FILE.name).read_bytes() == publisher.files[FILE.name]
    assert [status for _, status in publisher.statuses] == [trouble, trouble, 200]


@pytest.mark.parametrize(
    ("trouble", "says", "asked"),
    [
        (500, "status 500 Internal Server Error; 3 attempts", 3),
        (404, "status 404 Not Found", 1),
        (403, "status 403 Forbidden", 1),
        ("slow", "too slow (allowed: 20 s to connect, 0.3 s of silence, 1800 s in all); 3 attempts", 3),
        ("cut", "ClientPayloadError", 3),
    ],
)
def test_trouble_that_stays_is_told_with_the_url(
    publisher: Publisher, tmp_path: Path, trouble: int | str, says: str, asked: int
) -> None:
    publisher.files[FILE.name] = b"x" * 300_000
    publisher.misbehave(FILE.name, *[trouble] * 9)
    with pytest.raises(ListDownloadError) as failed:
        fetch(publisher, tmp_path)
    assert says in str(failed.value)
    assert f"{publisher.base}/{FILE.name}: " in str(failed.value)
    assert len(publisher.statuses) == asked


@pytest.mark.parametrize("chunked", [False, True])
def test_file_over_the_limit_is_not_taken(publisher: Publisher, tmp_path: Path, chunked: bool) -> None:
    publisher.files[FILE.name] = b"x" * 1_000_001
    publisher.chunked = chunked
    with pytest.raises(ListDownloadError, match=r"larger than the limit of 1 MB \(--max-size"):
        fetch(publisher, tmp_path)
    assert len(publisher.statuses) == 1


def test_publisher_that_is_not_there_is_told(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(ListDownloadError, match=r"http://127\.0\.0\.1:1/a\.bin: ClientConnectorError.*3 attempts"):
        download([(FILE, "http://127.0.0.1:1/a.bin")], tmp_path, {}, QUICK)


def test_of_several_files_all_come_or_none_and_optional_ones_may_be_absent(
    publisher: Publisher, tmp_path: Path
) -> None:
    files = [(ListFile(name, "", needed=name != "c"), f"{publisher.base}/{name}") for name in "abc"]
    publisher.files = {"a": b"1", "b": b"2"}
    got = download(files, tmp_path, {}, QUICK)
    assert got is not None
    known = {file.url: file for file in got}
    assert [file.name for file in got] == ["a", "b"]
    assert download(files, tmp_path, known, QUICK) is None
    publisher.files["b"] = b"3"
    (tmp_path / "a").unlink()
    again = download(files, tmp_path, known, QUICK)
    assert again is not None
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"1", b"3")
    del publisher.files["a"]
    with pytest.raises(ListDownloadError, match="404"):
        download(files, tmp_path, known, QUICK)


# ---- update, show, diff, check


def test_update_keeps_what_is_new_and_asks_only_for_that(publisher: Publisher, store: Store) -> None:
    publisher.files[UN] = un_xml(range(40))
    update = ("update", "un", "--url-base", publisher.base, "--no-publish")
    first = run(*update)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("un: version 2026-02-27-")
    assert "40 entries, 40 names, 0 wallets" in first.stdout
    second = run(*update)
    assert (second.exit_code, "un: unchanged" in second.stdout) == (0, True)
    publisher.files[UN] = un_xml(range(1, 41)).replace(b"Given7<", b"Given70<")
    third = run(*update, "--json")
    found = json.loads(third.stdout)
    assert (found["added"], found["removed"], found["changed"], found["entries"]) == (1, 1, 1, 40)
    assert [status for _, status in publisher.statuses] == [200, 304, 200]

    assert run("diff", "un").stdout.splitlines()[1:] == ["+ XXi.040", "- XXi.000", "~ XXi.007  names"]
    versions = store.versions("un")
    back = run("diff", "un", versions[1], versions[0], "--json").stdout.splitlines()
    assert json.loads(back[-1]) == {"change": "changed", "entry_id": "XXi.007", "fields": ["names"]}
    assert run("diff", "un", "1999").exit_code == 1
    assert run("diff", "un", "2026").exit_code == 1  # two begin so


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", UN),
        (un_xml(range(40))[:-1000], UN),
        (un_xml(range(40), root='<CONSOLIDATED_LIST xmlns="urn:un:new">'), UN),
        (b"<html><body>We have moved</body></html>", UN),
        (un_xml([]), UN),
        (un_xml(range(20)), "20 of 40 entries (50.0%) are gone"),
    ],
)
def test_bad_file_is_refused_and_the_old_list_stays(
    publisher: Publisher, store: Store, content: bytes, says: str
) -> None:
    publisher.files[UN] = un_xml(range(40))
    update = ("update", "un", "--url-base", publisher.base, "--no-publish")
    assert run(*update).exit_code == 0
    before = store.current("un")
    publisher.files[UN] = content
    refused = run(*update)
    assert refused.exit_code == 1
    assert says in refused.stderr
    assert "Operator action:" in refused.stderr
    assert "Error: not updated: un; what was in force before still is" in refused.stderr
    assert store.current("un") == before
    assert len(store.versions("un")) == 1
    assert run("check", "un", "--url-base", publisher.base).exit_code == 1
    if b"<INDIVIDUAL>" in content and len(un_xml(range(20))) == len(content):
        assert run(*update, "--allow-shrink").exit_code == 0
        current = store.current("un")
        assert current is not None
        assert len(current.entries) == 20


def test_one_list_that_fails_does_not_keep_the_others_back(publisher: Publisher, store: Store) -> None:
    publisher.files[UN] = un_xml(range(40))
    both = run("update", "uk", "un", "--url-base", publisher.base, "--no-publish")
    assert both.exit_code == 1
    assert f"{publisher.base}/uk-sanctions-list.csv: status 404" in both.stderr
    assert "Error: not updated: uk;" in both.stderr
    assert store.names() == ["un"]


def test_private_list_is_loaded_from_a_file_and_shown(store: Store, tmp_path: Path) -> None:
    empty = run("show")
    assert (empty.exit_code, empty.stdout.splitlines()[-1]) == (0, PARTIAL_ONLY)
    assert run("update", "starter", "--no-publish").exit_code == 0
    shown = run("show").stdout.splitlines()
    assert "partial" in shown[0]
    assert shown[-1] == PARTIAL_ONLY
    path = private_file(tmp_path, entries(12))
    assert run("update", "acme-watch", "--file", path, "--no-publish").exit_code == 0
    after = run("show").stdout
    assert PARTIAL_ONLY not in after
    assert "acme-watch" in after
    assert "not sent" in after
    details = json.loads(run("show", "acme-watch", "--json").stdout)
    assert (details["entries"], details["old"], details["partial"], details["published"]) == (12, False, False, [])
    assert "12 entries, 12 names" in run("show", "acme-watch").stdout
    assert run("show", "nothing").exit_code == 1
    assert (
        read_list(tmp_path / "lists" / "acme-watch" / details["version"] / "entries.jsonl.gz").sha256
        == details["sha256"]
    )


def test_old_list_and_damaged_list_are_marked(publisher: Publisher, store: Store) -> None:
    publisher.files[UN] = un_xml(range(4))
    assert run("update", "un", "--url-base", publisher.base, "--no-publish").exit_code == 0
    current = store.folder / "un" / "current.json"
    held = json.loads(current.read_text())
    current.write_text(json.dumps(held | {"checked_at": "2026-01-01T00:00:00Z"}))
    assert "OLD: over" in run("show").stdout
    assert json.loads(run("show", "--json").stdout)["old"] is True
    current.write_text("{")
    assert "DAMAGED" in run("show").stdout
    assert type(run("show", "un").exception).__name__ == "SnapshotDamagedError"


def test_check_names_each_fault_with_its_place_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    path = private_file(tmp_path, entries(3))
    path.write_bytes(path.read_bytes() + b'{"entry_id":"9"}\n')
    checked = run("check", "--file", path)
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[0].startswith("private: 3 entries, 3 names, 0 wallets")
    assert "watch.jsonl:4: /kind" in checked.stdout
    faults = json.loads(run("check", "acme", "--file", path, "--json").stdout)["faults"]
    assert {fault["where"] for fault in faults} == {"watch.jsonl:4"}
    assert not store.folder.exists()
    path.write_bytes(b"{")
    assert run("check", "acme", "--file", path).exit_code == 1


def test_wrong_arguments_are_told(store: Store, tmp_path: Path) -> None:
    path = private_file(tmp_path, entries(3))
    for arguments, says in (
        (("update", "nothing"), "there is no public list nothing"),
        (("update", "../x", "--file", path), "no name of a list"),
        (("update", "a", "b", "--file", path), "name one list only"),
        (("update", "a", "--file", path, "--url-base", "http://x"), "exclude each other"),
        (("update", "a", "--file", tmp_path / "none.jsonl"), "cannot read"),
        (("check",), "say which list"),
        (("diff", "un", "1", "2", "3"), "there is no snapshot of un"),
    ):
        wrong = run(*arguments)
        assert (wrong.exit_code, says in wrong.stderr) == (1 if says.startswith("there is no sn") else 2, True)
    refused = run("update", "private")
    assert "give its file by --file" in refused.stderr
    assert not store.names()


# ---- to the stream


def applied(kafka: Kafka, partition: Partition, seen: int = 0) -> int:
    """Bring a partition up to what the topic holds; how many records that is."""
    records = kafka.read("sanctions")
    step = partition.begin()
    for offset, record in enumerate(records[seen:], seen):
        assert step.apply(LogRecord(offset, record.timestamp, record.key, record.value)) is Outcome.APPLIED
    step.merge()
    return len(records)


def in_force(partition: Partition, owner: str, name: str) -> tuple[ListEntry, ...]:
    return tuple(sorted(partition.lists[owner, name].entries, key=lambda one: one.entry_id))


def test_stream_gets_the_list_in_parts_then_what_changed_and_holds_the_same(
    kafka: Kafka, store: Store, tmp_path: Path
) -> None:
    kafka.create("sanctions", partitions=3)
    place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
    partition = Partition()
    partition.ready()

    def update(held: list[ListEntry], *more: object) -> list[str]:
        path = private_file(tmp_path, held)
        done = run("update", "watch", "--file", path, *more, *place)
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()

    assert update(entries(1050))[-1] == "watch: sent whole, 1,050 entries in 6 parts"
    records = kafka.read("sanctions")
    assert {record.key for record in records} == {b"watch"}
    assert len({record.partition for record in records}) == 1
    assert [(r.json["data"]["part"], r.json["data"]["parts"]) for r in records] == [(n, 6) for n in range(1, 7)]
    assert max(len(record.value or b"") for record in records) < 300_000
    seen = applied(kafka, partition)
    assert in_force(partition, "*", "watch") == tuple(entries(1050))
    assert update(entries(1050))[-1] == "watch: the topic has this version already"

    first = store.versions("watch")[0]
    changed = [entry(7, "Somebody Else"), *entries(1060)[20:]]
    assert update(changed)[-1] == f"watch: sent what changed since {first}: 11 to add, 19 to remove, in 1 part"
    seen = applied(kafka, partition, seen)
    assert in_force(partition, "*", "watch") == tuple(sorted(changed, key=lambda one: one.entry_id))

    update(entries(1060), "--no-publish")
    assert "sent: " in run("show").stdout
    sent = run("publish", "--json", *place)
    assert json.loads(sent.stdout)["published"]["mode"] == "delta"
    seen = applied(kafka, partition, seen)
    assert in_force(partition, "*", "watch") == tuple(entries(1060))
    assert "; sent" in run("show").stdout
    assert run("publish", "watch", "--full", "--tenant", "acme", *place).exit_code == 0
    applied(kafka, partition, seen)
    assert in_force(partition, "acme", "watch") == tuple(entries(1060))
    assert gzip.decompress((store.folder / "watch" / first / "entries.jsonl.gz").read_bytes()).count(b"\n") == 1050


def test_list_that_somebody_else_sent_too_is_sent_whole_again(kafka: Kafka, store: Store, tmp_path: Path) -> None:
    kafka.create("sanctions")
    place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
    other = ("--dir", tmp_path / "other-host")

    def update(count: int, *more: object) -> str:
        done = run("update", "watch", "--file", private_file(tmp_path, entries(count)), *more, *place)
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()[-1]

    assert "sent whole" in update(3)
    assert "sent what changed" in update(4)
    assert "sent whole" in update(9, *other)
    assert "sent whole" in update(4)  # unchanged here, but not there
    assert "sent whole" in update(9, "--tenant", "acme")
    assert "sent what changed" in update(10)  # what another tenant was sent is its own affair
    partition = Partition()
    partition.ready()
    applied(kafka, partition)
    assert in_force(partition, "*", "watch") == tuple(entries(10))
    assert in_force(partition, "acme", "watch") == tuple(entries(9))


def test_topic_that_was_made_anew_gets_the_whole_list(kafka: Kafka, store: Store, tmp_path: Path) -> None:
    place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
    path = private_file(tmp_path, entries(3))
    absent = run("update", "watch", "--file", path, *place)
    assert type(absent.exception).__name__ == "TopicMissingError"
    assert store.names() == ["watch"]  # kept; the next run sends it
    for _ in range(2):
        kafka.create("sanctions")
        again = run("update", "watch", "--file", path, *place)
        assert again.stdout.splitlines()[-1] == "watch: sent whole, 3 entries in 1 part"
        assert len(kafka.read("sanctions")) == 1
        kafka.delete("sanctions")


def test_nothing_to_send_is_told(store: Store) -> None:
    assert "there is no snapshot to send" in run("publish").stderr
    assert "there is no snapshot of un in" in run("publish", "un").stderr
