"""The loop at its steps, made through the actions."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.models import Consent
from referrals import actions
from referrals.models import Referral
from tests import factories

ALL_KINDS = [
    "identity", "contact", "incident", "risk", "health", "substance", "counselling", "documents",
]  # fmt: skip


@pytest.fixture
def consent(world: factories.World) -> Consent:
    """To everything, for the shelter, which is accredited."""
    assert world.accreditation
    return factories.consent(world.case, world.shelter, kinds=ALL_KINDS)


@pytest.fixture
def draft(world: factories.World, consent: Consent) -> Referral:
    return actions.draft_referral(
        world.case, offer=world.offer, consent=consent, request="A room for two nights", by=world.caseworker
    )[0]


@pytest.fixture
def sent(world: factories.World, draft: Referral) -> Referral:
    return actions.send_referral(draft, by=world.caseworker)


@pytest.fixture
def accepted(world: factories.World, sent: Referral) -> Referral:
    return actions.accept_referral(sent, by=world.provider)


@pytest.fixture
def fresh() -> Callable[[Any], Any]:
    """`fresh(record)` reads it anew."""
    return lambda record: type(record)._base_manager.get(pk=record.pk)
