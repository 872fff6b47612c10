"""A database and secrets that are thrown away at the end: for tests, pictures and measurements."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from victimcare.local import environments, homes
from victimcare.local.cluster import ensure


@contextmanager
def folder() -> Iterator[Path]:
    """A private local folder in the temporary folder, removed with the cluster that belongs to it."""
    path = Path(tempfile.mkdtemp(prefix=homes.PREFIX))
    try:
        yield path
    finally:
        homes.remove(path)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def environment(*, durable: bool = False) -> Iterator[tuple[Path, dict[str, str]]]:
    """A local folder and the environment of processes that work on its fresh, empty database.

    Each caller has a cluster of its own, so any number may run at the same time, `make run` included.
    """
    with folder() as local, ensure(local, durable=durable) as urls:
        yield local, environments.serving(local, urls)
