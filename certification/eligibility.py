"""What an accreditation asks of an institution's staff, and how much of it they hold on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Func, IntegerField, Value
from django.utils.translation import ngettext

from certification.models import Accreditation, SchemeVersion


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


def staff_requirements(accreditation: Accreditation, day: date) -> list[Requirement]:
    """Each certificate that the accreditation asks of the staff, with how many hold it on that day."""
    required: dict[str, int] = accreditation.kind.required_certificates
    if not required:
        return []
    newest = _newest(required, accreditation, day)
    return [_requirement(code, minimum, newest.get(code)) for code, minimum in required.items()]


def _requirement(code: str, minimum: int, version: Any) -> Requirement:
    if version is None:
        return Requirement(code, code, minimum, 0)
    return Requirement(code, str(version), minimum, version.held)


def _newest(codes: Iterable[str], accreditation: Accreditation, day: date) -> dict[str, Any]:
    """The newest version of each scheme, for its title; `held`: how many of the staff hold the scheme."""
    held = Func(
        Value(accreditation.institution_id),
        F("code"),
        Value(day),
        function="certification_staff_count",
        output_field=IntegerField(),
    )
    versions = SchemeVersion.objects.filter(code__in=list(codes)).order_by("code", "-valid_from", "-pk")
    return {one.code: one for one in versions.distinct("code").annotate(held=held)}
