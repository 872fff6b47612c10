"""The rooms of the access log: who saw this case, what did this account see, the breach worksheet."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cases import actions as case_actions
from cases.access import WORK, CaseGrant
from cases.models import Assignment
from referrals import actions as referral_actions
from tests import factories
from tests.certification import builders
from victimcare import access, audit, records, worksheet
from victimcare.models import AccessEntry, Membership, Role
from victimcare.models.logs import Action
from victimcare.sealing import sealing

EVERYBODY_ELSE = (
    "caseworker2", "provider", "practitioner", "officer", "examiner", "coordinator", "admin",
    "caseworker_br",
)  # fmt: skip


@pytest.fixture
def auditor(world):
    return factories.member(Role.AUDITOR, world.body, None, "auditor")


@pytest.fixture
def auditor_br(world):
    return factories.member(Role.AUDITOR, world.agency_br, None, "auditor_br")


def case_log(case) -> str:
    return reverse("cases:log", args=[case.pk])


def week() -> dict[str, str]:
    today = timezone.localdate()
    return {"since": str(today - timedelta(days=6)), "until": str(today)}


# -- Who saw this case ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["caseworker", "supervisor"])
def test_whoever_may_see_the_case_may_know_who_saw_it(world, login, who):
    login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    reader = login(getattr(world, who))
    page = reader.get(reverse("cases:case", args=[world.case.pk])).content.decode()
    assert case_log(world.case) in page
    page = reader.get(case_log(world.case)).content.decode()
    assert world.caseworker.name in page
    assert "Read: case" in page
    assert world.case.person.surnames not in page
    assert "Not sealed yet." in page


@pytest.mark.parametrize("who", EVERYBODY_ELSE)
def test_nobody_else_knows_who_saw_it(world, login, who):
    assert login(getattr(world, who)).get(case_log(world.case)).status_code == 404


def test_an_auditor_finds_the_log_by_the_number_and_nothing_of_the_case(world, login, auditor):
    login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    client = login(auditor)
    assert world.case.number not in reverse("cases:log_search")
    answer = client.post(reverse("cases:log_search"), {"number": world.case.number.lower()})
    assert answer["Location"] == case_log(world.case)
    page = client.get(case_log(world.case)).content.decode()
    assert world.case.number in page
    assert world.caseworker.name in page
    assert world.agency.name in page
    assert world.case.person.surnames not in page
    assert f'href="{reverse("cases:case", args=[world.case.pk])}"' not in page
    assert client.get(reverse("cases:case", args=[world.case.pk])).status_code == 404


def test_an_auditor_of_another_state_finds_nothing(world, login, auditor_br):
    client = login(auditor_br)
    answer = client.post(reverse("cases:log_search"), {"number": world.case.number})
    assert "No case of your member state has this number." in answer.content.decode()
    assert client.get(case_log(world.case)).status_code == 404
    assert AccessEntry.objects.filter(action=Action.SEARCH, by=auditor_br, rows=0).count() == 1


def test_a_number_that_was_misheard_is_said(world, login, auditor):
    answer = login(auditor).post(reverse("cases:log_search"), {"number": "7KM-2PX-9QB-5"})
    assert "This is no case number" in answer.content.decode()


def test_the_lines_of_a_receiver_are_among_them(world, login):
    """The referral lies under the key of the person: who read it elsewhere is said, with where they work."""
    assert world.accreditation
    consent = factories.consent(world.case, world.shelter)
    draft, _new = referral_actions.draft_referral(
        world.case, offer=world.offer, consent=consent, by=world.caseworker
    )
    referral_actions.send_referral(draft, by=world.caseworker)
    login(world.provider).get(reverse("referrals:packet", args=[draft.pk]))
    page = login(world.caseworker).get(case_log(world.case)).content.decode()
    assert world.provider.name in page
    assert world.shelter.name in page
    assert "Read: packet of a referral" in page


def test_a_look_at_the_log_is_in_the_log(world, login, auditor):
    login(auditor).get(case_log(world.case))
    entry = AccessEntry.objects.get(object_label="victimcare.AccessEntry")
    assert (entry.by, entry.organization, entry.subject_key_id) == (
        auditor, world.agency, world.case.subject_key_id,
    )  # fmt: skip
    page = login(world.caseworker).get(case_log(world.case)).content.decode()
    assert auditor.name in page


def test_pages_of_the_log_follow_each_other(world, login, monkeypatch):
    monkeypatch.setattr("victimcare.paging.SIZE", 2)
    for _ in range(5):
        audit.record(Action.READ, world.case, by=world.caseworker)
    sealing.seal_all()
    client, address, seen = login(world.supervisor), case_log(world.case), 0
    while address:
        page = client.get(address)
        assert "Sealed until" in page.content.decode()
        seen += len(page.context["rows"])
        address = page.context["next_url"]
    assert seen == 5


# -- What did this account see -------------------------------------------------------------------------------


def user_log(client, user):
    return client.get(reverse("access_log"), {"account": user.pk, **week()})


def offered(client) -> set[str]:
    form = client.get(reverse("access_log")).context["form"]
    return {pk for pk, _name in form.fields["account"].choices if pk}


def test_an_auditor_reads_what_every_account_of_the_state_did(world, login, auditor):
    login(world.caseworker).get(reverse("cases:caseload"))
    client = login(auditor)
    assert {str(world.caseworker.pk), str(auditor.pk)} <= offered(client)
    assert str(world.caseworker_br.pk) not in offered(client)
    assert world.case
    login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    page = user_log(client, world.caseworker).content.decode()
    assert world.case.number in page
    assert case_log(world.case) in page
    assert world.case.person.surnames not in page


def test_a_supervisor_reads_what_people_of_the_team_did_with_own_records(world, login):
    client = login(world.supervisor)
    assert world.caseworker
    assert offered(client) == {str(world.caseworker.pk), str(world.supervisor.pk)}
    login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    elsewhere = factories.case(world.team_br)
    audit.record(Action.READ, elsewhere, by=world.caseworker)
    other_team = factories.case(world.other_team)
    audit.record(Action.READ, other_team, by=world.caseworker)
    answer = user_log(client, world.caseworker)
    numbers = {row["number"] for row in answer.context["rows"]}
    assert numbers == {world.case.number, ""}
    assert len(answer.context["rows"]) == 2
    assert user_log(client, world.caseworker2).context["asked"] is False
    entry = AccessEntry.objects.filter(object_label="victimcare.AccessEntry").get()
    assert (entry.by, entry.rows, entry.action) == (world.supervisor, 2, "read")


@pytest.mark.parametrize("room", ["access_log", "breach", "breach_file", "cases:log_search"])
@pytest.mark.parametrize("who", ["caseworker", *EVERYBODY_ELSE])
def test_the_rooms_are_closed_to_others(world, login, room, who):
    assert login(getattr(world, who)).get(reverse(room)).status_code == 403


@pytest.mark.parametrize("room", ["breach", "breach_file", "cases:log_search"])
def test_a_supervisor_has_no_worksheet(world, login, room):
    assert login(world.supervisor).get(reverse(room)).status_code == 403


def test_menu_and_home_lead_to_the_rooms(world, login, auditor):
    page = login(auditor).get("/").content.decode()
    for room in ("access_log", "breach", "cases:log_search"):
        assert reverse(room) in page
    assert reverse("access_log") in login(world.supervisor).get("/").content.decode()
    assert reverse("access_log") not in login(world.caseworker).get("/").content.decode()


def test_days_in_the_wrong_order_are_said(world, login, auditor):
    asked = {"account": auditor.pk, "since": "2026-03-02", "until": "2026-03-01"}
    page = login(auditor).get(reverse("access_log"), asked).content.decode()
    assert "The end comes before the beginning." in page


# -- The breach worksheet ------------------------------------------------------------------------------------

BEGIN, END = timedelta(hours=-2), timedelta(hours=1)


def rows_of(account, *, since=BEGIN, until=END, **kwargs):
    now = timezone.now()
    return worksheet.rows(account, now + since, now + until, **kwargs)


def references(found) -> dict[str, list[str]]:
    return {row.reference: row.why for row in found}


def ago(hours: float):
    return timezone.now() - timedelta(hours=hours)


def set_past(model, pk, as_owner, **values):
    """What the product never does: facts as if they were of an earlier time."""
    with as_owner(), connection.cursor() as cursor:
        named = ", ".join(f"{name} = %s" for name in values)
        cursor.execute(f"UPDATE {model._meta.db_table} SET {named} WHERE id = %s", [*values.values(), pk])


def test_cases_that_were_assigned_in_the_window_were_readable(world, as_owner):
    held = world.case
    over = factories.case(world.team, world.caseworker)
    case_actions.unassign(Assignment.objects.get(case=over), by=world.supervisor)
    set_past(Assignment, Assignment.objects.get(case=over).pk, as_owner, started_at=ago(9), ended_at=ago(5))
    factories.case(world.team)
    found = rows_of(world.caseworker)
    assert references(found) == {held.number: ["worked on the case"]}
    assert found[0].kinds == {
        "identity", "contact", "incident", "risk", "substance", "counselling", "documents",
    }  # fmt: skip
    earlier = rows_of(world.caseworker, since=timedelta(hours=-8), until=timedelta(hours=-6))
    assert set(references(earlier)) == set()  # the account's membership began today
    set_past(Membership, world.caseworker.memberships.get().pk, as_owner, started_at=ago(100))
    earlier = rows_of(world.caseworker, since=timedelta(hours=-8), until=timedelta(hours=-6))
    assert set(references(earlier)) == {over.number}


def test_cases_of_a_supervised_team_were_readable_while_they_were_with_it(world, as_owner):
    stayed, left = world.case, factories.case(world.team)
    never = factories.case(world.other_team)
    assert world.supervisor
    second = factories.member(Role.SUPERVISOR, world.agency, world.other_team)
    case_actions.move(left, world.other_team, by=world.supervisor)
    assert set(references(rows_of(world.supervisor))) == {stayed.number, left.number}
    assert set(references(rows_of(second))) == {left.number, never.number}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_historicalcase DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE cases_historicalcase SET history_date = history_date - interval '4 hours' WHERE id = %s",
            [left.pk],
        )
        cursor.execute("ALTER TABLE cases_historicalcase ENABLE TRIGGER USER")
    assert set(references(rows_of(world.supervisor))) == {stayed.number}


def test_packets_were_readable_while_the_consent_held(world, as_owner):
    assert world.accreditation
    consent = factories.consent(world.case, world.shelter, kinds=["identity", "contact"])
    draft, _new = referral_actions.draft_referral(
        world.case, offer=world.offer, consent=consent, by=world.caseworker
    )
    referral_actions.send_referral(draft, by=world.caseworker)
    [row] = rows_of(world.provider)
    assert (row.reference, row.organization, row.kinds) == (
        draft.number, world.agency.name, {"identity", "contact"},
    )  # fmt: skip
    assert rows_of(world.provider2) == []
    case_actions.withdraw_consent(consent, by=world.caseworker)
    assert references(rows_of(world.provider)).keys() == {draft.number}
    assert rows_of(world.provider, since=timedelta(minutes=5)) == []


def test_applications_were_readable_at_the_body(world):
    sent = builders.actions.submit_application(builders.personal_draft(world), by=world.practitioner)
    builders.actions.submit_application(builders.institutional_draft(world), by=world.provider)
    for who in ("officer", "examiner"):
        [row] = rows_of(getattr(world, who))
        assert (row.reference, row.kinds) == (sent.number, {"identity", "documents"})
    [row] = rows_of(world.practitioner)
    assert row.why == ["the account's own application"]


def test_what_was_shown_is_counted_with_first_and_last(world, login):
    assert world.case
    seen, unseen = world.case, factories.case(world.team, world.caseworker)
    for _ in range(3):
        login(world.caseworker).get(reverse("cases:notes", args=[seen.pk]))
        login(world.caseworker).get(reverse("cases:person_edit", args=[seen.pk]))
    first, second = rows_of(world.caseworker)
    assert (first.reference, first.shown.times, first.shown.kinds) == (seen.number, 3, {"identity"})
    assert first.shown.first < first.shown.last
    assert (second.reference, second.shown.times) == (unseen.number, 0)


def test_what_was_shown_without_a_reason_stands_out(world):
    """Somebody read a case that no fact opened to them: the worksheet says so instead of leaving it out."""
    audit.record(Action.READ, world.case, by=world.caseworker2)
    [row] = rows_of(world.caseworker2)
    assert (row.reference, row.organization, row.shown.times) == ("", world.agency.name, 1)
    assert row.why == ["only in the log: look into it"]


def test_two_reasons_are_one_row(world):
    case = world.case
    Assignment.objects.create(case=case, user=world.supervisor, subject_key_id=case.subject_key_id)
    access.grant(CaseGrant, world.supervisor, {WORK}, case)
    assert references(rows_of(world.supervisor)) == {
        case.number: ["worked on the case", "supervised the team of the case"]
    }


def asked_for(account) -> dict[str, str]:
    now = timezone.now()
    return {
        "account": str(account.pk),
        "since": (now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "until": (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
    }


def test_the_page_shows_numbers_and_the_file_has_all(world, login, auditor):
    login(world.caseworker).get(reverse("cases:case", args=[world.case.pk]))
    client = login(auditor)
    page = client.get(reverse("breach"), asked_for(world.caseworker)).content.decode()
    assert world.case.number in page
    assert world.case.person.surnames not in page
    answer = client.get(reverse("breach_file"), asked_for(world.caseworker))
    [_heading, row] = csv.reader(io.StringIO(answer.content.decode()))
    assert row[:2] == [world.case.number, world.agency.name]
    assert answer["Content-Disposition"].startswith("attachment")
    left = AccessEntry.objects.filter(object_label="victimcare.AccessEntry").order_by("at")
    assert [(one.action, one.rows, one.by) for one in left] == [("read", 1, auditor), ("export", 1, auditor)]


def test_an_auditor_reads_of_their_own_state_only(world, login, auditor_br):
    page = login(auditor_br).get(reverse("breach"), asked_for(world.caseworker))
    assert page.context["asked"] is False
    records.create(
        Membership(user=world.caseworker, organization=world.agency_br, role=Role.CASEWORKER), by=None
    )
    assert world.case
    page = login(auditor_br).get(reverse("breach"), asked_for(world.caseworker))
    assert page.context["rows"] == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(text):
    shown = worksheet.Shown()
    row = worksheet.Row(text, None, [text], {"identity"}, shown, organization=text)
    [_heading, cells] = csv.reader(io.StringIO(worksheet.as_csv([row]), newline=""))
    assert [cell[:1] for cell in cells[:3]] == ["'", "'", "'"]


def test_the_command_writes_the_worksheet(world, tmp_path, capsys):
    assert world.case
    now = timezone.now()
    span = ["--from", (now - timedelta(hours=2)).isoformat(), "--to", (now + timedelta(hours=1)).isoformat()]
    call_command("audit", "breach", "--user", "caseworker", *span, "--out", str(tmp_path / "sheet.csv"))
    assert world.case.number in (tmp_path / "sheet.csv").read_text()
    assert (tmp_path / "sheet.csv").stat().st_mode & 0o777 == 0o600
    call_command("audit", "breach", "--user", "caseworker", *span)
    assert world.case.number in capsys.readouterr().out
    assert AccessEntry.objects.filter(action=Action.EXPORT, by=None).count() == 2
