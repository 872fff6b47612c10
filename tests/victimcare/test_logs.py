"""The logs are only ever added to, and say who did what."""

from contextlib import nullcontext

import pytest
from django.db import DatabaseError, connection, transaction

from cases.models import Case, Person
from tests import factories
from victimcare import audit, records, workflow
from victimcare.models import AccessEntry, Step
from victimcare.models.logs import Action


@pytest.mark.parametrize("table", ["victimcare_accessentry", "victimcare_step"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET object_label = ''"])
@pytest.mark.parametrize("role", ["application", "owner"])
def test_a_log_is_only_added_to(world, as_owner, table, statement, role):
    workflow.advance(world.case, "hold", by=world.caseworker)
    acting = as_owner() if role == "owner" else nullcontext()
    with acting, pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET gender = ''"])
def test_history_is_only_added_to_by_the_application(world, statement):
    factories.person(world.agency)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("cases_historicalperson"))


def test_application_owns_nothing_and_cannot_become_another(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_writes_are_logged_with_kinds_and_without_words(world):
    made, new = records.create(
        Person(
            organization=world.agency, subject_key=factories.subject_key(world.agency), given_names="Zuleika"
        ),
        by=world.caseworker,
    )
    assert new
    entry = AccessEntry.objects.about(made).get()
    assert (entry.action, entry.by, entry.kinds) == (Action.CREATE, world.caseworker, ["identity"])
    assert entry.member_state_id == "AR"


def test_a_record_sent_twice_is_stored_once(world):
    made = Person(organization=world.agency, subject_key=factories.subject_key(world.agency))
    again = Person(pk=made.pk, organization=world.agency, subject_key=made.subject_key)
    assert records.create(made, by=world.caseworker) == (made, True)
    assert records.create(again, by=world.caseworker) == (made, False)
    assert made.history.count() == 1


def test_stale_revision_is_refused_and_nothing_changes(world):
    made = factories.person(world.agency)
    records.change(made, by=world.caseworker, revision=1, surnames="First")
    with pytest.raises(records.Stale):
        records.change(made, by=world.caseworker, revision=1, surnames="Second")
    assert Person.objects.get(pk=made.pk).surnames == "First"


def test_step_is_taken_once_and_recorded(world):
    case = workflow.advance(world.case, "hold", by=world.caseworker)
    assert case.status == Case.Status.ON_HOLD
    with pytest.raises(workflow.IllegalTransition):
        workflow.advance(world.case, "hold", by=world.caseworker)
    step = Step.objects.about(case).get()
    assert (step.verb, step.source, step.target, step.by) == ("hold", "open", "on_hold", world.caseworker)


def test_log_of_a_list_names_no_record(world):
    entry = audit.record(Action.LIST, Case, by=world.caseworker, rows=7, kinds={"identity"})
    assert (entry.object_id, entry.rows, entry.object_label) == (None, 7, "cases.Case")
