"""docs/access.md tells what the pages of roles say."""

import pytest
from django.core.management import CommandError, call_command

from victimcare import access, access_tables
from victimcare.models import Role


def test_the_tables_are_up_to_date():
    call_command("access_tables", check=True)


def test_a_permission_more_is_noticed(monkeypatch):
    monkeypatch.setitem(access._permissions, Role.ADMIN, {"cases.work"})
    with pytest.raises(CommandError, match="not up to date"):
        call_command("access_tables", check=True)


def test_another_kind_of_data_is_noticed(monkeypatch):
    monkeypatch.setattr(access, "_kinds", access._kinds[1:])
    with pytest.raises(CommandError, match="not up to date"):
        call_command("access_tables", check=True)


def test_the_command_writes_them_anew(monkeypatch, tmp_path):
    page = tmp_path / "access.md"
    text = access_tables.PAGE.read_text(encoding="utf-8")
    page.write_text(text.replace("●", ""), encoding="utf-8")
    monkeypatch.setattr(access_tables, "PAGE", page)
    call_command("access_tables")
    assert page.read_text(encoding="utf-8") == text


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place"):
        access_tables.with_tables("# Nothing")


def test_every_role_is_told():
    text = access_tables.PAGE.read_text(encoding="utf-8")
    assert [role for role in Role if f"| {role.label} |" not in text] == []
