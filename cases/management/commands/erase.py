"""`manage.py erase CASE-NUMBER --asked-by USER --approved-by OTHER --reason CODE`: at the desk without pages.

The same two people and the same actions as on the pages: each acts in their own name, and sees no more.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cases import actions
from cases.erasing import Named, named_elsewhere, recipients_of
from cases.management.commands.erasures import account
from cases.models import Case, Erasure
from victimcare import acting, codelists, numbers
from victimcare.encryption import keyring
from victimcare.encryption.roots import KeyUnavailable
from victimcare.models import User


class Command(BaseCommand):
    help = "Erases the person of a case for ever. Two people decide: who asks, and a supervisor who approves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", metavar="CASE-NUMBER")
        parser.add_argument("--asked-by", required=True, metavar="USER")
        parser.add_argument("--approved-by", required=True, metavar="OTHER")
        parser.add_argument("--reason", required=True, metavar="CODE", help="a code of erasure-reason")
        parser.add_argument(
            "--named-in", action="append", default=[], metavar="CASE-NUMBER",
            help="another case in which a record means this person; may be repeated",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        number = _number(options["number"])
        if options["reason"] not in codelists.get("erasure-reason"):
            raise CommandError(f"Choose a reason: {', '.join(codelists.get('erasure-reason').codes)}.")
        try:
            with transaction.atomic(), keyring.held():
                self._erase(number, account(options["asked_by"]), account(options["approved_by"]), options)
        except PermissionDenied as error:
            raise CommandError(
                "One of the two may not do this: a supervisor of the team approves."
            ) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except KeyUnavailable as error:
            raise CommandError(str(error)) from error

    def _erase(self, number: str, asking: User, approving: User, options: dict[str, Any]) -> None:
        with acting.as_user(asking):
            asked = actions.ask_erasure(_case(number, asking), by=asking, reason=options["reason"])
        with acting.as_user(approving):
            case = _case(number, approving)
            elsewhere = named_elsewhere(case, by=approving)
            named = elsewhere.named
            chosen = _chosen(named, [_number(one) for one in options["named_in"]])
            told = recipients_of(case)
            actions.approve_erasure(
                Erasure.objects.visible_to(approving).get(pk=asked.pk),
                by=approving,
                parties=[one.party_id for one in chosen],
            )
        self.stdout.write(f"Erased the person of case {number}.")
        for one in told:
            self.stdout.write(
                f"Told: {one.organization.name}, {one.at:%Y-%m-%d}, {', '.join(one.kinds)}, {one.number}"
            )
        if elsewhere.unread:
            self.stderr.write(f"{elsewhere.unread} records of other cases could not be read. Run keys check.")
        for left in [one for one in named if one not in chosen]:
            self.stdout.write(
                f"Left: a record of case {left.case.number} has a name like it. If it means this person,"
                " it has to be overwritten there by hand."
            )


def _number(text: str) -> str:
    number = numbers.normalise(text)
    if number is None:
        raise CommandError("This is no number of a case: check each character.")
    return number


def _case(number: str, user: User) -> Case:
    found: Case | None = Case.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise CommandError("One of the two sees no case with this number.")
    return found


def _chosen(named: list[Named], numbers_given: list[str]) -> list[Named]:
    unknown = set(numbers_given) - {one.case.number for one in named}
    if unknown:
        raise CommandError(f"No record with a name like it was found in {', '.join(sorted(unknown))}.")
    return [one for one in named if one.case.number in numbers_given]
