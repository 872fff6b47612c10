"""Tells the database who acts: a signed, short-lived scope in front of each statement (design section 3).

Row-level security asks the functions of the schema `app` who it is; they check the signature. Statement and
scope travel in one message, and the scope ends with the statement's transaction: nothing is left for the next
one, on a persistent connection or behind a pooler. Who injects SQL cannot sign.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.crypto import salted_hmac

from victimcare import acting, environment

# A scope is signed anew every so many seconds and accepted for one to two such times after that.
RENEWED_EVERY = 30
BLOCK_BYTES = 64
# After an error the database takes nothing but these, and they read no row.
UNSCOPED = ("SAVEPOINT", "RELEASE", "ROLLBACK")

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


def install(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """For each new connection of the application's role; the owner migrates, and acts as nobody."""
    if connection.alias == "default" and not environment.acts_as_owner():
        install_on(connection)


def install_on(connection: BaseDatabaseWrapper) -> None:
    if scoped not in connection.execute_wrappers:
        connection.execute_wrappers.append(scoped)


def scoped(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Runs a statement as whoever acts now; when nobody does, that is said too, or an earlier scope of the
    same transaction would hold on.
    """
    if not sql.startswith(UNSCOPED):
        # Not SET LOCAL: where the server gathers statements, it keeps the words of that one, scope and all.
        sql = f"SELECT set_config('app.scope', '{said_by(acting.name())}', true); {sql}"
    return execute(sql, params, many, context)


def said_by(actor: str) -> str:
    """The scope of who acts now, empty for nobody. It has neither quotes nor percent signs."""
    return _signed(actor, int(time.time()) // RENEWED_EVERY) if actor else ""


@lru_cache(maxsize=4096)
def _signed(actor: str, period: int) -> str:
    return sign(actor, (period + 3) * RENEWED_EVERY)


def sign(actor: str, expiry: int) -> str:
    """`actor|expiry|signature`, where expiry is a Unix time in seconds."""
    said = f"{actor}|{expiry}"
    return f"{said}|{hmac.new(_key(), said.encode(), hashlib.sha256).hexdigest()}"


def pads() -> tuple[bytes, bytes]:
    """The key as HMAC-SHA256 uses it (RFC 2104), for the database, whose core has SHA-256 and no HMAC."""
    block = _key().ljust(BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


@lru_cache(maxsize=1)
def _key() -> bytes:
    return salted_hmac("victimcare.scope", "", algorithm="sha256").digest()
