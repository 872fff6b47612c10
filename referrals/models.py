"""The directory of services, and the loop that a referral goes through."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Consent
from cases.models.cases import of_seen_cases, seen_by
from cases.ties import locked_cases
from victimcare import access, codelists, numbers
from victimcare.encryption.fields import EncryptedJSONField, EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Location, Organization, Record, Team, User
from victimcare.models.base import EncryptedRecord, PersonalRecord, RecordQuerySet
from victimcare.models.constraints import by_somebody
from victimcare.models.organizations import OpenQuerySet
from victimcare.prepared import Uuids, among
from victimcare.workflow import Transition, Workflow, transition


class Service(Record):
    """What an organisation offers (HSDS service), and to whom. An empty list means: no restriction."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization", "kind", "name", "description", "languages", "enrolment_kinds", "genders",
            "age_from", "age_to", "regions", "is_active",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="services")
    kind = models.CharField(
        _("kind of service"), max_length=40, validators=[codelists.validator("service-kind")]
    )
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    languages = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("languages")
    )
    enrolment_kinds = ArrayField(
        models.CharField(max_length=16), default=list, blank=True, verbose_name=_("kinds of case")
    )
    genders = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("genders"))
    age_from = models.PositiveSmallIntegerField(_("from age"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(
        _("to age"), null=True, blank=True, validators=[MaxValueValidator(130)]
    )
    regions = ArrayField(
        models.CharField(max_length=6), default=list, blank=True, verbose_name=_("regions served")
    )
    is_active = models.BooleanField(_("offered now"), default=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        indexes = [
            # The directory goes through the organisations by name, and stops when the page is full.
            models.Index(fields=["organization", "name"], name="services_of_organization"),
            models.Index(fields=["kind"], name="services_by_kind"),
            GinIndex(fields=["languages"], name="services_by_language"),
        ]

    def __str__(self) -> str:
        return self.name


class OfferQuerySet(OpenQuerySet):
    def offered_now(self) -> Self:
        """Services that their provider offers now, at places that are in use."""
        return self.current().filter(
            is_active=True,
            service__is_active=True,
            service__retired_at=None,
            service__organization__is_provider=True,
            service__organization__retired_at=None,
            location__retired_at=None,
        )


class ServiceAtLocation(Record):
    """A service at a location (HSDS): what a referral addresses. Places that are free now; None means not
    counted.
    """

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "service", "location", "places_free", "places_counted_at", "is_active", "offered_kind",
            "regions_reached",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    service = models.ForeignKey(Service, models.PROTECT, related_name="at_locations")
    location = models.ForeignKey(Location, models.PROTECT, related_name="services")
    places_free = models.PositiveSmallIntegerField(_("free places"), null=True, blank=True)
    places_counted_at = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(_("offered now"), default=True)

    # What is looked for first, in one table; the database keeps it (migration 0006). The kind as long as the
    # service is offered at this place, else empty; the region of the place, and then those that are served.
    offered_kind = models.CharField(max_length=40, blank=True, editable=False)
    regions_reached = ArrayField(models.CharField(max_length=6), default=list, blank=True, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["offered_kind"], condition=~Q(offered_kind=""), name="offers_by_kind"),
            GinIndex(fields=["regions_reached"], name="offers_by_region_reached"),
            models.Index(F("regions_reached__0"), condition=Q(retired_at=None), name="offers_by_region"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "location"], condition=Q(retired_at=None), name="one_service_at_a_location"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


# Who asks, as far as it says what they receive: the values of a prepared query.
RECEIVED_BY: dict[str, Any] = {"user": UUID, "receivers": Uuids, "locked": Uuids}


def receiver(user: Any) -> dict[str, Any]:
    """Of this user: the organisations for which they answer, and what is locked to them."""
    return {
        "user": user.pk,
        "receivers": list(access.organizations_with(user, "referrals.answer")),
        "locked": list(locked_cases(user)),
    }


class ReferralQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Sender: who sees the case. Receiver: the organisation's provider staff, once it was sent, and who
        works on the case that was opened from it.
        """
        return self.seen(**seen_by(user) | receiver(user))

    def seen(self, receivers: Any, **seen: Any) -> Self:
        """The same, of whoever `seen_by` and `receiver` say. What was narrowed before is looked for among
        each of the three alone: a few of known ids, without all that somebody sees.
        """
        cases, known = Case.objects.seen(**seen), self.current()
        sent = known.filter(case__in=cases).values("pk")
        opened = known.filter(received_case__in=cases).values("pk")
        received = self.received(seen["user"], receivers, seen["locked"]).values("pk")
        return self.filter(pk__in=sent.union(opened, received, all=True))

    def visible_in(self, case: Case, user: Any) -> Self:
        """What was referred from one case that this user was found to see, and what it came from."""
        return self.of_case(case.pk)

    def of_case(self, case: UUID) -> Self:
        """The same, whoever sees it."""
        return self.current().filter(Q(case=case) | Q(received_case=case))

    def sent_from(self, user: Any) -> Self:
        """What was referred from the cases that the user sees. A list of these starts here."""
        return self.sent(**seen_by(user))

    def sent(self, **seen: Any) -> Self:
        """The same, of whoever `seen_by` says."""
        return self.current().filter(of_seen_cases(**seen))

    def received_by(self, user: Any) -> Self:
        """The inbox: what was sent to the user's organisations; not what the user sent themselves, nor what a
        conflict of interest locks to them. A list of these starts here.
        """
        return self.received(**receiver(user))

    def received(self, user: UUID, receivers: Any, locked: Any) -> Self:
        """The same, of whoever `receiver` says."""
        received = self.current().filter(among("receiver_id", receivers), sent_at__isnull=False)
        return received.exclude(among("case_id", locked)).exclude(sent_by=user)

    def with_names(self) -> Self:
        """With what a list shows beside the number, in the same query."""
        return self.select_related(
            "organization", "receiver", "service_at_location__service", "service_at_location__location"
        )

    def with_sender(self) -> Self:
        """With what the inbox shows beside the number, in the same query."""
        kind = F("service_at_location__service__kind")
        return self.select_related("organization").annotate(service_kind=kind)

    def waiting(self) -> Self:
        """Sent, and not yet answered with a yes or a no."""
        return self.filter(status__in=Referral.WAITING)

    def running(self) -> Self:
        """Sent, and not at an end: these are flagged when the receiver's accreditation lapses."""
        return self.filter(status__in=Referral.RUNNING)


class Referral(PersonalRecord, EncryptedRecord, Workflow):
    """From a case to a service at a location, read in the receiving organisation's inbox."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SENT = "sent", _("sent")
        RECEIVED = "received", _("received")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WAITLISTED = "waitlisted", _("on the waiting list")
        EXPIRED = "expired", _("expired")
        IN_PROGRESS = "in_progress", _("in progress")
        COMPLETED = "completed", _("completed")
        NOT_COMPLETED = "not_completed", _("not completed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    WAITING: ClassVar[list[str]] = [Status.SENT, Status.RECEIVED, Status.WAITLISTED]
    WITH_RECEIVER: ClassVar[list[str]] = [Status.ACCEPTED, Status.IN_PROGRESS]
    RUNNING: ClassVar[list[str]] = [*WAITING, *WITH_RECEIVER]
    # The receiver helps or has helped: it may open a case of its own, before the outcome or after it.
    TAKEN_OVER: ClassVar[list[str]] = [*WITH_RECEIVER, Status.COMPLETED]
    TRANSITIONS: ClassVar[dict[str, Transition]] = {
        "send": transition([Status.DRAFT], Status.SENT, "referrals.send", "sent"),
        "receive": transition([Status.SENT], Status.RECEIVED, "referrals.answer", "received"),
        "accept": transition(WAITING, Status.ACCEPTED, "referrals.answer", "answered"),
        "decline": transition(WAITING, Status.DECLINED, "referrals.answer", "answered"),
        "waitlist": transition([Status.SENT, Status.RECEIVED], Status.WAITLISTED, "referrals.answer"),
        "expire": transition(WAITING, Status.EXPIRED, None),
        "start": transition([Status.ACCEPTED], Status.IN_PROGRESS, "referrals.answer"),
        "complete": transition(WITH_RECEIVER, Status.COMPLETED, "referrals.answer", "ended"),
        "not_complete": transition(WITH_RECEIVER, Status.NOT_COMPLETED, "referrals.answer", "ended"),
        "withdraw": transition([Status.DRAFT, *RUNNING], Status.WITHDRAWN, "referrals.send", "ended"),
        # The consent was withdrawn, and who did that was checked there.
        "lose_consent": transition([Status.DRAFT, *WAITING], Status.WITHDRAWN, None, "ended"),
        # The receiver is tied to the alleged perpetrator.
        "lock": transition([Status.DRAFT, *RUNNING], Status.WITHDRAWN, None, "ended"),
        # The sender erased the person, and two people decided on that.
        "erase": transition([Status.DRAFT, *RUNNING], Status.WITHDRAWN, None, "ended"),
        # Somebody else whom it names was erased, and a restored backup brought it back unanswered.
        "named_withdrawn": transition(WAITING, Status.WITHDRAWN, None, "ended"),
        # The receiver erased the person, who was in a case of its own.
        "receiver_erased": transition(WITH_RECEIVER, Status.NOT_COMPLETED, None, "ended"),
    }
    RECEIVERS_VERBS: ClassVar[frozenset[str]] = frozenset(
        {
            "receive",
            "accept",
            "decline",
            "waitlist",
            "start",
            "complete",
            "not_complete",
            "receiver_erased",
        }
    )
    # Why it ended so is a code of these lists, never words: it lies in clear.
    REASON_LISTS: ClassVar[dict[str, str]] = {
        Status.DECLINED: "decline-reason",
        Status.NOT_COMPLETED: "not-completed-reason",
        Status.WITHDRAWN: "withdrawal-reason",
    }
    # From these states on (or before), the receiver has no business with the packet any more.
    CLOSED_TO_RECEIVER: ClassVar[frozenset[str]] = frozenset(
        {Status.DRAFT, Status.DECLINED, Status.EXPIRED, Status.WITHDRAWN}
    )
    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization", "team", "receiver", "case", "service_at_location", "consent", "number", "status",
            "urgency", "sent_at", "sent_by", "received_at", "received_by", "answered_at", "answered_by",
            "ended_at", "ended_by", "end_reason", "outcome", "received_case", "answer_until", "lapsed_on",
            "erased_at", "erased_by",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    service_at_location = models.ForeignKey(ServiceAtLocation, models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+")
    number = models.CharField(
        _("number"), max_length=13, unique=True, default=numbers.new_number, editable=False
    )
    status = models.CharField(_("status"), max_length=13, choices=Status.choices, default=Status.DRAFT)
    urgency = models.CharField(
        _("urgency"), max_length=20, default="routine", validators=[codelists.validator("urgency")]
    )
    request = EncryptedTextField(_("what is asked for"), kind=DataKind.RISK, long=True)
    answer = EncryptedTextField(_("answer in words"), kind=DataKind.RISK, long=True)
    sent_at = models.DateTimeField(null=True, editable=False)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    received_at = models.DateTimeField(null=True, editable=False)
    received_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    # Unanswered by then, it expires and another provider is proposed.
    answer_until = models.DateTimeField(null=True, editable=False)
    # The day from which the receiver was found not accredited any more, while the referral was running.
    lapsed_on = models.DateField(null=True, editable=False)
    end_reason = models.CharField(_("reason"), max_length=40, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=40, blank=True, validators=[codelists.validator("referral-outcome")]
    )
    received_case = models.OneToOneField(
        Case, models.PROTECT, null=True, editable=False, related_name="came_from"
    )

    # The sender erased the person: what was written here can be read by nobody, and the receiver is told.
    erased_at = models.DateTimeField(null=True, editable=False)
    erased_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["receiver", "status", "-sent_at", "id"], name="inbox_of_receiver"),
            models.Index(
                fields=["receiver", "-erased_at"],
                condition=Q(erased_at__isnull=False),
                name="erased_at_their_sender",
            ),
        ]
        constraints = [
            by_somebody(
                "sent", "sent", "received", "waitlisted", "accepted", "declined", "expired", "in_progress",
                "completed", "not_completed", name="sent_by_somebody",
            ),
            by_somebody("received", "received", name="received_by_somebody"),
            by_somebody(
                "answered", "accepted", "declined", "in_progress", "completed", "not_completed",
                name="answered_by_somebody",
            ),
            by_somebody("ended", "completed", "not_completed", "withdrawn", name="ended_by_somebody"),
            models.CheckConstraint(
                condition=~Q(status__in=["declined", "not_completed"]) | ~Q(end_reason=""),
                name="refused_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | ~Q(outcome=""), name="completed_with_an_outcome"
            ),
            models.CheckConstraint(condition=~Q(receiver=F("organization")), name="sent_to_another"),
            by_somebody("erased", name="referral_erased_by_somebody"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def clean(self) -> None:
        if self.end_reason:
            codelists.validator(self.REASON_LISTS[self.status])(self.end_reason)

    def permits(self, user: User, verb: str) -> bool:
        """Nobody answers what they sent themselves, nor what is locked to them."""
        if verb in self.RECEIVERS_VERBS and (
            self.sent_by_id == user.pk or self.case_id in locked_cases(user)
        ):
            return False
        return super().permits(user, verb)

    def acting_organization_id(self, verb: str) -> Any:
        return self.receiver_id if verb in self.RECEIVERS_VERBS else self.organization_id


class PacketQuerySet(RecordQuerySet):
    def open_on(self, day: date) -> Self:
        """The consent still holds: withdrawal closes access at once, its end too."""
        consent = "referral__consent__"
        return self.filter(
            **{
                f"{consent}retired_at": None,
                f"{consent}withdrawn_at": None,
                f"{consent}valid_from__lte": day,
                f"{consent}valid_until__gte": day,
            }
        )

    def visible_to(self, user: Any) -> Self:
        """The referral's two sides; the receiver only while the consent holds. It is asked of one packet at a
        time: nobody lists them.
        """
        sent = Case.objects.visible_to(user).filter(pk=OuterRef("referral__case"))
        theirs = Packet.objects.received(timezone.localdate(), **receiver(user)).filter(pk=OuterRef("pk"))
        return self.current().filter(Exists(sent) | Exists(theirs))

    def received(self, today: date, user: UUID, receivers: Any, locked: Any) -> Self:
        """What whoever `receiver` says may read today, at the receiver's side."""
        open_to = self.current().open_on(today).filter(among("referral__receiver_id", receivers))
        return (
            open_to.exclude(referral__status__in=Referral.CLOSED_TO_RECEIVER)
            .exclude(among("referral__case_id", locked))
            .exclude(referral__sent_by=user)
        )


class Packet(PersonalRecord, EncryptedRecord):
    """What is disclosed with a referral: only the kinds of data that the consent covers.

    Under the sender's person until it is accepted; from then on under a key of the receiver's own. The
    history row of the sending stays under the sender's key: it tells the sender what was disclosed, until the
    sender erases the person.
    """

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("referral", "kinds", "organization"), ADMINISTRATIVE
    )

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    referral = models.OneToOneField(Referral, models.PROTECT, related_name="packet")
    kinds = ArrayField(models.CharField(max_length=12, choices=DataKind.choices))
    # {"identity": {...}, "contact": {...}, ...}: one entry a kind of data. See referrals/packets.py.
    content = EncryptedJSONField(kind=DataKind.IDENTITY)
    # The entry of that kind alone: counselling notes have a key of their own, here too.
    counselling = EncryptedJSONField(kind=DataKind.COUNSELLING)

    objects = PacketQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def kinds_held(self) -> list[str]:
        """For the access log: one field holds several kinds."""
        return self.kinds

    @property
    def sections(self) -> dict[str, dict[str, Any]]:
        """All that it tells, one entry a kind of data."""
        return self.sections_of(DataKind)

    def sections_of(self, kinds: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What it tells of these kinds. Counselling notes that are not asked for are not decrypted."""
        wanted = set(kinds)
        told = {kind: section for kind, section in (self.content or {}).items() if kind in wanted}
        if DataKind.COUNSELLING in wanted and self.counselling is not None:
            told[DataKind.COUNSELLING.value] = self.counselling
        return told
