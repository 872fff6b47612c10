"""The steps of the loop: each is one button or one short form, and one action."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from referrals import actions
from referrals.forms import OpenCaseForm, OutcomeForm, ReasonForm, WithdrawForm
from referrals.models import Referral
from referrals.views.base import ReferralFormStep, Step
from victimcare import access
from victimcare.forms import Form


class ReferralSend(Step):
    verb = "send"
    done = _("Sent. You see here when it is answered.")

    def act(self) -> None:
        actions.send_referral(self.referral, by=self.me)


class ReferralWithdraw(ReferralFormStep):
    verb = "withdraw"
    done = _("Withdrawn. The provider cannot read the packet any more.")
    heading = _("Withdraw the referral")
    submit = _("Withdraw referral")
    danger = True

    def form(self, record: Referral, data: Any = None) -> Form:
        return WithdrawForm(data)

    def act(self, record: Referral, form: Any) -> str:
        actions.withdraw_referral(record, by=self.me, reason=form.cleaned_data["reason"])
        return self.back(record)


class ReferralReceive(Step):
    """By a button, not by opening the page: a link that somebody sent must not say it for the provider."""

    verb = "receive"
    done = _("Receipt confirmed. The sender sees that it arrived.")

    def act(self) -> None:
        actions.receive(self.referral, by=self.me)


class ReferralAccept(Step):
    verb = "accept"
    done = _("Accepted. The sender sees it now. You can open your own case from it.")

    def act(self) -> None:
        actions.accept_referral(self.referral, by=self.me)


class ReferralDecline(ReferralFormStep):
    verb = "decline"
    done = _("Declined. The sender sees the reason and looks for another provider.")
    heading = _("Decline the referral")
    submit = _("Decline referral")
    danger = True

    def form(self, record: Referral, data: Any = None) -> Form:
        return ReasonForm(data, reasons="decline-reason")

    def act(self, record: Referral, form: Any) -> str:
        actions.decline_referral(record, by=self.me, **_given(form, "reason", "answer"))
        return self.back(record)


class ReferralWaitlist(Step):
    verb = "waitlist"
    done = _("On the waiting list. The sender sees it now.")

    def act(self) -> None:
        actions.waitlist_referral(self.referral, by=self.me)


class ReferralStart(Step):
    verb = "start"
    done = _("In progress. The sender sees it now.")

    def act(self) -> None:
        actions.start_referral(self.referral, by=self.me)


class ReferralComplete(ReferralFormStep):
    verb = "complete"
    done = _("Outcome reported. The sender sees it now.")
    heading = _("Report the outcome")
    submit = _("Report outcome")

    def form(self, record: Referral, data: Any = None) -> Form:
        return OutcomeForm(data)

    def act(self, record: Referral, form: Any) -> str:
        actions.complete_referral(record, by=self.me, **_given(form, "outcome", "answer"))
        return self.back(record)


class ReferralNotComplete(ReferralFormStep):
    verb = "not_complete"
    done = _("Reported. The sender sees it now.")
    heading = _("It could not be completed")
    submit = _("Report")
    danger = True

    def form(self, record: Referral, data: Any = None) -> Form:
        return ReasonForm(data, reasons="not-completed-reason")

    def act(self, record: Referral, form: Any) -> str:
        actions.not_complete_referral(record, by=self.me, **_given(form, "reason", "answer"))
        return self.back(record)


class ReferralOpenCase(ReferralFormStep):
    """The receiver's own case, from the packet. Whoever may report on the referral may open it."""

    done = _("Your own case is open, and given to the person whom you chose.")
    heading = _("Open your own case")
    submit = _("Open case")

    def check(self) -> None:
        access.require(self.me, "referrals.answer", self.referral.receiver_id)

    def form(self, record: Referral, data: Any = None) -> Form:
        return OpenCaseForm(data, organization=record.receiver, user=self.me)

    def act(self, record: Referral, form: Any) -> str:
        team, worker = form.chosen()
        actions.open_received_case(
            record,
            team=team,
            assign_to=worker,
            **_given(form, "enrolments", "counsels"),
            by=self.me,
        )
        return self.back(record)


def _given(form: Any, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
