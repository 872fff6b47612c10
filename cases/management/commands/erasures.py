"""`manage.py erasures export FILE | replay [FILE]`: the ledger of erasures. See docs/operations.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import replaying
from victimcare import acting, erasure_ledger
from victimcare.encryption import keyring
from victimcare.encryption.roots import KeyUnavailable
from victimcare.models import ErasureEntry, User


class Command(BaseCommand):
    help = "Keeps the ledger of erasures outside of the database, and erases anew what a backup brought back."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="add what the file lacks")
        export.add_argument("file", type=Path)
        replay = verbs.add_parser("replay", help="erase anew, after a backup was restored")
        replay.add_argument("file", type=Path, nargs="?", help="else ERASURE_LEDGER_FILE")
        for name in ("--asked-by", "--approved-by"):
            replay.add_argument(
                name, default="", metavar="USER", help="for accounts that the backup does not know"
            )

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            (self.export if verb == "export" else self.replay)(**options)
        except erasure_ledger.Unusable as error:
            raise CommandError(str(error)) from error

    def export(self, *, file: Path, **options: Any) -> None:
        try:
            written = erasure_ledger.append(file, erasure_ledger.stored())
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Added {written} erasures.")

    def replay(self, *, file: Path | None, asked_by: str, approved_by: str, **options: Any) -> None:
        outside = self._outside(file)
        try:
            with acting.as_job("erasure"), keyring.held():
                new, keys = replaying.replay(outside, deciders=_deciders(asked_by, approved_by))
        except replaying.UnknownAccount as error:
            raise CommandError(
                "The backup does not know the accounts that decided on an erasure:"
                " name two that it knows with --asked-by and --approved-by."
            ) from error
        except replaying.WordsLeft as error:
            raise CommandError(
                "Nothing was done: a referral that names an erased person waits, and cannot be ended."
            ) from error
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Learned of {new} erasures, destroyed {keys} keys again.")

    def _outside(self, file: Path | None) -> list[ErasureEntry]:
        if file is not None and not file.exists():
            raise CommandError(f"There is no file {file}.")
        path = file or (Path(settings.ERASURE_LEDGER_FILE) if settings.ERASURE_LEDGER_FILE else None)
        return erasure_ledger.read(path) if path else []


def _deciders(asked_by: str, approved_by: str) -> tuple[User, User] | None:
    if not (asked_by or approved_by):
        return None
    if asked_by == approved_by:
        raise CommandError("Name two different accounts.")
    return account(asked_by), account(approved_by)


def account(username: str) -> User:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError("There is no account of this name.")
    return found
