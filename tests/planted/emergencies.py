"""Emergency access that opens more than it says, or is not watched."""

from typing import Any
from unittest.mock import patch

from tests.planted import plugin
from tests.planted.erasure import without
from tests.planted.ties import OPENED_ALL_THE_SAME, both
from victimcare.row_security import sees

PAGES = "tests/cases/test_emergency_pages.py::"
EMERGENCIES = "cases.models.emergencies.EmergencyQuerySet"
REVIEWS = "tests/cases/test_emergency_reviews.py::"


def the_application_forgets_the_stage() -> Any:
    return patch(f"{EMERGENCIES}.whole", lambda self: self)


FAULTS = [
    (
        "the stage of an emergency is ignored by the application",
        f"{PAGES}test_the_application_alone_shows_no_more_either[case]",
        the_application_forgets_the_stage,
    ),
    (
        "the stage of an emergency is ignored by the database",
        f"{PAGES}test_the_minimum_is_all_that_the_database_gives",
        without("app.my_cases()", "AND emergency.stage = 'whole'"),
    ),
    (
        "the minimum of an emergency is closed in the database",
        f"{PAGES}test_the_number_opens_it_on_one_page_with_the_minimum_first",
        lambda: plugin.sql("DROP POLICY in_emergency ON cases_person"),
    ),
    (
        "the minimum of an emergency is added to in the database",
        f"{PAGES}test_the_database_adds_nothing_to_whose_minimum_is_open[contact]",
        lambda: plugin.sql(
            sees("sees_person", "cases_person").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        ),
    ),
    (
        "an emergency that is over still opens the case",
        f"{PAGES}test_it_ends_at_once_when_they_say_so",
        lambda: both(
            patch(f"{EMERGENCIES}.running", lambda self, now=None: self.current()),
            without("app.my_cases()", "AND emergency.until > clock_timestamp()")(),
        ),
    ),
    (
        "who opened it reviews it in the database",
        f"{REVIEWS}test_who_opened_it_never_reviews_it",
        lambda: plugin.sql("ALTER TABLE cases_emergencyaccess DROP CONSTRAINT emergency_reviewed_by_another"),
    ),
    (
        "who opened it reviews it in the application",
        f"{REVIEWS}test_who_opened_it_never_reviews_it",
        lambda: patch("cases.actions.emergencies.ReviewedBySamePerson", PermissionError),
    ),
    (
        "an emergency is prolonged in the database",
        f"{REVIEWS}test_the_database_lets_nobody_widen_or_prolong_what_another_opened",
        lambda: plugin.sql("DROP TRIGGER steps ON cases_emergencyaccess"),
    ),
    (
        "nobody is told of an emergency",
        f"{PAGES}test_all_who_answer_for_the_case_are_told_by_number_and_link",
        lambda: patch("cases.notices.emergency_opened", lambda emergency, team_id: None),
    ),
    (
        "the data-protection officer reads cases",
        f"{REVIEWS}test_the_data_protection_officer_reads_no_case",
        lambda: plugin.sql(
            "CREATE POLICY planted ON cases_case FOR SELECT"
            " USING (organization_id = ANY ((SELECT app.places_as('privacy'))::uuid[]))"
        ),
    ),
    (
        "a locked case is opened in an emergency",
        f"{PAGES}test_a_locked_case_gives_the_same_answer_as_none",
        lambda: both(
            patch("cases.workers.locked_cases", lambda user: frozenset()),
            without(
                "app.cases_to_open(uuid[],text[])", "tie.subject_key_id = held.subject_key_id", "false"
            )(),
        ),
    ),
    (
        "a tie does not close an emergency that runs",
        f"{PAGES}test_a_running_emergency_closes_with_a_tie",
        lambda: both(
            patch("cases.ties._asked", lambda user: frozenset()),
            OPENED_ALL_THE_SAME(),
        ),
    ),
    (
        "who is tied closes a review, as far as the application cares",
        f"{REVIEWS}test_who_is_tied_reviews_nothing_of_it",
        lambda: plugin.second_wall_away(lambda: patch("cases.ties._asked", lambda user: frozenset())),
    ),
    (
        "nobody's frequency stands out",
        f"{REVIEWS}test_more_than_three_in_a_day_are_told_and_marked",
        lambda: patch("cases.frequency.IN_A_DAY", 99),
    ),
    (
        "the reviewer is not shown what it showed",
        f"{REVIEWS}test_the_reviewer_reads_what_it_showed",
        lambda: patch("cases.emergencies.shown_in", lambda one: []),
    ),
    (
        "an emergency that runs is reviewed in the database",
        f"{REVIEWS}test_what_still_runs_is_not_reviewed[privacy]",
        without("app.emergency_steps()", "OR OLD.until > clock_timestamp()"),
    ),
    (
        "an emergency that runs is reviewed in the application",
        f"{REVIEWS}test_what_still_runs_is_not_reviewed[privacy]",
        lambda: patch("cases.actions.emergencies._require_reviewable", lambda current: None),
    ),
    (
        "the words of an emergency are changed afterwards",
        f"{REVIEWS}test_the_database_changes_no_words_that_were_said",
        without(
            "app.emergency_steps()",
            "(NEW.words, NEW.retired_at) IS DISTINCT FROM (OLD.words, OLD.retired_at)",
            "false",
        ),
    ),
    (
        "the words of a review are changed afterwards",
        f"{REVIEWS}test_the_database_changes_no_words_that_were_said",
        without("app.emergency_steps()", "NEW.review_words IS DISTINCT FROM OLD.review_words", "false"),
    ),
    (
        "who is tied reads the history of their emergency",
        f"{REVIEWS}test_who_is_tied_reads_no_history_of_their_own_emergency",
        lambda: plugin.sql(
            "CREATE POLICY planted ON cases_historicalemergencyaccess FOR SELECT"
            " USING (user_id = (SELECT app.me()))"
        ),
    ),
    (
        "each caseworker is told how often a colleague opens",
        f"{REVIEWS}test_numbers_of_colleagues_are_for_who_reviews[caseworker-0]",
        without("app.emergencies_counted(uuid,uuid)", "asked IS DISTINCT FROM app.me() OR"),
    ),
    (
        "a review that waits is forgotten",
        f"{REVIEWS}test_who_reviews_is_told_after_a_day_that_it_waits",
        without("app.emergencies_unreviewed(timestamptz)", "waiting.reviewed_at IS NULL", "false"),
    ),
]
