"""What the encrypted fields have in common: a value is sealed when the row is saved and opened when somebody
reads it, and a MAC holds the values of a row together (ADR 7).
"""

from contextlib import nullcontext, suppress
from functools import cache
from typing import Any, ClassVar, NamedTuple

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.lookups import IsNull

from victimcare.encryption import ciphers, emptied, keyring
from victimcare.encryption.ciphers import Place, Row, Unreadable, seal, version_of
from victimcare.kinds import DataKind


class Under(NamedTuple):
    """What a row's values lie under: a key, for one record. Known once the row's MAC was asked."""

    key: keyring.OpenKey
    owner: bytes


class Sealed:
    """What the database holds, and, once somebody read it, what it says."""

    __slots__ = ("blob", "plain", "under")

    def __init__(self, blob: bytes, plain: bytes | None = None, under: Under | None = None) -> None:
        self.blob = blob
        self.plain = plain
        self.under = under

    def __repr__(self) -> str:
        return "<sealed>"


_NOT_FETCHED = object()
# Where a row keeps the MAC that confirmed it: an empty row has no values that would tell.
_CONFIRMED = "mac_confirmed"


class SealedAttribute:
    """Opens a sealed value when it is read. A field alone has no instance, so this is a descriptor."""

    def __init__(self, field: "EncryptedField") -> None:
        self.field = field
        self.name = field.attname

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self.name, _NOT_FETCHED)
        if value is None:
            with suppress(keyring.SubjectErased):
                check(instance, reading=True)
        elif value is _NOT_FETCHED or (type(value) is Sealed and value.under is None):
            check(instance, reading=True)
            value = instance.__dict__[self.name]
        if type(value) is Sealed:
            return self.field.open(instance, value)
        return self.field.empty_value if value is None else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        held = instance.__dict__.get(self.name)
        if isinstance(held, Sealed) and self.field.says(held, value):
            return  # Validation sets every field anew; what did not change keeps its bytes.
        if not instance._state.adding:
            check(instance)  # The MAC is over all that the row held: afterwards it cannot be checked.
        instance.__dict__[self.name] = value


class EncryptedField(models.Field):
    """Base of the encrypted fields: `kind` says what kind of data it holds and so under which key it lies.

    The model is an `EncryptedRecord`. Ciphertext is bound to base model, field, record id, key and version.
    """

    empty_value: ClassVar[Any] = None
    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.kind = DataKind(kind)
        self.purpose = "counselling" if self.kind == DataKind.COUNSELLING else "fields"
        self.base_label = ""
        kwargs["null"] = True
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", self.empty_value)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        # simple-history copies the field into the history model: the label of the first model stays.
        if not self.base_label and not cls._meta.abstract:
            self.base_label = cls._meta.label
            self.column_bytes = ciphers.column(self.base_label, name)
        super().contribute_to_class(cls, name, private_only)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["kind"] = self.kind.value
        for implied in ("null", "blank", "default"):
            kwargs.pop(implied, None)
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    # -- between the instance and the database ---------------------------------------------------------------
    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        plain = self.to_bytes(value)
        sealed = self._sealed(model_instance, plain) if plain else None
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
            if sealed.under is None:
                raise Unreadable  # never before its row was checked
            key, owner = sealed.under
            cipher = key.cipher(self.purpose)
            sealed.plain = ciphers.opened(cipher, sealed.blob, self.column_bytes + owner, key.header)
        return self.from_bytes(sealed.plain)

    def says(self, sealed: Sealed, value: Any) -> bool:
        """`sealed` was read, and holds exactly this plain value."""
        if sealed.plain is None or value is None or isinstance(value, Sealed):
            return False
        try:
            return self.to_bytes(value) == sealed.plain
        except ValidationError:
            return False

    def _sealed(self, instance: Any, plain: bytes) -> Sealed:
        key = keyring.open_key(instance.subject_key_id)
        return Sealed(self.sealed_under(key, instance, plain), plain, Under(key, row_of(instance, key).owner))

    def sealed_under(self, key: keyring.OpenKey, instance: Any, plain: bytes) -> bytes:
        # In history the primary key is another one; the record's own id has the same name everywhere.
        place = Place(self.base_label, self.name, instance.__dict__["id"])
        return seal(key.cipher(self.purpose), plain, place, instance.subject_key_id, key.version)

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError


class RowMac(models.BinaryField):
    """The MAC of a row: made when it is saved, asked for before any of its values is opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_label = ""
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        if not self.base_label and not cls._meta.abstract:
            self.base_label = cls._meta.label
        super().contribute_to_class(cls, name, private_only)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes:
        """Seals the row's values first. History copies the bytes; what was erased keeps its own."""
        if model_instance._meta.label == self.base_label:
            with nullcontext() if add else suppress(keyring.SubjectErased):
                mac = _made(model_instance, add)
                model_instance.__dict__ |= {self.attname: mac, _CONFIRMED: mac}
        stored: bytes = model_instance.__dict__[self.attname]
        return stored


def _made(instance: Any, add: bool) -> bytes:
    if add:
        key = keyring.key_for_new(instance.subject_key_id)
    else:
        check(instance)
        key = keyring.open_key(instance.subject_key_id)
    fields = encrypted_fields(instance._meta.model)
    blobs = {one.name: sealed.blob for one in fields if (sealed := one.pre_save(instance, add))}
    return key.mac(row_of(instance, key), blobs)


@cache
def encrypted_fields(model: type[models.Model]) -> tuple[EncryptedField, ...]:
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, EncryptedField))


@cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(sorted(field.attname for field in encrypted_fields(model)))


def label_of(model: type[models.Model]) -> str:
    """Of the record, for its history too."""
    return encrypted_fields(model)[0].base_label


def row_of(instance: Any, key: keyring.OpenKey) -> Row:
    row, label = instance.__dict__, label_of(instance._meta.model)
    return Row(label, ciphers.owner(row["id"], row["subject_key_id"], key.version), row["revision"])


def check(instance: Any, *, reading: bool = False) -> None:
    """Raises Unreadable unless what this row holds was written together, at its revision, under this key.

    What somebody put in now and did not store yet is left alone. Whoever is only `reading` takes a row that
    an erasure emptied as it is.
    """
    held = _held(instance)
    if held is None or (_is_new_to_us(instance, held) and not _checked(instance, held, reading)):
        _read_again(instance, reading)


def is_empty(instance: Any) -> bool:
    """All of its values were fetched, and none is there."""
    return all(instance.__dict__.get(name, _NOT_FETCHED) is None for name in _names(instance._meta.model))


def _held(instance: Any) -> dict[str, Sealed] | None:
    """The row's sealed values by name; None if not all of it was fetched."""
    row, held = instance.__dict__, {}
    for name in _names(instance._meta.model):
        value = row.get(name, _NOT_FETCHED)
        if type(value) is Sealed:
            held[name] = value
        elif value is _NOT_FETCHED:
            return None
    return held if "mac" in row and "revision" in row and "subject_key_id" in row else None


def _is_new_to_us(instance: Any, held: dict[str, Sealed]) -> bool:
    """Its MAC was not asked yet. A row that is not stored has none, but for values of a stored one."""
    if instance._state.adding:
        return any(one.under is None for one in held.values())
    row = instance.__dict__
    return row.get(_CONFIRMED) is not row["mac"]


def _checked(instance: Any, held: dict[str, Sealed], reading: bool) -> bool:
    """False: the person's key was renewed after this row was read. Raises Unreadable."""
    mac = bytes(instance.__dict__["mac"])
    version = version_of(mac)
    key = keyring.open_key(instance.subject_key_id, at_least=version)
    if version < key.version:
        return False
    row = row_of(instance, key)
    if not key.confirms(mac, row, {name: one.blob for name, one in held.items()}):
        if reading and is_empty(instance) and emptied.explained(row.model, instance):
            return True  # and not confirmed: nothing is written over it
        raise Unreadable
    under = Under(key, row.owner)
    for one in held.values():
        one.under = under
    instance.__dict__[_CONFIRMED] = instance.__dict__["mac"]
    return True


def _read_again(instance: Any, reading: bool) -> None:
    """Takes from the row as it is stored what was not fetched, or lies under a key that was renewed since.

    The revision stays the one that was read: whoever saves over a later one is told so.
    """
    stored = type(instance)._base_manager.get(pk=instance.pk)
    if not _checked(stored, _held(stored) or {}, reading):
        raise Unreadable
    row = instance.__dict__
    for name in _names(instance._meta.model):
        value = row.get(name, _NOT_FETCHED)
        if value is _NOT_FETCHED or (type(value) is Sealed and value.under is None):
            row[name] = stored.__dict__[name]
    row |= {"mac": stored.__dict__["mac"], _CONFIRMED: stored.__dict__.get(_CONFIRMED)}
    for name in ("revision", "subject_key_id"):
        row.setdefault(name, stored.__dict__[name])
