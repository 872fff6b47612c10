"""`manage.py erase CASE-NUMBER --approved-by USER`: approves at the desk what somebody else asked for.

Who approves gives their own password: nobody is two people by naming two accounts.
"""

import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cases import actions, keeping
from cases.erasing import Named, named_elsewhere, recipients_of
from cases.management.commands.erasures import account
from cases.models import Case
from victimcare import acting, numbers
from victimcare.encryption import keyring
from victimcare.encryption.roots import KeyUnavailable
from victimcare.models import User


class Command(BaseCommand):
    help = "Erases the person of a case for ever: a supervisor approves what somebody else asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="CASE-NUMBER")
        parser.add_argument("--approved-by", required=True, metavar="USER")
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="with that user's password; else it is asked for",
        )
        parser.add_argument(
            "--named-in", action="append", default=[], metavar="CASE-NUMBER",
            help="another case in which a record means this person; may be repeated",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        number = _number(options["number"])
        chosen = [_number(one) for one in options["named_in"]]
        approving = account(options["approved_by"])
        _require_password(approving, options["password_file"])
        try:
            with transaction.atomic(), keyring.held(), acting.as_user(approving):
                self._erase(number, approving, chosen)
        except PermissionDenied as error:
            raise CommandError("This account may not do this: a supervisor of the team approves.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error

    def _erase(self, number: str, approving: User, numbers_given: list[str]) -> None:
        case = _case(number, approving)
        asked = keeping.waiting_on(case, approving)
        if asked is None:
            raise CommandError(
                "Nobody asks to erase this person: somebody else asks on the page of the case first."
            )
        elsewhere = named_elsewhere(case, by=approving)
        chosen = _chosen(elsewhere.named, numbers_given)
        actions.approve_erasure(asked, by=approving, parties=[one.party_id for one in chosen])
        self.stdout.write(f"Erased the person of case {number}.")
        for one in recipients_of(case):
            self.stdout.write(
                f"Told: {one.organization.name}, {one.at:%Y-%m-%d}, {', '.join(one.kinds)}, {one.number}"
            )
        if elsewhere.unread:
            self.stderr.write(f"{elsewhere.unread} records of other cases could not be read. Run keys check.")
        for left in [one for one in elsewhere.named if one not in chosen]:
            self.stdout.write(
                f"Left: a record of case {left.case.number} has a name like it. If it means this person,"
                " it has to be overwritten there by hand."
            )


def _number(text: str) -> str:
    number = numbers.normalise(text)
    if number is None:
        raise CommandError("This is no number of a case: check each character.")
    return number


def _require_password(user: User, file: Path | None) -> None:
    if file is None and not sys.stdin.isatty():
        raise CommandError("The password is asked for on a terminal; a script names --password-file.")
    try:
        typed = file.read_text().rstrip("\r\n") if file else getpass(f"Password of {user.username}: ")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError("The file with the password cannot be read.") from error
    if not (user.is_active and check_password(typed, user.password)):
        raise CommandError("This is not the password of an account that may sign in.")


def _case(number: str, user: User) -> Case:
    found: Case | None = Case.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise CommandError("This account sees no case with this number.")
    return found


def _chosen(named: list[Named], numbers_given: list[str]) -> list[Named]:
    unknown = set(numbers_given) - {one.case.number for one in named}
    if unknown:
        raise CommandError(f"No record with a name like it was found in {', '.join(sorted(unknown))}.")
    return [one for one in named if one.case.number in numbers_given]
