"""Forms of the directory and of the loop. Labels of code lists are looked up when the form is made."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.utils import flatatt
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.forms.assignments import COUNSELS
from cases.models import Case, Consent, Enrolment
from referrals.codes import ANY, CHOOSE, choices, label
from referrals.models import Service
from referrals.packets import covers_request
from victimcare import access, codelists
from victimcare.forms import Form, NewRecordMixin, RevisionMixin
from victimcare.kinds import DataKind
from victimcare.models import Location, Membership, Organization, Role, Team, User

Choices = Sequence[tuple[str, Any]]
SELECTED = flatatt({"selected": True})


def _fill(form: forms.Form, name: str, offered: Choices) -> None:
    field: Any = form.fields[name]
    field.choices = offered


def _if_offered(value: str, offered: Choices) -> str:
    return value if value in dict(offered) else ""


class LongSelect(forms.Select):
    """A choice among many. Through Django's template of an option, the languages and regions of the Americas
    take longer than all else on their page.
    """

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((code, SELECTED if code in chosen else "", text) for code, text in self.choices),
        )
        shown = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, shown, options)


class WishForm(Form):
    """What is looked for; codes only, since it travels in the address."""

    service_kind = forms.ChoiceField(label=_("Kind of service"), widget=LongSelect)
    region = forms.ChoiceField(label=_("Region"), required=False, widget=LongSelect)
    language = forms.ChoiceField(label=_("Language"), required=False, widget=LongSelect)

    def __init__(self, *args: Any, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, "service_kind", [*CHOOSE, *choices("service-kind")])
        _fill(self, "region", [*ANY, *regions])
        _fill(self, "language", [*ANY, *choices("language")])

    @classmethod
    def of_case(cls, case: Case, data: Any = None) -> "WishForm":
        """Region and language are those of the person, until others are asked for. A region of another member
        state is not offered here, so it is no wish.
        """
        regions = codelists.get("region").choices(under=case.organization.member_state_id)
        initial = {
            "region": _if_offered(case.person.region, regions),
            "language": _if_offered(case.person.language, choices("language")),
        }
        asked = initial | data.dict() if data is not None else None
        return cls(asked, initial=initial, regions=regions)


class DirectoryForm(WishForm):
    """The same wishes, none of them needed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_kind"].required = False
        _fill(self, "service_kind", [*ANY, *choices("service-kind")])


class DraftForm(NewRecordMixin, Form):
    """What is asked for, how soon, and on which consent."""

    consent = forms.ChoiceField(label=_("Consent that covers it"), widget=forms.RadioSelect)
    urgency = forms.ChoiceField(label=_("How soon"))
    request = forms.CharField(
        label=_("What is asked for"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        required=False,
        help_text=_(
            "It goes to the provider as part of the kind “risk”. If the consent leaves “risk” out, "
            "it stays with you."
        ),
    )

    def __init__(self, *args: Any, consents: Sequence[Consent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consents = {str(one.pk): one for one in consents}
        _fill(self, "consent", [(pk, _kinds_in_words(one)) for pk, one in self.consents.items()])
        _fill(self, "urgency", choices("urgency"))
        if len(consents) == 1:
            self.fields["consent"].initial = next(iter(self.consents))

    @property
    def request_stays_here(self) -> bool:
        """No consent covers what is asked for: the provider would not read it, whichever is chosen."""
        return not any(covers_request(one) for one in self.consents.values())

    def values(self) -> dict[str, Any]:
        """For `actions.draft_referral`."""
        given = self.cleaned_data
        return {
            "consent": self.consents[given["consent"]],
            "urgency": given["urgency"],
            "request": given["request"],
            "record_id": given["record_id"],
        }


def _kinds_in_words(consent: Consent) -> str:
    kinds = ", ".join(str(DataKind(kind).label) for kind in DataKind.values if kind in consent.kinds)
    until = date_format(consent.valid_until, "DATE_FORMAT")
    words = gettext("%(kinds)s (until %(day)s)") % {"kinds": kinds, "day": until}
    return words if covers_request(consent) else f"{words} – {gettext('what is asked for is left out')}"


class AnswerForm(Form):
    """Words to the sender beside the answer."""

    answer = forms.CharField(
        label=_("Words to the sender"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
        required=False,
    )


class ReasonForm(AnswerForm):
    """An answer with a coded reason."""

    reason = forms.ChoiceField(label=_("Reason"))
    field_order = ("reason", "answer")

    def __init__(self, *args: Any, reasons: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, "reason", [*CHOOSE, *choices(reasons)])


class WithdrawForm(Form):
    reason = forms.ChoiceField(label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, "reason", [*CHOOSE, *choices("withdrawal-reason")])


class OutcomeForm(AnswerForm):
    outcome = forms.ChoiceField(label=_("Outcome"))
    field_order = ("outcome", "answer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, "outcome", [*CHOOSE, *choices("referral-outcome")])


class OpenCaseForm(Form):
    """Who of the receiving organisation takes the case."""

    worker = forms.ChoiceField(label=_("Give the case to"))
    counsels = forms.BooleanField(label=COUNSELS, required=False)
    enrolments = forms.MultipleChoiceField(
        label=_("Kinds of case"),
        choices=Enrolment.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Leave empty to take what the sender told."),
    )

    def __init__(self, *args: Any, organization: Organization, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"{one.team_id}:{one.user_id}": one for one in _workplaces(organization, user)}
        named = ((key, f"{one.user} · {one.team}") for key, one in self.places.items())
        _fill(self, "worker", [*CHOOSE, *named])

    def chosen(self) -> tuple[Team, User]:
        place = self.places[self.cleaned_data["worker"]]
        return place.team, place.user  # type: ignore[return-value]  # only memberships of a team are offered


def _workplaces(organization: Organization, user: User) -> list[Membership]:
    """Who works with cases in a team of the organisation, as far as `user` may know of them."""
    roles = [role for role in Role if "cases.work" in access.permissions_of(role)]
    return list(
        Membership.objects.visible_to(user)
        .active()
        .filter(organization=organization, team__isnull=False, role__in=roles, user__is_active=True)
        .select_related("user", "team")
        .order_by("user__name", "team__name", "pk")
    )


class PlacesForm(RevisionMixin, Form):
    """What changes from day to day."""

    places_free = forms.IntegerField(
        label=_("Free places now"),
        min_value=0,
        max_value=9999,
        required=False,
        help_text=_("Leave empty if you do not count them."),
    )
    is_active = forms.BooleanField(label=_("Offered now"), required=False)


class ServiceForm(Form):
    """What a service is and for whom it is. What is left empty restricts nothing."""

    FOR_WHOM = (
        _("For whom"),
        _("What you leave empty restricts nothing."),
        ("enrolment_kinds", "genders", "age_from", "age_to", "languages", "regions"),
    )

    name = forms.CharField(label=_("Name"), max_length=160)
    description = forms.CharField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    enrolment_kinds = forms.MultipleChoiceField(
        label=_("Kinds of case"),
        choices=Enrolment.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    genders = forms.MultipleChoiceField(label=_("Takes only"), required=False)
    age_from = forms.IntegerField(label=_("From age"), min_value=0, max_value=130, required=False)
    age_to = forms.IntegerField(label=_("To age"), min_value=0, max_value=130, required=False)
    languages = forms.MultipleChoiceField(label=_("Languages"), required=False)
    regions = forms.MultipleChoiceField(label=_("Regions served"), required=False)

    OF_SERVICE: ClassVar[tuple[str, ...]] = (
        "name", "description", "enrolment_kinds", "genders", "age_from", "age_to", "languages", "regions",
    )  # fmt: skip

    def __init__(self, *args: Any, states: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, "genders", choices("gender"))
        _fill(self, "languages", choices("language"))
        region = codelists.get("region")
        _fill(self, "regions", [choice for state in sorted(states) for choice in region.choices(under=state)])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        lowest, highest = given.get("age_from"), given.get("age_to")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("age_to", _("The highest age is below the lowest."))
        return given

    def service_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.OF_SERVICE}


class ServiceAddForm(NewRecordMixin, ServiceForm):
    """A service of the user's organisation at one of its places."""

    groups = (
        (_("The service"), "", ("kind", "name", "description", "location", "places_free")),
        ServiceForm.FOR_WHOM,
    )

    kind = forms.ChoiceField(label=_("Kind of service"))
    location = forms.ChoiceField(label=_("Place"))
    places_free = forms.IntegerField(label=_("Free places now"), min_value=0, max_value=9999, required=False)

    OF_SERVICE = ("kind", *ServiceForm.OF_SERVICE)

    def __init__(self, *args: Any, locations: Sequence[Location], **kwargs: Any) -> None:
        super().__init__(*args, states={one.organization.member_state_id for one in locations}, **kwargs)
        self.locations = {str(one.pk): one for one in locations}
        _fill(self, "kind", [*CHOOSE, *choices("service-kind")])
        _fill(self, "location", [*CHOOSE, *((pk, one.name) for pk, one in self.locations.items())])

    def chosen_location(self) -> Location:
        return self.locations[self.cleaned_data["location"]]


class ServiceEditForm(RevisionMixin, ServiceForm):
    """A correction. The kind stays: accreditation and what was referred rest on it; another is another
    service.
    """

    groups = ((_("The service"), "", ("name", "description")), ServiceForm.FOR_WHOM)

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        initial = {name: getattr(service, name) for name in (*self.OF_SERVICE, "revision")}
        super().__init__(*args, initial=initial, states={service.organization.member_state_id}, **kwargs)
        for name, list_id in (("genders", "gender"), ("languages", "language"), ("regions", "region")):
            self._keep_offered(name, list_id, initial[name])

    def _keep_offered(self, name: str, list_id: str, held: Sequence[str]) -> None:
        """What the service has stays a choice for it, retired or not: saving another field does not lose
        it.
        """
        field: Any = self.fields[name]
        missing = [code for code in held if code not in dict(field.choices)]
        field.choices = [*field.choices, *((code, label(list_id, code)) for code in missing)]


def regions_of(codes: Sequence[str]) -> Choices:
    return sorted(((code, label("region", code)) for code in codes), key=lambda choice: str(choice[1]))
