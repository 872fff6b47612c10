"""The database's part of matching: which offers are worth a look, and in which order.

Each rule of `matching` stands here once more, as SQL: when it excludes, and how many points it gives. A test
holds both to the same order. Whether an institution is accredited at the place on the day, and its staff hold
what is required, is asked of those alone that come first (`standings`): here, only that it may be so.
"""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from certification.models.credentials import first_running_day
from referrals.matching import UNKNOWN_GENDER, Need

# Of a kind with fewer offers, all are looked at.
MANY = 500

# When the rule excludes, and its points: a condition and a number in SQL over `offer`, `service` and
# `provider`, with the names of the need as parameters. Empty: never, none.
Term = tuple[str, str]

LISTED = """SELECT id, obstacles FROM (
    WITH held AS MATERIALIZED (
        SELECT accreditation.institution_id, bool_or(accreditation.location_id IS NULL) AS everywhere,
               array_agg(accreditation.location_id) AS places
          FROM certification_accreditation accreditation
          JOIN certification_accreditationkind kind ON kind.id = accreditation.kind_id
         WHERE kind.service_kinds @> ARRAY[%(service_kind)s]::varchar[]
           AND accreditation.retired_at IS NULL AND accreditation.status = 'issued'
           AND accreditation.valid_from <= %(last_day)s AND accreditation.valid_until >= %(first_day)s
           AND (accreditation.ended_on IS NULL OR accreditation.ended_on > %(first_day)s)
         GROUP BY accreditation.institution_id
    ), provider AS MATERIALIZED (
        SELECT organization.id, organization.name COLLATE "C" AS name, organization.member_state_id,
               coalesce(held.everywhere, false) AS everywhere, coalesce(held.places, '{{}}') AS places
          FROM victimcare_organization organization LEFT JOIN held ON held.institution_id = organization.id
         WHERE organization.is_provider AND organization.retired_at IS NULL
           AND organization.id <> %(organization_id)s
    ), judged AS MATERIALIZED (
        SELECT offer.id, provider.name, {obstacles} AS obstacles, {points} AS points
          FROM referrals_serviceatlocation offer
          JOIN referrals_service service ON service.id = offer.service_id
          JOIN provider ON provider.id = service.organization_id
         WHERE offer.offered_kind = %(service_kind)s AND service.kind = %(service_kind)s {near}
    )
    (SELECT id, obstacles FROM judged WHERE obstacles = 0 ORDER BY points DESC, name, id LIMIT %(first)s)
    UNION ALL
    (SELECT id, obstacles FROM judged WHERE obstacles > 0 ORDER BY obstacles, points DESC, name, id
      LIMIT %(others)s)
) AS listed
"""
NEAR = "AND offer.regions_reached && %(near)s::varchar[]"
COUNTED = """SELECT count(*) FROM (
    SELECT FROM referrals_serviceatlocation WHERE offered_kind = %s LIMIT %s
) AS offered
"""


def has_many(service_kind: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [service_kind, MANY])
        return int(cursor.fetchone()[0]) == MANY


def listed(
    need: Need, *, first: int | None, others: int, near: frozenset[str] = frozenset()
) -> tuple[list[UUID], list[UUID]]:
    """The `first` offers against which nothing speaks but perhaps their standing (None: all of them), best
    first; and so many `others`, those with the fewest obstacles first. `near`: only what reaches one of these
    regions.
    """
    terms = [rule(need) for rule in RULES.values()]
    against = [excludes for excludes, _points in terms if excludes]
    points = [given for _excludes, given in terms if given]
    sql = LISTED.format(
        obstacles=" + ".join(f"({one})::int" for one in against),
        points=" + ".join(points) or "0",
        near=NEAR if near else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, _parameters(need) | {"first": first, "others": others, "near": list(near)})
        rows = cursor.fetchall()
    return [pk for pk, obstacles in rows if not obstacles], [pk for pk, obstacles in rows if obstacles]


def _parameters(need: Need) -> dict[str, Any]:
    """The need, and all days that it is now somewhere."""
    youngest, oldest = need.ages or (None, None)
    return {
        "service_kind": need.service_kind,
        "organization_id": need.organization_id,
        "member_state": need.member_state,
        "enrolment_kinds": sorted(need.enrolment_kinds),
        "gender": need.gender,
        "youngest": youngest,
        "oldest": oldest,
        "region": need.region,
        "own": need.home or need.region,
        "language": need.language,
        "refused_by": list(need.refused_by),
        "running_at": list(need.running_at),
        "not_available": list(need.not_available),
        "first_day": first_running_day(),
        "last_day": (timezone.now().astimezone(UTC) + timedelta(hours=14)).date(),
    }


# -- The rules -----------------------------------------------------------------------------------------------

ONLY_OTHERS = "service.regions <> '{}' AND %(region)s <> ALL (offer.regions_reached)"


def _available(need: Need) -> Term:
    return "provider.id = ANY (%(not_available)s::uuid[])", ""


def _accreditation(need: Need) -> Term:
    return "NOT (provider.everywhere OR offer.location_id = ANY (provider.places))", ""


def _refused(need: Need) -> Term:
    return "provider.id = ANY (%(refused_by)s::uuid[])", ""


def _already_asked(need: Need) -> Term:
    return "offer.id = ANY (%(running_at)s::uuid[])", ""


def _kind_of_case(need: Need) -> Term:
    if not need.enrolment_kinds:
        return "", ""
    shared = "service.enrolment_kinds && %(enrolment_kinds)s::varchar[]"
    return f"service.enrolment_kinds <> '{{}}' AND NOT {shared}", f"2 * ({shared})::int"


def _gender(need: Need) -> Term:
    if need.gender in UNKNOWN_GENDER:
        return "", "-(service.genders <> '{}')::int"
    taken = "%(gender)s = ANY (service.genders)"
    return f"service.genders <> '{{}}' AND NOT {taken}", f"({taken})::int"


def _age(need: Need) -> Term:
    asked = "(service.age_from IS NOT NULL OR service.age_to IS NOT NULL)"
    if need.ages is None:
        return "", f"-{asked}::int"
    lowest, highest = "coalesce(service.age_from, 0)", "coalesce(service.age_to, 200)"
    outside = f"%(oldest)s < {lowest} OR %(youngest)s > {highest}"
    partly = f"%(youngest)s < {lowest} OR %(oldest)s > {highest}"
    points = f"CASE WHEN NOT {asked} OR {outside} THEN 0 WHEN {partly} THEN -1 ELSE 1 END"
    return f"{asked} AND ({outside})", points


def _region(need: Need) -> Term:
    if not need.region:
        return "", ""
    if need.home in {"", need.region}:
        return ONLY_OTHERS, ""
    return ONLY_OTHERS, _by_region("%(region)s", 10, 9, "0")


def _home(need: Need) -> Term:
    if not (need.home or need.region):
        return "", ""
    elsewhere = "CASE WHEN provider.member_state_id = %(member_state)s THEN -4 ELSE 0 END"
    points = _by_region("%(own)s", 4, 3, elsewhere)
    return "", f"CASE WHEN {ONLY_OTHERS} THEN 0 ELSE {points} END" if need.region else points


def _by_region(code: str, here: int, served: int, elsewhere: str) -> str:
    return (
        f"CASE WHEN {code} = offer.regions_reached[1] THEN {here}"
        f" WHEN {code} = ANY (service.regions) THEN {served} ELSE {elsewhere} END"
    )


def _language(need: Need) -> Term:
    if not need.language:
        return "", ""
    spoken = "%(language)s = ANY (service.languages)"
    return f"service.languages <> '{{}}' AND NOT {spoken}", f"3 * ({spoken})::int"


def _member_state(need: Need) -> Term:
    return "", "-100 * (provider.member_state_id <> %(member_state)s)::int"


def _places(need: Need) -> Term:
    return "coalesce(offer.places_free = 0, false)", "2 * coalesce(offer.places_free > 0, false)::int"


# By the name of the rule in `matching`. The own organisation is never listed, and staff is not asked here.
RULES: dict[str, Callable[[Need], Term]] = {
    "available": _available,
    "accreditation": _accreditation,
    "refused": _refused,
    "already_asked": _already_asked,
    "kind_of_case": _kind_of_case,
    "gender": _gender,
    "age": _age,
    "region": _region,
    "home": _home,
    "language": _language,
    "member_state": _member_state,
    "places": _places,
}
