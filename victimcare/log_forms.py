"""Forms of the rooms of the access log. What is chosen travels in the address: accounts and days, no person
served.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare.forms import Form
from victimcare.models import User

DAY = {"type": "date"}
MOMENT = {"type": "datetime-local"}
DAYS_SHOWN = 7


class AccountForm(Form):
    """Which account. Only those that the reader may ask about are offered."""

    account = forms.ChoiceField(label=_("Account"))

    def __init__(self, *args: Any, accounts: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = {str(account.pk): account for account in accounts}
        named = [(pk, f"{account.name} ({account.username})") for pk, account in self.accounts.items()]
        chosen: Any = self.fields["account"]
        chosen.choices = [("", _("Choose")), *named]

    def chosen(self) -> User:
        return self.accounts[self.cleaned_data["account"]]


class UserLogForm(AccountForm):
    """Days, both of them included."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))

    @staticmethod
    def beginning() -> dict[str, Any]:
        today = timezone.localdate()
        return {"since": today - timedelta(days=DAYS_SHOWN - 1), "until": today}

    def span(self) -> tuple[datetime, datetime]:
        after = self.cleaned_data["until"] + timedelta(days=1)
        begin, end = (datetime.combine(day, time.min) for day in (self.cleaned_data["since"], after))
        return timezone.make_aware(begin), timezone.make_aware(end)

    def clean(self) -> dict[str, Any]:
        return _in_order(super().clean() or self.cleaned_data)


class BreachForm(AccountForm):
    """Two times: from when on somebody else may have had the account, and until when."""

    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(MOMENT, format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(MOMENT, format="%Y-%m-%dT%H:%M"))

    @staticmethod
    def beginning() -> dict[str, Any]:
        now = timezone.localtime()
        return {"since": now - timedelta(days=1), "until": now}

    def clean(self) -> dict[str, Any]:
        return _in_order(super().clean() or self.cleaned_data)


def _in_order(cleaned: dict[str, Any]) -> dict[str, Any]:
    since, until = cleaned.get("since"), cleaned.get("until")
    if since and until and since > until:
        raise ValidationError(_("The end comes before the beginning."))
    return cleaned
