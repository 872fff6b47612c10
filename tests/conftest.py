"""Shared fixtures.

The connection logs in as owner and then acts as the application's role, as the product does.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

from tests import factories
from victimcare import acting
from victimcare.encryption import keyring
from victimcare.models import User


def _become_application(connection: Any, **kwargs: Any) -> None:
    if connection.alias == "default":
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {connection.ops.quote_name(settings.DATABASE_APP_ROLE)}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After the test database is made, every connection to it acts as the application's role."""
    with django_db_blocker.unblock():
        _become_application(connection)
    connection_created.connect(_become_application, dispatch_uid="tests.become_application")
    yield
    connection_created.disconnect(dispatch_uid="tests.become_application")


@pytest.fixture
def as_owner(db: None) -> Callable[[], AbstractContextManager[None]]:
    """`with as_owner():` acts as the database's owner inside the same transaction."""

    @contextmanager
    def owner() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        try:
            yield
        finally:
            _become_application(connection)

    return owner


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
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


@pytest.fixture
def acts() -> Callable[[User], AbstractContextManager[None]]:
    return acting.as_user
