"""What stands around the page of somebody who is signed in: menu, notifications, account. Jinja writes it,
from words that are looked up once a language: it is on every page, most of it twice.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language, get_language_info, gettext

from victimcare import access, navigation
from victimcare.models import User


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works, and as what."""

    name: str
    role: str


class Shell:
    """Of one request. What a page does not show is not asked for."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self.request, self.user = request, user
        self.language = get_language() or settings.LANGUAGE_CODE

    @cached_property
    def menu(self) -> list[Link]:
        """The entry that the page lies under is the one with the longest address that fits."""
        entries = [(str(one.label), one.url) for one in navigation.menu_for(self.user)]
        fitting = (url for _label, url in entries if self.request.path.startswith(url))
        current = max(fitting, key=len, default="")
        return [Link(label, url, url == current) for label, url in entries]

    @cached_property
    def unread(self) -> str:
        from victimcare.notifications import listing  # its kinds are registered by apps, as the menu is

        return listing.unread_words(self.user)

    @cached_property
    def places(self) -> list[Place]:
        """Where and as what the user works today."""
        return [
            Place(
                ", ".join(one.name for one in (place.organization, place.team) if one),
                str(place.get_role_display()),
            )
            for place in access.memberships(self.user)
        ]

    @property
    def name(self) -> str:
        return self.user.name or self.user.username

    @property
    def words(self) -> dict[str, str]:
        return _words(self.language)

    @property
    def urls(self) -> dict[str, str]:
        return _urls(get_script_prefix())

    @property
    def languages(self) -> list[tuple[str, str]]:
        return languages()


@lru_cache(maxsize=1)
def languages() -> list[tuple[str, str]]:
    """Code and own name of each."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


@lru_cache
def _words(_language: str) -> dict[str, str]:
    return {
        "main": gettext("Main"),
        "menu": gettext("Menu"),
        "notifications": gettext("Notifications"),
        "new": gettext("new"),
        "second_step": gettext("Second sign-in step"),
        "password": gettext("Change password"),
        "sessions": gettext("Where you are signed in"),
        "sign_out": gettext("Sign out"),
        "language": gettext("Language"),
        "change": gettext("Change"),
    }


@lru_cache
def _urls(_prefix: str) -> dict[str, str]:
    names = {
        "notifications": "notifications:list",
        "second_step": "mfa_index",
        "password": "account_change_password",
        "sessions": "sessions",
        "sign_out": "account_logout",
        "language": "language",
    }
    return {key: reverse(name) for key, name in names.items()}


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: `shell`, and the `banner` that a view put on its request."""
    user: Any = getattr(request, "user", None) or AnonymousUser()
    return {"shell": Shell(request, user), "banner": getattr(request, "banner", None)}
