"""A person, in ONE organisation. Another organisation that serves the same human being has a person of its
own.
"""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.dates import not_to_come
from victimcare import codelists
from victimcare.encryption.fields import EncryptedDateField, EncryptedJSONField, EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Organization
from victimcare.models.base import EncryptedRecord, PersonalRecord, RecordQuerySet


class PersonQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The persons of the cases that the user may see."""
        from cases.models.cases import Case

        return self.current().filter(pk__in=Case.objects.visible_to(user).values("person_id"))


class Person(PersonalRecord, EncryptedRecord):
    """Somebody who is served. Every part of the name may be missing; unknown is a value (design section
    5.11).
    """

    clear_fields: ClassVar[dict[str, str]] = {
        "organization": ADMINISTRATIVE,
        "gender": DataKind.IDENTITY,
        "region": DataKind.IDENTITY,
        "language": DataKind.IDENTITY,
    }

    # No index of its own: nobody asks for all of an organisation, and while a first import fills empty tables
    # the database would take it to check the references of cases, reading every person each time.
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    given_names = EncryptedTextField(_("given names"), kind=DataKind.IDENTITY)
    surnames = EncryptedTextField(_("surnames"), kind=DataKind.IDENTITY)
    known_as = EncryptedTextField(_("wants to be called"), kind=DataKind.IDENTITY)
    birth = EncryptedDateField(_("date of birth"), kind=DataKind.IDENTITY, validators=[not_to_come])
    # {"from": 21, "to": 24, "on": "2017"}: an age or a range of ages that was told on a day, where no birth
    # date was.
    age = EncryptedJSONField(_("age"), kind=DataKind.IDENTITY)
    identity_document = EncryptedTextField(_("identity document"), kind=DataKind.IDENTITY)
    identity_number = EncryptedTextField(_("number of the document"), kind=DataKind.IDENTITY)
    country_of_birth = EncryptedTextField(_("country of birth"), kind=DataKind.IDENTITY)
    # What statistics ask and no column of its own has: {"education": "…", "labour-status": "…"}, codes of
    # code lists.
    background = EncryptedJSONField(_("background"), kind=DataKind.IDENTITY)
    gender = models.CharField(
        _("gender"), max_length=20, default="unknown", validators=[codelists.validator("gender")]
    )
    region = models.CharField(
        _("region"), max_length=6, blank=True, validators=[codelists.validator("region")]
    )
    language = models.CharField(
        _("language to speak in"), max_length=8, blank=True, validators=[codelists.validator("language")]
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            # Cases and contacts lie in the person's organisation, under the person's key.
            models.UniqueConstraint(
                fields=["id", "organization", "subject_key"], name="person_of_organization_and_key"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)  # never the name: instances end up in logs

    @property
    def display_name(self) -> str:
        """What pages show: how the person wants to be called, else the name, else nothing."""
        return self.known_as or f"{self.given_names} {self.surnames}".strip()


class ContactQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.current().filter(person__in=Person.objects.visible_to(user))

    def visible_in(self, case: Any, user: Any) -> Self:
        """The ways to reach the person of a case that this user was found to see."""
        return self.of_person(case.person_id)

    def of_person(self, person: UUID) -> Self:
        """The ways to reach a person, whoever sees them."""
        return self.current().filter(person_id=person)


class ContactPoint(PersonalRecord, EncryptedRecord):
    """One way to reach the person, with what is safe about it: the two are never shown apart."""

    class Safety(models.TextChoices):
        SAFE = "safe", _("safe")
        WITH_CARE = "with_care", _("only as agreed")
        UNSAFE = "unsafe", _("never use")

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("organization", "person", "contact_kind", "safety", "may_leave_message"), DataKind.CONTACT
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="contacts")
    contact_kind = models.CharField(
        _("kind"), max_length=20, validators=[codelists.validator("contact-kind")]
    )
    value = EncryptedTextField(_("number or address"), kind=DataKind.CONTACT, blank=False)
    safety = models.CharField(_("is it safe?"), max_length=9, choices=Safety.choices)
    may_leave_message = models.BooleanField(_("a message may be left"), default=False)
    rules = EncryptedTextField(_("what was agreed"), kind=DataKind.CONTACT)

    objects = ContactQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def changes_of(cls, person: Any) -> models.QuerySet[Any]:
        """The changed ways to reach a person as history rows, newest first. Whoever may see the person may
        see them.
        """
        history: Any = cls.history
        return history.filter(person_id=person, history_type="~").select_related("history_user")
