"""Planted faults of object permissions: (name, the test that must turn red, what plants it)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from tests.planted.plugin import second_wall_away

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]


@contextmanager
def notes_are_visible_with_the_case() -> Iterator[None]:
    from cases.models.cases import ChildQuerySet

    notes = "cases.models.details.NoteQuerySet."
    with (
        patch(f"{notes}visible_to", ChildQuerySet.visible_to),
        patch(f"{notes}seen_in", lambda self, case, user: self.of_case(case)),
    ):
        yield


def the_supervisor_reads_counselling() -> AbstractContextManager[Any]:
    from cases.access import KINDS
    from victimcare.access import Shown
    from victimcare.kinds import DataKind
    from victimcare.models import Role

    return patch.dict(KINDS, {Role.SUPERVISOR: Shown("everything", frozenset(DataKind))})


def writing_counselling_asks_nothing() -> AbstractContextManager[Any]:
    return patch("cases.actions.records.require_counsel", lambda user, case: None)


def everything_consented_to_travels() -> AbstractContextManager[Any]:
    return patch("referrals.packets.travelling", lambda referral, consent, sender: sorted(consent.kinds))


def the_packet_shows_all_to_its_sender() -> AbstractContextManager[Any]:
    return patch("referrals.views.referral.kinds_shown", lambda user, packet: frozenset(packet.kinds))


def the_end_of_work_leaves_counselling_open() -> AbstractContextManager[Any]:
    from victimcare import access

    withdraw = access.withdraw

    def forgets(grants: Any, user: Any, codenames: Any, obj: Any) -> None:
        withdraw(grants, user, {"work_on_case"}, obj)

    return patch("victimcare.access.withdraw", forgets)


def leaving_closes_nothing() -> AbstractContextManager[Any]:
    return patch("cases.actions.close_to_who_left", lambda membership, by: 0)


def leaving_is_nobodys_doing() -> AbstractContextManager[Any]:
    from victimcare.models import Record

    forgets = property(lambda self: None, lambda self, user: None)
    return patch.object(Record, "written_by", forgets)


def emergency_has_no_end() -> AbstractContextManager[Any]:
    return patch("cases.models.emergencies.EmergencyQuerySet.running", lambda self, now=None: self.current())


def an_administrator_sees_cases() -> AbstractContextManager[Any]:
    from tests.test_administrator import cases_open_to_all

    return cases_open_to_all()


def an_administrator_adds_themselves() -> AbstractContextManager[Any]:
    return patch("victimcare.actions._require_another", lambda user, by: None)


@contextmanager
def a_view_writes_a_grant() -> Iterator[None]:
    from tests import test_guards

    planted = [("cases/views/planted.py", "access.grant(CaseGrant, user, WORK, case)")]
    sources = test_guards.product_sources
    with ExitStack() as stack:
        stack.enter_context(patch.object(test_guards, "product_sources", lambda: [*sources(), *planted]))
        yield


def a_page_of_roles_says_more_than_the_document() -> AbstractContextManager[Any]:
    from victimcare import access
    from victimcare.models import Role

    return patch.dict(access._permissions, {Role.ADMIN: {"cases.work"}})


COUNSELLING = "tests/cases/test_counselling.py"
REFERRED = "tests/referrals/test_counselling.py"

FAULTS: list[Fault] = [
    (
        "counselling notes are shown with the case, without the second wall",
        f"{COUNSELLING}::test_who_does_not_counsel_sees_the_rest[helper]",
        lambda: second_wall_away(notes_are_visible_with_the_case),
    ),
    (
        "a supervisor is shown counselling notes",
        f"{COUNSELLING}::test_who_does_not_counsel_sees_the_rest[supervisor]",
        the_supervisor_reads_counselling,
    ),
    (
        "anybody on the case writes counselling notes",
        f"{COUNSELLING}::test_who_does_not_counsel_writes_none",
        writing_counselling_asks_nothing,
    ),
    (
        "counselling notes travel with who may not read them",
        f"{REFERRED}::test_they_do_not_travel_with_who_may_not_read_them",
        everything_consented_to_travels,
    ),
    (
        "the sender's people read counselling in the packet",
        f"{REFERRED}::test_the_senders_people_read_in_the_packet_what_they_read_in_the_case",
        the_packet_shows_all_to_its_sender,
    ),
    (
        "a grant outlives its fact",
        "tests/cases/test_grants.py::test_unassigned",
        the_end_of_work_leaves_counselling_open,
    ),
    (
        "who leaves keeps the cases",
        "tests/cases/test_departures.py::test_the_cases_close_at_once_and_the_supervisor_sees_which_have_nobody",
        leaving_closes_nothing,
    ),
    (
        "history does not name who ended the work",
        "tests/cases/test_departures.py::test_history_and_log_name_who_did_it",
        leaving_is_nobodys_doing,
    ),
    (
        "emergency access has no end",
        "tests/cases/test_emergencies.py::test_it_begins_and_ends_by_the_clock[60-False]",
        emergency_has_no_end,
    ),
    (
        "an administrator sees cases, without the second wall",
        "tests/test_administrator.py::test_an_administrator_reads_no_field_about_a_person",
        lambda: second_wall_away(an_administrator_sees_cases),
    ),
    (
        "an administrator gives a role to themselves",
        "tests/victimcare/test_members.py::test_nobody_gives_a_role_to_themselves",
        an_administrator_adds_themselves,
    ),
    (
        "a view writes a grant",
        "tests/test_guards.py::test_grants_are_written_by_actions_only",
        a_view_writes_a_grant,
    ),
    (
        "docs/access.md is not up to date",
        "tests/victimcare/test_access_tables.py::test_the_tables_are_up_to_date",
        a_page_of_roles_says_more_than_the_document,
    ),
]
