"""Encrypted model fields: text, a date with precision, JSON."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.dates import PartialDate
from victimcare.encryption.sealed import EncryptedField, RowMac, Sealed


class EncryptedTextField(EncryptedField):
    description = "Encrypted text"
    empty_value = ""

    def __init__(self, *args: Any, long: bool = False, **kwargs: Any) -> None:
        self.long = long
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.long:
            kwargs["long"] = True
        return name, path, args, kwargs

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode()

    def formfield(self, **kwargs: Any) -> Any:
        widget = forms.Textarea(attrs={"rows": 4}) if self.long else forms.TextInput
        limit = 20_000 if self.long else 500
        return super().formfield(
            **{"form_class": forms.CharField, "widget": widget, "max_length": limit, **kwargs}
        )


class PartialDateFormField(forms.CharField):
    """A date that may be a year, a month or a day."""

    def to_python(self, value: Any) -> Any:
        return PartialDate.by_hand(super().to_python(value) or "")

    def run_validators(self, value: Any) -> None:
        # They measure text.
        super().run_validators(self.prepare_value(value))

    def prepare_value(self, value: Any) -> Any:
        return value.text if isinstance(value, PartialDate) else value


class EncryptedDateField(EncryptedField):
    description = "Encrypted date with precision"

    def to_bytes(self, value: Any) -> bytes:
        parsed = PartialDate.parse(value)
        return parsed.text.encode() if parsed else b""

    def from_bytes(self, plain: bytes) -> PartialDate:
        return PartialDate(plain.decode())

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Sealed) else PartialDate.parse(value)

    def formfield(self, **kwargs: Any) -> Any:
        hint = _("Year, year-month or year-month-day. Put ~ after it if it is about then.")
        return super().formfield(
            **{"form_class": PartialDateFormField, "help_text": hint, "max_length": 11, **kwargs}
        )


class EncryptedJSONField(EncryptedField):
    """JSON data. Assign a new value to change it: what is changed in place is not saved."""

    description = "Encrypted JSON"

    def to_bytes(self, value: Any) -> bytes:
        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        except (TypeError, UnicodeEncodeError) as error:
            raise ValidationError(_("This value cannot be stored.")) from error

    def from_bytes(self, plain: bytes) -> Any:
        return json.loads(plain)

    def formfield(self, **kwargs: Any) -> None:
        return None


__all__ = [
    "EncryptedDateField",
    "EncryptedField",
    "EncryptedJSONField",
    "EncryptedTextField",
    "PartialDateFormField",
    "RowMac",
    "Sealed",
    "Unreadable",
]
