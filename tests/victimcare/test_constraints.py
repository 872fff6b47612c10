"""What cannot be, the database does not take, whoever writes it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tests import factories
from victimcare.models import AccessEntry, Location, Membership, MemberState, Organization, Team, User
from victimcare.models.keys import SubjectKey

NOW = timezone.now()


@pytest.fixture
def one_of_each(world):
    factories.subject_key(world.agency)
    return world.caseworker, world.team, world.offer


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Organization, {"retired_at": NOW}),
        (Team, {"retired_at": NOW}),
        (Location, {"retired_at": NOW}),
        (Location, {"tier": "everybody"}),
        (Membership, {"retired_at": NOW}),
        (Membership, {"ended_at": NOW}),
        (Membership, {"role": "root"}),
        (User, {"language": "xx"}),
        (MemberState, {"consent_days": 0}),
        (MemberState, {"consent_days_maximum": 4000}),
        (SubjectKey, {"wrapped": None, "destroyed_at": NOW}),
        (SubjectKey, {"wrapped": None}),
    ],
)
def test_impossible_values_are_refused(one_of_each, as_owner, model, values):
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        QuerySet(model).update(**values)


def test_a_membership_does_not_end_before_it_begins(world):
    held = Membership.objects.get(user=world.caseworker)
    held.ended_at, held.ended_by = held.started_at - timedelta(seconds=1), world.supervisor
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save()


def test_the_log_knows_its_actions(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessEntry.objects.create(action="guess", by=world.caseworker, object_label="cases.Case")
