"""`check_import MAPPING FILE --organization CODE`: is every value of the file found again in the records?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.imports import checking, mapping_file, reading, running
from cases.imports.problems import ImportProblem
from victimcare import acting


class Command(BaseCommand):
    help = "Reads an imported file again, and compares random rows of it with their records, by each column."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mapping")
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--rows", type=int, default=200, help="how many rows to compare; 200 unless told")
        parser.add_argument("--seed", type=int, help="takes the same rows again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rows"] < 1:
            raise CommandError("--rows must be at least 1.")
        try:
            table = reading.open_table(options["file"], mapping_file.load(options["mapping"]))
            into = running.destination(table, options["organization"])
            with acting.as_job("import"):
                result = checking.check(table, into.organization, options["rows"], options["seed"])
        except ImportProblem as problem:
            raise CommandError(str(problem)) from None
        for header in table.unmapped():
            self.stdout.write(f"Not mapped: {header}")
        for header, number in sorted(result.differences.items()):
            self.stdout.write(f"Different: {header}, in {number} rows")
        self.stdout.write(str(result))
        if result.differences or result.missing:
            raise CommandError("The records do not say what the file says.")
        if not result.rows:
            raise CommandError("Nothing was compared: no row of the file can be a record.")
