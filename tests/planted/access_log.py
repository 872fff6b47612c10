"""Faults of the access log that a test must find: each is planted for one test, which has to turn red.

FAULTS holds (name, what is broken, the test that must fail, the fault as a context manager). They are planted
by patching in the process of the test.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from tests.planted.plugin import second_wall_away

Fault = tuple[str, str, str, Callable[[], AbstractContextManager[Any]]]

PAGES = "tests/test_log_of_pages.py"
ROOMS = "tests/test_log_rooms.py"
SEALS = "tests/victimcare/test_sealing.py"


def patched(target: str, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch(target, value)


def nothing(*args: Any, **kwargs: Any) -> None:
    """In place of what writes a line."""


@contextmanager
def one_line_for_a_list() -> Iterator[None]:
    from victimcare import audit

    whole = audit.record_many

    def first_only(action: Any, about: Any, **kwargs: Any) -> None:
        whole(action, list(about)[:1], **kwargs)

    with mock.patch("victimcare.audit.record_many", first_only):
        yield


@contextmanager
def without_whose_data() -> Iterator[None]:
    from victimcare import audit

    where = audit._where

    def forgetful(record: Any, by: Any) -> Any:
        return (*where(record, by)[:2], None)

    with mock.patch("victimcare.audit._where", forgetful):
        yield


@contextmanager
def digest_without_the_account() -> Iterator[None]:
    from victimcare.sealing import rows, sealing

    whole = rows.in_canonical_form

    def partly(values: Any) -> bytes:
        values = list(values)
        values[list(rows.COLUMNS).index("by")] = None
        return whole(values)

    with (
        mock.patch.object(rows, "in_canonical_form", partly),
        mock.patch.object(sealing.rows, "in_canonical_form", partly),
    ):
        yield


@contextmanager
def gone_lines_are_left_out() -> Iterator[None]:
    from victimcare.sealing import sealing

    with mock.patch.object(sealing, "TAKE", sealing.TAKE.replace("LEFT JOIN", "JOIN")):
        yield


@contextmanager
def all_accounts_for_everybody() -> Iterator[None]:
    from victimcare.models import AccessEntry

    manager = AccessEntry.objects
    with mock.patch.object(type(manager.all()), "visible_to", lambda self, user: self.all()):
        yield


@contextmanager
def auditor_of_every_state() -> Iterator[None]:
    from cases import audited
    from cases.models import Case

    with mock.patch.object(audited, "_of_states", return_value=Case.objects.all()):
        yield


FAULTS: list[Fault] = [
    (
        "a page of the case leaves no line",
        "cases.views.pages.FormPage.log",
        f"{PAGES}::test_a_look_leaves_its_lines[cases:urgency]",
        patched("cases.views.pages.FormPage.log", nothing),
    ),
    (
        "a list leaves one line for all",
        "victimcare.audit.record_many",
        f"{PAGES}::test_a_look_leaves_its_lines[cases:caseload]",
        one_line_for_a_list,
    ),
    (
        "lines do not say whose data it was",
        "victimcare.audit._where",
        f"{PAGES}::test_a_look_leaves_its_lines[cases:case]",
        without_whose_data,
    ),
    (
        "a refusal leaves no line",
        "victimcare.audit.refused",
        f"{PAGES}::test_a_refusal_leaves_one_line_that_says_nothing[cases:case]",
        patched("victimcare.audit.refused", nothing),
    ),
    (
        "the digest leaves out who it was",
        "victimcare.sealing.rows.in_canonical_form",
        f"{SEALS}::test_what_was_done_to_the_log_itself_is_named[statement0-was altered]",
        digest_without_the_account,
    ),
    (
        "signatures are believed unseen",
        "victimcare.sealing.verify.is_signed",
        f"{SEALS}::test_what_was_done_to_an_export_is_named[seal_signed_by_nobody-signature wrong]",
        patched("victimcare.sealing.verify.is_signed", lambda *args: True),
    ),
    (
        "rows are believed unseen",
        "victimcare.sealing.verify.Verification._end_batch",
        f"{SEALS}::test_no_tampering_passes",
        patched("victimcare.sealing.verify.Verification._end_batch", nothing),
    ),
    (
        "the end of a chain is not asked for",
        "victimcare.sealing.verify.Verification._end_chain",
        f"{SEALS}::test_what_was_done_to_an_export_is_named[end_taken_off-chain gap]",
        patched("victimcare.sealing.verify.Verification._end_chain", nothing),
    ),
    (
        "a line that was taken out before its seal is not missed",
        "victimcare.sealing.sealing.TAKE",
        f"{SEALS}::test_a_line_taken_out_before_its_seal_is_missed",
        gone_lines_are_left_out,
    ),
    (
        "lines put in past the sealer are not looked for",
        "victimcare.sealing.checking._not_sealed",
        f"{SEALS}::test_what_was_done_to_the_log_itself_is_named[statement4-was added]",
        patched("victimcare.sealing.checking._not_sealed", lambda: ("", 0)),
    ),
    (
        "a supervisor reads the log of everybody, without the second wall",
        "AccessEntryQuerySet.visible_to",
        f"{ROOMS}::test_a_supervisor_reads_what_people_of_the_team_did_with_own_records",
        lambda: second_wall_away(all_accounts_for_everybody),
    ),
    (
        "an auditor finds the cases of every member state, without the second wall",
        "cases.audited._of_states",
        f"{ROOMS}::test_an_auditor_of_another_state_finds_nothing",
        lambda: second_wall_away(auditor_of_every_state),
    ),
    (
        "a look at the log leaves no line",
        "victimcare.audit.record",
        f"{ROOMS}::test_a_look_at_the_log_is_in_the_log",
        patched("cases.views.log.audit.record", nothing),
    ),
    (
        "the worksheet leaves out what no fact explains",
        "victimcare.worksheet._merged",
        f"{ROOMS}::test_what_was_shown_without_a_reason_stands_out",
        patched("victimcare.worksheet._shown", lambda *args: {}),
    ),
    (
        "cells of the worksheet are formulas",
        "victimcare.spreadsheets.defused",
        f"{ROOMS}::test_a_cell_is_never_a_formula[=1+1]",
        patched("victimcare.spreadsheets.defused", lambda cell: cell),
    ),
]
