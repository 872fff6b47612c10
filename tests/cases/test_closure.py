"""Closing takes two people: by the page, the action and the database."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from cases import actions
from cases.actions.workflow import ApprovedBySamePerson, ClosureBlocked
from cases.models import Case, Note
from tests import factories
from victimcare.models import Membership, Role, Step
from victimcare.workflow import IllegalTransition


@pytest.fixture
def closing(world):
    return actions.ask_closure(
        world.case, by=world.caseworker, reason="goals_reached", words="She is safe now"
    )


def address(case, name):
    return reverse(f"cases:{name}", args=[case.pk])


def status(case):
    return Case.objects.get(pk=case.pk).status


def verbs(case):
    return list(Step.objects.about(case).order_by("at").values_list("verb", flat=True))


def test_closure_is_asked_with_a_reason_and_words_that_stay(world, login):
    data = {"closure_reason": "goals_reached", "words": "She is safe now"}
    page = (
        login(world.caseworker).post(address(world.case, "closure_ask"), data, follow=True).content.decode()
    )
    case = Case.objects.get(pk=world.case.pk)
    assert (case.status, case.closure_asked_by, case.closure_reason) == (
        "closing",
        world.caseworker,
        "goals_reached",
    )
    assert Note.objects.get(case=case).text == "She is safe now"
    assert "A supervisor of the team was asked" in page


def test_closure_without_a_reason_is_refused_and_the_words_kept(world, login):
    answer = login(world.caseworker).post(address(world.case, "closure_ask"), {"words": "Long and careful"})
    assert "Long and careful" in answer.content.decode()
    assert status(world.case) == "open"
    with pytest.raises(ValidationError):
        actions.ask_closure(world.case, by=world.caseworker, reason="tired")


def test_supervisor_sees_why_and_approves(world, login, closing):
    client = login(world.supervisor)
    page = client.get(address(closing, "closure_approve")).content.decode()
    assert "She is safe now" in page
    assert "Goals reached" in page
    client.post(address(closing, "closure_approve"))
    case = Case.objects.get(pk=closing.pk)
    assert (case.status, case.closed_by, case.closure_asked_by) == (
        "closed",
        world.supervisor,
        world.caseworker,
    )


def test_double_click_on_approve_is_one_step_and_a_message(world, login, closing):
    client = login(world.supervisor)
    client.post(address(closing, "closure_approve"))
    again = client.post(address(closing, "closure_approve"), follow=True)
    assert "already done" in again.content.decode()
    assert verbs(closing) == ["ask_closure", "approve_closure"]


def test_who_asked_does_not_approve_by_page_or_action(world, login):
    case = actions.ask_closure(world.case, by=world.supervisor, reason="goals_reached")
    client = login(world.supervisor)
    assert (
        "You asked for this closure yourself" in client.get(address(case, "closure_approve")).content.decode()
    )
    answer = client.post(address(case, "closure_approve"), follow=True)
    assert "Another supervisor of the team has to approve it" in answer.content.decode()
    with pytest.raises(ApprovedBySamePerson):
        actions.approve_closure(case, by=world.supervisor)
    assert status(case) == "closing"


@pytest.mark.parametrize("role", ["application", "owner"])
def test_database_refuses_a_closure_by_one_person(world, as_owner, closing, role):
    sql = (
        "UPDATE cases_case SET status = 'closed', closed_at = now(), closed_by_id = closure_asked_by_id "
        "WHERE id = %s"
    )

    def close():
        with pytest.raises(IntegrityError, match="closure_approved_by_another"), transaction.atomic():
            connection.cursor().execute(sql, [closing.pk])

    if role == "application":
        close()
    else:
        with as_owner():
            close()


def test_caseworker_is_not_allowed_to_decide(world, login, closing):
    client = login(world.caseworker)
    assert client.get(address(closing, "closure_approve")).status_code == 403
    assert client.post(address(closing, "closure_approve")).status_code == 403
    assert client.post(address(closing, "closure_refuse"), {"text": "no"}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.approve_closure(closing, by=world.caseworker)


def test_supervisor_of_another_team_does_not_decide(world, closing):
    other = factories.member(Role.SUPERVISOR, world.agency, world.other_team)
    with pytest.raises(PermissionDenied):
        actions.approve_closure(closing, by=other)
    with pytest.raises(PermissionDenied):
        actions.refuse_closure(closing, by=other, words="no")


def test_refusal_opens_the_case_again_and_says_why(world, login, closing):
    client = login(world.supervisor)
    assert client.post(address(closing, "closure_refuse"), {"text": ""}).status_code == 200
    assert status(closing) == "closing"
    page = client.post(
        address(closing, "closure_refuse"), {"text": "The hearing is still to come"}, follow=True
    )
    case = Case.objects.get(pk=closing.pk)
    assert (case.status, case.closure_asked_by, case.closure_reason) == ("open", None, "")
    assert "The hearing is still to come" in page.content.decode()


def test_closed_case_is_opened_again_and_closed_again_by_two(world, closing):
    actions.approve_closure(closing, by=world.supervisor)
    case = actions.reopen_case(closing, by=world.caseworker)
    assert (case.status, case.closed_by, case.closure_asked_by) == ("reopened", None, None)
    actions.ask_closure(case, by=world.supervisor, reason="person_asked")
    with pytest.raises(ApprovedBySamePerson):
        actions.approve_closure(case, by=world.supervisor)
    second = factories.user("second_supervisor")
    Membership.objects.create(user=second, organization=world.agency, team=world.team, role=Role.SUPERVISOR)
    assert actions.approve_closure(case, by=second).status == "closed"


def test_case_is_held_resumed_and_begun(world, login):
    case = factories.case(world.team, world.caseworker, status=Case.Status.INTAKE)
    client = login(world.caseworker)
    for step, expected in [("open", "open"), ("hold", "on_hold"), ("resume", "open")]:
        assert client.post(address(case, step)).status_code == 302
        assert status(case) == expected
    assert verbs(case) == ["open", "hold", "resume"]


@pytest.mark.parametrize("step", ["open", "resume", "reopen"])
def test_illegal_step_is_a_message_and_changes_nothing(world, login, step):
    answer = login(world.caseworker).post(address(world.case, step), follow=True)
    assert answer.status_code == 200
    assert "not possible any more" in answer.content.decode()
    assert (status(world.case), verbs(world.case)) == ("open", [])


@pytest.mark.parametrize("step", ["closure_approve", "closure_refuse"])
def test_page_of_a_step_that_is_over_leads_back_with_a_message(world, login, step):
    client = login(world.supervisor)
    for answer in (
        client.get(address(world.case, step), follow=True),
        client.post(address(world.case, step), {"text": "too late"}, follow=True),
    ):
        assert answer.redirect_chain
        assert "not possible any more" in answer.content.decode()


def test_what_is_still_running_keeps_the_case_open(world, login, closing):
    sentence = "A referral is still open: withdraw it or wait for its outcome."
    actions.closure_blockers.append(lambda case: sentence if case.pk == closing.pk else None)
    try:
        answer = login(world.supervisor).post(address(closing, "closure_approve"), follow=True)
        assert sentence in answer.content.decode()
        with pytest.raises(ClosureBlocked):
            actions.approve_closure(closing, by=world.supervisor)
        other = factories.case(world.team, world.caseworker)
        assert actions.ask_closure(other, by=world.caseworker, reason="died").status == "closing"
    finally:
        actions.closure_blockers.pop()
    assert status(closing) == "closing"
    assert verbs(closing) == ["ask_closure"]


def test_steps_are_told_in_words(world, login, closing):
    page = login(world.caseworker).get(address(closing, "case")).content.decode()
    assert "Closure asked for" in page


def test_illegal_transition_is_raised_by_the_action(world):
    with pytest.raises(IllegalTransition):
        actions.approve_closure(world.case, by=world.supervisor)
    assert Case.objects.get(pk=world.case.pk).closed_at is None


def test_a_supervisor_elsewhere_is_not_asked_to_decide(world, login, closing):
    """Supervisor of South, caseworker in North: a closure in North is not theirs to approve."""
    both = factories.member(Role.SUPERVISOR, world.agency, world.other_team, "both")
    Membership.objects.create(user=both, organization=world.agency, team=world.team, role=Role.CASEWORKER)
    actions.assign(closing, both, by=world.supervisor)
    client = login(both)
    assert "Approve the closure" not in client.get(address(closing, "case")).content.decode()
    assert client.get(address(closing, "closure_approve")).status_code == 403
    assert "Nothing waits for you." in client.get("/").content.decode()
    for decide in (actions.approve_closure, actions.refuse_closure):
        with pytest.raises(PermissionDenied):
            decide(closing, by=both, **({"words": "No"} if decide is actions.refuse_closure else {}))


@pytest.mark.parametrize("name", ["open", "hold", "resume", "reopen"])
def test_the_address_of_a_step_leads_back_to_its_button(world, login, name):
    answer = login(world.caseworker).get(address(world.case, name), follow=True)
    assert answer.redirect_chain == [(address(world.case, "case"), 302)]
    assert "Press the button again." in answer.content.decode()
    assert status(world.case) == "open"
