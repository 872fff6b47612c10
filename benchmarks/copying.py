"""Rows as COPY takes them: each table's columns are asked of the database, so a new column that may be empty
needs no change here.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

NOTHING = "\\N"
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
WHERE table_schema = 'public' AND is_identity = 'NO' ORDER BY table_name, ordinal_position
"""
# What a column holds that may not be empty, where a row says nothing of it.
EMPTY = {"character varying": "", "text": "", "ARRAY": "{}"}
SCOPES = "scope_"

Row = Mapping[str, object]


@dataclass
class Table:
    columns: list[str] = field(default_factory=list)
    defaults: dict[str, object] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def column(self, name: str, kind: str, nullable: bool) -> None:
        self.columns.append(name)
        if nullable:
            self.defaults[name] = NOTHING
        elif kind in EMPTY and not name.startswith(SCOPES):
            self.defaults[name] = EMPTY[kind]

    @cached_property
    def values(self) -> Callable[[Row], tuple[object, ...]]:
        """Of a whole row, in the order of the columns. Raises KeyError for one that is missing."""
        return itemgetter(*self.columns)

    def add(self, row: Row, **more: object) -> None:
        self.lines.append("\t".join(map(str, self.values({**self.defaults, **row, **more}))))


class Tables:
    """Rows gathered for many tables, then copied in one transaction."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute(COLUMNS)
        self.tables: dict[str, Table] = {}
        for table, *column in cursor.fetchall():
            self.tables.setdefault(table, Table()).column(*column)
        self.histories = {
            name.replace("_historical", "_"): table
            for name, table in self.tables.items()
            if "_historical" in name
        }

    def add(self, name: str, row: Row) -> None:
        """Values as COPY's text format writes them. Raises KeyError for a column that is missing or wrong."""
        table = self.tables[name]
        # Rows of a table are alike: to look at the first of each batch is enough, and quicker.
        if not table.lines and (wrong := row.keys() - set(table.columns)):
            raise KeyError(f"{name} has no {sorted(wrong)}")
        table.add(row)

    def add_history(self, name: str, row: Row, **more: object) -> None:
        """A line of the history of a record: what it shares with the record, as it was then."""
        self.histories[name].add(row, **more)

    def copy(self, cursor: Any) -> None:
        for name, table in self.tables.items():
            if table.lines:
                columns = ", ".join(table.columns)
                text = io.StringIO("\n".join(table.lines) + "\n")
                cursor.copy_expert(f"COPY {name} ({columns}) FROM STDIN", text)
                table.lines.clear()
