"""Consent: the access rule for everything that leaves the organisation."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import actions, consent_texts
from cases.actions.consents import AlreadyWithdrawn, ConsentTooLong, WrongRecipient
from cases.forms.consents import language_for
from cases.models import Consent
from tests import factories
from victimcare import records
from victimcare.forms import new_record_id

DAY = date(2026, 5, 10)


def data(world, **values):
    today = timezone.localdate()
    return {
        "record_id": new_record_id(),
        "recipient": world.shelter.pk,
        "purpose": "referral",
        "kinds": ["identity", "contact"],
        "valid_from": today.isoformat(),
        "valid_until": (today + timedelta(days=30)).isoformat(),
        "given_by": "self",
        "giver_name": "",
        "evidence": "written",
        "language": "es",
        "text_version": "1",
    } | values


def record(login, world, **values):
    address = reverse("cases:consent_add", args=[world.case.pk])
    return login(world.caseworker).post(address, data(world, **values), follow=True)


def unsaved(world, **values):
    today = timezone.localdate()
    defaults = {
        "recipient": world.shelter, "purpose": "referral", "kinds": ["identity"], "valid_from": today,
        "valid_until": today + timedelta(days=30), "given_by": "self", "evidence": "written",
        "language": "es", "text_version": "1",
    }  # fmt: skip
    return Consent(**(defaults | values))


def test_consent_is_recorded_as_it_was_given(world, login):
    page = record(login, world).content.decode()
    made = Consent.objects.get(case=world.case)
    assert (made.recipient, made.kinds, made.language, made.text_version) == (
        world.shelter, ["identity", "contact"], "es", "1",
    )  # fmt: skip
    assert made.in_force_on(timezone.localdate())
    assert "Consent to share with Shelter" in page


def test_form_proposes_the_states_default_and_ticks_nothing(world, login):
    assert world.shelter
    form = login(world.caseworker).get(reverse("cases:consent_add", args=[world.case.pk])).context["form"]
    today = timezone.localdate()
    assert form["valid_from"].value() == today
    assert form["valid_until"].value() == today + timedelta(days=world.state.consent_days)
    assert not form["kinds"].value()


def test_text_is_shown_in_the_persons_language_first_to_be_read_aloud(world, login):
    world.case.person.language = "pt"
    world.case.person.save()
    answer = login(world.caseworker).get(reverse("cases:consent_add", args=[world.case.pk]))
    assert answer.context["texts"][0].language == "pt"
    assert answer.context["form"]["language"].value() == "pt"
    page = answer.content.decode()
    for text in consent_texts.newest():
        assert f'<div lang="{text.language}">' in page


def test_every_language_has_the_whole_text():
    texts = consent_texts.newest()
    assert {text.language for text in texts} == {"en", "es", "pt", "fr"}
    assert len({len(text.paragraphs) for text in texts}) == 1
    assert consent_texts.find("2", "en") is None
    assert consent_texts.find("1", "qu") is None


def test_longest_consent_is_kept_and_a_day_more_is_refused(world, login):
    longest = timezone.localdate() + timedelta(days=world.state.consent_days_maximum)
    over = record(login, world, valid_until=(longest + timedelta(days=1)).isoformat()).content.decode()
    days, last = world.state.consent_days_maximum, date_format(longest, "DATE_FORMAT")
    assert f"A consent holds for at most {days} days here. Choose {last} or an earlier day." in over
    assert not Consent.objects.exists()
    record(login, world, valid_until=longest.isoformat())
    assert Consent.objects.get().valid_until == longest


def test_later_start_does_not_stretch_the_maximum(world):
    today = timezone.localdate()
    start = today + timedelta(days=20)
    until = start + timedelta(days=world.state.consent_days_maximum)
    with pytest.raises(ConsentTooLong):
        actions.record_consent(
            world.case, unsaved(world, valid_from=start, valid_until=until), by=world.caseworker
        )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kinds": []}, "required"),
        ({"given_by": "guardian"}, "Write the name of the person"),
        ({"valid_until": "2020-01-01"}, "cannot end before it begins"),
        ({"purpose": "curiosity"}, "Select a valid choice"),
        ({"language": "qu"}, "Select a valid choice"),
        ({"text_version": "99"}, "no text of the consent"),
        ({"record_id": "forged"}, "too old"),
    ],
)
def test_wrong_consent_is_refused_in_words(world, login, wrong, words):
    assert words in record(login, world, **wrong).content.decode()
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"given_by": "guardian"}, "giver_name"),
        ({"text_version": "99"}, "language"),
        ({"valid_until": "2999-01-01"}, "valid_until"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(world, login, wrong, field):
    assert list(record(login, world, **wrong).context["form"].errors) == [field]


def refusal(world, **values):
    with pytest.raises(ValidationError) as refused:
        actions.record_consent(world.case, unsaved(world, **values), by=world.caseworker)
    [(field, [error])] = refused.value.error_dict.items()
    return field, error.code


def test_a_refusal_names_its_field_and_its_code(world):
    assert refusal(world, recipient=world.body) == ("recipient", "wrong_recipient")
    assert refusal(world, valid_until=date(2999, 1, 1)) == ("valid_until", "consent_too_long")


def test_a_consent_that_somebody_else_gave_without_a_name_is_refused_by_the_action(world):
    assert refusal(world, given_by="guardian")[0] == "giver_name"
    actions.record_consent(
        world.case, unsaved(world, given_by="guardian", giver_name="Ana"), by=world.caseworker
    )
    actions.record_consent(world.case, unsaved(world, giver_name="Ana"), by=world.caseworker)
    assert Consent.objects.count() == 2


def form_of(login, world, **asked):
    address = reverse("cases:consent_add", args=[world.case.pk])
    return login(world.caseworker).get(address, asked).context["form"]


def test_form_begins_with_the_newest_text_given_by_the_person_for_a_referral(world, login):
    form = form_of(login, world, recipient=str(world.clinic.pk))
    assert {name: form[name].value() for name in ("purpose", "given_by", "text_version", "recipient")} == {
        "purpose": "referral", "given_by": "self", "text_version": consent_texts.NEWEST,
        "recipient": str(world.clinic.pk),
    }  # fmt: skip
    assert f"At most {world.state.consent_days_maximum} days." in str(form["valid_until"].help_text)


def test_a_person_whose_language_has_no_text_is_read_that_of_the_page(world, login):
    world.case.person.language = "qu"
    world.case.person.save()
    assert form_of(login, world)["language"].value() == "en"
    with translation.override("de"):
        assert language_for(world.case) == "en"


def test_form_offers_each_providers_name_and_member_state_by_name(world, login):
    made = [
        factories.organization("BR", name="Abrigo", is_provider=True),
        factories.organization("AR", name="Zonda", is_provider=True),
        factories.organization("AR", name="Centro", is_provider=True),
    ]
    gone = factories.organization(name="Gone", is_provider=True)
    records.retire(gone, by=world.admin)
    factories.organization(name="No provider")
    own = world.case.organization
    own.is_provider = True
    own.save()
    choices = list(form_of(login, world)["recipient"].field.choices)[1:]
    assert [str(label) for _value, label in choices] == [
        "Abrigo (Brazil)",
        "Centro (Argentina)",
        "Zonda (Argentina)",
    ]
    assert {value.value for value, _label in choices} == {one.pk for one in made}


def test_recipient_is_another_organisation_that_provides(world, login):
    for wrong in (world.agency, world.agency_br, world.body):
        with pytest.raises(WrongRecipient):
            actions.record_consent(world.case, unsaved(world, recipient=wrong), by=world.caseworker)
        assert "Select a valid choice" in record(login, world, recipient=wrong.pk).content.decode()


def test_guardian_is_named_and_the_name_is_encrypted(world, login):
    record(login, world, given_by="guardian", giver_name="Guardian Canary")
    made = Consent.objects.get()
    assert made.giver_name == "Guardian Canary"
    assert b"Canary" not in made.__dict__["giver_name"].blob
    assert [row.giver_name for row in made.history.all()] == ["Guardian Canary"]


def test_consent_sent_twice_is_one(world, login):
    signed = new_record_id()
    record(login, world, record_id=signed)
    assert "saved already" in record(login, world, record_id=signed).content.decode()
    assert Consent.objects.count() == 1


def test_withdrawal_ends_it_at_once_and_tells_who_listens(world, login):
    made = factories.consent(world.case, world.shelter)
    heard = []

    def listen(sender, consent, by, **kwargs):
        heard.append((consent.pk, by, consent.withdrawn_at))

    actions.consent_withdrawn.connect(listen)
    try:
        address = reverse("cases:consent_withdraw", args=[world.case.pk, made.pk])
        login(world.caseworker).post(address)
    finally:
        actions.consent_withdrawn.disconnect(listen)
    made.refresh_from_db()
    assert heard == [(made.pk, world.caseworker, made.withdrawn_at)]
    assert made.withdrawn_by == world.caseworker
    assert not made.in_force_on(timezone.localdate())


def test_withdrawn_twice_is_said_and_done_once(world, login):
    made = factories.consent(world.case, world.shelter)
    client = login(world.caseworker)
    address = reverse("cases:consent_withdraw", args=[world.case.pk, made.pk])
    client.post(address)
    revision = Consent.objects.get().revision
    assert "withdrawn already" in client.post(address, follow=True).content.decode()
    assert Consent.objects.get().revision == revision
    with pytest.raises(AlreadyWithdrawn) as refused:
        actions.withdraw_consent(made, by=world.caseworker)
    assert refused.value.code == "already_withdrawn"


def test_failure_of_who_listens_leaves_nothing_half_done(world):
    made = factories.consent(world.case, world.shelter)

    def fail(**kwargs):
        raise ValidationError("no")

    actions.consent_withdrawn.connect(fail)
    try:
        with pytest.raises(ValidationError):
            actions.withdraw_consent(made, by=world.caseworker)
    finally:
        actions.consent_withdrawn.disconnect(fail)
    assert Consent.objects.get().withdrawn_at is None


def test_consent_of_a_closed_case_is_withdrawn_too(world):
    made = factories.consent(world.case, world.shelter)
    actions.ask_closure(world.case, by=world.caseworker, reason="goals_reached")
    actions.approve_closure(world.case, by=world.supervisor)
    assert actions.withdraw_consent(made, by=world.caseworker).withdrawn_at


def test_somebody_without_the_role_neither_records_nor_withdraws(world):
    with pytest.raises(PermissionDenied):
        actions.record_consent(world.case, unsaved(world), by=world.provider)
    with pytest.raises(PermissionDenied):
        actions.withdraw_consent(factories.consent(world.case, world.shelter), by=world.provider)


def test_withdrawal_is_refused_without_the_second_wall_too(world, as_owner):
    made = factories.consent(world.case, world.shelter)
    with as_owner(), pytest.raises(PermissionDenied):
        actions.withdraw_consent(made, by=world.provider)
    assert Consent.objects.get().withdrawn_at is None


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"valid_from": DAY, "valid_until": DAY - timedelta(days=1)}, "consent_ends_after_it_begins"),
        ({"kinds": []}, "consent_to_something"),
        ({"withdrawn_at": timezone.now()}, "consent_withdrawn_by_somebody"),
    ],
)
def test_database_refuses_an_impossible_consent(world, values, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        factories.consent(world.case, world.shelter, **values)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(-5, 5),
    length=st.integers(0, 5),
    withdrawn=st.booleans(),
    retired=st.booleans(),
    to_shelter=st.booleans(),
    purpose=st.sampled_from(["referral", "transfer"]),
)
def test_python_and_sql_agree_on_what_a_consent_covers(
    world, start, length, withdrawn, retired, to_shelter, purpose
):
    recipient = world.shelter if to_shelter else world.clinic
    begins = DAY + timedelta(days=start)
    made = factories.consent(
        world.case, recipient, purpose=purpose, valid_from=begins, valid_until=begins + timedelta(days=length)
    )
    if withdrawn:
        made = records.change(
            made, by=world.caseworker, withdrawn_at=timezone.now(), withdrawn_by=world.caseworker
        )
    if retired:
        made = records.retire(made, by=world.caseworker)
    found = Consent.objects.filter(pk=made.pk)
    in_force = made.in_force_on(DAY)
    assert found.in_force_on(DAY).exists() is in_force
    covered = in_force and to_shelter and purpose == "referral"
    assert found.covering(world.shelter.pk, "referral", DAY).exists() is covered
