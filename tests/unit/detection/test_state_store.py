"""What a checkpoint writes and a restart reads: pieces of large records, sizes, due times, ids that are remembered."""

from __future__ import annotations

import msgspec
import pytest

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.codec import encode
from sluicegate.detection.log import Volume
from sluicegate.detection.pay_records import RecheckRecord
from sluicegate.detection.records import DigestSegment, NoticeRecord, PayeeRecord, Profile, TenantRecord, TicketRecord
from sluicegate.detection.state import HOUR_MS, PIECE, SEGMENT_DIGESTS, State, TenantStore, split, stored

BIG = TicketRecord.KIND
DUE = RecheckRecord.KIND


def ticket(size: int) -> TicketRecord:
    """A record of so many bytes when encoded."""
    record = TicketRecord([("", 1)])
    for _ in range(2):  # a longer text takes a longer word for its length
        record.changes = [("x" * (len(record.changes[0][0]) + size - len(encode(record))), 1)]
    assert len(encode(record)) == size
    return record


def committed(state: State) -> dict[str, bytes | None]:
    """What one checkpoint writes."""
    out = state.changes()
    state.merge()
    return out


def restarted(*checkpoints: dict[str, bytes | None]) -> TenantStore:
    """The store after a restart: what the checkpoints wrote, read in the order of keys."""
    topic: dict[str, bytes | None] = {}
    for written in checkpoints:
        topic |= written
    store = TenantStore()
    for key, value in sorted(topic.items()):
        _, kind, id = key.split("|", 2)
        store.load(kind, id, value)
    store.index()
    return store


# pieces


@pytest.mark.parametrize(
    ("size", "pieces"), [(1, [1]), (PIECE, [PIECE]), (PIECE + 1, [PIECE, 1]), (2 * PIECE, [PIECE] * 2)]
)
def test_value_is_stored_in_pieces_of_60000_bytes_the_last_one_shorter(size: int, pieces: list[int]) -> None:
    value = bytes(n % 251 for n in range(size))
    found = list(stored("acme", "payee", "E1", value))
    assert [len(piece) for _, piece in found] == pieces
    assert b"".join(piece for _, piece in found) == value
    assert [key for key, _ in found] == ["acme|payee|E1", "acme|piece|1\npayee\nE1"][: len(pieces)]


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 1, 12 * PIECE])
def test_checkpoint_writes_a_record_of_any_size_as_it_is_stored(size: int) -> None:
    state, record = State("acme", TenantStore()), ticket(size)
    state.put("T", record)
    out = committed(state)
    assert out == dict(stored("acme", BIG, "T", encode(record)))
    assert max(map(len, map(bytes, filter(None, out.values())))) <= PIECE
    assert State("acme", restarted(out)).get(TicketRecord, "T") == record


@pytest.mark.parametrize("before", [PIECE + 1, 3 * PIECE, 3 * PIECE + 1])
@pytest.mark.parametrize("after", [None, 10_000, PIECE, PIECE + 1, 2 * PIECE, 4 * PIECE + 5])
def test_shorter_self_of_a_record_deletes_the_pieces_it_needs_no_more(before: int, after: int | None) -> None:
    base = TenantStore()
    state = State("acme", base)
    state.put("T", ticket(before))
    first = committed(state)
    state = State("acme", base)
    if after is None:
        state.delete(TicketRecord, "T")
    else:
        state.put("T", ticket(after))
    second = committed(state)
    left = {key: value for key, value in (first | second).items() if value is not None}
    assert left == (dict(stored("acme", BIG, "T", encode(ticket(after)))) if after is not None else {})
    held = State("acme", restarted(first, second)).get(TicketRecord, "T")
    assert held == (ticket(after) if after is not None else None)


def test_id_of_several_lines_keeps_its_pieces() -> None:
    state = State("acme", TenantStore())
    state.put("T|1\n2", ticket(PIECE + 1))
    assert State("acme", restarted(committed(state))).get(TicketRecord, "T|1\n2") == ticket(PIECE + 1)


# sizes


def test_growth_is_told_in_records_and_bytes() -> None:
    base = TenantStore()
    state = State("acme", base)
    assert state.grown == Volume()
    state.put("T", ticket(100))
    state.put("U", ticket(PIECE + 7))
    committed(state)
    assert state.grown == base.volume() == Volume(2, 100 + PIECE + 7)
    state = State("acme", base)
    state.put("T", ticket(90))
    state.put("V", ticket(50))
    committed(state)
    assert (state.grown, base.volume()) == (Volume(1, 40), Volume(3, 140 + PIECE + 7))
    state = State("acme", base)
    state.delete(TicketRecord, "U")
    state.delete(TicketRecord, "T")
    committed(state)
    assert (state.grown, base.volume()) == (Volume(-2, -PIECE - 97), Volume(1, 50))
    state = State("acme", base)
    state.put("V", ticket(50))
    committed(state)
    assert state.grown == Volume()


# what is held


def test_kind_is_there_as_long_as_one_record_of_it_is() -> None:
    base = TenantStore()
    state = State("acme", base)
    assert not state.has("notice")
    state.put("a", NoticeRecord(1))
    assert state.has("notice")
    committed(state)
    state = State("acme", base)
    assert state.has("notice")
    state.delete(NoticeRecord, "a")
    assert not state.has("notice")
    state.put("b", NoticeRecord(2))
    assert state.has("notice")
    state.delete(NoticeRecord, "b")
    committed(state)
    assert not State("acme", base).has("notice")


def test_deleting_what_is_not_there_changes_nothing() -> None:
    base = TenantStore()
    state = State("acme", base)
    for record in (NoticeRecord, PayeeRecord, TenantRecord):
        state.delete(record, "a")
    assert committed(state) == {}
    assert base.volume() == Volume()


def test_loaded_deletion_or_value_takes_the_place_of_what_was_read_before() -> None:
    base = TenantStore()
    for value in (TenantRecord(clock=1), TenantRecord(clock=2)):
        base.load("tenant", "", encode(value))
        assert State("acme", base).get(TenantRecord, "") == value
    base.load("tenant", "", None)
    base.load("payee", "E1", None)
    assert State("acme", base).get(TenantRecord, "") is None
    assert base.volume() == Volume()


def test_hot_record_that_was_deleted_is_gone_after_the_checkpoint_and_before() -> None:
    base = TenantStore()
    base.load("tenant", "", encode(TenantRecord(clock=1)))
    state = State("acme", base)
    assert state.get(TenantRecord, "") is not None
    state.delete(TenantRecord, "")
    assert state.get(TenantRecord, "") is None
    committed(state)
    assert State("acme", base).get(TenantRecord, "") is None


def test_hot_record_is_decoded_once_for_all_checkpoints() -> None:
    base = TenantStore()
    base.load("tenant", "", encode(TenantRecord(clock=1)))
    base.load("notice", "a", encode(NoticeRecord(1)))
    first, second = State("acme", base), State("acme", base)
    assert first.get(TenantRecord, "") is second.get(TenantRecord, "")
    assert first.get(NoticeRecord, "a") is not second.get(NoticeRecord, "a")
    state = State("acme", base)
    state.put("", TenantRecord(clock=2))
    committed(state)
    assert State("acme", base).get(TenantRecord, "") is State("acme", base).get(TenantRecord, "")
    assert State("acme", base).get(TenantRecord, "") == TenantRecord(clock=2)


def test_bulky_record_deleted_after_a_change_of_the_same_checkpoint_is_gone() -> None:
    state = State("acme", TenantStore())
    state.put("E1", PayeeRecord(Profile("employee")))
    state.pack()
    state.delete(PayeeRecord, "E1")
    assert state.get(PayeeRecord, "E1") is None
    assert (list(state.ids("payee")), state.has("payee")) == ([], False)
    state.pack()
    assert state.changes() == {}


# due times


def recheck(due: int) -> RecheckRecord:
    return RecheckRecord("E1", "P1", due)


def timed(state: State, **due: int) -> State:
    for id, at in due.items():
        state.put(id, recheck(at))
        state.schedule(DUE, id, at)
    return state


def taken(state: State, until: int) -> list[tuple[int, str]]:
    """Due times and ids of what is due, each record being deleted as it is taken."""
    found = []
    while (timer := state.due_timer(until)) is not None:
        found.append((timer[0], timer[2]))
        state.delete(RecheckRecord, timer[2])
    return found


@pytest.mark.parametrize("restart", [False, True])
def test_timers_come_in_order_of_due_time_and_id_old_and_new_ones_together(restart: bool) -> None:
    base = TenantStore()
    written = committed(timed(State("acme", base), e=50, a=10, c=30, d=30))
    state = timed(State("acme", restarted(written) if restart else base), b=20, ca=30, f=60, g=5)
    assert taken(state, 4) == []
    assert taken(state, 5) == [(5, "g")]
    assert taken(state, 30) == [(10, "a"), (20, "b"), (30, "c"), (30, "ca"), (30, "d")]
    assert taken(state, 49) == []
    assert taken(state, 10**9) == [(50, "e"), (60, "f")]


def test_timer_that_was_taken_does_not_come_again_and_the_others_do() -> None:
    base = TenantStore()
    committed(timed(State("acme", base), a=10, b=20, c=30))
    state = State("acme", base)
    assert taken(state, 20) == [(10, "a"), (20, "b")]
    committed(timed(state, d=25))
    assert base.timers == [(25, DUE, "d"), (30, DUE, "c")]
    assert taken(State("acme", base), 100) == [(25, "d"), (30, "c")]


def test_checkpoint_that_is_dropped_leaves_the_timers_as_they_were() -> None:
    base = TenantStore()
    committed(timed(State("acme", base), a=10, b=20))
    assert len(taken(timed(State("acme", base), c=5), 100)) == 3
    assert taken(State("acme", base), 100) == [(10, "a"), (20, "b")]


def test_timer_stands_only_while_its_record_says_the_same_time() -> None:
    base = TenantStore()
    committed(timed(State("acme", base), a=10, b=20))
    state = timed(State("acme", base), a=40)
    state.delete(RecheckRecord, "b")
    assert taken(state, 39) == []
    committed(state)
    assert taken(State("acme", base), 100) == [(40, "a")]


def test_record_changed_otherwise_keeps_the_one_timer_it_has() -> None:
    base = TenantStore()
    committed(timed(State("acme", base), a=10, b=20, c=30))
    state = State("acme", base)
    held = state.edit(RecheckRecord, "b")
    assert held is not None
    held.payment = "P2"
    committed(state)
    assert base.timers == [(10, DUE, "a"), (20, DUE, "b"), (30, DUE, "c")]


def test_record_without_a_due_time_has_no_timer_after_a_restart_either() -> None:
    base = TenantStore()
    state = State("acme", base)
    state.put("al_1", AlertRecord("payee", "V1", "account", 0, 0, 0))
    written = committed(state)
    assert base.timers == restarted(written).timers == []
    store = restarted(written)
    store.index()
    assert store.timers == []


# ids


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def remember(state: State, *numbers: int, clock: int = 0, logged: int = 0, keep: int = 10, most: int = 10**6) -> None:
    for number in numbers:
        state.remember("seen", digest(number), clock=clock, logged=logged, keep=keep, most=most)


def known(state: State, most: int) -> list[int]:
    return [number for number in range(most) if state.knows("seen", digest(number))]


def test_segment_is_split_into_its_digests() -> None:
    assert split(digest(1) + digest(2) + digest(3)) == [digest(1), digest(2), digest(3)]
    assert split(b"") == []


@pytest.mark.parametrize("restart", [False, True])
def test_ids_go_on_in_the_newest_segment_until_it_is_full(restart: bool) -> None:
    base, written = TenantStore(), []
    for number in range(SEGMENT_DIGESTS + 2):
        state = State("acme", base)
        remember(state, number)
        written.append(committed(state))
        base = restarted(*written) if restart else base
    assert sorted(base.records["seen"]) == ["000000000", "000000001"]
    assert known(State("acme", base), 100) == list(range(SEGMENT_DIGESTS + 2))
    assert [len(set(one)) for one in written] == [1] * len(written)
    segment = State("acme", base).get(DigestSegment, "000000001")
    assert segment is not None
    assert segment.digests == digest(SEGMENT_DIGESTS) + digest(SEGMENT_DIGESTS + 1)


def filled(clock: int, logged: int = 0, segments: int = 1) -> TenantStore:
    base = TenantStore()
    state = State("acme", base)
    remember(state, *range(segments * SEGMENT_DIGESTS), clock=clock, logged=logged)
    committed(state)
    return base


@pytest.mark.parametrize(
    ("clock", "logged", "kept"),
    [(110, HOUR_MS + 1, True), (111, HOUR_MS + 1, False), (111, HOUR_MS, True), (10**9, 0, True)],
)
def test_segment_is_let_go_after_its_time_and_an_hour_of_the_log(clock: int, logged: int, kept: bool) -> None:
    assert HOUR_MS == 3_600_000
    base = filled(100)
    state = State("acme", base)
    remember(state, 99, clock=clock, logged=logged)
    expected = [*range(SEGMENT_DIGESTS), 99] if kept else [99]
    assert known(state, 100) == expected
    assert (len(list(state.ids("seen"))), state.evicted) == (1 + kept, 0)
    committed(state)
    assert known(State("acme", base), 100) == expected


@pytest.mark.parametrize(("most", "left"), [(3, 3), (2, 2), (1, 1)])
def test_ids_beyond_the_most_are_let_go_by_segments_and_counted(most: int, left: int) -> None:
    base = filled(100, segments=2)
    state = State("acme", base)
    remember(state, 500, clock=100, logged=2 * HOUR_MS, most=most * SEGMENT_DIGESTS)
    assert len(list(state.ids("seen"))) == left
    assert state.evicted == (3 - left) * SEGMENT_DIGESTS
    assert len(known(state, 501)) == (left - 1) * SEGMENT_DIGESTS + 1
    written = committed(state)
    assert sum(value is None for value in written.values()) == 3 - left
    assert base.digests["seen"].first == 3 - left


def test_id_that_is_told_again_after_it_was_forgotten_is_known_again() -> None:
    base = filled(100)
    state = State("acme", base)
    remember(state, 99, clock=200, logged=2 * HOUR_MS)
    assert not state.knows("seen", digest(0))
    remember(state, 0, clock=200, logged=2 * HOUR_MS)
    assert state.knows("seen", digest(0))
    committed(state)
    assert known(State("acme", base), 100) == [0, 99]


def test_segment_keeps_the_latest_of_its_times_whatever_comes_after() -> None:
    base = TenantStore()
    state = State("acme", base)
    for clock, logged in ((5, 7), (9, 3), (2, 2)):
        remember(state, clock, clock=clock, logged=logged)
    segment = state.get(DigestSegment, "000000000")
    assert segment is not None
    assert (segment.until, segment.logged) == (9, 7)
    assert msgspec.structs.asdict(segment)["digests"] == digest(5) + digest(9) + digest(2)


def test_ids_of_events_are_not_those_of_payments() -> None:
    base = filled(100)
    state = State("acme", base)
    assert state.knows("seen", digest(1))
    assert not state.knows("paid", digest(1))
    state.remember("paid", digest(700), clock=1, logged=1, keep=10, most=10**6)
    committed(state)
    again = State("acme", base)
    assert (again.knows("paid", digest(700)), again.knows("seen", digest(700))) == (True, False)
