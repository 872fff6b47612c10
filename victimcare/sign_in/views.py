"""One's own account: sign out, one's sessions, and the link by which somebody new comes in."""

from typing import Any, cast
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import LogoutView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from victimcare.models import Session, User
from victimcare.sign_in import actions, listed
from victimcare.sign_in.password_forms import NewPasswordForm
from victimcare.views import CLEAR_SITE_DATA


class SignOut(LogoutView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = CLEAR_SITE_DATA
        return response


class Sessions(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        rows = listed.rows(Session.objects.visible_to(user), request)
        return render(request, "victimcare/sign_in/sessions.html", {"rows": rows})


class SessionEnd(View):
    """Button: one of one's own. What is not is not there, as if it had ended."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return redirect("sessions")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        actions.end_session(pk, by=cast(User, request.user))
        messages.success(request, _("Ended. That browser is signed out."))
        return redirect("sessions")


class SessionsEndOthers(View):
    """Button: all but this one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("sessions")

    def post(self, request: HttpRequest) -> HttpResponse:
        actions.end_other_sessions(request.session.session_key or "", by=cast(User, request.user))
        messages.success(request, _("Ended. All other browsers are signed out."))
        return redirect("sessions")


@method_decorator([login_not_required, sensitive_post_parameters("password1", "password2")], name="dispatch")
class InvitationAccept(View):
    """Sets the password of somebody new, and leads them on to their second factor. Nobody is signed in yet,
    or somebody else is: who holds the link is who it was made for.
    """

    def dispatch(self, request: HttpRequest, token: str) -> Any:
        found = actions.invited(token)
        if found is None:
            raise Http404
        if not actions.is_open(found) or found.user.has_usable_password():
            return self.over()
        self.invitation = found
        return super().dispatch(request, token)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(NewPasswordForm(user=self.invitation.user))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = NewPasswordForm(request.POST, user=self.invitation.user)
        if not form.is_valid():
            return self.page(form)
        try:
            user = actions.accept_invitation(self.invitation, form.cleaned_data["password1"])
        except actions.LinkOver:
            return self.over()
        request.session.flush()
        record_authentication(request, user, "password")
        return cast(HttpResponse, perform_login(request, user, redirect_url="/"))

    def page(self, form: NewPasswordForm) -> HttpResponse:
        context = {"form": form, "username": self.invitation.user.username}
        return render(self.request, "victimcare/sign_in/invitation.html", context)

    def over(self) -> HttpResponse:
        return render(self.request, "victimcare/sign_in/invitation_over.html", status=410)
