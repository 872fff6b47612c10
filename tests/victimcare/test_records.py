"""Making and changing records, where two requests come at once."""

import pytest
from django.core.exceptions import ValidationError

from victimcare import records
from victimcare.models import AccessEntry, Team


def _quicker(monkeypatch, team, by):
    """Another request stores the same record after this one looked for it."""
    look = records._stored

    def not_there_yet(record):
        monkeypatch.setattr(records, "_stored", look)
        records.create(Team(id=record.pk, organization=team.organization, name=team.name), by=by)

    monkeypatch.setattr(records, "_stored", not_there_yet)


def test_a_form_sent_twice_at_once_makes_one_record(world, monkeypatch):
    team = Team(organization=world.agency, name="Night desk")
    _quicker(monkeypatch, team, world.supervisor)
    stored, new = records.create(team, by=world.supervisor)
    assert (stored.pk, new) == (team.pk, False)
    assert AccessEntry.objects.about(team).count() == 1


def test_an_id_that_somebody_else_used_at_once_is_refused(world, monkeypatch):
    team = Team(organization=world.agency, name="Night desk")
    _quicker(monkeypatch, team, world.caseworker)
    with pytest.raises(ValidationError):
        records.create(team, by=world.supervisor)
