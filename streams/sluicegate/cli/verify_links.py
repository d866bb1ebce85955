"""The links of alert chains, put in order on disk: records come in any order and number, memory stays the same."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from sluicegate.detection.chain import Held
from sluicegate.wire.chain import Link

__all__ = ["Links"]

_CACHE_KIB = 65_536
_TABLE = """CREATE TABLE link(
    tenant TEXT, number INTEGER, sound INTEGER, hash BLOB, before BLOB, alert TEXT, revision INTEGER, closes INTEGER,
    source INTEGER, position INTEGER, time INTEGER, PRIMARY KEY(tenant, number, sound DESC, hash)) WITHOUT ROWID"""


class Links:
    """Links by tenant and number, in a temporary database that goes with the process."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._base.execute(f"PRAGMA {setting}")
        self._base.execute(_TABLE)
        self.repeated: Counter[str] = Counter()
        """By tenant: links that came again, the same to the last bit."""
        self.heads: dict[str, int] = {}
        """By tenant: the highest number so far."""
        self.count = 0

    def add(self, held: Held) -> bool:
        """Whether the link is new."""
        link = held.link
        row = (
            *(link.tenant, link.number, link.sound, bytes.fromhex(link.hash), bytes.fromhex(link.before)),
            *(link.alert, link.revision, link.closes, held.source, held.position, held.time),
        )
        new = self._base.execute("INSERT OR IGNORE INTO link VALUES (?,?,?,?,?,?,?,?,?,?,?)", row).rowcount > 0
        if new:
            self.count += 1
            self.heads[link.tenant] = max(link.number, self.heads.get(link.tenant, 0))
        else:
            self.repeated[link.tenant] += 1
        return new

    def of(self, tenant: str) -> Iterator[Held]:
        """The tenant's links by number; of one number those first whose content gives their hash."""
        query = "SELECT * FROM link WHERE tenant = ? ORDER BY number, sound DESC, hash"
        with closing(self._base.execute(query, (tenant,))) as rows:
            for _, number, sound, hash, before, alert, revision, closes, source, position, time in rows:
                link = Link(tenant, number, before.hex(), hash.hex(), alert, revision, bool(closes), bool(sound))
                yield Held(link, source, position, time)

    def gaps(self) -> bool:
        """Whether any tenant's numbers have a gap."""
        query = "SELECT 1 FROM link GROUP BY tenant HAVING max(number) - min(number) >= count(DISTINCT number) LIMIT 1"
        return self._base.execute(query).fetchone() is not None

    def close(self) -> None:
        self._base.close()
