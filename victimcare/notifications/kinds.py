"""What people are told of: each app registers its kinds, and says of which records they tell."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

if TYPE_CHECKING:
    from victimcare.models import Notification

# The records that a user may see now, as `Case.objects.visible_to` gives them.
Sees = Callable[[Any], QuerySet[Any]]
# Which of these records a user may see now: the same, by a query that is written once.
SeenAmong = Callable[[Any, Collection[UUID]], Iterable[UUID]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`sees`: the records of which this kind tells; whoever may not see one is told nothing of it. With
    `seen_among` they are asked for on every page of somebody to whom it told something new.
    `permission`: who is asked how they want to hear of it; without one everybody. `fixed`: nobody is asked,
    since nobody may silence it.
    """

    name: str
    label: str | Promise
    at_once: bool = True
    sees: Sees | None = None
    permission: str = ""
    fixed: bool = False
    seen_among: SeenAmong | None = None

    def seen_by(self, user: Any, ids: Collection[UUID]) -> Iterable[UUID]:
        """Which of the records of these ids the user may see now; none of a kind that tells of none."""
        if self.seen_among:
            return self.seen_among(user, ids)
        return self.sees(user).filter(pk__in=ids).values_list("pk", flat=True) if self.sees else ()


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    label: str | Promise,
    at_once: bool = True,
    *,
    sees: Sees | None = None,
    permission: str = "",
    fixed: bool = False,
    seen_among: SeenAmong | None = None,
) -> Kind:
    """`at_once`: mailed as it happens, else with the digest; each user may choose otherwise,
    unless it is `fixed`.
    """
    _kinds[kind] = Kind(kind, label, at_once, sees, permission, fixed, seen_among)
    return _kinds[kind]


def named(kind: Kind | str) -> Kind:
    """Raises KeyError for a kind that no app registered."""
    return kind if isinstance(kind, Kind) else _kinds[kind]


def all_kinds() -> list[Kind]:
    return list(_kinds.values())


def open_to(user: Any) -> Q:
    """Notifications of kinds that tell of no record, and of records that the user may see now."""
    condition = Q(kind__in=[name for name, kind in _kinds.items() if kind.sees is None])
    for sees, names in _by_records().items():
        condition |= Q(kind__in=names) & Q(Exists(sees(user).filter(pk=OuterRef("record_id"))))
    return condition


def still_open(found: Sequence["Notification"], user: Any) -> list["Notification"]:
    """The same of rows that were read: one question for each kind of record that they tell of. For lists: in
    a statement over all of somebody's notifications, it would ask for all records that they may see.
    """
    seen: set[tuple[str, Any]] = set()
    for names in _by_records().values():
        told = {one.record_id for one in found if one.record_id and one.kind in names}
        open_now = set(named(names[0]).seen_by(user, told)) if told else set()
        seen |= {(name, pk) for name in names for pk in open_now}
    return [one for one in found if named(one.kind).sees is None or (one.kind, one.record_id) in seen]


def _by_records() -> dict[Sees, list[str]]:
    """Kinds that tell of the same records, so that these are asked for once."""
    found: dict[Sees, list[str]] = {}
    for name, kind in _kinds.items():
        if kind.sees is not None:
            found.setdefault(kind.sees, []).append(name)
    return found
