"""What is changed past the product is believed; keys that change lose what they encrypted."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.drills.plants import VARIABLE
from tests.planted.plugin import sql

TAMPERING, KEYS, ROOTS = (f"tests/victimcare/test_{name}.py::" for name in ("tampering", "keys", "roots"))

Plant = Callable[[], AbstractContextManager[Any]]


def instead(target: str, value: Any) -> Plant:
    return lambda: patch(f"victimcare.{target}", value)


def nothing(*args: Any, **kwargs: Any) -> None:
    """In place of what checks or says something."""


def without_the_field(self: Any, key_id: Any, version: int) -> bytes:
    return f"victimcare:{self.model}:{self.record}:{key_id}:{version}".encode()


FAULTS: list[tuple[str, str, Plant]] = [
    (
        "a value is not bound to its field",
        f"{TAMPERING}test_a_blob_is_bound_to_its_place_by_itself[cases.Person-surnames-record1-key_id1-1]",
        instead("encryption.ciphers.Place.associated_data", without_the_field),
    ),
    (
        "a row's MAC is not asked",
        f"{TAMPERING}test_an_old_value_is_not_put_back",
        instead("encryption.keyring.OpenKey.confirms", lambda *args: True),
    ),
    (
        "a change makes good what was tampered with",
        f"{TAMPERING}test_a_value_is_not_taken_out_to_be_written_anew",
        instead("encryption.sealed.check", nothing),
    ),
    (
        "an empty row's MAC is not asked",
        f"{TAMPERING}test_a_row_that_was_emptied_is_found",
        instead(
            "encryption.sealed._is_new_to_us",
            lambda row, held: any(one.under is None for one in held.values()),
        ),
    ),
    (
        "an empty party is taken for an erased one",
        f"{TAMPERING}test_an_emptied_party_is_found",
        instead("encryption.emptied.explained", lambda label, row: True),
    ),
    (
        "a state's minimum is not asked",
        f"{TAMPERING}test_what_lies_under_too_old_a_key_of_the_state_is_refused",
        instead("encryption.keyring._require_accepted", nothing),
    ),
    (
        "a tampered value raises no alarm",
        f"{TAMPERING}test_an_old_value_is_not_put_back",
        instead("encryption.ciphers.alarm.critical", nothing),
    ),
    (
        "a row that was put back is not looked for",
        f"{TAMPERING}test_a_whole_old_row_that_was_put_back_is_found",
        instead("encryption.checking._put_back", lambda model: []),
    ),
    (
        "the owner changes more of a history than ciphertext",
        f"{KEYS}test_the_owner_changes_nothing_else_of_a_history_or_a_log"
        "[UPDATE cases_historicalperson SET revision = 9]",
        lambda: sql("DROP TRIGGER only_added_to ON cases_historicalperson"),
    ),
    (
        "an old state key takes new people",
        f"{KEYS}test_nothing_comes_to_lie_under_a_destroyed_key",
        lambda: sql("DROP TRIGGER under_a_living_key ON victimcare_subjectkey"),
    ),
    (
        "a key that was renewed is not fetched again",
        f"{KEYS}test_who_read_the_key_before_reads_on",
        instead("encryption.sealed.version_of", lambda blob: 0),
    ),
    (
        "a name card that was tampered with is not named",
        "tests/victimcare/test_renewal.py::"
        "test_a_name_card_that_was_tampered_with_stops_no_other_organisation",
        lambda: patch("cases.cards._opens", lambda card: True),
    ),
    (
        "renewal overwrites an edit",
        "tests/drills/test_keys.py::test_nothing_is_lost_while_keys_change",
        partial(patch.dict, os.environ, {VARIABLE: "renewal-unlocked"}),
    ),
    (
        "Vault unwraps for whatever it is asked",
        f"{ROOTS}test_it_is_unwrapped_for_what_it_is_used_for_only[vault]",
        instead("encryption.vault.hmac.compare_digest", lambda *args: True),
    ),
    (
        "a root key that is away breaks the page",
        f"{ROOTS}test_pages_answer_503_write_nothing_and_recover",
        instead("middleware.KeysMiddleware.process_exception", nothing),
    ),
]
