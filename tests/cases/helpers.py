"""What the tests of the cases app share."""

import re
from typing import Any

from django.http import HttpResponse

from victimcare.forms import new_record_id


def intake_data(team: Any, /, **values: Any) -> dict[str, Any]:
    """A filled intake form as a browser sends it: a person with one telephone, a victim, in a team."""
    empty = {"contact_kind": "", "value": "", "safety": "", "rules": ""}
    rows = [
        {"contact_kind": "mobile", "value": "11 2345 6789", "safety": "with_care", "rules": "After 16:00"},
        empty,
        empty,
    ]
    data: dict[str, Any] = {
        "record_id": new_record_id(),
        "known_as": "Lucecita",
        "given_names": "Inés",
        "surnames": "de la Peña Ávila",
        "birth": "1990-02",
        "age": "",
        "gender": "woman",
        "language": "qu",
        "region": "",
        "identity_document": "AR-DNI",
        "identity_number": "20.123.456",
        "enrolments": ["victim", "drug_dependence"],
        "urgency": "soon",
        "opened_on": "2026-01-15",
        "team": str(team.pk),
        "contacts-TOTAL_FORMS": "3",
        "contacts-INITIAL_FORMS": "0",
    }
    data |= {
        f"contacts-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()
    }
    return data | values


def field_value(response: HttpResponse, name: str) -> str:
    """The value of an input of a page."""
    page = response.content.decode()
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag, f"no field {name}"
    found = re.search(r'value="([^"]*)"', tag[0])
    return found[1] if found else ""


def as_sent(form: Any, **values: Any) -> dict[str, Any]:
    """What a browser sends of a form as it is shown, with some fields filled in otherwise."""
    shown = {field.name: _shown(field) for field in form}
    return {name: value for name, value in (shown | values).items() if value not in (None, False)}


def _shown(field: Any) -> Any:
    value = field.value()
    return value() if callable(value) else value
