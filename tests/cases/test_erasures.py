"""Erasing a person: by two people, in both walls, and nothing of it left that can be read."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from cases import actions, tokens
from cases.actions import erasures
from cases.models import (
    Assignment,
    Case,
    Consent,
    ContactPoint,
    Erasure,
    LegalHold,
    NameCard,
    Note,
    Party,
    PersonTokens,
)
from tests import factories
from victimcare.encryption import checking, keyring
from victimcare.models import ErasureEntry, Role, Step, SubjectKey


@pytest.fixture
def case(world):
    """The caseworker's own, with something of everything."""
    made = factories.case(
        world.team,
        world.caseworker,
        person=factories.person(world.agency, given_names="Zoraida", surnames="Ñancupil", birth="1990"),
    )
    key = {"subject_key_id": made.subject_key_id}
    Note.objects.create(case=made, text="Words", **key)
    ContactPoint.objects.create(
        organization=world.agency, person=made.person, contact_kind="mobile", value="+541155550101",
        safety="safe", **key,
    )  # fmt: skip
    tokens.keep(made.person)
    return made


@pytest.fixture
def asked(world, case):
    return actions.ask_erasure(case, by=world.caseworker, reason="person_asked")


def named_in(case, name="Zoraida Ñancupil"):
    return Party.objects.create(
        case=case, subject_key_id=case.subject_key_id, role="witness", name=name, details="Lives near."
    )


def key_of(case):
    return SubjectKey.objects.get(pk=case.subject_key_id)


def address(case, name):
    return reverse(f"cases:{name}", args=[case.pk])


def test_two_people_erase_and_nothing_can_be_read(world, case, asked):
    actions.approve_erasure(asked, by=world.supervisor)
    key = key_of(case)
    assert (key.wrapped, key.destroyed_by) == (None, world.supervisor)
    assert not PersonTokens.objects.filter(person=case.person).exists()
    assert not NameCard.objects.filter(person=case.person).exists()
    erased = Case.objects.get(pk=case.pk)
    assert (erased.status, erased.erased_by, erased.closed_by, erased.closure_asked_by) == (
        "closed", world.supervisor, world.supervisor, world.caseworker,
    )  # fmt: skip
    assert not erased.grants.exists()
    assert not Assignment.objects.filter(case=case, ended_at=None).exists()
    with keyring.held(), pytest.raises(keyring.SubjectErased):
        _ = Note.objects.get(case=case).text


def test_ledger_says_what_and_who_and_names_nobody(world, case, asked):
    actions.approve_erasure(asked, by=world.supervisor)
    entry = ErasureEntry.objects.get()
    assert entry.subject_key_ids == [case.subject_key_id]
    assert (entry.organization_id, entry.reason) == (world.agency.pk, "person_asked")
    assert (entry.asked_by_id, entry.approved_by_id) == (world.caseworker.pk, world.supervisor.pk)


def test_who_asked_does_not_approve(world, case):
    asked = actions.ask_erasure(case, by=world.supervisor, reason="person_asked")
    with pytest.raises(erasures.ErasedBySamePerson):
        actions.approve_erasure(asked, by=world.supervisor)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_erasure SET status = 'approved', approved_at = now(), approved_by_id = asked_by_id"
        )


@pytest.mark.parametrize("who", ["caseworker2", "provider", "admin", "coordinator", "auditor"])
def test_nobody_else_approves(world, case, asked, who):
    other = world.caseworker2 if who == "caseworker2" else factories.member(Role.AUDITOR, world.body)
    with pytest.raises(PermissionDenied):
        actions.approve_erasure(asked, by=other if who in {"caseworker2", "auditor"} else getattr(world, who))
    assert key_of(case).wrapped is not None


def test_no_statement_destroys_a_key_past_the_two(world, case, asked, acts):
    """The supervisor who asked, a supervisor without an approval, and an approval in somebody else's name."""
    for user in (world.caseworker, world.supervisor):
        with acts(user), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT app.erase_subject(%s)", [asked.pk])
    with (
        acts(world.caseworker),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT app.forget(ARRAY[%s]::uuid[], '{}', %s)", [case.subject_key_id, world.supervisor.pk]
        )
    assert key_of(case).wrapped is not None


def test_an_erasure_in_anothers_name_is_refused(world, case, acts):
    with acts(world.supervisor), pytest.raises(DatabaseError), transaction.atomic():
        Erasure(
            case=case, subject_key_id=case.subject_key_id, reason="person_asked",
            asked_at=case.created_at, asked_by=world.caseworker,
        ).save(force_insert=True)  # fmt: skip


def test_legal_hold_forbids_it_until_it_is_lifted(world, case, asked):
    hold = actions.set_legal_hold(case, by=world.supervisor, reason="court_order")
    with pytest.raises(erasures.Held):
        actions.approve_erasure(asked, by=world.supervisor)
    actions.lift_legal_hold(hold, by=world.supervisor, reason="ended")
    actions.approve_erasure(asked, by=world.supervisor)
    assert key_of(case).wrapped is None


def test_legal_hold_forbids_it_in_the_database_too(world, case, asked, monkeypatch):
    actions.set_legal_hold(case, by=world.supervisor, reason="court_order")
    monkeypatch.setattr(erasures, "_require_no_hold", lambda case: None)
    with pytest.raises(erasures.Held):
        actions.approve_erasure(asked, by=world.supervisor)
    assert key_of(case).wrapped is not None


def test_legal_hold_is_set_by_a_supervisor_of_the_team(world, case):
    for who in (world.caseworker, factories.member(Role.SUPERVISOR, world.agency, world.other_team)):
        with pytest.raises(PermissionDenied):
            actions.set_legal_hold(case, by=who, reason="court_order")
    assert not LegalHold.objects.exists()


def test_party_in_anothers_case_is_overwritten_with_its_history(world, case, asked):
    """Also of a team that the supervisor does not see, and also what it said before."""
    other = factories.case(world.other_team, world.caseworker2)
    party = named_in(other)
    actions.change_party(party, by=world.caseworker2, revision=1, details="Lives far.")
    actions.approve_erasure(asked, by=world.supervisor, parties=[party.pk])
    party.refresh_from_db()
    assert (party.name, party.birth, party.details) == ("", None, "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(name), count(details) FROM cases_historicalparty WHERE id = %s",
            [party.pk],
        )
        assert cursor.fetchone() == (3, 0, 0)
    assert key_of(other).wrapped is not None


def test_what_an_erasure_emptied_is_no_tampering_and_what_else_is_empty_is(world, acts, case, asked):
    """A party that was taken away before keeps the MAC over its words; so does its history."""
    other = factories.case(world.other_team, world.caseworker2)
    party, stranger = named_in(other), named_in(other, "Mauro Invented")
    actions.retire(party, by=world.caseworker2)
    actions.approve_erasure(asked, by=world.supervisor, parties=[party.pk])
    assert checking.check().wrong == []
    with acts(world.caseworker2):
        assert Party._base_manager.get(pk=party.pk).name == ""
        assert [past.name for past in party.history.all()][-1] == ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_party SET name = NULL, birth = NULL, details = NULL WHERE id = %s", [stranger.pk]
        )
    assert checking.check().wrong == [f"cases.Party {stranger.pk}"]


def test_party_of_another_organisation_stays(world, case, asked):
    elsewhere = named_in(factories.case(world.team_br, world.caseworker_br))
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.approve_erasure(asked, by=world.supervisor, parties=[elsewhere.pk])
    elsewhere.refresh_from_db()
    assert elsewhere.name


def test_approving_by_page_asks_for_the_number_and_shows_who_is_named_where(world, login, case, asked):
    other = factories.case(world.other_team, world.caseworker2)
    party = named_in(other, "Soraida Nancupil")
    stranger = named_in(other, "Mauro Invented")
    client = login(world.supervisor)
    page = client.get(address(case, "erasure_approve")).content.decode()
    assert other.number in page
    assert "Similar name" in page
    assert str(stranger.pk) not in page
    assert str(party.pk) in page
    wrong = client.post(address(case, "erasure_approve"), {"confirmation": "7K4"})
    assert "not the number of the case" in wrong.content.decode()
    assert key_of(case).wrapped is not None
    data = {"confirmation": case.number.lower(), "parties": [str(party.pk)]}
    done = client.post(address(case, "erasure_approve"), data, follow=True)
    assert "Certificate of erasure" in done.content.decode()
    assert key_of(case).wrapped is None
    party.refresh_from_db()
    assert party.name == ""


def test_a_record_that_was_tampered_with_keeps_nobody_from_being_erased(world, login, case, asked):
    other = factories.case(world.other_team, world.caseworker2)
    party, tampered = named_in(other), named_in(other)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_party SET details = NULL WHERE id = %s", [tampered.pk])
    page = login(world.supervisor).get(address(case, "erasure_approve")).content.decode()
    assert "could not be read, and were not compared: 1." in page
    assert str(party.pk) in page
    assert str(tampered.pk) not in page


def test_double_click_on_erase_leads_to_the_certificate(world, login, case, asked):
    client = login(world.supervisor)
    for _click in range(2):
        done = client.post(address(case, "erasure_approve"), {"confirmation": case.number}, follow=True)
        assert "Certificate of erasure" in done.content.decode()
    assert ErasureEntry.objects.count() == 1


def test_pages_of_an_erased_case_do_not_exist_and_lists_leave_it_out(world, login, case, asked):
    actions.approve_erasure(asked, by=world.supervisor)
    for user in (world.caseworker, world.supervisor):
        client = login(user)
        assert client.get(address(case, "case")).status_code == 404
        assert client.get(address(case, "notes")).status_code == 404
        assert case.number not in client.get(reverse("cases:caseload") + "?status=all").content.decode()
        found = client.post(reverse("cases:search"), {"given_names": "Zoraida", "surnames": "Ñancupil"})
        assert found.status_code == 200
        assert case.number not in found.content.decode()
    listed = login(world.supervisor).get(reverse("cases:erasures")).content.decode()
    assert case.number in listed


def test_the_other_teams_case_of_the_same_person_comes_first(world, case, asked):
    factories.case(world.other_team, world.caseworker2, person=case.person)
    with pytest.raises(erasures.OtherTeamHolds, match="South"):
        actions.approve_erasure(asked, by=world.supervisor)


def test_all_cases_of_the_person_go_together(world, case, asked):
    second = factories.case(world.team, world.caseworker, person=case.person)
    actions.approve_erasure(asked, by=world.supervisor)
    assert Case.objects.get(pk=second.pk).erased_at is not None


def test_consents_end_with_it(world, case, asked):
    consent = factories.consent(case, world.shelter)
    actions.approve_erasure(asked, by=world.supervisor)
    assert Consent.objects.get(pk=consent.pk).withdrawn_by == world.supervisor


def test_refused_by_page_the_person_stays(world, login, case, asked):
    login(world.supervisor).post(address(case, "erasure_refuse"))
    assert Erasure.objects.get(pk=asked.pk).status == "refused"
    assert key_of(case).wrapped is not None
    verbs = list(Step.objects.about(case).order_by("at").values_list("verb", flat=True))
    assert verbs == ["ask_erasure", "refuse_erasure"]
