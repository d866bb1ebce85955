"""The names of the OFAC list in ../shared/data as `sanctions.update.v1` events, in parts."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared"
NAMES = SHARED / "data/sanctions/ofac-2025-11-26-names.jsonl.gz"
PART_ENTRIES = 3000
KINDS = {"person": "person", "entity": "organisation", "organisation": "organisation", "individual": "person"}


def entries() -> Iterator[dict[str, Any]]:
    """List entries of contract section 4.7; primary names first."""
    with gzip.open(NAMES, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            names = sorted(row["names"], key=lambda n: not n["is_primary"])
            yield {
                "entry_id": str(row["entity_id"]),
                "kind": KINDS.get(row["kind"].lower(), row["kind"].lower()),
                "names": [
                    {"name": n["full_name"], "quality": "primary" if n["is_primary"] else "strong"}
                    for n in names
                    if n["full_name"].strip()
                ],
            }


def updates(version: str = "2025-11-26", time: str = "2013-01-01T00:00:00Z") -> Iterator[dict[str, Any]]:
    """The list as a snapshot in parts."""
    rows = [row for row in entries() if row["names"]]
    parts = -(-len(rows) // PART_ENTRIES)
    for part in range(parts):
        yield {
            "specversion": "1.0",
            "id": f"ofac-{version}-{part + 1}",
            "source": "/lists/ofac",
            "type": "sanctions.update.v1",
            "time": time,
            "tenantid": "*",
            "data": {
                "list": "ofac-sdn",
                "version": version,
                "published_at": time,
                "mode": "snapshot",
                "add": rows[part * PART_ENTRIES : (part + 1) * PART_ENTRIES],
                "part": part + 1,
                "parts": parts,
            },
        }


if __name__ == "__main__":
    for event in updates():
        print(json.dumps(event, ensure_ascii=False))
