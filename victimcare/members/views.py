"""Who works in the organisation: the list, one more, one less."""

from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from victimcare import access, actions
from victimcare.forms import Form
from victimcare.members.forms import AddMemberForm
from victimcare.members.people import ORDER, facts_of, members_for, rows_of
from victimcare.models import Membership, User
from victimcare.paging import key_page
from victimcare.step_up import StepUpMixin
from victimcare.views import FormStep, RoomMixin, visible_or_404


class Members(RoomMixin, View):
    permission = access.KEEP_MEMBERS

    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        page = key_page(members_for(user), request, by=ORDER)
        several = len(access.organizations_with(user, self.permission)) > 1
        context = {"rows": rows_of(page.rows), "several": several, **page.urls(request)}
        return render(request, "victimcare/members/list.html", context)


class MemberStep(FormStep):
    permission: ClassVar[str] = access.KEEP_MEMBERS

    @property
    def me(self) -> User:
        return cast(User, self.request.user)

    def back(self, record: Any) -> str:
        return reverse("members:list")


class MemberAdd(StepUpMixin, RoomMixin, MemberStep):
    template_name = "victimcare/members/add.html"
    submit = _("Add to the organisation")
    done = _("Added. It holds from their next page on.")

    def form(self, record: Any, data: Any = None) -> AddMemberForm:
        return AddMemberForm(data, user=self.me)

    def act(self, record: Any, form: AddMemberForm) -> str:
        actions.add_membership(**form.chosen(), by=self.me)
        return self.back(record)


class OfMember(MemberStep):
    """A colleague's is refused to who does not keep the members; a stranger's is unknown to everybody."""

    form_class = Form

    def fetch(self) -> Membership:
        found: Membership = visible_or_404(self.request, Membership, pk=self.kwargs["pk"])
        access.require(self.me, self.permission, found.organization_id)
        return found


class MemberEnd(OfMember):
    """Says in words what closes, then ends it; a second click is told that it was ended already."""

    template_name = "victimcare/members/end.html"
    submit = _("End it now")
    done = _("Ended. What was open to this person here is closed.")
    danger = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.record.ended_at is None:
            return super().get(request, *args, **kwargs)
        messages.info(request, _("This was ended already."))
        return redirect(self.back(self.record))

    def act(self, record: Membership, form: Form) -> str:
        actions.end_membership(record, by=self.me)
        return self.back(record)

    def shown(self, record: Membership) -> dict[str, Any]:
        return {"facts": facts_of(record), "works_on_cases": record.role in actions.IN_A_TEAM}
