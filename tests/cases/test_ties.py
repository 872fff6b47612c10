"""A conflict of interest locks a case: it does not exist for who is tied, from the search results on."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import actions, notices, search, tokens
from cases.access import CaseGrant, allows, kinds_shown
from cases.actions.assignments import TiedToIt
from cases.actions.ties import LiftedAlready
from cases.clues import Clues
from cases.models import Assignment, Case, ContactPoint, EmergencyAccess, LegalHold, Note, Party, Person, Tie
from cases.ties import locked_cases
from cases.workers import case_to_open
from tests import factories
from tests.factories import World, member
from victimcare import acting
from victimcare.forms import new_record_id
from victimcare.models import Notification, Role, User

CLUES = Clues("Ines", "Pena", frozenset({1990}))
TYPED = {"given_names": "Ines", "surnames": "Pena", "birth": "1990"}


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    for name in ("caseworker", "caseworker2", "supervisor", "privacy", "other_team", "body"):
        getattr(world, name)


@pytest.fixture
def case(world: World) -> Case:
    """The caseworker's own, of somebody who can be searched for."""
    person = factories.person(world.agency, given_names="Inés", surnames="de la Peña", birth="1990")
    made = factories.case(world.team, world.caseworker, person=person)
    under = {"subject_key_id": made.subject_key_id}
    Party.objects.create(case=made, role="alleged_perpetrator", name="Bruno", details="Has a weapon", **under)
    Note.objects.create(case=made, text="What was done", **under)
    tokens.keep(person)
    return made


def again(user: User) -> User:
    """As the next request has them."""
    return User.objects.get(pk=user.pk)


def locked(case: Case, user: User, by: User, **values: Any) -> Tie:
    return actions.record_tie(case, user, by=again(by), **({"kind": "neighbour"} | values))


def rows_of(user: User, case: Case) -> int:
    """What the database gives of this case past the product, table by table."""
    found = 0
    with acting.as_user(again(user)), connection.cursor() as cursor:
        for table, column in TABLES.items():
            value = {"person_id": case.person_id, "subject_key_id": case.subject_key_id}.get(column, case.pk)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [value])
            found += cursor.fetchone()[0]
        for statement in ("my_cases()", "my_led()", "my_minimum()", f"locked_cases('{user.pk}')"):
            cursor.execute(f"SELECT %s = ANY (app.{statement}::uuid[])", [case.pk])
            found += bool(cursor.fetchone()[0])
        cards_of_mine = "SELECT count(*) FROM app.my_cards() WHERE position(uuid_send(%s) IN cards) > 0"
        cursor.execute(cards_of_mine, [case.person_id])
        found += cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM app.cases_held(%s)", [[case.person_id]])
        found += cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM app.cases_to_open(%s, %s)", [[case.pk], [case.number]])
        found += cursor.fetchone()[0]
    return found


TABLES = {
    "cases_case": "id",
    "cases_historicalcase": "id",
    "cases_person": "subject_key_id",
    "cases_note": "case_id",
    "cases_party": "case_id",
    "cases_enrolment": "case_id",
    "cases_assignment": "case_id",
    "cases_tie": "case_id",
    "cases_historicaltie": "case_id",
    "cases_emergencyaccess": "case_id",
}


# -- Declared, recorded, lifted ------------------------------------------------------------------------------


def test_who_is_tied_says_so_and_sees_it_no_more(world: World, login: Any, case: Case) -> None:
    client: Client = login(world.caseworker)
    address = reverse("cases:tie_declare", args=[case.pk])
    answer = client.post(address, {"kind": "friend", "words": "Her sister", "record_id": new_record_id()})
    assert answer["Location"] == "/cases/"
    assert client.get(reverse("cases:case", args=[case.pk])).status_code == 404
    assert case.number not in client.get("/cases/").content.decode()
    assert not Assignment.objects.filter(case=case, ended_at=None).exists()
    assert not CaseGrant.objects.filter(content_object=case).exists()
    told = Notification.objects.filter(kind=notices.TIED)
    assert [(one.recipient, one.reference) for one in told] == [(world.supervisor, case.number)]


def test_a_supervisor_records_it_of_a_colleague_who_is_told_nothing(
    world: World, login: Any, case: Case
) -> None:
    actions.assign(case, world.caseworker, by=world.supervisor)
    before = Notification.objects.filter(recipient=world.caseworker).count()
    filled = {"user": str(world.caseworker.pk), "kind": "party", "record_id": new_record_id()}
    client = login(world.supervisor)
    client.post(reverse("cases:tie_record", args=[case.pk]), filled)
    assert client.get(reverse("cases:case", args=[case.pk])).status_code == 200
    assert "User caseworker" in client.get(reverse("cases:ties", args=[case.pk])).content.decode()
    assert login(world.caseworker).get(reverse("cases:case", args=[case.pk])).status_code == 404
    assert Notification.objects.filter(recipient=world.caseworker).count() == before


def test_a_tied_supervisor_sees_the_rest_of_the_team_and_leads_it(
    world: World, login: Any, case: Case
) -> None:
    other = factories.case(world.team)
    second = member(Role.SUPERVISOR, world.agency, world.team, "second")
    locked(case, second, world.supervisor)
    page = login(second).get("/cases/").content.decode()
    assert other.number in page
    assert case.number not in page
    actions.assign(other, world.caseworker, by=again(second))
    actions.set_legal_hold(other, by=again(second), reason="investigation")
    assert LegalHold.objects.filter(case=other).exists()
    assert rows_of(second, case) == 0
    with pytest.raises(PermissionDenied):
        actions.assign(case, world.caseworker, by=again(second))


def test_a_tied_worker_is_not_given_the_case(world: World, case: Case) -> None:
    colleague = member(Role.CASEWORKER, world.agency, world.team)
    locked(case, colleague, world.supervisor)
    with pytest.raises(TiedToIt):
        actions.assign(case, again(colleague), by=again(world.supervisor))


def test_every_case_of_the_person_is_locked_also_a_later_one(world: World, case: Case) -> None:
    locked(case, world.caseworker2, world.supervisor)
    later = factories.case(world.other_team, world.caseworker2, person=case.person)
    assert later.pk in locked_cases(again(world.caseworker2))
    assert rows_of(world.caseworker2, later) == 0


def test_a_supervisor_who_is_not_tied_lifts_it_with_words(world: World, login: Any, case: Case) -> None:
    tie = locked(case, world.caseworker, world.supervisor)
    second = member(Role.SUPERVISOR, world.agency, world.team, "second")
    locked(case, second, world.supervisor)
    with pytest.raises(PermissionDenied):
        actions.lift_tie(tie, by=again(second), words="It is nothing")
    with pytest.raises(ValidationError):
        actions.lift_tie(tie, by=again(world.supervisor), words=" ")
    address = reverse("cases:tie_lift", args=[case.pk, tie.pk])
    login(world.supervisor).post(address, {"lift_words": "Another person of that name"})
    tie.refresh_from_db()
    assert (tie.lifted_by, tie.lift_words) == (world.supervisor, "Another person of that name")
    assert case.pk not in locked_cases(again(world.caseworker))
    with pytest.raises(LiftedAlready):
        actions.lift_tie(tie, by=again(world.supervisor), words="Again")
    history: Any = Tie.history
    assert history.filter(id=tie.pk).count() == 2


def test_what_was_lifted_opens_nothing_by_itself(world: World, case: Case) -> None:
    tie = locked(case, world.caseworker, world.supervisor)
    actions.lift_tie(tie, by=again(world.supervisor), words="An error")
    # As to any colleague: search hints at it, and an emergency would open it.
    assert rows_of(world.caseworker, case) == 2


@pytest.mark.parametrize(
    "who", ["caseworker", "caseworker2", "provider", "admin", "privacy", "caseworker_br"]
)
def test_only_a_supervisor_of_the_team_records_one_of_others(world: World, case: Case, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.record_tie(case, world.caseworker2, by=getattr(world, who), kind="friend")
    with pytest.raises(PermissionDenied):
        actions.record_place_tie(case, world.shelter, by=getattr(world, who), kind="staff")


def test_the_same_tie_twice_is_refused_in_words(world: World, case: Case) -> None:
    locked(case, world.caseworker2, world.supervisor)
    with pytest.raises(ValidationError):
        locked(case, world.caseworker2, world.supervisor)


@pytest.mark.parametrize(("kind", "of_place"), [("staff", False), ("friend", True), ("", False), ("x", True)])
def test_each_kind_is_of_a_user_or_of_a_place(world: World, case: Case, kind: str, of_place: bool) -> None:
    record, tied = (
        (actions.record_place_tie, world.shelter) if of_place else (actions.record_tie, world.caseworker2)
    )
    with pytest.raises(ValidationError):
        record(case, tied, by=world.supervisor, kind=kind)


@pytest.mark.parametrize("values", [{}, {"both": True}])
def test_the_database_wants_a_user_or_a_place(world: World, case: Case, values: Any) -> None:
    tied = {"user": world.caseworker2, "place": world.shelter} if values else {}
    with pytest.raises(IntegrityError, match="tie_of_a_user_or_a_place"), transaction.atomic():
        Tie.objects.create(case=case, subject_key_id=case.subject_key_id, kind="friend", **tied)


def test_nobody_lifts_their_own(world: World, case: Case) -> None:
    tie = locked(case, world.caseworker2, world.supervisor)
    tie.lifted_at, tie.lifted_by = tie.created_at, world.caseworker2
    with pytest.raises(IntegrityError, match="tie_lifted_by_another"), transaction.atomic():
        tie.save()


# -- Nothing of it reaches who is tied -----------------------------------------------------------------------

WAYS = ("nothing", "assigned", "supervises", "opened", "opened_whole", "assigned_before")


def _given(world: World, case: Case, way: str) -> User:
    """Somebody to whom the case would be open, each in another way."""
    role, team = (Role.SUPERVISOR, world.team) if way == "supervises" else (Role.CASEWORKER, world.other_team)
    if way.startswith("assigned"):
        team = world.team
    user = member(role, world.agency, team)
    if way.startswith("assigned"):
        actions.assign(case, user, by=again(world.supervisor))
    if way.startswith("opened"):
        emergency = actions.open_in_emergency(case, by=user, reason="life_in_danger", words="Now", minutes=30)
        if way == "opened_whole":
            actions.need_more(emergency, by=user, words="More")
    return user


WORDS_OF = ("number", "pk", "person_id")
PAGES = ("case", "emergency", "ties", "notes", "log", "assign")


def _reaches(user: User, case: Case, login: Any) -> list[str]:
    """By which of the product's doors anything of the case comes out to this user."""
    return [*_pages(login(user), case), *_questions(again(user), case)]


def _pages(client: Client, case: Case) -> list[str]:
    pages = {
        "list": client.get("/cases/"),
        "home": client.get("/"),
        "search": client.post("/cases/search/", TYPED),
        "among": client.post("/cases/", {"q": case.number}),
        "told": client.get("/notifications/"),
    }
    words = [*(str(getattr(case, name)) for name in WORDS_OF), "Peña", "A record may exist with"]
    # What was typed comes back in the field that it was typed into.
    typed = {"among": [case.number]}
    found = [
        name
        for name, page in pages.items()
        if any(word in page.content.decode() for word in words if word not in typed.get(name, []))
    ]
    addresses = [reverse(f"cases:{name}", args=[case.pk]) for name in PAGES]
    addresses.append(reverse("referrals:candidates", args=[case.pk]))
    return found + [address for address in addresses if client.get(address).status_code not in (403, 404)]


def _questions(user: User, case: Case) -> list[str]:
    models = (Case, Person, Note, Party, ContactPoint, Assignment, EmergencyAccess, Tie)
    of_person = {"subject_key_id": case.subject_key_id}
    asked: dict[str, Any] = {
        model.__name__: model.objects.visible_to(user).filter(**of_person).exists()  # type: ignore[attr-defined]  # of every record
        for model in models
    }
    asked["elsewhere"] = search.find(CLUES, by=user).elsewhere
    asked["own"] = search.own(case.number, by=user)
    asked["told"] = Notification.objects.visible_to(user).filter(reference=case.number).exists()
    asked["kinds"] = kinds_shown(user, case)
    with acting.as_user(user):
        asked["to open"] = case_to_open(user, pk=case.pk) or case_to_open(user, number=case.number)
    return [name for name, found in asked.items() if found]


@pytest.mark.slow
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=3),
    tied=st.sets(st.integers(0, 2)),
    lifted=st.sets(st.integers(0, 2)),
    kind=st.sampled_from(sorted(Tie.OF_USERS)),
)
def test_whoever_is_tied_gets_nothing_of_the_case(
    world: World, login: Any, ways: list[str], tied: set[int], lifted: set[int], kind: str
) -> None:
    with transaction.atomic():
        _ask_all(world, login, ways, tied, lifted, kind)
        transaction.set_rollback(True)


def _ask_all(world: World, login: Any, ways: list[str], tied: set[int], lifted: set[int], kind: str) -> None:
    person = factories.person(world.agency, given_names="Inés", surnames="de la Peña", birth="1990")
    case = factories.case(world.team, world.caseworker, person=person)
    tokens.keep(person)
    users = [_given(world, case, way) for way in ways]
    for number, user in enumerate(users):
        if number in tied:
            tie = locked(case, user, world.supervisor, kind=kind)
            if number in lifted:
                actions.lift_tie(tie, by=again(world.supervisor), words="An error")
    for number, user in enumerate(users):
        if number in tied - lifted:
            assert _reaches(user, case, login) == []
            assert rows_of(user, case) == 0
            assert not allows(again(user), "cases.work", case)
        elif ways[number] == "supervises" or (ways[number] != "nothing" and number not in tied):
            assert _reaches(user, case, login)
    assert _reaches(world.supervisor, case, login)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_in_is_closed_by_a_tie(world: World, login: Any, case: Case, way: str) -> None:
    user = _given(world, case, way)
    assert _reaches(user, case, login), "it was open before"
    locked(case, user, world.supervisor)
    assert _reaches(user, case, login) == []
    assert rows_of(user, case) == 0


@pytest.mark.parametrize("way", ["nothing", "supervises", "opened_whole"])
def test_the_application_alone_keeps_it_back(
    world: World, login: Any, case: Case, as_owner: Any, way: str
) -> None:
    user = _given(world, case, way)
    locked(case, user, world.supervisor)
    with as_owner():
        assert _reaches(user, case, login) == []


def test_who_is_tied_is_not_told_of_an_emergency(world: World, case: Case) -> None:
    second = member(Role.SUPERVISOR, world.agency, world.team, "second")
    for tied in (second, world.privacy):
        locked(case, tied, world.supervisor)
    actions.open_in_emergency(case, by=world.caseworker2, reason="life_in_danger", words="Now", minutes=30)
    told = Notification.objects.filter(kind=notices.EMERGENCY_OPENED)
    assert {one.recipient for one in told} == {world.caseworker, world.supervisor}


def test_the_log_of_a_team_tells_its_tied_supervisor_nothing_of_it(
    world: World, login: Any, case: Case
) -> None:
    second = member(Role.SUPERVISOR, world.agency, world.team, "second")
    login(world.caseworker).get(reverse("cases:case", args=[case.pk]))
    lines = "SELECT count(*) FROM victimcare_accessentry WHERE subject_key_id = %s"

    def read() -> int:
        with acting.as_user(again(second)), connection.cursor() as cursor:
            cursor.execute(lines, [case.subject_key_id])
            count: int = cursor.fetchone()[0]
        return count

    assert read() > 0
    locked(case, second, world.supervisor)
    assert read() == 0


def test_only_the_job_learns_what_is_locked(world: World, case: Case) -> None:
    locked(case, world.caseworker2, world.supervisor)
    assert locked_cases(again(world.caseworker2)) == {case.pk}
    with acting.as_user(again(world.caseworker2)), connection.cursor() as cursor:
        cursor.execute("SELECT app.locked_cases(%s)", [world.caseworker2.pk])
        assert cursor.fetchone()[0] == []
