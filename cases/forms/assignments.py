from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.workers import workers_of
from victimcare.forms import Form
from victimcare.models import Team, User

COUNSELS = _("May read and write counselling notes")


class AssignForm(Form):
    """Somebody of the case's team. Who works on it already is given it again, to change whether they
    counsel.
    """

    worker = forms.ChoiceField(label=_("Give the case to"))
    counsels = forms.BooleanField(
        label=COUNSELS,
        required=False,
        help_text=_(
            "Only for who counsels the person. To change it later, give the case again to the same worker."
        ),
    )

    def __init__(self, *args: Any, case: Case, user: User, busy: set[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(one.pk): one for one in workers_of([case.team_id], user)}
        field: Any = self.fields["worker"]
        named = ((pk, _named(one, busy=one.pk in busy)) for pk, one in self.workers.items())
        field.choices = [("", _("Choose")), *named]

    def chosen(self) -> User:
        return self.workers[self.cleaned_data["worker"]]


def _named(worker: User, *, busy: bool) -> str:
    return gettext("%(worker)s (works on it)") % {"worker": worker.name} if busy else worker.name


class TeamField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class MoveForm(Form):
    """Another team of the case's organisation."""

    team = TeamField(label=_("Give the case to another team"), queryset=None, empty_label=_("Choose"))

    def __init__(self, *args: Any, case: Case, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.visible_to(user).current().filter(organization=case.organization_id)
        field: Any = self.fields["team"]
        field.queryset = teams.exclude(pk=case.team_id).order_by("name", "pk")
