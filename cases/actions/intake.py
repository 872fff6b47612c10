"""Opening a case: the person, the case, its kinds, how to reach the person, and who works on it, all or
nothing.
"""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from cases import tokens
from cases.access import require
from cases.actions.assignments import add_worker
from cases.models import Case, ContactPoint, Enrolment, Person
from victimcare import access, records
from victimcare.encryption import keyring
from victimcare.models import User

OPEN = "cases.open"


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
    if (existing := Case._base_manager.filter(pk=case.pk).first()) is not None:
        _require_same(existing, case, person, contacts, enrolments, by)
        return existing, False
    if not enrolments:
        raise NoKindOfCase
    _create_person(person, case, by)
    _create_case(case, person, by)
    _create_contacts(contacts, person, by)
    tokens.keep_all([(person, contacts)], case.team.organization)
    _enrol(case, enrolments, by)
    if assign_to is not None:
        add_worker(case, assign_to, by=by, counsels=counsels or assign_to == by)
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
    _create_case(case, opened.person, by)
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


def _create_person(person: Person, case: Case, by: User) -> None:
    person.organization = case.team.organization
    key = keyring.new_subject_key(person.organization)
    key.save(force_insert=True)
    person.subject_key = key
    records.create(person, by=by)


def _create_case(case: Case, person: Person, by: User) -> None:
    case.organization = person.organization
    case.person = person
    case.subject_key_id = person.subject_key_id
    records.create(case, by=by)


def _create_contacts(contacts: Sequence[ContactPoint], person: Person, by: User) -> None:
    for contact in contacts:
        contact.organization = person.organization
        contact.person = person
        contact.subject_key_id = person.subject_key_id
        records.create(contact, by=by)


def _enrol(case: Case, kinds: Sequence[str], by: User) -> None:
    for kind in dict.fromkeys(kinds):
        enrolment = Enrolment(
            case=case, kind=kind, started_on=case.opened_on, subject_key_id=case.subject_key_id
        )
        records.create(enrolment, by=by)
