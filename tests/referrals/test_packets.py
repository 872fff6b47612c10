"""What leaves the organisation: nothing of a kind that the consent does not cover."""

import json
from collections import defaultdict

import pytest
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case, ContactPoint, Enrolment, Incident, Note, Party, Person, SubstanceUse
from referrals import packet_page, packets
from referrals.models import Referral
from tests import factories
from victimcare import records
from victimcare.encryption.fields import EncryptedDateField, EncryptedField, EncryptedJSONField
from victimcare.kinds import ADMINISTRATIVE, DataKind

# Each text says the kind of its field, so that a packet can be searched for it.
YEARS = {kind: str(1901 + number) for number, kind in enumerate(DataKind)}
CODES = {
    "role": "witness", "relationship": "neighbour", "gender": "travesti", "iccs_code": "0201",
    "region": "AR-T", "language": "gn", "contact_kind": "message_app", "safety": "with_care",
    "icd11_code": "6C40.2", "route": "sniffed", "frequency": "days_4_6_a_week",
}  # fmt: skip


def _canary(model: type[models.Model], field: EncryptedField):
    word = f"canary-{field.kind}-{model.__name__}-{field.name}"
    if isinstance(field, EncryptedDateField):
        return YEARS[DataKind(field.kind)]
    return {"word": word} if isinstance(field, EncryptedJSONField) else word


def _filled(model: type[models.Model], **values):
    """A record in which each encrypted field and each code of a kind is filled."""
    for field in model._meta.get_fields():
        if isinstance(field, EncryptedField):
            values.setdefault(field.name, _canary(model, field))
        elif field.name in CODES:
            values.setdefault(field.name, CODES[field.name])
    return model.objects.create(**values)


@pytest.fixture
def told(world) -> Case:
    """A case in which every kind of data is recorded."""
    key = factories.subject_key(world.agency)
    person = _filled(Person, organization=world.agency, subject_key=key)
    case = factories.case(world.team, world.caseworker, person=person)
    own = {"case": case, "subject_key": key}
    _filled(ContactPoint, organization=world.agency, person=person, subject_key=key)
    _filled(Incident, **own)
    _filled(Party, **own)
    _filled(SubstanceUse, **own)
    Note.objects.create(**own, kind="counselling", counselling_text="canary-counselling-note")
    Note.objects.create(**own, kind="work", text="never-shared")
    Enrolment.objects.create(**own, kind="drug_dependence", started_on=case.opened_on)
    return case


@pytest.fixture
def referral(world, told) -> Referral:
    return Referral(case=told, request="canary-risk-request", subject_key_id=told.subject_key_id)


def _signs_of_other_kinds(kinds: set[str]) -> set[str]:
    """Every text that says it is of a kind outside `kinds`."""
    signs = {f"canary-{kind}-" for kind in DataKind.values if kind not in kinds}
    signs |= {YEARS[kind] for kind in DataKind if kind not in kinds}
    for code, held_by in _codes_by_kind().items():
        if held_by.isdisjoint(kinds):
            signs.add(f'"{code}"')
    if "substance" not in kinds:
        signs.add('"drug_dependence"')
    return signs | {"never-shared"}


def _codes_by_kind() -> dict[str, set[str]]:
    """Who a party is to the person goes with each part of it."""
    found = defaultdict(set)
    for name in packets.PARTY_ALWAYS:
        found[CODES[name]] |= set(packets.PARTY)
    for model in (Person, ContactPoint, Incident, Party, SubstanceUse):
        for name, kind in model.clear_fields.items():
            if name in CODES and kind != ADMINISTRATIVE:
                found[CODES[name]].add(str(kind))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.sets(st.sampled_from(DataKind.values)))
def test_nothing_of_an_uncovered_kind_is_in_a_packet(referral, kinds):
    content = packets.build(referral, kinds)
    assert set(content) == kinds
    text = json.dumps(content)
    assert [sign for sign in _signs_of_other_kinds(kinds) if sign in text] == []


@pytest.mark.parametrize("kind", ["identity", "contact", "incident", "risk", "substance", "counselling"])
def test_what_is_covered_is_there(referral, kind):
    text = json.dumps(packets.build(referral, [kind]))
    assert f"canary-{kind}-" in text


def test_every_kind_of_data_has_its_function():
    assert set(packets.BUILDERS) == set(DataKind)


def test_retired_records_are_not_shared(referral):
    for way in referral.case.person.contacts.all():
        way.retired_at = way.created_at
        way.save()
    assert packets.build(referral, ["contact"]) == {"contact": {"ways": []}}


@pytest.mark.parametrize("kind", ["identity", "incident", "risk"])
def test_a_part_of_a_party_never_travels_without_role_and_relationship(referral, kind):
    [party] = packets.build(referral, [kind])[kind]["parties"].values()
    assert (party["role"], party["relationship"]) == ("witness", "neighbour")
    assert ("name" in party) == (kind == "identity")


def test_a_party_without_anything_of_a_kind_is_not_mentioned_by_it(world, told, referral):
    for party in told.partys.all():
        party.name, party.birth = None, None
        party.save()
    assert packets.build(referral, ["identity"])["identity"]["parties"] == {}


@pytest.mark.parametrize(("kind", "told_of"), [("incident", ["victim"]), ("substance", ["drug_dependence"])])
def test_a_kind_tells_of_its_own_enrolments_while_they_run(told, referral, kind, told_of):
    assert packets.build(referral, [kind])[kind]["enrolments"] == told_of
    for one in told.enrolments.all():
        records.change(one, by=None, ended_on=told.opened_on)
    assert packets.build(referral, [kind])[kind]["enrolments"] == []


def test_parties_are_numbered_from_one_as_they_were_told(told, referral):
    for number in range(2, 12):
        Party.objects.create(case=told, subject_key_id=told.subject_key_id, role="child", name=str(number))
    content = packets.build(referral, ["identity", "incident"])
    names = [f"canary-identity-{Party.__name__}-name", *map(str, range(2, 12))]
    assert {number: part["name"] for number, part in content["identity"]["parties"].items()} == {
        str(number): name for number, name in enumerate(names, start=1)
    }
    assert [party["name"] for party in packets.parties_of(content)] == names


def test_others_stand_together_by_role_and_the_alleged_perpetrator_first():
    content = {
        "identity": {
            "person": {"given_names": "Ana"},
            "parties": {
                "1": {"role": "child", "name": "Lía"},
                "2": {"role": "alleged_perpetrator", "name": "Raúl"},
            },
        },
        "incident": {"parties": {"2": {"role": "alleged_perpetrator", "relationship": "ex_partner"}}},
        "risk": {"parties": {"2": {"role": "alleged_perpetrator", "details": "Has a key"}}},
    }
    sections = packet_page.shown(content)
    assert [section.kind for section in sections] == ["identity", "others", "incident", "risk"]
    first, second = sections[1].others
    assert (first.heading, first.is_dangerous) == ("Alleged perpetrator · Raúl", True)
    assert [value for _label, value in first.facts] == ["Former partner", "Has a key"]
    assert (second.heading, second.is_dangerous) == ("Child · Lía", False)
    assert sections[2].tells_of_others


def test_a_party_of_an_older_packet_without_a_role_is_not_shown_as_harmless():
    [_person, others] = packet_page.shown({"identity": {"person": {}, "parties": {"1": {"name": "Raúl"}}}})
    assert others.others[0].heading == "Role not stated · Raúl"
    assert not others.others[0].role_is_known
