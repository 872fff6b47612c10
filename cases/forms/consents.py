"""Consent: to whom, what for, which kinds of data, from when until when, and how it was given."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases import consent_texts
from cases.actions import consents
from cases.forms.coded import NewRecordForm
from cases.forms.record import day_input
from cases.forms.search import UNREMEMBERED
from cases.models import Case, Consent
from victimcare import languages
from victimcare.kinds import DataKind
from victimcare.models import Organization, User


class RecipientField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.member_state})"


class ConsentForm(NewRecordForm):
    recipient = RecipientField(label=_("Who may receive it"), queryset=None, empty_label=_("Choose"))
    kinds = forms.MultipleChoiceField(label=_("What may be shared"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language in which it was read"), widget=forms.RadioSelect)
    text_version = forms.CharField(widget=forms.HiddenInput, max_length=20)

    groups = (
        (_("What the person agrees to"), "", ("recipient", "purpose", "kinds", "valid_from", "valid_until")),
        (_("How it was given"), "", ("given_by", "giver_name", "evidence", "language")),
    )

    class Meta(NewRecordForm.Meta):
        model = Consent
        fields = (
            "recipient", "purpose", "kinds", "valid_from", "valid_until", "given_by", "giver_name",
            "evidence", "language", "text_version",
        )  # fmt: skip
        widgets = {
            "valid_from": day_input(),
            "valid_until": day_input(),
            "giver_name": forms.TextInput(
                UNREMEMBERED
                | {"data-shown-when": "id_given_by", "data-shown-value": "guardian representative"}
            ),
        }
        help_texts = {"giver_name": _("Needed when it was not the person.")}

    def __init__(self, *args: Any, case: Case, user: User, recipient: str = "", **kwargs: Any) -> None:
        super().__init__(*args, initial=_beginning(case) | {"recipient": recipient}, **kwargs)
        self._offer_recipients(case, user)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(kind.value, capfirst(kind.label)) for kind in DataKind]
        kinds.help_text = _(
            "Tick only what the person agreed to. Most referrals need identity, contact and safety, incident "
            "and risk. Substance treatment and counselling notes only if the person asks for it: the "
            "receiver may not pass them on."
        )
        language: Any = self.fields["language"]
        language.choices = [(text.language, text.name) for text in consent_texts.newest()]
        days = case.organization.member_state.consent_days_maximum
        self.fields["valid_until"].help_text = _("At most %(days)s days.") % {"days": days}

    def _offer_recipients(self, case: Case, user: User) -> None:
        """Providers of any member state, but not the own organisation: what stays inside needs no consent."""
        recipients: Any = self.fields["recipient"]
        recipients.queryset = (
            Organization.objects.visible_to(user)
            .current()
            .filter(is_provider=True)
            .exclude(pk=case.organization_id)
            .select_related("member_state")
            .order_by("name", "pk")
        )


def _beginning(case: Case) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "purpose": "referral",
        "given_by": "self",
        "valid_from": today,
        "valid_until": consents.default_until(case.organization, today),
        "language": language_for(case),
        "text_version": consent_texts.NEWEST,
    }


def language_for(case: Case) -> str:
    """The language that the person speaks, if there is a text in it, else that of the page."""
    spoken = [case.person.language, languages.of_page()]
    return next((one for one in spoken if consent_texts.find(consent_texts.NEWEST, one)), "en")
