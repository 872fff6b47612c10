"""A list leaves a line about each person of whom it showed something. What institutions hold is public."""

from collections.abc import Iterable, Sequence

from certification.models import Application, Certificate, Credential
from victimcare import audit
from victimcare.kinds import DataKind
from victimcare.models import User
from victimcare.models.logs import Action


def listed(applications: Sequence[Application], *, by: User) -> None:
    """A list with the names of who applies; an institution's name is nobody's identity."""
    persons = [one for one in applications if one.practitioner_id]
    rest = [one for one in applications if not one.practitioner_id]
    audit.record_many(Action.LIST, persons, by=by, kinds=[DataKind.IDENTITY])
    audit.record_many(Action.LIST, rest, by=by, kinds=[])


def numbered(shown: Iterable[Application | Credential], *, by: User) -> None:
    """A list with numbers and states, without a name; certificates were read `with_names()`."""
    persons = [one for one in shown if isinstance(one, Application | Certificate)]
    audit.record_many(Action.LIST, persons, by=by, kinds=[])
