"""Encrypted fields in forms, and what they take."""

import pytest
from django import forms
from django.core.exceptions import FieldError, ValidationError

from cases.models import Person
from tests import factories
from victimcare.encryption.dates import PartialDate
from victimcare.encryption.fields import (
    EncryptedDateField,
    EncryptedJSONField,
    EncryptedTextField,
    PartialDateFormField,
    Sealed,
)


@pytest.mark.parametrize(
    ("long", "widget", "limit"), [(False, forms.TextInput, 500), (True, forms.Textarea, 20_000)]
)
def test_a_text_has_a_line_or_a_box_and_a_limit(long, widget, limit):
    shown = EncryptedTextField("Words", kind="identity", long=long).formfield()
    assert (type(shown), type(shown.widget), shown.max_length) == (forms.CharField, widget, limit)
    assert (shown.label, shown.required) == ("Words", False)
    assert shown.widget.attrs.get("rows") == (4 if long else None)
    assert shown.clean("x" * limit) == "x" * limit
    with pytest.raises(ValidationError):
        shown.clean("x" * (limit + 1))


def test_a_form_may_show_a_text_otherwise():
    shown = EncryptedTextField(kind="identity").formfield(widget=forms.Textarea, max_length=3)
    assert (type(shown.widget), shown.max_length) == (forms.Textarea, 3)


def test_a_date_is_typed_with_a_hint_and_room_for_the_longest():
    shown = EncryptedDateField("Born", kind="identity").formfield()
    assert (type(shown), shown.max_length, shown.label) == (PartialDateFormField, 11, "Born")
    assert "Year, year-month or year-month-day" in str(shown.help_text)
    assert shown.clean("1985-03-12~") == PartialDate("1985-03-12~")
    assert shown.clean("") is None
    assert shown.prepare_value(PartialDate("1985")) == "1985"
    assert EncryptedDateField(kind="identity").formfield(help_text="Else").help_text == "Else"


def test_a_date_is_made_of_a_text_and_what_is_sealed_stays():
    field, sealed = EncryptedDateField(kind="identity"), Sealed(b"blob")
    assert field.to_python(" 1985 ") == PartialDate("1985")
    assert field.to_python("") is None
    assert field.to_python(sealed) is sealed


def test_json_takes_what_json_can_say_and_no_form_shows_it():
    field = EncryptedJSONField(kind="identity")
    assert field.from_bytes(field.to_bytes({"a": ["ñ", 1]})) == {"a": ["ñ", 1]}
    assert field.formfield() is None
    for wrong in (object(), "\ud800"):
        with pytest.raises(ValidationError, match="cannot be stored"):
            field.to_bytes(wrong)


def test_what_is_sealed_shows_nothing_of_itself():
    assert repr(Sealed(b"blob", b"plain")) == "<sealed>"


def test_an_encrypted_field_is_neither_looked_up_nor_written_by_itself_nor_serialised(world):
    made = factories.person(world.agency)
    field = Person._meta.get_field("surnames")
    assert Person.objects.filter(surnames__isnull=False).get() == made
    for asked in ({"surnames": "x"}, {"surnames__contains": "x"}, {"surnames__lower": "x"}):
        with pytest.raises(FieldError, match="encrypted"):
            Person.objects.filter(**asked).exists()
    with pytest.raises(FieldError, match="serialised"):
        field.value_to_string(made)
    with pytest.raises(FieldError, match="save the instance"):
        field.get_db_prep_value("x", None)
    assert field.get_db_prep_value(None, None) is None


def test_a_value_that_was_read_says_whether_another_is_the_same():
    field = EncryptedTextField(kind="identity")
    assert field.says(Sealed(b"blob", b"Ana"), "Ana") is True
    assert field.says(Sealed(b"blob", b"Ana"), "Eva") is False
    assert field.says(Sealed(b"blob"), "Ana") is False
    assert field.says(Sealed(b"blob", b"Ana"), None) is False
    assert field.says(Sealed(b"blob", b"Ana"), Sealed(b"blob", b"Ana")) is False
    assert EncryptedJSONField(kind="identity").says(Sealed(b"blob", b"1"), object()) is False
