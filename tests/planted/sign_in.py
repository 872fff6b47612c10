"""A door that stays open, opens too often, opens to too many, or tells who lives behind it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils import timezone

from tests.planted.plugin import second_wall_away
from victimcare.sign_in.tries import Budget

SESSIONS, GUESSING, FACTOR, INVITED, STEP_UP, LOGGED = (
    f"tests/victimcare/test_{name}.py::test_"
    for name in (
        "sign_in_sessions",
        "sign_in_guessing",
        "second_factor",
        "invitations",
        "step_up",
        "sign_in_log",
    )
)
IN = "victimcare.sign_in"

Plant = Callable[[], AbstractContextManager[Any]]


def instead(target: str, value: Any) -> Plant:
    return lambda: patch(target, value)


def nothing(*args: Any, **kwargs: Any) -> None:
    """In place of what ends, counts or checks something."""


def living(idle: bool, absolute: bool) -> Plant:
    """Sessions that know one limit only."""

    def found(self: Any) -> Any:
        now = timezone.now()
        limits = {}
        if idle:
            limits["seen_at__gt"] = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        if absolute:
            limits["started_at__gt"] = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.filter(**limits)

    return instead("victimcare.models.sign_in.SessionQuerySet.living", found)


def told_apart(request: Any, name: str, password: str) -> Any:
    """allauth's own way, which hands on who knows the password of a disabled account."""
    from allauth.account.auth_backends import AuthenticationBackend
    from django.contrib.auth import authenticate

    return authenticate(request, username=name, password=password) or (
        AuthenticationBackend.unstash_authenticated_user()
    )


@contextmanager
def link_for_ever() -> Iterator[None]:
    """Neither its use nor the password that it set is asked for."""
    with (
        patch(f"{IN}.actions.is_open", lambda invitation: True),
        patch("victimcare.models.User.has_usable_password", lambda self: False),
    ):
        yield


TAKEN_BY_ALL = """
INSERT INTO victimcare_tries AS known (key, times) VALUES (%(key)s, ARRAY[%(now)s::timestamptz])
ON CONFLICT (key) DO UPDATE SET times = known.times || excluded.times RETURNING 1
"""

FAULTS: list[tuple[str, str, Plant]] = [
    (
        "a leaked password is taken",
        "tests/victimcare/test_leaked_passwords.py::test_it_finds_what_is_there_and_nothing_else",
        instead("victimcare.sign_in.leaked.Lines.__len__", lambda lines: lines.size // 2),
    ),
    (
        "a wrong password stands in no log",
        f"{LOGGED}a_wrong_password_leaves_a_line[password]",
        instead("victimcare.sign_in.entries.kept_out", nothing),
    ),
    (
        "the key of a session stays through signing in",
        f"{SESSIONS}a_key_from_before_opens_nothing_afterwards",
        instead("django.contrib.sessions.backends.base.SessionBase.cycle_key", nothing),
    ),
    (
        "the key of a session stays when a factor is set up",
        f"{SESSIONS}setting_up_a_second_factor_changes_the_key",
        instead("django.contrib.sessions.backends.base.SessionBase.cycle_key", nothing),
    ),
    (
        "the table of sessions holds their keys",
        f"{SESSIONS}the_table_holds_no_key_that_opens",
        instead(f"{IN}.sessions.stored", lambda key: key),
    ),
    (
        "a session left alone goes on",
        f"{SESSIONS}a_session_left_alone_ends",
        living(idle=False, absolute=True),
    ),
    (
        "a session that is used never ends",
        f"{SESSIONS}a_session_ends_whatever_is_done_in_it",
        living(idle=True, absolute=False),
    ),
    (
        "signing out leaves the session",
        f"{SESSIONS}after_signing_out_the_key_is_refused[post-/account/logout/]",
        instead(f"{IN}.sessions.SessionStore.delete", nothing),
    ),
    (
        "disabling ends no session",
        f"{SESSIONS}a_disabled_account_is_out_at_once",
        instead(f"{IN}.sessions.end_all", nothing),
    ),
    (
        "a changed password ends no session",
        f"{SESSIONS}a_changed_password_ends_the_other_sessions",
        instead(f"{IN}.sessions.end_all", nothing),
    ),
    (
        "a role that ended still opens its room",
        f"{SESSIONS}who_loses_a_role_sees_nothing_of_it_on_the_next_page",
        instead("victimcare.models.users.MembershipQuerySet.active", lambda self: self.all()),
    ),
    (
        "one ends sessions of others, without the second wall",
        f"{SESSIONS}ones_sessions_are_listed_and_ended",
        lambda: second_wall_away(
            instead("victimcare.models.sign_in.SessionQuerySet.visible_to", lambda self, user: self.all())
        ),
    ),
    (
        "passwords are tried as often as somebody likes",
        f"{GUESSING}ten_guesses_are_tried_and_the_owner_gets_in[400-thousand]",
        instead(f"{IN}.tries.Budget.take", lambda self, *whose: True),
    ),
    (
        "tries are counted by address alone",
        f"{GUESSING}ten_guesses_are_tried_and_the_owner_gets_in[400-thousand]",
        instead(f"{IN}.passwords.OF_NAME", Budget("planted", 10_000)),
    ),
    (
        "the owner is locked out with the attacker",
        f"{GUESSING}ten_guesses_are_tried_and_the_owner_gets_in[400-one]",
        instead(f"{IN}.passwords.codes.right", lambda name, code, by_owner: None),
    ),
    (
        "a wrong code opens",
        f"{GUESSING}a_wrong_code_opens_nothing_whatever_the_password",
        instead(f"{IN}.passwords.codes.right", lambda name, code, by_owner: name),
    ),
    (
        "who knows a name closes its owner's app",
        f"{GUESSING}who_knows_a_name_only_closes_no_app[many]",
        instead(f"{IN}.codes.OF_NOBODY", Budget("code", 100)),
    ),
    (
        "a session from before the second factor goes on",
        f"{FACTOR}a_factor_ends_the_sessions_from_before",
        instead(f"{IN}.factors.sessions.end_all", nothing),
    ),
    (
        "codes of an account are guessed without end",
        f"{GUESSING}who_has_the_password_does_not_guess_the_code",
        instead(f"{IN}.codes._is_short", lambda factor: False),
    ),
    (
        "codes at the second step are not counted",
        f"{GUESSING}codes_at_the_second_step_are_counted_too",
        instead(f"{IN}.tries.Budget.take", lambda self, *whose: True),
    ),
    (
        "a code is good twice",
        f"{GUESSING}a_code_is_good_once",
        instead("allauth.mfa.totp.internal.auth.TOTP._mark_code_used", lambda self, code: True),
    ),
    (
        "two processes count for themselves",
        f"{GUESSING}two_processes_count_together",
        instead(f"{IN}.tries.TAKE", TAKEN_BY_ALL),
    ),
    (
        "a disabled account answers otherwise",
        f"{GUESSING}the_answer_is_the_same_for_every_name",
        instead(f"{IN}.passwords._tried", told_apart),
    ),
    (
        "a name that nobody has costs no hash",
        f"{GUESSING}each_answer_costs_one_hash[]",
        instead("allauth.account.auth_backends.AuthenticationBackend._mitigate_timing_attack", nothing),
    ),
    (
        "what is not tried costs no hash",
        f"{GUESSING}each_answer_costs_one_hash[]",
        instead(f"{IN}.passwords._not_tried", nothing),
    ),
    (
        "a caseworker goes without a second factor",
        f"{FACTOR}without_one_they_get_nowhere[caseworker]",
        instead(f"{IN}.rule.is_needed", lambda user: False),
    ),
    (
        "an invented account goes without from elsewhere",
        f"{FACTOR}a_demonstration_does_not_from_elsewhere[203.0.113.9-more0]",
        instead(f"{IN}.rule.is_loopback", lambda request: True),
    ),
    (
        "the last factor taken away closes nothing",
        f"{FACTOR}taking_the_last_one_away_leads_to_another",
        instead(f"{IN}.rule.forget_shown", nothing),
    ),
    (
        "anybody disables an account",
        f"{FACTOR}nobody_else_and_nobody_of_another_organisation[disable_account]",
        instead(f"{IN}.actions._require_keeps", nothing),
    ),
    (
        "one organisation decides for another",
        f"{FACTOR}one_organisation_does_not_decide_for_another",
        instead(f"{IN}.actions._works_elsewhere", lambda user: False),
    ),
    (
        "administrators disable themselves",
        f"{FACTOR}an_administrator_does_not_disable_themselves",
        instead(f"{IN}.actions._require_keeps", nothing),
    ),
    (
        "a link works twice",
        f"{INVITED}a_link_works_once",
        link_for_ever,
    ),
    (
        "a link never grows old",
        f"{INVITED}a_link_grows_old",
        instead(f"{IN}.actions.is_open", lambda invitation: True),
    ),
    (
        "the database keeps the link",
        f"{INVITED}the_link_is_kept_nowhere",
        instead(f"{IN}.actions._hashed", lambda token: token),
    ),
    (
        "a mail names who is invited",
        f"{INVITED}the_mail_has_the_link_and_nothing_else",
        lambda: patch(f"{IN}.letters._", lambda text: "Nadia Invented, caseworker"),
    ),
    (
        "a confirmation holds for ever",
        f"{STEP_UP}a_page_behind_a_confirmation[erasure_approve]",
        instead("victimcare.step_up.is_confirmed", lambda request, seconds=0: True),
    ),
    (
        "a form may be sent for ever",
        f"{STEP_UP}what_was_written_is_not_lost",
        instead("victimcare.step_up.TO_SEND", 10**9),
    ),
]
