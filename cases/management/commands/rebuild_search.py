"""`rebuild_search`: makes the search tokens and name cards of everybody anew, while people work."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cases import tokens
from cases.models import Person
from victimcare import acting
from victimcare.encryption import keyring

AT_A_TIME = 200


class Command(BaseCommand):
    help = (
        "Makes search tokens and name cards anew: after an update that says so, and after `state_register`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, last = 0, None
        with acting.as_job("search"):
            while batch := _after(last):
                with keyring.held(), transaction.atomic():
                    for person in batch:
                        tokens.keep(person)
                done, last = done + len(batch), batch[-1].pk
        self.stdout.write(f"{done} persons can be searched for.")


def _after(last: Any) -> list[Person]:
    """In the order of their ids, a batch to a transaction: stopped and started again, it begins anew."""
    people = Person.objects.current().filter(subject_key__destroyed_at=None).order_by("pk")
    return list((people.filter(pk__gt=last) if last else people)[:AT_A_TIME])
