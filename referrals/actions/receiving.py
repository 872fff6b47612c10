"""The receiver opens its own person and case from the packet, typing nothing again (design section 5.1)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import actions as case_actions
from cases.models import Case, ContactPoint, Incident, Note, Party, Person, SubstanceUse
from cases.models.cases import CaseChild
from referrals.actions.answering import ANSWER
from referrals.actions.sending import ConsentMissing
from referrals.models import Packet, Referral
from referrals.packets import Section, parties_of
from victimcare import access, audit, records
from victimcare.encryption.dates import PartialDate
from victimcare.models import Team, User
from victimcare.models.logs import Action

DATES = frozenset({"birth", "occurred"})


class NotAccepted(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Accept the referral first, then open a case from it."), code="not_accepted")


class AlreadyOpened(ValidationError):
    """One referral, one case at the receiver."""

    def __init__(self) -> None:
        super().__init__(_("A case was already opened from this referral."), code="already_opened")


class NotAnAgency(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Your organisation does not keep cases here."), code="not_an_agency")


@transaction.atomic
def open_received_case(
    referral: Referral,
    *,
    team: Team,
    assign_to: User,
    by: User,
    enrolments: Sequence[str] = (),
    counsels: bool = False,
) -> Case:
    """The receiver's own case, linked to the referral and given to a caseworker of the team.

    Without `enrolments` the case has the kinds that the packet tells, else those that the service is for.
    `counsels`: who is given it reads and writes its counselling notes, those of the packet too.
    Raises PermissionDenied, NotAccepted, AlreadyOpened, ConsentMissing, NotAnAgency, ValidationError.
    """
    access.require(by, ANSWER, referral.receiver_id)
    locked = records.locked(referral)
    _check(locked, team)
    content = _content(locked, by)
    case = Case(team=team, opened_on=timezone.localdate(), urgency=locked.urgency)
    opened, _new = case_actions.open_case(
        person=_person(content),
        case=case,
        enrolments=list(enrolments) or _enrolments(locked, content),
        assign_to=assign_to,
        by=by,
        contacts=_contacts(content),
        permission=ANSWER,
        counsels=counsels,
    )
    for child in _children(opened, content):
        records.create(child, by=by)
    records.change(locked, by=by, received_case=opened)
    return opened


def _check(referral: Referral, team: Team) -> None:
    if referral.received_case_id is not None:
        raise AlreadyOpened
    if referral.status not in Referral.TAKEN_OVER:
        raise NotAccepted
    if not referral.receiver.is_agency or team.organization_id != referral.receiver_id:
        raise NotAnAgency


def _content(referral: Referral, by: User) -> dict[str, Section]:
    packet = Packet.objects.open_on(timezone.localdate()).filter(referral=referral).first()
    if packet is None:
        raise ConsentMissing
    audit.record(Action.READ, packet, by=by)
    return packet.sections


def _enrolments(referral: Referral, content: dict[str, Section]) -> list[str]:
    told = [kind for section in content.values() for kind in section.get("enrolments", ())]
    return told or list(referral.service_at_location.service.enrolment_kinds)


def _person(content: dict[str, Section]) -> Person:
    return Person(**_values(content.get("identity", {}).get("person", {})))


def _contacts(content: dict[str, Section]) -> list[ContactPoint]:
    return [ContactPoint(**_values(way)) for way in content.get("contact", {}).get("ways", ())]


def _children(case: Case, content: dict[str, Section]) -> Iterable[CaseChild]:
    """What else the packet tells, as unsaved records of the new case."""
    own: dict[str, Any] = {"case": case, "subject_key_id": case.subject_key_id}
    for told in content.get("incident", {}).get("incidents", ()):
        yield Incident(**own, **_values(told))
    for told in content.get("substance", {}).get("substances", ()):
        yield SubstanceUse(**own, **_values(told))
    for told in _parties(content):
        yield Party(**own, **_values(told))
    for told in content.get("counselling", {}).get("notes", ()):
        yield Note(**own, kind=Note.Kind.COUNSELLING, counselling_text=told["text"])
    if request := content.get("risk", {}).get("request"):
        yield Note(**own, kind=Note.Kind.WORK, text=request)


def _parties(content: dict[str, Section]) -> list[Section]:
    """Each party; one whose role was not told, as packets once allowed, is "other"."""
    return [{"role": "other"} | party for party in parties_of(content)]


def _values(told: Section) -> Section:
    return {name: PartialDate(value) if name in DATES else value for name, value in told.items()}
