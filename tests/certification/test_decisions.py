"""From draft to decision: who decides is never who reviewed, nor the applicant."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from certification import actions
from certification.actions.decisions import NotFromThatDay, OwnApplication, ReviewedByYou, last_day
from certification.models import Accreditation, Application, Practitioner
from tests import factories
from tests.certification.builders import approved, institutional_draft, personal_draft, reviewed, scheme
from victimcare.models import Membership, Role, Step
from victimcare.workflow import IllegalTransition


def test_accreditation_is_issued_with_the_decision_for_the_months_of_its_kind(world):
    first = timezone.localdate() + timedelta(days=31)
    decided = approved(institutional_draft(world), world, valid_from=first)
    issued = decided.accreditation
    assert (issued.valid_from, issued.valid_until) == (first, last_day(first, 24))
    assert (issued.institution, issued.organization, issued.status) == (world.shelter, world.body, "issued")
    assert (decided.decided_by, decided.reviewed_by) == (world.officer, world.examiner)


def test_certificate_names_the_version_of_the_scheme(world):
    decided = approved(personal_draft(world), world)
    assert decided.certificate.scheme_version == decided.scheme_version
    assert decided.certificate.practitioner.user == world.practitioner


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 3, 15), 36, date(2029, 3, 14)),
        (date(2024, 2, 29), 12, date(2025, 2, 27)),
        (date(2026, 12, 31), 2, date(2027, 2, 27)),
    ],
)
def test_last_day_is_the_day_before_the_same_day(first, months, last):
    assert last_day(first, months) == last


def test_refusal_issues_nothing_and_needs_a_reason(world):
    application = reviewed(institutional_draft(world), world)
    with pytest.raises(ValidationError, match="Say why"):
        actions.decide(application, by=world.officer, decision="refused")
    decided = actions.decide(application, by=world.officer, decision="refused", reason="evidence_missing")
    assert (decided.status, decided.decision, decided.reason) == ("decided", "refused", "evidence_missing")
    assert not Accreditation.objects.exists()


def test_decision_taken_twice_issues_one_accreditation(world):
    application = reviewed(institutional_draft(world), world)
    actions.decide(application, by=world.officer, decision="approved")
    with pytest.raises(IllegalTransition):
        actions.decide(application, by=world.officer, decision="approved")
    assert Accreditation.objects.count() == 1
    assert Step.objects.about(application).filter(verb="decide").count() == 1


def test_who_reviewed_does_not_decide(world):
    sent = actions.submit_application(institutional_draft(world), by=world.provider)
    begun = actions.start_review(sent, by=world.officer)
    done = actions.finish_review(begun, by=world.officer, recommendation="approved")
    with pytest.raises(ReviewedByYou):
        actions.decide(done, by=world.officer, decision="approved")
    assert actions.decide(done, by=world.officer2, decision="approved").decided_by == world.officer2


def test_who_began_the_review_does_not_decide_either(world):
    sent = actions.submit_application(institutional_draft(world), by=world.provider)
    begun = actions.start_review(sent, by=world.officer)
    done = actions.finish_review(begun, by=world.examiner, recommendation="approved")
    with pytest.raises(ReviewedByYou):
        actions.decide(done, by=world.officer, decision="approved")


@pytest.mark.parametrize("other", ["reviewed_by", "review_started_by", "submitted_by"])
def test_database_refuses_a_decision_by_who_took_part(world, other):
    application = reviewed(institutional_draft(world), world)
    table, who = Application._meta.db_table, getattr(application, f"{other}_id")
    statement = (
        f"UPDATE {table} SET status = 'decided', decision = 'approved', "
        "decided_at = now(), decided_by_id = %s WHERE id = %s"
    )
    with (
        pytest.raises(IntegrityError, match="decided_by"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [who, application.pk])


def test_examiner_cannot_decide(world):
    sent = actions.submit_application(institutional_draft(world), by=world.provider)
    begun = actions.start_review(sent, by=world.officer)
    done = actions.finish_review(begun, by=world.officer, recommendation="approved")
    with pytest.raises(PermissionDenied):
        actions.decide(done, by=world.examiner, decision="approved")


def test_member_of_the_applying_institution_neither_reviews_nor_decides(world):
    application = reviewed(institutional_draft(world), world)
    insider = factories.member(Role.OFFICER, world.body)
    Membership.objects.create(user=insider, organization=world.shelter, role=Role.PROVIDER)
    with pytest.raises(OwnApplication):
        actions.decide(application, by=insider, decision="approved")
    sent = actions.submit_application(institutional_draft(world), by=world.provider)
    with pytest.raises(OwnApplication):
        actions.start_review(sent, by=insider)


def test_practitioner_who_is_an_officer_does_not_decide_on_themselves(world):
    Membership.objects.create(user=world.practitioner, organization=world.body, role=Role.OFFICER)
    application = reviewed(personal_draft(world), world)
    with pytest.raises(OwnApplication):
        actions.decide(application, by=world.practitioner, decision="approved")


def test_officer_of_another_body_does_nothing_here(world):
    stranger = factories.member(Role.OFFICER, factories.organization(is_certifying_body=True))
    application = reviewed(institutional_draft(world), world)
    assert application not in Application.objects.visible_to(stranger)
    with pytest.raises(PermissionDenied):
        actions.decide(application, by=stranger, decision="approved")


@pytest.mark.parametrize("days", [-1, 366, None])
def test_nothing_is_issued_from_a_past_day_or_one_far_ahead(world, days):
    application = reviewed(institutional_draft(world), world)
    day = date.max if days is None else timezone.localdate() + timedelta(days=days)
    with pytest.raises(NotFromThatDay) as refused:
        actions.decide(application, by=world.officer, decision="approved", valid_from=day)
    assert list(refused.value.message_dict) == ["valid_from"]
    application.refresh_from_db()
    assert application.status == Application.Status.REVIEWED


@pytest.mark.parametrize("days", [0, 365])
def test_first_and_last_day_from_which_it_can_be_issued(world, days):
    day = timezone.localdate() + timedelta(days=days)
    assert approved(institutional_draft(world), world, valid_from=day).accreditation.valid_from == day


def test_draft_is_the_applicants_alone(world):
    draft = institutional_draft(world)
    assert draft in Application.objects.visible_to(world.provider)
    assert draft not in Application.objects.visible_to(world.officer)
    sent = actions.submit_application(draft, by=world.provider)
    assert sent in Application.objects.visible_to(world.officer)
    assert sent not in Application.objects.visible_to(world.provider2)


def test_practitioner_sees_their_own_applications_only(world):
    sent = actions.submit_application(personal_draft(world), by=world.practitioner)
    colleague = factories.member(Role.PRACTITIONER, world.shelter)
    assert sent in Application.objects.visible_to(world.practitioner)
    for other in (colleague, world.provider, world.caseworker, world.coordinator, world.admin):
        assert sent not in Application.objects.visible_to(other)


def test_nobody_applies_in_anothers_name(world):
    draft = personal_draft(world)
    colleague = factories.member(Role.PRACTITIONER, world.shelter)
    with pytest.raises(PermissionDenied):
        actions.apply_for_certificate(draft.practitioner, draft.scheme_version, by=colleague)
    with pytest.raises(PermissionDenied):
        actions.submit_application(draft, by=colleague)
    with pytest.raises(PermissionDenied):
        actions.apply_for_accreditation(
            world.shelter, factories.accreditation_kind(world.body), by=world.provider2
        )


def test_one_applies_under_a_version_in_force_only(world):
    over = timezone.localdate() - timedelta(days=1)
    old = scheme(world.body, "old", valid_until=over)
    file = actions.open_file(world.body, by=world.practitioner, legal_name="Invented")
    with pytest.raises(ValidationError, match="cannot apply"):
        actions.apply_for_certificate(file, old, by=world.practitioner)


def test_place_of_another_institution_is_refused(world):
    elsewhere = factories.location(world.clinic)
    with pytest.raises(ValidationError, match="place of this institution"):
        institutional_draft(world, location=elsewhere)


def test_draft_is_changed_by_its_applicant_until_it_is_sent(world):
    draft = institutional_draft(world)
    changed = actions.change_application(
        draft, by=world.provider, revision=draft.revision, statement="More", evidence={"beds": 12}
    )
    assert (changed.statement, changed.evidence) == ("More", {"beds": 12})
    actions.submit_application(changed, by=world.provider)
    with pytest.raises(IllegalTransition):
        actions.change_application(changed, by=world.provider, revision=3, statement="", evidence={})


def test_file_is_opened_once_and_kept_up_to_date(world):
    first = actions.open_file(
        world.body, by=world.practitioner, legal_name="Yolanda Invented", identity_number="99.111.222"
    )
    again = actions.open_file(world.body, by=world.practitioner, legal_name="Yolanda Invented Second")
    assert first.pk == again.pk
    assert (again.legal_name, again.identity_number) == ("Yolanda Invented Second", "99.111.222")


def test_practitioners_words_are_ciphertext_in_table_and_history(world):
    decided = approved(
        personal_draft(world, statement="I worked in Quilmes", evidence={"experience_hours": 1777}), world
    )
    written = ("Yolanda Invented", "99.111.222", "I worked in Quilmes", "experience_hours", "All was seen.")
    for model in (Practitioner, Practitioner.history.model, Application, Application.history.model):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(held)::text FROM {model._meta.db_table} held")
            rows = " ".join(text for (text,) in cursor.fetchall())
        assert rows
        for words in written:
            assert words not in rows
            assert words.encode().hex() not in rows
    stored = Application.objects.get(pk=decided.pk)
    assert (stored.statement, stored.findings) == ("I worked in Quilmes", "All was seen.")
    assert (stored.legal_name, stored.identity_number) == ("Yolanda Invented", "99.111.222")


def test_who_applies_is_sealed_when_the_application_is_sent(world):
    draft = personal_draft(world)
    actions.open_file(world.body, by=world.practitioner, legal_name="Yolanda Second", birth="1990-04")
    sent = actions.submit_application(draft, by=world.practitioner)
    actions.open_file(world.body, by=world.practitioner, legal_name="Yolanda Third", identity_number="1")
    sent.refresh_from_db()
    assert (sent.identity.legal_name, sent.identity.identity_number) == ("Yolanda Second", "99.111.222")
    assert sent.identity.birth.text == "1990-04"


def test_draft_is_in_the_name_that_the_file_has_now(world):
    draft = personal_draft(world)
    actions.open_file(world.body, by=world.practitioner, legal_name="Yolanda Second")
    assert Application.objects.get(pk=draft.pk).identity.legal_name == "Yolanda Second"


def test_database_refuses_an_application_that_was_sent_without_a_name(world):
    draft = personal_draft(world)
    with (
        pytest.raises(IntegrityError, match="application_sent_with_a_name"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE certification_application SET status = 'submitted' WHERE id = %s", [draft.pk])
