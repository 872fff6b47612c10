"""Where a column can go: the fields of a case and of what hangs on it, by name, such as `person.region`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from cases.imports.problems import ImportProblem
from cases.models import Case, Incident, Party, Person, SubstanceUse
from victimcare import codelists
from victimcare.encryption.fields import EncryptedDateField

SUBSTANCES = ("substance1", "substance2", "substance3")
_SUBSTANCE = ("icd11_code", "route", "frequency", "first_used_at_age", "details")
_RECORDS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
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
BACKGROUND = "background"
# What a record cannot be without.
NEEDED = {"case": "opened_on", **dict.fromkeys(SUBSTANCES, "icd11_code")}


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` says how a value is read: date, age, code, codes or text; `key` is a key of the background."""

    record: str
    field: str
    kind: str
    key: str = ""
    check: Callable[[str], None] | None = None

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
    return Target(record, field, _kind(found), check=_check(found))


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


def is_code(target: Target, text: str) -> bool:
    """True if the target takes `text`: any text does where there is no code list."""
    if target.check is None:
        return True
    try:
        target.check(text)
    except ValidationError:
        return False
    return bool(text)  # a field's validators are not asked about an empty value
