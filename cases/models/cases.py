"""One case = one person served (design section 5.2)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cases.access import COUNSEL, WORK, CaseGrant, allows
from cases.models.persons import Person
from cases.ties import locked_cases
from victimcare import access, codelists, numbers
from victimcare.kinds import ADMINISTRATIVE
from victimcare.models import Organization, Team, User
from victimcare.models.base import AnyOf, PersonalRecord, RecordQuerySet
from victimcare.models.constraints import by_somebody, known
from victimcare.prepared import Prepared, Uuids, among
from victimcare.workflow import Transition, Workflow, transition

T = TypeVar("T")

# Each urgency as a status kind of the design system.
URGENCY_KINDS = {"routine": "neutral", "soon": "wait", "emergency": "bad"}


def urgency_rank() -> models.Case:
    """To sort by what is most urgent, of anything that has an `urgency`: 0 is an emergency."""
    return models.Case(
        models.When(urgency="emergency", then=0),
        models.When(urgency="soon", then=1),
        default=2,
        output_field=models.IntegerField(),
    )


# Who asks, as far as it says which cases they see: the values of a prepared query (victimcare/prepared.py).
SEEN_BY: dict[str, Any] = {"user": UUID, "now": datetime, "teams": Uuids, "places": Uuids, "locked": Uuids}


def seen_by(user: Any) -> dict[str, Any]:
    """Of this user: the teams that they supervise, where they work with cases, and what is locked to them."""
    return {
        "user": user.pk,
        "now": timezone.now(),
        "teams": list(_supervised(user)),
        "places": list(_where_one_works(user)),
        "locked": list(locked_cases(user)),
    }


def opened_to(user: UUID, now: datetime) -> models.QuerySet[Any]:
    """The ids of cases opened to one user: assigned to them, or in an emergency that needs more than the
    minimum.
    """
    from cases.models.emergencies import EmergencyAccess

    emergencies = EmergencyAccess.objects.running(now).whole().filter(user_id=user).values("case_id")
    return access.granted(CaseGrant, user, WORK).union(emergencies, all=True)


def of_seen_cases(user: UUID, now: datetime, teams: Any, places: Any, locked: Any) -> Q:
    """For what hangs on cases and is listed by itself: its `case` is visible to whoever `seen_by` says. The
    list starts at the ids of these cases, found once, however many tables are joined for its lines.
    """
    of_teams = Case.objects.filter(among("team_id", teams)).values("pk")
    ids = ArraySubquery(opened_to(user, now).union(of_teams, all=True))
    seen = Q(AnyOf("case", ids), among("case__organization_id", places))
    return seen & Q(case__retired_at=None, case__erased_at=None) & ~Q(among("case_id", locked))


def _supervised(user: Any) -> set[UUID]:
    return access.teams_with(user, "cases.supervise")


def _where_one_works(user: Any) -> set[UUID]:
    return access.organizations_with(user, "cases.work")


class CaseQuerySet(RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A caseworker's own cases, by grant; a supervisor's, by team; one in an emergency, for hours, once
        it needed more than the minimum. All only where the user still works, none whose person was erased,
        and none that is locked to the user for a conflict of interest.
        """
        return self.seen(**seen_by(user))

    def seen(self, user: UUID, now: datetime, teams: Any, places: Any, locked: Any) -> Self:
        """The same, of whoever `seen_by` says."""
        mine = Q(AnyOf("pk", ArraySubquery(opened_to(user, now)))) | Q(among("team_id", teams))
        found = self.current().filter(mine, among("organization_id", places), erased_at=None)
        return found.exclude(among("pk", locked))

    def assigned_to(self, user: Any) -> Self:
        """Those of them that the user works on."""
        return self.worked_on(user.pk, list(_where_one_works(user)), list(locked_cases(user)))

    def worked_on(self, user: UUID, places: Any, locked: Any) -> Self:
        mine = AnyOf("pk", ArraySubquery(access.granted(CaseGrant, user, WORK)))
        found = self.current().filter(mine, among("organization_id", places), erased_at=None)
        return found.exclude(among("pk", locked))

    def in_emergency_of(self, user: Any) -> Self:
        """Those that the user opened in an emergency, to show the minimum of them."""
        from cases.models.emergencies import EmergencyAccess

        opened = EmergencyAccess.objects.own(user).running().values("case_id")
        return self.current().filter(
            pk__in=opened, erased_at=None, organization_id__in=_where_one_works(user)
        )

    def running(self) -> Self:
        return self.exclude(status=Case.Status.CLOSED)

    def unassigned(self) -> Self:
        """Running cases that nobody works on: the first thing that a supervisor must see."""
        busy = Assignment.objects.filter(case=OuterRef("pk"), ended_at=None)
        return self.running().filter(~Exists(busy))

    def worked_by(self, user_id: Any) -> Self:
        return self.filter(
            Exists(Assignment.objects.filter(case=OuterRef("pk"), user=user_id, ended_at=None))
        )

    def with_places(self) -> Self:
        """With their team, and the organisation that the access log names."""
        return self.select_related("organization", "team")


class Case(PersonalRecord, Workflow):
    class Status(models.TextChoices):
        INTAKE = "intake", _("intake")
        OPEN = "open", _("open")
        ON_HOLD = "on_hold", _("on hold")
        CLOSING = "closing", _("closure to be approved")
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")

    TRANSITIONS: ClassVar[dict[str, Transition]] = {
        "open": transition([Status.INTAKE], Status.OPEN, "cases.work"),
        "hold": transition([Status.OPEN, Status.REOPENED], Status.ON_HOLD, "cases.work"),
        "resume": transition([Status.ON_HOLD], Status.OPEN, "cases.work"),
        "ask_closure": transition(
            [Status.OPEN, Status.ON_HOLD, Status.REOPENED],
            Status.CLOSING,
            "cases.ask_closure",
            "closure_asked",
        ),
        "refuse_closure": transition([Status.CLOSING], Status.OPEN, "cases.approve_closure"),
        "approve_closure": transition([Status.CLOSING], Status.CLOSED, "cases.approve_closure", "closed"),
        "reopen": transition([Status.CLOSED], Status.REOPENED, "cases.work"),
        # Follows from an erasure that two people decided on.
        "erase": transition(Status, Status.CLOSED, None, "erased"),
    }
    STATUS_KINDS: ClassVar[dict[Status, str]] = {
        Status.INTAKE: "neutral",
        Status.OPEN: "info",
        Status.ON_HOLD: "stop",
        Status.CLOSING: "wait",
        Status.CLOSED: "good",
        Status.REOPENED: "info",
    }
    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "organization", "team", "person", "number", "status", "opened_on", "urgency", "closure_asked_at",
            "closure_asked_by", "closure_reason", "closed_at", "closed_by", "erased_at", "erased_by",
        ),
        ADMINISTRATIVE,
    )  # fmt: skip

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    number = models.CharField(
        _("case number"), max_length=13, unique=True, default=numbers.new_number, editable=False
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.INTAKE)
    opened_on = models.DateField(_("opened on"))
    urgency = models.CharField(
        _("urgency"), max_length=20, default="routine", validators=[codelists.validator("urgency")]
    )
    closure_asked_at = models.DateTimeField(null=True, editable=False)
    closure_asked_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    closure_reason = models.CharField(
        _("reason of the closure"),
        max_length=40,
        blank=True,
        validators=[codelists.validator("closure-reason")],
    )
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    # Its person was erased: what statistics count stays, and nobody opens the case any more.
    erased_at = models.DateTimeField(null=True, editable=False)
    erased_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        permissions = [
            (WORK, "Work on this case"),
            (COUNSEL, "Read and write this case's counselling notes"),
        ]
        indexes = [models.Index(fields=["team", "status", "-opened_on", "id"], name="cases_of_team")]
        constraints = [
            # What hangs on a case lies under its key and with its team: the target of foreign keys of three
            # columns, in the migration of the second wall.
            models.UniqueConstraint(fields=["id", "subject_key", "team"], name="case_under_its_key"),
            known(
                "status",
                ["intake", "open", "on_hold", "closing", "closed", "reopened"],
                name="case_in_a_known_state",
            ),
            by_somebody("closure_asked", name="closure_asked_by_somebody"),
            by_somebody("closed", name="case_closed_by_somebody"),
            by_somebody("erased", name="case_erased_by_somebody"),
            models.CheckConstraint(
                condition=~Q(status="closing") | Q(closure_asked_by__isnull=False),
                name="closure_waits_for_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closure_asked_by__isnull=False)
                & ~Q(closed_by=F("closure_asked_by")),
                name="closure_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def permits(self, user: User, verb: str) -> bool:
        """Some steps are for a supervisor of the case's own team."""
        permission = self.TRANSITIONS[verb].permission
        return permission is None or allows(user, permission, self)

    def read_once(self, what: str, read: Callable[[], list[T]]) -> list[T]:
        """What section and timeline both tell of: this instance, of one request, remembers it."""
        held: dict[str, list[T]] = self.__dict__.setdefault("_read_once", {})
        if what not in held:
            held[what] = read()
        return held[what]

    @cached_property
    def told_enrolments(self) -> list["Enrolment"]:
        """Its kinds of case, as a page shows them; `read_kinds` reads those of a whole list."""
        return ENROLMENTS(cases=[self.pk])

    @cached_property
    def told_assignments(self) -> list["Assignment"]:
        """Who works or worked on it, as a page shows it; `read_rows` reads those of a whole list."""
        return ASSIGNMENTS(cases=[self.pk])

    @property
    def running_enrolments(self) -> list["Enrolment"]:
        return [one for one in self.told_enrolments if one.ended_on is None]

    @cached_property
    def running_kinds(self) -> list[str]:
        """The same as codes; a query may bring them with the case."""
        return [one.kind for one in self.running_enrolments]

    @property
    def running_assignments(self) -> list["Assignment"]:
        return [one for one in self.told_assignments if one.ended_at is None]

    @property
    def status_kind(self) -> str:
        """The status kind of the design system."""
        return self.STATUS_KINDS[self.Status(self.status)]


# What a line of a list shows beside the case, by the ids of the cases.
NAMES = [f"{who}__{name}" for who in ("user", "created_by", "ended_by") for name in ("name", "username")]
ENROLMENTS = Prepared(
    lambda cases: Enrolment.objects.current().filter(among("case_id", cases)).order_by("started_on", "pk"),
    cases=Uuids,
)
ASSIGNMENTS = Prepared(
    lambda cases: (
        Assignment.objects.current()
        .filter(among("case_id", cases))
        .select_related("user", "created_by", "ended_by")
        .only("case_id", "user_id", "started_at", "ended_at", *NAMES)
        .order_by("started_at", "pk")
    ),
    cases=Uuids,
)
PERSONS = Prepared(lambda persons: Person.objects.filter(among("pk", persons)), persons=Uuids)


def read_kinds(cases: Sequence[Any]) -> None:
    """The kinds of these cases."""
    for case, found in by_case(cases, ENROLMENTS):
        case.told_enrolments = found


def read_rows(cases: Sequence[Any], *, assignments: bool = True) -> list[Any]:
    """What a line of a list shows beside the case: person, kinds of case, who works on it. Persons are not
    joined: a page shows fifty, and is chosen from all cases. A case that was closed to the user meanwhile,
    and its person with it, is left out.
    """
    read_kinds(cases)
    if assignments:
        for case, found in by_case(cases, ASSIGNMENTS):
            case.told_assignments = found
    without = [case.person_id for case in cases if not Case.person.is_cached(case)]
    persons = {person.pk: person for person in PERSONS(persons=without)} if without else {}
    for case in cases:
        if case.person_id in persons:
            case.person = persons[case.person_id]
    return [case for case in cases if Case.person.is_cached(case)]


def by_case(cases: Sequence[Any], query: Prepared) -> Iterator[tuple[Any, list[Any]]]:
    """Each case with what hangs on it, by a query that takes the ids of `cases`."""
    held: dict[UUID, list[Any]] = {case.pk: [] for case in cases}
    for row in query(cases=list(held)) if held else ():
        held[row.case_id].append(row)
    return ((case, held[case.pk]) for case in cases)


class ChildQuerySet(RecordQuerySet):
    """What hangs on a case is visible with it."""

    def visible_to(self, user: Any) -> Self:
        return self.current().filter(case__in=Case.objects.visible_to(user))

    def visible_in(self, case: Case, user: Any) -> Self:
        """What hangs on one case that this user was found to see."""
        return self.of_case(case.pk)

    def of_case(self, case: UUID) -> Self:
        """What hangs on one case, whoever sees it."""
        return self.current().filter(case=case)


class CaseChild(PersonalRecord):
    """Anything that hangs on a case; under the served person's key, also what it says of others."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="%(class)ss")

    objects = ChildQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def organization(self) -> Organization:
        return self.case.organization


class Enrolment(CaseChild):
    """A kind of case, with dates: none to many on a case (design section 5.3)."""

    class Kind(models.TextChoices):
        VICTIM = "victim", _("victim of crime or violence")
        DRUG_DEPENDENCE = "drug_dependence", _("drug dependence")
        REINTEGRATION = "reintegration", _("reintegration")

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("case", "kind", "started_on", "ended_on"), ADMINISTRATIVE
    )

    kind = models.CharField(_("kind of case"), max_length=16, choices=Kind.choices)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(ended_on=None, retired_at=None),
                name="one_running_enrolment",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="enrolment_ends_after_it_begins",
            ),
        ]


class Assignment(CaseChild):
    """A fact: this user works on this case, from then until then. The grant follows from it and goes with
    it.
    """

    clear_fields: ClassVar[dict[str, str]] = dict.fromkeys(
        ("case", "user", "counsels", "started_at", "ended_at", "ended_by"), ADMINISTRATIVE
    )

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    counsels = models.BooleanField(_("may read and write counselling notes"), default=False)
    started_at = models.DateTimeField(_("from"), auto_now_add=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=Q(ended_at=None), name="one_running_assignment"
            ),
            by_somebody("ended", name="assignment_ended_by_somebody"),
        ]

    @classmethod
    def history_of(cls, case: UUID) -> models.QuerySet[Any]:
        """The assignments of a case as history rows, oldest first. Whoever may see the case may see them."""
        history: Any = cls.history
        rows = history.filter(case_id=case).select_related("user", "history_user")
        return rows.order_by("history_date", "pk")

    @property
    def opens(self) -> frozenset[str]:
        """The grants that follow from it."""
        if self.ended_at is not None:
            return frozenset()
        return frozenset({WORK, COUNSEL}) if self.counsels else frozenset({WORK})
