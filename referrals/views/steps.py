"""The steps of the loop: each is one button or one short form, and one action."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from referrals import actions
from referrals.forms import OpenCaseForm, OutcomeForm, ReasonForm, WithdrawForm
from referrals.views.base import FormStep, Step
from victimcare.forms import Form


class ReferralSend(Step):
    verb = "send"
    said = _("Sent. You see here when it is answered.")

    def take(self, form: Any = None) -> None:
        actions.send_referral(self.referral, by=self.me)


class ReferralWithdraw(FormStep):
    verb = "withdraw"
    said = _("Withdrawn. The provider cannot read the packet any more.")
    heading = _("Withdraw the referral")
    submit = _("Withdraw referral")
    danger = True

    def form(self, data: Any = None) -> Form:
        return WithdrawForm(data)

    def take(self, form: Any = None) -> None:
        actions.withdraw_referral(self.referral, by=self.me, reason=form.cleaned_data["reason"])


class ReferralAccept(Step):
    verb = "accept"
    said = _("Accepted. The sender sees it now. You can open your own case from it.")

    def take(self, form: Any = None) -> None:
        actions.accept_referral(self.referral, by=self.me)


class ReferralDecline(FormStep):
    verb = "decline"
    said = _("Declined. The sender sees the reason and looks for another provider.")
    heading = _("Decline the referral")
    submit = _("Decline referral")
    danger = True

    def form(self, data: Any = None) -> Form:
        return ReasonForm(data, reasons="decline-reason")

    def take(self, form: Any = None) -> None:
        actions.decline_referral(self.referral, by=self.me, **_given(form, "reason", "answer"))


class ReferralWaitlist(Step):
    verb = "waitlist"
    said = _("On the waiting list. The sender sees it now.")

    def take(self, form: Any = None) -> None:
        actions.waitlist_referral(self.referral, by=self.me)


class ReferralStart(Step):
    verb = "start"
    said = _("In progress. The sender sees it now.")

    def take(self, form: Any = None) -> None:
        actions.start_referral(self.referral, by=self.me)


class ReferralComplete(FormStep):
    verb = "complete"
    said = _("Outcome reported. The sender sees it now.")
    heading = _("Report the outcome")
    submit = _("Report outcome")

    def form(self, data: Any = None) -> Form:
        return OutcomeForm(data)

    def take(self, form: Any = None) -> None:
        actions.complete_referral(self.referral, by=self.me, **_given(form, "outcome", "answer"))


class ReferralNotComplete(FormStep):
    verb = "not_complete"
    said = _("Reported. The sender sees it now.")
    heading = _("It could not be completed")
    submit = _("Report")
    danger = True

    def form(self, data: Any = None) -> Form:
        return ReasonForm(data, reasons="not-completed-reason")

    def take(self, form: Any = None) -> None:
        actions.not_complete_referral(self.referral, by=self.me, **_given(form, "reason", "answer"))


class ReferralOpenCase(FormStep):
    """The receiver's own case, from the packet. Whoever may report on the referral may open it."""

    verb = "start"
    said = _("Your own case is open, and given to the person whom you chose.")
    heading = _("Open your own case")
    submit = _("Open case")

    def form(self, data: Any = None) -> Form:
        return OpenCaseForm(data, organization=self.referral.receiver, user=self.me)

    def take(self, form: Any = None) -> None:
        team, worker = form.chosen()
        actions.open_received_case(
            self.referral,
            team=team,
            assign_to=worker,
            enrolments=form.cleaned_data["enrolments"],
            by=self.me,
        )


def _given(form: Any, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
