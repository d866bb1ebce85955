"""Encoded records in memory, and the overlay through which one checkpoint reads and changes them.

`TenantStore` holds what is committed. `State` is one tenant's overlay: it decodes what is touched, remembers what
changed, and gives the changed records, each once, when the checkpoint is written. Dropping it changes nothing.

A record that is too large for one record of the state topic is stored in pieces: the first under its own key, the
others as kind `piece`.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from sluicegate.detection.codec import RECORDS, decode, encode
from sluicegate.detection.log import Volume
from sluicegate.detection.records import DigestSegment, PaidSegment, Record

R = TypeVar("R", bound=Record)
Key = tuple[str, str]
Timer = tuple[int, str, str]
"""(due, kind, id): due times in µs; ties go by kind and id."""

DIGEST_BYTES: Final = 16
SEGMENT_DIGESTS: Final = 64
"""A checkpoint rewrites at most the newest segment, so small segments keep writes small."""
HOUR_MS: Final = 3_600_000
PIECE: Final = 60_000
"""Most bytes of one stored record; the contract of the state topic is 64 KiB."""
PIECES: Final = "piece"

DIGESTS: dict[str, type[DigestSegment]] = {cls.KIND: cls for cls in (DigestSegment, PaidSegment)}
TIMED: Final = frozenset(kind for kind, cls in RECORDS.items() if "due" in cls.__struct_fields__)
"""Kinds of records with a due time."""
_UNREAD: Final = object()


class DigestIndex:
    """Membership of ids, derived from the digest segments."""

    __slots__ = ("first", "ids", "last")

    def __init__(self) -> None:
        self.ids: set[bytes] = set()
        self.first = 0
        self.last = -1

    def add(self, digests: bytes) -> None:
        self.ids.update(split(digests))


def split(digests: bytes) -> list[bytes]:
    """The 16-byte digests of a segment."""
    return [digests[i : i + DIGEST_BYTES] for i in range(0, len(digests), DIGEST_BYTES)]


def stored(tenant: str, kind: str, id: str, value: bytes) -> Iterator[tuple[str, bytes]]:
    """The records of the state topic that hold one record."""
    yield f"{tenant}|{kind}|{id}", value[:PIECE]
    for number in range(1, -(-len(value) // PIECE)):
        yield f"{tenant}|{PIECES}|{number}\n{kind}\n{id}", value[number * PIECE : (number + 1) * PIECE]


def _piece_order(name: str) -> int:
    return int(name.partition("\n")[0])


class TenantStore:
    """Committed records of one tenant: kind -> id -> bytes, with the indexes that follow from them."""

    __slots__ = ("digests", "hot", "records", "timers")

    def __init__(self) -> None:
        self.records: dict[str, dict[str, bytes]] = {}
        self.hot: dict[Key, Record] = {}
        self.timers: list[Timer] = []
        self.digests = {kind: DigestIndex() for kind in DIGESTS}

    def load(self, kind: str, id: str, value: bytes | None) -> None:
        """Take over one record of the state topic; the last one of a key wins. Call `index` after the last."""
        if value is None:
            self.records.get(kind, {}).pop(id, None)
        else:
            self.records.setdefault(kind, {})[id] = value
        self.hot.pop((kind, id), None)

    def volume(self) -> Volume:
        """Counted anew."""
        kinds = self.records.values()
        return Volume(sum(map(len, kinds)), sum(sum(map(len, rows.values())) for rows in kinds))

    def index(self) -> None:
        """Build timers and digest sets anew from the records."""
        self.timers.clear()
        pieces = self.records.pop(PIECES, {})
        for name in sorted(pieces, key=_piece_order):
            _, kind, id = name.split("\n", 2)
            self.records[kind][id] += pieces[name]
        for kind, rows in self.records.items():
            if kind in TIMED:
                for id, value in rows.items():
                    due: int | None = getattr(decode(RECORDS[kind], value), "due")  # noqa: B009
                    if due is not None:
                        self.timers.append((due, kind, id))
        self.timers.sort()
        for kind, segment in DIGESTS.items():
            index = self.digests[kind] = DigestIndex()
            segments = self.records.get(kind, {})
            if segments:
                index.first, index.last = int(min(segments)), int(max(segments))
                for value in segments.values():
                    index.add(decode(segment, value).digests)


class State:
    """One tenant's records as a checkpoint sees and changes them."""

    __slots__ = (
        "_added",
        "_base",
        "_dirty",
        "_due",
        "_encoded",
        "_filling",
        "_kinds",
        "_loose",
        "_objects",
        "_packed",
        "_removed",
        "_segments",
        "_timer",
        "evicted",
        "grown",
        "reads",
        "tenant",
    )

    def __init__(self, tenant: str, base: TenantStore) -> None:
        self.tenant = tenant
        self._base = base
        self._objects: dict[Key, Any] = {}
        """Records read or changed; None: there is none."""
        self._loose: set[Key] = set()
        """Bulky ones among them."""
        self._packed: dict[Key, bytes] = {}
        """Bulky records that earlier events changed."""
        self._dirty: set[Key] = set()
        self._kinds: set[str] = set()
        self._due: list[Timer] = []
        self._timer = 0
        self._added: dict[str, set[bytes]] = {kind: set() for kind in DIGESTS}
        self._removed: dict[str, set[bytes]] = {kind: set() for kind in DIGESTS}
        self._segments = {kind: [index.first, index.last] for kind, index in base.digests.items()}
        self._filling: dict[str, DigestSegment] = {}
        """The newest segments, once they are being changed."""
        self._encoded: dict[Key, bytes | None] = {}
        self.evicted = 0
        """Ids forgotten before their time because a tenant holds too many."""
        self.grown = Volume()
        """By how much `changes` makes the tenant's state larger."""
        self.reads: set[str] | None = None
        """Kinds read, when somebody wants to know (the shared checks of rules)."""

    def get(self, cls: type[R], id: str) -> R | None:
        """The record, to read; None if there is none."""
        if self.reads is not None:
            self.reads.add(cls.KIND)
        key = (cls.KIND, id)
        record: R | None = self._objects.get(key, _UNREAD)
        return self._read(cls, key) if record is _UNREAD else record

    def _read(self, cls: type[R], key: Key) -> R | None:
        hot = self._base.hot
        if cls.HOT and key in hot:
            return hot[key]  # type: ignore[return-value]
        kind, id = key
        value = self._packed.get(key)
        if value is None and kind in self._base.records:
            value = self._base.records[kind].get(id)
        if value is None:
            self._objects[key] = None
            return None
        record = decode(cls, value)
        if cls.HOT:
            hot[key] = record
        else:
            self._objects[key] = record
            if cls.BULKY:
                self._loose.add(key)
        return record

    def edit(self, cls: type[R], id: str) -> R | None:
        """The record, to change in place; None if there is none."""
        record = self.get(cls, id)
        if record is not None and (cls.KIND, id) not in self._dirty:
            self.put(id, record)
        return record

    def put(self, id: str, record: Record) -> None:
        """Add or replace a record."""
        key = (record.KIND, id)
        if record.HOT:
            self._base.hot.pop(key, None)  # so that a dropped overlay leaves nothing of its changes behind
        elif record.BULKY:
            self._loose.add(key)
        self._objects[key] = record
        self._dirty.add(key)
        self._kinds.add(record.KIND)

    def delete(self, cls: type[Record], id: str) -> None:
        key = (cls.KIND, id)
        if cls.HOT:
            self._base.hot.pop(key, None)
        self._packed.pop(key, None)
        self._loose.discard(key)
        self._objects[key] = None
        self._dirty.add(key)

    def pack(self) -> None:
        """Encode bulky records, at the end of an event.

        Kept decoded until the checkpoint, they would have left the processor's caches by then, and so would the memory
        that the next ones are decoded into: together that takes a tenth of the time that an event does.
        """
        for key in self._loose:
            record = self._objects.pop(key)
            if key in self._dirty:
                self._dirty.remove(key)
                self._packed[key] = encode(record)
        self._loose.clear()

    def ids(self, kind: str) -> Iterator[str]:
        """Ids of all records of a kind, in no order that may be relied on."""
        held = self._base.records.get(kind, {})
        for id in held:
            if (kind, id) not in self._dirty or self._objects[kind, id] is not None:
                yield id
        for changed, id in self._dirty:
            if changed == kind and id not in held and self._objects[kind, id] is not None:
                yield id
        for changed, id in self._packed:
            if changed == kind and id not in held and (kind, id) not in self._dirty:
                yield id

    def has(self, kind: str) -> bool:
        """Whether any record of the kind is there."""
        if kind not in self._kinds and not self._base.records.get(kind):
            return False
        return next(self.ids(kind), None) is not None

    # timers

    def schedule(self, kind: str, id: str, due: int) -> None:
        """Have `due_timer` give (kind, id) once `due` is reached; the record's own `due` must say the same."""
        heapq.heappush(self._due, (due, kind, id))

    def due_timer(self, until: int) -> Timer | None:
        """Take the next timer with due time <= until that still stands."""
        while True:
            held = self._base.timers[self._timer] if self._timer < len(self._base.timers) else None
            own = self._due[0] if self._due else None
            if own is not None and (held is None or own <= held):
                if own[0] > until:
                    return None
                heapq.heappop(self._due)
                timer = own
            elif held is not None:
                if held[0] > until:
                    return None
                self._timer += 1
                timer = held
            else:
                return None
            due, kind, id = timer
            record = self.get(RECORDS[kind], id)
            if record is not None and getattr(record, "due", None) == due:
                return timer

    # ids seen

    def knows(self, kind: str, digest: bytes) -> bool:
        """Whether the digest of an id is remembered."""
        if digest in self._added[kind]:
            return True
        return digest in self._base.digests[kind].ids and digest not in self._removed[kind]

    def remember(self, kind: str, digest: bytes, *, clock: int, logged: int, keep: int, most: int) -> None:
        """Remember a digest for `keep` µs of the clock, up to `most` of them, at least for the last hour of the log."""
        segment = self._filling.get(kind) or self._newest(kind)
        if segment is None or len(segment.digests) >= SEGMENT_DIGESTS * DIGEST_BYTES:
            cls, span = DIGESTS[kind], self._segments[kind]
            self._forget(cls, clock - keep, logged - HOUR_MS, most)
            span[1] += 1
            segment = self._filling[kind] = cls()
            self.put(f"{span[1]:09d}", segment)
        segment.digests += digest
        segment.until = max(segment.until, clock)
        segment.logged = max(segment.logged, logged)
        self._added[kind].add(digest)
        self._removed[kind].discard(digest)

    def _newest(self, kind: str) -> DigestSegment | None:
        first, last = self._segments[kind]
        segment = self.edit(DIGESTS[kind], f"{last:09d}") if last >= first else None
        if segment is not None:
            self._filling[kind] = segment
        return segment

    def _forget(self, cls: type[DigestSegment], before: int, logged_before: int, most: int) -> None:
        span = self._segments[cls.KIND]
        while span[0] <= span[1]:
            id = f"{span[0]:09d}"
            oldest = self.get(cls, id)
            if oldest is not None:
                expired = oldest.until < before
                if oldest.logged >= logged_before or not (expired or (span[1] - span[0] + 2) * SEGMENT_DIGESTS > most):
                    return
                digests = split(oldest.digests)
                if not expired:
                    self.evicted += len(digests)
                self._added[cls.KIND].difference_update(digests)
                self._removed[cls.KIND].update(digests)
                self.delete(cls, id)
            span[0] += 1

    # the end of a checkpoint

    def changes(self) -> dict[str, bytes | None]:
        """State-topic key -> new bytes, None for a deletion; what came out as it was is left out."""
        out: dict[str, bytes | None] = {}
        self._encoded = {}
        records = size = 0
        self.pack()
        changed: dict[Key, bytes | None] = dict(self._packed)
        for key in self._dirty:
            record = self._objects[key]
            changed[key] = None if record is None else encode(record)
        for key, value in sorted(changed.items()):
            kind, id = key
            held = self._base.records.get(kind, {}).get(id)
            if value == held:
                continue
            self._encoded[key] = value
            records += (value is not None) - (held is not None)
            size += len(value or b"") - len(held or b"")
            if len(value or b"") <= PIECE and len(held or b"") <= PIECE:
                out[f"{self.tenant}|{kind}|{id}"] = value
            else:
                self._store(out, key, value, len(held or b""))
        self.grown = Volume(records, size)
        return out

    def _store(self, out: dict[str, bytes | None], key: Key, value: bytes | None, before: int) -> None:
        """Enter a value in pieces of bounded size, and delete those that its shorter self does not need any more."""
        kind, id = key
        out[f"{self.tenant}|{kind}|{id}"] = value if value is None else value[:PIECE]
        after = len(value) if value is not None else 0
        for number in range(1, -(-max(after, before) // PIECE)):
            piece = (value or b"")[number * PIECE : (number + 1) * PIECE]
            out[f"{self.tenant}|{PIECES}|{number}\n{kind}\n{id}"] = piece or None

    def merge(self) -> None:
        """Make what `changes` gave the committed state."""
        base = self._base
        for (kind, id), value in self._encoded.items():
            if value is None:
                base.records.get(kind, {}).pop(id, None)
            else:
                base.records.setdefault(kind, {})[id] = value
        del base.timers[: self._timer]
        for key in self._dirty:
            record = self._objects[key]
            if record is None:
                continue
            if record.HOT:
                base.hot[key] = record
            if key[0] in TIMED and record.due is not None:
                timer = (record.due, *key)
                at = bisect_left(base.timers, timer)
                if base.timers[at : at + 1] != [timer]:
                    base.timers.insert(at, timer)
        for kind, index in base.digests.items():
            index.ids -= self._removed[kind]
            index.ids |= self._added[kind]
            index.first, index.last = self._segments[kind]
