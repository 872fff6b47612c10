"""The second step of signing in."""

from typing import Any

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from victimcare.sign_in import entries


class SecondStep(AuthenticateStage):
    """Passed over by who gave a right code together with the password: a code is good once."""

    def handle(self) -> Any:
        if self._should_handle(self.request):
            entries.came_halfway(self.login.user)
        return super().handle()

    def _should_handle(self, request: HttpRequest) -> bool:
        is_shown = getattr(self.login.user, "shown_factor", None) is not None
        return not is_shown and super()._should_handle(request)
