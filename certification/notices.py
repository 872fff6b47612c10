"""What people are told of certificates and accreditations. Both are in the register, which all read."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.models import Accreditation, Certificate
from victimcare import notifications
from victimcare.models import User
from victimcare.notifications import recipients
from victimcare.notifications.actions import tell

MINE_ENDING = "certification.mine_ending"
ISSUED_ENDING = "certification.issued_ending"
APPLY_HERE = "certification.apply_for_institution"
DECIDE = "certification.decide"
# Days before the end: each is told of once.
TERMS = (90, 30, 7)


def register() -> None:
    notifications.register(
        MINE_ENDING,
        _("A certificate or an accreditation of yours ends soon"),
        permission="certification.apply",
    )
    notifications.register(
        ISSUED_ENDING,
        _("What your certifying body issued ends soon"),
        at_once=False,
        permission=DECIDE,
    )


def ending(today: date) -> None:
    """Tell holders and the officers of the issuing body of what ends within the longest of the terms."""
    last = today + timedelta(days=max(TERMS))
    for certificate in Certificate.objects.ending(today, last).select_related("practitioner__user"):
        holder = certificate.practitioner.user
        _tell([holder] if holder else [], certificate, "certification:certificate", today)
    for accreditation in Accreditation.objects.ending(today, last):
        holders = recipients.in_organizations(APPLY_HERE, [accreditation.institution_id])
        _tell(holders, accreditation, "certification:accreditation", today)


def _tell(holders: Iterable[User], credential: Certificate | Accreditation, page: str, today: date) -> None:
    left = (credential.valid_until - today).days
    term = min(term for term in TERMS if left <= term)
    told = {
        "reference": credential.number,
        "link": reverse(page, args=[credential.pk]),
        "once": f"{credential.valid_until.isoformat()}/{term}",
    }
    tell(holders, MINE_ENDING, **told)
    officers = recipients.in_organizations(DECIDE, [credential.organization_id])
    tell(officers, ISSUED_ENDING, **told)
