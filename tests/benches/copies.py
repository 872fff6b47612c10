"""Many rows from one: a table is filled with copies of a row that the product made.

A new column is copied with the rest, so that the data set follows the models by itself.
"""

from typing import Any

from victimcare.encryption import keyring, sealed
from victimcare.scope import BLOCK_BYTES

COLUMNS = """
SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""


def copies(cursor: Any, template: Any, count: str, source: str = "", **values: str) -> None:
    """Copies of the record `template`, one for each `i` from 0 up to `count` (an SQL expression), with the
    `values` given as SQL expressions over `i` and the row `t`. What is encrypted and may be empty, is.
    `source` is a FROM clause in place of the numbers, if more is needed.
    """
    table = template._meta.db_table
    cursor.execute(COLUMNS, [table])
    expressions = {
        name: values.get(name) or ("NULL" if kind == "bytea" and nullable else f"t.{name}")
        for name, kind, nullable in cursor.fetchall()
    }
    assert values.keys() <= expressions.keys(), values.keys() - expressions.keys()
    if "mac" in expressions:
        expressions["mac"] = _mac(template, expressions["id"])
    numbers = source or f"generate_series(0, ({count}) - 1) AS numbers(i)"
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(expressions)}) SELECT {', '.join(expressions.values())}"
        f" FROM {numbers}, {table} t WHERE t.{template._meta.pk.column} = '{template.pk}'"
    )


def _mac(template: Any, record: str) -> str:
    """The MAC of a row without encrypted values, as an SQL expression over the id of the record."""
    with keyring.held():
        key = keyring.open_key(template.subject_key_id)
        secret = key.derived_row().ljust(BLOCK_BYTES, b"\0")
    row = sealed.row_of(template, key)
    _record, rest = row.owner.decode().split(":", 1)
    said = f"'{row.model}:{row.revision}:' || replace(({record})::text, '-', '') || ':{rest}'"
    inner, outer = (bytes(byte ^ pad for byte in secret).hex() for pad in (0x36, 0x5C))
    digest = f"sha256('\\x{outer}'::bytea || sha256('\\x{inner}'::bytea || convert_to({said}, 'UTF8')))"
    return f"'\\x{key.header.hex()}'::bytea || {digest}"


def uid(name: str, number: str = "i") -> str:
    """The id of the copy of that number, as an SQL expression."""
    return f"md5('{name}' || ({number}))::uuid"


def one_of(count: int, number: str = "i", salt: int = 0) -> str:
    """A number from 0 up to `count` that looks random and is the same each time, as an SQL expression."""
    return f"abs(hashint4(({number}) + {salt}) % {count})"


def pick(choices: dict[str, int] | list[str], number: str = "i", salt: int = 0) -> str:
    """One of these words, as an SQL expression; a dict gives each its weight."""
    weights = choices if isinstance(choices, dict) else dict.fromkeys(choices, 1)
    words = [word for word, weight in weights.items() for _ in range(weight)]
    listed = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{listed}])[1 + {one_of(len(words), number, salt)}]"
