"""Tables without indexes, foreign keys and triggers while they are filled, and all of it again afterwards."""

import os
import queue
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import psycopg2

# Of the filled tables, and the keys of others that lead to them; in the words in which it is made again.
# Foreign keys come last: they rest on the unique indexes.
CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype = 'f'
  FROM pg_constraint
 WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace
   AND (conrelid = ANY (%(tables)s::regclass[]) OR confrelid = ANY (%(tables)s::regclass[]))
   AND (contype = 'f' OR conrelid = ANY (%(tables)s::regclass[]))
 ORDER BY 1, 2
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = ANY (%(tables)s::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
 ORDER BY 1
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger
 WHERE NOT tgisinternal AND tgrelid = ANY (%(tables)s::regclass[]) ORDER BY 1, 2
"""
AT_ONCE = 2
MEMORY = "SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0"


class NotAsBefore(Exception):
    """A constraint, an index or a trigger is not there again."""


def schema(cursor: Any, tables: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """What hangs on the tables, to be compared. Whether a foreign key was validated is left out."""
    found = {}
    for name, question in (("constraints", CONSTRAINTS), ("indexes", INDEXES), ("triggers", TRIGGERS)):
        cursor.execute(question, {"tables": tables})
        found[name] = [
            tuple(one.removesuffix(" NOT VALID") if isinstance(one, str) else one for one in row)
            for row in cursor.fetchall()
        ]
    return found


class Bare:
    """What was taken off the tables, to be made again."""

    def __init__(self, cursor: Any, tables: list[str]) -> None:
        self.tables = tables
        self.before = schema(cursor, tables)

    def take_off(self, cursor: Any) -> None:
        constraints = self.before["constraints"]
        for table, name, _said, _foreign in sorted(constraints, key=lambda one: not one[3]):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _said in self.before["indexes"]:
            cursor.execute(f"DROP INDEX {name}")
        for table in self.tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    def make_again(self, cursor: Any) -> None:
        """Foreign keys are not validated: that would read every table once more for each of its keys, and
        what is written from now on is checked all the same. Raises NotAsBefore.
        """
        own = [one for one in self.before["constraints"] if not one[3]]
        at_once([f"ALTER TABLE {table} ADD CONSTRAINT {name} {said}" for table, name, said, _foreign in own])
        at_once([said for _name, said in self.before["indexes"]])
        for table, name, said, foreign in self.before["constraints"]:
            if foreign:
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {said} NOT VALID")
        for table in self.tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        if schema(cursor, self.tables) != self.before:
            raise NotAsBefore


def at_once(statements: list[str]) -> None:
    """One core each, over connections of the owner's. Of two keys of one table the second waits, so tables
    take turns.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for statement in statements:
        waiting.put(statement)

    def run() -> None:
        with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor, suppress(queue.Empty):
                cursor.execute(MEMORY)
                while True:
                    cursor.execute(waiting.get_nowait())

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(run) for _worker in range(AT_ONCE)]:
            done.result()
