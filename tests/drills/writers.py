"""Caseworkers who write all the time, each in their own cases, and read again what they wrote."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock, Thread
from typing import Any

from django.db import connection
from django.utils import timezone

from cases import actions
from cases.models import Case, Incident, Note, Person
from tests import factories
from victimcare import acting
from victimcare.encryption import keyring
from victimcare.logs import described
from victimcare.models import Organization, Role, SubjectKey, Team, User

NAME = "writer"
# A new person now and then: their keys have to outlive a rotation that ends at this moment.
OPENS_EVERY = 8
NOTES_READ = 4
# Seconds between a writer's turns, at most.
PAUSE = 0.2


def make(number: int, filling: int) -> None:
    """`filling`: keys of people beside the writers' own, so that changing them takes its time."""
    with keyring.held():
        world = factories.World()
        for at in range(number):
            worker = factories.member(Role.CASEWORKER, world.agency, world.team, f"{NAME}{at}")
            case = factories.case(world.team, worker)
            Incident.objects.create(case=case, subject_key_id=case.subject_key_id, narrative="First")
        _fill(world.agency, filling)


def _fill(organization: Organization, filling: int) -> None:
    state_key = keyring.current_state_key(organization.member_state)
    keys = [keyring.new_subject_key(organization, state_key) for _number in range(filling)]
    SubjectKey.objects.bulk_create(keys)


@dataclass
class Figures:
    writes: int = 0
    reads: int = 0
    opened: int = 0
    failed_writes: Counter[str] = field(default_factory=Counter)
    failed_reads: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    lock: Any = field(default_factory=Lock)


@contextmanager
def acting_with_keys(user: User) -> Iterator[None]:
    """As in a request of theirs."""
    with acting.as_user(user), keyring.held():
        yield


class Writer(Thread):
    """Knows what it wrote last where, and that this is what has to be there."""

    def __init__(self, user: User, team: Team, figures: Figures, dice: Random, stopped: Event) -> None:
        super().__init__()
        self.user, self.team, self.figures, self.dice, self.stopped = user, team, figures, dice, stopped
        with acting_with_keys(user):
            self.case = Case.objects.visible_to(user).get()
            self.incident = Incident.objects.get(case=self.case)
        self.truth: dict[tuple[Any, Any, str], str] = {
            (Person, self.case.person_id, "known_as"): "",
            (Incident, self.incident.pk, "narrative"): "First",
        }
        self.number = 0

    def run(self) -> None:
        try:
            while not self.stopped.wait(self.dice.uniform(0, PAUSE)):
                self._turn()
        finally:
            connection.close()

    def _turn(self) -> None:
        self.number += 1
        word = f"{self.user.username} {self.number}"
        choices: list[Callable[[str], None]] = [self._person, self._incident, self._note]
        write = self._open if self.number % OPENS_EVERY == 0 else self.dice.choice(choices)
        try:
            with acting_with_keys(self.user):
                write(word)
            with self.figures.lock:
                self.figures.writes += 1
        except Exception as error:
            self._failed(self.figures.failed_writes, error)
        self.read_again(self.dice.sample(list(self.truth), min(NOTES_READ, len(self.truth))))

    def _person(self, word: str) -> None:
        case = Case.objects.get(pk=self.case.pk)
        actions.change_person(case, by=self.user, revision=case.person.revision, known_as=word)
        self.truth[Person, case.person_id, "known_as"] = word

    def _incident(self, word: str) -> None:
        incident = Incident.objects.get(pk=self.incident.pk)
        actions.change_incident(incident, by=self.user, revision=incident.revision, narrative=word)
        self.truth[Incident, incident.pk, "narrative"] = word

    def _note(self, word: str) -> None:
        case, note = Case.objects.get(pk=self.case.pk), Note(kind=Note.Kind.CONTACT)
        note, _new = actions.add_note(case, note, word, by=self.user)
        self.truth[Note, note.pk, "text"] = word

    def _open(self, word: str) -> None:
        person = Person(given_names=word, surnames="Invented")
        case = Case(team=self.team, opened_on=timezone.localdate())
        actions.open_case(person=person, case=case, enrolments=["victim"], assign_to=self.user, by=self.user)
        self.truth[Person, person.pk, "given_names"] = word
        with self.figures.lock:
            self.figures.opened += 1

    def read_again(self, places: Any) -> None:
        for model, pk, name in places:
            try:
                with acting_with_keys(self.user):
                    found = getattr(model.objects.get(pk=pk), name)
            except Exception as error:
                self._failed(self.figures.failed_reads, error)
                continue
            with self.figures.lock:
                self.figures.reads += 1
                if found != self.truth[model, pk, name]:
                    self.figures.lost[f"{model.__name__}.{name}"] += 1

    def _failed(self, counter: Counter[str], error: Exception) -> None:
        with self.figures.lock:
            counter[described(error)] += 1
