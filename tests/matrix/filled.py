"""A filled form for each address that takes one: what somebody would send who may."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cases.helpers import intake_data
from tests.matrix.cases import Thing
from tests.matrix.world import World
from victimcare.forms import new_record_id
from victimcare.notifications.kinds import all_kinds

Body = dict[str, Any]


def _new(**values: Any) -> Callable[..., Body]:
    return lambda *args: {"record_id": new_record_id()} | values


def _plain(**values: Any) -> Callable[..., Body]:
    return lambda *args: values


def _changed(kind: str, **values: Any) -> Callable[..., Body]:
    """A change of a child, with the revision that was seen."""

    def body(world: World, role: str, thing: Thing, child: Any) -> Body:
        return {"revision": child.revision if child else 1} | values

    return body


def person(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"revision": thing.record.person.revision, "given_names": "Invented"}


def urgency(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"urgency": "soon"}


def consent(world: World, role: str, thing: Thing, child: Any) -> Body:
    recipient = thing.children["consent"].recipient_id
    today = timezone.localdate().isoformat()
    return {
        "record_id": new_record_id(),
        "recipient": str(recipient),
        "purpose": "referral",
        "kinds": ["identity"],
        "valid_from": today,
        "valid_until": today,
        "given_by": "self",
        "evidence": "written",
        "language": "es",
        "text_version": "1",
    }


def assigned(world: World, role: str, thing: Thing, child: Any) -> Body:
    """To the supervisor of its team, who works on no case of the matrix's own team."""
    teams = {world.places.team.pk: "supervisor", world.places.other_team.pk: "supervisor_south"}
    return {"worker": str(world.people[teams.get(thing.record.team_id, "supervisor")].pk)}


def moved(world: World, role: str, thing: Thing, child: Any) -> Body:
    teams = (world.places.team, world.places.other_team)
    return {"team": next(str(team.pk) for team in teams if team.pk != thing.record.team_id)}


def drafted(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {
        "record_id": new_record_id(),
        "consent": str(thing.children["consent"].pk),
        "urgency": "routine",
        "request": "A room",
    }


def opened(world: World, role: str, thing: Thing, child: Any) -> Body:
    worker = f"{world.places.shelter_team.pk}:{world.people['receiver_caseworker'].pk}"
    return {"worker": worker, "enrolments": ["victim"]}


def intake(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    values = intake_data(world.teams.get(role, world.places.team))
    if role.startswith("supervisor"):
        values["worker"] = str(world.people[role].pk)
    return values | {"identity_document": "", "identity_number": ""}


def search(world: World, role: str, thing: Thing, child: Any) -> Body:
    """By name and document: a number is found in the whole organisation, a name among own cases."""
    names = {"given_names": thing.given_names, "surnames": thing.surnames}
    return names | {"identity_number": thing.identity_number}


def caseload_search(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"q": f"{thing.given_names} {thing.surnames}"}


def case_number(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"number": thing.record.number}


def new_member(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    """Somebody from another organisation."""
    return {
        "username": world.people["caseworker_other"].username,
        "organization": str(world.places.agency.pk),
        "role": "caseworker",
        "team": str(world.places.team.pk),
    }


def emergency(world: World, role: str, thing: Thing, child: Any) -> Body:
    """By the number; where the address names the case already, the number is ignored."""
    said = {"reason": "life_in_danger", "words": "Now", "minutes": "30", "record_id": new_record_id()}
    return said | {"number": thing.record.number}


def tied(world: World, role: str, thing: Thing, child: Any) -> Body:
    """Somebody of the case's organisation."""
    return {"record_id": new_record_id(), "kind": "friend", "user": str(world.people["auditor"].pk)}


def tied_place(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"record_id": new_record_id(), "kind": "staff", "place": str(world.places.provider_abroad.pk)}


def notification_choices(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    """Of every kind; those that this role is not asked about are ignored."""
    return {kind.name.replace(".", "_"): "digest" for kind in all_kinds()}


def invited(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    names = {"name": "Invented", "username": "invented", "language": "en"}
    return names | {
        key: value for key, value in new_member(world, role, thing, child).items() if key != "username"
    }


def places(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"revision": thing.record.revision, "places_free": 7, "is_active": "on"}


def service(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"revision": thing.record.service.revision, "name": "Another name"}


def new_service(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    offer = "offer.clinic" if role == "provider_other" else "offer.shelter"
    place = world.things[offer].record.location_id
    return {"record_id": new_record_id(), "kind": "shelter", "name": "New", "location": str(place)}


def apply(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    scheme = str(world.papers.scheme.pk)
    return {"record_id": new_record_id(), "scheme_version": scheme, "legal_name": "Invented"}


def apply_for_institution(world: World, role: str, thing: Thing | None, child: Any) -> Body:
    clinic = role == "provider_other"
    institution = world.places.clinic if clinic else world.places.shelter
    kind = str(world.papers.kind.pk)
    return {"record_id": new_record_id(), "institution": str(institution.pk), "kind": kind}


def evidence(world: World, role: str, thing: Thing, child: Any) -> Body:
    return {"revision": thing.record.revision, "statement": "More"}


def document(*args: Any) -> Body:
    """Its file is read to its end by the first who asks."""
    return _new(title="Invented")(*args) | {"file": SimpleUploadedFile("invented.txt", b"Invented words")}


def today(**values: Any) -> Callable[..., Body]:
    return lambda *args: values | {"from_day": timezone.localdate().isoformat()}


FILLED: dict[str, Callable[..., Body]] = {
    "language": _plain(language="es"),
    "cases:caseload": caseload_search,
    "cases:search": search,
    "cases:ask": search,
    "cases:request_answer": _plain(answer="contact"),
    "cases:log_search": case_number,
    "notifications:choices": notification_choices,
    "members:add": new_member,
    "members:invite": invited,
    "members:end": _plain(sure="on"),
    "cases:intake": intake,
    "cases:party_add": _new(role="witness", name="Invented"),
    "cases:incident_add": _new(narrative="Invented"),
    "cases:substance_add": _new(icd11_code="6C41", rank=5),
    "cases:note_add": _new(kind="work", text="Invented"),
    "cases:document_add": document,
    "cases:enrol": _new(kind="reintegration", started_on="2026-01-01"),
    "cases:consent_add": consent,
    "cases:urgency": urgency,
    "cases:contact_add": _new(contact_kind="email", value="new@invented.example", safety="safe"),
    "cases:person_edit": person,
    "cases:contact_edit": _changed(
        "contact", contact_kind="email", value="b@invented.example", safety="safe"
    ),
    "cases:party_edit": _changed("party", role="child", name="Invented"),
    "cases:incident_edit": _changed("incident", narrative="Invented"),
    "cases:substance_edit": _changed("substance", icd11_code="6C40", rank=3),
    "cases:enrolment_end": lambda *args: {"ended_on": timezone.localdate().isoformat()},
    "cases:note_correct": _new(kind="work", text="Corrected"),
    "cases:closure_ask": _plain(closure_reason="goals_reached", words="Done"),
    "cases:closure_refuse": _plain(text="Not yet"),
    "cases:legal_hold": _plain(reason="court_order"),
    "cases:legal_hold_lift": _plain(reason="ended"),
    "cases:erasure_ask": _plain(reason="person_asked"),
    "cases:erasure_approve": lambda world, role, thing, child: {"confirmation": thing.record.number},
    "cases:emergency_find": emergency,
    "cases:emergency": emergency,
    "cases:emergency_more": _plain(words="More"),
    "cases:emergency_review": _plain(outcome="justified", review_words="It was"),
    "cases:tie_declare": _new(kind="friend"),
    "cases:tie_record": tied,
    "cases:tie_place": tied_place,
    "cases:tie_lift": _plain(lift_words="An error"),
    "cases:assign": assigned,
    "cases:move": moved,
    "referrals:draft": drafted,
    "referrals:tie": _new(kind="neighbour"),
    "referrals:withdraw": _plain(reason="person_asked"),
    "referrals:decline": _plain(reason="no_capacity", answer="Full"),
    "referrals:complete": _plain(outcome="provided", answer="Well"),
    "referrals:not_complete": _plain(reason="contact_lost", answer="Gone"),
    "referrals:open_case": opened,
    "referrals:places": places,
    "referrals:service_edit": service,
    "referrals:service_add": new_service,
    "certification:apply": apply,
    "certification:apply_for_institution": apply_for_institution,
    "certification:evidence": evidence,
    "certification:submit": _plain(anyway="on"),
    "certification:review": _plain(recommendation="approved", findings="Seen"),
    "certification:decide": lambda *args: {
        "decision": "refused",
        "reason": "exam_not_passed",
        "valid_from": timezone.localdate().isoformat(),
    },
    "certification:register": _plain(words="Shelter"),
    "certification:register_certificates": _plain(words="Shelter"),
    "certification:certificate_suspend": today(reason="complaint"),
    "certification:accreditation_suspend": today(reason="complaint"),
    "certification:certificate_reinstate": _plain(reason="corrected"),
    "certification:accreditation_reinstate": _plain(reason="corrected"),
    "certification:certificate_revoke": _plain(reason="ethics_breach"),
    "certification:accreditation_revoke": _plain(reason="ethics_breach"),
    "account_login": _plain(login="caseworker", password="wrong password here"),
    "account_signup": _plain(username="new", password1="x", password2="x"),
    "account_change_password": _plain(oldpassword="x", password1="y", password2="z"),
}

ACCOUNTS = ("user", "worker")
SPAN = "since=2020-01-01T00:00&until=2100-01-01T00:00"
# Rooms whose form asks about a case: whichever.
ABOUT_A_CASE = frozenset({"cases:caseload", "cases:search", "cases:ask"})
# What travels in the address of a list. `{user}` and `{team}` are strangers'; `{worker}` is of the north.
QUERIES: dict[str, tuple[str, ...]] = {
    "cases:emergencies": ("closed=1",),
    "cases:caseload": ("status=all", "status=closed", "worker={user}&status=all", "team={team}&status=all"),
    "access_log": tuple(f"account={{{who}}}&since=2020-01-01&until=2100-01-01" for who in ACCOUNTS),
    "breach": tuple(f"account={{{who}}}&{SPAN}" for who in ACCOUNTS),
    "breach_file": tuple(f"account={{{who}}}&{SPAN}" for who in ACCOUNTS),
    "referrals:inbox": ("show=new", "show=waiting", "show=running", "show=ended"),
    "referrals:mine": ("show=todo", "show=waiting", "show=running", "show=ended"),
    "referrals:directory": ("service_kind=shelter", "region=AR-C"),
    "referrals:candidates": ("service_kind=shelter", "service_kind=legal_aid&region=AR-C"),
    "certification:queue": ("show=decide",),
    "cases:consent_add": ("recipient={provider}&next=/cases/",),
}
