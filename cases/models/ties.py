"""Conflicts of interest: who must not see a case, and which provider it must not be sent to."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.cases import Case, CaseChild, ChildQuerySet
from victimcare import codelists
from victimcare.encryption.fields import EncryptedTextField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Organization, User
from victimcare.models.base import EncryptedRecord
from victimcare.models.constraints import by_somebody


class TieQuerySet(ChildQuerySet):
    def running(self) -> Self:
        return self.current().filter(lifted_at=None)


class Tie(CaseChild, EncryptedRecord):
    """A fact: somebody who works here is tied to the person of a case or to a party of it; or an organisation
    is, because the alleged perpetrator works or lives there or is served there. While it runs, all cases of
    the person are locked to that user, and nothing is sent to that organisation.

    It is visible to who sees the case, and so never to who is tied: they learn nothing from it.
    """

    OF_USERS: ClassVar[frozenset[str]] = frozenset(
        {"relative", "partner", "friend", "neighbour", "party", "alleged_perpetrator", "other"}
    )
    OF_PLACES: ClassVar[frozenset[str]] = frozenset({"staff", "client", "resident"})
    clear_fields: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("case", "user", "place", "lifted_at", "lifted_by"), ADMINISTRATIVE),
        "kind": DataKind.RISK,
    }

    case = models.ForeignKey(Case, models.PROTECT, related_name="ties")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("tie"), max_length=24, validators=[codelists.validator("tie-kind")])
    words = EncryptedTextField(_("in words"), kind=DataKind.RISK, long=True)
    lifted_at = models.DateTimeField(null=True, editable=False)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    lift_words = EncryptedTextField(_("why it is lifted"), kind=DataKind.RISK, long=True)

    objects = TieQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "subject_key"], condition=Q(lifted_at=None), name="ties_of_user"),
            models.Index(fields=["place", "subject_key"], condition=Q(lifted_at=None), name="ties_of_place"),
        ]
        constraints = [
            by_somebody("lifted", name="tie_lifted_by_somebody"),
            models.CheckConstraint(
                condition=Q(user=None, place__isnull=False) | Q(user__isnull=False, place=None),
                name="tie_of_a_user_or_a_place",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | Q(user=None) | ~Q(lifted_by=F("user")),
                name="tie_lifted_by_another",
            ),
            models.UniqueConstraint(
                fields=["case", "user"],
                condition=Q(lifted_at=None, retired_at=None),
                name="one_running_tie_of_a_user",
            ),
            models.UniqueConstraint(
                fields=["case", "place"],
                condition=Q(lifted_at=None, retired_at=None),
                name="one_running_tie_of_a_place",
            ),
        ]

    def clean(self) -> None:
        if self.kind not in (self.OF_USERS if self.place_id is None else self.OF_PLACES):
            raise ValidationError({"kind": _("Choose one of these.")})

    @property
    def kind_label(self) -> Any:
        return codelists.get("tie-kind").label(self.kind)
