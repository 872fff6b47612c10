"""A case becomes more urgent: who works on it says so, and the timeline tells."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from cases import actions
from cases.actions.children import CaseClosed
from cases.models import Case
from victimcare.models import Step


def urgency(case):
    return Case.objects.get(pk=case.pk).urgency


def test_worker_changes_the_urgency_and_the_timeline_tells(world, login):
    client = login(world.caseworker)
    address = reverse("cases:urgency", args=[world.case.pk])
    assert address in client.get(reverse("cases:case", args=[world.case.pk])).content.decode()
    page = client.post(address, {"urgency": "emergency"}, follow=True).content.decode()
    assert urgency(world.case) == "emergency"
    assert "Urgency changed" in page
    assert "Emergency (today)" in page
    [step] = Step.objects.about(world.case).filter(verb="urgency")
    assert (step.by, step.reason) == (world.caseworker, "emergency")


def test_same_urgency_leaves_no_step(world):
    actions.change_urgency(world.case, by=world.caseworker, urgency=world.case.urgency)
    assert not Step.objects.about(world.case).filter(verb="urgency").exists()


def test_words_that_are_no_urgency_are_refused(world):
    with pytest.raises(ValidationError):
        actions.change_urgency(world.case, by=world.caseworker, urgency="she is in danger")
    assert not Step.objects.about(world.case).filter(verb="urgency").exists()


def test_neither_outsiders_nor_a_closed_case(world):
    with pytest.raises(PermissionDenied):
        actions.change_urgency(world.case, by=world.provider, urgency="emergency")
    asked = actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached")
    closed = actions.approve_closure(asked, by=world.supervisor)
    with pytest.raises(CaseClosed):
        actions.change_urgency(closed, by=world.caseworker, urgency="emergency")
