"""A case that somebody opened to themselves in an emergency ("break glass"), and what became of it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import WATCH_EMERGENCIES
from cases.models.cases import Case, CaseChild, ChildQuerySet
from cases.ties import locked_cases
from victimcare import access, codelists
from victimcare.encryption import keyring
from victimcare.encryption.fields import EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Organization, User
from victimcare.models.base import EncryptedRecord
from victimcare.models.constraints import by_somebody, known

EMERGENCY_HOURS = 24


class EmergencyQuerySet(ChildQuerySet):
    def running(self, now: datetime | None = None) -> Self:
        """By the clock: when its time is over it opens nothing, whatever else runs or does not."""
        now = now or timezone.now()
        return self.current().filter(opened_at__lte=now, until__gt=now)

    def whole(self) -> Self:
        """Those that open more than the minimum."""
        return self.filter(stage=EmergencyAccess.Stage.WHOLE)

    def own(self, user: Any) -> Self:
        """What the user opened, and no conflict of interest has locked since."""
        return self.current().filter(user_id=user.pk).exclude(case__in=locked_cases(user))

    def visible_to(self, user: Any) -> Self:
        """With the case; one's own; those of the organisation whose data protection one watches over. Never
        of a case that is locked for a conflict of interest.
        """
        of_cases = Q(case__in=Case.objects.visible_to(user))
        seen = of_cases | Q(user_id=user.pk) | Q(organization__in=_watched(user))
        return self.current().filter(seen).exclude(case__in=locked_cases(user))

    def reviewed_by(self, user: Any) -> Self:
        """Those that the user reviews: of the teams that they supervise, of the organisation whose data
        protection they watch over; never what they opened themselves. All of them are visible to the user.
        It begins at the organisation, so that what waits is found by its index.
        """
        supervised, watched = access.memberships_with(user, "cases.supervise"), _watched(user)
        teams = {one.team_id for one in supervised if one.team_id}
        places = watched | {one.organization_id for one in supervised}
        led = Case.objects.current().filter(team__in=teams, erased_at=None)
        mine = Q(case__in=led) | Q(organization__in=watched)
        found = self.current().filter(mine, organization__in=places).exclude(user_id=user.pk)
        return found.exclude(case__in=locked_cases(user))

    def to_review(self) -> Self:
        """It waits until somebody else closes the review."""
        return self.filter(reviewed_at=None)


def _watched(user: Any) -> set[Any]:
    return access.organizations_with(user, WATCH_EMERGENCIES)


class EmergencyAccess(CaseChild, EncryptedRecord):
    """Somebody who may not see a case opened it to themselves, for a while, for a reason. First it shows the
    minimum: who it is, how to reach them safely, what is dangerous. The rest takes a step of its own.
    """

    class Stage(models.TextChoices):
        MINIMUM = "minimum", _("the minimum")
        WHOLE = "whole", _("all but counselling notes")

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "case", "organization", "number", "user", "opened_at", "opened_by", "until", "reason", "stage",
            "whole_at", "whole_by", "reviewed_at", "reviewed_by", "outcome",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    case = models.ForeignKey(Case, models.PROTECT, related_name="emergencies")
    # Who reviews it may not see the case: organisation and number stand here too.
    organization = models.ForeignKey(Organization, models.PROTECT, editable=False, related_name="+")
    number = models.CharField(_("case number"), max_length=13, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("from"), default=timezone.now, editable=False)
    opened_by = models.ForeignKey(User, models.PROTECT, editable=False, related_name="+")
    until = models.DateTimeField(_("until"))
    reason = models.CharField(
        _("reason"), max_length=40, validators=[codelists.validator("emergency-access-reason")]
    )
    words = EncryptedTextField(_("what happened"), kind=DataKind.RISK, long=True)
    stage = models.CharField(
        _("what is open"), max_length=8, choices=Stage.choices, default=Stage.MINIMUM, editable=False
    )
    whole_at = models.DateTimeField(null=True, editable=False)
    whole_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    whole_words = EncryptedTextField(_("why more is needed"), kind=DataKind.RISK, long=True)
    reviewed_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    outcome = models.CharField(
        _("outcome of the review"),
        max_length=40,
        blank=True,
        validators=[codelists.validator("emergency-review-outcome")],
    )
    review_words = EncryptedTextField(_("what was found"), kind=DataKind.RISK, long=True)

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "until"], name="emergencies_of_user"),
            models.Index(fields=["organization", "opened_at"], name="emergencies_of_place"),
            models.Index(
                fields=["organization"], condition=Q(reviewed_at=None), name="emergencies_to_review"
            ),
        ]
        constraints = [
            by_somebody("retired", name="emergency_retired_by_somebody"),
            by_somebody("whole", name="emergency_whole_by_somebody"),
            by_somebody("reviewed", name="emergency_reviewed_by_somebody"),
            known("stage", ["minimum", "whole"], name="emergency_in_a_known_stage"),
            models.CheckConstraint(
                condition=Q(opened_by=F("user")), name="emergency_opened_by_who_sees_the_case"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("opened_at"))
                & Q(until__lte=F("opened_at") + timedelta(hours=EMERGENCY_HOURS)),
                name="emergency_of_hours",
            ),
            models.CheckConstraint(
                condition=Q(stage="minimum", whole_at=None) | Q(stage="whole", whole_at__isnull=False),
                name="emergency_whole_since_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("opened_by")),
                name="emergency_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, outcome="") | Q(reviewed_at__isnull=False) & ~Q(outcome=""),
                name="emergency_reviewed_with_an_outcome",
            ),
        ]

    @property
    def is_running(self) -> bool:
        return self.retired_at is None and self.opened_at <= timezone.now() < self.until

    @property
    def is_whole(self) -> bool:
        return self.stage == self.Stage.WHOLE

    @property
    def is_erased(self) -> bool:
        """The person was erased: what was said of this is read, and written, by nobody any more."""
        try:
            keyring.open_key(self.subject_key_id)
        except keyring.SubjectErased:
            return True
        return False
