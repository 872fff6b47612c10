"""Planted faults of notifications: (name, the test that must turn red, what plants it)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from tests.planted.plugin import second_wall_away, sql

Fault = tuple[str, str, Callable[[], AbstractContextManager[Any]]]
TESTS = "tests/victimcare/test_notifications.py::test_"
MAILING = "victimcare.notifications.mailing"


def a_name_in_the_subject() -> AbstractContextManager[Any]:
    from victimcare.notifications import mailing

    real = mailing._message

    def named(recipient: Any, told: Any) -> Any:
        made = real(recipient, told)
        made.subject = "Zuleika"
        return made

    return patch(f"{MAILING}._message", named)


def emergencies_may_be_silenced() -> AbstractContextManager[Any]:
    from dataclasses import replace

    from victimcare.notifications import kinds

    free = {name: replace(kind, fixed=False) for name, kind in kinds._kinds.items()}
    return patch.dict(kinds._kinds, free)


def mail_before_the_fact() -> AbstractContextManager[Any]:
    from victimcare import acting
    from victimcare.notifications import mailing

    def at_once(ids: list[str]) -> None:
        with acting.as_job("notices"):
            for pk in ids:
                mailing.mail(UUID(pk))

    deliver = SimpleNamespace(deliver=SimpleNamespace(enqueue=at_once))
    return patch("victimcare.notifications.actions.tasks", deliver)


def everything_is_told() -> AbstractContextManager[Any]:
    from django.db.models import Q

    return patch("victimcare.notifications.kinds.open_to", lambda user: Q())


def who_is_gone_is_mailed() -> AbstractContextManager[Any]:
    return patch(f"{MAILING}._still_open", lambda recipient, locked: locked)


def sent_is_not_noted() -> AbstractContextManager[Any]:
    return patch(f"{MAILING}.timezone", SimpleNamespace(now=lambda: None))


def everybody_sees_all() -> AbstractContextManager[Any]:
    return patch(
        "victimcare.models.notifications.NotificationQuerySet.visible_to", lambda self, user: self.all()
    )


def any_kind_is_at_once() -> AbstractContextManager[Any]:
    from victimcare.notifications import mailing

    return patch(f"{MAILING}._wanted", lambda how: mailing._waiting())


ANY_JOB = """
CREATE OR REPLACE FUNCTION app.workers_of_case(asked uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
'SELECT user_id FROM public.cases_assignment WHERE case_id = asked'
"""

FAULTS: list[Fault] = [
    ("emergencies may be silenced", f"{TESTS}of_emergencies_everybody_hears_at_once",
     emergencies_may_be_silenced),
    ("a name in a mail's subject", f"{TESTS}mail_carries_number_and_link_and_nothing_about_a_person",
     a_name_in_the_subject),
    ("mail before the fact is stored", f"{TESTS}mail_goes_out_after_the_fact_only", mail_before_the_fact),
    ("somebody is told of what was closed to them",
     f"{TESTS}what_was_closed_to_somebody_is_not_told_to_them_any_more", everything_is_told),
    ("mail to who was disabled", f"{TESTS}no_mail_to_who_is_gone[disabled]", who_is_gone_is_mailed),
    ("mail to who works nowhere any more", f"{TESTS}no_mail_to_who_is_gone[works nowhere]",
     who_is_gone_is_mailed),
    ("a notification is mailed twice", f"{TESTS}it_is_mailed_once_however_often_the_task_runs",
     sent_is_not_noted),
    ("mail to who wants a digest", f"{TESTS}each_chooses_how_to_hear_of_it[digest-0]", any_kind_is_at_once),
    ("another's notification is opened, past both walls", f"{TESTS}anothers_notification_does_not_exist",
     partial(second_wall_away, everybody_sees_all)),
    ("a name fits into a notification", f"{TESTS}a_name_does_not_fit_into_a_notification[wrong0]",
     partial(sql, "ALTER TABLE victimcare_notification DROP CONSTRAINT notification_names_a_number")),
    ("any job learns who works on a case",
     "tests/referrals/test_notices.py::test_no_job_but_the_one_that_tells_learns_who_works_on_a_case",
     partial(sql, ANY_JOB)),
]  # fmt: skip
