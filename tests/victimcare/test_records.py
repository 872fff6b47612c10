"""Making records, where a form is sent twice."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from victimcare import records
from victimcare.models import AccessEntry, Team


@pytest.fixture
def team(world):
    """Unsaved, with an id that another sending may have used."""
    return Team(organization=world.agency, name="Night desk")


def _sent(team, by, **values):
    said = {"id": team.pk, "organization": team.organization, "name": team.name} | values
    return records.create(Team(**said), by=by)


def test_a_form_that_is_sent_twice_makes_one_record(world, team):
    assert _sent(team, world.supervisor) == (team, True)
    assert _sent(team, world.supervisor) == (team, False)
    assert AccessEntry.objects.about(team).count() == 1


def test_an_id_that_somebody_else_used_is_refused(world, team):
    _sent(team, world.caseworker)
    with pytest.raises(ValidationError, match="already used"):
        _sent(team, world.supervisor)


def test_other_words_under_the_same_id_are_refused(world, team):
    _sent(team, world.supervisor)
    with pytest.raises(records.SavedBefore):
        _sent(team, world.supervisor, name="Day desk")


def test_wrong_words_under_the_same_id_are_other_words(world, team):
    _sent(team, world.supervisor)
    with pytest.raises(records.SavedBefore):
        _sent(team, world.supervisor, name="")


def test_an_id_whose_record_is_closed_to_whoever_acts_is_refused(world, team, monkeypatch):
    _sent(team, world.supervisor)
    monkeypatch.setattr(records, "_stored", lambda record: None)
    with pytest.raises(PermissionDenied):
        _sent(team, world.supervisor)


def test_what_is_wrong_is_told_and_leaves_nothing(world, team):
    with pytest.raises(ValidationError, match="cannot be blank"):
        _sent(team, world.supervisor, name="")
    assert not Team.objects.filter(pk=team.pk).exists()
    assert not AccessEntry.objects.about(team).exists()
