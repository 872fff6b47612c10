"""Every list of the product stays fast as the cases grow: its plans, at the size of a country's first years,
read no large table from end to end, and filter none by a hashed sub-plan; and no page costs more than its
budget (`budgets.py`).
"""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from benchmarks import forms
from benchmarks.counting import Cost, counted
from tests.benches import budgets, pages, plans, seed
from tests.benches.budgets import Budget
from tests.benches.pages import Page
from victimcare.encryption import keyring
from victimcare.models import User

pytestmark = pytest.mark.django_db

CASES = 20_000


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[seed.Seeded]:
    """Filled once, and rolled back: its rows are gone for other tests, and so is the room that they took."""
    with django_db_blocker.unblock():
        # What other tests rolled back takes room that a page would read.
        _vacuum("VACUUM FULL ANALYZE")
        with transaction.atomic(), keyring.held():
            yield seed.fill(CASES)
            transaction.set_rollback(True)
        _vacuum(f"VACUUM ANALYZE {', '.join(seed.FILLED)}")


def _vacuum(statement: str) -> None:
    with connection.cursor() as cursor:
        # Alone in its message: behind role and scope it would be in a transaction.
        cursor.connection.cursor().execute(statement)


@pytest.mark.parametrize("page", pages.PAGES, ids=str)
def test_plans_of(page: Page, seeded: seed.Seeded, login: Callable[[User], Client]) -> None:
    client = login(seeded.users[page.by])
    with plans.planned() as found:
        page.open(client, seeded)
    assert any(name in sql for sql in found for name in ("cases_", "victimcare_"))
    assert not (wrong := plans.faults(found)), "\n\n".join(wrong)


def test_every_list_is_looked_at() -> None:
    assert pages.lists_of_the_product() - {page.name for page in pages.PAGES} == set()


def test_no_name_is_left_over() -> None:
    """What is said to list nothing is a page of the product."""
    assert pages.all_without_record() >= pages.NO_LISTS


def test_scopes_of_the_data_set_are_the_products(seeded: seed.Seeded) -> None:
    assert seed.wrong_scopes() == 0


@pytest.mark.parametrize("budget", budgets.BUDGETS, ids=str)
def test_budget_of(budget: Budget, seeded: seed.Seeded, login: Callable[[User], Client]) -> None:
    client = login(seeded.users[budget.page.by])
    cost, answer = _opened(budget.page, client, seeded)
    _within(budget, cost, len(answer.content))


def test_budget_of_intake(seeded: seed.Seeded, login: Callable[[User], Client]) -> None:
    client, path = login(seeded.users[budgets.INTAKE.page.by]), reverse("cases:intake")
    form = forms.fields_of(client.get(path).content.decode(), path)
    with counted() as cost:
        assert (
            client.post(path, form | forms.INTAKE | {"contacts-0-value": "+541155550101"}).status_code == 302
        )
    _within(budgets.INTAKE, cost, 0)


@pytest.mark.parametrize(("page", "more"), budgets.LISTS.items(), ids=str)
def test_questions_of_one_row_and_of_fifty(
    page: Page, more: int, seeded: seed.Seeded, login: Callable[[User], Client]
) -> None:
    client = login(seeded.users[page.by])
    many, _answer = _opened(page, client, seeded)
    with patch("victimcare.paging.SIZE", 1):
        one, _answer = _opened(page, client, seeded)
    assert 0 <= many.queries - one.queries <= more


def _opened(page: Page, client: Client, seeded: seed.Seeded) -> tuple[Cost, Any]:
    """For the second time: a process keeps what it has learnt at the first."""
    page.open(client, seeded)
    with counted() as cost:
        answer = page.open(client, seeded)
    return cost, answer


def _within(budget: Budget, cost: Cost, size: int) -> None:
    found = {"queries": cost.queries, "buffers": cost.buffers, "bytes": size}
    over = [f"{what}: {count}, at most {getattr(budget, what)}" for what, count in found.items()]
    assert all(count <= getattr(budget, what) for what, count in found.items()), over
