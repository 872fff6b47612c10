"""What the case page shows: each part of the product registers its own section in `apps.py`, referrals
too.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from cases.models import Case
from victimcare.kinds import DataKind
from victimcare.models import User

Context = Callable[[Case, User], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Section:
    """`context(case, user)` gives what the template sees as `shown`; None leaves the section out.

    `kinds` are the kinds of data that it shows where it has rows: they go into the access log with the
    page. A section whose rows differ says `shown["kinds"]` itself. `add` is the link to `shown["add_url"]`.
    `empty` says in words that there are no `shown["rows"]`.
    """

    template: str
    context: Context
    order: int
    title: str | Promise
    kinds: frozenset[DataKind]
    add: str | Promise
    empty: str | Promise

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"section-{self.order}"


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its content, for the template."""

    section: Section
    shown: dict[str, Any]

    @property
    def kinds(self) -> frozenset[DataKind]:
        """What was really shown."""
        if self.is_empty:
            return frozenset()
        return frozenset(self.shown.get("kinds", self.section.kinds))

    @property
    def is_empty(self) -> bool:
        """Shown in one line with the other empty ones, not as a card of its own."""
        return bool(self.section.empty) and not self.shown["rows"]


_sections: list[Section] = []


def add_section(
    template: str,
    context: Context,
    *,
    order: int,
    title: str | Promise,
    kinds: Iterable[DataKind] = (),
    add: str | Promise = "",
    empty: str | Promise = "",
) -> None:
    """`template` shows the inside of a card; the page makes the card and its heading from `title`."""
    _sections.append(Section(template, context, order, title, frozenset(kinds), add, empty))


def sections_for(case: Case, user: User) -> list[ShownSection]:
    filled = ((section, section.context(case, user)) for section in sorted(_sections, key=lambda s: s.order))
    return [ShownSection(section, shown) for section, shown in filled if shown is not None]
