"""Agencies with their teams and people, and certifying bodies: what every other row hangs on."""

import json
import random
from typing import Any

from django.db import transaction

from benchmarks import people, plan
from benchmarks.copying import Tables
from benchmarks.pens import Keys
from benchmarks.plan import Plan, uid
from victimcare.encryption import keyring
from victimcare.models import MemberState

SCHEME = "icap-t-1"
LONG_AGO = "2019-01-01 00:00:00+00"
RECORD = {"created_at": LONG_AGO, "revision": 1}


def begin(cursor: Any, made: Plan) -> None:
    with transaction.atomic():
        state_key = keyring.current_state_key(MemberState.objects.get(code=plan.STATE))
        tables = Tables(cursor)
        keys = Keys(tables, state_key)
        names = people.names(made.names_folder)
        for agency in range(made.agencies):
            write_organization(tables, "agency", agency, "is_agency")
            keys.of_organization("agency", agency, uid("agency", agency), LONG_AGO)
        for body in range(made.bodies):
            write_organization(tables, "body", body, "is_certifying_body")
            keys.of_organization("body", body, uid("body", body), LONG_AGO)
            _write_schemes(tables, body)
            for role in ("officer", "examiner", "coordinator"):
                write_member(tables, names, uid(role, body), role, uid("body", body))
        for team in range(made.teams):
            _write_team(tables, names, made, team)
        tables.copy(cursor)


def write_organization(tables: Tables, kind: str, number: int, *marks: str) -> None:
    row: dict[str, object] = dict.fromkeys(("is_agency", "is_provider", "is_certifying_body"), "f")
    row |= dict.fromkeys(marks, "t")
    tables.add("victimcare_organization", {
        **RECORD, "id": uid(kind, number), "code": f"{kind}-{number}", "name": f"{kind.title()} {number}",
        "member_state_id": plan.STATE, "time_zone": plan.TIME_ZONE, "is_demonstration": "t", **row,
    })  # fmt: skip


def write_member(
    tables: Tables,
    names: people.Names,
    user: str,
    role: str,
    organization: str,
    *,
    team: str | None = None,
    ended_by: str | None = None,
) -> None:
    """An account without a password, marked as one of a demonstration: it needs no second factor here."""
    named = names.person(random.Random(user))  # the same each time; nothing secret
    tables.add("victimcare_user", {
        "id": user, "password": "!", "username": f"{role}-{user[:12]}",
        "name": f"{named.given_names} {named.surnames.split()[0]}", "email": "", "language": "en",
        "date_joined": LONG_AGO, "is_superuser": "f", "is_staff": "f", "is_active": "t",
        "is_demonstration": "t",
    })  # fmt: skip
    work: dict[str, object] = {
        **RECORD, "id": uid("membership", user), "user_id": user, "organization_id": organization,
        "role": role, "started_at": LONG_AGO,
    }  # fmt: skip
    if team:
        work["team_id"] = team
    if ended_by:
        work |= {"ended_at": "2024-01-01 00:00:00+00", "ended_by_id": ended_by}
    tables.add("victimcare_membership", work)


def _write_team(tables: Tables, names: people.Names, made: Plan, team: int) -> None:
    organization, team_id = uid("agency", made.agency_of(team)), uid("team", team)
    tables.add(
        "victimcare_team",
        {**RECORD, "id": team_id, "organization_id": organization, "name": f"Team {team}"},
    )
    supervisor = plan.user(team, plan.SUPERVISOR)
    for person in range(plan.PEOPLE):
        user = plan.user(team, person)
        if person in plan.PRACTITIONERS:
            write_member(tables, names, user, "practitioner", organization)
            continue
        role = "supervisor" if person == plan.SUPERVISOR else "caseworker"
        left = supervisor if person in plan.FORMER else None
        write_member(tables, names, user, role, organization, team=team_id, ended_by=left)


def _write_schemes(tables: Tables, body: int) -> None:
    """One scheme for persons, and a kind of accreditation for each kind of service; every other asks for a
    certified member of staff.
    """
    shared: dict[str, object] = {
        **RECORD, "organization_id": uid("body", body), "version": "1", "valid_from": "2019-01-01",
        "validity_months": 36,
    }  # fmt: skip
    tables.add("certification_schemeversion", {
        **shared, "id": uid("scheme", body), "code": SCHEME, "titles": '{"en": "Treatment professional"}',
        "requirements": '{"experience_hours": 1500, "ethics_code": true}',
    })  # fmt: skip
    for place, kind in enumerate(plan.SERVICE_KINDS):
        tables.add("certification_accreditationkind", {
            **shared, "id": uid("kind", f"{body} {kind}"), "code": kind.replace("_", "-"),
            "titles": json.dumps({"en": f"Accredited for {kind.replace('_', ' ')}"}), "requirements": "{}",
            "service_kinds": f"{{{kind}}}",
            "required_certificates": "{}" if place % 2 else f'{{"{SCHEME}": 1}}',
        })  # fmt: skip
