"""The drill of erasures: a person goes through all of the product, is erased, and is looked for everywhere.

`python -m tests.drills.erasure`, or `make drill-erasure`, which brings a database server.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from tests.browser import leaks
from tests.browser import product as products
from tests.browser.product import ROOT, Product
from tests.drills.erased import WORDS

NAME = "erasure_drill"


def stands_in(content: bytes) -> list[str]:
    """Words that stand there, in clear or written in another way."""
    return leaks.found(content, WORDS.values())


class Drill:
    """`said`: what was measured; `wrong`: what should not be."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.product, self.folder = product, folder
        self.environment = product.environment | {"ERASURE_LEDGER_FILE": str(folder / "ledger")}
        self.said: list[str] = []
        self.wrong: list[str] = []

    def run(self) -> "Drill":
        self.step("places", str(self.folder), owner=True)
        self.step("flows", str(self.folder))
        self.before()
        backup = self.folder / "backup"
        dump(self.product.owner_url, backup)
        self.erase()
        self.after(self.product, "erased")
        self.restore(backup)
        return self

    # -- What is done ----------------------------------------------------------------------------------------

    def before(self) -> None:
        """Else nothing would be found because there is nothing, or because the search is blind."""
        found = self.readable()
        self.tokens = found["tokens"]
        self.expect("with its keys, before", found["words"], sorted(WORDS.values()))
        self.expect("in clear in a dump, before", stands_in(leaks.dump(self.product.owner_url)), [])
        self.say(f"{len(WORDS)} words, {found['blobs']} encrypted values, {found['keys']} derived keys")

    def erase(self) -> None:
        numbers = json.loads((self.folder / "numbers").read_text())
        for case in (numbers["case"], numbers["imported"]):
            self.step("ask", "caseworker", case, "person_asked")
        both = ("--approved-by", "supervisor", "--password-file", str(self.folder / "password"))
        self.manage("erase", numbers["case"], *both, "--named-in", numbers["other"])
        self.manage("erase", numbers["imported"], *both)
        agency = self.readable("agency")
        self.expect("with the keys of the organisation that erased", agency["words"], [])
        held = self.readable()["words"]
        if not held:
            self.wrong.append("The receiver lost its own copy.")
        self.say(f"the receiver still reads {len(held)} words under its own keys, until it erases its own")
        self.step("ask", "caseworker_shelter", numbers["received"], "retention_ended")
        theirs = ("--approved-by", "supervisor_shelter", *both[2:])
        self.manage("erase", numbers["received"], *theirs)

    def after(self, product: Product, when: str) -> None:
        """Every table, history, log, session, task and counter is in the dump; each value is tried with each
        key.
        """
        content = leaks.dump(product.owner_url)
        found = self.readable(product=product)
        self.expect(f"with every key, {when}", found["words"], [])
        self.expect(f"in a dump of {len(content)} bytes, {when}", stands_in(content), [])
        left = [token for token in self.tokens if token.encode() in content]
        self.expect(f"tokens of the importer, {when}", left, [])
        self.expect(f"tokens and cards of search, {when}", self.found_by_search(product), [])
        self.expect(f"in the ledger, {when}", stands_in((self.folder / "ledger").read_bytes()), [])

    def restore(self, backup: Path) -> None:
        with restored(backup, self.product) as old:
            found = self.readable(product=old)["words"]
            self.expect("in the restored backup before the replay", found, sorted(WORDS.values()))
            if self.step("healthy", product=old).strip() != "503":
                self.wrong.append("A restored backup is served before the replay.")
            said = self.manage("erasures", "replay", product=old).strip()
            self.say(said)
            self.after(old, "restored and replayed")
            if self.step("healthy", product=old).strip() != "200":
                self.wrong.append("The product does not start after the replay.")

    # -- With what -------------------------------------------------------------------------------------------

    def found_by_search(self, product: Product) -> list[str]:
        """Who was erased and would be found: a token says too little to be looked for by itself."""
        rows = product.execute(
            "SELECT p.id FROM cases_person p JOIN victimcare_subjectkey k ON k.id = p.subject_key_id"
            " WHERE k.wrapped IS NULL AND (EXISTS (SELECT FROM cases_persontokens WHERE person_id = p.id)"
            " OR EXISTS (SELECT FROM cases_namecard WHERE person_id = p.id))"
        )
        return sorted(str(person) for (person,) in rows)

    def readable(self, organization: str = "", product: Product | None = None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.step("readable", organization, owner=True, product=product))
        return found

    def expect(self, what: str, found: list[str], wanted: list[str]) -> None:
        self.say(f"readable {what}: {len(found)}")
        if found != wanted:
            self.wrong.append(f"{what}: {', '.join(sorted(set(found) ^ set(wanted)))}")

    def say(self, line: str) -> None:
        self.said.append(line)

    def manage(self, *arguments: str, product: Product | None = None) -> str:
        return products._manage(self._environment(product), *arguments)

    def step(self, name: str, *arguments: str, owner: bool = False, product: Product | None = None) -> str:
        environment = self._environment(product) | ({"VICTIMCARE_ROLE": "owner"} if owner else {})
        command = [sys.executable, "-m", "tests.drills.erased", name, *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )  # our own command
        if done.returncode:
            raise RuntimeError(f"The step {name} failed: {done.stderr[-3000:]}")
        return done.stdout

    def _environment(self, product: Product | None) -> dict[str, str]:
        own = (product or self.product).environment
        return own | {"ERASURE_LEDGER_FILE": str(self.folder / "ledger")}


def dump(owner_url: str, file: Path) -> None:
    command = ["--format=custom", f"--file={file}"]
    leaks.tool("pg_dump", owner_url, *command)


@contextmanager
def restored(backup: Path, product: Product) -> Iterator[Product]:
    name = f"{psycopg2.extensions.parse_dsn(product.owner_url)['dbname']}_restored"
    environment = products._environment(name)
    with products._database(name):
        leaks.tool("pg_restore", environment["DATABASE_OWNER_URL"], "--no-comments", str(backup))
        yield Product("", environment, product.log)


def drill(name: str = NAME) -> Drill:
    with (
        products.stored(name, demonstration=False) as product,
        TemporaryDirectory(prefix="victimcare-") as folder,
    ):
        return Drill(product, Path(folder)).run()


def main() -> int:
    done = drill()
    sys.stdout.write("".join(f"{line}\n" for line in [*done.said, *(f"WRONG: {one}" for one in done.wrong)]))
    return int(bool(done.wrong))


if __name__ == "__main__":
    sys.exit(main())
