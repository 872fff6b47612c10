"""A file of 200 MB goes in and out of a real web server, whose worker holds less than 20 MiB more for it."""

import sys

import pytest

from tests.benches import files
from tests.browser import product as products

LARGEST, MOST = 200, 20 * files.MEGABYTE
CASE = (
    "SELECT c.id FROM cases_case c JOIN cases_assignment a ON a.case_id = c.id AND a.ended_at IS NULL"
    " JOIN victimcare_user u ON u.id = a.user_id"
    " WHERE u.username = 'caseworker' AND c.status = 'open' LIMIT 1"
)


@pytest.mark.slow
def test_memory_stays_flat(worker_id: str) -> None:
    with products.running(f"files_{worker_id}") as product:
        [(case,)] = product.execute(CASE)
        cost = files.measure(product, str(case), LARGEST)
    sys.stderr.write(f"\n{cost}\n")
    assert cost.size == LARGEST * files.MEGABYTE
    assert cost.is_same
    assert max(cost.grown_up, cost.grown_down) < MOST
