"""Encrypted model fields. A value is sealed when the row is saved and opened when somebody reads it."""

import json
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from victimcare.encryption.ciphers import Place, Unreadable, seal, unseal
from victimcare.encryption.dates import PartialDate
from victimcare.kinds import DataKind


class Sealed:
    """What the database holds, and, once somebody read it, what it says."""

    __slots__ = ("blob", "plain")

    def __init__(self, blob: bytes, plain: bytes | None = None) -> None:
        self.blob = blob
        self.plain = plain

    def __repr__(self) -> str:
        return "<sealed>"


class SealedAttribute:
    """Opens a sealed value when it is read. A field alone has no instance, so this is a descriptor."""

    def __init__(self, field: "EncryptedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        return self.field.open(instance, value) if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        held = instance.__dict__.get(self.field.attname)
        if isinstance(held, Sealed) and self.field.says(held, value):
            return  # Validation sets every field anew; what did not change keeps its bytes.
        instance.__dict__[self.field.attname] = value


class EncryptedField(models.Field):
    """Base of the encrypted fields: `kind` says what kind of data it holds and so under which key it lies.

    The model has a `subject_key`. Ciphertext is bound to base model, field, record id, key and key version.
    """

    empty_value: ClassVar[Any] = None
    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.kind = DataKind(kind)
        self.base_label = ""
        kwargs["null"] = True
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", self.empty_value)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        # simple-history copies the field into the history model: the label of the first model stays.
        if not self.base_label and not cls._meta.abstract:
            self.base_label = cls._meta.label
        super().contribute_to_class(cls, name, private_only)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["kind"] = self.kind.value
        for implied in ("null", "blank", "default"):
            kwargs.pop(implied, None)
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def purpose(self) -> str:
        return "counselling" if self.kind == DataKind.COUNSELLING else "fields"

    # -- between the instance and the database ---------------------------------------------------------------
    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        plain = self.to_bytes(value)
        sealed = Sealed(self._seal(model_instance, plain), plain) if plain else None
        model_instance.__dict__[self.attname] = sealed
        return sealed

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value
        raise FieldError(
            f"{self.name} is encrypted: save the instance, a value cannot be written or looked up by itself."
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value.blob)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        raise FieldError(f"{self.name} is encrypted: it cannot be looked up.")

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted: it cannot be looked up.")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted: it cannot be serialised.")

    # -- opening and sealing ---------------------------------------------------------------------------------
    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        if sealed.plain is None:
            key_id, key = self._key(instance)
            cipher = key.cipher(self.purpose)
            sealed.plain = unseal(cipher, sealed.blob, self._place(instance), key_id, key.version)
        return self.from_bytes(sealed.plain)

    def says(self, sealed: Sealed, value: Any) -> bool:
        """`sealed` was read, and holds exactly this plain value."""
        if sealed.plain is None or value is None or isinstance(value, Sealed):
            return False
        try:
            return self.to_bytes(value) == sealed.plain
        except ValidationError:
            return False

    def _seal(self, instance: models.Model, plain: bytes) -> bytes:
        key_id, key = self._key(instance)
        return seal(key.cipher(self.purpose), plain, self._place(instance), key_id, key.version)

    def _key(self, instance: Any) -> tuple[UUID, Any]:
        """The id of the record's subject key, and the key opened."""
        from victimcare.encryption import keyring  # the keyring needs the key models, which are loaded later

        return instance.subject_key_id, keyring.open_key(instance.subject_key_id)

    def _place(self, instance: models.Model) -> Place:
        # In history the primary key is another one; the record's own id has the same name everywhere.
        return Place(self.base_label, self.name, instance.__dict__["id"])

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError


class EmptyTextAttribute(SealedAttribute):
    """Empty text reads as "", never None, whatever the row holds."""

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        value = super().__get__(instance, owner)
        return "" if value is None else value


class EncryptedTextField(EncryptedField):
    description = "Encrypted text"
    empty_value = ""
    descriptor_class = EmptyTextAttribute

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
    "Sealed",
    "Unreadable",
]
