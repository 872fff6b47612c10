"""What the pages of the loop share."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import View

from referrals import reads
from referrals.models import Referral
from victimcare import audit
from victimcare.models import User
from victimcare.models.logs import Action
from victimcare.views import FormStep, found_or_404, say_errors


class SignedInView(View):
    """`self.me` is the user; login is required before any view is reached."""

    @property
    def me(self) -> User:
        return cast(User, self.request.user)


class ReferralView(SignedInView):
    """A page of one referral: visible to the user, else 404."""

    referral: Referral

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.referral = found_or_404(request, Referral, reads.referral_seen(kwargs["pk"], self.me))
        self.check()
        return super().dispatch(request, *args, **kwargs)

    def check(self) -> None:
        """Raises PermissionDenied: visible, but not to be done by this user."""

    @cached_property
    def cases_seen(self) -> set[UUID]:
        return reads.cases_seen(self.referral, self.me)

    @property
    def sees_case(self) -> bool:
        """The sender's side: to work in the sending organisation, without the case, is not enough."""
        return self.referral.case_id in self.cases_seen

    @property
    def url(self) -> str:
        return reverse("referrals:referral", args=[self.referral.pk])


class StepView(ReferralView):
    """One step of the loop, for those of its side who may take it."""

    verb: ClassVar[str]

    def check(self) -> None:
        if self.verb not in Referral.RECEIVERS_VERBS and not self.sees_case:
            raise PermissionDenied
        if not self.referral.permits(self.me, self.verb):
            raise PermissionDenied


class Step(StepView):
    """By a button that posts. A refusal is said on the referral's page."""

    done: ClassVar[Any]  # lazy text

    def act(self) -> None:
        """The one action. Raises ValidationError."""
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        try:
            self.act()
        except ValidationError as error:
            say_errors(request, error)
        else:
            messages.success(request, self.done)
        return redirect(self.url)


class ReferralFormStep(StepView, FormStep):
    """By a form that asks for something first: a reason, an outcome."""

    template_name = "referrals/step.html"
    heading: ClassVar[Any]

    def fetch(self) -> Referral:
        return self.referral

    def back(self, record: Referral) -> str:
        return self.url

    def shown(self, record: Referral) -> dict[str, Any]:
        audit.record(Action.READ, record, by=self.me, kinds=())
        return {"heading": self.heading, "number": record.number}
