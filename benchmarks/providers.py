"""Providers: their places, what they offer there, who works there, and what they are accredited for."""

import random
from typing import Any

from benchmarks import certificates, plan
from benchmarks.cases import Register
from benchmarks.pens import Pen
from benchmarks.places import LONG_AGO, RECORD, write_member, write_organization
from benchmarks.plan import Plan, uid

KINDS_OFFERED = 3
TIERS = ["public"] * 4 + ["partner"] * 4 + ["confidential"] * 2


def kinds_of(made: Plan, number: int) -> list[str]:
    """The kinds of service that a provider offers. The first of its region offers what the bench asks for."""
    chance = random.Random(f"kinds {number}")  # the same each time; nothing secret
    first, *others = plan.SERVICE_KINDS
    if number < 2 * len(made.regions):
        return [first, *chance.sample(others, KINDS_OFFERED - 1)]
    return chance.sample(plan.SERVICE_KINDS, KINDS_OFFERED)


def write_provider(book: Register, number: int, pen_of_body: Pen) -> None:
    organization = uid("provider", number)
    write_organization(book.tables, "provider", number, "is_provider")
    own = book.keys.of_organization("provider", number, organization, LONG_AGO)
    for person in range(plan.STAFF):
        write_member(book.tables, book.names, plan.staff(number, person), "provider", organization)
    for place in range(plan.LOCATIONS_A_PROVIDER):
        _write_location(book, number, number * plan.LOCATIONS_A_PROVIDER + place, own)
    chance = random.Random(f"provider {number}")  # the same each time; nothing secret
    kinds = kinds_of(book.plan, number)
    for place in range(plan.SERVICES_A_PROVIDER):
        _write_service(book, number, place, kinds[place % len(kinds)], chance)
    for kind in kinds:
        status = chance.choice(certificates.STATES) if number else "issued"
        certificates.write_accreditation(book, number, kind, pen_of_body, status)
    status = "issued" if number == 0 or chance.random() < 0.9 else "expired"
    body = number % book.plan.bodies
    certificates.write_practitioner(
        book, f"staff {number}", plan.staff(number, plan.STAFF - 1), body, status, 2 * number
    )


def _write_location(book: Register, number: int, which: int, own: Pen) -> None:
    record = uid("location", which)
    address = {"address": f"Calle Inventada {which}"}
    book.record("victimcare_location", {
        **RECORD, "created_by_id": plan.staff(number, 0), "organization_id": uid("provider", number),
        "name": f"Sede {which}", "region": book.plan.region_of(number), "time_zone": plan.TIME_ZONE,
        "tier": TIERS[which % len(TIERS)], **own.row("victimcare_location", record, address),
    })  # fmt: skip


def _write_service(book: Register, number: int, place: int, kind: str, chance: random.Random) -> None:
    which = number * plan.SERVICES_A_PROVIDER + place
    here = book.plan.region_of(number)
    served = chance.choice([[], [here]])
    row: dict[str, Any] = {
        **RECORD, "id": uid("service", which), "organization_id": uid("provider", number), "kind": kind,
        "name": f"{kind.replace('_', ' ').capitalize()} {which}", "is_active": "t",
        "languages": chance.choice(["{}", "{es}", "{es,qu}"]),
        "enrolment_kinds": chance.choice(["{}", "{}", "{victim}", "{victim,drug_dependence}"]),
        "genders": chance.choice(["{}", "{}", "{}", "{woman,trans_woman}"]),
        "regions": f"{{{','.join(served)}}}",
    }  # fmt: skip
    if chance.random() < 0.4:
        row["age_from"] = 18
    book.tables.add("referrals_service", row)
    location = number * plan.LOCATIONS_A_PROVIDER + place % plan.LOCATIONS_A_PROVIDER
    book.tables.add("referrals_serviceatlocation", {
        **RECORD, "id": uid("offer", which), "service_id": row["id"],
        "location_id": uid("location", location), "places_free": chance.choice([0, 1, 3, 8]),
        "places_counted_at": LONG_AGO, "is_active": "t", "offered_kind": kind,
        "regions_reached": f"{{{','.join([here, *served])}}}",
    })  # fmt: skip
