"""What is known of a person, and how to reach them.

Both may change in a closed case too: that a telephone is not safe any more must reach whoever opens the case
again, and what is wrong about a person may always be put right.
"""

from typing import Any

from django.db import transaction

from cases import tokens
from cases.access import require
from cases.models import Case, ContactPoint, Person
from victimcare import access, records
from victimcare.models import User


@transaction.atomic
def change_person(case: Case, *, by: User, revision: int, **values: Any) -> Person:
    """Correct what is known of the person of a case; search finds the new words and no longer the old ones.

    Raises PermissionDenied, Stale, ValidationError.
    """
    require(by, "cases.work", case)
    person = records.change(case.person, by=by, revision=revision, **values)
    tokens.keep(person)
    return person


@transaction.atomic
def add_contact(case: Case, contact: ContactPoint, *, by: User) -> tuple[ContactPoint, bool]:
    """One more way to reach the person. Returns it and whether it is new (a form sent twice adds one)."""
    require(by, "cases.work", case)
    contact.organization = case.organization
    contact.person = case.person
    contact.subject_key_id = case.subject_key_id
    stored, new = records.create(contact, by=by)
    tokens.keep(case.person)
    return stored, new


@transaction.atomic
def change_contact(contact: ContactPoint, *, by: User, revision: int, **values: Any) -> ContactPoint:
    access.require(by, "cases.work", contact.organization_id)
    changed = records.change(contact, by=by, revision=revision, **values)
    tokens.keep(changed.person)
    return changed


@transaction.atomic
def retire_contact(contact: ContactPoint, *, by: User) -> ContactPoint:
    """It is not used any more: pages and search forget it, history keeps it."""
    access.require(by, "cases.work", contact.organization_id)
    retired = records.retire(contact, by=by)
    tokens.keep(retired.person)
    return retired
