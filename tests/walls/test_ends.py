"""Consent and emergency access end in the policies themselves: nothing has to run for it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.walls.conftest import Ask, Door

Changed = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def packet(owner: Ask, door: Door) -> dict[str, Any]:
    """A packet that the provider's staff may read, with what it hangs on."""
    [(one, *_rest)] = door.ask("provider", "SELECT id FROM referrals_packet LIMIT 1")
    [(referral, consent, valid_until, status)] = owner(
        "SELECT r.id, c.id, c.valid_until, r.status FROM referrals_packet p"
        " JOIN referrals_referral r ON r.id = p.referral_id JOIN cases_consent c ON c.id = r.consent_id"
        " WHERE p.id = %s",
        [one],
    )
    return {
        "packet": one, "referral": referral, "consent": consent, "until": valid_until, "status": status
    }  # fmt: skip


def open_to(door: Door, who: str, packet: dict[str, Any]) -> bool:
    return bool(door.ask(who, "SELECT id FROM referrals_packet WHERE id = %(packet)s", packet))


@pytest.mark.parametrize(
    ("ended", "back"),
    [
        (
            "UPDATE cases_consent SET valid_from = current_date - 9, valid_until = current_date - 2"
            " WHERE id = %(consent)s",
            "UPDATE cases_consent SET valid_until = %(until)s WHERE id = %(consent)s",
        ),
        (
            "UPDATE cases_consent SET withdrawn_at = now(), withdrawn_by_id = created_by_id"
            " WHERE id = %(consent)s",
            "UPDATE cases_consent SET withdrawn_at = NULL, withdrawn_by_id = NULL WHERE id = %(consent)s",
        ),
        (
            "UPDATE cases_consent SET retired_at = now(), retired_by_id = created_by_id"
            " WHERE id = %(consent)s",
            "UPDATE cases_consent SET retired_at = NULL, retired_by_id = NULL WHERE id = %(consent)s",
        ),
    ],
)
def test_a_packet_closes_with_its_consent(
    door: Door, changed: Changed, packet: dict[str, Any], ended: str, back: str
) -> None:
    assert open_to(door, "provider", packet)
    with changed(ended, packet, back=back):
        assert not open_to(door, "provider", packet)
        changing = "UPDATE referrals_packet SET revision = revision WHERE id = %(packet)s"
        assert door.ask("provider", changing, packet) == [(0,)]
    assert open_to(door, "provider", packet)


def test_a_packet_closes_by_the_clock(
    door: Door, owner: Ask, changed: Changed, packet: dict[str, Any]
) -> None:
    """No row of the consent changes: its last moment passes."""
    passed = (
        "UPDATE referrals_packet SET scope_open_until = now() - interval '1 second' WHERE id = %(packet)s"
    )
    with changed(
        f"ALTER TABLE referrals_packet DISABLE TRIGGER scope; {passed};"
        " ALTER TABLE referrals_packet ENABLE TRIGGER scope",
        packet,
        back="UPDATE referrals_packet SET revision = revision WHERE id = %(packet)s",
    ):
        assert not open_to(door, "provider", packet)


def test_a_declined_packet_is_closed(door: Door, owner: Ask) -> None:
    closed = owner(
        "SELECT p.id FROM referrals_packet p JOIN referrals_referral r ON r.id = p.referral_id"
        " WHERE r.status IN ('declined', 'expired', 'withdrawn')"
    )
    assert closed
    for who in ("provider", "provider2", "demo_provider_estudio"):
        for (one,) in closed:
            assert not door.ask(who, "SELECT id FROM referrals_packet WHERE id = %s", [one])


def test_emergency_access_ends_by_the_clock(door: Door, owner: Ask) -> None:
    [(case, key)] = owner(
        "SELECT c.id, c.subject_key_id FROM cases_case c JOIN victimcare_team t ON t.id = c.team_id"
        " WHERE t.name = 'Sur' ORDER BY c.id LIMIT 1"
    )
    said = {"case": case, "key": key}
    opened = """
        INSERT INTO cases_emergencyaccess (id, created_at, revision, subject_key_id, case_id, user_id,
                                           opened_at, opened_by_id, until, reason, stage, whole_at,
                                           whole_by_id, outcome, mac)
        SELECT gen_random_uuid(), now(), 1, %(key)s, %(case)s, id, now() - interval '2 hours', id,
               now() + %(left)s::interval, 'danger', %(stage)s, w.at, CASE WHEN w.at IS NOT NULL THEN id END,
               '', ''
          FROM victimcare_user, (SELECT CASE WHEN %(stage)s = 'whole' THEN now() END) w (at)
         WHERE username = 'caseworker'
    """
    asked = (
        "SELECT count(*) FROM cases_person p JOIN cases_case c ON c.person_id = p.id WHERE c.id = %(case)s"
    )
    counselling = "SELECT count(*) FROM cases_note WHERE case_id = %(case)s AND kind = 'counselling'"
    assert door.ask("caseworker", asked, said) == [(0,)]
    incidents = "SELECT count(*) FROM cases_incident WHERE case_id = %(case)s"
    held = owner(incidents, said)
    for stage, left, expected in (
        ("minimum", "30 minutes", 1),
        ("whole", "30 minutes", 1),
        ("minimum", "-1 second", 0),
        ("whole", "-1 second", 0),
    ):
        owner(opened, said | {"left": left, "stage": stage})
        try:
            # The minimum holds nothing of what happened.
            whole = stage == "whole" and expected
            assert door.ask("caseworker", incidents, said) == (held if whole else [(0,)])
            assert door.ask("caseworker", asked, said) == [(expected,)]
            assert door.ask("caseworker", counselling, said) == [(0,)]
            assert door.ask("caseworker_br", asked, said) == [(0,)]
        finally:
            owner("DELETE FROM cases_emergencyaccess")
