"""`import_cases MAPPING FILE --organization CODE`: cases from CSV or XLSX. See docs/import.md."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from cases.imports import mapping_file, reading, running
from cases.imports.problems import ImportProblem
from cases.imports.reading import Table
from cases.imports.rejects import Rejects
from cases.imports.running import Counts
from victimcare import acting
from victimcare.encryption.roots import KeyUnavailable

SPOKEN_OF_EVERY = 5_000


class Command(BaseCommand):
    help = "Imports cases from a CSV file or a workbook, by a mapping. Start it again after an interruption."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mapping", help="the name of a shipped mapping, or the path of one of your own")
        parser.add_argument("file", type=Path, help="a CSV file or an XLSX workbook")
        parser.add_argument("--organization", required=True, metavar="CODE", help="whose cases they will be")
        parser.add_argument("--team", default="", metavar="NAME", help="which of its teams; else its first")
        parser.add_argument("--dry-run", action="store_true", help="read and check everything, store nothing")
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where rejected rows go, with the reason"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with acting.as_job("import"):
                counts = self._import(options)
        except ImportProblem as problem:
            raise CommandError(str(problem)) from None
        except KeyUnavailable as error:
            raise CommandError(f"{error} Start it again: what was imported is counted and kept.") from None
        except DatabaseError as error:
            # Its message quotes the row that was refused.
            raise CommandError(f"The database did not take the last rows: {type(error).__name__}.") from None
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. Start it again: what was imported is counted and kept."
            ) from None
        self.stdout.write(str(counts))

    def _import(self, options: dict[str, Any]) -> Counts:
        mapping = mapping_file.load(options["mapping"])
        path = _rejects_path(options)
        table = reading.open_table(options["file"], mapping)
        into = running.destination(table, options["organization"], options["team"])
        self._tell_unmapped(table)
        with Rejects(path, table.headers) as rejects:
            counts = running.run(
                table, into, rejects, dry_run=options["dry_run"], progress=self._progress(table.count)
            )
        self._tell_rejected(rejects)
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was stored. What would be imported is counted as imported.")
        return counts

    def _tell_unmapped(self, table: Table) -> None:
        for header in table.unmapped():
            self.stdout.write(f"The column {header} is not mapped: it is kept with the row's source only.")

    def _tell_rejected(self, rejects: Rejects) -> None:
        for reason, number in rejects.reasons.most_common():
            self.stdout.write(f"Rejected {number}: {reason}")
        if rejects.reasons and rejects.path:
            self.stdout.write(
                f"Rejected rows are in {rejects.path}."
                " They are about people: guard the file and delete it after use."
            )

    def _progress(self, total: int) -> Any:
        """Tells on the error stream how far it is: in place on a terminal, else every few thousand rows."""
        started = time.monotonic()
        told = 0

        def tell(counts: Counts) -> None:
            nonlocal told
            terminal = self.stderr.isatty()
            if not terminal and counts.rows - told < SPOKEN_OF_EVERY and counts.rows < total:
                return
            told = counts.rows
            pace = counts.rows / max(time.monotonic() - started, 0.001)
            line = f"{counts.rows} of {total} rows, {pace:.0f} a second"
            self.stderr.write(
                f"\r{line}" if terminal and counts.rows < total else line, ending="" if terminal else "\n"
            )

        return tell


def _rejects_path(options: dict[str, Any]) -> Path | None:
    """Where rejected rows go. A dry run stores nothing that it was not asked for."""
    given: Path | None = options["rejects"]
    if given is None:
        return None if options["dry_run"] else Path(f"{options['file'].stem}.rejected.csv")
    if given.resolve() == options["file"].resolve():
        raise ImportProblem("The rejected rows cannot be written over the file that is imported.")
    return given
