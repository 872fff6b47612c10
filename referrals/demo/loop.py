"""Referrals in every state, so that each page has something to show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from cases import actions as case_actions
from cases.models import Case, Consent, Enrolment
from referrals import actions
from referrals.demo import stories
from referrals.demo.credentials import user
from referrals.models import Referral, ServiceAtLocation
from victimcare import records
from victimcare.models import Team, User

Step = Callable[[Referral], Referral]


def make_referrals() -> None:
    """From the caseworker's open cases to the shelter, one for each state; some elsewhere."""
    worker, provider = user("caseworker"), user("provider")
    shelter = _offer("ar-ceibos", "shelter")
    cases = _open_cases("caseworker", Enrolment.Kind.VICTIM)
    for steps in _every_state(_Verbs(worker, provider)):
        referral = _refer(next(cases), shelter, worker, "AR")
        for step in steps:
            referral = step(referral)
    _elsewhere()


@dataclass(frozen=True, slots=True)
class _Verbs:
    """The steps that most referrals took."""

    worker: User
    provider: User

    def send(self, one: Referral) -> Referral:
        return actions.send_referral(one, by=self.worker)

    def receive(self, one: Referral) -> Referral:
        return actions.receive(one, by=self.provider)

    def accept(self, one: Referral) -> Referral:
        return actions.accept_referral(one, by=self.provider)

    def start(self, one: Referral) -> Referral:
        return actions.start_referral(one, by=self.provider)

    def open_case(self, one: Referral) -> Referral:
        team = Team.objects.get(organization=one.receiver, name="Casa")
        actions.open_received_case(one, team=team, assign_to=user("caseworker_shelter"), by=self.provider)
        return one


def _every_state(do: _Verbs) -> list[list[Step]]:
    """What was done with each referral, in order; an empty list leaves a draft."""
    return [
        [],
        [do.send],
        [do.send, do.receive],
        [do.send, do.receive, lambda one: actions.waitlist_referral(one, by=do.provider)],
        [
            do.send,
            do.receive,
            lambda one: actions.decline_referral(one, reason="no_capacity", by=do.provider),
        ],
        [do.send, do.receive, do.accept],
        [do.send, do.receive, do.accept, do.open_case, do.start],
        [
            do.send,
            do.receive,
            do.accept,
            do.start,
            lambda one: actions.complete_referral(one, outcome="provided", by=do.provider),
        ],
        [
            do.send,
            do.accept,
            do.start,
            lambda one: actions.not_complete_referral(one, reason="did_not_attend", by=do.provider),
        ],
        [do.send, lambda one: actions.withdraw_referral(one, by=do.worker, reason="person_asked")],
        [do.send, _expire],
    ]


def _expire(referral: Referral) -> Referral:
    """Its time is over now; the others wait on."""
    over = records.change(referral, by=None, answer_until=timezone.now())
    actions.expire_due_referrals(timezone.now())
    return over


def _elsewhere() -> None:
    """A drug-dependence referral in Argentina, one in Brazil and one in the United States."""
    for state, worker, organization, kind, enrolment in (
        ("AR", "caseworker2", "ar-aurora", "drug_treatment_outpatient", Enrolment.Kind.DRUG_DEPENDENCE),
        ("BR", "caseworker_br", "br-araucaria", "shelter", Enrolment.Kind.VICTIM),
        ("US", "demo_worker_us", "us-harbor", "drug_treatment_outpatient", Enrolment.Kind.DRUG_DEPENDENCE),
    ):
        case = next(_open_cases(worker, enrolment))
        referral = _refer(case, _offer(organization, kind), user(worker), state)
        actions.send_referral(referral, by=user(worker))


def _open_cases(worker: str, kind: str) -> Iterator[Case]:
    """Of women: the shelters of the demonstration take nobody else."""
    cases = Case.objects.visible_to(user(worker)).filter(status=Case.Status.OPEN, enrolments__kind=kind)
    ordered = cases.select_related("person").order_by("-opened_on", "pk")
    return (case for case in ordered if case.person.gender != "man")


def _offer(organization: str, kind: str) -> ServiceAtLocation:
    return ServiceAtLocation.objects.get(service__organization__code=organization, service__kind=kind)


def _refer(case: Case, offer: ServiceAtLocation, worker: User, state: str) -> Referral:
    today = timezone.localdate()
    consent = Consent(
        case=case,
        subject_key_id=case.subject_key_id,
        given_by="self",
        evidence="written",
        language={"AR": "es", "BR": "pt", "US": "en"}[state],
        text_version="1",
        recipient=offer.service.organization,
        purpose="referral",
        kinds=["identity", "contact", "incident", "risk"],
        valid_from=today,
        valid_until=today + timedelta(days=30),
    )
    consent, _new = case_actions.record_consent(case, consent, by=worker)
    referral, _new = actions.draft_referral(
        case, offer=offer, consent=consent, by=worker, request=stories.REQUESTS[state], urgency="soon"
    )
    return referral
