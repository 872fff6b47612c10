"""`state_register on|off --organization CODE --by USERNAME`: whether a state's law has one register."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from victimcare import acting, actions
from victimcare.models import Organization, StateRegister, User


class Command(BaseCommand):
    help = "Says that the law of a member state has one register of persons, or that it has none any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", choices=["on", "off"])
        parser.add_argument(
            "--organization", required=True, metavar="CODE", help="the authority that keeps it"
        )
        parser.add_argument("--by", required=True, metavar="USERNAME", help="a coordinator of that authority")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise CommandError("There is no active account of that name.")
        try:
            with acting.as_user(by):
                self.stdout.write(self._switch(options["state"], options["organization"], by))
        except PermissionDenied:
            raise CommandError("Only a coordinator of that organisation may do this.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _switch(self, state: str, code: str, by: User) -> str:
        organization = Organization.objects.visible_to(by).filter(code=code).first()
        if organization is None:
            raise CommandError("There is no organisation with that code.")
        if state == "on":
            actions.open_state_register(organization, by=by)
            return "On. Records of before are found when `manage.py rebuild_search` has run."
        running = StateRegister.objects.visible_to(by).running()
        register = running.filter(organization=organization).first()
        if register is None:
            raise CommandError("That organisation keeps no register that is on.")
        actions.end_state_register(register, by=by)
        return "Off. `manage.py rebuild_search` takes away what was kept for it."
