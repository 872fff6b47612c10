from typing import Any, ClassVar, Self
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from victimcare import languages
from victimcare.encryption.fields import EncryptedTextField
from victimcare.history import History
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models.base import EncryptedRecord, Record, RecordQuerySet
from victimcare.models.constraints import by_somebody, known


def valid_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Write a time zone such as America/Lima."))


class OpenQuerySet(RecordQuerySet):
    """Reference data: every signed-in user may know it."""

    def visible_to(self, user: Any) -> Self:
        return self.all() if user.is_authenticated else self.none()


class MemberState(models.Model):
    """A member state of the Americas and what its law asks for.

    The facts come from data/member_states.json.
    """

    code = models.CharField(primary_key=True, max_length=2)
    names = models.JSONField()
    languages = models.JSONField(default=list)
    calling_code = models.CharField(max_length=8)
    identity_document = models.CharField(max_length=80, blank=True)
    identity_number_module = models.CharField(max_length=40, blank=True)
    # What lies under an older key of the state is refused. A rotation sets it.
    minimum_key_version = models.PositiveSmallIntegerField(default=1)
    consent_days = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])
    consent_days_maximum = models.PositiveSmallIntegerField(default=365, validators=[MaxValueValidator(3650)])

    objects = OpenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(consent_days__lte=models.F("consent_days_maximum")),
                name="consent_default_within_maximum",
            ),
            models.CheckConstraint(
                condition=Q(consent_days__gte=1, consent_days_maximum__lte=3650),
                name="consent_days_within_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.names.get(languages.of_page()) or self.names["en"])


class Organization(Record):
    """A service, a provider, a certifying body or an authority; one organisation may be several of these."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "code",
            "name",
            "member_state",
            "is_agency",
            "is_provider",
            "is_certifying_body",
            "time_zone",
            "is_demonstration",
        ),
        ADMINISTRATIVE,
    )

    code = models.SlugField(_("code"), max_length=40, unique=True, allow_unicode=False)
    name = models.CharField(_("name"), max_length=200)
    member_state = models.ForeignKey(MemberState, models.PROTECT, related_name="organizations")
    is_agency = models.BooleanField(_("opens cases"), default=False)
    is_provider = models.BooleanField(_("accepts referrals"), default=False)
    is_certifying_body = models.BooleanField(_("issues certificates"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=40, validators=[valid_time_zone])

    # Its people and cases are invented: `manage.py demo` made it.
    is_demonstration = models.BooleanField(default=False, editable=False)

    objects = OpenQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name"], name="organizations_by_name")]
        constraints = [by_somebody("retired", name="organization_retired_by_somebody")]

    def __str__(self) -> str:
        return self.name


class Team(Record):
    clear_fields: ClassVar[dict[str, str]] = {"organization": ADMINISTRATIVE, "name": ADMINISTRATIVE}

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=120)

    objects = OpenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_team_a_name"),
            models.UniqueConstraint(fields=["id", "organization"], name="team_of_organization"),
            by_somebody("retired", name="team_retired_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.name


class Tier(models.TextChoices):
    """Who may learn where a place is. A shelter's address in the wrong hands is a death sentence."""

    PUBLIC = "public", _("public")
    PARTNER = "partner", _("partner organisations")
    CONFIDENTIAL = "confidential", _("confidential")


class LocationQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The place's existence, name and region. Who may read the address is `access.may_read_address`."""
        return self.current() if user.is_authenticated else self.none()


class Location(Record, EncryptedRecord):
    """A place where an organisation works. The address is encrypted under the organisation's own key."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("organization", "name", "region", "tier", "time_zone", "subject_key"), ADMINISTRATIVE
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="locations")
    subject_key = models.ForeignKey("victimcare.SubjectKey", models.PROTECT, editable=False, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    region = models.CharField(_("region"), max_length=6)
    address = EncryptedTextField(_("address"), kind=DataKind.CONTACT)
    tier = models.CharField(
        _("who may see the address"), max_length=12, choices=Tier.choices, default=Tier.PARTNER
    )
    time_zone = models.CharField(_("time zone"), max_length=40, validators=[valid_time_zone])

    history = History()
    objects = LocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "organization"], name="location_of_organization"),
            by_somebody("retired", name="location_retired_by_somebody"),
            known("tier", Tier.values, name="location_tier_known"),
        ]

    def __str__(self) -> str:
        return self.name
