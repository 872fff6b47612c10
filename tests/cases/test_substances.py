"""What is used, by ICD-11 code; treatment is a kind of data of its own and is never passed on."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases import actions
from cases.models import SubstanceUse
from victimcare.forms import new_record_id


def data(**values):
    return {
        "record_id": new_record_id(),
        "icd11_code": "6C40",
        "rank": "1",
        "first_used_at_age": "15-17",
    } | values


def test_substance_is_recorded_and_shown(world, login):
    address = reverse("cases:substance_add", args=[world.case.pk])
    page = login(world.caseworker).post(address, data(details="Since the move"), follow=True).content.decode()
    made = SubstanceUse.objects.get(case=world.case)
    assert (made.icd11_code, made.first_used_at_age) == ("6C40", "15-17")
    assert "Disorders due to use of alcohol" in page
    assert "Since the move" in page


def test_notice_against_passing_on_is_shown(world, login):
    page = login(world.caseworker).get(reverse("cases:substance_add", args=[world.case.pk])).content.decode()
    assert "Do not pass this on" in page


def test_same_substance_with_the_same_rank_is_refused_in_words(world, login):
    actions.add_substance(world.case, SubstanceUse(icd11_code="6C40", rank=1), by=world.caseworker)
    answer = login(world.caseworker).post(reverse("cases:substance_add", args=[world.case.pk]), data())
    assert "listed with this rank already" in answer.content.decode()
    assert SubstanceUse.objects.filter(case=world.case).count() == 1


@pytest.mark.parametrize("rank", ["0", "-1", "first"])
def test_rank_begins_with_one(world, login, rank):
    answer = login(world.caseworker).post(
        reverse("cases:substance_add", args=[world.case.pk]), data(rank=rank)
    )
    assert answer.status_code == 200
    assert not SubstanceUse.objects.exists()


def test_unknown_code_is_refused_by_the_action_too(world):
    with pytest.raises(ValidationError):
        actions.add_substance(world.case, SubstanceUse(icd11_code="6C99"), by=world.caseworker)


def test_titles_say_their_language(world, login):
    world.caseworker.language = "es"
    world.caseworker.save()
    page = login(world.caseworker).get(reverse("cases:substance_add", args=[world.case.pk])).content.decode()
    assert '<option value="6C40" lang="en"' in page


def test_substance_is_changed(world, login):
    made, _new = actions.add_substance(world.case, SubstanceUse(icd11_code="6C40"), by=world.caseworker)
    address = reverse("cases:substance_edit", args=[world.case.pk, made.pk])
    login(world.caseworker).post(address, {"revision": 1, "icd11_code": "6C41", "rank": 2})
    made.refresh_from_db()
    assert (made.icd11_code, made.rank, made.revision) == ("6C41", 2, 2)
