"""docs/data-protection.md tells what the models hold; a field that nobody classified fails here."""

import pytest
from django.core.management import CommandError, call_command

from victimcare import field_register, retention
from victimcare.field_register import Kept, Table
from victimcare.kinds import ADMINISTRATIVE


def test_the_register_is_up_to_date():
    call_command("field_register", check=True)


def test_every_field_of_every_model_is_classified():
    assert field_register.unclassified() == []


def test_a_field_that_nobody_classified_is_found(monkeypatch):
    tables = retention.TABLES | {"victimcare.SubjectKey": Table(Kept.KEY, {ADMINISTRATIVE: "id version"})}
    monkeypatch.setattr(field_register._register, "tables", tables)
    assert "victimcare.SubjectKey.wrapped" in field_register.unclassified()
    with pytest.raises(CommandError, match=r"Not classified: .*victimcare\.SubjectKey\.wrapped"):
        call_command("field_register", check=True)


def test_a_model_without_a_time_of_keeping_is_found(monkeypatch):
    kept = {label: one for label, one in field_register._register.kept.items() if label != "cases.Note"}
    monkeypatch.setattr(field_register._register, "kept", kept)
    assert field_register.unclassified() == ["cases.Note"]


def test_no_table_names_a_field_that_is_not_there():
    """A name that outlives its field would one day excuse another one."""
    models = {model._meta.label: model for model in field_register.all_models()}
    assert field_register._register.kept.keys() | field_register._register.tables.keys() == models.keys()
    for label, table in field_register._register.tables.items():
        told = [name for names in table.kinds.values() for name in names.split()]
        assert sorted(told) == sorted(field.name for field in models[label]._meta.concrete_fields)


def test_what_is_exported_is_there():
    models = {model._meta.label: model for model in field_register.all_models()}
    for label, name in field_register._register.exports:
        assert name in {field.name for field in models[label]._meta.concrete_fields}


def test_a_change_of_the_models_is_noticed(monkeypatch):
    monkeypatch.setattr(field_register, "_indexed", lambda model: set())
    with pytest.raises(CommandError, match="not up to date"):
        call_command("field_register", check=True)


def test_a_page_without_a_place_is_refused():
    with pytest.raises(ValueError, match="no place"):
        field_register.with_register("# Nothing")
