"""Seals, exports and checks the access log. See docs/access-log.md."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from victimcare import acting, audit, worksheet
from victimcare.encryption.roots import KeyUnavailable
from victimcare.models import AccessEntry, User
from victimcare.models.logs import Action
from victimcare.sealing import checking, exporting, sealing, watching
from victimcare.sealing.verify import Broken, Verification, fingerprint, report


class Command(BaseCommand):
    help = "Seals, exports and checks the access log, and says what an account could read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        seal = verbs.add_parser("seal", help="seal what waits")
        seal.add_argument("--watch", action="store_true", help="go on until stopped: the service")
        export = verbs.add_parser("export", help="write whole seals with their rows, for an auditor")
        export.add_argument("file", type=Path)
        export.add_argument("--state", default="", help="one member state, or none for lines of no state")
        verify = verbs.add_parser("verify", help="check an export; needs no database")
        verify.add_argument("file", type=Path)
        verify.add_argument("--key", action="append", default=[], help="public key, 64 hexadecimal digits")
        verbs.add_parser("check", help="check the log in the database against its seals")
        breach = verbs.add_parser(
            "breach", help="what could be read with an account between two times, as CSV"
        )
        breach.add_argument("--user", required=True)
        breach.add_argument("--out", type=Path)
        for one, needed in ((export, False), (breach, True)):
            one.add_argument(
                "--from", dest="since", type=moment, required=needed, help="e.g. 2026-03-01T08:00"
            )
            one.add_argument("--to", dest="until", type=moment, required=needed)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        verbs: dict[str, Callable[..., None]] = {
            "seal": self.seal,
            "export": self.export,
            "verify": self.verify,
            "check": self.check_log,
            "breach": self.breach,
        }
        try:
            verbs[verb](**options)
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error

    def seal(self, *, watch: bool, **options: Any) -> None:
        if watch:
            watching.watch()
            return
        started = time.monotonic()
        done = sealing.seal_all()
        seconds = time.monotonic() - started
        self.stdout.write(f"Sealed {done.rows} rows in {done.seals} seals, {seconds:.1f} s.")

    def export(
        self, *, file: Path, state: str, since: datetime | None, until: datetime | None, **options: Any
    ) -> None:
        counted = exporting.Counted()
        with acting.as_job("sealing"), written_whole(file) as output:
            try:
                named = exporting.chains(state)
            except ValueError as error:
                raise CommandError(f"{state} is no member state here.") from error
            output.writelines(exporting.lines(named, counted, since=since, until=until))
            audit.record(Action.EXPORT, AccessEntry, by=None, kinds=(), rows=counted.rows)
            keys = checking.own_keys()
        self.stdout.write(f"Exported {counted.rows} rows in {counted.seals} seals.")
        for key in keys:
            self.stdout.write(f"Key {key}, fingerprint {fingerprint(key)}")

    def verify(self, *, file: Path, key: list[str], **options: Any) -> None:
        try:
            with file.open("rb") as lines:
                chains = Verification(key).run(lines)
        except Broken as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        for sentence in report(chains, key):
            self.stdout.write(sentence)

    def check_log(self, **options: Any) -> None:
        with acting.as_job("sealing"):
            found = checking.check()
        if found.wrong:
            raise CommandError(found.wrong)
        if found.late:
            raise CommandError(
                f"{found.late} rows wait for their seal longer than a minute: start the sealer, "
                "`manage.py audit seal --watch`."
            )
        self.stdout.write(f"In order: {found.rows} rows in {found.seals} seals.")

    def breach(
        self, *, user: str, since: datetime, until: datetime, out: Path | None, **options: Any
    ) -> None:
        account = User.objects.filter(username=user).first()
        if account is None:
            raise CommandError(f"There is no account {user}.")
        rows = worksheet.rows(account, since, until)
        with acting.as_job("audit"):
            audit.record(Action.EXPORT, AccessEntry, by=None, kinds=(), rows=len(rows))
        if out is None:
            self.stdout.write(worksheet.as_csv(rows))
            return
        with written_whole(out) as output:
            output.write(worksheet.as_csv(rows).encode())
        self.stdout.write(f"Wrote {len(rows)} rows.")


def moment(text: str) -> datetime:
    """A day, or a day and a time; UTC unless it says otherwise."""
    found = parse_datetime(text if "T" in text or " " in text else f"{text}T00:00")
    if found is None:
        raise ValueError(text)
    return found if found.tzinfo else timezone.make_aware(found)


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """The file, of mode 0600, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with draft.open("wb") as output:
            yield output
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"The file cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
