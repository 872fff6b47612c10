"""A restored backup serves nobody until the ledger was replayed over it."""

import fcntl
import os
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from cases import actions, tokens
from cases.models import Case, Consent, Erasure, NameCard, Party, PersonTokens
from tests import factories
from tests.conftest import owner
from victimcare import erasure_ledger
from victimcare.encryption import keyring
from victimcare.models import ErasureEntry, SubjectKey, User

BACK = """
UPDATE victimcare_subjectkey SET wrapped = %s, destroyed_at = NULL, destroyed_by_id = NULL WHERE id = %s;
"""


@pytest.fixture
def ledger(settings, tmp_path):
    settings.ERASURE_LEDGER_FILE = str(tmp_path / "erasures")
    return tmp_path / "erasures"


@pytest.fixture
def erased(world, ledger, django_capture_on_commit_callbacks):
    """A case whose person was erased, and how its key was wrapped before."""
    case = world.case
    other = factories.case(world.other_team, world.caseworker2)
    party = Party.objects.create(case=other, subject_key_id=other.subject_key_id, role="child", name="Ximena")
    wrapped = SubjectKey.objects.get(pk=case.subject_key_id).wrapped
    asked = actions.ask_erasure(case, by=world.caseworker, reason="person_asked")
    with django_capture_on_commit_callbacks(execute=True):
        actions.approve_erasure(asked, by=world.supervisor, parties=[party.pk])
    case.wrapped, case.party = wrapped, party
    return case


def key_comes_back(case):
    with owner(), connection.cursor() as cursor:
        cursor.execute(BACK, [case.wrapped, case.subject_key_id])


def take_out_of_the_database():
    with owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE victimcare_erasureentry DISABLE TRIGGER only_added_to")
        cursor.execute("DELETE FROM victimcare_erasureentry")
        cursor.execute("ALTER TABLE victimcare_erasureentry ENABLE TRIGGER only_added_to")


def alive(case):
    return SubjectKey.objects.get(pk=case.subject_key_id).wrapped is not None


def replay(*arguments, **options):
    """As the owner, as the command connects."""
    out = StringIO()
    with owner():
        call_command("erasures", "replay", *arguments, stdout=out, **options)
    return out.getvalue()


def test_each_erasure_is_written_outside_of_the_database(erased, ledger):
    [line] = erasure_ledger.read(ledger)
    stored = ErasureEntry.objects.get()
    assert erasure_ledger.as_line(line) == erasure_ledger.as_line(stored)
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert "Ximena" not in ledger.read_text()


def test_a_key_that_came_back_closes_the_product_until_the_replay(erased, client):
    assert client.get("/healthz").status_code == 200
    key_comes_back(erased)
    assert type(client)().get("/healthz").status_code == 503
    assert type(client)().get(reverse("account_login")).status_code == 503
    assert "destroyed 1 keys again" in replay()
    assert not alive(erased)
    assert type(client)().get(reverse("account_login")).status_code == 200


def test_an_older_database_learns_from_the_file(erased, ledger, client, world):
    """Nothing of the erasure is in the backup: neither the ledger's line nor what was done."""
    take_out_of_the_database()
    with owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET status = 'open', erased_at = NULL, erased_by_id = NULL WHERE id = %s",
            [erased.pk],
        )
        cursor.execute("UPDATE cases_erasure SET status = 'asked', approved_at = NULL, approved_by_id = NULL")
    key_comes_back(erased)
    party = Party.objects.get(pk=erased.party.pk)
    party.name = "Ximena"
    party.save()
    factories.Assignment.objects.create(
        case=erased, user=world.caseworker, subject_key_id=erased.subject_key_id
    )
    PersonTokens.objects.create(person=erased.person, tokens="ABCD")
    key = tokens.keys_of(world.agency).of_cards
    NameCard.objects.create(person=erased.person, subject_key_id=key, card=b"said")
    assert client.get("/healthz").status_code == 503
    assert "Learned of 1 erasures, destroyed 1 keys again" in replay()
    restored = Case.objects.get(pk=erased.pk)
    assert (restored.status, restored.erased_by) == ("closed", world.supervisor)
    assert not restored.assignments.filter(ended_at=None).exists()
    assert not PersonTokens.objects.filter(person=erased.person).exists()
    assert not NameCard.objects.filter(person=erased.person).exists()
    assert Party.objects.get(pk=erased.party.pk).name == ""
    assert Erasure.objects.get().status == "approved"
    assert not alive(erased)
    assert client.get("/healthz").status_code == 200
    assert "Learned of 0 erasures, destroyed 0 keys again" in replay(str(ledger))


def test_export_adds_what_a_file_lacks(erased, tmp_path):
    out = StringIO()
    for _again in range(2):
        call_command("erasures", "export", str(tmp_path / "other"), stdout=out)
    assert out.getvalue().split("\n")[:2] == ["Added 1 erasures.", "Added 0 erasures."]


def test_a_damaged_ledger_closes_the_product_and_is_said_in_a_sentence(erased, ledger, client):
    ledger.write_text(ledger.read_text() + "{\n")
    assert client.get("/healthz").status_code == 503
    with pytest.raises(CommandError, match="Line 2 of the ledger of erasures is damaged"):
        replay()


def test_accounts_that_the_backup_does_not_know_are_named_by_hand(erased, ledger, world):
    unknown = ledger.read_text().replace(str(world.caseworker.pk), "00000000-0000-4000-8000-000000000000")
    ledger.write_text(
        unknown.replace(str(ErasureEntry.objects.get().pk), "00000000-0000-4000-8000-00000000000a")
    )
    with pytest.raises(CommandError, match="name two that it knows"):
        replay()
    with pytest.raises(CommandError, match="two different"):
        replay(asked_by="supervisor", approved_by="supervisor")
    assert User.objects.filter(username="caseworker").exists()
    assert "Learned of 1" in replay(asked_by="caseworker", approved_by="supervisor")


def test_no_such_file_is_said(erased, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        replay(str(tmp_path / "absent"))


def test_the_worker_does_not_start_over_a_restored_backup(erased):
    key_comes_back(erased)
    with pytest.raises(CommandError, match="erasures replay"):
        call_command("db_worker")


def test_two_erasures_at_once_and_a_file_that_says_one_twice(erased, ledger):
    ledger.write_text(ledger.read_text() * 2)
    take_out_of_the_database()
    assert "Learned of 1 erasures" in replay()


def test_a_line_that_was_cut_off_is_written_anew(erased, ledger):
    whole = ledger.read_text()
    ledger.write_text(whole + whole[:40])
    with pytest.raises(erasure_ledger.Unusable):
        erasure_ledger.read(ledger)
    erasure_ledger.keep()
    assert ledger.read_text() == whole
    ledger.write_text(whole[:-5])
    erasure_ledger.keep()
    assert ledger.read_text() == whole
    ledger.write_text(whole.rstrip())
    erasure_ledger.keep()
    assert ledger.read_text() == whole


def test_a_full_disk_leaves_no_half_line(erased, ledger, monkeypatch):
    ledger.write_text("")
    write = os.write
    monkeypatch.setattr("os.write", lambda file, content: write(file, content[:30]))
    erasure_ledger.keep()
    assert ledger.read_text() == ""


def test_who_writes_the_ledger_waits_for_another(erased, ledger, monkeypatch):
    write, tried = os.write, []

    def another(file, content):
        with ledger.open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        tried.append(len(content))
        return write(file, content)

    monkeypatch.setattr("os.write", another)
    ledger.write_text("")
    assert erasure_ledger.append(ledger, erasure_ledger.stored()) == 1
    assert len(tried) == 1


def test_a_key_dump_that_is_newer_than_the_rest_stops_no_replay(erased, world):
    """The other's key was destroyed too; what names the person there is still in the rows."""
    other = erased.party.case
    party = Party.objects.get(pk=erased.party.pk)
    party.name = "Ximena"
    party.save()
    SubjectKey.objects.filter(pk=other.subject_key_id).update(
        wrapped=None, destroyed_at=erased.created_at, destroyed_by=world.supervisor
    )
    replay()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM cases_party WHERE id = %s", [party.pk])
        assert cursor.fetchone() == (None,)


def test_words_that_stay_are_no_success(erased):
    with owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION app.forget_sent(parties uuid[]) RETURNS bigint"
            " LANGUAGE sql AS 'SELECT 1::bigint'"
        )
    with pytest.raises(CommandError, match="cannot be ended"):
        replay()


def test_keys_of_a_newer_dump_than_the_case_stop_no_replay(erased, ledger, world):
    """The case is as it was before its erasure, with all that ran of it; its key is destroyed already."""
    take_out_of_the_database()
    key_comes_back(erased)
    with owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET status = 'open', erased_at = NULL, erased_by_id = NULL WHERE id = %s",
            [erased.pk],
        )
    consent = factories.consent(erased, world.shelter, giver_name="Invented")
    SubjectKey.objects.filter(pk=erased.subject_key_id).update(
        wrapped=None, destroyed_at=erased.created_at, destroyed_by=world.supervisor
    )
    with keyring.held():
        assert "Learned of 1 erasures" in replay()
    assert Consent.objects.get(pk=consent.pk).withdrawn_by == world.supervisor
    restored = Case.objects.get(pk=erased.pk)
    assert (restored.status, restored.erased_by) == ("closed", world.supervisor)
