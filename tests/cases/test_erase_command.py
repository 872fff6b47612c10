"""Erasing at the desk: one person's password, and what somebody else asked for on the pages."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cases import actions
from cases.models import Erasure
from tests.factories import PASSWORD
from victimcare.models import SubjectKey


@pytest.fixture
def password(world, tmp_path):
    """In a file: the supervisor's own."""
    for user in (world.supervisor, world.caseworker):
        user.set_password(PASSWORD)
        user.save()
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture
def asked(world):
    return actions.ask_erasure(world.case, by=world.caseworker, reason="court_order")


def alive(case):
    return SubjectKey.objects.get(pk=case.subject_key_id).wrapped is not None


def erase(case, file, **changed):
    out = StringIO()
    options = {"approved_by": "supervisor", "password_file": file} | changed
    call_command("erase", case.number, stdout=out, **options)
    return out.getvalue()


def test_it_approves_what_somebody_else_asked_for(world, asked, password):
    assert f"Erased the person of case {world.case.number}." in erase(world.case, password)
    assert not alive(world.case)
    assert Erasure.objects.get().approved_by == world.supervisor


def test_it_asks_for_nothing_itself(world, password):
    with pytest.raises(CommandError, match="somebody else asks on the page"):
        erase(world.case, password)
    assert not Erasure.objects.exists()
    assert alive(world.case)


def test_who_asked_does_not_approve_here_either(world, password):
    actions.ask_erasure(world.case, by=world.supervisor, reason="court_order")
    with pytest.raises(CommandError, match="Another supervisor"):
        erase(world.case, password)
    assert alive(world.case)


def test_another_password_approves_nothing(world, asked, password):
    password.write_text("guessed")
    with pytest.raises(CommandError, match="not the password"):
        erase(world.case, password)
    assert alive(world.case)


def test_who_may_not_sign_in_approves_nothing(world, asked, password):
    world.supervisor.is_active = False
    world.supervisor.save()
    with pytest.raises(CommandError, match="not the password"):
        erase(world.case, password)
    assert alive(world.case)


def test_password_is_asked_for_on_the_terminal(world, asked, password, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("cases.management.commands.erase.getpass", lambda prompt: PASSWORD)
    erase(world.case, None)
    assert not alive(world.case)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"approved_by": "caseworker"}, "may not do this"),
        ({"approved_by": "nobody"}, "no account"),
        ({"named_in": ["7K4"]}, "no number of a case"),
        ({"password_file": None}, "asked for on a terminal"),
    ],
)
def test_it_refuses_in_a_sentence(world, asked, password, changed, sentence, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(CommandError, match=sentence):
        erase(world.case, password, **changed)
    assert alive(world.case)


def test_a_file_that_is_not_there_is_said(world, asked, tmp_path):
    assert world.supervisor
    with pytest.raises(CommandError, match="cannot be read"):
        erase(world.case, tmp_path / "absent")
