"""The logs are only ever added to, and say who did what."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from cases.models import Case, Person
from tests import factories
from victimcare import acting, audit, records, workflow
from victimcare.models import AccessEntry, Step
from victimcare.models.logs import Action


@pytest.mark.parametrize("table", ["victimcare_accessentry", "victimcare_step"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET object_label = ''"])
@pytest.mark.parametrize("role", ["application", "owner"])
def test_a_log_is_only_added_to(world, as_owner, acts, table, statement, role):
    workflow.advance(world.case, "hold", by=world.caseworker)
    acting_as = as_owner() if role == "owner" else acts(world.caseworker)
    with acting_as, pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET gender = ''"])
def test_history_is_only_added_to_by_the_application(world, acts, statement):
    factories.case(world.team, world.caseworker)
    with (
        acts(world.caseworker),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("cases_historicalperson"))


def test_application_owns_nothing_and_cannot_become_another(world, as_application):
    with as_application(), connection.cursor() as cursor:
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


def written(*args, by, **kwargs):
    audit.record(*args, by=by, **kwargs)
    with acting.as_user(by):
        return AccessEntry.objects.get(by=by)


def test_log_of_a_list_names_no_record_but_the_place_where_it_was_read(world):
    entry = written(Action.LIST, Case, by=world.caseworker, rows=7, kinds={"identity"})
    assert (entry.object_id, entry.rows, entry.object_label) == (None, 7, "cases.Case")
    assert (entry.organization, entry.member_state_id) == (world.agency, "AR")


def test_log_of_a_record_says_the_records_own_place(world):
    entry = written(Action.READ, world.case, by=world.caseworker_br)
    assert (entry.organization, entry.member_state_id) == (world.agency, "AR")


def test_somebody_without_a_place_is_logged_without_one(world):
    entry = written(Action.LIST, Case, by=factories.user())
    assert (entry.organization, entry.member_state) == (None, None)


def refusals(user):
    found = AccessEntry.objects.filter(action=Action.REFUSED, by=user)
    return [(one.object_label, one.object_id, one.organization_id, one.kinds) for one in found]


def test_a_refused_room_is_logged_once(world, login):
    assert login(world.officer).get(reverse("cases:caseload")).status_code == 403
    assert refusals(world.officer) == [("", None, world.body.pk, [])]


def test_a_refused_page_of_a_record_says_its_model_and_not_which(world, login):
    case = world.case
    client = login(world.caseworker)
    assert client.get(reverse("cases:assign", args=[case.pk])).status_code == 403
    assert refusals(world.caseworker) == [("cases.Case", None, world.agency.pk, [])]


def test_what_is_not_theirs_to_know_is_logged_once(world, login):
    assert login(world.caseworker2).get(reverse("cases:case", args=[world.case.pk])).status_code == 404
    assert [label for label, *_ in refusals(world.caseworker2)] == ["cases.Case"]
