"""Planted faults of search: (name, the test that must turn red, what plants it)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]


def lone_names_have_tokens() -> AbstractContextManager[Any]:
    from cases import tokens
    from cases.names import words_of

    texts = tokens.texts_of_names
    return patch(
        "cases.tokens.texts_of_names",
        lambda clues: texts(clues) | {f"given|{word}" for word in words_of(clues.given_names)},
    )


def tokens_are_not_by_lot() -> AbstractContextManager[Any]:
    return patch("cases.tokens.secrets.randbelow", lambda lots: 0)


def names_are_counted() -> AbstractContextManager[Any]:
    """One token a name, as long as it is: what the attack has to read."""
    from cases.names import words_of

    return patch("cases.tokens.stored", lambda clues, region, keys: {words_of(clues.given_names)[0]})


def the_register_is_on_by_default() -> AbstractContextManager[Any]:
    from tests.planted.plugin import sql

    return sql(
        "INSERT INTO victimcare_stateregister (id, created_at, revision, member_state_id, organization_id)"
        " SELECT gen_random_uuid(), now(), 1, 'AR', id FROM victimcare_organization"
        " WHERE member_state_id = 'AR' LIMIT 1"
    )


def who_asks_is_told_whose_it_is() -> AbstractContextManager[Any]:
    from tests.planted.plugin import sql

    return sql(
        "CREATE OR REPLACE FUNCTION app.my_requests()"
        " RETURNS TABLE (asking uuid, asked_at timestamptz, status text, answered_by text)"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$"
        " SELECT asked.asking, asked.created_at, asked.status::text, place.name::text"
        " FROM public.cases_recordrequest asked JOIN public.cases_case held ON held.id = asked.case_id"
        " JOIN public.victimcare_organization place ON place.id = held.organization_id $$"
    )


def who_asks_reads_the_request() -> AbstractContextManager[Any]:
    from tests.planted.plugin import sql

    return sql("CREATE POLICY planted ON cases_recordrequest FOR SELECT USING (true)")


def only_beginnings_are_asked_for() -> AbstractContextManager[Any]:
    return patch("cases.tokens._endings", lambda word: set())


def a_typo_is_another_name() -> AbstractContextManager[Any]:
    return patch("cases.names._letters", lambda one, other: 0 if one == other else 2)


def one_key_for_all_organisations() -> AbstractContextManager[Any]:
    return patch("cases.tokens._derived", lambda key_id, purpose: b"the same")


def reasons_are_left_out() -> AbstractContextManager[Any]:
    return patch("cases.search._reasons", lambda kinds: [])


def a_reason_has_no_words() -> AbstractContextManager[Any]:
    from cases import search
    from cases.clues import Likeness

    return patch("cases.search.REASONS", {kind: said for kind, said in search.REASONS.items()
                                          if kind is not Likeness.PHONE})  # fmt: skip


def the_search_is_led_on_with_its_words() -> AbstractContextManager[Any]:
    from django.shortcuts import redirect

    def post(self: Any, request: Any) -> Any:
        return redirect(f"/cases/search/?given_names={request.POST.get('given_names', '')}")

    return patch("cases.views.search.PersonSearch.post", post)


def a_stranger_gets_every_card() -> AbstractContextManager[Any]:
    from tests.planted.plugin import sql

    return sql(
        "CREATE OR REPLACE FUNCTION app.places_of_register() RETURNS uuid[]"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS"
        " $$ SELECT array_agg(id) FROM public.victimcare_organization $$"
    )


TOKENS, REQUESTS, SEARCH = (f"tests/cases/test_{name}.py" for name in ("tokens", "requests", "search"))
FAULTS: list[Fault] = [
    ("an index of single names", f"{TOKENS}::test_a_name_alone_has_no_token", lone_names_have_tokens),
    (
        "names are read out of a dump",
        "tests/attacks/test_names.py::test_less_than_one_in_a_hundred_names_is_read_out_of_a_dump",
        names_are_counted,
    ),
    (
        "tokens tell how often a name is there",
        f"{TOKENS}::test_how_often_a_name_is_there_is_not_in_its_tokens",
        tokens_are_not_by_lot,
    ),
    (
        "organisations share a search key",
        f"{TOKENS}::test_the_same_person_has_other_tokens_in_another_organisation",
        one_key_for_all_organisations,
    ),
    ("a misspelt ending is asked for, a beginning not", f"{TOKENS}::test_one_wrong_letter_is_found",
     only_beginnings_are_asked_for),
    ("a typo is not found", f"{TOKENS}::test_one_wrong_letter_is_found", a_typo_is_another_name),
    (
        "a state has one register by default",
        f"{REQUESTS}::test_it_is_off_until_somebody_turns_it_on",
        the_register_is_on_by_default,
    ),
    (
        "a request tells the organisation",
        f"{REQUESTS}::test_who_asked_sees_that_it_waits_and_not_with_whom",
        who_asks_is_told_whose_it_is,
    ),
    (
        "who asks reads the request itself",
        f"{REQUESTS}::test_who_asked_sees_that_it_waits_and_not_with_whom",
        who_asks_reads_the_request,
    ),
    (
        "a state without a register opens its cards",
        f"{REQUESTS}::test_the_database_gives_no_card_of_another_organisation",
        a_stranger_gets_every_card,
    ),
    ("a reason is missing", f"{SEARCH}::test_each_result_says_why", reasons_are_left_out),
    (
        "a reason has no words",
        f"{SEARCH}::test_each_likeness_is_said_in_words[Likeness.PHONE]",
        a_reason_has_no_words,
    ),
    (
        "a name is in an address",
        f"{SEARCH}::test_what_was_typed_is_in_no_address_no_log_and_no_history",
        the_search_is_led_on_with_its_words,
    ),
]  # fmt: skip
