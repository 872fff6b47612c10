"""`rebuild_search`: makes the search tokens and name cards of everybody anew, while people work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.rebuilding import rebuild


class Command(BaseCommand):
    help = (
        "Makes search tokens and name cards anew: after an update that says so, and after `state_register`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rebuild()
        self.stdout.write(f"{done.read} persons were read for search.")
        if done.unread:
            raise CommandError(f"{done.unread} persons could not be read. Run keys check.")
