"""What every form of the product shares: one crispy helper, an error summary, an id known beforehand."""

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

RECORD_ID_SALT = "victimcare.record-id"


class HelperMixin:
    """Fields through crispy; the form tag, its token and the buttons are the template's."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            say_what_to_do(field)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        return helper


def say_what_to_do(field: forms.Field) -> None:
    """An empty field asks for what it needs, unless it has words of its own for that."""
    if field.error_messages.get("required") is not forms.Field.default_error_messages["required"]:
        return
    chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    field.error_messages["required"] = _("Choose one of these.") if chosen else _("Write something here.")


class Form(HelperMixin, forms.Form):
    """A plain form of the product."""


class ModelForm(HelperMixin, forms.ModelForm):
    """A form over a record; saving is an action's work, so `save` is not offered."""

    def save(self, commit: bool = True) -> Any:
        raise TypeError("A form validates; an action writes.")


class SignedRecordId(forms.CharField):
    """The new record's id, signed into its form, so that a form that is sent twice makes one record."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(initial=new_record_id, error_messages={"required": self._stale})

    _stale = _("This form is too old. Open the page again; what you wrote is still here.")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return uuid.UUID(signing.loads(text, salt=RECORD_ID_SALT))
        except (signing.BadSignature, ValueError) as error:
            raise ValidationError(self._stale) from error


def new_record_id() -> str:
    return signing.dumps(str(uuid.uuid4()), salt=RECORD_ID_SALT)


class NewRecordMixin(forms.Form):
    """For forms that make a record: `cleaned_data["record_id"]` is its UUID."""

    record_id = SignedRecordId()


class RevisionMixin(forms.Form):
    """For forms that change a record: the revision that the user saw travels with the form."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
