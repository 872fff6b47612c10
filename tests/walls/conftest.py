"""A database of its own with the demonstration in it, and connections that log in as the application's
role."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg2
import pytest

from tests.browser import product as products
from tests.browser.product import Product
from victimcare import scope

Ask = Callable[..., Any]


class Door:
    """A session of the application's role, as the product has one, in which anybody may act."""

    def __init__(self, connection: Any, owner: Callable[..., Any]) -> None:
        self.connection = connection
        self.owner = owner

    def scope_of(self, who: str) -> str:
        """Of a username, of `job:<name>`, or of nobody ("")."""
        if not who or who.startswith("job:"):
            return scope.said_by(who)
        [(user_id,)] = self.owner("SELECT id FROM victimcare_user WHERE username = %s", [who])
        return scope.said_by(f"user:{user_id}")

    def ask(self, who: str, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        return self.ask_with(self.scope_of(who), statement, values)

    def ask_with(self, said: str, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """With this scope, whatever it is. What it changed is rolled back."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.scope', %s, true)", [said])
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
        finally:
            self.connection.rollback()

    @contextmanager
    def cursor(self, who: str, name: str | None = None) -> Iterator[Any]:
        try:
            with self.connection.cursor() as first:
                first.execute("SELECT set_config('app.scope', %s, true)", [self.scope_of(who)])
            with self.connection.cursor(name) as cursor:
                yield cursor
        finally:
            self.connection.rollback()


@pytest.fixture(scope="session")
def stored(worker_id: str) -> Iterator[Product]:
    with products.stored(f"walls_{worker_id}") as database:
        yield database


@pytest.fixture(scope="session")
def owner(stored: Product) -> Iterator[Ask]:
    """`owner(statement, values)`: what is really there, past every policy."""
    connection = psycopg2.connect(stored.owner_url)
    connection.autocommit = True

    def ask(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    yield ask
    connection.close()


@pytest.fixture(scope="session")
def door(stored: Product, owner: Ask) -> Iterator[Door]:
    connection = psycopg2.connect(stored.application_url)
    yield Door(connection, owner)
    connection.close()


@pytest.fixture
def changed(owner: Ask) -> Callable[..., AbstractContextManager[None]]:
    """`with changed(statement, values, back=statement):` something is otherwise for the block."""

    @contextmanager
    def otherwise(statement: str, values: Any = None, *, back: str) -> Iterator[None]:
        owner(statement, values)
        try:
            yield
        finally:
            owner(back, values)

    return otherwise
