"""How many compiled lists a worker holds, and what it holds of lists to come."""

from __future__ import annotations

from sluicegate.detection.library import ListLibrary
from sluicegate.screening.index import CompiledList


def built(library: ListLibrary, name: str) -> bool:
    """Whether the library had to make the list when it was asked for it."""
    asked = []

    def build() -> CompiledList:
        asked.append(name)
        return CompiledList(name, "1", ())

    library.get((name, "1", b""), build)
    return bool(asked)


def test_32_compiled_lists_are_held() -> None:
    library = ListLibrary()
    assert all(built(library, f"L{n}") for n in range(32))
    assert not any(built(library, f"L{n}") for n in range(32))
    assert built(library, "L32")
    assert not built(library, "L1")
    assert built(library, "L0")


def test_version_in_force_is_the_one_that_the_next_first_version_shares_with() -> None:
    library = ListLibrary()
    seed = library.seed("L")
    assert (seed.name, seed.version, seed.entries) == ("L", "", ())
    assert library.seed("M").name == "M"
