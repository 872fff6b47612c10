"""Two hundred cases of invented people, in every state that a case can be in."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from django.db import connection
from django.utils import timezone

from cases import actions
from cases.models import Case, ContactPoint, Document, Enrolment, Incident, Note, Party, Person, SubstanceUse
from referrals.demo import stories
from referrals.demo.credentials import user
from referrals.demo.people import invented_name
from victimcare import acting, scope
from victimcare.files.admission import Admitted, admit
from victimcare.files.spool import Spool
from victimcare.models import Team, User


@dataclass(frozen=True, slots=True)
class Load:
    """How many cases a worker of a team has; who supervises it."""

    state: str
    organization: str
    team: str
    worker: str
    supervisor: str
    cases: int


LOADS = (
    Load("AR", "ar-cav", "Norte", "caseworker", "supervisor", 28),
    Load("AR", "ar-cav", "Norte", "demo_worker_ar", "supervisor", 32),
    Load("AR", "ar-cav", "Sur", "caseworker2", "demo_supervisor_ar_sur", 40),
    Load("BR", "br-ipe", "Central", "caseworker_br", "demo_supervisor_br", 50),
    Load("US", "us-river", "Valley", "demo_worker_us", "demo_supervisor_us", 50),
)
REGIONS = {"AR": ("AR-X", "AR-B", "AR-C"), "BR": ("BR-SP", "BR-RJ"), "US": ("US-MD", "US-VA")}
LANGUAGES = {"AR": "es", "BR": "pt", "US": "en"}


def make_cases(dice: Random) -> None:
    for load in LOADS:
        for index in range(load.cases):
            case = make_case(load, index, dice)
            _move_on(case, index, user(load.worker), user(load.supervisor))
    # Before the scope of an erasure, which lasts until the end of this transaction.
    _open_in_emergencies()
    _lock_some()
    _erase_some()


def _erase_some() -> None:
    """One person was erased, one is to be, one is kept by law: of a colleague in the supervisor's team."""
    worker, supervisor = user("demo_worker_ar"), user("supervisor")
    with acting.as_user(supervisor):
        theirs = Case.objects.visible_to(supervisor).worked_by(worker.pk).filter(status=Case.Status.OPEN)
        erased, waiting, kept = theirs.order_by("number")[:3]
    asked = actions.ask_erasure(erased, by=worker, reason="person_asked")
    actions.ask_erasure(waiting, by=worker, reason="retention_ended")
    # The database asks who approves; the owner, who fills it, is nobody to it.
    with acting.as_user(supervisor), connection.execute_wrapper(scope.scoped):
        actions.approve_erasure(asked, by=supervisor)
        actions.set_legal_hold(kept, by=supervisor, reason="court_order")


def _open_in_emergencies() -> None:
    """A colleague of another team opened two cases in the night; one of these was reviewed."""
    colleague, officer = user("caseworker2"), user("privacy")
    words = ("The person is at the door.", "Called from a hospital, nobody answered.")
    for case, said in zip(_open_of("caseworker", 2), words, strict=True):
        opened = actions.open_in_emergency(
            case, by=colleague, reason="person_is_here", words=said, minutes=30
        )
        actions.end_emergency(opened, by=colleague)
    actions.review_emergency(opened, by=officer, outcome="justified", words="The hospital confirms it.")


def _lock_some() -> None:
    """Somebody of another team is a neighbour."""
    supervisor = user("supervisor")
    [case] = _open_of("caseworker", 1)
    actions.record_tie(case, user("demo_supervisor_ar_sur"), by=supervisor, kind="neighbour")


def _open_of(worker: str, count: int) -> list[Case]:
    supervisor = user("supervisor")
    with acting.as_user(supervisor):
        theirs = Case.objects.visible_to(supervisor).worked_by(user(worker).pk)
        return list(theirs.filter(status=Case.Status.OPEN).order_by("opened_on", "number")[:count])


def make_case(load: Load, index: int, dice: Random) -> Case:
    """One case with what an ordinary first month of work writes down."""
    worker = user(load.worker)
    kinds = _kinds(index)
    today = timezone.localdate()
    case = Case(
        team=Team.objects.get(organization__code=load.organization, name=load.team),
        opened_on=today - timedelta(days=dice.randint(0, 240)),
        urgency=("routine", "routine", "soon", "emergency")[index % 4],
    )
    person = _person(load.state, index, dice)
    contacts = _contacts(load.state, dice)
    case, _new = actions.open_case(
        person=person, case=case, enrolments=kinds, assign_to=worker, by=worker, contacts=contacts
    )
    _write_down(case, load.state, kinds, worker, dice)
    return case


def _kinds(index: int) -> list[str]:
    if index % 5 == 3:
        return [Enrolment.Kind.DRUG_DEPENDENCE]
    return (
        [Enrolment.Kind.VICTIM, Enrolment.Kind.DRUG_DEPENDENCE] if index % 5 == 4 else [Enrolment.Kind.VICTIM]
    )


def _person(state: str, index: int, dice: Random) -> Person:
    gender = "man" if index % 7 == 6 else dice.choice(["woman", "woman", "woman", "trans_woman"])
    given, surnames = invented_name(state, gender, dice)
    born = f"{dice.randint(1955, 2006)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    return Person(
        given_names=given,
        surnames=surnames,
        birth=dice.choice([born, born, born[:4], f"{born[:4]}~"]),
        gender=gender,
        region=dice.choice(REGIONS[state]),
        language=LANGUAGES[state],
    )


def _contacts(state: str, dice: Random) -> list[ContactPoint]:
    safe = dice.random() < 0.5
    mobile = ContactPoint(
        contact_kind="mobile",
        value=stories.MOBILES[state].format(dice.randint(0, 9999)),
        safety=ContactPoint.Safety.SAFE if safe else ContactPoint.Safety.WITH_CARE,
        may_leave_message=safe,
        rules="" if safe else stories.RULES[state],
    )
    home = ContactPoint(
        contact_kind="address",
        value=stories.STREETS[state].format(dice.randint(10, 990)),
        safety=ContactPoint.Safety.UNSAFE,
    )
    return [mobile, home] if dice.random() < 0.5 else [mobile]


def _write_down(case: Case, state: str, kinds: list[str], worker: User, dice: Random) -> None:
    key = {"case": case, "subject_key_id": case.subject_key_id}
    if Enrolment.Kind.VICTIM in kinds:
        code, narrative = dice.choice(stories.INCIDENTS[state])
        incident = Incident(
            **key,
            iccs_code=code,
            narrative=narrative,
            occurred=case.opened_on.isoformat()[:7],
            violence_types=["physical", "psychological"],
        )
        actions.add_incident(case, incident, by=worker)
        party = Party(**key, role="alleged_perpetrator", relationship="ex_partner", gender="man")
        actions.add_party(case, party, by=worker)
        title, name, words = stories.DOCUMENTS[state]
        actions.add_document(case, Document(title=title), _file(name, words), by=worker)
    if Enrolment.Kind.DRUG_DEPENDENCE in kinds:
        use = SubstanceUse(
            **key, icd11_code="6C40.2", route="oral", frequency="daily", first_used_at_age="17"
        )
        actions.add_substance(case, use, by=worker)
    for words in stories.NOTES[state]:
        actions.add_note(case, Note(**key, kind=Note.Kind.CONTACT), words, by=worker)
    if dice.random() < 0.3:
        note = Note(**key, kind=Note.Kind.COUNSELLING)
        actions.add_note(case, note, stories.COUNSELLING[state], by=worker)


def _file(name: str, words: str) -> Admitted:
    spool = Spool()
    spool.write(words.encode())
    return admit(spool.finish(), name)


def _move_on(case: Case, index: int, worker: User, supervisor: User) -> None:
    """A worker's first cases stay in work, for the referrals; some others are held, closing or closed."""
    if index % 9 == 8:
        return
    actions.open_work(case, by=worker)
    if index < 16:
        return
    step = index % 6
    if step == 0:
        actions.hold_case(case, by=worker)
    if step in (1, 2):
        actions.ask_closure(case, by=worker, reason="goals_reached")
    if step == 1:
        actions.approve_closure(case, by=supervisor)
