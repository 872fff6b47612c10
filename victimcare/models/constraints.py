"""States that cannot be, in the words of the database."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q


def by_somebody(stamp: str, *states: str, name: str) -> models.CheckConstraint:
    """`<stamp>_at` and `<stamp>_by` are both there or neither is; in `states` both are."""
    both = Q(**{f"{stamp}_at__isnull": False, f"{stamp}_by__isnull": False})
    neither = Q(**{f"{stamp}_at": None, f"{stamp}_by": None})
    if states:
        neither &= ~Q(status__in=states)
    return models.CheckConstraint(condition=neither | both, name=name)


def known(field: str, values: Iterable[str], *, name: str) -> models.CheckConstraint:
    """A code of its list, whoever writes it: Django checks choices in forms only."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(values)}), name=name)
