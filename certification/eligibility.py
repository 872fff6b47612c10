"""Is this organisation accredited for a kind of service on a day, with the staff that this asks for?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils.translation import ngettext

from certification.models import Accreditation, Certificate, SchemeVersion
from certification.models.credentials import AccreditationQuerySet
from victimcare.models import Membership, Organization


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many of the staff must hold a certificate under the scheme, and how many do on that day."""

    scheme_code: str
    title: str
    required: int
    held: int

    @property
    def is_met(self) -> bool:
        return self.held >= self.required

    def __str__(self) -> str:
        text = ngettext(
            "%(title)s: %(required)d member of staff must hold it, %(held)d do today",
            "%(title)s: %(required)d members of staff must hold it, %(held)d do today",
            self.required,
        )
        return text % {"title": self.title, "required": self.required, "held": self.held}


def accredited(organization_id: Any, service_kind: str, location_id: Any, day: date) -> AccreditationQuerySet:
    """Accreditations by which the organisation may receive referrals of that kind there, that day."""
    held: AccreditationQuerySet = Accreditation.objects.of_institution(
        organization_id, service_kind, location_id
    )
    return held.eligible_on(day)


def staff_requirements(accreditation: Accreditation, day: date) -> list[Requirement]:
    """Each certificate that the accreditation asks of the staff, with how many hold it on that day."""
    required: dict[str, int] = accreditation.kind.required_certificates
    if not required:
        return []
    held, titles = _holders(accreditation.institution, required, day), _titles(required)
    return [
        Requirement(code, titles.get(code, code), minimum, held.get(code, 0))
        for code, minimum in required.items()
    ]


def missing_requirements(accreditation: Accreditation, day: date) -> list[Requirement]:
    """Why `staff_met` is false, in words; empty when it is true."""
    return [one for one in staff_requirements(accreditation, day) if not one.is_met]


def _holders(institution: Organization, codes: Iterable[str], day: date) -> dict[str, int]:
    """Scheme code -> number of staff who hold a certificate under it that counts on that day."""
    return dict(
        Certificate.objects.valid_on(day)
        .filter(scheme_version__code__in=list(codes), practitioner__user__in=_staff(institution, day))
        .order_by()
        .values_list("scheme_version__code")
        .annotate(Count("practitioner__user", distinct=True))
    )


def _staff(institution: Organization, day: date) -> Any:
    """Ids of those who work there on that day, by the institution's own calendar."""
    over = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(institution.time_zone))
    return Membership.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=over),
        organization=institution,
        started_at__lt=over,
        user__is_active=True,
    ).values("user_id")


def _titles(codes: Iterable[str]) -> dict[str, str]:
    """The title of each scheme in the reader's language: that of its newest version."""
    versions = SchemeVersion.objects.filter(code__in=list(codes)).order_by("valid_from", "pk")
    return {one.code: str(one) for one in versions}
