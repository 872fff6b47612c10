"""What search keeps of persons beside their records, and what one organisation asks another."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.cases import Case
from cases.models.persons import Person
from victimcare import access
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import Organization
from victimcare.models.base import Derived, Record, RecordQuerySet
from victimcare.models.constraints import by_somebody, known


class PersonTokens(Derived):
    """Short keyed tokens of one person: found by search before create, readable by nobody.

    Only high-entropy values have one (identity number, telephone, e-mail, name with birth year), under a key
    of the organisation's own: a dump cannot be counted through, nor matched with another organisation's
    (docs/adr/0008-search.md).
    """

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="tokens")
    # Words of five letters: smaller than an array of them.
    tokens = models.TextField()

    class Meta:
        indexes = [
            # Of how they begin: an index of whole tokens has an entry for nearly each, and is twice as large.
            # What is new waits in a short list: opening a case seeks no dozen places in the index.
            GinIndex(
                models.Func("tokens", function="app.token_beginnings"),
                name="people_of_token",
                fastupdate=True,
                gin_pending_list_limit=64,  # kB
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class NameCard(Derived):
    """What search compares of one person, in one blob under a key of the organisation's (cases/cards.py)."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="name_card")
    # No index of its own: it is asked for by person.
    subject_key = models.ForeignKey("victimcare.SubjectKey", models.PROTECT, related_name="+", db_index=False)
    # Sealed and opened by cases/cards.py, fifty thousand at a time: a field of a record is too slow for it.
    card = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class RequestQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """For who supervises the team that holds the case. Who asked reads the state of it, and no row."""
        supervised = access.teams_with(user, "cases.supervise")
        return self.current().filter(case__team__in=supervised, case__erased_at=None)

    def waiting(self) -> Self:
        return self.filter(status="asked").order_by("created_at", "pk")


class RecordRequest(Record):
    """Somebody of another organisation of the state asks the owner about a person whom both may know.

    It holds nothing of what was searched for. Who asked is never told whose case it is, unless the owner
    says that they will get in touch.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("waits for an answer")
        CONTACT = "contact", _("we get in touch")
        DECLINED = "declined", _("no")

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("asking", "organization", "case", "status", "answered_at", "answered_by"), ADMINISTRATIVE
    )

    # What was asked for with one search: several may hold a record, and who asks learns not how many.
    asking = models.UUIDField(editable=False)
    # Of who asks.
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    status = models.CharField(_("answer"), max_length=8, choices=Status.choices, default=Status.ASKED)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        "victimcare.User", models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "created_by"],
                condition=models.Q(status="asked", retired_at=None),
                name="one_request_at_a_time",
            ),
            by_somebody("answered", "contact", "declined", name="record_request_answered_by_somebody"),
            known("status", ("asked", "contact", "declined"), name="record_request_status_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
