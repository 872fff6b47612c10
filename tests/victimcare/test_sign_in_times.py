"""What an answer takes tells nothing of a name: 200 tries of each, in turns, with the real hashes."""

import time
from statistics import median
from typing import Any

import pytest
from django.test import Client

from tests.factories import World
from tests.signing import real, with_app
from victimcare.models import Tries

TRIES, WITHIN = 200, 0.10


def seconds(client: Client, name: str) -> float:
    before = time.perf_counter()
    client.post("/account/login/", {"login": name, "password": "not the password"})
    return time.perf_counter() - before


@pytest.fixture
def names(world: World) -> dict[str, str]:
    disabled = real(world.caseworker2)
    disabled.is_active = False
    disabled.save()
    return {
        "known": with_app(real(world.caseworker)).username,
        "unknown": "nobody_of_this",
        "disabled": disabled.username,
        "too often": real(world.supervisor).username,
    }


@pytest.mark.slow
def test_medians_are_alike(names: dict[str, str], settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
    took: dict[str, list[float]] = {kind: [] for kind in names}
    client = Client()
    for number in range(TRIES + 10):
        for kind, name in names.items():
            if kind != "too often":
                Tries.objects.all().delete()  # so that the password is tried
            once = seconds(client, name)
            if number >= 10:
                took[kind].append(once)
    medians = {kind: median(values) for kind, values in took.items()}
    for kind, value in medians.items():
        print(f"\n{kind:10} {1000 * value:7.2f} ms", end="")  # noqa: T201  # the figures are what this is for
    assert max(medians.values()) <= (1 + WITHIN) * min(medians.values())
