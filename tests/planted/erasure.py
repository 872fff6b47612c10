"""Erasures that leave something, or that one person alone could make."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection

from tests.planted import plugin

OTHERS = "tests/cases/test_erasure_and_others.py::"
ERASED, REPLAYED = "tests/cases/test_erasures.py::", "tests/cases/test_replay.py::"


def without(function: str, words: str, instead: str = "") -> Callable[[], AbstractContextManager[Any]]:
    """A function of the database that leaves out a part of what it does or asks."""

    @contextmanager
    def weakened() -> Iterator[None]:
        from tests.conftest import owner  # the settings are read by then

        with owner(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [function])
            [whole] = cursor.fetchone()
        assert words in whole
        with plugin.sql(whole.replace(words, instead)):
            yield

    return weakened


FORGET, ERASE = "app.forget(uuid[], uuid[], uuid)", "app.erase_subject(uuid)"
KEEP, TOKENS = "app.keep_search(uuid[], text[], bytea[], uuid, uuid[])", "tests/cases/test_tokens.py::"
FAULTS = [
    (
        "an erasure does not destroy the key",
        f"{ERASED}test_two_people_erase_and_nothing_can_be_read",
        without(FORGET, "WHERE id = ANY (keys) AND wrapped IS NOT NULL", "WHERE false"),
    ),
    (
        "an erasure leaves the history of a party in another's case",
        f"{ERASED}test_party_in_anothers_case_is_overwritten_with_its_history",
        without(
            FORGET,
            "UPDATE public.cases_historicalparty SET name = NULL, birth = NULL, details = NULL"
            " WHERE id = ANY (parties)",
            "PERFORM 1",
        ),
    ),
    (
        "an erasure leaves the party in another's case",
        f"{ERASED}test_approving_by_page_asks_for_the_number_and_shows_who_is_named_where",
        lambda: both(
            patch("cases.actions.erasures.overwrite", lambda *args, **kwargs: None),
            without(
                FORGET,
                "UPDATE public.cases_party SET name = NULL, birth = NULL, details = NULL"
                " WHERE id = ANY (parties)",
                "PERFORM 1",
            )(),
        ),
    ),
    (
        "an erasure leaves the tokens of search",
        f"{ERASED}test_two_people_erase_and_nothing_can_be_read",
        without(
            FORGET,
            "DELETE FROM public.cases_persontokens kept USING public.cases_person erased",
            "PERFORM FROM public.cases_persontokens kept, public.cases_person erased",
        ),
    ),
    (
        "a replay does nothing",
        f"{REPLAYED}test_a_key_that_came_back_closes_the_product_until_the_replay",
        lambda: patch("cases.replaying._erase", lambda *args: None),
    ),
    (
        "a restored backup is served",
        f"{REPLAYED}test_a_key_that_came_back_closes_the_product_until_the_replay",
        lambda: patch("victimcare.erasure_ledger.alive", _nothing_alive),
    ),
    (
        "an erasure that is only in the file is not missed",
        f"{REPLAYED}test_an_older_database_learns_from_the_file",
        lambda: patch("victimcare.erasure_ledger.read", lambda path: []),
    ),
    (
        "who asked for an erasure approves it in the database",
        f"{ERASED}test_who_asked_does_not_approve",
        lambda: plugin.sql("ALTER TABLE cases_erasure DROP CONSTRAINT erasure_approved_by_another"),
    ),
    (
        "an erasure is asked for in another's name",
        f"{ERASED}test_an_erasure_in_anothers_name_is_refused",
        lambda: plugin.sql(
            "DROP POLICY add ON cases_erasure;"
            "CREATE POLICY add ON cases_erasure FOR INSERT WITH CHECK (true)"
        ),
    ),
    (
        "anybody destroys a key by the inner function",
        f"{ERASED}test_no_statement_destroys_a_key_past_the_two",
        lambda: plugin.sql(f"ALTER FUNCTION {FORGET} SECURITY DEFINER"),
    ),
    (
        "a legal hold is ignored by the application",
        f"{ERASED}test_legal_hold_forbids_it_until_it_is_lifted",
        lambda: both(
            patch("cases.actions.erasures._require_no_hold", lambda case: None),
            without(ERASE, "AND held.lifted_at IS NULL", "AND false")(),
        ),
    ),
    (
        "a legal hold is ignored by the database",
        f"{ERASED}test_legal_hold_forbids_it_in_the_database_too",
        without(ERASE, "AND held.lifted_at IS NULL", "AND false"),
    ),
    (
        "a legal hold on another's case is ignored by the application",
        f"{OTHERS}test_what_a_hold_keeps_in_anothers_case_is_not_overwritten",
        lambda: both(
            patch("cases.actions.erasures._require_none_kept", lambda parties: None),
            without(ERASE, "AND kept.lifted_at IS NULL", "AND false")(),
        ),
    ),
    (
        "a legal hold on another's case is ignored by the database",
        f"{OTHERS}test_what_a_hold_keeps_the_database_does_not_overwrite_either",
        without(ERASE, "AND kept.lifted_at IS NULL", "AND false"),
    ),
    (
        "the page offers what a legal hold keeps",
        f"{OTHERS}test_page_says_what_a_hold_keeps_and_does_not_offer_it",
        lambda: patch("cases.views.erasures.kept_by_hold", lambda parties: set()),
    ),
    (
        "an erasure does not wait for what is being sent",
        f"{OTHERS}test_cases_of_named_records_are_locked_before_anything_is_overwritten",
        lambda: patch("cases.actions.erasures._lock_cases_of", lambda parties: None),
    ),
    (
        "a card is made under a key that nobody holds",
        f"{OTHERS}test_a_card_is_made_under_a_key_that_is_held",
        lambda: patch("cases.tokens.keyring.key_for_new", _open_key),
    ),
    (
        "a card is made of who was erased",
        f"{TOKENS}test_the_database_takes_no_card_of_who_was_erased",
        without(KEEP, " AND theirs.wrapped IS NOT NULL"),
    ),
    (
        "a card lies under another organisation's key",
        f"{TOKENS}test_the_database_takes_no_card_under_the_key_of_another_organisation",
        without(KEEP, " AND lies.organization_id = known.organization_id"),
    ),
    (
        "search keeps what somebody says of a person whom they do not see",
        f"{TOKENS}test_the_database_takes_nothing_about_somebody_whom_one_does_not_see",
        without(KEEP, "WHEN everybody THEN true", "WHEN true THEN true"),
    ),
    (
        "what search keeps is made with keys of before",
        "tests/cases/test_requests.py::test_a_process_that_knew_of_no_register_keeps_tokens_for_one_that_was_opened",
        without(KEEP, "app.hold_search_keys(place) IS DISTINCT FROM held", "false"),
    ),
    (
        "the card of who was erased stays",
        f"{REPLAYED}test_an_older_database_learns_from_the_file",
        without(FORGET, "kept.person_id = erased.id AND erased.subject_key_id = ANY (keys)", "false"),
    ),
    (
        "the desk erases without a password",
        "tests/cases/test_erase_command.py::test_another_password_approves_nothing",
        lambda: patch("cases.management.commands.erase.check_password", lambda typed, stored: True),
    ),
    (
        "a replay leaves words and says nothing",
        f"{REPLAYED}test_words_that_stay_are_no_success",
        without(FORGET, "RETURN waiting", "RETURN 0"),
    ),
    (
        "what another asked about the erased person waits for ever",
        f"{OTHERS}test_what_another_asked_about_the_person_is_answered_and_leaves_the_list",
        lambda: patch("cases.actions.erasures._decline", lambda question, by: None),
    ),
    (
        "another erasure of the person waits for ever",
        f"{OTHERS}test_an_erasure_that_was_asked_for_on_another_case_of_the_person_ends_with_it",
        lambda: patch("cases.actions.erasures.records.retire", lambda record, by: record),
    ),
    (
        "two erasures write the ledger at once",
        f"{REPLAYED}test_who_writes_the_ledger_waits_for_another",
        lambda: patch("victimcare.erasure_ledger.fcntl.flock", lambda file, how: None),
    ),
    (
        "a replay leaves what waits and names the person",
        "tests/referrals/test_erasures.py::test_replay_takes_back_what_waits_and_names_the_person",
        lambda: patch("referrals.actions.withdraw_naming", lambda parties, by: 0),
    ),
    (
        "who received the name with another's packet is not told",
        "tests/referrals/test_erasures.py"
        "::test_who_received_the_name_with_anothers_packet_is_told_and_on_the_certificate",
        lambda: patch("referrals.actions.tell_of_named", lambda parties, by: 0),
    ),
    (
        "the sender never learns what the receiver erased",
        "tests/referrals/test_erasures.py::test_the_sender_learns_that_the_receiver_erased_the_person",
        lambda: patch("referrals.actions.erasures._end_received", lambda case, by: None),
    ),
    (
        "a record of another organisation is overwritten",
        f"{ERASED}test_party_of_another_organisation_stays",
        without(ERASE, "AND held.organization_id <> place", "AND false"),
    ),
    (
        "the receiver is not told of an erasure",
        "tests/referrals/test_erasures.py::test_what_had_ended_stays_as_it_was_and_its_receiver_is_told",
        lambda: patch("referrals.actions.end_for_erasure", lambda case, by: 0),
    ),
    (
        "the receiver's packet outlives its own erasure",
        "tests/referrals/test_erasures.py::test_the_receiver_erases_the_packet_that_its_case_was_opened_from",
        without(ERASE, "|| app.copies_of(erased.subject_key_id)"),
    ),
    (
        "a field is not classified",
        "tests/victimcare/test_field_register.py::test_every_field_of_every_model_is_classified",
        lambda: patch.dict("cases.models.Note.clear_fields", clear=True),
    ),
]  # fmt: skip


@contextmanager
def both(*faults: AbstractContextManager[Any]) -> Iterator[None]:
    first, second = faults
    with first, second:
        yield


def _open_key(key_id: Any) -> Any:
    from victimcare.encryption import keyring

    return keyring.open_key(key_id)


def _nothing_alive(entries: Any) -> Any:
    from victimcare.models import SubjectKey  # the apps are there by then

    return SubjectKey.objects.none()
