"""`rebuild_search`: makes the search tokens and name cards of everybody anew, while people work."""

from typing import Any

from django.core.management.base import BaseCommand

from cases.rebuilding import rebuild


class Command(BaseCommand):
    help = (
        "Makes search tokens and name cards anew: after an update that says so, and after `state_register`."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} persons were read for search.")
