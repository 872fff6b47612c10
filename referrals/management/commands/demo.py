"""`manage.py demo`: a demonstration in an empty database, with an account for each role."""

import os
import secrets
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from referrals.demo.cases import make_cases
from referrals.demo.credentials import make_credentials
from referrals.demo.loop import make_referrals
from referrals.demo.people import ACCOUNTS, BACKSTAGE, make_account
from referrals.demo.places import PLACES, make_offers, make_organization
from victimcare.encryption import keyring
from victimcare.models import Organization

SEED = 20261123


class Command(BaseCommand):
    help = "Fill an empty database with a demonstration; everybody in it is invented."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is data already")
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD", "")
        if options["accounts"]:
            return self.print_accounts(password)
        if Case.objects.exclude(organization__is_demonstration=True).exists():
            raise CommandError("This database holds real cases. A demonstration never goes beside them.")
        if Organization.objects.exists():
            if options["if_empty"]:
                return self.print_accounts(password)
            raise CommandError("There is data already. Make an empty database for a demonstration.")
        password = password or secrets.token_urlsafe(12)
        make_demonstration(password)
        return self.print_accounts(password)

    def print_accounts(self, password: str) -> None:
        self.stdout.write(
            f"Accounts; the password of each is {password or 'the one printed when they were made'}:"
        )
        for account in ACCOUNTS:
            place = f"{account.organization} {account.team}".strip()
            self.stdout.write(f"  {account.username:<20}{account.role.label:<24}{place}")


@transaction.atomic
def make_demonstration(password: str) -> None:
    """All or nothing. The dice are loaded, so that every demonstration looks alike."""
    # The day of the westernmost zone: what is valid from "today" is so at every place of the demonstration.
    with keyring.held(), timezone.override(ZoneInfo("Etc/GMT+12")):
        made = {place.code: make_organization(place) for place in PLACES}
        for account in ACCOUNTS:
            make_account(account, password)
        for account in BACKSTAGE:
            make_account(account, None)
        for place in PLACES:
            if place.offers:
                make_offers(place, made[place.code])
        make_credentials()
        make_cases(Random(SEED))  # noqa: S311  # invented people, not secrets
        make_referrals()
