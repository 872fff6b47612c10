"""Search tokens and name cards of everybody, made anew: by the job `search`, while people work."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from cases import tokens
from cases.models import Person
from victimcare import acting
from victimcare.encryption import keyring
from victimcare.encryption.ciphers import Unreadable

AT_A_TIME = 200


@dataclass(slots=True)
class Rebuilt:
    """How many persons were read, and how many could not be: search finds those as before."""

    read: int = 0
    unread: int = 0


def rebuild() -> Rebuilt:
    """A batch to a transaction: stopped and started again, it begins anew."""
    done, last = Rebuilt(), None
    with acting.as_job("search"):
        while batch := _after(last):
            with keyring.held(), transaction.atomic():
                for person in batch:
                    _keep(person, done)
            last = batch[-1].pk
    return done


def _keep(person: Person, done: Rebuilt) -> None:
    """One who was tampered with, or erased meanwhile, does not stop it."""
    try:
        tokens.keep(person)
    except (Unreadable, keyring.SubjectErased):
        done.unread += 1
    else:
        done.read += 1


def _after(last: Any) -> list[Person]:
    """The next batch, in the order of their ids. Who was erased has no key to open anything with."""
    people = Person.objects.current().filter(subject_key__destroyed_at=None).order_by("pk")
    return list((people.filter(pk__gt=last) if last else people)[:AT_A_TIME])
