"""A list and a search leave a line about each case that they showed: a person may ask who saw their case."""

from collections.abc import Sequence

from cases.models import Case
from victimcare import audit
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.models.logs import Action


def shown(action: Action, cases: Sequence[Case], *, by: User) -> None:
    """One line a case, in one statement; where nothing was found, one line that says so. The cases were read
    `with_places()`.
    """
    if cases:
        audit.record_many(action, cases, by=by, kinds=[DataKind.IDENTITY])
    else:
        audit.record(action, Case, by=by, kinds=[DataKind.IDENTITY], rows=0)


def numbered(cases: Sequence[Case], *, by: User) -> None:
    """A list showed that these cases exist, and how they stand: no name."""
    audit.record_many(Action.LIST, cases, by=by, kinds=[])


def hinted(cases: Sequence[Case], *, by: User) -> None:
    """A search told somebody that these cases may exist, and nothing of them: their owners can see it."""
    audit.record_many(Action.SEARCH, cases, by=by, kinds=[])
