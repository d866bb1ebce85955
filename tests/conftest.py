"""What several kinds of tests share: the broker of the session, and the markers that follow from fixtures."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sluicegate.embedded import EmbeddedKafka

SHARED = Path(__file__).parents[2] / "shared"  # real data and scenarios; a checkout on its own does without

# an example that takes long on a busy machine is no fault
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the broker or the real data, and skip the latter where there is none.

    Tests in a browser come last: Playwright leaves an event loop running in this thread, in which no other may begin.
    """
    items.sort(key=lambda item: "console" in item.path.parts)
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "broker" in fixtures:
            item.add_marker(pytest.mark.kafka)
        if "shared" in fixtures:
            item.add_marker(pytest.mark.realdata)
        if item.get_closest_marker("realdata") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason=f"no real data: {SHARED} is absent"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and scenarios."""
    return SHARED


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """Address of the session's one broker: that of SLUICEGATE_BROKER when it is set, else an embedded one."""
    if running := os.environ.get("SLUICEGATE_BROKER"):
        yield running
        return
    with EmbeddedKafka() as embedded:
        yield embedded.bootstrap
