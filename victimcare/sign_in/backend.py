"""Who a session says is signed in: asked for by every request."""

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend

from victimcare.models import User
from victimcare.prepared import Prepared
from victimcare.sign_in.sessions import read_with

USER = Prepared(lambda user: User.objects.filter(pk=user), user=UUID)


class Backend(AuthenticationBackend):
    def get_user(self, user_id: UUID) -> Any:
        user = read_with.get()
        read_with.set(None)
        if user is None or user.pk != user_id:
            user = USER.first(user=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
