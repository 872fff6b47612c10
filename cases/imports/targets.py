"""Where a column can go: the fields of a case and of what hangs on it, by name, such as `person.region`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from cases.forms.persons import PersonEditForm
from cases.forms.record import IncidentForm, PartyForm, SubstanceForm
from cases.imports.problems import ImportProblem, Unusable
from cases.models import Case, Incident, Party, Person, SubstanceUse
from victimcare import codelists
from victimcare.encryption.fields import EncryptedDateField, EncryptedField
from victimcare.models import Record

SUBSTANCES = ("substance1", "substance2", "substance3")
_SUBSTANCE = ("icd11_code", "route", "frequency", "first_used_at_age", "details")
_RECORDS: dict[str, tuple[type[Record], tuple[str, ...]]] = {
    "case": (Case, ("opened_on", "urgency")),
    "person": (
        Person,
        (
            "given_names",
            "surnames",
            "known_as",
            "identity_document",
            "identity_number",
            "birth",
            "age",
            "country_of_birth",
            "gender",
            "region",
            "language",
        ),
    ),
    "incident": (
        Incident,
        ("iccs_code", "violence_types", "violence_settings", "region", "occurred", "place", "narrative"),
    ),
    "perpetrator": (Party, ("relationship", "gender", "details")),
    **dict.fromkeys(SUBSTANCES, (SubstanceUse, _SUBSTANCE)),
}
_FORMS: dict[str, type[forms.Form | forms.ModelForm]] = {
    "person": PersonEditForm,
    "incident": IncidentForm,
    "perpetrator": PartyForm,
    **dict.fromkeys(SUBSTANCES, SubstanceForm),
}
BACKGROUND = "background"
# What a record cannot be without.
NEEDED = {"case": "opened_on", **dict.fromkeys(SUBSTANCES, "icd11_code")}


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` says how a value is read: date, age, code, codes or text; `key` is a key of the background.

    `room` is how many characters its form takes: of a longer text nobody could save a correction.
    """

    record: str
    field: str
    kind: str
    key: str = ""
    check: Callable[[str], None] | None = None
    room: int | None = None

    def __str__(self) -> str:
        return f"{BACKGROUND}.{self.key}" if self.key else f"{self.record}.{self.field}"


def find(name: str) -> Target:
    """The target of that name. Raises ImportProblem where there is none."""
    record, _, field = name.partition(".")
    if record == BACKGROUND and field:
        return _of_background(field)
    model, allowed = _RECORDS.get(record, (Case, ()))
    if field not in allowed:
        raise ImportProblem(
            f'The mapping names the target "{name}", which does not exist. See docs/import.md.'
        )
    found = model._meta.get_field(field)
    return Target(record, field, _kind(found), check=_check(found), room=_room(record, field))


def _of_background(list_id: str) -> Target:
    """A field for each code list: what the list does not have, no page could show."""
    if list_id not in codelists.ids():
        raise ImportProblem(f'The mapping names "{BACKGROUND}.{list_id}", but there is no such code list.')
    return Target("person", BACKGROUND, "code", key=list_id, check=codelists.validator(list_id))


def _kind(field: Any) -> str:
    if field.name == "age":
        return "age"
    if isinstance(field, models.DateField | EncryptedDateField):
        return "date"
    if isinstance(field, ArrayField):
        return "codes"
    return "code" if isinstance(field, models.CharField) else "text"


def _check(field: Any) -> Callable[[str], None] | None:
    """Whether a code is one of the field's code list: raises ValidationError if not."""
    coded = field.base_field if isinstance(field, ArrayField) else field
    return coded.run_validators if isinstance(coded, models.CharField) else None


def _room(record: str, field: str) -> int | None:
    fields = _FORMS[record].base_fields if record in _FORMS else {}
    return getattr(fields.get(field), "max_length", None)


def data_kind(target: Target) -> str:
    """The kind of data that a target's field holds, as consent and the access log know it."""
    model, _fields = _RECORDS[target.record]
    held = model._meta.get_field(target.field)
    return held.kind if isinstance(held, EncryptedField) else model.clear_fields[target.field]


def require_room(target: Target, text: str) -> str:
    """The text, if its form takes it: a browser sends an end of line as two characters. Raises Unusable."""
    if target.room is not None and len(re.sub(r"\r?\n", "\r\n", text)) > target.room:
        raise Unusable(f"longer than the {target.room} characters that {target} can hold")
    return text


def is_code(target: Target, text: str) -> bool:
    """True if the target takes `text`: any text does where there is no code list."""
    if target.check is None:
        return True
    try:
        target.check(text)
    except ValidationError:
        return False
    return bool(text)  # a field's validators are not asked about an empty value
