"""An erasure beside what others do: their holds, what they send, and what they change at the same moment."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions, tokens
from cases.actions import erasures
from cases.models import Erasure, Party, RecordRequest
from tests import factories
from victimcare.encryption import keyring
from victimcare.models import Role, SubjectKey


@pytest.fixture
def named(world):
    """A record of another team's case that names the person of `world.case`."""
    other = factories.case(world.other_team, world.caseworker2)
    return Party.objects.create(
        case=other, subject_key_id=other.subject_key_id, role="child", name="Ximena Quispe"
    )


@pytest.fixture
def asked(world):
    return actions.ask_erasure(world.case, by=world.caseworker, reason="person_asked")


@pytest.fixture
def hold(world, named):
    boss = factories.member(Role.SUPERVISOR, world.agency, world.other_team)
    return actions.set_legal_hold(named.case, by=boss, reason="court_order")


def unchanged(party):
    return Party.objects.get(pk=party.pk).name == "Ximena Quispe"


def alive(case):
    return SubjectKey.objects.get(pk=case.subject_key_id).wrapped is not None


def test_what_a_hold_keeps_in_anothers_case_is_not_overwritten(world, named, asked, hold):
    with pytest.raises(erasures.HeldElsewhere):
        actions.approve_erasure(asked, by=world.supervisor, parties=[named.pk])
    assert unchanged(named)
    assert alive(world.case)


def test_what_a_hold_keeps_the_database_does_not_overwrite_either(world, named, asked, hold, monkeypatch):
    monkeypatch.setattr(erasures, "_require_none_kept", lambda parties: None)
    with pytest.raises(erasures.HeldElsewhere):
        actions.approve_erasure(asked, by=world.supervisor, parties=[named.pk])
    assert unchanged(named)


def test_a_hold_that_was_lifted_keeps_nothing(world, named, asked, hold):
    boss = factories.member(Role.SUPERVISOR, world.agency, world.other_team)
    actions.lift_legal_hold(hold, by=boss, reason="ended")
    actions.approve_erasure(asked, by=world.supervisor, parties=[named.pk])
    assert not unchanged(named)


def test_page_says_what_a_hold_keeps_and_does_not_offer_it(world, login, named, asked, hold):
    address = reverse("cases:erasure_approve", args=[world.case.pk])
    client = login(world.supervisor)
    page = client.get(address).content.decode()
    assert named.case.number in page
    assert "kept by a legal hold" in page
    assert str(named.pk) not in page
    sent = client.post(address, {"confirmation": world.case.number, "parties": [str(named.pk)]})
    assert "cannot be chosen any more" in sent.content.decode()
    assert unchanged(named)
    assert alive(world.case)


def test_what_is_locked_to_the_approver_is_counted_as_not_compared(world, login, named, asked):
    boss = factories.member(Role.SUPERVISOR, world.agency, world.other_team)
    actions.record_tie(named.case, world.supervisor, by=boss, kind="neighbour")
    page = (
        login(world.supervisor).get(reverse("cases:erasure_approve", args=[world.case.pk])).content.decode()
    )
    assert "were not compared: 1." in page
    assert named.case.number not in page
    second = factories.member(Role.SUPERVISOR, world.agency, world.team)
    page = login(second).get(reverse("cases:erasure_approve", args=[world.case.pk])).content.decode()
    assert "were not compared" not in page
    assert named.case.number in page


def test_cases_of_named_records_are_locked_before_anything_is_overwritten(world, named, asked):
    """Else a referral that is sent at the same moment would carry the name, and nobody would wait for it."""
    with CaptureQueriesContext(connection) as done:
        actions.approve_erasure(asked, by=world.supervisor, parties=[named.pk])
    said = [query["sql"] for query in done]
    locked = next(at for at, sql in enumerate(said) if "app.lock_cases_of" in sql)
    changed = next(at for at, sql in enumerate(said) if 'UPDATE "cases_party"' in sql)
    assert locked < changed


def test_another_refusal_of_the_database_is_not_called_a_waiting_referral(world, asked, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE victimcare_erasureentry ADD CONSTRAINT invented CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="invented") as refused:
        actions.approve_erasure(asked, by=world.supervisor)
    assert not isinstance(refused.value, ValidationError)


def test_forgetting_waits_for_whoever_changes_the_person(world):
    tokens.keep(world.case.person)
    with CaptureQueriesContext(connection) as done:
        tokens.forget(world.case.person)
    locks = [at for at, query in enumerate(done) if "FOR NO KEY UPDATE" in query["sql"]]
    deletes = [at for at, query in enumerate(done) if "DELETE" in query["sql"]]
    assert locks
    assert locks[0] < min(deletes)


def test_a_card_is_made_under_a_key_that_is_held(world):
    """Whoever changes a person while the key is destroyed puts nothing into search."""
    person = world.case.person
    with keyring.held():
        keyring.open_key(person.subject_key_id)
        SubjectKey.objects.filter(pk=person.subject_key_id).update(
            wrapped=None, destroyed_at=person.created_at, destroyed_by=world.supervisor
        )
        with pytest.raises(keyring.SubjectErased):
            tokens.keep(person)


def test_what_another_asked_about_the_person_is_answered_and_leaves_the_list(world, login):
    question = RecordRequest(
        asking=world.case.pk, organization=world.shelter, case=world.case, created_by=world.provider
    )
    question.save(force_insert=True)
    asked = actions.ask_erasure(world.case, by=world.caseworker, reason="person_asked")
    actions.approve_erasure(asked, by=world.supervisor)
    answered = RecordRequest.objects.get()
    assert (answered.status, answered.answered_by) == ("declined", world.supervisor)
    assert not RecordRequest.objects.visible_to(world.supervisor).exists()


def test_an_erasure_that_was_asked_for_on_another_case_of_the_person_ends_with_it(world, asked, login):
    second = factories.case(world.team, world.caseworker, person=world.case.person)
    other = actions.ask_erasure(second, by=world.caseworker, reason="court_order")
    actions.approve_erasure(asked, by=world.supervisor)
    assert not Erasure.objects.current().waiting().exists()
    assert Erasure.objects.get(pk=other.pk).retired_by == world.supervisor
    listed = login(world.supervisor).get(reverse("cases:erasures")).content.decode()
    assert world.case.number in listed
    assert second.number not in listed
