"""`manage.py access_tables`: write the tables of docs/access.md anew, or ask whether they are up to date."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from victimcare import access_tables


class Command(BaseCommand):
    help = "Write the tables of docs/access.md from the apps' pages of roles."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where they differ")

    def handle(self, *args: Any, **options: Any) -> None:
        text = access_tables.PAGE.read_text(encoding="utf-8")
        made = access_tables.with_tables(text)
        if options["check"]:
            if made != text:
                raise CommandError("docs/access.md is not up to date: run `manage.py access_tables`.")
            return
        access_tables.PAGE.write_text(made, encoding="utf-8")
