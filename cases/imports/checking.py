"""Reads a file again and looks for each of its values in the stored records, fetched and decrypted anew."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from cases.imports.drafts import draft, line
from cases.imports.mapping import Column
from cases.imports.problems import Unusable
from cases.imports.reading import Table
from cases.imports.running import token_key
from cases.imports.targets import SUBSTANCES, data_kind
from cases.imports.tokens import Tokens
from cases.imports.values import fold
from cases.imports.writing import PERPETRATOR
from cases.models import Case, ImportedRow
from victimcare import audit
from victimcare.encryption import keyring
from victimcare.kinds import DataKind
from victimcare.models import Organization
from victimcare.models.logs import Action

Tokened = tuple[bytes, Sequence[str]]
_DETAILS = ("incidents", "partys", "substanceuses")


@dataclass(slots=True)
class Result:
    """`missing` rows of the file have no record; `differences` counts, by column, the values not found."""

    rows: int = 0
    values: int = 0
    missing: int = 0
    differences: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        wrong = self.differences.total()
        return f"compared={self.rows} values={self.values} differences={wrong} without_record={self.missing}"


def check(table: Table, organization: Organization, number: int, seed: int | None = None) -> Result:
    """Compare `number` random rows of the file, of those that can become records, with their records."""
    chosen = _choose(table, organization, number, seed)
    result = Result(rows=len(chosen))
    with transaction.atomic(), keyring.held():
        rows = ImportedRow.objects.filter(organization=organization, token__in=chosen.keys())
        found = list(rows.select_related("case__person", "case__organization").prefetch_related(*_fetched()))
        keyring.preload(found)
        for imported in found:
            _compare(result, table, chosen[bytes(imported.token)], imported)
        result.missing = len(chosen) - len(found)
        audit.record_many(Action.READ, [one.case for one in found], by=None, kinds=_kinds(table))
    return result


def _kinds(table: Table) -> set[str]:
    """The kinds of data in what is compared with the file: the kept source, and the fields of its columns."""
    fields = {data_kind(column.target) for column, _place in table.places()}
    return audit.kinds_of(ImportedRow) | fields & set(DataKind.values)


def _fetched() -> list[str]:
    return [f"case__{name}" for name in _DETAILS]


def _choose(
    table: Table, organization: Organization, number: int, seed: int | None
) -> dict[bytes, Sequence[str]]:
    tokens = Tokens(token_key(organization, may_make=False), table.headers)
    fitting = ((tokens.of(row.cells), row.cells) for row in table.rows() if not table.misshape(row.cells))
    return dict(_sample((one for one in fitting if _usable(table, one[1])), number, random.Random(seed)))  # noqa: S311  # a sample, not a secret


def _sample(rows: Iterable[Tokened], number: int, chance: random.Random) -> list[Tokened]:
    """`number` of the rows, each as likely as the other, without holding them all (reservoir sampling)."""
    chosen: list[Tokened] = []
    for place, row in enumerate(rows):
        if place < number:
            chosen.append(row)
        elif (other := chance.randrange(place + 1)) < number:
            chosen[other] = row
    return chosen


def _usable(table: Table, cells: Sequence[str]) -> bool:
    try:
        draft(table.places(), table.mapping.defaults, cells)
    except Unusable:
        return False
    return True


def _compare(result: Result, table: Table, cells: Sequence[str], imported: ImportedRow) -> None:
    """Each value that is not empty must be held: by a field, or, if no field takes it, by the kept source."""
    kept = {fold(header): value for header, value in imported.source.items()}
    for header, ways in _by_header(table).items():
        given = cells[ways[0][1]]
        if not given:
            continue
        result.values += 1
        held = _held(imported.case, [column for column, _place in ways], given)
        if held is None:
            held = kept.get(fold(header)) == given
        if not held:
            result.differences[header] += 1


def _by_header(table: Table) -> dict[str, list[tuple[Column, int]]]:
    ways: dict[str, list[tuple[Column, int]]] = {}
    for column, place in table.places():
        ways.setdefault(table.headers[place], []).append((column, place))
    return ways


def _held(case: Case, columns: Iterable[Column], given: str) -> bool | None:
    """A column with two targets is held if each target that takes this value holds it. None if none takes it:
    a word for "not known", or one that the mapping skips.
    """
    wanted = [(column, column.convert(given)) for column in columns]
    taken = [(column, value) for column, value in wanted if value is not None]
    return all(_holds(case, column, value) for column, value in taken) if taken else None


def _holds(case: Case, column: Column, value: Any) -> bool:
    target = column.target
    record = next(_records(case, target.record), None)
    stored: Any = getattr(record, target.field, None)
    if target.kind == "codes":
        return bool(set(value) & set(stored or ())) or (not value and column.adds not in (stored or ()))
    if column.label:
        return f"\n{line(column, value)}\n" in f"\n{stored}\n"
    if target.key:
        return bool(stored) and stored.get(target.key) == value
    if target.kind == "age":
        return bool(stored) and {key: stored[key] for key in value} == value
    if target.field == "opened_on":
        return bool(stored == value.earliest)
    return bool(stored == value)


def _records(case: Case, name: str) -> Iterator[Any]:
    if name in ("case", "person"):
        return iter([case if name == "case" else case.person])
    if name == "incident":
        return iter(case.incidents.all())
    if name == "perpetrator":
        return (one for one in case.partys.all() if one.role == PERPETRATOR)
    rank = SUBSTANCES.index(name) + 1
    return (one for one in case.substanceuses.all() if one.rank == rank)
