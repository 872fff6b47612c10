"""Measures search among very many people of one organisation: real tokens, real name cards, one key each.

Run by `make bench-search`. All of it runs behind the second wall, as in the product, and with the lines that
a search leaves in the log.
"""

import io
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any
from unittest.mock import patch
from uuid import UUID

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import people  # noqa: E402
from cases import actions, search, tokens  # noqa: E402
from cases.clues import Clues  # noqa: E402
from cases.models import Case, Person  # noqa: E402
from tests import factories  # noqa: E402
from tests.benches.copies import copies, uid  # noqa: E402
from tests.benches.seed import LONG_AGO, _unchecked  # noqa: E402
from tests.benches.walls import Wall, verdict  # noqa: E402
from victimcare import acting  # noqa: E402
from victimcare.encryption import keyring  # noqa: E402
from victimcare.models import Role, User  # noqa: E402

AT_A_TIME = 20_000
ASKED, TYPED, OPENED = 300, 30, 60
# What each figure must not pass: milliseconds, per cent, megabytes.
TYPO_MS, NUMBER_MS, SMALL_MS, LARGE_MS, CREATE_MS, SIZE_MB, FOUND = 50, 10, 60, 700, 0.5, 200, 97
SMALL, LARGE = 1_000, 50_000
KEY_COLUMNS = ("id", "organization_id", "state_key_id", "version", "made_under", "wrapped", "created_at")
SIZES = """
SELECT pg_relation_size('cases_persontokens') / 1e6, pg_relation_size('cases_persontokens_pkey') / 1e6,
       pg_relation_size('people_of_token') / 1e6, pg_total_relation_size('cases_persontokens') / 1e6,
       pg_total_relation_size('cases_namecard') / 1e6
"""


@dataclass
class Register:
    world: factories.World
    count: int
    names: people.Names
    supervisors: dict[int, User]

    def everybody(self) -> Iterator[Clues]:
        return self.names.people(self.count, seed=4)


def fill(count: int, folder: str) -> Register:
    """Persons and cases as copies of one; keys, cards and tokens each their own. The first 1,000 and the next
    50,000 lie in teams of their own.
    """
    world = factories.World()
    made = Register(world, count, people.names(folder), {})
    template = factories.case(world.team, world.caseworker)
    teams = {
        size: factories.Team.objects.create(organization=world.agency, name=str(size))
        for size in (SMALL, LARGE)
    }
    for size, team in teams.items():
        made.supervisors[size] = factories.member(Role.SUPERVISOR, world.agency, team)
    team = (
        f"CASE WHEN i < {SMALL} THEN '{teams[SMALL].pk}'::uuid"
        f" WHEN i < {SMALL + LARGE} THEN '{teams[LARGE].pk}'::uuid ELSE t.team_id END"
    )
    with connection.cursor() as cursor, _unchecked(cursor):
        _copy_own(cursor, made)
        ids = {"subject_key_id": uid("key"), "scope_made_at": f"'{LONG_AGO}'::timestamptz"}
        copies(cursor, template.person, str(count), id=uid("person"), **ids)
        copies(
            cursor, template, str(count), id=uid("case"), number="'S' || lpad(i::text, 9, '0')",
            person_id=uid("person"), team_id=team, **ids,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE cases_person, cases_case, cases_namecard, cases_persontokens")
    return made


def _copy_own(cursor: Any, made: Register) -> None:
    """With their indexes in place, in the order in which people come: the size is that of a grown table."""
    state_key = keyring.current_state_key(made.world.agency.member_state)
    keys = tokens.keys_of(made.world.agency)
    rows: list[tuple[Any, Clues]] = []
    for number, clues in enumerate(made.everybody()):
        rows.append((number, clues))
        if len(rows) == AT_A_TIME or number == made.count - 1:
            _copy(cursor, made, rows, state_key, keys)
            rows.clear()


def _id(name: str, number: int) -> UUID:
    return UUID(md5(f"{name}{number}".encode(), usedforsecurity=False).hexdigest())


def _copy(
    cursor: Any, made: Register, rows: list[tuple[int, Clues]], state_key: Any, keys: tokens.Keys
) -> None:
    buffers = {"key": io.StringIO(), "card": io.StringIO(), "tokens": io.StringIO()}
    # In one transaction: until its end nobody else knows the keys.
    with keyring.held(), transaction.atomic():
        for number, clues in rows:
            person, key = (
                _id("person", number),
                keyring.new_subject_key(made.world.agency, state_key, _id("key", number)),
            )
            card = tokens.cards.sealed(person, tokens.cards.text_of(clues, "AR"), keys.of_cards)
            buffers["key"].write(
                f"{key.pk}\t{made.world.agency.pk}\t{state_key.pk}\t1\t1\t\\\\x{key.wrapped.hex()}\t{LONG_AGO}\n"
            )
            buffers["card"].write(f"{person}\t{keys.of_cards}\t\\\\x{card.hex()}\n")
            buffers["tokens"].write(f"{person}\t{' '.join(sorted(tokens.stored(clues, 'AR', [keys.own])))}\n")
    for name, table, columns in (
        ("key", "victimcare_subjectkey", KEY_COLUMNS),
        ("card", "cases_namecard", ("person_id", "subject_key_id", "card")),
        ("tokens", "cases_persontokens", ("person_id", "tokens")),
    ):  # fmt: skip
        buffers[name].seek(0)
        cursor.copy_from(buffers[name], table, columns=columns)


def asked_for(made: Register, chance: random.Random) -> list[tuple[UUID, Clues]]:
    """Some of those whom nobody in the asker's team knows, as somebody would type them: all given names, and
    one surname or both; one letter wrong in one of these.
    """
    chosen = set(chance.sample(range(made.count), ASKED))
    found = []
    for number, clues in enumerate(made.everybody()):
        if number in chosen:
            given, surnames = clues.given_names, clues.surnames
            surnames = chance.choice([surnames, surnames.split()[0]])
            if chance.random() < len(given) / len(given + surnames):
                given = people.misspelt(given, chance)
            else:
                surnames = people.misspelt(surnames, chance)
            found.append((_id("person", number), Clues(given, surnames, clues.years, clues.identity_number)))
    return found


def timed(once: Callable[[], Any]) -> float:
    began = time.perf_counter()
    once()
    return (time.perf_counter() - began) * 1000


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def told(what: str, figure: float, most: float, unit: str, *, least: bool = False) -> bool:
    reached = figure >= most if least else figure <= most
    print(f"| {what} | {figure:.2f} {unit} | {most} {unit} | {verdict(reached)} |", flush=True)
    return reached


def searched(made: Register, asked: list[tuple[UUID, Clues]]) -> list[bool]:
    asker = made.world.caseworker
    typos, numbers, found = [], [], 0
    with acting.as_user(asker):
        for person, clues in asked:
            names = Clues(clues.given_names, clues.surnames, clues.years)
            with keyring.held():
                typos.append(timed(lambda names=names: search.find(names, by=asker)))
                found += person in search._by_tokens(names, search._keys(asker))
            if clues.identity_number:
                number = Clues(identity_number=clues.identity_number)
                with keyring.held():
                    numbers.append(timed(lambda number=number: search.find(number, by=asker)))
    return [
        told("name with a typo and year of birth, p95", p95(typos), TYPO_MS, "ms"),
        told("of these were found", 100 * found / len(asked), FOUND, "%", least=True),
        told("identity number, p95", p95(numbers), NUMBER_MS, "ms"),
    ]


def typed(made: Register, size: int, most: float, asked: list[tuple[UUID, Clues]]) -> bool:
    by = made.supervisors[size]
    times = []
    with acting.as_user(by):
        for _person, clues in asked[:TYPED]:
            words = f"{clues.given_names} {clues.surnames}"
            with keyring.held():
                times.append(timed(lambda words=words: search.own(words, by=by)))
    return told(f"free typing among {size:,}, p95", p95(times), most, "ms")


def created(made: Register) -> bool:
    """A case opened with tokens and card and without, in turns; the median of the differences."""
    by, chance = made.world.caseworker, random.Random(9)  # the same people each time
    differences = []

    def opened() -> None:
        clues = made.names.person(chance)
        with keyring.held(), transaction.atomic():
            person = Person(given_names=clues.given_names, surnames=clues.surnames, birth=str(*clues.years))
            case = Case(team=made.world.team, opened_on=timezone.localdate())
            actions.open_case(person=person, case=case, enrolments=["victim"], assign_to=by, by=by)

    with acting.as_user(by):
        for _pair in range(OPENED):
            with_it = timed(opened)
            with patch.object(tokens, "keep_all", return_value=1):
                without = timed(opened)
            differences.append(with_it - without)
    return told(
        "opening a case costs more, median", sorted(differences)[len(differences) // 2], CREATE_MS, "ms"
    )


def main(count: int, folder: str) -> int:
    began = time.monotonic()
    with keyring.held():
        made = fill(count, folder)
    print(f"{count:,} people of one organisation, made in {time.monotonic() - began:.0f} s.", flush=True)
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        heap, primary, index, whole, card_table = (float(one) for one in cursor.fetchone())
    users = [made.world.caseworker, *made.supervisors.values()]
    asked = asked_for(made, random.Random(7))  # the same questions each time
    print("\n| | measured | at most (found: at least) | |\n|---|---:|---:|---|")
    reached = [told("tokens with their indexes, a million people", whole * 1_000_000 / count, SIZE_MB, "MB")]
    Wall().stand(on=True)
    assert all(users)
    reached += searched(made, asked)
    reached.append(typed(made, SMALL, SMALL_MS, asked))
    reached.append(typed(made, LARGE, LARGE_MS, asked))
    reached.append(created(made))
    print(
        f"\nTokens: rows {heap:.1f} MB, primary key {primary:.1f} MB, index of tokens {index:.1f} MB."
        f" Name cards, no index: {card_table:.1f} MB."
    )
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
