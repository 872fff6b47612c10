"""The import itself: batches that are stored whole or not at all; cut off, it is taken up where it was."""

import gc
import hashlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from cases.imports.drafts import draft
from cases.imports.problems import ImportProblem, Unusable
from cases.imports.reading import Row, Table
from cases.imports.rejects import Rejection, Rejects
from cases.imports.tokens import Tokens
from cases.imports.writing import Accepted, Destination, write
from cases.models import ImportedRow
from victimcare import actions
from victimcare.encryption import keyring
from victimcare.encryption.roots import KEY_BYTES
from victimcare.models import Organization, OrganizationKey, Team

BATCH = 500
Tokened = list[tuple[bytes, Row]]


@dataclass(slots=True)
class Counts:
    imported: int = 0
    rejected: int = 0
    already: int = 0

    @property
    def rows(self) -> int:
        return self.imported + self.rejected + self.already

    def __str__(self) -> str:
        return f"imported={self.imported} rejected={self.rejected} already={self.already} rows={self.rows}"


def destination(table: Table, code: str, team: str = "") -> Destination:
    """The organisation and the team that the cases will belong to. Raises ImportProblem."""
    organization = Organization.objects.current().filter(code=code).select_related("member_state").first()
    if organization is None:
        raise ImportProblem(f'There is no organization with the code "{code}".')
    if not organization.is_agency:
        raise ImportProblem(f'The organization "{code}" does not open cases.')
    teams = Team.objects.current().filter(organization=organization).order_by("created_at", "pk")
    found = (teams.filter(name=team) if team else teams).first()
    if found is None:
        named = f' with the name "{team}"' if team else ""
        raise ImportProblem(f'The organization "{code}" has no team{named}: make one first.')
    mapping = table.mapping
    return Destination(organization, found, mapping.name, mapping.enrolment, mapping.status)


def run(
    table: Table,
    into: Destination,
    rejects: Rejects,
    *,
    dry_run: bool = False,
    progress: Callable[[Counts], None] = lambda counts: None,
) -> Counts:
    """Import the table, batch by batch; `progress` is told after each. A row that was imported before is
    counted, not imported again: an import that was cut off is taken up by starting it again.
    """
    counts = Counts()
    tokens = Tokens(token_key(into.organization, may_make=not dry_run), table.headers)
    batch = _Batch(table, into, dry_run)
    with _collecting_between_batches() as collect:
        for rows in _batches(table.rows()):
            fitting, misshapen = _apart(table, tokens, rows)
            imported, already, unusable = batch.store(fitting)
            rejects.add(sorted(misshapen + unusable))
            counts.imported += imported
            counts.already += already
            counts.rejected += len(misshapen) + len(unusable)
            progress(counts)
            collect()
    return counts


@contextmanager
def _collecting_between_batches() -> Iterator[Callable[[], object]]:
    """A batch makes thousands of objects that are all needed until its end: looking for garbage in between
    takes a fifth of the time.
    """
    gc.freeze()
    gc.disable()
    try:
        yield lambda: gc.collect(1)
    finally:
        gc.enable()
        gc.unfreeze()


def token_key(organization: Organization, *, may_make: bool) -> bytes:
    """The key of the organisation's import tokens. If none may be made, a passing one: no row came yet."""
    with keyring.held():
        held = OrganizationKey.objects.filter(organization=organization).select_related("subject_key").first()
        if held is None and not may_make:
            return os.urandom(KEY_BYTES)
        own = held.subject_key if held else actions.own_key(organization)
        return keyring.open_key(own.pk).derived("import")


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _apart(table: Table, tokens: Tokens, rows: Sequence[Row]) -> tuple[Tokened, list[Rejection]]:
    """Rows that fit the header, with their tokens, and those that do not, with the reason."""
    fitting: Tokened = []
    misshapen: list[Rejection] = []
    for row in rows:
        if reason := table.misshape(row.cells):
            misshapen.append((row.line, reason, row.cells))
        else:
            fitting.append((tokens.of(row.cells), row))
    return fitting, misshapen


class _Batch:
    """What all batches of one import have in common."""

    def __init__(self, table: Table, into: Destination, dry_run: bool) -> None:
        self._into = into
        self._dry_run = dry_run
        self._places = table.places()
        self._defaults = table.mapping.defaults
        self._headers = [(place, header) for place, header in enumerate(table.headers) if header]

    @transaction.atomic
    def store(self, rows: Tokened) -> tuple[int, int, list[Rejection]]:
        """Store what is new: how many rows were imported, how many were there before, and which cannot be."""
        with keyring.held():
            _one_at_a_time(self._into.organization)
            known = _known(self._into.organization, [token for token, _row in rows])
            accepted, rejected = self._drafted([one for one in rows if one[0] not in known])
            if not self._dry_run:
                write(accepted, self._into)
        return len(accepted), len(rows) - len(accepted) - len(rejected), rejected

    def _drafted(self, rows: Tokened) -> tuple[list[Accepted], list[Rejection]]:
        accepted: list[Accepted] = []
        rejected: list[Rejection] = []
        for token, row in rows:
            try:
                made = draft(self._places, self._defaults, row.cells)
            except Unusable as reason:
                rejected.append((row.line, str(reason), row.cells))
            else:
                accepted.append(Accepted(token, made, self._source(row)))
        return accepted, rejected

    def _source(self, row: Row) -> dict[str, str]:
        return {header: row.cells[place] for place, header in self._headers if row.cells[place]}


def _one_at_a_time(organization: Organization) -> None:
    """Two imports into one organisation take turns, batch by batch: the second finds the first one's rows."""
    number = int.from_bytes(
        hashlib.sha256(b"import" + organization.pk.bytes).digest()[:8], "big", signed=True
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _known(organization: Organization, tokens: Sequence[bytes]) -> set[bytes]:
    rows = ImportedRow.objects.filter(organization=organization, token__in=tokens)
    return {bytes(token) for token in rows.values_list("token", flat=True)}
