"""The practitioner's file; applications of persons under a scheme, of institutions for an accreditation."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from certification.models.schemes import AccreditationKind, SchemeVersion
from victimcare import access, codelists, numbers
from victimcare.encryption.fields import EncryptedDateField, EncryptedJSONField, EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Location, Organization, User
from victimcare.models.base import AnyOf, EncryptedRecord, PersonalRecord, RecordQuerySet
from victimcare.prepared import among
from victimcare.workflow import Transition, Workflow, transition


class FileQuerySet(RecordQuerySet):
    """Files at a certifying body: its officers and examiners, and the person whose file it is."""

    own: ClassVar[str] = "user"

    def visible_to(self, user: Any) -> Self:
        bodies = access.organizations_with(user, "certification.read_applications")
        return self.current().filter(Q(organization_id__in=bodies) | Q(**{self.own: user.pk}))


class Practitioner(PersonalRecord, EncryptedRecord):
    """A practitioner's file at one certifying body, linked to the account that they sign in with."""

    clear_fields: ClassVar[dict[str, str]] = {"organization": ADMINISTRATIVE, "user": ADMINISTRATIVE}

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="practitioner_files")
    legal_name = EncryptedTextField(_("name on the certificate"), kind=DataKind.IDENTITY, blank=False)
    identity_number = EncryptedTextField(_("identity document"), kind=DataKind.IDENTITY)
    birth = EncryptedDateField(_("date of birth"), kind=DataKind.IDENTITY)

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_file_a_practitioner")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ApplicationQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The body's officers and examiners, once it was submitted; the applicant always."""
        bodies = access.organizations_with(user, "certification.read_applications")
        at_bodies = Q(organization_id__in=bodies) & ~Q(status=Application.Status.DRAFT)
        return self.current().filter(at_bodies | self._of(user))

    def at_bodies_of(self, user: Any) -> Self:
        """The queue: what was submitted to the bodies where the user reviews or decides."""
        return self.lying_at(list(access.organizations_with(user, "certification.read_applications")))

    def lying_at(self, bodies: Any) -> Self:
        """The same, at these bodies."""
        submitted = self.current().exclude(status=Application.Status.DRAFT)
        return submitted.filter(among("organization_id", bodies))

    def of_applicant(self, user: Any) -> Self:
        """What the user applied for, for themselves or for their institution."""
        return self.filter(self._of(user))

    def _of(self, user: Any) -> Q:
        files = Practitioner.objects.filter(user_id=user.pk).values("pk")
        institutions = access.organizations_with(user, "certification.apply_for_institution")
        return Q(AnyOf("practitioner", ArraySubquery(files))) | Q(institution_id__in=institutions)

    def waiting(self) -> Self:
        return self.filter(status__in=[Application.Status.SUBMITTED, Application.Status.UNDER_REVIEW])

    def reviewed(self) -> Self:
        return self.filter(status=Application.Status.REVIEWED)

    def with_names(self) -> Self:
        """With what a list shows beside the number, in the same query."""
        return self.select_related(
            "institution", "scheme_version", "kind", "reviewed_by", "review_started_by"
        )


class Application(PersonalRecord, EncryptedRecord, Workflow):
    """A practitioner applies under a scheme, or an institution for an accreditation.

    Who decides is never who reviewed, and neither is the applicant: the database refuses it too. Evidence has
    the names of the requirements that it answers, e.g. {"experience_hours": 1600}. A person's name, document
    and birth are copied from their file when it is sent: on them it is decided, and a certificate bears them,
    whatever the file says later.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        UNDER_REVIEW = "under_review", _("under review")
        REVIEWED = "reviewed", _("reviewed, to be decided")
        DECIDED = "decided", _("decided")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    TRANSITIONS: ClassVar[dict[str, Transition]] = {
        # The applicant submits: who that is, the action checks.
        "submit": transition([Status.DRAFT], Status.SUBMITTED, None, "submitted"),
        "start_review": transition(
            [Status.SUBMITTED], Status.UNDER_REVIEW, "certification.review", "review_started"
        ),
        "finish_review": transition(
            [Status.UNDER_REVIEW], Status.REVIEWED, "certification.review", "reviewed"
        ),
        "decide": transition([Status.REVIEWED], Status.DECIDED, "certification.decide", "decided"),
    }
    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization", "number", "status", "practitioner", "scheme_version", "institution", "location",
            "kind", "submitted_at", "submitted_by", "review_started_at", "review_started_by", "reviewed_at",
            "reviewed_by", "recommendation",
            "decided_at", "decided_by", "decision", "reason",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    number = models.CharField(
        _("number"), max_length=13, unique=True, default=numbers.new_number, editable=False
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, null=True, blank=True, related_name="applications"
    )
    scheme_version = models.ForeignKey(SchemeVersion, models.PROTECT, null=True, blank=True, related_name="+")
    institution = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.ForeignKey(AccreditationKind, models.PROTECT, null=True, blank=True, related_name="+")
    legal_name = EncryptedTextField(_("name on the certificate"), kind=DataKind.IDENTITY)
    identity_number = EncryptedTextField(_("identity document"), kind=DataKind.IDENTITY)
    birth = EncryptedDateField(_("date of birth"), kind=DataKind.IDENTITY)
    statement = EncryptedTextField(_("statement"), kind=DataKind.DOCUMENTS, long=True)
    evidence = EncryptedJSONField(_("evidence"), kind=DataKind.DOCUMENTS)
    findings = EncryptedTextField(_("findings of the review"), kind=DataKind.DOCUMENTS, long=True)
    submitted_at = models.DateTimeField(null=True, editable=False)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    review_started_at = models.DateTimeField(null=True, editable=False)
    review_started_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    reviewed_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    recommendation = models.CharField(_("recommendation"), max_length=8, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, blank=True)
    reason = models.CharField(
        _("reason"), max_length=40, blank=True, validators=[codelists.validator("decision-reason")]
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "status", "submitted_at", "id"], name="applications_in_line")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    practitioner__isnull=False,
                    scheme_version__isnull=False,
                    institution=None,
                    kind=None,
                    location=None,
                )
                | Q(practitioner=None, scheme_version=None, institution__isnull=False, kind__isnull=False),
                name="application_of_person_or_institution",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(decided_by=None) | Q(**{other: None}) | ~Q(decided_by=F(other)), name=name
                )
                for other, name in (
                    ("reviewed_by", "decided_by_another"),
                    ("review_started_by", "decided_by_no_reviewer"),
                    ("submitted_by", "decided_by_no_applicant"),
                )
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | Q(submitted_by=None) | ~Q(reviewed_by=F("submitted_by")),
                name="reviewed_by_no_applicant",
            ),
            models.CheckConstraint(
                condition=Q(status="decided", decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decision="")
                | ~Q(status="decided") & Q(decided_by=None, decided_at=None, decision=""),
                name="decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(practitioner=None) | Q(legal_name__isnull=False),
                name="application_sent_with_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def kinds_held(self) -> set[DataKind]:
        """For the access log: an institution has no identity of a person's kind."""
        person = {DataKind.IDENTITY} if self.practitioner_id else set()
        return {DataKind.DOCUMENTS} | person

    @property
    def asked_for(self) -> SchemeVersion | AccreditationKind:
        """What was applied for: its title, requirements and months of validity."""
        found = self.kind or self.scheme_version
        assert found is not None  # noqa: S101  # the constraint: always one of the two
        return found

    @property
    def identity(self) -> "Practitioner | Application":
        """Where a person's name, document and birth stand: sealed here once it was sent, before that in
        their file.
        """
        if self.status == self.Status.DRAFT and self.practitioner is not None:
            return self.practitioner
        return self

    def may_write(self, user: User) -> bool:
        """The practitioner, or who applies for the institution: they change the draft and send it."""
        if self.practitioner is not None:
            return self.practitioner.user_id == user.pk
        return self.institution_id in access.organizations_with(user, "certification.apply_for_institution")

    def took_part(self, user: User) -> bool:
        """The user reviewed this, or began to: such a person does not decide."""
        return user.pk in {self.reviewed_by_id, self.review_started_by_id}

    def is_applicant(self, user: User) -> bool:
        """The user applied, or works where it was applied for: such a person neither reviews nor decides."""
        if user.pk in {self.submitted_by_id, self.created_by_id}:
            return True
        if self.practitioner is not None:
            return self.practitioner.user_id == user.pk
        return any(one.organization_id == self.institution_id for one in access.memberships(user))
