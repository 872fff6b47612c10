"""What the lower apps tell this one."""

from typing import Any
from uuid import UUID

from cases.models import Case, Tie
from certification.models import Accreditation, Certificate
from referrals import actions, tasks
from victimcare.models import Membership, User


def credential_lapsed(sender: Any, credential: Accreditation | Certificate, **kwargs: Any) -> None:
    """What runs at the institution, or where the practitioner works, is looked at anew within minutes."""
    if isinstance(credential, Accreditation):
        tasks.flag_lapsed.enqueue([str(credential.institution_id)])
    else:
        tasks.flag_lapsed_staff.enqueue(str(credential.pk))


def membership_ended(sender: Any, membership: Membership, **kwargs: Any) -> None:
    """Who left may have held a certificate that an accreditation there rests on."""
    tasks.flag_lapsed.enqueue([str(membership.organization_id)])


def consent_withdrawn(sender: Any, consent: Any, by: User, **kwargs: Any) -> None:
    actions.withdraw_without_consent(consent, by=by)


def person_erasing(sender: Any, case: Case, by: User, **kwargs: Any) -> None:
    actions.end_for_erasure(case, by=by)


def named_erasing(sender: Any, parties: list[UUID], by: User, **kwargs: Any) -> None:
    actions.tell_of_named(parties, by=by)


def named_withdrawing(sender: Any, parties: list[UUID], by: User, **kwargs: Any) -> None:
    actions.withdraw_naming(parties, by=by)


def place_tied(sender: Any, tie: Tie, by: User, **kwargs: Any) -> None:
    actions.withdraw_from_tied(tie, by=by)
