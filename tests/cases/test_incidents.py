"""What happened: international codes, kinds of violence, a date as well as it is known."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cases import actions
from cases.forms.record import NewIncidentForm
from cases.models import Incident
from tests import factories
from victimcare.forms import new_record_id


def data(**values):
    return {"record_id": new_record_id(), "iccs_code": "", "occurred": "", "narrative": ""} | values


def test_incident_keeps_what_was_told(world, login):
    address = reverse("cases:incident_add", args=[world.case.pk])
    sent = data(
        iccs_code="0101",
        violence_types=["physical", "economic"],
        violence_settings=["online"],
        occurred="2024-03~",
        place="At the river",
        narrative="Told in her own words",
    )
    page = login(world.caseworker).post(address, sent, follow=True).content.decode()
    made = Incident.objects.get(case=world.case)
    assert (made.iccs_code, made.violence_types, made.occurred.text) == (
        "0101",
        ["physical", "economic"],
        "2024-03~",
    )
    assert "Told in her own words" in page
    assert "At the river" in page


def test_incident_may_be_empty_but_for_its_being(world):
    """Nobody has to name a perpetrator, a date or a code to be helped."""
    actions.add_incident(world.case, Incident(), by=world.caseworker)
    assert Incident.objects.get(case=world.case).occurred is None


def test_codes_are_offered_as_a_tree_that_can_be_chosen_at_every_level(world):
    form = NewIncidentForm(case=world.case)
    groups = {
        label: dict(options)
        for label, options in form.fields["iccs_code"].choices
        if isinstance(options, list)
    }
    deadly = groups["Acts leading to death or intending to cause death"]
    assert deadly["01"].startswith("01 ")
    assert deadly["0101"].startswith("\u2003" + "0101 ")


@pytest.mark.parametrize(("language", "marked"), [("en", False), ("pt-br", True)])
def test_titles_in_another_language_are_marked(world, login, language, marked):
    world.caseworker.language = language
    world.caseworker.save()
    page = login(world.caseworker).get(reverse("cases:incident_add", args=[world.case.pk])).content.decode()
    assert ('<option value="0101" lang="en"' in page) is marked


def test_only_regions_of_the_own_state_are_offered(world):
    codes = [code for code, _label in NewIncidentForm(case=world.case).fields["region"].choices]
    assert codes[0] == ""
    assert all(code.startswith("AR-") for code in codes[1:])


def test_unknown_code_is_refused_and_the_text_kept(world, login):
    address = reverse("cases:incident_add", args=[world.case.pk])
    answer = login(world.caseworker).post(address, data(iccs_code="9999", narrative="Not lost"))
    assert answer.status_code == 200
    assert "Not lost" in answer.content.decode()
    assert not Incident.objects.filter(case=world.case).exists()


def test_incident_is_changed_and_history_holds_ciphertext(world, login):
    made, _new = actions.add_incident(world.case, Incident(narrative="First canary"), by=world.caseworker)
    address = reverse("cases:incident_edit", args=[world.case.pk, made.pk])
    answer = login(world.caseworker).post(address, {"revision": 1, "narrative": "Second canary"})
    assert answer.status_code == 302
    assert [row.narrative for row in made.history.order_by("history_date")] == [
        "First canary",
        "Second canary",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT narrative FROM cases_historicalincident WHERE id = %s", [made.pk])
        stored = [bytes(blob) for (blob,) in cursor.fetchall()]
    assert len(stored) == 2
    assert not any(b"canary" in blob for blob in stored)


def test_code_that_is_not_offered_any_more_stays_with_its_record(world):
    from cases.forms.record import ChangeIncidentForm

    case = factories.case(world.team)
    stored = Incident(case=case, subject_key_id=case.subject_key_id, region="BR-SP", iccs_code="0101")
    form = ChangeIncidentForm(
        {"revision": 1, "region": "BR-SP", "iccs_code": "0101"}, instance=stored, case=case
    )
    assert form.is_valid(), form.errors


def test_nothing_happened_on_a_day_to_come(world, login):
    today = timezone.localdate()
    client, address = login(world.caseworker), reverse("cases:incident_add", args=[world.case.pk])
    tomorrow = client.post(address, data(occurred=(today + timedelta(days=1)).isoformat()))
    assert "This day is still to come." in tomorrow.content.decode()
    assert client.post(address, data(occurred=str(today.year))).status_code == 302
