"""Erasing a person: asked for by one, approved by another; and what forbids it."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.access import allows
from cases.models.cases import Case, CaseChild, ChildQuerySet
from victimcare import access, codelists
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import User
from victimcare.models.constraints import by_somebody, known
from victimcare.workflow import Transition, Workflow, transition


class LegalHoldQuerySet(ChildQuerySet):
    def running(self) -> Self:
        return self.current().filter(lifted_at=None)


class LegalHold(CaseChild):
    """A fact: the law wants this case kept, so nobody erases its person."""

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("case", "reason", "lifted_at", "lifted_by", "lift_reason"), ADMINISTRATIVE
    )

    case = models.ForeignKey(Case, models.PROTECT, related_name="legal_holds")
    reason = models.CharField(
        _("reason"), max_length=40, validators=[codelists.validator("legal-hold-reason")]
    )
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    lift_reason = models.CharField(
        _("reason for lifting it"),
        max_length=40,
        blank=True,
        validators=[codelists.validator("hold-lift-reason")],
    )

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(lifted_at=None), name="one_running_hold"),
            by_somebody("lifted", name="hold_lifted_by_somebody"),
        ]


class ErasureQuerySet(ChildQuerySet):
    def visible_to(self, user: Any) -> Self:
        """With the case; once the person is erased, to the supervisors of its team alone."""
        teams = access.teams_with(user, "cases.approve_erasure")
        supervised = Erasure.objects.filter(case__team__in=teams).values("pk")
        seen = Erasure.objects.filter(case__in=Case.objects.visible_to(user)).values("pk")
        return self.current().filter(pk__in=supervised.union(seen, all=True))

    def waiting(self) -> Self:
        return self.filter(status=Erasure.Status.ASKED)


class Erasure(CaseChild, Workflow):
    """The wish to erase the person of a case, and what became of it. Afterwards it is the certificate."""

    class Status(models.TextChoices):
        ASKED = "asked", _("to be approved")
        REFUSED = "refused", _("not approved")
        APPROVED = "approved", _("erased")

    TRANSITIONS: ClassVar[dict[str, Transition]] = {
        "approve": transition([Status.ASKED], Status.APPROVED, "cases.approve_erasure", "approved"),
        "refuse": transition([Status.ASKED], Status.REFUSED, "cases.approve_erasure"),
    }
    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("case", "status", "reason", "parties", "asked_at", "asked_by", "approved_at", "approved_by"),
        ADMINISTRATIVE,
    )

    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ASKED)
    reason = models.CharField(_("reason"), max_length=40, validators=[codelists.validator("erasure-reason")])
    # Records of others' cases that name this person, as the one who approves told them apart.
    parties = ArrayField(models.UUIDField(), default=list, blank=True)
    asked_at = models.DateTimeField(editable=False)
    asked_by = models.ForeignKey(User, models.PROTECT, editable=False, related_name="+")
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", ["asked", "refused", "approved"], name="erasure_in_a_known_state"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="asked"), name="one_erasure_asked"),
            by_somebody("approved", "approved", name="erasure_approved_by_somebody"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="erasure_approved_by_another",
            ),
        ]

    def permits(self, user: User, verb: str) -> bool:
        """A supervisor of the case's own team."""
        permission = self.TRANSITIONS[verb].permission
        return permission is not None and allows(user, permission, self.case)
