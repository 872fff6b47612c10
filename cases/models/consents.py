"""Consent: the access rule for everything that leaves the organisation (design sections 3 and 5.5)."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.cases import CaseChild, ChildQuerySet
from victimcare import codelists
from victimcare.encryption.fields import EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Organization, User
from victimcare.models.base import EncryptedRecord
from victimcare.models.constraints import by_somebody


class ConsentQuerySet(ChildQuerySet):
    def in_force_on(self, day: date) -> Self:
        return self.current().filter(withdrawn_at=None, valid_from__lte=day, valid_until__gte=day)

    def covering(self, recipient_id: object, purpose: str, day: date) -> Self:
        """In force on a day, for that recipient and purpose."""
        return self.in_force_on(day).filter(recipient_id=recipient_id, purpose=purpose)


class Consent(CaseChild, EncryptedRecord):
    """Recipient x purpose x kinds of data x dates; who gave it, how it is evidenced, in which words."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "case", "given_by", "evidence", "language", "text_version", "recipient", "purpose", "kinds",
            "valid_from", "valid_until", "withdrawn_at", "withdrawn_by",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    given_by = models.CharField(
        _("given by"), max_length=16, validators=[codelists.validator("consent-giver")]
    )
    giver_name = EncryptedTextField(_("name of who gave it"), kind=DataKind.IDENTITY)
    evidence = models.CharField(
        _("how it is evidenced"), max_length=20, validators=[codelists.validator("consent-evidence")]
    )
    language = models.CharField(_("language"), max_length=8, validators=[codelists.validator("language")])
    text_version = models.CharField(_("version of the text"), max_length=20)
    recipient = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("who may receive it")
    )
    purpose = models.CharField(
        _("what for"), max_length=20, validators=[codelists.validator("consent-purpose")]
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=DataKind.choices), verbose_name=_("what may be shared")
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"))
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")),
                name="consent_ends_after_it_begins",
                violation_error_message=_("It cannot end before it begins."),
            ),
            by_somebody("withdrawn", name="consent_withdrawn_by_somebody"),
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="consent_to_something"),
        ]

    def in_force_on(self, day: date) -> bool:
        return (
            self.retired_at is None
            and self.withdrawn_at is None
            and self.valid_from <= day <= self.valid_until
        )
