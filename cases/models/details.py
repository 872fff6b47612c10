"""What a case tells: others in it, what happened, what is used, what was noted."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, F, Q
from django.utils.translation import gettext_lazy as _

from cases.access import COUNSEL, CaseGrant
from cases.models.cases import CaseChild, ChildQuerySet
from cases.models.dates import not_to_come
from victimcare import access, codelists
from victimcare.encryption.fields import EncryptedDateField, EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models.base import EncryptedRecord


class Party(CaseChild, EncryptedRecord):
    """Somebody else in the case: child, guardian, alleged perpetrator, witness."""

    clear_fields: ClassVar[dict[str, str]] = {
        "case": ADMINISTRATIVE,
        "role": DataKind.INCIDENT,
        "relationship": DataKind.INCIDENT,
        "gender": DataKind.INCIDENT,
    }

    role = models.CharField(_("role"), max_length=24, validators=[codelists.validator("party-role")])
    relationship = models.CharField(
        _("relationship to the person"),
        max_length=40,
        blank=True,
        validators=[codelists.validator("relationship")],
    )
    gender = models.CharField(
        _("gender"), max_length=20, blank=True, validators=[codelists.validator("gender")]
    )
    name = EncryptedTextField(_("name"), kind=DataKind.IDENTITY)
    birth = EncryptedDateField(_("date of birth"), kind=DataKind.IDENTITY, validators=[not_to_come])
    details = EncryptedTextField(_("what matters about them"), kind=DataKind.RISK, long=True)


class Incident(CaseChild, EncryptedRecord):
    """What happened, with its ICCS code. An alleged perpetrator is never needed for it."""

    clear_fields: ClassVar[dict[str, str]] = {
        "case": ADMINISTRATIVE,
        "iccs_code": DataKind.INCIDENT,
        "violence_types": DataKind.INCIDENT,
        "violence_settings": DataKind.INCIDENT,
        "region": DataKind.INCIDENT,
    }

    iccs_code = models.CharField(
        _("kind of offence (ICCS)"), max_length=6, blank=True, validators=[codelists.validator("iccs")]
    )
    violence_types = ArrayField(
        models.CharField(max_length=24, validators=[codelists.validator("violence-type")]),
        verbose_name=_("kinds of violence"),
        default=list,
        blank=True,
    )
    violence_settings = ArrayField(
        models.CharField(max_length=32, validators=[codelists.validator("violence-setting")]),
        verbose_name=_("where it belongs"),
        default=list,
        blank=True,
    )
    region = models.CharField(
        _("region"), max_length=6, blank=True, validators=[codelists.validator("region")]
    )
    occurred = EncryptedDateField(_("when it happened"), kind=DataKind.INCIDENT, validators=[not_to_come])
    place = EncryptedTextField(_("where it happened"), kind=DataKind.INCIDENT)
    narrative = EncryptedTextField(
        _("what happened, in the person's words"), kind=DataKind.INCIDENT, long=True
    )


class SubstanceUse(CaseChild, EncryptedRecord):
    """One substance that the person uses, with its ICD-11 code; rank 1 is the primary one."""

    clear_fields: ClassVar[dict[str, str]] = {
        "case": ADMINISTRATIVE,
        "rank": DataKind.SUBSTANCE,
        "icd11_code": DataKind.SUBSTANCE,
        "route": DataKind.SUBSTANCE,
        "frequency": DataKind.SUBSTANCE,
    }

    rank = models.PositiveSmallIntegerField(_("rank"), default=1, validators=[MinValueValidator(1)])
    icd11_code = models.CharField(
        _("substance (ICD-11)"), max_length=10, validators=[codelists.validator("icd11-substances")]
    )
    route = models.CharField(
        _("route"), max_length=20, blank=True, validators=[codelists.validator("substance-route")]
    )
    frequency = models.CharField(
        _("frequency"), max_length=32, blank=True, validators=[codelists.validator("substance-frequency")]
    )
    # The age, or a range of ages such as "15-17".
    first_used_at_age = EncryptedTextField(_("age of first use"), kind=DataKind.SUBSTANCE)
    details = EncryptedTextField(_("what matters about it"), kind=DataKind.SUBSTANCE, long=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "icd11_code", "rank"],
                condition=Q(retired_at=None),
                name="one_use_of_a_substance",
                violation_error_message=_("This substance is listed with this rank already."),
            )
        ]


class NoteQuerySet(ChildQuerySet):
    def visible_to(self, user: Any) -> Self:
        """With the case; a counselling note only to who counsels in it."""
        counselled = ArraySubquery(access.granted(CaseGrant, user.pk, COUNSEL))
        seen = super().visible_to(user).alias(counselled=counselled)
        # An array is read once; a sub-select here would be hashed, or asked for each note.
        return seen.filter(~Q(kind=Note.Kind.COUNSELLING) | Q(counselled__contains=[F("case_id")]))

    def visible_in(self, case: Any, user: Any) -> Self:
        return self.seen_in(case.pk, user.pk)

    def seen_in(self, case: UUID, user: UUID) -> Self:
        counsels = Exists(access.granted(CaseGrant, user, COUNSEL).filter(content_object_id=case))
        return self.of_case(case).filter(~Q(kind=Note.Kind.COUNSELLING) | Q(counsels))


class Note(CaseChild, EncryptedRecord):
    """What was done or heard. Counselling notes are of a kind of their own, under a key of their own.

    A note is never changed; a later one may correct it. The database refuses a text in the wrong column.
    """

    class Kind(models.TextChoices):
        CONTACT = "contact", _("contact with the person")
        WORK = "work", _("work on the case")
        COUNSELLING = "counselling", _("counselling")

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(("case", "kind", "corrects"), ADMINISTRATIVE)

    kind = models.CharField(_("kind of note"), max_length=12, choices=Kind.choices, default=Kind.WORK)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="corrections"
    )
    text = EncryptedTextField(_("note"), kind=DataKind.INCIDENT, long=True)
    counselling_text = EncryptedTextField(_("counselling note"), kind=DataKind.COUNSELLING, long=True)

    objects = NoteQuerySet.as_manager()

    @property
    def kinds_held(self) -> set[DataKind]:
        """For the access log: a note is of one kind."""
        return {DataKind.COUNSELLING if self.kind == self.Kind.COUNSELLING else DataKind.INCIDENT}

    @property
    def shown_text(self) -> str:
        return self.counselling_text if self.kind == self.Kind.COUNSELLING else self.text
