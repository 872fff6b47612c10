"""Shared fixtures.

The connection logs in as owner. What happens inside a request, an action or a task runs as the application's
role and in the scope of whoever acts, behind row-level security, as in the product.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import isfunction, signature
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

import cases.actions
import cases.search
import certification.actions
import referrals.actions
import victimcare.actions
import victimcare.sign_in.actions
from tests import factories
from tests.signing import one_step, sign_in
from victimcare import acting, scope
from victimcare.encryption import keyring
from victimcare.models import User

UNSET = object()
_owner_acts: ContextVar[bool] = ContextVar("owner_acts", default=False)


def _in_role(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Inside a request, an action or a task the statement runs as the application's role, nobody signed in
    included; outside of all of them the test itself makes and looks at records, as the owner.
    """
    if not sql.startswith(scope.UNSCOPED):
        owner = _owner_acts.get() or acting._actor.get(UNSET) is UNSET
        role = "RESET ROLE" if owner else f'SET ROLE "{settings.DATABASE_APP_ROLE}"'
        sql = f"{role}; {sql}"
    return execute(sql, params, many, context)


def _behind_the_walls(connection: Any, **kwargs: Any) -> None:
    if connection.alias == "default" and _in_role not in connection.execute_wrappers:
        connection.execute_wrappers.append(_in_role)
        scope.install_on(connection)


def _acting(action: Any) -> Any:
    """An action, or a search, that a test calls acts as its `by`, as in that user's request."""

    @wraps(action)
    def acted(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("by") is None or acting.user() is not None:
            return action(*args, **kwargs)
        with acting.as_user(kwargs["by"]):
            return action(*args, **kwargs)

    return acted


for _module in (
    victimcare.actions,
    victimcare.sign_in.actions,
    certification.actions,
    cases.actions,
    referrals.actions,
    cases.search,
):
    for _name, _action in list(vars(_module).items()):
        if isfunction(_action) and "by" in signature(_action).parameters:
            setattr(_module, _name, _acting(_action))


@pytest.fixture(autouse=True)
def _one_step_of_the_app() -> Iterator[None]:
    with one_step():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After the test database is made, every connection to it stands behind the walls."""
    with django_db_blocker.unblock():
        _behind_the_walls(connection)
    connection_created.connect(_behind_the_walls, dispatch_uid="tests.behind_the_walls")
    yield
    connection_created.disconnect(dispatch_uid="tests.behind_the_walls")
    connection.execute_wrappers.clear()


@contextmanager
def owner() -> Iterator[None]:
    """As the database's owner inside the same transaction, whoever acts: without the second wall."""
    token = _owner_acts.set(True)
    try:
        yield
    finally:
        _owner_acts.reset(token)


@pytest.fixture
def as_owner() -> Callable[[], AbstractContextManager[None]]:
    return owner


@pytest.fixture
def as_application() -> Callable[[], AbstractContextManager[None]]:
    """`with as_application():` runs statements as the application's role, while nobody acts."""
    return lambda: acting.as_user(None)


@pytest.fixture(autouse=True)
def _keys_held() -> Iterator[None]:
    """Each test has a key ring of its own, as each request has."""
    with keyring.held():
        yield


@pytest.fixture
def world(db: None) -> "factories.World":
    """Two member states, an agency with two teams, two providers, a certifying body, people by role."""
    return factories.World()


@pytest.fixture
def login() -> Callable[[User], Client]:
    """`login(user)` gives a test client signed in as that user."""

    def signed_in(user: User) -> Client:
        client = Client()
        sign_in(client, user)
        return client

    return signed_in


@pytest.fixture
def acts() -> Callable[[User], AbstractContextManager[None]]:
    return acting.as_user


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows a commit follows at once: a test's transaction has none."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda follow, **kwargs: follow())
