"""State machines (design section 6): a table of transitions beside the states, and one way to take a step."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare import access, audit, records
from victimcare.models import Record, Step, User
from victimcare.models.logs import Action


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a workflow.

    `stamp` names the pair `<stamp>_at`, `<stamp>_by` that says who took the step and when. Without a
    `permission` the step follows from another one, and that one was checked.
    """

    sources: frozenset[str]
    target: str
    permission: str | None
    stamp: str = ""


def transition(sources: Iterable[str], target: str, permission: str | None, stamp: str = "") -> Transition:
    return Transition(frozenset(sources), target, permission, stamp)


class IllegalTransition(ValidationError):
    """The record is not in a state from which this step can be taken."""

    def __init__(self, verb: str, state: str) -> None:
        super().__init__(
            _("This was already done, or is not possible any more. Its state is now: %(state)s."),
            code="illegal_transition",
            params={"verb": verb, "state": state},
        )


class Workflow(Record):
    """A record with states.

    `acting_organization_id` is the organisation in which a verb's permission must be held. `stepped_at` says
    when it took its last step, so that no list reads the steps.
    """

    TRANSITIONS: ClassVar[dict[str, Transition]]
    status: Any
    stepped_at = models.DateTimeField(_("last step"), null=True, editable=False)

    class Meta:
        abstract = True

    def acting_organization_id(self, verb: str) -> Any:
        return self.organization_id  # type: ignore[attr-defined]  # overridden where there are two sides

    def permits(self, user: User, verb: str) -> bool:
        """The user holds the verb's permission where it must be held."""
        permission = self.TRANSITIONS[verb].permission
        return permission is None or access.can(user, permission, self.acting_organization_id(verb))

    def may(self, user: User, verb: str) -> bool:
        """The step is possible from here and the user may take it: for buttons; `advance` checks again."""
        return self.status in self.TRANSITIONS[verb].sources and self.permits(user, verb)


W = TypeVar("W", bound=Workflow)


@transaction.atomic
def advance(record: W, verb: str, *, by: User | None, reason: str = "", **values: Any) -> W:
    """Take one step: lock the row, check, set the state, say who and when. Returns the fresh record.

    `by` None: the time passed, or something else that nobody did; only for steps without a permission.
    Raises IllegalTransition, PermissionDenied, ValidationError.
    """
    rule = record.TRANSITIONS[verb]
    current = records.locked(record)
    if rule.permission is not None and (by is None or not current.permits(by, verb)):
        raise PermissionDenied
    if current.status not in rule.sources:
        raise IllegalTransition(verb, current.get_status_display())  # type: ignore[attr-defined]  # every status has choices
    source = current.status
    _apply(current, rule, by, values)
    note_step(current, verb, source=source, by=by, reason=reason)
    audit.record(Action.CHANGE, current, by=by)
    return current


def note_step(current: Workflow, verb: str, *, source: str, by: User | None, reason: str = "") -> None:
    """A line in the log of steps, also for what an action does to a record without another state. Where
    lists shall count that as a step, the action sets `stepped_at` itself.
    """
    Step.objects.create(
        by=by,
        object_label=current._meta.label,
        object_id=current.pk,
        verb=verb,
        source=source,
        target=current.status,
        reason=reason,
    )


def _apply(current: Workflow, rule: Transition, by: User | None, values: dict[str, Any]) -> None:
    if rule.stamp:
        values |= {f"{rule.stamp}_at": timezone.now(), f"{rule.stamp}_by": by}
    for name, value in values.items():
        setattr(current, name, value)
    current.status = rule.target
    current.stepped_at = timezone.now()
    current.revision += 1
    current.written_by = by
    records.store(current)
