"""The drill of canaries: people whose every word has the same rare beginning go through all of the product
and its errors; then that beginning is looked for wherever nothing about a person may be.

`python -m tests.drills.canaries [PEOPLE]`, or `make drill-canaries`, which brings a database server. Each
plant is a leak that has to be found, in the place that it names.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser import leaks
from tests.browser import product as products
from tests.browser.product import ROOT, Product
from tests.drills.canary_people import ADDRESS, PHONE, STEM, first_number

NAME = "canary_drill"
PEOPLE = 500
# The log of the database's own server, where there is one.
SERVER_LOG = "VICTIMCARE_SERVER_LOG"
# Plant -> where it has to be found.
PLANTS = {
    "a log line holds a form": "application log",
    "a log line holds an exception's words": "application log",
    "a log line holds a path": "application log",
    "a session holds a form": "sessions",
    "a mail names the person": "mail",
    "a task is told a name": "database in clear",
    "a counter holds words": "database in clear",
    "an upload is laid down": "temporary files",
}
# Tables of which rows come and go.
PASSING = ("victimcare_session", "victimcare_cache", "django_tasks_database_dbtaskresult")
DIGITS = re.compile(rb"\d{8,}")


def stands_in(content: bytes, people: range) -> set[str]:
    """Forms in which the beginning stands there, and numbers of these people."""
    numbers = {int(run) for run in DIGITS.findall(content) if len(run) == 8}
    known = {str(number) for number in numbers if number - first_number() in people}
    return {*leaks.found(content, [STEM, ADDRESS, PHONE, PHONE.replace(" ", "")]), *known}


class Drill:
    """`said`: what was measured; `found`: by place, what stands there and may not."""

    def __init__(self, product: Product, folder: Path, server_log: Path | None = None) -> None:
        self.product, self.folder, self.server_log = product, folder, server_log
        self.said: list[str] = []
        self.people = range(0)
        self.log_begins = server_log.stat().st_size if server_log else 0

    def run(self, people: int) -> dict[str, set[str]]:
        self.step("places", str(self.folder), owner=True)
        return self.flows(0, people)

    def flows(self, first: int, number: int, plant: str = "") -> dict[str, set[str]]:
        self.clean()
        self.people = range(first, first + number)
        said = self.step("flows", str(self.folder), str(first), str(number), plant)
        self.said.append(said.strip())
        places = {name: stands_in(content, self.people) for name, content in self.places()}
        places["application log"] |= self.ids_in((self.folder / "log").read_bytes())
        return {name: found for name, found in places.items() if found}

    def clean(self) -> None:
        """What an earlier plant left would be found for the next one."""
        self.product.execute(f"TRUNCATE {', '.join(PASSING)}")
        (self.folder / "log").write_bytes(b"")
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)

    def ids_in(self, content: bytes) -> set[str]:
        """Of cases: a path in a log says who worked with whom, and when."""
        return {one for one in (self.folder / "ids").read_text().split() if one.encode() in content}

    def places(self) -> Iterator[tuple[str, bytes]]:
        """Everything that outlives a request: what it is called, and all that it holds."""
        logs = [self.folder / "log"]
        yield "application log", b"".join(path.read_bytes() for path in logs)
        if self.server_log:
            yield "database log", self.server_log.read_bytes()[self.log_begins :]
        yield "database in clear", leaks.dump(self.product.owner_url)
        yield "sessions", self.step("sessions", owner=True).encode()
        yield "mail", (self.folder / "mail").read_bytes()
        left = [path for path in (self.folder / "tmp").rglob("*") if path.is_file()]
        yield "temporary files", b"".join(path.read_bytes() for path in left)
        yield "files that were written", (self.folder / "written").read_bytes()

    def sizes(self) -> str:
        return ", ".join(f"{name} {len(content):,} bytes" for name, content in self.places())

    def step(self, name: str, *arguments: str, owner: bool = False) -> str:
        """In a process of its own, whose every word goes to the log."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        own = {"TMPDIR": str(self.folder / "tmp"), "ERASURE_LEDGER_FILE": str(self.folder / "ledger")}
        environment = self.product.environment | own | ({"VICTIMCARE_ROLE": "owner"} if owner else {})
        command = [sys.executable, "-m", "tests.drills.canary_people", name, *arguments]
        with (self.folder / "log").open("ab") as log:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, check=False, text=True
            )  # our own command
        if done.returncode:
            raise RuntimeError(f"The step {name} failed: {(self.folder / 'log').read_text()[-3000:]}")
        return done.stdout


def drill(name: str, people: int, plants: tuple[str, ...] = tuple(PLANTS)) -> tuple[list[str], list[str]]:
    """What was measured, and what is wrong."""
    wrong: list[str] = []
    given = os.environ.get(SERVER_LOG)
    with (
        products.stored(name, demonstration=False) as product,
        TemporaryDirectory(prefix="victimcare-") as folder,
    ):
        made = Drill(product, Path(folder), Path(given) if given else None)
        for place, found in made.run(people).items():
            wrong.append(f"{place}: {', '.join(sorted(found)[:5])}")
        made.said.append(made.sizes())
        made.said.append(f"{people} people: found in {len(wrong)} places")
        for number, plant in enumerate(plants):
            there = made.flows(people + number, 1, plant)
            made.said.append(f"planted, {plant}: {'found' if PLANTS[plant] in there else 'NOT FOUND'}")
            wrong += [] if PLANTS[plant] in there else [f"not found: {plant}"]
    return made.said, wrong


def main(people: str = str(PEOPLE)) -> int:
    said, wrong = drill(NAME, int(people))
    sys.stdout.write("".join(f"{line}\n" for line in [*said, *(f"WRONG: {one}" for one in wrong)]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
