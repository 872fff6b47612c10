"""Schemes for persons and kinds of accreditation for institutions: versioned data of a certifying body."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from victimcare import languages
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import Organization, Record
from victimcare.models.organizations import OpenQuerySet


class TitledQuerySet(OpenQuerySet):
    def in_force_on(self, day: date) -> Self:
        """Versions under which one can apply on that day."""
        return self.current().filter(Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day)


class Titled(Record):
    """Something of a certifying body with a title per language and a version that holds between two days."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization",
            "code",
            "version",
            "titles",
            "requirements",
            "validity_months",
            "valid_from",
            "valid_until",
        ),
        ADMINISTRATIVE,
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    version = models.CharField(_("version"), max_length=20)
    titles = models.JSONField(_("titles"))
    requirements = models.JSONField(_("requirements"), default=dict, blank=True)
    validity_months = models.PositiveSmallIntegerField(_("valid for months"))
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("in force until"), null=True, blank=True)

    objects = TitledQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.titles.get(languages.of_page()) or self.titles["en"])


class SchemeVersion(Titled):
    """One version of a certification scheme for persons (ISO/IEC 17024): a certificate names the version."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code", "version"], name="one_scheme_a_version")
        ]


class AccreditationKind(Titled):
    """One version of what an institution can be accredited for: kinds of service, and who must work there.

    `required_certificates` maps a scheme's code to the least number of staff who hold it: {"icap-t-1": 1}.
    """

    clear_fields: ClassVar[dict[str, str]] = Titled.clear_fields | dict.fromkeys(
        ("service_kinds", "required_certificates"), ADMINISTRATIVE
    )

    service_kinds = ArrayField(models.CharField(max_length=40))
    required_certificates = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "code", "version"], name="one_accreditation_kind_a_version"
            )
        ]
