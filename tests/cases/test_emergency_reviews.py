"""What was opened in an emergency is reviewed by somebody else, and stands out where it happens often."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, models, transaction
from django.utils import timezone

from cases import actions, frequency, notices
from cases.actions.emergencies import (
    EmergencyEnded,
    ReviewedAlready,
    ReviewedBySamePerson,
    StillRunning,
)
from cases.models import Case, EmergencyAccess, Incident, Note, Party, Tie
from cases.tasks import HOURS_TO_REVIEW
from tests import factories
from tests.cases.emergencies import WORDS, again, filled, locked, opened, over, page, said
from tests.factories import World, member
from victimcare import acting
from victimcare.models import AccessEntry, Notification, Role, User


@pytest.fixture(autouse=True)
def _made_before(world: World) -> None:
    for name in ("caseworker", "caseworker2", "supervisor", "privacy", "case"):
        getattr(world, name)


@pytest.fixture
def told(world: World) -> Case:
    return filled(world.case)


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


def test_who_reviews_it_may_read_it(world: World) -> None:
    """The list begins at the one rule, the page at the other."""
    over(world.case, world.caseworker2)
    gone = over(factories.case(world.team, world.caseworker), world.caseworker2).case
    row = models.QuerySet(Case).filter(pk=gone.pk)
    row.update(retired_at=timezone.now(), retired_by=world.supervisor)
    second = member(Role.SUPERVISOR, world.agency, world.team)
    names = ("caseworker", "caseworker2", "caseworker_br", "supervisor", "privacy", "admin", "provider")
    for user in (second, *(getattr(world, name) for name in names)):
        found = EmergencyAccess.objects.all()
        read = set(found.visible_to(again(user)).values_list("pk", flat=True))
        assert set(found.reviewed_by(again(user)).values_list("pk", flat=True)) <= read
    assert EmergencyAccess.objects.reviewed_by(again(second)).count() == 1
