"""A colleague's case is opened in an emergency: the minimum first, everybody told, somebody else reviews
it.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import actions, frequency, notices, tokens
from cases.access import kinds_shown
from cases.actions.emergencies import (
    EmergencyEnded,
    ReviewedAlready,
    ReviewedBySamePerson,
    SeenAlready,
    StillRunning,
)
from cases.models import Case, ContactPoint, EmergencyAccess, Incident, Note, Party, Tie
from cases.tasks import HOURS_TO_REVIEW
from tests import factories
from tests.factories import World, member
from victimcare import acting, numbers
from victimcare.forms import new_record_id
from victimcare.kinds import DataKind
from victimcare.models import AccessEntry, Notification, Role, User

WORDS = "The neighbours called: shouting, and a child."
FIND = "/cases/emergency/"


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    for name in ("caseworker", "caseworker2", "supervisor", "privacy", "case"):
        getattr(world, name)


@pytest.fixture
def told(world: World) -> Case:
    """The case, with something of each kind."""
    case: Case = world.case
    under = {"subject_key_id": case.subject_key_id}
    ContactPoint.objects.create(
        organization=case.organization, person=case.person, contact_kind="mobile", value="11 2345 6789",
        safety="with_care", rules="After 16:00 only", **under,
    )  # fmt: skip
    Party.objects.create(case=case, role="alleged_perpetrator", name="Bruno", details="Has a weapon", **under)
    Incident.objects.create(case=case, narrative="What she told us", **under)
    Note.objects.create(case=case, text="What was done", **under)
    return case


def said(**values: Any) -> dict[str, Any]:
    return {
        "reason": "life_in_danger",
        "words": WORDS,
        "minutes": "30",
        "record_id": new_record_id(),
    } | values


def page(case: Case, name: str = "emergency") -> str:
    return reverse(f"cases:{name}", args=[case.pk])


def opened(case: Case, by: User, **values: Any) -> EmergencyAccess:
    given = {"reason": "life_in_danger", "words": WORDS, "minutes": 30} | values
    return actions.open_in_emergency(case, by=by, **given)


def over(case: Case, by: User) -> EmergencyAccess:
    return actions.end_emergency(opened(case, by), by=by)


def again(user: User) -> User:
    """As the next request has them."""
    return User.objects.get(pk=user.pk)


def test_the_number_opens_it_on_one_page_with_the_minimum_first(told: Case, world: World, login: Any) -> None:
    client: Client = login(world.caseworker2)
    assert client.get(FIND).status_code == 200
    answer = client.post(FIND, said(number=told.number.lower().replace("-", " ")), follow=True)
    assert answer.redirect_chain == [(page(told), 302)]
    shown = answer.content.decode()
    for words in (
        "Ximena",
        "11 2345 6789",
        "After 16:00 only",
        "Has a weapon",
        "Opened in an emergency, until",
    ):
        assert words in shown
    for words in ("What she told us", "What was done"):
        assert words not in shown
    assert kinds_shown(again(world.caseworker2), told) == {DataKind.IDENTITY, DataKind.CONTACT, DataKind.RISK}


@pytest.mark.parametrize(
    "name",
    ["case", "person_edit", "notes", "log", "ties", "incident_add", "party_add", "contact_add", "assign"],
)
def test_the_minimum_is_one_page_and_all_others_do_not_exist(
    told: Case, world: World, login: Any, name: str
) -> None:
    opened(told, world.caseworker2)
    assert login(world.caseworker2).get(page(told, name)).status_code == 404


def test_the_minimum_is_all_that_the_database_gives(told: Case, world: World) -> None:
    opened(told, world.caseworker2)
    with acting.as_user(again(world.caseworker2)):
        for model in (Case, Party, ContactPoint):
            assert model._base_manager.count() == 1
        for model in (Incident, Note):
            assert not model._base_manager.exists()


@pytest.mark.parametrize(
    "row",
    [
        "cases_contactpoint (id, person_id) VALUES (gen_random_uuid(), %(person)s)",
        "cases_historicalcontactpoint (id, person_id) VALUES (gen_random_uuid(), %(person)s)",
        "cases_historicalperson (id) VALUES (%(person)s)",
        "cases_case (id, person_id, organization_id) VALUES (gen_random_uuid(), %(person)s, %(place)s)",
    ],
    ids=["contact", "contact_history", "person_history", "case"],
)
def test_the_database_adds_nothing_to_whose_minimum_is_open(told: Case, world: World, row: str) -> None:
    """Policies are asked before anything else of a row."""
    tokens.keep(told.person)
    opened(told, world.caseworker2)
    values = {"person": told.person_id, "place": told.organization_id}
    with acting.as_user(again(world.caseworker2)), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(f"INSERT INTO {row}", values)
        for table in ("cases_persontokens", "cases_namecard"):
            cursor.execute(f"SELECT FROM {table} WHERE person_id = %(person)s", values)
            assert cursor.rowcount == 0
        assert ContactPoint._base_manager.count() == 1


@pytest.mark.parametrize("name", ["case", "notes", "ties", "incident_add"])
def test_the_application_alone_shows_no_more_either(
    told: Case, world: World, login: Any, as_owner: Any, name: str
) -> None:
    opened(told, world.caseworker2)
    with as_owner():
        assert login(world.caseworker2).get(page(told, name)).status_code == 404
        assert not Note.objects.visible_to(again(world.caseworker2)).exists()


def test_more_is_a_step_of_its_own_with_words(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    assert client.post(page(told, "emergency_more"), {"words": ""}).status_code == 200
    assert client.get(page(told, "case")).status_code == 404
    client.post(page(told, "emergency_more"), {"words": "The child is missing"})
    shown = client.get(page(told, "case")).content.decode()
    for words in ("What she told us", "What was done", "Opened in an emergency, until", "End now"):
        assert words in shown
    assert kinds_shown(again(world.caseworker2), told) == frozenset(DataKind) - {DataKind.COUNSELLING}
    [access] = EmergencyAccess.objects.all()
    assert (access.whole_by, access.whole_words) == (world.caseworker2, "The child is missing")


def test_it_ends_at_once_when_they_say_so(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    client.post(page(told, "emergency_more"), {"words": "More"})
    assert client.post(page(told, "emergency_end")).status_code == 302
    assert client.get(page(told, "case")).status_code == 404
    assert "Open the case now" in client.get(page(told)).content.decode()
    assert EmergencyAccess.objects.get().until <= timezone.now()


def test_more_comes_too_late_when_it_ended(told: Case, world: World, login: Any) -> None:
    access = opened(told, world.caseworker2)
    actions.end_emergency(access, by=world.caseworker2)
    with pytest.raises(EmergencyEnded):
        actions.need_more(access, by=world.caseworker2, words="More")
    answer = login(world.caseworker2).post(page(told, "emergency_more"), {"words": "More"}, follow=True)
    assert "This emergency access has ended." in answer.content.decode()
    actions.end_emergency(access, by=world.caseworker2)


@pytest.mark.parametrize("verb", ["need_more", "end_emergency"])
def test_nobody_goes_on_with_what_another_opened(told: Case, world: World, verb: str) -> None:
    access = opened(told, world.caseworker2)
    words = {"words": "More"} if verb == "need_more" else {}
    with pytest.raises(PermissionDenied):
        getattr(actions, verb)(access, by=world.supervisor, **words)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"words": "  "}, "words"), ({"minutes": 1441}, "minutes"), ({"reason": "curious"}, "reason")],
)
def test_it_asks_for_reason_words_and_an_offered_time(world: World, values: Any, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(world.case, world.caseworker2, **values)
    assert field in refused.value.message_dict


def test_opened_twice_is_opened_once(world: World, login: Any) -> None:
    client, filled = login(world.caseworker2), said()
    client.post(page(world.case), filled)
    client.post(page(world.case), filled)
    first = opened(world.case, world.caseworker2)
    assert opened(world.case, world.caseworker2, minutes=120) == first
    assert EmergencyAccess.objects.count() == 1


def test_all_who_answer_for_the_case_are_told_by_number_and_link(world: World) -> None:
    stranger = member(Role.SUPERVISOR, world.agency, world.other_team)
    access = opened(world.case, world.caseworker2)
    rows = Notification.objects.filter(kind="cases.emergency_opened")
    assert {one.recipient for one in rows} == {world.caseworker, world.supervisor, world.privacy}
    assert stranger not in {one.recipient for one in rows}
    for one in rows:
        assert (one.reference, one.link) == (world.case.number, f"/cases/emergencies/{access.pk}/")
        assert Notification.objects.visible_to(one.recipient).filter(pk=one.pk).exists()
    actions.need_more(access, by=world.caseworker2, words="More")
    assert Notification.objects.filter(kind="cases.emergency_widened").count() == 3


@pytest.mark.parametrize("who", ["provider", "admin", "privacy", "officer", "coordinator"])
def test_without_work_with_cases_there_is_no_door(world: World, login: Any, who: str) -> None:
    assert login(getattr(world, who)).get(FIND).status_code == 403
    assert login(getattr(world, who)).get(page(world.case)).status_code == 404
    with pytest.raises(PermissionDenied):
        opened(world.case, getattr(world, who))


def test_a_case_of_another_organisation_does_not_exist(world: World, login: Any) -> None:
    client = login(world.caseworker_br)
    assert client.get(page(world.case)).status_code == 404
    assert client.post(page(world.case), said()).status_code == 404
    assert (
        "There is no case with this number"
        in client.post(FIND, said(number=world.case.number)).content.decode()
    )
    with pytest.raises(PermissionDenied):
        opened(world.case, world.caseworker_br)


def test_a_locked_case_gives_the_same_answer_as_none(world: World, login: Any) -> None:
    locked(world.case, world.caseworker2, world.supervisor)
    client = login(world.caseworker2)
    assert client.get(page(world.case)).status_code == 404
    assert client.post(page(world.case), said()).status_code == 404
    for number in (world.case.number, numbers.new_number()):
        assert "There is no case with this number" in client.post(FIND, said(number=number)).content.decode()
    with pytest.raises(PermissionDenied):
        opened(world.case, again(world.caseworker2))


def locked(case: Case, user: User, by: User) -> Tie:
    return actions.record_tie(case, user, by=by, kind="neighbour")


def test_a_running_emergency_closes_with_a_tie(told: Case, world: World, login: Any) -> None:
    client = login(world.caseworker2)
    client.post(page(told), said())
    client.post(page(told, "emergency_more"), {"words": "More"})
    locked(told, world.caseworker2, world.supervisor)
    assert client.get(page(told)).status_code == 404
    assert client.get(page(told, "case")).status_code == 404


def test_who_sees_the_case_needs_no_emergency(world: World, login: Any) -> None:
    answer = login(world.caseworker).get(page(world.case))
    assert (answer.status_code, answer["Location"]) == (302, page(world.case, "case"))
    answer = login(world.supervisor).post(FIND, said(number=world.case.number))
    assert answer["Location"] == page(world.case, "case")
    for user in (world.caseworker, world.supervisor):
        with pytest.raises(SeenAlready):
            opened(world.case, again(user))
    assert not EmergencyAccess.objects.exists()


# -- The review ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supervisor", "privacy"])
def test_it_waits_until_another_closes_the_review(world: World, login: Any, who: str) -> None:
    access = over(world.case, world.caseworker2)
    client, review = login(getattr(world, who)), f"/cases/emergencies/{access.pk}/"
    assert "1 emergency access to review" in client.get("/").content.decode()
    assert world.case.number in client.get("/cases/emergencies/").content.decode()
    shown = client.get(review).content.decode()
    assert WORDS in shown
    assert "Ximena" not in shown
    assert client.post(review, {"outcome": "justified", "review_words": ""}).status_code == 200
    client.post(review, {"outcome": "justified", "review_words": "A child was there"})
    assert world.case.number not in client.get("/cases/emergencies/").content.decode()
    assert world.case.number in client.get("/cases/emergencies/?closed=1").content.decode()
    access.refresh_from_db()
    assert (access.outcome, access.reviewed_by) == ("justified", getattr(world, who))
    with pytest.raises(ReviewedAlready):
        actions.review_emergency(access, by=world.supervisor, outcome="justified", words="Again")


def test_the_reviewer_reads_what_it_showed(told: Case, world: World, login: Any) -> None:
    login(world.caseworker2).post(page(told), said(), follow=True)
    access = EmergencyAccess.objects.get()
    shown = login(world.privacy).get(f"/cases/emergencies/{access.pk}/").content.decode()
    assert "Read: case" in shown
    assert "identity, contact and safety, risk" in shown
    assert (
        "Read: case" not in login(world.caseworker).get(f"/cases/emergencies/{access.pk}/").content.decode()
    )


def test_the_data_protection_officer_reads_no_case(told: Case, world: World, login: Any) -> None:
    opened(told, world.caseworker2)
    client = login(world.privacy)
    assert client.get("/cases/").status_code == 403
    for name in ("case", "notes", "log"):
        assert client.get(page(told, name)).status_code == 404
    with acting.as_user(again(world.privacy)):
        for model in (Case, Party, Incident, Note):
            assert not model._base_manager.exists()


def test_who_opened_it_never_reviews_it(world: World) -> None:
    both = member(Role.SUPERVISOR, world.agency, world.other_team, "both")
    factories.Membership.objects.create(user=both, organization=world.agency, role=Role.PRIVACY)
    access = opened(world.case, both)
    with pytest.raises(ReviewedBySamePerson):
        actions.review_emergency(access, by=again(both), outcome="justified", words="I was right")
    assert not EmergencyAccess.objects.reviewed_by(again(both)).exists()
    access.reviewed_at, access.reviewed_by, access.outcome = timezone.now(), both, "justified"
    with pytest.raises(IntegrityError, match="emergency_reviewed_by_another"), transaction.atomic():
        access.save()


@pytest.mark.parametrize("who", ["caseworker", "caseworker_br", "admin", "other"])
def test_nobody_else_reviews_it(world: World, login: Any, who: str) -> None:
    access = opened(world.case, world.caseworker2)
    user = member(Role.SUPERVISOR, world.agency, world.other_team) if who == "other" else getattr(world, who)
    with pytest.raises(PermissionDenied):
        actions.review_emergency(access, by=user, outcome="justified", words="Fine")
    expected = 200 if who == "caseworker" else 404
    assert login(user).get(f"/cases/emergencies/{access.pk}/").status_code == expected


def test_who_is_tied_reviews_nothing_of_it(world: World, login: Any) -> None:
    access = opened(world.case, world.caseworker2)
    second = member(Role.SUPERVISOR, world.agency, world.team)
    for tied in (world.privacy, second):
        locked(world.case, tied, world.supervisor)
        assert login(tied).get(f"/cases/emergencies/{access.pk}/").status_code == 404
        with pytest.raises(PermissionDenied):
            actions.review_emergency(access, by=again(tied), outcome="justified", words="Fine")


def test_the_database_lets_nobody_widen_or_prolong_what_another_opened(world: World) -> None:
    access = opened(world.case, world.caseworker2)
    row = models_row(access)
    with acting.as_user(again(world.supervisor)), pytest.raises(IntegrityError), transaction.atomic():
        row.update(until=access.until - timedelta(minutes=1))
    with acting.as_user(again(world.caseworker2)), pytest.raises(IntegrityError), transaction.atomic():
        row.update(until=access.until + timedelta(minutes=1))
    with acting.as_user(again(world.caseworker)):
        assert row.update(outcome="x", reviewed_at=timezone.now(), reviewed_by=world.caseworker) == 0


def refused(access: EmergencyAccess, by: User, **values: Any) -> bool:
    """By the database, past the product."""
    with acting.as_user(again(by)):
        try:
            with transaction.atomic():
                return models_row(access).update(**values) == 0
        except (IntegrityError, ProgrammingError):
            return True


def test_the_database_changes_no_words_that_were_said(world: World) -> None:
    access = opened(world.case, world.caseworker2)
    other = opened(factories.case(world.team, world.caseworker), world.caseworker2)
    actions.need_more(access, by=world.caseworker2, words="More")
    words = EmergencyAccess.objects.get(pk=other.pk).__dict__["words"]
    for values in ({"words": words}, {"whole_words": words}):
        assert refused(access, world.caseworker2, **values)
    for who in (world.caseworker2, world.privacy):
        assert refused(access, who, retired_at=timezone.now(), retired_by=who)
    actions.end_emergency(access, by=world.caseworker2)
    actions.review_emergency(access, by=world.privacy, outcome="justified", words="A child was there")
    assert refused(access, world.privacy, review_words=words)
    assert refused(access, world.caseworker2, reviewed_at=None, reviewed_by=None, outcome="")


@pytest.mark.parametrize("who", ["supervisor", "privacy"])
def test_what_still_runs_is_not_reviewed(world: World, login: Any, who: str) -> None:
    access, reviewer = opened(world.case, world.caseworker2), getattr(world, who)
    review = f"/cases/emergencies/{access.pk}/"
    with pytest.raises(StillRunning):
        actions.review_emergency(access, by=reviewer, outcome="justified", words="Fine")
    given = {"reviewed_at": timezone.now(), "reviewed_by": reviewer, "outcome": "justified"}
    assert refused(access, reviewer, **given)
    client = login(reviewer)
    for page_of in (
        client.get(review),
        client.post(review, {"outcome": "justified", "review_words": "Fine"}),
    ):
        shown = page_of.content.decode()
        assert "This emergency access still runs." in shown
        assert "review_words" not in shown
    actions.end_emergency(access, by=world.caseworker2)
    assert "review_words" in client.get(review).content.decode()


def test_after_the_review_it_is_over_and_says_so(world: World, login: Any) -> None:
    access = over(world.case, world.caseworker2)
    actions.review_emergency(access, by=world.privacy, outcome="justified", words="Fine")
    assert actions.end_emergency(access, by=world.caseworker2).reviewed_at
    with pytest.raises(EmergencyEnded):
        actions.need_more(access, by=world.caseworker2, words="More")
    for name in ("emergency_end", "emergency_more"):
        answer = login(world.caseworker2).post(page(world.case, name), {"words": "More"}, follow=True)
        assert "This emergency access has ended." in answer.content.decode()


def test_of_who_was_erased_the_outcome_alone_is_stored(world: World, login: Any) -> None:
    access, client = over(world.case, world.caseworker2), login(world.privacy)
    asked = actions.ask_erasure(world.case, by=world.caseworker, reason="person_asked")
    actions.approve_erasure(asked, by=world.supervisor)
    review = f"/cases/emergencies/{access.pk}/"
    shown = client.get(review).content.decode()
    assert "the outcome alone is stored" in shown
    assert "review_words" not in shown
    client.post(review, {"outcome": "justified"})
    access = EmergencyAccess.objects.get(pk=access.pk)
    assert (access.outcome, access.reviewed_by) == ("justified", world.privacy)
    assert access.__dict__["review_words"] is None
    assert "erased with the person" in client.get(review).content.decode()


def test_who_is_tied_reads_no_history_of_their_own_emergency(world: World) -> None:
    opened(world.case, world.caseworker2)
    history: Any = EmergencyAccess.history
    with acting.as_user(again(world.caseworker2)):
        assert history.count() == 1
    locked(world.case, world.caseworker2, world.supervisor)
    with acting.as_user(again(world.caseworker2)):
        assert history.count() == 0


def models_row(access: EmergencyAccess) -> Any:
    return models.QuerySet(EmergencyAccess).filter(pk=access.pk)


def unreviewed(hours: int) -> dict[str, set[str]]:
    """Who is told that something waits, as the job does it so many hours later: kind -> users."""
    with acting.as_user(None):
        notices.emergencies_unreviewed(timezone.now() + timedelta(hours=hours) - HOURS_TO_REVIEW)
    found = Notification.objects.filter(
        kind__in=[notices.EMERGENCY_UNREVIEWED, notices.EMERGENCY_WITHOUT_REVIEWER]
    )
    told: dict[str, set[str]] = {}
    for kind, name in found.values_list("kind", "recipient__username"):
        told.setdefault(kind, set()).add(name)
    return told


def test_who_reviews_is_told_after_a_day_that_it_waits(world: World) -> None:
    access = over(world.case, world.caseworker2)
    assert unreviewed(23) == {}
    assert unreviewed(25) == {notices.EMERGENCY_UNREVIEWED: {"supervisor", "privacy"}}
    count = Notification.objects.count()
    unreviewed(25)
    assert Notification.objects.count() == count
    Notification.objects.all().delete()
    actions.review_emergency(access, by=world.privacy, outcome="justified", words="Fine")
    assert unreviewed(25) == {}


def test_where_the_team_has_no_other_reviewer_the_organisation_is_told_without_a_number(world: World) -> None:
    elsewhere = member(Role.SUPERVISOR, world.agency, world.other_team, "elsewhere")
    over(world.case, world.caseworker2)
    key = world.case.subject_key_id
    Tie.objects.create(case=world.case, subject_key_id=key, user=world.supervisor, kind="neighbour")
    assert unreviewed(25) == {
        notices.EMERGENCY_UNREVIEWED: {"privacy"},
        notices.EMERGENCY_WITHOUT_REVIEWER: {"elsewhere"},
    }
    told = Notification.objects.get(recipient=elsewhere, kind=notices.EMERGENCY_WITHOUT_REVIEWER)
    assert (told.reference, told.link) == ("", "/cases/emergencies/")


# -- How often -----------------------------------------------------------------------------------------------


def test_more_than_three_in_a_day_are_told_and_marked(world: World, login: Any) -> None:
    for number in range(1, 5):
        opened(factories.case(world.team, world.caseworker), world.caseworker2)
        told = Notification.objects.filter(kind="cases.emergencies_stand_out")
        assert {one.recipient for one in told} == (
            {world.supervisor, world.privacy} if number == 4 else set()
        )
    assert "strikingly often" in login(world.privacy).get("/cases/emergencies/").content.decode()


@pytest.mark.parametrize(
    ("counted", "stands_out"),
    [
        ((3, 3, 0, 4), False),
        ((4, 4, 100, 4), True),
        ((0, 4, 0, 4), False),
        ((0, 5, 0, 4), True),
        ((0, 5, 10, 4), False),
        ((1, 6, 12, 4), False),
        ((1, 7, 12, 4), True),
        ((0, 5, 0, 0), True),
    ],
)
def test_the_rule_of_frequency(counted: Any, stands_out: bool) -> None:
    assert frequency.Counted(*counted).stands_out is stands_out


def test_numbers_of_another_organisation_are_none(world: World) -> None:
    opened(world.case, world.caseworker2)
    with acting.as_user(world.caseworker_br):
        assert frequency.counted(world.caseworker2.pk, world.agency.pk).last_day == 0


@pytest.mark.parametrize(
    ("who", "count"), [("caseworker2", 1), ("caseworker", 0), ("supervisor", 1), ("privacy", 1)]
)
def test_numbers_of_colleagues_are_for_who_reviews(world: World, who: str, count: int) -> None:
    opened(world.case, world.caseworker2)
    with acting.as_user(getattr(world, who)):
        assert frequency.counted(world.caseworker2.pk, world.agency.pk).last_day == count


def test_each_step_is_in_the_log_and_in_the_history(world: World, login: Any) -> None:
    access = opened(world.case, world.caseworker2)
    actions.need_more(access, by=world.caseworker2, words="More")
    actions.end_emergency(access, by=world.caseworker2)
    actions.review_emergency(access, by=world.privacy, outcome="to_follow_up", words="Ask why")
    lines = AccessEntry.objects.filter(object_id=access.pk).order_by("at").values_list("action", "by")
    assert list(lines) == [
        ("create", world.caseworker2.pk), ("change", world.caseworker2.pk), ("change", world.caseworker2.pk),
        ("change", world.privacy.pk),
    ]  # fmt: skip
    history: Any = EmergencyAccess.history
    assert [one.history_user for one in history.order_by("history_date")] == [
        world.caseworker2, world.caseworker2, world.caseworker2, world.privacy
    ]  # fmt: skip
