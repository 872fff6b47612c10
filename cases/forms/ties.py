"""Conflicts of interest: of oneself, of a colleague, of a provider."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.coded import CHOOSE
from cases.forms.emergencies import LONGEST
from cases.models import Case, Tie
from victimcare import codelists
from victimcare.forms import Form, NewRecordMixin
from victimcare.models import Membership, Organization, User


class TieForm(NewRecordMixin, Form):
    """Which tie, and what to know of it."""

    kinds = Tie.OF_USERS
    kind = forms.ChoiceField(label=_("Which tie?"))
    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=LONGEST,
        help_text=_("Only what a supervisor must know to understand it."),
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        offered = (one for one in codelists.get("tie-kind").choices() if one[0] in self.kinds)
        kind.choices = [CHOOSE, *offered]

    def values(self) -> dict[str, Any]:
        """For the action."""
        return {name: self.cleaned_data[name] for name in ("kind", "words", "record_id")}


class TieRecordForm(TieForm):
    """Of somebody who works in the case's organisation."""

    user = forms.ChoiceField(label=_("Who is tied?"))
    field_order = ("user", "kind", "words")

    def __init__(self, *args: Any, case: Case, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Membership.objects.visible_to(by).active().filter(organization=case.organization_id)
        people = {one.user for one in found.select_related("user")} - {by}
        self.people = {str(one.pk): one for one in people}
        named = sorted(self.people.values(), key=lambda one: (one.name, one.pk))
        user: Any = self.fields["user"]
        user.choices = [CHOOSE, *((str(one.pk), one.name) for one in named)]

    def chosen(self) -> User:
        return self.people[self.cleaned_data["user"]]


class TiePlaceForm(TieForm):
    """Of an organisation that accepts referrals."""

    kinds = Tie.OF_PLACES
    place: Any = forms.ModelChoiceField(label=_("Which organisation?"), queryset=None, empty_label=CHOOSE[1])
    field_order = ("place", "kind", "words")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organization.objects.visible_to(by).current().filter(is_provider=True)
        place: Any = self.fields["place"]
        place.queryset = places.order_by("name", "pk")


class TieLiftForm(Form):
    lift_words = forms.CharField(
        label=_("Why is it lifted?"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
    )
