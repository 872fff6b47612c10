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

    `kinds` are the kinds of data that it shows: they go into the access log with the page.
    """

    template: str
    context: Context
    order: int
    title: str | Promise
    kinds: frozenset[DataKind]


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its content, for the template. `anchor` is its id on the page."""

    template: str
    title: str | Promise
    anchor: str
    shown: dict[str, Any]
    kinds: frozenset[DataKind]


_sections: list[Section] = []


def add_section(
    template: str, context: Context, *, order: int, title: str | Promise, kinds: Iterable[DataKind] = ()
) -> None:
    """`template` shows the inside of a card; the page makes the card and its heading from `title`."""
    _sections.append(Section(template, context, order, title, frozenset(kinds)))


def sections_for(case: Case, user: User) -> list[ShownSection]:
    filled = ((section, section.context(case, user)) for section in sorted(_sections, key=lambda s: s.order))
    return [
        ShownSection(section.template, section.title, f"section-{section.order}", shown, section.kinds)
        for section, shown in filled
        if shown is not None
    ]
