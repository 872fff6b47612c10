"""What keys cost: a page that is opened, a rotation, an import."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after the settings

from cases.models import Person  # noqa: E402
from tests import factories  # noqa: E402
from victimcare.encryption import keyring, rotation  # noqa: E402
from victimcare.encryption.sealed import EncryptedField, RowMac  # noqa: E402
from victimcare.models import Organization, SubjectKey, Team  # noqa: E402

ROUNDS = 300
PEOPLE, FILLED = 50, ("given_names", "surnames", "known_as", "birth", "identity_number", "country_of_birth")
PAGE_MS, ROTATE_S, IMPORT_SHARE = 1.5, 10.0, 0.20
KEYS, ROWS = 100_000, 10_000
CODE = "bench"


def say(line: str, reached: bool) -> bool:
    sys.stdout.write(f"{line}: {'reached' if reached else 'NOT REACHED'}\n")
    return reached


def organization() -> Organization:
    made = factories.organization(code=CODE, is_agency=True)
    Team.objects.create(organization=made, name="Bench")
    return made


# -- A page --------------------------------------------------------------------------------------------------


def page() -> bool:
    """300 values of 50 people: each person's key unwrapped, each row's MAC asked, each value opened."""
    place = organization()
    values = dict.fromkeys(FILLED, "Invented words") | {"birth": "1985-03-12"}
    with keyring.held():
        for _number in range(PEOPLE):
            factories.person(place, **values)
    whole, opened, waited = (
        median(one) for one in zip(*(_page_once(place) for _round in range(ROUNDS)), strict=True)
    )
    sys.stdout.write(
        f"{PEOPLE} people, {PEOPLE * len(FILLED)} values, medians of {ROUNDS}; queries not counted\n"
    )
    sys.stdout.write(
        f"  with unwrapping {PEOPLE} keys and deriving from them: {whole:.2f} ms of the processor\n"
    )
    return say(
        f"  MAC and values: {opened:.2f} ms of the processor ({waited:.2f} by the clock), at most {PAGE_MS}",
        opened < PAGE_MS,
    )


def _page_once(place: Organization) -> tuple[float, float, float]:
    """Milliseconds of the processor, with and without what a key costs at first, and by the clock."""
    rows = list(Person.objects.filter(organization=place))
    keys = list(keyring._stored().filter(pk__in=[row.subject_key_id for row in rows]))
    with keyring.held():
        started = time.thread_time()
        for key in keys:
            found = keyring._open(key)
            found.cipher("fields")
            found.derived_row()
            keyring._ring.get()[key.pk] = found  # type: ignore[index]  # held above
        unwrapped, clock = time.thread_time(), time.perf_counter()
        for row in rows:
            for name in FILLED:
                getattr(row, name)
        ended, waited = time.thread_time(), time.perf_counter() - clock
    return (ended - started) * 1000, (ended - unwrapped) * 1000, waited * 1000


# -- A rotation ----------------------------------------------------------------------------------------------


def rotate() -> bool:
    place = organization()
    state_key = keyring.current_state_key(place.member_state)
    for _part in range(10):
        made = [keyring.new_subject_key(place, state_key) for _number in range(KEYS // 10)]
        SubjectKey.objects.bulk_create(made)
    started = time.monotonic()
    _version, moved = rotation.rotate_state(place.member_state)
    seconds = time.monotonic() - started
    return say(
        f"{moved} subject keys rewrapped in {seconds:.1f} s, at most {ROTATE_S:.0f}", seconds < ROTATE_S
    )


# -- An import -----------------------------------------------------------------------------------------------


class Stopwatch:
    """Seconds inside any of several functions, counted once where one calls another."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = False

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return function(*args, **kwargs)
            self._inside, started = True, time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - started
                self._inside = False

        return timed


@contextmanager
def watched() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    parts = ((RowMac, "pre_save"), (EncryptedField, "pre_save"), (keyring, "new_subject_key"))
    patches = [patch.object(owner, name, watch.around(getattr(owner, name))) for owner, name in parts]
    patches.append(patch.object(keyring.OpenKey, "derived", watch.around(keyring.OpenKey.derived)))
    for one in patches:
        one.start()
    try:
        yield watch
    finally:
        for one in patches:
            one.stop()


def imported(mapping: str, file: str) -> bool:
    """The first 10,000 rows of the file, as the importer's job, through both walls."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        _first_rows(Path(file), path)
        with watched() as watch:
            started = time.perf_counter()
            call_command("import_cases", mapping, str(path), "--organization", CODE)
            whole = time.perf_counter() - started
    share = watch.seconds / whole
    return say(
        f"{ROWS} rows in {whole:.1f} s, {watch.seconds:.2f} s of it in encryption:"
        f" {share:.1%}, at most {IMPORT_SHARE:.0%}",
        share < IMPORT_SHARE,
    )


def _first_rows(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        written.writelines(line for line, _number in zip(read, range(ROWS + 1), strict=False))


def main(what: str, *arguments: str) -> bool:
    if what == "place":
        organization()
        return True
    return {"page": page, "rotate": rotate, "import": imported}[what](*arguments)


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
