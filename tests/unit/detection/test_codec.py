"""State records: round trip, versions, migration."""

import msgspec
import pytest

from sluicegate.detection import codec
from sluicegate.detection.codec import RECORDS
from sluicegate.detection.partition import Partition
from sluicegate.detection.records import AccountUse, NoticeRecord, PayeeRecord, Profile, TenantRecord


def test_record_comes_back_equal() -> None:
    record = PayeeRecord(Profile("vendor", name="Zoë"), accounts=[AccountUse("fp", "iban", 5, True)], nocs=[(1, "fp")])
    assert codec.decode(PayeeRecord, codec.encode(record)) == record


@pytest.mark.parametrize("cls", RECORDS.values(), ids=list(RECORDS))
def test_every_kind_has_a_version_that_fits_one_byte(cls: type[msgspec.Struct]) -> None:
    assert cls.__struct_config__.array_like
    assert 1 <= getattr(cls, "VERSION") <= 255  # noqa: B009


def test_field_added_at_the_end_reads_older_records_with_its_default() -> None:
    older = bytes([1]) + msgspec.msgpack.encode([7])
    assert codec.decode(TenantRecord, older) == TenantRecord(clock=7)


def test_newer_version_is_refused_with_what_to_do() -> None:
    newer = bytes([2]) + codec.encode(NoticeRecord(5))[1:]
    with pytest.raises(codec.UnknownStateVersionError, match="run the sluicegate that wrote it or a newer one"):
        codec.decode(NoticeRecord, newer)
    assert "Operator action:" in (codec.UnknownStateVersionError.__doc__ or "")


def test_newer_version_stops_the_recovery_of_a_partition_and_not_a_record_later() -> None:
    partition = Partition()
    partition.load("acme|split|P1", bytes([9]) + b"\x90")
    with pytest.raises(codec.UnknownStateVersionError):
        partition.ready()


def test_older_version_is_migrated_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoticeRecord, "VERSION", 3)
    monkeypatch.setitem(codec.MIGRATIONS, ("notice", 1), lambda body: msgspec.msgpack.encode([len(body)]))
    monkeypatch.setitem(codec.MIGRATIONS, ("notice", 2), lambda _: msgspec.msgpack.encode([42]))
    older = bytes([1]) + msgspec.msgpack.encode([5])
    assert codec.decode(NoticeRecord, older) == NoticeRecord(42)
