"""Somebody new is invited; the account of somebody who works there is disabled, enabled, or loses its second
factor.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from victimcare.forms import Form
from victimcare.members.forms import InviteForm
from victimcare.members.people import account_of, facts_of
from victimcare.members.views import MemberStep, OfMember
from victimcare.models import Membership
from victimcare.sign_in import actions
from victimcare.step_up import StepUpMixin
from victimcare.views import RoomMixin, add_errors, say_errors


class MemberInvite(StepUpMixin, RoomMixin, MemberStep):
    """The link is shown once, on the page that answers: there is no going back to it."""

    template_name = "victimcare/members/invite.html"
    submit = _("Invite")

    def form(self, record: Any, data: Any = None) -> InviteForm:
        return InviteForm(data, user=self.me)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(None, request.POST)
        if not form.is_valid():
            return self.page(None, form)
        try:
            link = actions.invite(**form.chosen(), at=_address(request), by=self.me)
        except ValidationError as error:
            add_errors(form, error)
            return self.page(None, form)
        return _shown_once(request, link)


class OfAccount(OfMember):
    """Of somebody who works there now."""

    def fetch(self) -> Membership:
        found = super().fetch()
        if found.ended_at is not None:
            raise Http404
        return found


class MemberAccount(OfAccount):
    """What an administrator may do to the account of somebody who works there."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return render(request, "victimcare/members/account.html", account_of(self.record, self.me))


class AccountStep(OfAccount):
    """Asks first; leads back to the account's page."""

    def back(self, record: Membership) -> str:
        return reverse("members:account", args=[record.pk])

    def shown(self, record: Membership) -> dict[str, Any]:
        return {"facts": facts_of(record)}


class AccountDisable(AccountStep):
    template_name = "victimcare/members/disable.html"
    submit = _("Disable the account")
    done = _("Disabled. This person is signed out everywhere.")
    danger = True

    def act(self, record: Membership, form: Form) -> str:
        actions.disable_account(record.user, by=self.me)
        return self.back(record)


class AccountEnable(StepUpMixin, AccountStep):
    template_name = "victimcare/members/enable.html"
    submit = _("Enable the account")
    done = _("Enabled. This person can sign in again.")

    def act(self, record: Membership, form: Form) -> str:
        actions.enable_account(record.user, by=self.me)
        return self.back(record)


class FactorReset(StepUpMixin, AccountStep):
    template_name = "victimcare/members/reset_factor.html"
    submit = _("Take it away")
    done = _("Taken away. At the next sign-in this person sets up another.")
    danger = True

    def act(self, record: Membership, form: Form) -> str:
        actions.reset_factor(record.user, by=self.me)
        return self.back(record)


class InviteAgain(StepUpMixin, AccountStep):
    template_name = "victimcare/members/invite_again.html"
    submit = _("Make another link")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = self.record
        try:
            link = actions.invite_again(one.user, one.organization, at=_address(request), by=self.me)
        except ValidationError as error:
            say_errors(request, error)
            return redirect(self.back(one))
        return _shown_once(request, link)


class InvitationWithdraw(AccountStep):
    template_name = "victimcare/members/withdraw.html"
    submit = _("Withdraw the link")
    done = _("Withdrawn. The link opens nothing any more.")
    danger = True

    def act(self, record: Membership, form: Form) -> str:
        actions.withdraw_invitations(record.user, record.organization, by=self.me)
        return self.back(record)


def _address(request: HttpRequest) -> actions.Address:
    return lambda token: request.build_absolute_uri(reverse("invitation", args=[token]))


def _shown_once(request: HttpRequest, link: str) -> HttpResponse:
    return render(request, "victimcare/members/invited.html", {"link": link})
