"""These tests start servers of their own; none of them touches the suite's database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from victimcare.local import scratch


@pytest.fixture(autouse=True)
def _no_given_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite itself runs with DATABASE_URL set."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_URL_FILE", "DATABASE_OWNER_URL_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def local() -> Iterator[Path]:
    """A local folder of its own; its path is short enough for a socket."""
    with scratch.folder() as path:
        yield path
