"""The alert chain: what detection writes is whole, and whatever is done to it afterwards shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.detection.chain import Chain, Held
from sluicegate.detection.partition import Partition
from sluicegate.wire.chain import Link, origin, read_link, seal
from tests.scenarios.build import DAY, HOUR, Tale
from tests.unit.detection.test_laws import reloaded, work
from tests.unit.detection.test_partition import log_of


def tale(tenant: str = "acme") -> Tale:
    """Two alerts that grow side by side, and one that a verdict closes."""
    t = Tale(tenant)
    for n in range(5):
        t.pay(f"V{n}", "shared", f"{n + 1}.00", at=n * DAY)
        t.pay(f"V{n + 10}", "other", f"{n + 1}.00", at=n * DAY + HOUR)
    t.pay("V30", invoice="417", amount="5.00", at=6 * DAY)
    t.pay("V30", invoice="417", amount="5.00", at=7 * DAY)
    (duplicate,) = (a for a in t.play().alerts if a["subject"]["id"] == "V30")
    t.verdict(duplicate["alert_id"], "benign", 8 * DAY)
    return t


@cache
def values() -> tuple[bytes, ...]:
    return tuple(one.value for one in tale().play().outputs if one.topic == "alerts")


def faults(records: Iterable[bytes], expected: Mapping[int, str] = {}, gone_until: float = -1) -> list[str]:
    """As a reader finds them: by number, in the records' own order within one source."""
    chain = Chain("acme", expected=expected, gone_until=gone_until)
    links = [(read_link(value), at) for at, value in enumerate(records)]
    held = [Held(link, 0, at, at) for link, at in links if isinstance(link, Link) and link.tenant == "acme"]
    found = [f"unlinked {at}" for link, at in links if not isinstance(link, Link)]
    others = [(link, at) for link, at in links if isinstance(link, Link) and link.tenant != "acme"]
    found += [f"altered {at}" for link, at in others if not link.sound]  # in a chain of whoever it names now
    for one in sorted(held, key=lambda h: (h.link.number, not h.link.sound, h.link.hash)):
        found += [fault.why for fault in chain.take(one)]
    found += [f"expected {number}" for number in expected if number not in chain.confirmed]
    return found


def hash_of(value: bytes) -> str:
    hash: str = json.loads(value)["chainhash"]
    return hash


# what detection writes


def test_chain_counts_the_tenants_revisions_from_1_and_each_names_the_one_before() -> None:
    events = [json.loads(value) for value in values()]
    assert len(events) > 6
    assert [event["chainseq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["chainprev"] for event in events] == [origin("acme"), *(event["chainhash"] for event in events[:-1])]
    assert {event["data"]["activity"] for event in events} == {"create", "update", "close"}
    assert faults(values()) == []


def test_each_tenant_has_its_own_chain_whatever_stands_between() -> None:
    mine, theirs = log_of(tale("acme")), log_of(tale("beta"))
    outputs, _ = work(Partition(), [record for pair in zip(mine, theirs, strict=True) for record in pair])
    alone, _ = work(Partition(), mine)
    assert [o for o in outputs if o.key.startswith(b"acme|")] == alone
    assert len(outputs) == 2 * len(alone)


@pytest.mark.parametrize("batch", [1, 3])
def test_chain_goes_on_after_a_restart_and_not_from_a_run_that_was_dropped(batch: int) -> None:
    records = log_of(tale())
    going_on, outputs = Partition(), []
    for record in records:
        dropped = going_on.begin()
        dropped.apply(record)
        going_on = reloaded(going_on)
        outputs += work(going_on, [record], batch)[0]
    assert tuple(o.value for o in outputs if o.topic == "alerts") == values()


def test_signals_are_not_part_of_the_chain() -> None:
    t = Tale()
    t.policy(rules={"shared-account": {"mode": "shadow"}})
    for n in range(3):
        t.pay(f"V{n}", "shared", at=n * DAY)
    (signal, *_) = t.play().topic("signals")
    assert not [name for name in signal if name.startswith("chain")]


# what is done to it


@given(st.data())
def test_any_single_record_that_is_altered_shows(data: st.DataObject) -> None:
    records = list(values())
    at = data.draw(st.integers(0, len(records) - 1))
    place = data.draw(st.integers(0, len(records[at]) - 1))
    byte = data.draw(
        st.sampled_from(sorted(set(b'0123456789abcxyz",:{}[] '))).filter(lambda b: b != records[at][place])
    )
    changed = records[at][:place] + bytes([byte]) + records[at][place + 1 :]
    records[at] = changed
    same = _json(changed) == json.loads(values()[at])
    assert faults(records) or same


def _json(value: bytes) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return None


@given(st.integers(0, 100), st.integers(1, 3))
def test_removing_any_but_the_last_shows_as_a_gap_or_as_a_later_beginning(at: int, count: int) -> None:
    records = list(values())
    at %= len(records) - count
    del records[at : at + count]
    found = faults(records)
    if at:
        assert any("missing before number" in why for why in found)
    else:
        assert found == []  # as where retention removed the beginning: the reader is told where the chain begins


@given(st.integers(1, 100))
def test_removing_the_last_ones_shows_only_against_a_head_noted_before(count: int) -> None:
    records = list(values())
    head = {len(records): hash_of(records[-1])}
    assert faults(records, head) == []
    count = 1 + count % (len(records) - 1)
    assert faults(records[:-count]) == []
    assert faults(records[:-count], head) == [f"expected {len(records)}"]


def test_chain_written_anew_shows_only_against_a_head_noted_before() -> None:
    forged, before = [], origin("acme")
    for number, value in enumerate(values(), 1):
        event = json.loads(value)
        for name in ("chainhash", "chainprev", "chainseq"):
            del event[name]
        event["data"]["score"] = 25
        record, before = seal(event, number, before)
        forged.append(record)
    assert faults(forged) == []
    assert faults(forged, {3: hash_of(values()[2])}) == ["expected 3"]


def test_one_record_written_anew_does_not_fit_the_next() -> None:
    records = list(values())
    event = json.loads(records[2])
    hidden = {name: event[name] for name in event if not name.startswith("chain")}
    hidden["data"]["score"] = 25
    records[2], _ = seal(hidden, 3, event["chainprev"])
    assert faults(records) == ["number 4 does not follow number 3, whose hash it does not name"]


def test_second_version_of_a_number_is_a_fork() -> None:
    records = list(values())
    event = json.loads(records[2])
    other = {name: event[name] for name in event if not name.startswith("chain")} | {"time": "2026-01-01T00:00:00Z"}
    assert faults([*records, seal(other, 3, event["chainprev"])[0]]) == ["number 3 is there in two versions"]


def test_revisions_of_an_alert_in_another_order_show() -> None:
    records = list(values())
    subjects = [json.loads(value)["subject"] for value in records]
    first = next(n for n, subject in enumerate(subjects) if subject in subjects[n + 1 :])
    second = subjects.index(subjects[first], first + 1)
    records[first], records[second] = records[second], records[first]
    assert [why for why in faults(records) if "stands before revision" in why]


def test_first_record_must_begin_the_chain_of_its_tenant() -> None:
    event = {"type": "alert.v1", "tenantid": "acme", "data": {"alert_id": "al", "revision": 1, "activity": "create"}}
    assert faults([seal(event, 1, origin("beta"))[0]]) == ["number 1 does not begin this tenant's chain"]


def test_revision_that_skips_one_or_follows_the_end_shows() -> None:
    def alert(number: int, before: str, revision: int, activity: str) -> tuple[bytes, str]:
        data = {"alert_id": "al", "revision": revision, "activity": activity}
        return seal({"type": "alert.v1", "tenantid": "acme", "data": data}, number, before)

    one, hash = alert(1, origin("acme"), 1, "create")
    two, hash = alert(2, hash, 3, "close")
    three, _ = alert(3, hash, 4, "update")
    assert faults([one, two, three]) == [
        "revision 3 of al follows 1",
        "revision 4 of al without the one before it, or after its end",
    ]


# where retention removed records


def test_gap_among_records_as_old_as_what_retention_removed_is_a_later_beginning() -> None:
    records = list(values())
    del records[2]
    assert faults(records, gone_until=1) == []  # number 2 has the time 1
    assert "number 3 is missing before number 4" in faults(records, gone_until=0)


def test_head_just_before_the_beginning_is_confirmed_and_an_earlier_one_cannot_be() -> None:
    records = list(values())[3:]
    assert faults(records, {3: hash_of(values()[2])}) == []
    assert faults(records, {2: hash_of(values()[1])}) == ["expected 2"]


def test_link_without_a_time_is_of_the_beginning_of_all_times() -> None:
    links = [link for value in values() if isinstance(link := read_link(value), Link)]
    chain = Chain("acme", gone_until=0)
    assert [fault.why for link in (links[0], links[2]) for fault in chain.take(Held(link, 0, 0))] == []
    assert chain.first == links[2].number


def test_nothing_is_taken_for_removed_unless_retention_is_known_to_have_gone_on() -> None:
    links = [link for value in values() if isinstance(link := read_link(value), Link)]
    chain = Chain("acme")
    found = [fault.why for link in (links[0], links[2]) for fault in chain.take(Held(link, 0, 0))]
    assert any("number 2 is missing" in why for why in found)


def test_link_after_a_fork_may_follow_either_version_and_a_noted_hash_of_either_is_found() -> None:
    records = list(values())
    event = json.loads(records[2])
    hidden = {name: event[name] for name in event if not name.startswith("chain")} | {"time": "2026-01-01T00:00:00Z"}
    forged, _ = seal(hidden, 3, event["chainprev"])
    for fork in ([*records, forged], [forged, *records]):
        for noted in (records[2], forged):
            assert faults(fork, {3: hash_of(noted)}) == ["number 3 is there in two versions"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_head_noted_before_the_beginning_is_not_confirmed_by_another_links_hash(number: int) -> None:
    """Only the link that the first one names can be told from it."""
    records = list(values())[3:]
    assert faults(records, {number: hash_of(values()[2])}) == [f"expected {number}"]
    assert faults(records, {5: hash_of(values()[3])}) == ["expected 5"]


def test_revisions_at_one_place_are_in_order() -> None:
    links = [link for value in values() if isinstance(link := read_link(value), Link)]
    chain = Chain("acme")
    assert [fault for link in links for fault in chain.take(Held(link, 0, 7))] == []
