"""Home and menu live here and know no app: each app registers its entries and panels in its `apps.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from victimcare import access
from victimcare.models import User


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu, shown to those who hold `permission`; `order` sorts."""

    label: str | Promise
    url_name: str
    permission: str
    order: int

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the home page: `context(user)` gives what its template shows, or None for nothing."""

    template: str
    permission: str
    context: Callable[[User], dict[str, Any] | None]
    order: int


@dataclass(slots=True)
class _Registry:
    menu: list[MenuEntry] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)


_registry = _Registry()


def add_menu(label: str | Promise, url_name: str, *, permission: str, order: int) -> None:
    _registry.menu.append(MenuEntry(label, url_name, permission, order))


def add_panel(
    template: str, context: Callable[[User], dict[str, Any] | None], *, permission: str, order: int
) -> None:
    _registry.panels.append(Panel(template, permission, context, order))


def menu_for(user: User) -> list[MenuEntry]:
    return sorted((e for e in _registry.menu if access.has(user, e.permission)), key=lambda e: e.order)


def panels_for(user: User) -> list[tuple[str, dict[str, Any]]]:
    """(template, context) of each panel that has something to show to this user."""
    allowed = sorted((p for p in _registry.panels if access.has(user, p.permission)), key=lambda p: p.order)
    filled = ((panel.template, panel.context(user)) for panel in allowed)
    return [(template, shown) for template, shown in filled if shown is not None]
