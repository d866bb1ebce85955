"""Scores of nomenklatura's logic-v2, in an environment of its own: it is no dependency of this project.

As a file, run by that environment's Python: reads JSON lines {kind, a, b: [names]} from standard input, writes a score
(0 to 1) a line, and at last the seconds that scoring took. As a module: makes the environment and asks it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path

ENVIRONMENT = Path("/tmp/sluicegate-logic-v2")  # made again at any time, and large
PACKAGE = "nomenklatura==4.17.4"
SCHEMATA = {"person": "Person", "organisation": "Company"}  # others are schemata already


class Unavailable(Exception):  # noqa: N818 - says what it is
    """The environment could not be made.

    Operator action: PyICU is built from source: install pkg-config, a C++ compiler and ICU's headers (libicu-dev), and
    run the bench again.
    """


def environment(folder: Path = ENVIRONMENT) -> Path:
    """Python of an environment that has nomenklatura; makes it when there is none."""
    python = folder / "bin/python"
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=120)
        if subprocess.run([python, "-c", "import nomenklatura"], check=False, capture_output=True).returncode:
            subprocess.run(
                [python, "-m", "pip", "install", "-q", PACKAGE], check=True, capture_output=True, timeout=900
            )
    except (subprocess.SubprocessError, OSError) as error:
        output = getattr(error, "stderr", None) or str(error).encode()
        raise Unavailable(output.decode(errors="replace").strip().splitlines()[-1]) from error
    return python


def scores(python: Path, comparisons: Iterable[tuple[str, str, list[str]]]) -> tuple[list[float], float]:
    """Of (kind, name, names of the other side): scores, and the seconds that scoring alone took."""
    lines = "".join(json.dumps({"kind": kind, "a": a, "b": b}) + "\n" for kind, a, b in comparisons)
    done = subprocess.run([python, __file__], check=True, capture_output=True, input=lines.encode(), timeout=3600)
    *values, seconds = map(float, done.stdout.split())
    return values, seconds


def serve() -> None:
    from followthemoney.proxy import EntityProxy  # type: ignore[import-not-found]
    from nomenklatura.matching import LogicV2  # type: ignore[import-not-found]
    from nomenklatura.matching.types import ScoringConfig  # type: ignore[import-not-found]

    config = ScoringConfig(weights={}, config={name: var.default for name, var in LogicV2.CONFIG.items()})

    numbers = count()

    def entity(kind: str, names: list[str]) -> EntityProxy:
        # an id of its own: what is known of an entity's names is kept by id
        id = f"e{next(numbers)}"
        return EntityProxy.from_dict(
            {"id": id, "schema": SCHEMATA.get(kind, kind), "properties": {"name": names}}, cleaned=False
        )

    rows = [json.loads(line) for line in sys.stdin]
    LogicV2.compare(entity("person", ["A B"]), entity("person", ["A C"]), config)  # loads its tables
    pairs = [(entity(row["kind"], [row["a"]]), entity(row["kind"], row["b"])) for row in rows]
    start = time.perf_counter()
    found = [LogicV2.compare(query, listed, config).score for query, listed in pairs]
    seconds = time.perf_counter() - start
    print(*found, seconds, sep="\n")


if __name__ == "__main__":
    serve()
