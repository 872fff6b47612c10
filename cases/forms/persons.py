"""Forms about a person: who they are, and how to reach them safely. Unknown is an answer to every
question.
"""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as NumberError
from stdnum.util import get_cc_module

from cases.forms.coded import CHOOSE, NOT_KNOWN, CodeField, keep_offered, keep_region
from cases.forms.search import BIRTH_HINT, UNREMEMBERED
from cases.models import ContactPoint, Person
from victimcare import codelists
from victimcare.encryption.fields import PartialDateFormField
from victimcare.forms import Form, NewRecordMixin, RevisionMixin
from victimcare.models import MemberState

# Documents whose number has a check digit that python-stdnum knows, by the module of their member state.
CHECKED = frozenset(
    ("AR-DNI", "BR-CIN", "BR-CPF", "CL-RUN", "CR-CI", "CU-CI", "DO-CIE", "EC-CI", "MX-CURP", "PE-DNI")
)
OLDEST = 120


class AgeField(forms.CharField):
    """An age or a range of ages, "34" or "30-35": as {"from": 34, "to": 34, "on": "2026-03-01"}, told
    today.
    """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?", text)
        lowest, highest = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
        if not lowest <= highest <= OLDEST:
            raise ValidationError(_("Write an age in years such as 34, or a range such as 30-35."))
        return {"from": lowest, "to": highest, "on": timezone.localdate().isoformat()}

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return str(value["from"]) if value["from"] == value["to"] else f"{value['from']}-{value['to']}"


class PersonForm(Form):
    """What is known of a person. `states` are the member states whose documents and regions are offered."""

    known_as = forms.CharField(
        label=_("Wants to be called"),
        max_length=200,
        required=False,
        help_text=_("One name is enough. It may be an invented one."),
        widget=forms.TextInput(UNREMEMBERED),
    )
    given_names = forms.CharField(
        label=_("Given names"), max_length=200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )
    surnames = forms.CharField(
        label=_("Surnames"), max_length=200, required=False, widget=forms.TextInput(UNREMEMBERED)
    )
    birth = PartialDateFormField(
        label=_("Date or year of birth"),
        max_length=11,
        required=False,
        help_text=BIRTH_HINT,
        widget=forms.TextInput(UNREMEMBERED),
    )
    age = AgeField(
        label=_("Or age, if that is all you know"),
        help_text=_("In years, or a range: 34, or 30-35."),
        max_length=9,
        required=False,
        widget=forms.TextInput(UNREMEMBERED | {"inputmode": "numeric"}),
    )
    gender = forms.ChoiceField(label=_("Gender"), required=False)
    language = CodeField(list_id="language", label=_("Language to speak in"), required=False)
    region = CodeField(list_id="region", label=_("Region where the person is"), required=False)
    identity_document = forms.ChoiceField(label=_("Identity document"), required=False)
    identity_number = forms.CharField(
        label=_("Number of the document"),
        max_length=60,
        required=False,
        widget=forms.TextInput(UNREMEMBERED),
    )

    person_fields: ClassVar[tuple[str, ...]] = (
        "known_as", "given_names", "surnames", "birth", "age", "gender", "language", "region",
        "identity_document", "identity_number",
    )  # fmt: skip

    def __init__(self, *args: Any, states: Iterable[MemberState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.states = {state.code: state for state in states}
        self.choose("gender", codelists.get("gender").choices())
        keep_region(self, *self.states)
        self.choose("identity_document", _documents_of(self.states))
        self.fields["gender"].initial = "unknown"

    def choose(self, name: str, choices: Any) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField

    def clean_gender(self) -> str:
        return self.cleaned_data["gender"] or "unknown"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("birth") and cleaned.get("age"):
            self.add_error("age", _("Write the date of birth or the age, not both."))
        if cleaned.get("identity_number"):
            self._check_number(cleaned)
        return cleaned

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("identity_document"):
            self.add_error("identity_document", _("Say which document the number is from."))
        elif not self._may_be(cleaned["identity_document"], cleaned["identity_number"]):
            self.add_error(
                "identity_number",
                _(
                    "This cannot be a number of that document: a digit is wrong or missing. Compare it with "
                    "the document; to keep it as it is, choose “Other document”."
                ),
            )

    def _may_be(self, document: str, number: str) -> bool:
        """False where the check digit says that this cannot be a number of the document."""
        state = self.states.get(document[:2])
        country, _dot, name = state.identity_number_module.partition(".") if state else ("", "", "")
        if document not in CHECKED or not name:
            return True
        module = get_cc_module(country, name)
        try:
            return module is None or bool(module.validate(number))
        except NumberError:
            return False

    def values(self) -> dict[str, Any]:
        """What an action sets on the person."""
        return {name: self.cleaned_data[name] for name in self.person_fields}


class PersonEditForm(RevisionMixin, PersonForm):
    country_of_birth = CodeField(list_id="country", label=_("Country of birth"), required=False)

    person_fields = (*PersonForm.person_fields, "country_of_birth")
    groups = (
        (_("Name"), "", ("known_as", "given_names", "surnames")),
        (_("Age and gender"), "", ("birth", "age", "gender")),
        (_("Language and place"), "", ("language", "region", "country_of_birth")),
        (_("Identity document"), "", ("identity_document", "identity_number")),
    )

    def __init__(self, *args: Any, instance: Person, initial: Any = None, **kwargs: Any) -> None:
        known = {name: getattr(instance, name) for name in self.person_fields}
        shown = known | (initial or {}) | {"revision": instance.revision}
        super().__init__(*args, initial=shown, states=[instance.organization.member_state], **kwargs)
        self.person = instance
        for name in ("identity_document", "country_of_birth", "region", "gender", "language"):
            keep_offered(self.fields[name], known[name])

    def clean_age(self) -> dict[str, Any] | None:
        """An age that was not touched keeps the day on which it was told."""
        told, known = self.cleaned_data["age"], self.person.age
        same = told and known and (told["from"], told["to"]) == (known["from"], known["to"])
        return known if same else told


class ContactForm(Form):
    """One way to reach the person. What is safe about it is asked in the same breath."""

    contact_kind = CodeField(list_id="contact-kind", label=_("Kind of contact"))
    value = forms.CharField(
        label=_("Number or address"), max_length=500, widget=forms.TextInput(UNREMEMBERED)
    )
    safety = forms.ChoiceField(label=_("Is it safe to use?"))
    rules = forms.CharField(
        label=_("What was agreed"),
        max_length=500,
        required=False,
        help_text=_("For example: only on weekdays before 16:00; say you are calling from the school."),
        widget=forms.TextInput(UNREMEMBERED),
    )
    may_leave_message = forms.BooleanField(label=_("A message may be left"), required=False)

    contact_fields: ClassVar[tuple[str, ...]] = (
        "contact_kind", "value", "safety", "rules", "may_leave_message",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        safety: Any = self.fields["safety"]
        safety.choices = [CHOOSE, *((code, capfirst(label)) for code, label in ContactPoint.Safety.choices)]

    def has_changed(self) -> bool:
        """A kind without a number or an address is no way to reach anybody."""
        return bool(set(self.changed_data) - {"contact_kind"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("safety") == ContactPoint.Safety.WITH_CARE and not cleaned.get("rules"):
            self.add_error("rules", _("Write what was agreed, for whoever calls next."))
        if cleaned.get("safety") == ContactPoint.Safety.UNSAFE and cleaned.get("may_leave_message"):
            self.add_error("may_leave_message", _("No message may be left where it is never safe."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What an action sets on the contact."""
        return {name: self.cleaned_data[name] for name in self.contact_fields}


class ContactAddForm(NewRecordMixin, ContactForm):
    """One more way to reach the person."""

    def record(self) -> ContactPoint:
        """The unsaved contact, with the id that was signed into the form."""
        return ContactPoint(id=self.cleaned_data["record_id"], **self.values())


class ContactEditForm(RevisionMixin, ContactForm):
    def __init__(self, *args: Any, instance: ContactPoint, initial: Any = None, **kwargs: Any) -> None:
        known = {name: getattr(instance, name) for name in self.contact_fields}
        shown = known | (initial or {}) | {"revision": instance.revision}
        super().__init__(*args, initial=shown, **kwargs)
        keep_offered(self.fields["contact_kind"], instance.contact_kind)


def _documents_of(states: Iterable[str]) -> list[tuple[str, Any]]:
    """The documents of these states, then those that every state has. Not knowing is the empty answer."""
    documents = [choice for choice in codelists.get("identity-document").choices() if choice[0] != "unknown"]
    own = [choice for choice in documents if choice[0].startswith(tuple(f"{code}-" for code in states))]
    return [NOT_KNOWN, *own, *(choice for choice in documents if "-" not in choice[0])]
