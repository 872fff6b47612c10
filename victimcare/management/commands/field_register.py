"""`manage.py field_register`: write the register of docs/data-protection.md anew, or ask whether it is so."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from victimcare import field_register


class Command(BaseCommand):
    help = "Write the register of fields in docs/data-protection.md from the models."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where they differ")

    def handle(self, *args: Any, **options: Any) -> None:
        text = field_register.PAGE.read_text(encoding="utf-8")
        try:
            made = field_register.with_register(text)
        except field_register.Unclassified as error:
            raise CommandError(str(error)) from error
        if options["check"]:
            if made != text:
                raise CommandError(
                    "docs/data-protection.md is not up to date: run `manage.py field_register`."
                )
            return
        field_register.PAGE.write_text(made, encoding="utf-8")
