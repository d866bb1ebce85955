"""A PostgreSQL server of the tests' own, where its programs are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str | None:
    """Path of one of PostgreSQL's programs."""
    found = shutil.which(name)
    return found or next((str(place / name) for place in _PLACES if (place / name).exists()), None)


@contextmanager
def server(port: int) -> Iterator[str]:
    """A running server, gone at the end; the URL up to the name of a database."""
    folder = Path(tempfile.mkdtemp(prefix="sluicegate-postgres-"))
    data = folder / "data"
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    assert initdb is not None
    assert pg_ctl is not None
    _run(folder, initdb, "-D", str(data), "-A", "trust", "-U", "postgres", "-N")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run(folder, pg_ctl, "-D", str(data), "-o", options, "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/"
    finally:
        _run(folder, pg_ctl, "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, *command: str) -> None:
    """As another user where we are root, which PostgreSQL refuses to be."""
    user = _owner(folder) if os.geteuid() == 0 else None
    subprocess.run(command, check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def _owner(folder: Path) -> str:
    name = "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
    entry = pwd.getpwnam(name)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return name
