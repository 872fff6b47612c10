"""Pages of a list by key: the next page begins behind the last row, however many rows come before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest

SIZE = 50
SALT = "victimcare.page-key"


@dataclass(frozen=True, slots=True)
class Page:
    """At most SIZE rows; `next_key` is empty on the last page."""

    rows: list[Any]
    next_key: str

    def urls(self, request: HttpRequest, **asked: str) -> dict[str, str]:
        """`previous_url` (the first page) and `next_url` for the template; `asked` is put into both."""
        query = request.GET.copy()
        later = query.pop("after", None)
        for name, value in asked.items():
            query[name] = value
        first = f"{request.path}?{query.urlencode()}"
        query["after"] = self.next_key
        following = f"{request.path}?{query.urlencode()}"
        return {"previous_url": first if later else "", "next_url": following if self.next_key else ""}


def key_page(rows: QuerySet[Any], request: HttpRequest, *, by: Sequence[str], after: str = "") -> Page:
    """The page that the request asks for, or the one after this key; `by` are fields as for order_by, the
    last one unique.
    """
    behind = _read(after or request.GET.get("after", ""), by)
    if behind:
        rows = rows.filter(_from(by[0], behind[0]), _behind(by, behind))
    return page_of(list(rows.order_by(*by)[: SIZE + 1]), by)


def page_of(found: list[Any], by: Sequence[str]) -> Page:
    """Of SIZE + 1 rows, or of all, in this order."""
    shown = found[:SIZE]
    return Page(shown, _write(shown[-1], by) if len(found) > SIZE else "")


def _from(name: str, value: str) -> Q:
    """Where an index begins: of "later, or equal and" a planner does not see that by itself."""
    return Q(**{f"{name.removeprefix('-')}__{'lte' if name.startswith('-') else 'gte'}": value})


def _behind(by: Sequence[str], values: Sequence[str]) -> Q:
    """Rows after one with these values: later in the first field, or equal there and later in the rest."""
    name = by[0].removeprefix("-")
    later = Q(**{f"{name}__{'lt' if by[0].startswith('-') else 'gt'}": values[0]})
    if len(by) == 1:
        return later
    return later | Q(**{name: values[0]}) & _behind(by[1:], values[1:])


def _write(row: Any, by: Sequence[str]) -> str:
    names = (name.removeprefix("-").replace("__", ".") for name in by)
    return signing.dumps([str(attrgetter(name)(row)) for name in names], salt=_salt(by))


def _read(key: str, by: Sequence[str]) -> list[str] | None:
    """A key that nobody made here, or made for another order, begins the list anew."""
    try:
        found: list[str] = signing.loads(key, salt=_salt(by))
    except signing.BadSignature:
        return None
    return found


def _salt(by: Sequence[str]) -> str:
    return ":".join((SALT, *by))
