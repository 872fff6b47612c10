"""Who may see what, as the owner computes it from memberships, grants, teams and consents.

None of the product's code has a part in it.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg2

WORKS = """
SELECT member.user_id, member.organization_id, member.team_id, member.role
FROM victimcare_membership member JOIN victimcare_user account ON account.id = member.user_id
WHERE account.is_active AND member.retired_at IS NULL
AND member.started_at <= now() AND (member.ended_at IS NULL OR member.ended_at > now())
"""
CASES = f"""
WITH works AS ({WORKS})
SELECT works.user_id::text, held.id::text FROM works
JOIN cases_case held ON held.organization_id = works.organization_id
WHERE (works.role = 'supervisor' AND held.team_id = works.team_id)
OR (works.role IN ('caseworker', 'supervisor') AND held.id IN (
    SELECT content_object_id FROM cases_casegrant opened
    JOIN auth_permission permission ON permission.id = opened.permission_id
    WHERE opened.user_id = works.user_id AND permission.codename = 'work_on_case'))
"""
PACKETS = f"""
WITH works AS ({WORKS})
SELECT works.user_id::text, referral.id::text, referral.case_id::text FROM works
JOIN referrals_referral referral ON referral.receiver_id = works.organization_id
JOIN cases_consent consent ON consent.id = referral.consent_id
JOIN victimcare_organization receiver ON receiver.id = referral.receiver_id
WHERE works.role = 'provider' AND referral.sent_at IS NOT NULL
AND referral.status NOT IN ('draft', 'declined', 'expired', 'withdrawn')
AND consent.withdrawn_at IS NULL AND consent.retired_at IS NULL
AND (now() AT TIME ZONE receiver.time_zone)::date BETWEEN consent.valid_from AND consent.valid_until
"""
INBOXES = f"""
WITH works AS ({WORKS})
SELECT works.user_id::text, referral.id::text FROM works
JOIN referrals_referral referral ON referral.receiver_id = works.organization_id
WHERE works.role = 'provider' AND referral.sent_at IS NOT NULL
"""
USERS = f"""
WITH works AS ({WORKS})
SELECT works.user_id::text, account.username, works.role FROM works
JOIN victimcare_user account ON account.id = works.user_id ORDER BY account.username
"""
REFERRALS = (
    "SELECT id::text, case_id::text, received_case_id::text, sent_at IS NOT NULL FROM referrals_referral"
)


def canary(case_id: UUID | str) -> str:
    """A word that stands nowhere by accident, neither in the id nor in an address."""
    return "Kx" + hashlib.sha256(f"canary {case_id}".encode()).hexdigest()[:14]


@dataclass(frozen=True)
class Sees:
    """What one user may see: ids, and the canaries of it all."""

    user_id: str
    username: str
    role: str
    cases: frozenset[str]
    referrals: frozenset[str]
    packets: frozenset[str]
    canaries: frozenset[str]

    @property
    def works_on_cases(self) -> bool:
        return self.role in {"caseworker", "supervisor"}


@dataclass(frozen=True)
class Truth:
    """`referred` is the case of each referral, `sent` the referrals that have a packet; `taken_from` the case
    from whose packet a receiver opened its own.
    """

    users: list[Sees]
    cases: frozenset[str]
    referred: dict[str, str]
    sent: frozenset[str]
    taken_from: dict[str, str]


@contextmanager
def owner() -> Iterator[Any]:
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def told() -> Truth:
    with owner() as cursor:
        cases, inboxes = _by_user(cursor, CASES), _by_user(cursor, INBOXES)
        packets, referrals = _rows(cursor, PACKETS), _rows(cursor, REFERRALS)
        users = [
            _sees(user, cases[user[0]], inboxes[user[0]], packets, referrals) for user in _rows(cursor, USERS)
        ]
        everything = frozenset(row[0] for row in _rows(cursor, "SELECT id::text FROM cases_case"))
    return Truth(
        users,
        everything,
        {referral: case for referral, case, _own, _sent in referrals},
        frozenset(referral for referral, _case, _own, was_sent in referrals if was_sent),
        {own: case for _referral, case, own, _sent in referrals if own},
    )


def _sees(user: Any, cases: frozenset[str], inbox: frozenset[str], packets: Any, referrals: Any) -> Sees:
    """The sender's side sees a packet with its case, the receiver's while the consent holds. A case that was
    opened from a packet tells what the packet told.
    """
    user_id, username, role = user
    mine = {referral for referral, case, _own, _sent in referrals if case in cases}
    taken_over = {referral: case for referral, case, own, _sent in referrals if own in cases}
    open_packets = {referral: case for holder, referral, case in packets if holder == user_id}
    sent = {referral for referral, case, _own, was_sent in referrals if was_sent and case in cases}
    words = {*cases, *taken_over.values(), *open_packets.values()}
    return Sees(
        user_id,
        username,
        role,
        cases,
        frozenset(mine | inbox | taken_over.keys()),
        frozenset(sent | open_packets.keys()),
        frozenset(map(canary, words)),
    )


def _by_user(cursor: Any, query: str) -> defaultdict[str, frozenset[str]]:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for user_id, record_id in _rows(cursor, query):
        found[user_id] |= {record_id}
    return found


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())
