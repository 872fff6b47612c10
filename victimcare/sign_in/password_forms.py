from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from victimcare.forms import Form
from victimcare.models import User

NEW = {"autocomplete": "new-password"}


class NewPasswordForm(Form):
    """Twice, so that a slip of the finger locks nobody out."""

    password1 = forms.CharField(
        label=_("Password"),
        help_text=_("Twelve characters or more; several words are easy to keep in mind."),
        strip=False,
        widget=forms.PasswordInput(NEW),
    )
    password2 = forms.CharField(
        label=_("The same password again"), strip=False, widget=forms.PasswordInput(NEW)
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.user)
        return password

    def clean_password2(self) -> str:
        second: str = self.cleaned_data["password2"]
        if second != self.cleaned_data.get("password1", second):
            raise forms.ValidationError(_("The two passwords differ. Write the same one in both fields."))
        return second
