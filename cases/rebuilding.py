"""Search tokens and name cards of everybody, made anew: by the job `search`, while people work."""

from typing import Any

from django.db import transaction

from cases import tokens
from cases.models import Person
from victimcare import acting
from victimcare.encryption import keyring

AT_A_TIME = 200


def rebuild() -> int:
    """How many persons there were. A batch to a transaction: stopped and started again, it begins anew."""
    done, last = 0, None
    with acting.as_job("search"):
        while batch := _after(last):
            with keyring.held(), transaction.atomic():
                for person in batch:
                    tokens.keep(person)
            done, last = done + len(batch), batch[-1].pk
    return done


def _after(last: Any) -> list[Person]:
    """The next batch, in the order of their ids. Who was erased has no key to open anything with."""
    people = Person.objects.current().filter(subject_key__destroyed_at=None).order_by("pk")
    return list((people.filter(pk__gt=last) if last else people)[:AT_A_TIME])
