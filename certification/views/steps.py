"""What the pages of this app share."""

from typing import cast

from django.http import HttpRequest

from victimcare.models import User
from victimcare.views import FormStep


def signed_in(request: HttpRequest) -> User:
    """Who asks. Nobody else gets here: every page of this app asks for a login."""
    return cast(User, request.user)


__all__ = ["FormStep", "signed_in"]
