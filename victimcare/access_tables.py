"""The tables of docs/access.md, made from the apps' pages of roles (`access.py`): the two cannot differ."""

from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.utils import translation

from victimcare import access
from victimcare.kinds import DataKind
from victimcare.models import Role

PAGE = Path(settings.BASE_DIR) / "docs" / "access.md"
YES, NO = "●", ""
NOTHING = access.Shown("nothing by the role alone", frozenset())


def permissions() -> str:
    """Role x permission."""
    names = sorted({name for role in Role for name in access.permissions_of(role)})
    rows = (
        [f"`{name}`", *(YES if name in access.permissions_of(role) else NO for role in Role)]
        for name in names
    )
    return _table(["permission", *(str(role.label) for role in Role)], rows)


def kinds() -> str:
    """Role or grant x kind of data."""
    by_role = [(role.value, shown) for role in Role for shown in _of_role(role)]
    others = [(who, shown) for who, shown in access.kinds_table() if who not in Role.values]
    rows = (
        [_who(who), shown.of, *(YES if kind in shown.kinds else NO for kind in DataKind)]
        for who, shown in by_role + others
    )
    return _table(["who", "of what", *(str(kind.label) for kind in DataKind)], rows)


TABLES: dict[str, Callable[[], str]] = {"permissions": permissions, "kinds": kinds}


def with_tables(text: str) -> str:
    """The page with its tables made anew, between their markers. Raises ValueError where one has no place."""
    with translation.override("en"):
        for name, table in TABLES.items():
            begin, end = f"<!-- {name}: written by `manage.py access_tables` -->", f"<!-- end of {name} -->"
            before, found, rest = text.partition(begin)
            _old, closed, after = rest.partition(end)
            if not (found and closed):
                raise ValueError(f"docs/access.md has no place for the table {name}.")
            text = f"{before}{begin}\n\n{table()}\n\n{end}{after}"
    return text


def _of_role(role: Role) -> list[access.Shown]:
    return [shown for who, shown in access.kinds_table() if who == role.value] or [NOTHING]


def _who(who: str) -> str:
    return str(Role(who).label) if who in Role.values else f"`{who}`"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
