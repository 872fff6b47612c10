"""Conflicts of interest that are forgotten somewhere."""

from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from tests.planted import plugin
from tests.planted.erasure import without

CASES, REFERRALS = "tests/cases/test_ties.py::", "tests/referrals/test_ties.py::"
WAY = f"{CASES}test_each_way_in_is_closed_by_a_tie"
ALONE = f"{CASES}test_the_application_alone_keeps_it_back"


@contextmanager
def both(*plants: Any) -> Any:
    with ExitStack() as planted:
        for plant in plants:
            planted.enter_context(plant)
        yield


def nothing_is_locked() -> Any:
    return patch("cases.ties._asked", lambda user: frozenset())


# Who is tied is asked as who is not.
TIED = "IF EXISTS (SELECT FROM public.cases_tie"
OPENED_ALL_THE_SAME = without("app.my_cases()", TIED, TIED.replace("IF", "IF false AND"))
FAULTS = [
    (
        "a tie is forgotten by the database in what was opened one by one",
        f"{WAY}[opened_whole]",
        OPENED_ALL_THE_SAME,
    ),
    (
        "a tie is forgotten by the database in teams",
        f"{WAY}[supervises]",
        without("app.my_teams()", "locked.team_id = work.team_id", "false"),
    ),
    (
        "a tie is forgotten by the database in the minimum of an emergency",
        f"{WAY}[opened]",
        without("app.my_minimum()", "tie.subject_key_id = emergency.subject_key_id", "false"),
    ),
    (
        "a tie is forgotten by the database in what search hints at",
        f"{WAY}[nothing]",
        without("app.cases_held(uuid[])", "tie.subject_key_id = held.subject_key_id", "false"),
    ),
    (
        "a tie is forgotten by the database in what an emergency opens",
        f"{WAY}[nothing]",
        without("app.cases_to_open(uuid[],text[])", "tie.subject_key_id = held.subject_key_id", "false"),
    ),
    ("a tie is forgotten by the application in teams", f"{ALONE}[supervises]", nothing_is_locked),
    ("a tie is forgotten by the application in emergencies", f"{ALONE}[opened_whole]", nothing_is_locked),
    (
        "a tie locks one case of the person and not the others",
        f"{CASES}test_every_case_of_the_person_is_locked_also_a_later_one",
        without(
            "app.locked_cases(uuid)", "held.subject_key_id = tie.subject_key_id", "held.id = tie.case_id"
        ),
    ),
    (
        "who is tied can ask what is locked to them",
        f"{CASES}test_only_the_job_learns_what_is_locked",
        without("app.locked_cases(uuid)", "app.job() IS DISTINCT FROM 'ties'", "false"),
    ),
    (
        "who is tied reads the tie",
        f"{WAY}[nothing]",
        lambda: plugin.sql(
            "CREATE POLICY planted ON cases_tie FOR SELECT USING (user_id = (SELECT app.me()))"
        ),
    ),
    (
        "a tied supervisor reads the log of it",
        f"{CASES}test_the_log_of_a_team_tells_its_tied_supervisor_nothing_of_it",
        without("app.is_locked(uuid)", "tie.subject_key_id = key", "false"),
    ),
    (
        "a tied supervisor leads nothing of the team any more",
        f"{CASES}test_a_tied_supervisor_sees_the_rest_of_the_team_and_leads_it",
        without("app.my_led()", "IF NOT EXISTS", "IF true OR NOT EXISTS"),
    ),
    (
        "who is tied is told of an emergency",
        f"{CASES}test_who_is_tied_is_not_told_of_an_emergency",
        lambda: patch("cases.notices._not_tied", lambda case_id, users: list(users)),
    ),
    (
        "who is tied stays assigned",
        f"{CASES}test_who_is_tied_says_so_and_sees_it_no_more",
        lambda: patch("cases.actions.ties._end_work_on", lambda tie, by: None),
    ),
    (
        "who is tied is given the case again",
        f"{CASES}test_a_tied_worker_is_not_given_the_case",
        lambda: patch("cases.actions.assignments.locked_cases", lambda user: frozenset()),
    ),
    (
        "who is tied lifts it in the database",
        f"{CASES}test_nobody_lifts_their_own",
        lambda: plugin.sql("ALTER TABLE cases_tie DROP CONSTRAINT tie_lifted_by_another"),
    ),
    (
        "a tied provider is a candidate",
        f"{REFERRALS}test_a_tied_provider_is_excluded_with_words_that_give_nothing_away",
        lambda: patch("referrals.proposals.not_available", lambda case, by: frozenset()),
    ),
    (
        "a draft to a tied provider is sent",
        f"{REFERRALS}test_a_draft_of_before_is_not_sent",
        lambda: both(
            patch("referrals.actions.sending.require_available", lambda case, receiver, by: None),
            plugin.sql("DROP TRIGGER to_nobody_tied ON referrals_referral"),
        ),
    ),
    (
        "a draft to a tied provider is sent by the database",
        f"{REFERRALS}test_the_database_sends_nothing_to_it_either",
        lambda: plugin.sql("DROP TRIGGER to_nobody_tied ON referrals_referral"),
    ),
    (
        "a tie is asked of the one case only where it is sent",
        f"{REFERRALS}test_it_holds_for_another_case_of_the_person_too",
        without("app.places_closed(uuid)", "tie.subject_key_id = key", "tie.id IS NULL"),
    ),
    (
        "what runs at a tied provider goes on",
        f"{REFERRALS}test_what_was_sent_is_taken_back_and_closed_to_it",
        lambda: patch("referrals.actions.withdraw_from_tied", lambda tie, by: 0),
    ),
    (
        "what ended at a tied provider stays open in the database",
        f"{REFERRALS}test_what_was_completed_is_closed_to_it_too",
        without("app.my_inboxes()", "tie.place_id = work.organization_id", "false"),
    ),
    (
        "provider staff who are tied read on in the database",
        f"{REFERRALS}test_provider_staff_say_so_and_see_it_no_more",
        without("app.my_inboxes()", "tie.user_id = acting", "false"),
    ),
    (
        "who sent it answers it",
        f"{REFERRALS}test_who_sent_it_and_joined_the_provider_later_does_not_answer_it",
        lambda: patch("referrals.models.Referral.permits", lambda self, user, verb: True),
    ),
    (
        "nobody is told that provider staff are tied",
        f"{REFERRALS}test_the_supervisor_of_the_case_is_told_that_provider_staff_are_tied",
        without("app.case_told_of(uuid)", "held.team_id", "NULL::uuid"),
    ),
    (
        "nobody is told what was taken back from a tied provider",
        f"{REFERRALS}test_who_works_on_the_case_is_told_what_was_taken_back_and_nobody_there",
        lambda: patch("referrals.notices.withdrawn", lambda referral: None),
    ),
    (
        "who is tied asks for number and team of a case",
        f"{REFERRALS}test_only_the_job_that_tells_learns_number_and_team",
        without("app.case_told_of(uuid)", "app.job() IS DISTINCT FROM 'notices'", "false"),
    ),
    (
        "an erasure says nothing of what is locked to the approver",
        "tests/cases/test_erasure_and_others.py::test_what_is_locked_to_the_approver_is_counted_as_not_compared",
        lambda: patch("cases.erasing.locked_cases", lambda user: frozenset()),
    ),
]
