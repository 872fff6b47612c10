"""Whoever can write into the database changes nothing that is read as if it were true."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from cases.models import ContactPoint, Incident, Note, Party, Person, SubstanceUse
from tests import factories
from victimcare import history, records
from victimcare.encryption import checking, keyring, sealed
from victimcare.encryption.ciphers import Place, Unreadable, seal, unseal
from victimcare.encryption.sealed import encrypted_fields

KEY_ID = UUID(int=7)
SENTENCE = "An encrypted value cannot be read."


@dataclass
class Tally(logging.Handler):
    """How much was tried, how much of it was found, with which sentences, and how often it was said."""

    tried: int = 0
    found: int = 0
    sentences: set[str] = field(default_factory=set)
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.alarms.append(record.getMessage())

    @contextmanager
    def tries(self) -> Iterator[None]:
        self.tried += 1
        try:
            yield
        except Unreadable as error:
            self.found += 1
            self.sentences.add(str(error))


@pytest.fixture
def tally() -> Iterator[Tally]:
    """All of it has to be found by the end, each time with the one sentence and an alarm."""
    logger, counted = logging.getLogger("victimcare.alarm"), Tally()
    logger.addHandler(counted)
    logger.propagate = False
    yield counted
    logger.propagate = True
    logger.removeHandler(counted)


def all_found(tally: Tally) -> bool:
    print(f"{tally.tried} tried, {tally.found} found, {len(tally.alarms)} alarms")  # noqa: T201  # a figure
    whole = tally.tried and tally.tried == tally.found == len(tally.alarms)
    return bool(whole) and tally.sentences == {SENTENCE} and len(set(tally.alarms)) == 1


# -- Blobs ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blobs() -> list[tuple[bytes, Place]]:
    """A hundred values of 1 to 60 bytes."""
    places = [Place("cases.Person", "given_names", UUID(int=number)) for number in range(100)]
    return [
        (seal(CIPHER, os.urandom(1 + number % 60), place, KEY_ID, 1), place)
        for number, place in enumerate(places)
    ]


CIPHER = AESGCM(bytes(range(32)))


def test_every_bit_of_a_hundred_blobs(tally, blobs):
    for blob, place in blobs:
        for bit in range(len(blob) * 8):
            changed = bytearray(blob)
            changed[bit // 8] ^= 1 << bit % 8
            with tally.tries():
                unseal(CIPHER, bytes(changed), place, KEY_ID, 1)
    assert all_found(tally)


def test_every_truncation_of_a_hundred_blobs(tally, blobs):
    for blob, place in blobs:
        for length in range(len(blob)):
            with tally.tries():
                unseal(CIPHER, blob[:length], place, KEY_ID, 1)
            with tally.tries():
                unseal(CIPHER, blob[-length:] if length else b"", place, KEY_ID, 1)
    assert all_found(tally)


@pytest.mark.parametrize(("model", "name", "record", "key_id", "version"), [
    ("cases.Note", "given_names", UUID(int=1), KEY_ID, 1),
    ("cases.Person", "surnames", UUID(int=1), KEY_ID, 1),
    ("cases.Person", "given_names", UUID(int=2), KEY_ID, 1),
    ("cases.Person", "given_names", UUID(int=1), UUID(int=8), 1),
    ("cases.Person", "given_names", UUID(int=1), KEY_ID, 2),
])  # fmt: skip
def test_a_blob_is_bound_to_its_place_by_itself(tally, model, name, record, key_id, version):
    """Without the row's MAC too. The version in its header is made to fit."""
    blob = bytearray(seal(CIPHER, b"x", Place("cases.Person", "given_names", UUID(int=1)), KEY_ID, 1))
    blob[2] = version
    with tally.tries():
        unseal(CIPHER, bytes(blob), Place(model, name, record), key_id, version)
    assert all_found(tally)


# -- Rows ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    model: Any
    pk: Any
    column: str

    def read(self) -> Any:
        """As a page does that was just asked for."""
        with keyring.held():
            return getattr(self.model._base_manager.get(pk=self.pk), self.column)

    def stored(self, column: str = "") -> Any:
        with connection.cursor() as cursor:
            cursor.execute(self._sql(f"SELECT {column or self.column} FROM"), [self.pk])
            return cursor.fetchone()[0]

    def put(self, value: Any, column: str = "") -> None:
        """Past the product, by whoever owns the database."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql("UPDATE", f"SET {column or self.column} = %s"), [value, self.pk])

    @contextmanager
    def with_(self, value: Any, column: str = "") -> Iterator[None]:
        before = self.stored(column)
        self.put(value, column)
        yield
        self.put(before, column)

    def _sql(self, verb: str, what: str = "") -> str:
        meta = self.model._meta
        return f"{verb} {meta.db_table} {what} WHERE {meta.pk.column} = %s"


@pytest.fixture
def cells(world: factories.World) -> list[Cell]:
    """Every filled value of three people, one of them elsewhere, in four tables and in their histories."""
    teams = (world.team, world.team, world.team_br)
    made = [one for team in teams for one in person_with_records(team)]
    rows = [*made, *(row for one in made for row in one.history.all())]
    return [
        Cell(type(row), row.pk, one.attname)
        for row in rows
        for one in encrypted_fields(type(row))
        if row.__dict__[one.attname] is not None
    ]


def person_with_records(team: Any) -> list[Any]:
    person = factories.person(team.organization, identity_number="12.345.678")
    case = factories.case(team, person=person)
    own = {"subject_key_id": person.subject_key_id}
    contact = ContactPoint.objects.create(
        **own, organization=team.organization, person=person, contact_kind="phone", value="555", safety="safe"
    )
    note = Note.objects.create(**own, case=case, kind="contact", text="Invented")
    incident = Incident.objects.create(**own, case=case, place="There", narrative="Invented")
    return [person, contact, note, incident]


def test_every_swap_between_rows_columns_tables_and_people(tally, cells):
    for here, there in permutations(cells, 2):
        blob = there.stored()
        # A record and its past hold the same value under the same name, byte for byte.
        if bytes(blob) != bytes(here.stored()):
            with here.with_(blob), tally.tries():
                here.read()
    assert all_found(tally)


def test_every_byte_of_a_mac(tally, cells):
    for here in cells[::8]:
        mac = bytes(here.stored("mac"))
        wrong: list[tuple[str, Any]] = [("mac", mac[:length]) for length in range(len(mac))]
        wrong += [("mac", mac[:at] + bytes([mac[at] ^ 1]) + mac[at + 1 :]) for at in range(len(mac))]
        for column, value in wrong:
            with here.with_(value, column), tally.tries():
                here.read()
    assert all_found(tally)


def test_another_revision_or_a_value_taken_out(tally, world):
    note = Cell(Incident, person_with_records(world.team)[3].pk, "narrative")
    with note.with_(7, "revision"), tally.tries():
        note.read()
    with note.with_(None, "place"), tally.tries():
        note.read()
    assert all_found(tally)


def empty(row: Any) -> None:
    """All that is encrypted in a row, past the product."""
    for one in encrypted_fields(type(row)):
        Cell(type(row), row.pk, "").put(None, one.column)


def test_a_row_that_was_emptied_is_found(tally, world):
    """No value is left that would ask for the MAC."""
    made = person_with_records(world.team)
    rows = [*made, *(row for one in made for row in one.history.all())]
    for row in rows:
        empty(row)
        for one in encrypted_fields(type(row)):
            with tally.tries():
                Cell(type(row), row.pk, one.attname).read()
    assert all_found(tally)
    assert sorted(checking.check().wrong) == sorted(f"{row._meta.label} {row.pk}" for row in rows)


def test_a_change_makes_no_emptied_row_good(tally, world):
    person, contact, note, incident = person_with_records(world.team)
    party = Party.objects.create(
        case=note.case, subject_key_id=person.subject_key_id, role="witness", name="Invented"
    )
    for row, name in ((note, "text"), (contact, "value"), (incident, "place"), (party, "name")):
        empty(row)
        with tally.tries():
            records.change(row, by=None, **{name: "After"})
        fresh = type(row)._base_manager.get(pk=row.pk)
        with tally.tries():
            setattr(fresh, name, "After")
        with tally.tries(), transaction.atomic():
            fresh.save()
    assert all_found(tally)


def test_what_is_new_or_was_never_filled_reads_empty(world, tally):
    """Nothing is wrong with it: no alarm."""
    person = person_with_records(world.team)[0]
    case = factories.case(world.team, person=person)
    stored = SubstanceUse.objects.create(case=case, subject_key_id=case.subject_key_id, icd11_code="6C40")
    for one in (SubstanceUse(), stored, SubstanceUse.objects.get(pk=stored.pk)):
        assert [getattr(one, field.attname) for field in encrypted_fields(SubstanceUse)] == [
            field.empty_value for field in encrypted_fields(SubstanceUse)
        ]
    assert (checking.check().wrong, tally.alarms) == ([], [])


def test_an_emptied_party_is_found(tally, world):
    """As after an erasure, but the ledger knows of none."""
    case = factories.case(world.team)
    party = Party.objects.create(
        case=case, subject_key_id=case.subject_key_id, role="witness", name="Invented"
    )
    empty(party)
    with tally.tries():
        Cell(Party, party.pk, "name").read()
    with tally.tries():
        assert Party.objects.only("role").get(pk=party.pk).name
    assert all_found(tally)
    assert checking.check().wrong == [f"cases.Party {party.pk}"]


def test_an_old_value_is_not_put_back(tally, world):
    person = factories.person(world.agency, given_names="Before")
    cell = Cell(Person, person.pk, "given_names")
    old = cell.stored()
    records.change(person, by=None, given_names="After")
    with cell.with_(old), tally.tries():
        cell.read()
    assert cell.read() == "After"
    assert all_found(tally)


def test_a_value_is_not_taken_out_to_be_written_anew(tally, world):
    """A change of another field does not make good what was tampered with."""
    person = factories.person(world.agency, given_names="Before", surnames="One")
    cell = Cell(Person, person.pk, "given_names")
    old = cell.stored()
    records.change(person, by=None, given_names="After")
    with cell.with_(old):
        with tally.tries():
            records.change(person, by=None, surnames="Two")
        with tally.tries():
            records.change(person, by=None, region="AR-C")
    assert all_found(tally)


def put_back(record: Any) -> None:
    """The whole row as it was first, MAC and revision included."""
    first = history.history_model(type(record))._base_manager.get(id=record.pk, history_type="+")
    for column in ("mac", "revision", *(one.column for one in encrypted_fields(type(record)))):
        Cell(type(record), record.pk, "").put(Cell(type(first), first.pk, "").stored(column), column)


def test_a_whole_old_row_that_was_put_back_is_found(world):
    changed = []
    for one in person_with_records(world.team):
        names = {"Person": "given_names", "ContactPoint": "value", "Note": "text", "Incident": "place"}
        changed.append(records.change(one, by=None, **{names[type(one).__name__]: "After"}))
    assert checking.check().wrong == []
    for one in changed:
        put_back(one)
    assert sorted(checking.check().wrong) == sorted(f"{one._meta.label} {one.pk}" for one in changed)


def test_what_history_holds_is_looked_through(world, tally):
    person = factories.person(world.agency)
    past = person.history.get()
    Cell(type(past), past.pk, "surnames").put(None)
    assert checking.check().wrong == [f"cases.HistoricalPerson {past.pk}"]
    assert len(tally.alarms) == 1


# -- Keys ----------------------------------------------------------------------------------------------------


def test_a_key_that_was_changed_or_belongs_to_another(tally, world):
    from victimcare.models import SubjectKey

    one, other = (factories.person(team.organization) for team in (world.team, world.team_br))
    read = Cell(Person, one.pk, "given_names")
    key = Cell(SubjectKey, one.subject_key_id, "wrapped")
    wrapped = bytes(key.stored())
    wrong = [wrapped[:length] for length in range(len(wrapped))]
    wrong += [wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))]
    wrong.append(bytes(Cell(SubjectKey, other.subject_key_id, "wrapped").stored()))
    for value in wrong:
        with key.with_(value), tally.tries():
            read.read()
    with key.with_(2, "version"), tally.tries():
        read.read()
    assert all_found(tally)


def test_what_lies_under_too_old_a_key_of_the_state_is_refused(tally, world):
    from victimcare.models import MemberState

    person = factories.person(world.agency)
    read = Cell(Person, person.pk, "given_names")
    with (
        Cell(MemberState, world.agency.member_state_id, "").with_(2, "minimum_key_version"),
        tally.tries(),
    ):
        read.read()
    assert read.read() == "Ximena"
    assert all_found(tally)


def test_what_is_not_there_yet_is_fetched_and_checked(world):
    person = factories.person(world.agency, given_names="Zuleika")
    some = Person.objects.only("surnames").get(pk=person.pk)
    assert some.given_names == "Zuleika"
    assert sealed.encrypted_fields(Person)[0].attname in some.__dict__
