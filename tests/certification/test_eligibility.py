"""Accredited for a kind of service, here, today, with the staff that the accreditation asks for."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from certification import actions
from certification.actions.schemes import shipped_codes
from certification.eligibility import staff_requirements
from certification.models import Accreditation, Certificate
from tests import factories
from tests.certification.builders import certificate, scheme
from victimcare import codelists, records
from victimcare.models import Membership, Role

TODAY = timezone.localdate
DAY = timedelta(days=1)


@pytest.fixture
def version(world):
    return scheme(world.body, "nacp-basic")


@pytest.fixture
def demanding(world, version):
    """The shelter's accreditation, which asks for two of its staff to hold a certificate."""
    kind = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 2})
    return factories.accreditation(world.body, world.shelter, kind=kind)


def met(accreditation, day) -> bool:
    """Both ways of asking agree."""
    one = Accreditation.objects.with_staff_met(day).get(pk=accreditation.pk)
    assert one.staff_met == all(each.is_met for each in staff_requirements(accreditation, day))
    return one.staff_met


def accredited(organization, service_kind, location, day):
    return Accreditation.objects.covering(organization, service_kind, location).eligible_on(day)


def test_accredited_for_its_kind_of_service_only(world):
    held = world.accreditation
    assert list(accredited(world.shelter.pk, "shelter", None, TODAY())) == [held]
    assert not accredited(world.shelter.pk, "shelter", None, TODAY() + 601 * DAY).exists()
    assert not accredited(world.shelter.pk, "legal_aid", None, TODAY()).exists()
    assert not accredited(world.clinic.pk, "shelter", None, TODAY()).exists()


def test_accreditation_of_one_place_does_not_cover_another(world):
    here, there = factories.location(world.shelter), factories.location(world.shelter)
    held = factories.accreditation(world.body, world.shelter, location=here)
    assert list(accredited(world.shelter.pk, "shelter", here.pk, TODAY())) == [held]
    assert not accredited(world.shelter.pk, "shelter", there.pk, TODAY()).exists()


def test_too_few_of_the_staff_hold_what_is_required(world, version, demanding):
    certificate(world.body, world.provider, version)
    assert not met(demanding, TODAY())
    assert not accredited(world.shelter.pk, "shelter", None, TODAY()).exists()
    (missing,) = staff_requirements(demanding, TODAY())
    assert str(missing) == "Scheme nacp-basic: 2 members of staff must hold it, 1 do today"


def test_enough_of_the_staff_hold_it(world, version, demanding):
    certificate(world.body, world.provider, version)
    certificate(world.body, world.caseworker_shelter, version)
    assert met(demanding, TODAY())
    assert [str(one.held) for one in staff_requirements(demanding, TODAY())] == ["2"]


def test_one_person_with_two_certificates_is_one_person(world, version, demanding):
    certificate(world.body, world.provider, version)
    certificate(world.body, world.provider, version)
    assert not met(demanding, TODAY())


def test_suspended_and_expired_certificates_of_staff_do_not_count(world, version, demanding):
    certificate(world.body, world.provider, version)
    second = certificate(world.body, world.caseworker_shelter, version)
    assert met(demanding, TODAY())
    assert not met(demanding, TODAY() + 11 * DAY)
    actions.suspend(second, by=world.officer, reason="ce_overdue")
    assert not met(demanding, TODAY())
    actions.reinstate(second, by=world.officer)
    assert met(demanding, TODAY())
    actions.revoke(second, by=world.officer, reason="ethics_breach")
    assert not met(demanding, TODAY())


EASTERNMOST, WESTERNMOST = ZoneInfo("Etc/GMT-14"), ZoneInfo("Etc/GMT+12")


@pytest.mark.parametrize(
    "end",
    [
        lambda held, by: actions.suspend(held, by=by, reason="ce_overdue"),
        lambda held, by: actions.revoke(held, by=by, reason="ethics_breach"),
    ],
    ids=["suspended", "revoked"],
)
def test_what_an_officer_ends_counts_nowhere_even_where_it_is_still_yesterday(world, version, end):
    kind = factories.accreditation_kind(world.body, required_certificates={"nacp-basic": 1})
    demanding = factories.accreditation(world.body, world.shelter, kind=kind)
    held = certificate(world.body, world.provider, version)
    work = Membership.objects.get(user=world.provider)
    work.started_at = timezone.now() - 9 * DAY
    work.save()
    there = timezone.localdate(timezone=WESTERNMOST)
    assert met(demanding, there)
    with timezone.override(EASTERNMOST):
        end(held, world.officer)
        assert not met(demanding, there)
        assert met(demanding, there - DAY)
        end(demanding, world.officer)
    assert not Accreditation.objects.valid_on(there).filter(pk=demanding.pk).exists()
    assert Accreditation.objects.valid_on(there - DAY).filter(pk=demanding.pk).exists()


def test_retired_certificate_does_not_count(world, version, demanding):
    certificate(world.body, world.provider, version)
    second = certificate(world.body, world.caseworker_shelter, version)
    records.retire(second, by=world.officer)
    assert not met(demanding, TODAY())
    assert second not in Certificate.objects.valid_on(TODAY())


def test_certificate_of_a_body_in_another_member_state_does_not_count(world, version, demanding):
    certificate(world.body, world.provider, version)
    abroad = factories.organization("BR", is_certifying_body=True)
    certificate(abroad, world.caseworker_shelter, scheme(abroad, "nacp-basic"))
    assert not met(demanding, TODAY())
    second_body = factories.organization("AR", is_certifying_body=True)
    certificate(second_body, world.caseworker_shelter, scheme(second_body, "nacp-basic"))
    assert met(demanding, TODAY())


def _locked(held) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmax <> 0 FROM certification_certificate WHERE id = %s", [held.pk])
        return cursor.fetchone()[0]


def test_sending_locks_the_certificates_it_rests_on_and_a_page_does_not(world, version, demanding):
    certificates = [
        certificate(world.body, user, version) for user in (world.provider, world.caseworker_shelter)
    ]
    elsewhere = certificate(world.body, world.provider2, version)
    assert met(demanding, TODAY())
    assert not any(_locked(held) for held in certificates)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT certification_staff_met(%s, '{\"nacp-basic\": 2}', %s)", [world.shelter.pk, TODAY()]
        )
        assert cursor.fetchone() == (True,)
    assert all(_locked(held) for held in certificates)
    assert not _locked(elsewhere)


def test_who_left_the_institution_does_not_count_and_who_works_elsewhere_neither(world, version, demanding):
    certificate(world.body, world.provider, version)
    certificate(world.body, world.provider2, version)
    certificate(world.body, world.caseworker_shelter, version)
    work = Membership.objects.get(user=world.caseworker_shelter)
    work.started_at = timezone.now() - 9 * DAY
    work.ended_at, work.ended_by = timezone.now() - DAY, world.officer
    work.save()
    assert not met(demanding, TODAY())


def test_work_and_certificates_of_other_days_are_those_of_those_days(world, version, demanding):
    for user in (world.provider, world.caseworker_shelter):
        certificate(world.body, user, version)
        work = Membership.objects.get(user=user)
        work.started_at = timezone.now() - 4 * DAY
        work.save()
    assert met(demanding, TODAY() - 3 * DAY)
    assert not met(demanding, TODAY() - 7 * DAY)


def test_many_candidates_are_one_query(world, version, demanding, django_assert_num_queries):
    for _ in range(5):
        factories.accreditation(world.body, world.clinic)
    with django_assert_num_queries(1):
        assert len(Accreditation.objects.eligible_on(TODAY())) == 5


def test_every_shipped_scheme_and_kind_can_be_adopted_once(world):
    for code in shipped_codes("schemes", "schemes"):
        first = actions.adopt_scheme(world.body, code, by=world.coordinator)
        assert actions.adopt_scheme(world.body, code, by=world.coordinator) == first
    known = {each.code for each in codelists.get("service-kind")}
    for code in shipped_codes("accreditation_kinds", "kinds"):
        kind = actions.adopt_accreditation_kind(world.body, code, by=world.coordinator)
        assert set(kind.service_kinds) <= known
        assert set(kind.required_certificates) <= set(shipped_codes("schemes", "schemes"))


def test_only_a_coordinator_of_the_state_adopts_and_only_for_a_certifying_body(world):
    elsewhere = factories.member(Role.COORDINATOR, factories.organization("BR", is_certifying_body=True))
    for by, body in ((world.officer, world.body), (elsewhere, world.body), (world.coordinator, world.agency)):
        with pytest.raises(PermissionDenied):
            actions.adopt_scheme(body, "icap-t-1", by=by)
