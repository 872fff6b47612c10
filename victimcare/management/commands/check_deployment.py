"""`manage.py check_deployment`: does this installation protect people? Ask it with the service's environment,
before real people are in it and after each change of server or settings.
"""

from typing import Any

from django.core import checks
from django.core.management.base import BaseCommand, CommandError

from victimcare.checks import TAG as AT_START
from victimcare.deployment import TAG


class Command(BaseCommand):
    help = "Names each setting of this installation that does not protect people, and fails if there is one."
    # It says itself what the others would refuse to start without.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = checks.run_checks(tags=[AT_START, TAG], include_deployment_checks=True, databases=["default"])
        for message in sorted(found, key=lambda one: (-one.level, one.id)):
            kind = "unsafe" if message.is_serious() else "advice"
            self.stdout.write(f"{kind}  {message.id}  {message.msg}")
        unsafe = sum(message.is_serious() for message in found)
        if unsafe:
            raise CommandError(f"{unsafe} unsafe: this installation does not protect people yet.")
        self.stdout.write("Nothing unsafe was found.")
