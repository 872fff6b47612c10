"""A worker sees the incident and not the counselling notes: on pages, in the story, in actions, in logs."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from cases import actions, timeline
from cases.access import CaseGrant, kinds_shown, may_counsel
from cases.models import Assignment, Incident, Note, Party
from tests.cases.helpers import intake_data
from tests.factories import World, member
from tests.grants import COUNSEL, WORK, grants_of
from victimcare import access
from victimcare.forms import new_record_id
from victimcare.kinds import DataKind
from victimcare.models import AccessEntry, Role, User

CANARY = "Canary of counselling"
OTHERS = frozenset(DataKind) - {DataKind.COUNSELLING}


@pytest.fixture
def helper(world: World) -> User:
    """Works on the case, and does not counsel in it."""
    made = member(Role.CASEWORKER, world.agency, world.team, "helper")
    actions.assign(world.case, made, by=world.supervisor)
    return made


@pytest.fixture
def note(world: World) -> Note:
    actions.add_incident(world.case, Incident(narrative="Seen by all"), by=world.caseworker)
    return actions.add_note(world.case, Note(kind="counselling"), CANARY, by=world.caseworker)[0]


def pages(world: World, note: Note) -> list[str]:
    pk = world.case.pk
    return [
        reverse("cases:case", args=[pk]),
        reverse("cases:notes", args=[pk]),
        reverse("cases:note_add", args=[pk]),
        reverse("cases:note_correct", args=[pk, note.pk]),
        reverse("cases:closure_ask", args=[pk]),
    ]


def shown(client: Client, addresses: list[str]) -> str:
    return "".join(client.get(address).content.decode() for address in addresses)


def test_who_counsels_reads_them(world: World, note: Note, login: Any) -> None:
    assert kinds_shown(world.caseworker, world.case) == frozenset(DataKind)
    assert CANARY in shown(login(world.caseworker), pages(world, note))


@pytest.mark.parametrize("role", ["helper", "supervisor"])
def test_who_does_not_counsel_sees_the_rest(
    world: World, helper: User, note: Note, login: Any, role: str
) -> None:
    user = {"helper": helper, "supervisor": world.supervisor}[role]
    client = login(user)
    assert kinds_shown(user, world.case) == OTHERS
    page = shown(client, pages(world, note))
    assert "Seen by all" in page
    assert CANARY not in page
    assert "Note: counselling" not in page
    assert client.get(reverse("cases:note_correct", args=[world.case.pk, note.pk])).status_code == 404
    assert not any(entry.icon == "note" for entry in timeline.entries_for(world.case, user))


def test_the_closure_page_shows_the_supervisor_no_counselling(world: World, note: Note, login: Any) -> None:
    actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached", words="All is done")
    page = login(world.supervisor).get(reverse("cases:closure_approve", args=[world.case.pk]))
    assert "All is done" in page.content.decode()
    assert CANARY not in page.content.decode()


def test_who_does_not_counsel_writes_none(world: World, helper: User, note: Note, login: Any) -> None:
    client, address = login(helper), reverse("cases:note_add", args=[world.case.pk])
    page = client.get(address)
    assert [value for value, _label in page.context["form"].fields["kind"].choices] == ["contact", "work"]
    assert "Nothing from counselling here" in page.content.decode()
    data = {"record_id": new_record_id(), "kind": "counselling", "text": "Mine"}
    assert "Select a valid choice" in client.post(address, data).content.decode()
    correct = reverse("cases:note_correct", args=[world.case.pk, note.pk])
    assert client.post(correct, data).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.add_note(world.case, Note(kind="counselling"), "Mine", by=helper)
    with pytest.raises(PermissionDenied):
        actions.add_note(world.case, Note(), "Mine", by=helper, corrects=note)
    assert Note.objects.count() == 1


def test_the_supervisor_who_counsels_themselves_reads_them(world: World, note: Note, login: Any) -> None:
    actions.assign(world.case, world.supervisor, by=world.supervisor, counsels=True)
    client = login(world.supervisor)
    assert CANARY in shown(client, pages(world, note))
    assert "User supervisor may read and write counselling notes" in shown(client, pages(world, note))


def test_taken_back_they_close_at_once_and_the_story_tells_it(
    world: World, helper: User, note: Note, login: Any
) -> None:
    actions.assign(world.case, helper, by=world.supervisor, counsels=True)
    client = login(helper)
    assert CANARY in shown(client, pages(world, note))
    actions.assign(world.case, helper, by=world.supervisor)
    page = shown(client, pages(world, note))
    assert CANARY not in page
    assert "User helper may read and write counselling notes" in page
    assert "User helper does not read counselling notes any more" in page
    row = helper.assignments.get().history.first()
    assert (row.counsels, row.history_user) == (False, world.supervisor)


def test_the_page_gives_and_takes_counselling(world: World, helper: User, login: Any) -> None:
    client, page = login(world.supervisor), reverse("cases:assign", args=[world.case.pk])
    assert client.get(page).context["form"]["counsels"].value() is None  # unticked
    owner = {("caseworker", WORK), ("caseworker", COUNSEL), ("helper", WORK)}
    client.post(page, {"worker": str(helper.pk), "counsels": "on"})
    assert grants_of(world.case) == owner | {("helper", COUNSEL)}
    assert "Reads and writes counselling notes" in client.get(page).content.decode()
    client.post(page, {"worker": str(helper.pk)})
    assert grants_of(world.case) == owner


@pytest.mark.parametrize("counsels", [False, True])
def test_intake_by_a_supervisor_for_somebody_else(world: World, login: Any, counsels: bool) -> None:
    assert world.caseworker
    data = intake_data(world.team, worker=str(world.caseworker.pk)) | ({"counsels": "on"} if counsels else {})
    login(world.supervisor).post(reverse("cases:intake"), data)
    [assignment] = world.caseworker.assignments.all()
    assert assignment.counsels == counsels
    assert may_counsel(world.caseworker, assignment.case) == counsels


def test_a_caseworker_is_not_asked_at_intake(world: World, login: Any) -> None:
    assert "counsels" not in login(world.caseworker).get(reverse("cases:intake")).context["form"].fields


def test_counselling_alone_opens_no_case(world: World, note: Note) -> None:
    """A grant left over, of whatever fault, shows nothing of a case that is not theirs."""
    case = world.case
    Assignment.objects.create(
        case=case, user=world.caseworker2, counsels=True, subject_key_id=case.subject_key_id
    )
    access.grant(CaseGrant, world.caseworker2, {COUNSEL}, case)
    assert kinds_shown(world.caseworker2, world.case) == frozenset()
    assert not Note.objects.visible_to(world.caseworker2).exists()


@pytest.mark.parametrize("role", ["caseworker2", "provider", "officer", "admin", "caseworker_br"])
def test_to_whom_the_case_does_not_exist_no_kind_is_shown(world: World, role: str) -> None:
    assert kinds_shown(getattr(world, role), world.case) == frozenset()


@pytest.mark.parametrize("name", ["case", "notes"])
def test_the_log_tells_the_kinds_that_were_really_shown(
    world: World, helper: User, note: Note, login: Any, name: str
) -> None:
    kinds = {}
    for user in (helper, world.caseworker):
        login(user).get(reverse(f"cases:{name}", args=[world.case.pk]))
        shown = AccessEntry.objects.filter(action__in=["read", "list"], by=user)
        kinds[user.username] = {kind for entry in shown for kind in entry.kinds}
        assert kinds[user.username] <= kinds_shown(user, world.case)
    assert "counselling" not in kinds["helper"]
    assert kinds["caseworker"] == kinds["helper"] | {"counselling"}


def test_the_log_of_a_note_names_its_one_kind(world: World, note: Note) -> None:
    work, _new = actions.add_note(world.case, Note(), "Called", by=world.caseworker)
    written = {entry.object_id: entry.kinds for entry in AccessEntry.objects.filter(action="create")}
    assert (written[note.pk], written[work.pk]) == (["counselling"], ["incident"])


def test_what_is_stored_in_clear_is_told_by_the_log_too(world: World) -> None:
    made, _new = actions.add_party(world.case, Party(role="witness"), by=world.caseworker)
    entry = AccessEntry.objects.about(made).get(action="create")
    assert set(entry.kinds) == {"identity", "incident", "risk"}
