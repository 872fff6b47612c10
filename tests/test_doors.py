"""Everybody else's door: a case, anything in it, a referral: each address answers 404, whatever the method.

Addresses come from the URL configuration, so that a new one is asked too; a new kind of child without an
example fails.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, reverse

from cases.models import Assignment, ContactPoint, Enrolment, Incident, Note, Party, SubstanceUse, Tie
from tests import factories
from victimcare.models import Role

# Every account of the demonstration but the caseworker and the supervisor of the case.
STRANGERS = (
    "caseworker2", "provider", "provider2", "caseworker_shelter", "practitioner", "officer", "examiner",
    "coordinator", "analyst", "auditor", "admin", "caseworker_br",
)  # fmt: skip


# They name a request of another organisation, or are open to colleagues in an emergency: asked by the matrix.
OF_NO_CASE = frozenset({"request_answer", "emergency", "emergency_more", "emergency_end", "emergency_review"})


def patterns(app: str) -> Iterator[URLPattern]:
    """The app's URL patterns that name a record."""
    for included in get_resolver().url_patterns:
        if getattr(included, "app_name", None) == app:
            named = (one for one in included.url_patterns if one.pattern.converters)
            yield from (one for one in named if one.name not in OF_NO_CASE)


def children(case: Any, world: factories.World) -> dict[str, Any]:
    """One child of each kind, by the name that addresses give it."""
    key = {"case": case, "subject_key_id": case.subject_key_id}
    return {
        "contact_pk": ContactPoint.objects.create(
            organization=case.organization,
            person=case.person,
            subject_key_id=case.subject_key_id,
            contact_kind="mobile",
            value="+54 351 555 0199",
            safety="safe",
        ).pk,
        "assignment_pk": Assignment.objects.get(case=case).pk,
        "party_pk": Party.objects.create(**key, role="witness").pk,
        "incident_pk": Incident.objects.create(**key).pk,
        "substance_pk": SubstanceUse.objects.create(**key, icd11_code="6C40").pk,
        "note_pk": Note.objects.create(**key, text="x").pk,
        "enrolment_pk": Enrolment.objects.get(case=case).pk,
        "consent_pk": factories.consent(case, world.shelter).pk,
        "offer_pk": world.offer.pk,
        "tie_pk": Tie.objects.create(**key, user=world.officer, kind="friend").pk,
        "document_pk": factories.document(case).pk,
    }


def addresses(app: str, pk: Any, known: dict[str, Any]) -> dict[str, str]:
    return {
        f"{app}:{one.name}": reverse(
            f"{app}:{one.name}",
            kwargs={name: pk if name == "pk" else known[name] for name in one.pattern.converters},
        )
        for one in patterns(app)
    }


def stranger(world: factories.World, name: str) -> Any:
    if name in {"analyst", "auditor"}:
        return factories.member(Role(name), world.body, None, name)
    return getattr(world, name)


@pytest.mark.parametrize("name", STRANGERS)
def test_stranger_finds_neither_case_nor_anything_in_it(world, login, name):
    case = world.case
    client = login(stranger(world, name))
    found = addresses("cases", case.pk, children(case, world))
    if name == "auditor":
        assert client.get(found.pop("cases:log")).status_code == 200  # who saw it, and nothing of the case
    answers = {
        (method, label): getattr(client, method)(address).status_code
        for label, address in found.items()
        for method in ("get", "post")
    }
    assert len(answers) >= 40
    assert {key: status for key, status in answers.items() if status not in (404, 405)} == {}
    assert all(status == 404 for (method, _label), status in answers.items() if method == "post")


@pytest.mark.parametrize("name", ["caseworker", "supervisor"])
def test_those_who_work_on_the_case_find_its_pages(world, login, name):
    case = world.case
    client = login(getattr(world, name))
    found = addresses("cases", case.pk, children(case, world))
    answers = {label: client.get(address).status_code for label, address in found.items()}
    assert answers["cases:case"] == 200
    # A certificate has an id of its own.
    assert {label for label, status in answers.items() if status == 404} == {"cases:certificate"}


@pytest.mark.parametrize(
    "room", ["cases:caseload", "cases:search", "cases:intake", "referrals:inbox", "referrals:mine"]
)
@pytest.mark.parametrize(
    "name", ["practitioner", "officer", "examiner", "coordinator", "analyst", "auditor", "admin"]
)
def test_a_room_without_the_role_is_refused(world, login, room, name):
    assert login(stranger(world, name)).get(reverse(room)).status_code == 403
