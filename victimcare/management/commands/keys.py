"""Looks after the keys. Runs as the database's owner. See docs/keys.md."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from victimcare.encryption import checking, renewal, rotation, status
from victimcare.encryption.roots import KeyUnavailable
from victimcare.models import MemberState

# Of the lock that lets one of these commands work at a time. A killed one's is free when its session ends.
ONE_AT_A_TIME = 7_465_001
WAIT = "10s"
LINE = (
    "{state}: version {version}, at least {minimum}; {subject_keys} subject keys, {erased} erased;"
    " {old_versions} old versions left, {under_old} keys under them; {to_renew} to renew;"
    " {other_root} under another root key"
)


class Command(BaseCommand):
    help = "Says which keys there are, changes them while people work, and checks rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="which keys there are, and what lies under old ones")
        verbs.add_parser("rotate-root", help="wrap by the present root key what older ones wrapped")
        rotate = verbs.add_parser(
            "rotate-state", help="a new key for a member state; the old one is destroyed"
        )
        rotate.add_argument("state", help="two letters, e.g. AR")
        reencrypt = verbs.add_parser(
            "reencrypt", help="new keys for people whose keys are older than the state's"
        )
        reencrypt.add_argument("--state", default="", help="of one member state only")
        check = verbs.add_parser(
            "check", help="look through every encrypted row for what was changed or put back"
        )
        check.add_argument("--quiet", action="store_true", help="only how many")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "status": self.status,
            "rotate-root": self.rotate_root,
            "rotate-state": self.rotate_state,
            "reencrypt": self.reencrypt,
            "check": self.check_rows,
        }
        try:
            verbs[verb](**options)
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error

    def status(self, **options: Any) -> None:
        found = list(status.states())
        for one in found:
            self.stdout.write(LINE.format(**asdict(one)))
        self.stdout.write(f"{sum(one.old_versions for one in found)} old versions left.")

    def rotate_root(self, **options: Any) -> None:
        with alone():
            keys, factors = rotation.rotate_root()
        self.stdout.write(f"{keys} keys of member states and {factors} second factors were wrapped anew.")

    def rotate_state(self, *, state: str, **options: Any) -> None:
        with alone():
            try:
                version, moved = rotation.rotate_state(named(state))
            except rotation.NoKeyYet as error:
                raise CommandError(f"{state} has no key yet: nothing was encrypted there.") from error
        self.stdout.write(
            f"{state}: version {version}, {moved} subject keys moved, the old key is destroyed."
        )

    def reencrypt(self, *, state: str, **options: Any) -> None:
        states = [named(state)] if state else list(MemberState.objects.order_by("pk"))
        done = renewal.Renewed()
        with alone():
            for one in states:
                some = renewal.reencrypt(one)
                done = renewal.Renewed(
                    done.keys + some.keys, done.busy + some.busy, done.unreadable + some.unreadable
                )
        self.stdout.write(f"{done.keys} keys of people were renewed.")
        if done.unreadable:
            raise CommandError(
                f"{done.unreadable} keys stay: something under them was changed. Run keys check."
                " Name cards are made anew by rebuild_search; then run this again."
            )
        if done.busy:
            raise CommandError(f"{done.busy} keys are in use all the time: run this again.")

    def check_rows(self, *, quiet: bool, **options: Any) -> None:
        found = checking.check()
        for one in () if quiet else found.wrong:
            self.stdout.write(f"Changed past the product: {one}")
        if found.wrong:
            raise CommandError(f"{len(found.wrong)} of {found.rows} rows were changed past the product.")
        self.stdout.write(f"{found.rows} rows are as they were written.")


def named(code: str) -> MemberState:
    state = MemberState.objects.filter(pk=code).first()
    if state is None:
        raise CommandError(f"{code} is no member state here.")
    return state


@contextmanager
def alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [WAIT])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        except OperationalError as error:
            raise CommandError("Another keys command is running.") from error
        cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
