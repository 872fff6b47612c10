"""What the pages of a case share."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from cases import emergencies
from cases.access import require
from cases.models import Case, EmergencyAccess
from victimcare import acting
from victimcare.models import User
from victimcare.views import found_or_404


class SignedInView(View):
    """`self.me` is the user; login is required before any view is reached."""

    @property
    def me(self) -> User:
        return cast(User, self.request.user)


class CaseView(SignedInView):
    """A page of one case: `self.case` is visible to the user, else 404. Without `permission` for it,
    403. What it shows is read within that case; what it does may need others, as of another team.
    """

    permission = "cases.work"
    case: Case

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.case_id: UUID = kwargs["pk"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with acting.within(self.case_id if request.method == "GET" else None):
            self.case = found_or_404(request, Case, self.found())
            require(self.me, self.permission, self.case)
            emergencies.remember(request, self.emergency())
            return super().dispatch(request, *args, **kwargs)

    def found(self) -> Case | None:
        """As visible to the user. A page may read more of the case with it."""
        found: Case | None = Case.objects.visible_to(self.me).filter(pk=self.case_id).first()
        return found

    def emergency(self) -> EmergencyAccess | None:
        """By which the user came here, if by one; who works on the case by now came by none."""
        return emergencies.came_by(self.case_id, self.me)

    @property
    def case_url(self) -> str:
        return reverse("cases:case", args=[self.case_id])


class ButtonView(CaseView):
    """A button posts here. Who comes by the address, as after signing in again, is led back to it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        messages.info(request, _("Nothing was changed yet. Press the button again."))
        return redirect(self.back_url)

    @property
    def back_url(self) -> str:
        """The page that has the button."""
        return self.case_url
