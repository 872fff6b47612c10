"""`account disable|enable|reset-factor NAME`: what administrators do in the members room, for any account."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from victimcare.models import User
from victimcare.sign_in import actions

DOES = {
    "disable": (actions.disable_account, "Disabled: it is signed out everywhere."),
    "enable": (actions.enable_account, "Enabled: it can sign in again."),
    "reset-factor": (actions.reset_factor, "Taken away: at its next sign-in it sets up another."),
}


class Command(BaseCommand):
    help = "Disables or enables an account, or takes away a second factor that was lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=sorted(DOES))
        parser.add_argument("username", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no account of that name.")
        act, done = DOES[options["do"]]
        act(user, by=None)
        self.stdout.write(done)
