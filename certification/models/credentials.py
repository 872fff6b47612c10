"""What a certifying body issued, and the days on which it counts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, Func, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models.applications import Application, Practitioner
from certification.models.schemes import AccreditationKind, SchemeVersion
from victimcare import access, codelists, numbers
from victimcare.history import History
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import Location, Organization, Record, User
from victimcare.models.base import RecordQuerySet
from victimcare.models.constraints import by_somebody
from victimcare.workflow import Transition, Workflow, transition


def first_running_day() -> date:
    """Today where each day begins last (UTC-12): every earlier day is over everywhere."""
    return (timezone.now().astimezone(UTC) - timedelta(hours=12)).date()


class CredentialQuerySet(RecordQuerySet):
    """Is this organisation or person certified for X on day D? Both tables answer the one question alike."""

    def visible_to(self, user: Any) -> Self:
        """Who holds what is a public register for everybody who works with the product."""
        return self.current() if user.is_authenticated else self.none()

    def valid_on(self, day: date, first_day: date | None = None) -> Self:
        """Issued and running on that day, not ended by then, and not suspended on it.

        As long as the day is not over everywhere (`first_day`), the state counts too: who suspended it may be
        a day ahead of the place that asks.
        """
        first_day = first_day or first_running_day()
        ended = Q(ended_on__isnull=False, ended_on__lte=day)
        suspensions = self.model._meta.get_field("suspensions")
        paused = suspensions.related_model._base_manager.filter(  # type: ignore[union-attr]  # a reverse key
            Q(until_day=None) | Q(until_day__gt=day),
            from_day__lte=day,
            credential=OuterRef("pk"),
        )
        # As days: two values alone the database would compare as texts.
        over = LessThan(*(Cast(Value(one), models.DateField()) for one in (day, first_day)))
        found = self.current().filter(valid_from__lte=day, valid_until__gte=day)
        found = found.filter(Q(status=Credential.Status.ISSUED) | Q(over))
        return found.exclude(ended).exclude(Exists(paused))

    def suspended(self, day: date) -> Self:
        """Suspended, and not past their last day; `running_suspensions`: since when, and why."""
        told = models.Prefetch("suspensions", self._suspensions().running(), "running_suspensions")
        return self.suspended_on(day).with_names().prefetch_related(told)

    def suspended_on(self, day: date) -> Self:
        """The same, with `paused_from` alone: since when."""
        running = self._suspensions().running()
        paused = Q(status=Credential.Status.SUSPENDED, valid_until__gte=day, suspensions__in=running)
        return self.filter(paused).annotate(paused_from=F("suspensions__from_day"))

    def _suspensions(self) -> Any:
        related: Any = self.model._meta.get_field("suspensions").related_model
        return related.objects

    def ending(self, after: date, until: date) -> Self:
        """Running on, and ending between two days."""
        return self.filter(status=Credential.Status.ISSUED, valid_until__range=(after, until))

    def overdue(self, day: date) -> Self:
        """Past their last day, and not yet marked as expired."""
        running = [Credential.Status.ISSUED, Credential.Status.SUSPENDED]
        return self.with_names().filter(status__in=running, valid_until__lt=day)

    def with_names(self) -> Self:
        """With what a page shows beside the number, in the same query."""
        names = [
            name
            for name in ("scheme_version", "institution", "kind", "location")
            if hasattr(self.model, name)
        ]
        return self.with_subject().select_related("organization", *names)

    def with_subject(self) -> Self:
        """`of_subject`: whose certificate it is, for the access log, if the user may see the file behind it.
        A join would leave out the others: the register has them all.
        """
        if self.model is not Certificate:
            return self
        behind = Application.objects.filter(pk=OuterRef("application_id"))
        return self.annotate(of_subject=Subquery(behind.values("subject_key_id")))


class AccreditationQuerySet(CredentialQuerySet):
    def covering(self, institution: Any, service_kind: Any, location: Any) -> Self:
        """For a kind of service at a place; those without a place cover all places of the institution.

        Each is a value, or an expression: `OuterRef("location")` asks for many places at once.
        """
        return self.current().filter(
            Q(location=None) | Q(location=location),
            institution=institution,
            kind__service_kinds__contains=[service_kind],
        )

    def with_staff_met(self, day: date) -> Self:
        """`staff_met`: the institution's staff hold the certificates that it asks for that day.

        One function of the database (migration 0002) answers it for every row.
        """
        return self.annotate(
            staff_met=Func(
                F("institution_id"),
                F("kind__required_certificates"),
                Value(day),
                function="certification_staff_enough",
                output_field=models.BooleanField(),
            )
        )

    def of_members(self, user: Any) -> Self:
        """Of the institutions that the user may apply for."""
        institutions = access.organizations_with(user, "certification.apply_for_institution")
        return self.filter(institution_id__in=institutions)

    def eligible_on(self, day: date, first_day: date | None = None) -> Self:
        """Valid, and carried by staff who hold what it requires: a referral may be sent."""
        return self.valid_on(day, first_day).with_staff_met(day).filter(staff_met=True)

    def suspended_since(self) -> models.QuerySet[Any, Any]:
        """For a subquery: the first day of the latest suspension that runs."""
        paused = self.filter(status=Credential.Status.SUSPENDED).annotate(since=Max("suspensions__from_day"))
        return paused.order_by("-since").values("since")[:1]

    def ended_by(self, day: date) -> models.QuerySet[Any, Any]:
        """For a subquery: the first day without the one that ended last, up to that day."""
        after_last = Cast(F("valid_until") + timedelta(days=1), models.DateField())
        over = self.annotate(since=Coalesce("ended_on", after_last)).filter(since__lte=day)
        return over.order_by("-since").values("since")[:1]


class Credential(Workflow):
    """What a certifying body issued. `ended_on` is the first day on which it is not valid any more."""

    class Status(models.TextChoices):
        ISSUED = "issued", _("valid")
        SUSPENDED = "suspended", _("suspended")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")
        SURRENDERED = "surrendered", _("given back")
        RENEWED = "renewed", _("renewed")

    TRANSITIONS: ClassVar[dict[str, Transition]] = {
        "suspend": transition([Status.ISSUED], Status.SUSPENDED, "certification.suspend"),
        "reinstate": transition([Status.SUSPENDED], Status.ISSUED, "certification.suspend"),
        "revoke": transition(
            [Status.ISSUED, Status.SUSPENDED], Status.REVOKED, "certification.suspend", "ended"
        ),
        # Nobody does this: the last day passed.
        "expire": transition([Status.ISSUED, Status.SUSPENDED], Status.EXPIRED, None),
    }
    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization", "number", "status", "application", "valid_from", "valid_until",
            "ended_on", "ended_at", "ended_by", "reason",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    number = models.CharField(
        _("number"), max_length=13, unique=True, default=numbers.new_number, editable=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.ISSUED)
    application = models.OneToOneField(Application, models.PROTECT, related_name="%(class)s")
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    ended_on = models.DateField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    reason = models.CharField(
        _("reason of the end"),
        max_length=40,
        blank=True,
        validators=[codelists.validator("certificate-end-reason")],
    )

    history = History(inherit=True)
    objects = CredentialQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["organization", "valid_until"], name="%(class)s_ending")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="%(class)s_ends_after_it_begins"
            ),
            by_somebody("ended", name="%(class)s_ended_by_somebody"),
            models.CheckConstraint(
                condition=~Q(status="revoked") | Q(ended_on__isnull=False, ended_at__isnull=False),
                name="%(class)s_revoked_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def time_zone(self) -> str:
        """By which calendar its last day ends."""
        raise NotImplementedError

    @property
    def over_at(self) -> datetime:
        """The midnight that ends its last day."""
        day_after = self.valid_until + timedelta(days=1)
        return datetime.combine(day_after, time.min, tzinfo=ZoneInfo(self.time_zone))

    def is_holder(self, user: User) -> bool:
        """The user holds it, or works where it is held: such a person changes nothing about it."""
        raise NotImplementedError

    def status_on(self, day: date) -> str:
        """The status to show: after its last day a credential has expired, whether or not that was marked."""
        running = self.status in {self.Status.ISSUED, self.Status.SUSPENDED}
        return self.Status.EXPIRED if running and self.valid_until < day else self.status


class Certificate(Credential):
    """A person holds it under one version of a scheme."""

    clear_fields: ClassVar[dict[str, str]] = Credential.clear_fields | dict.fromkeys(
        ("practitioner", "scheme_version"), ADMINISTRATIVE
    )

    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="certificates")
    scheme_version = models.ForeignKey(SchemeVersion, models.PROTECT, related_name="+")

    @property
    def subject_key_id(self) -> Any:
        """For the access log: whose certificate it is, None to whom the file behind it does not exist."""
        if not hasattr(self, "of_subject"):
            self.of_subject = (
                Application.objects.filter(pk=self.application_id)
                .values_list("subject_key_id", flat=True)
                .first()
            )
        return self.of_subject

    @property
    def time_zone(self) -> str:
        return self.organization.time_zone

    def is_holder(self, user: User) -> bool:
        # Whoever may not see the file does not hold it.
        return Practitioner.objects.filter(pk=self.practitioner_id, user_id=user.pk).exists()


class Accreditation(Credential):
    """An institution holds it for kinds of service, at one site or at all of them."""

    clear_fields: ClassVar[dict[str, str]] = Credential.clear_fields | dict.fromkeys(
        ("institution", "kind", "location"), ADMINISTRATIVE
    )

    institution = models.ForeignKey(Organization, models.PROTECT, related_name="accreditations")
    kind = models.ForeignKey(AccreditationKind, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AccreditationQuerySet.as_manager()

    @property
    def time_zone(self) -> str:
        return self.location.time_zone if self.location else self.institution.time_zone

    def is_holder(self, user: User) -> bool:
        return any(one.organization_id == self.institution_id for one in access.memberships(user))


class SuspensionQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Part of the register, as the credential is."""
        return self.current() if user.is_authenticated else self.none()

    def running(self) -> Self:
        return self.filter(until_day=None)


class Suspension(Record):
    """A credential does not count from a day, until another if it was reinstated: both ends are kept."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("from_day", "until_day", "reason"), ADMINISTRATIVE
    )

    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("reinstated on"), null=True, blank=True)
    reason = models.CharField(
        _("reason"), max_length=40, validators=[codelists.validator("suspension-reason")]
    )

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(until_day=None) | Q(until_day__gte=F("from_day")),
                name="%(class)s_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["credential"], condition=Q(until_day=None), name="%(class)s_one_at_a_time"
            ),
        ]


class CertificateSuspension(Suspension):
    clear_fields: ClassVar[dict[str, str]] = Suspension.clear_fields | {"credential": ADMINISTRATIVE}
    credential = models.ForeignKey(Certificate, models.PROTECT, related_name="suspensions")


class AccreditationSuspension(Suspension):
    clear_fields: ClassVar[dict[str, str]] = Suspension.clear_fields | {"credential": ADMINISTRATIVE}
    credential = models.ForeignKey(Accreditation, models.PROTECT, related_name="suspensions")
