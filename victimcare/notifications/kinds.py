"""What people are told of: each app registers its kinds, and says of which records they tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

# The records that a user may see now, as `Case.objects.visible_to` gives them.
Sees = Callable[[Any], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`sees`: the records of which this kind tells; whoever may not see one is told nothing of it.
    `permission`: who is asked how they want to hear of it; without one everybody.
    """

    name: str
    label: str | Promise
    at_once: bool = True
    sees: Sees | None = None
    permission: str = ""


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    label: str | Promise,
    at_once: bool = True,
    *,
    sees: Sees | None = None,
    permission: str = "",
) -> Kind:
    """`at_once`: mailed as it happens, else with the digest; each user may choose otherwise."""
    _kinds[kind] = Kind(kind, label, at_once, sees, permission)
    return _kinds[kind]


def named(kind: Kind | str) -> Kind:
    """Raises KeyError for a kind that no app registered."""
    return kind if isinstance(kind, Kind) else _kinds[kind]


def all_kinds() -> list[Kind]:
    return list(_kinds.values())


def open_to(user: Any) -> Q:
    """Notifications of kinds that tell of no record, and of records that the user may see now."""
    condition = Q(kind__in=[name for name, kind in _kinds.items() if kind.sees is None])
    for kind in _kinds.values():
        if kind.sees is not None:
            seen = kind.sees(user).filter(pk=OuterRef("record_id"))
            condition |= Q(kind=kind.name) & Q(Exists(seen))
    return condition
