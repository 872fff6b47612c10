"""Whatever an administrator does in the product, they read no field about a person.

Every address, by GET and by POST, with the ids of real records full of canaries: no canary in any answer,
and not one encrypted value opened on the way, nor one key.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cases.models import ContactPoint, EmergencyAccess, Incident, Note, Party, Person, SubstanceUse, Tie
from certification import actions as certification_actions
from referrals import actions as referral_actions
from tests import factories
from tests.certification import builders
from tests.factories import World
from tests.prepared import written_anew
from tests.signing import sign_in
from tests.victimcare.test_tasks import fail
from tests.victimcare.workers import run_all
from victimcare import acting
from victimcare.encryption import fields, keyring
from victimcare.encryption.fields import EncryptedField, EncryptedTextField
from victimcare.models import Membership, Notification, Role, User

CANARY = "canary"
# Signing out is not what is asked about here, and would end the walk; keys that nobody has have no page.
NOT_WALKED = {"account_logout", "leave", "mfa_edit_webauthn", "mfa_remove_webauthn"}
# What forms of the product ask for, all at once.
ASKED: dict[str, Any] = {
    "q": CANARY,
    "words": CANARY,
    "given_names": CANARY,
    "surnames": CANARY,
    "username": "admin",
    "role": "supervisor",
    "text": "x",
    "kind": "work",
    "reason": "other",
}


def filled(model: type[models.Model], **values: Any) -> Any:
    """A record with a canary in each encrypted text."""
    for field in model._meta.get_fields():
        if isinstance(field, EncryptedTextField):
            values.setdefault(field.name, f"{CANARY} {model.__name__} {field.name}")
    return model._default_manager.create(**values)


def failed_task(by: User) -> DBTaskResult:
    """Background work with a canary in its arguments, after its last attempt."""
    with acting.as_user(by):
        fail.enqueue(f"{CANARY} words")
    DBTaskResult.objects.update(worker_ids=["gone"] * 7)
    run_all()
    return DBTaskResult.objects.get(status="FAILED")


class Records:
    """One record of each kind that an address names, in the administrator's own organisation where it can."""

    def __init__(self, world: World) -> None:
        assert world.accreditation
        person = filled(Person, organization=world.agency, subject_key=factories.subject_key(world.agency))
        case = self.case = factories.case(world.team, world.caseworker, person=person)
        own = {"case": case, "subject_key_id": case.subject_key_id}
        told = {"organization": world.agency, "person": person, "subject_key_id": case.subject_key_id}
        self.children = {
            "contact_pk": filled(ContactPoint, **told, contact_kind="mobile", safety="safe").pk,
            "assignment_pk": case.assignments.get().pk,
            "party_pk": filled(Party, **own, role="witness").pk,
            "incident_pk": filled(Incident, **own).pk,
            "substance_pk": filled(SubstanceUse, **own, icd11_code="6C40").pk,
            "note_pk": filled(Note, **own, counselling_text="").pk,
            "enrolment_pk": case.enrolments.get().pk,
            "offer_pk": world.offer.pk,
            "document_pk": factories.document(
                case, title=f"{CANARY} title", file_name=f"{CANARY} name.txt"
            ).pk,
            "tie_pk": filled(Tie, **own, user=world.officer, kind="friend").pk,
        }
        emergency = filled(
            EmergencyAccess, **own, organization=world.agency, number=case.number, user=world.caseworker2,
            opened_by=world.caseworker2, until=timezone.now() + timedelta(hours=1), reason="life_in_danger",
        )  # fmt: skip
        told_of = Notification.objects.create(
            recipient=world.caseworker, kind="emergency_opened", link="/cases/", record_id=case.pk
        )
        filled(Note, **own, kind="counselling", text="")
        consent = factories.consent(case, world.shelter, giver_name=CANARY, kinds=["identity", "incident"])
        self.children["consent_pk"] = consent.pk
        draft, _new = referral_actions.draft_referral(
            case, offer=world.offer, consent=consent, request=CANARY, by=world.caseworker
        )
        self.referral = referral_actions.send_referral(draft, by=world.caseworker)
        file = certification_actions.open_file(world.body, by=world.practitioner, legal_name=CANARY)
        scheme = builders.scheme(world.body)
        self.application = certification_actions.apply_for_certificate(
            file, scheme, by=world.practitioner, statement=CANARY
        )
        certificate = builders.certificate(world.body, world.practitioner, scheme)
        members = Membership.objects.filter(organization=world.agency)
        # What `pk` of an address may name, by the app.
        self.named: dict[str, list[Any]] = {
            "cases": [case, emergency],
            "referrals": [case, self.referral, world.offer],
            "certification": [self.application, certificate, world.accreditation],
            "members": list(members),
            "notifications": [told_of],
            "work": [failed_task(world.caseworker)],
        }

    def ids(self, app: str) -> dict[str, list[Any]]:
        """Each name that an address of the app may have, with the ids that fit it."""
        known = {name: [pk] for name, pk in self.children.items()}
        return known | {"pk": [one.pk for one in self.named.get(app, ())], "token": ["no-such-link"]}


def patterns(of: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in of:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
        else:
            yield f"{space}{one.name}", one


def addresses(records: Records) -> Iterator[str]:
    for name, pattern in patterns(get_resolver().url_patterns):
        known = records.ids(name.partition(":")[0])
        if name not in NOT_WALKED:
            for values in itertools.product(*(known[one] for one in pattern.pattern.converters)):
                yield reverse(name, args=values)


@contextmanager
def watched() -> Iterator[list[str]]:
    """The encrypted fields and keys that are opened inside the block."""
    opened: list[str] = []
    open_field, open_key = EncryptedField.open, keyring.open_key

    def field(self: EncryptedField, instance: models.Model, sealed: Any) -> Any:
        opened.append(f"{instance._meta.label}.{self.name}")
        return open_field(self, instance, sealed)

    def key(key_id: Any, **at_least: Any) -> Any:
        opened.append("a key")
        return open_key(key_id, **at_least)

    with patch.object(fields.EncryptedField, "open", field), patch.object(keyring, "open_key", key):
        yield opened


def said(response: HttpResponse) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]  # a streaming response has it
    return f"{body.decode(errors='replace')} {response.headers}"


def walk(client: Client, user: Any, records: Records) -> tuple[int, list[str]]:
    """How many requests were answered; what was shown or opened that is about a person, by address."""
    wrong, answered = [], 0
    for address in list(addresses(records)):
        for method in (client.get, client.post):
            sign_in(client, user)  # whatever the last page did
            with watched() as opened:
                text = said(method(address, ASKED if method == client.post else {}))
            # A form shows again what was typed into it; every stored canary has more words.
            shown = [CANARY] if f"{CANARY} " in text else []
            wrong += [f"{address}: {one}" for one in (*opened, *shown)]
            answered += 1
    return answered, wrong


@pytest.fixture
def records(world: World) -> Records:
    return Records(world)


def test_an_administrator_reads_no_field_about_a_person(world: World, records: Records) -> None:
    world.admin.set_password(factories.PASSWORD)
    world.admin.save()
    answered, wrong = walk(Client(), world.admin, records)
    assert wrong == []
    assert answered > 250
    assert set(Membership.objects.active().filter(user=world.admin).values_list("role", flat=True)) == {
        Role.ADMIN
    }
    assert CANARY not in "".join(str(message.message()) for message in mail.outbox)


@contextmanager
def cases_open_to_all() -> Iterator[None]:
    """The planted fault: a case is visible to everybody, and its pages ask for no permission."""
    with (
        patch("cases.models.cases.CaseQuerySet.seen", lambda self, **by: self.current()),
        patch("cases.views.base.require", lambda user, permission, case: None),
        written_anew(),
    ):
        yield


def test_the_walk_finds_a_planted_fault(
    world: World, records: Records, as_owner: Callable[[], AbstractContextManager[None]]
) -> None:
    """With the second wall taken away too, which lets nothing through."""
    with as_owner(), cases_open_to_all(), watched() as opened:
        client = Client()
        sign_in(client, world.admin)
        text = said(client.get(reverse("cases:case", args=[records.case.pk])))
    assert f"{CANARY} Person" in text
    assert opened


def test_ending_a_membership_closes_cases_without_reading_them(world: World, records: Records) -> None:
    """The one act of an administrator that reaches cases."""
    client, membership = Client(), Membership.objects.get(user=world.caseworker)
    sign_in(client, world.admin)
    with watched() as opened:
        answer = client.post(reverse("members:end", args=[membership.pk]), follow=True)
    assert records.case.assignments.filter(ended_at=None).count() == 0
    assert (opened, f"{CANARY} " in said(answer)) == ([], False)
