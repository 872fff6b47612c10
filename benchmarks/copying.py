"""Rows as COPY takes them: each table's columns are asked of the database, so a new column that may be empty
needs no change here.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    line: str = ""

    def column(self, name: str, kind: str, nullable: bool) -> None:
        self.columns.append(name)
        if nullable:
            self.defaults[name] = NOTHING
        elif kind in EMPTY and not name.startswith(SCOPES):
            self.defaults[name] = EMPTY[kind]
        self.line = "\t".join(f"%({one})s" for one in self.columns)

    def add(self, row: Row) -> None:
        self.lines.append(self.line % {**self.defaults, **row})


class Tables:
    """Rows gathered for many tables, then copied in one transaction."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute(COLUMNS)
        self.tables: dict[str, Table] = {}
        for table, *column in cursor.fetchall():
            self.tables.setdefault(table, Table()).column(*column)
        self._known = {name: frozenset(table.columns) for name, table in self.tables.items()}

    def add(self, name: str, row: Row) -> None:
        """Values as COPY's text format writes them. Raises KeyError for a column that is missing or wrong."""
        if wrong := row.keys() - self._known[name]:
            raise KeyError(f"{name} has no {sorted(wrong)}")
        self.tables[name].add(row)

    def add_history(self, name: str, row: Row, **more: object) -> None:
        """A line of the history of a record: what it shares with the record, as it was then."""
        app, model = name.split("_")
        self.tables[f"{app}_historical{model}"].add({**row, "history_type": "+", **more})

    def copy(self, cursor: Any) -> None:
        for name, table in self.tables.items():
            if table.lines:
                columns = ", ".join(table.columns)
                text = io.StringIO("\n".join(table.lines) + "\n")
                cursor.copy_expert(f"COPY {name} ({columns}) FROM STDIN", text)
                table.lines.clear()
