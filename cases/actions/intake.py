"""Opening a case: the person, the case, its kinds, how to reach the person, and who works on it, all or
nothing.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from cases import tokens
from cases.access import require
from cases.actions.assignments import begin_work, new_work
from cases.models import Case, ContactPoint, Enrolment, Person
from victimcare import access, acting, records
from victimcare.encryption import keyring
from victimcare.models import User
from victimcare.prepared import Prepared

OPEN = "cases.open"
OPENED = Prepared(lambda case: Case._base_manager.filter(pk=case), case=UUID)


class NoKindOfCase(ValidationError):
    """A case without an enrolment would be in nobody's programme."""

    def __init__(self) -> None:
        super().__init__(
            {"enrolments": ValidationError(_("Choose at least one kind of case."), code="no_kind")}
        )


@transaction.atomic
def open_case(
    *,
    person: Person,
    case: Case,
    enrolments: Sequence[str],
    assign_to: User | None,
    by: User,
    contacts: Sequence[ContactPoint] = (),
    permission: str = OPEN,
    counsels: bool = False,
) -> tuple[Case, bool]:
    """Open a case for a person whom the organisation does not know yet: returns it and whether it is new.

    `person`, `case` (with its `team`) and `contacts` are unsaved; `enrolments` are kinds of case, at least
    one. A form that was sent twice opens one case. `permission` is what lets `by` open it: with "cases.open"
    somebody opens it in a team of their own and takes it, or gives it to others where they assign; another
    app names its own, for example "referrals.answer", for any team of the organisation. Who takes it
    themselves counsels in it, since somebody must be able to; others only where `counsels` says so. Raises
    PermissionDenied, SavedBefore, ValidationError.
    """
    _require(case, assign_to, by, permission)
    _one_at_a_time(case)
    # All that is written hangs on this case: the database looks at no other of who opens it.
    with acting.within(case.pk):
        if (existing := OPENED.first(case=case.pk)) is not None:
            _require_same(existing, case, person, contacts, enrolments, by)
            return existing, False
        if not enrolments:
            raise NoKindOfCase
        _put_together(person, case, contacts)
        _add(person, case, contacts, enrolments, assign_to, counsels or assign_to == by, by)
    return case, True


def _require(case: Case, assign_to: User | None, by: User, permission: str) -> None:
    access.require(by, permission, case.team.organization_id)
    if permission != OPEN:
        return
    if case.team_id not in access.teams_with(by, permission):
        raise PermissionDenied
    if assign_to != by:
        require(by, "cases.assign", case)


def _one_at_a_time(case: Case) -> None:
    """A double click: the second request waits until the first has opened the case, then finds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [case.pk.int & (2**63 - 1)])


def _require_same(
    opened: Case,
    case: Case,
    person: Person,
    contacts: Sequence[ContactPoint],
    enrolments: Sequence[str],
    by: User,
) -> None:
    """The second sending says what the first one said. Raises SavedBefore, ValidationError."""
    case.organization, case.person = opened.organization, opened.person
    records.require_sent_again(opened, case, by=by)
    person.organization = opened.organization
    records.require_same(opened.person, person)
    _require_same_contacts(opened, contacts)
    if not set(enrolments) <= set(Enrolment.objects.filter(case=opened).values_list("kind", flat=True)):
        raise records.SavedBefore


def _require_same_contacts(opened: Case, contacts: Sequence[ContactPoint]) -> None:
    known = list(ContactPoint.objects.filter(person=opened.person))
    for contact in contacts:
        contact.organization, contact.person = opened.organization, opened.person
        if not any(records.was_stored_as(one, contact) for one in known):
            raise records.SavedBefore


def _put_together(person: Person, case: Case, contacts: Sequence[ContactPoint]) -> None:
    """All of it lies in the case's organisation, under a key of the person's own."""
    organization = case.team.organization
    key = keyring.new_subject_key(organization)
    key.save(force_insert=True)
    person.organization, person.subject_key = organization, key
    hanging: list[Any] = [case, *contacts]
    for record in hanging:
        record.organization, record.subject_key, record.person = organization, key, person


def _add(
    person: Person,
    case: Case,
    contacts: Sequence[ContactPoint],
    kinds: Sequence[str],
    worker: User | None,
    counsels: bool,
    by: User,
) -> None:
    """Nobody else sees the case yet: nobody works on it, and it is locked to nobody."""
    enrolments = [
        Enrolment(case=case, kind=kind, started_on=case.opened_on, subject_key_id=case.subject_key_id)
        for kind in dict.fromkeys(kinds)
    ]
    work = [new_work(case, worker, counsels=counsels)] if worker else []
    records.add([person, case, *contacts, *enrolments, *work], by=by)
    tokens.keep_all([(person, contacts)], case.organization)
    for made in work:
        begin_work(made, by=by)
