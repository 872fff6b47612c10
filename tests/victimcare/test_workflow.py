"""One step of a record with states: who may take it, from where, and what is written down about it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases import actions
from cases.models import Case
from certification import actions as certification_actions
from certification.models import Accreditation
from tests import factories
from victimcare import workflow
from victimcare.models import AccessEntry, Role, Step, User
from victimcare.models.logs import Action


def test_a_step_is_stored_with_who_took_it_and_when(world):
    case, began = world.case, timezone.now()
    workflow.advance(case, "hold", by=world.caseworker)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.revision) == ("on_hold", case.revision + 1)
    assert stored.history.latest().history_user == world.caseworker
    assert began <= stored.stepped_at <= timezone.now()


def test_a_stamped_step_says_who_and_when_and_keeps_what_came_with_it(world):
    began = timezone.now()
    workflow.advance(world.case, "ask_closure", by=world.caseworker, closure_reason="died")
    stored = Case.objects.get(pk=world.case.pk)
    assert (stored.closure_asked_by, stored.closure_reason) == (world.caseworker, "died")
    assert began <= stored.closure_asked_at <= timezone.now()


def test_a_step_is_a_line_of_its_log_with_its_reason(world):
    held = workflow.advance(world.case, "hold", by=world.caseworker, reason="person_away")
    step = Step.objects.about(held).get()
    assert (step.object_label, step.object_id, step.by) == ("cases.Case", held.pk, world.caseworker)
    assert (step.verb, step.source, step.target, step.reason) == ("hold", "open", "on_hold", "person_away")


def test_a_line_without_another_state_says_the_state_twice(world):
    actions.change_urgency(world.case, by=world.caseworker, urgency="soon")
    step = Step.objects.about(world.case).get()
    assert (step.verb, step.source, step.target, step.reason) == ("urgency", "open", "open", "soon")


def test_a_step_is_a_change_in_the_access_log(world):
    workflow.advance(world.case, "hold", by=world.caseworker)
    entry = AccessEntry.objects.about(world.case).get()
    assert (entry.action, entry.by) == (Action.CHANGE, world.caseworker)


def test_a_step_that_is_not_possible_says_the_state_in_words_and_writes_nothing(world):
    with pytest.raises(workflow.IllegalTransition) as refused:
        workflow.advance(world.case, "resume", by=world.caseworker)
    assert refused.value.messages == [
        "This was already done, or is not possible any more. Its state is now: open."
    ]
    assert refused.value.code == "illegal_transition"
    assert refused.value.params == {"verb": "resume", "state": "open"}
    assert not Step.objects.about(world.case).exists()
    assert Case.objects.get(pk=world.case.pk).revision == world.case.revision


def test_nobody_takes_a_step_that_needs_a_permission(world):
    with pytest.raises(PermissionDenied):
        workflow.advance(world.case, "hold", by=None)
    assert Case.objects.get(pk=world.case.pk).status == "open"


def test_who_is_not_allowed_is_not_told_the_state(world):
    """Refused before the state is looked at: `resume` is not possible either."""
    with pytest.raises(PermissionDenied):
        workflow.advance(world.case, "resume", by=world.provider)


def test_a_step_without_a_permission_is_taken_by_nobody_and_says_so(world):
    expired = workflow.advance(world.accreditation, "expire", by=None)
    assert Accreditation.objects.get(pk=expired.pk).status == "expired"
    step = Step.objects.about(expired).get()
    assert (step.verb, step.source, step.target, step.by) == ("expire", "issued", "expired", None)


def officer_elsewhere() -> User:
    body = factories.organization(is_certifying_body=True)
    return factories.member(Role.OFFICER, body, None, "elsewhere")


def test_a_step_may_be_taken_with_its_permission_in_the_records_organisation(world):
    held = world.accreditation
    assert held.may(world.officer, "suspend") is True
    elsewhere = officer_elsewhere()
    assert held.may(elsewhere, "suspend") is False
    assert held.may(world.examiner, "suspend") is False
    with pytest.raises(PermissionDenied):
        workflow.advance(held, "suspend", by=elsewhere, reason="safety")


def test_a_step_may_be_taken_from_the_states_that_it_starts_in(world):
    held = certification_actions.suspend(world.accreditation, by=world.officer, reason="safety")
    offered = [verb for verb in held.TRANSITIONS if held.may(world.officer, verb)]
    assert offered == ["reinstate", "revoke", "expire"]


def test_a_step_without_a_permission_is_for_everybody(world):
    assert world.accreditation.permits(officer_elsewhere(), "expire") is True


def test_a_transition_is_told_in_short():
    told = workflow.transition(["open", "reopened", "open"], "on_hold", "cases.work", "held")
    assert told == workflow.Transition(frozenset({"open", "reopened"}), "on_hold", "cases.work", "held")
    assert workflow.transition(["open"], "on_hold", None).stamp == ""
