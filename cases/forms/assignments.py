from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.workers import workers_of
from victimcare.forms import Form
from victimcare.models import Team, User


class AssignForm(Form):
    """Somebody of the case's team who does not work on it yet."""

    worker = forms.ChoiceField(label=_("Give the case to"))

    def __init__(self, *args: Any, case: Case, user: User, busy: set[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(one.pk): one for one in workers_of([case.team_id], user) if one.pk not in busy}
        field: Any = self.fields["worker"]
        field.choices = [("", _("Choose")), *((pk, worker.name) for pk, worker in self.workers.items())]

    def chosen(self) -> User:
        return self.workers[self.cleaned_data["worker"]]


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
