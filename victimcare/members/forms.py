from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from victimcare import access
from victimcare.actions import IN_A_TEAM, fits
from victimcare.forms import Form
from victimcare.members.people import account_named
from victimcare.models import Organization, Role, Team, User

CHOOSE = ("", _("Choose"))


NAME_AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class WorkForm(Form):
    """What somebody is for here, and in which team."""

    organization = forms.ChoiceField(label=_("Organisation"))
    role = forms.ChoiceField(label=_("Role"))
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = access.organizations_with(user, access.KEEP_MEMBERS)
        organizations = Organization.objects.visible_to(user).filter(pk__in=kept).order_by("name", "pk")
        teams = Team.objects.visible_to(user).current().filter(organization__in=kept).order_by("name", "pk")
        self.organizations = {str(one.pk): one for one in organizations}
        self.teams = {str(one.pk): one for one in teams.select_related("organization")}
        self._offer_organizations()
        self._offer_roles()
        self._offer_teams()

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _offer_organizations(self) -> None:
        self._choose("organization", [(pk, one.name) for pk, one in self.organizations.items()])
        if len(self.organizations) == 1:
            self.fields["organization"].widget = forms.HiddenInput()
            self.fields["organization"].initial = next(iter(self.organizations))

    def _offer_roles(self) -> None:
        fitting = [role for role in Role if any(fits(role, one) for one in self.organizations.values())]
        self._choose("role", [CHOOSE, *((role.value, capfirst(role.label)) for role in fitting)])

    def _offer_teams(self) -> None:
        if not self.teams:
            del self.fields["team"]
            return
        several = len(self.organizations) > 1
        named = [
            (pk, f"{one.name} · {one.organization.name}" if several else one.name)
            for pk, one in self.teams.items()
        ]
        self._choose("team", [("", _("No team")), *named])
        # Without a script it is simply shown; the action asks for a team, or for none.
        self.fields["team"].widget.attrs |= {
            "data-shown-when": "id_role",
            "data-shown-value": " ".join(sorted(IN_A_TEAM)),
        }

    def work(self) -> dict[str, Any]:
        """For the action."""
        given = self.cleaned_data
        return {
            "organization": self.organizations[given["organization"]],
            "role": Role(given["role"]),
            "team": self.teams.get(given.get("team", "")),
        }


class AddMemberForm(WorkForm):
    """An account that exists."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Of an account that exists already."),
        widget=forms.TextInput(NAME_AS_TYPED),
    )
    field_order = ("username",)

    def clean_username(self) -> User:
        found = account_named(self.cleaned_data["username"].strip())
        if found is None:
            raise forms.ValidationError(_("There is no account with this user name. Look at its spelling."))
        return found

    def chosen(self) -> dict[str, Any]:
        return {"user": self.cleaned_data["username"]} | self.work()


class InviteForm(WorkForm):
    """Somebody who has no account yet."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput({"autocomplete": "off"}))
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("With this they sign in. Small letters, digits and . _ - are enough."),
        widget=forms.TextInput(NAME_AS_TYPED),
        validators=[UnicodeUsernameValidator()],
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The link is mailed there. Leave it empty if you hand the link over yourself."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    field_order = ("name", "username", "email", "language")

    def chosen(self) -> dict[str, Any]:
        names = ("username", "name", "email", "language")
        return {"account": User(**{name: self.cleaned_data[name] for name in names})} | self.work()
