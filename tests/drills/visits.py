"""What a user asks for, and what the answer has to be: status and canaries, computed from the truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from uuid import uuid4

from tests.drills.troubles import IN_AN_ACTION, TROUBLES
from tests.drills.truth import Sees, Truth, canary

OK, FOUND, NO, UNKNOWN, FAILED = 200, 302, 403, 404, 500


@dataclass(frozen=True)
class Visit:
    """`tells`: canaries that have to be in the answer, so that an empty page is not taken for a safe one."""

    path: str
    status: int
    tells: frozenset[str] = frozenset()
    data: Mapping[str, str] | None = None
    trouble: str = ""
    # What happens around the request: see tests/drills/threads.py.
    around: str = ""


Maker = Callable[[Sees, Truth, Random], Visit]


def _one(found: frozenset[str], dice: Random) -> str:
    return dice.choice(sorted(found)) if found else str(uuid4())


def home(user: Sees, truth: Truth, dice: Random) -> Visit:
    return Visit("/", OK)


def caseload(user: Sees, truth: Truth, dice: Random) -> Visit:
    """All of the user's cases stand on one page of fifty."""
    tells = frozenset[str]().union(*(_told_of(case, truth) for case in user.cases))
    return Visit("/cases/", OK, tells) if user.works_on_cases else Visit("/cases/", NO)


def own_case(user: Sees, truth: Truth, dice: Random) -> Visit:
    case = _one(user.cases, dice)
    path = f"/cases/{case}/"
    return Visit(path, OK, _told_of(case, truth)) if user.cases else Visit(path, UNKNOWN)


def _told_of(case: str, truth: Truth) -> frozenset[str]:
    """A case that was opened from a packet tells the packet's word, which is the other case's."""
    return frozenset({canary(truth.taken_from.get(case, case))})


def foreign_case(user: Sees, truth: Truth, dice: Random) -> Visit:
    return Visit(f"/cases/{_one(truth.cases - user.cases, dice)}/", UNKNOWN)


def page_of_foreign_case(user: Sees, truth: Truth, dice: Random) -> Visit:
    page = dice.choice(["notes/all/", "person/", "notes/", "consents/", "closure/"])
    return Visit(f"/cases/{_one(truth.cases - user.cases, dice)}/{page}", UNKNOWN)


def search(user: Sees, truth: Truth, dice: Random) -> Visit:
    """By a name that every case has, in every organisation."""
    asked = {"given_names": "Ximena", "surnames": "Quispe Invented"}
    allowed = user.works_on_cases
    return Visit("/cases/search/", OK if allowed else NO, data=asked)


def search_of_foreign_name(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The page repeats what was typed, so the word itself is cut short."""
    word = canary(_one(truth.cases - user.cases, dice))[:-3]
    return Visit("/cases/", OK if user.works_on_cases else NO, data={"q": word})


def room(user: Sees, truth: Truth, dice: Random) -> Visit:
    works, answers = user.works_on_cases, user.role == "provider"
    path, allowed = dice.choice([
        ("/referrals/inbox/", answers),
        ("/referrals/mine/", works),
        ("/cases/intake/", works),
        ("/cases/search/", works),
    ])  # fmt: skip
    return Visit(path, OK if allowed else NO)


def referral(user: Sees, truth: Truth, dice: Random) -> Visit:
    found = _one(frozenset(truth.referred), dice)
    return Visit(f"/referrals/{found}/", OK if found in user.referrals else UNKNOWN)


def own_referral(user: Sees, truth: Truth, dice: Random) -> Visit:
    return Visit(f"/referrals/{_one(user.referrals, dice)}/", OK if user.referrals else UNKNOWN)


def packet(user: Sees, truth: Truth, dice: Random) -> Visit:
    found = _one(truth.sent, dice)
    path = f"/referrals/{found}/packet/"
    if found not in user.packets:
        return Visit(path, UNKNOWN)
    return Visit(path, OK, frozenset({canary(truth.referred[found])}))


def own_packet(user: Sees, truth: Truth, dice: Random) -> Visit:
    found = _one(user.packets, dice)
    path = f"/referrals/{found}/packet/"
    return (
        Visit(path, OK, frozenset({canary(truth.referred[found])})) if user.packets else Visit(path, UNKNOWN)
    )


def note(user: Sees, truth: Truth, dice: Random) -> Visit:
    """A note without its signed id is shown again with what is wrong, and the case is not told."""
    case = _one(user.cases, dice)
    return Visit(f"/cases/{case}/notes/", OK if user.cases else UNKNOWN, data={"text": "", "kind": "contact"})


def note_in_foreign_case(user: Sees, truth: Truth, dice: Random) -> Visit:
    case = _one(truth.cases - user.cases, dice)
    return Visit(f"/cases/{case}/notes/", UNKNOWN, data={"text": "x", "kind": "contact"})


def urgency(user: Sees, truth: Truth, dice: Random) -> Visit:
    """An action that works."""
    case, asked = _one(user.cases, dice), {"urgency": dice.choice(["routine", "soon", "emergency"])}
    return Visit(f"/cases/{case}/urgency/", FOUND if user.cases else UNKNOWN, data=asked)


def step_that_is_over(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The case is open already: nothing changes, and the page says so."""
    case = _one(user.cases, dice)
    return Visit(f"/cases/{case}/open/", FOUND if user.cases else UNKNOWN, data={})


def foreign_step(user: Sees, truth: Truth, dice: Random) -> Visit:
    """To accept is for the receiver's staff: the sender's side sees the referral, and may not."""
    found = _one(frozenset(truth.referred) - user.referrals, dice)
    return Visit(f"/referrals/{found}/decline/", UNKNOWN, data={"reason": "no_capacity"})


def approval(user: Sees, truth: Truth, dice: Random) -> Visit:
    """A caseworker sees the case and may not approve its closure."""
    case = _one(user.cases, dice)
    path = f"/cases/{case}/closure/approve/"
    if not user.cases:
        return Visit(path, UNKNOWN, data={})
    return Visit(path, FOUND if user.role == "supervisor" else NO, data={})


def trouble_in_view(user: Sees, truth: Truth, dice: Random) -> Visit:
    path = f"/cases/{_one(user.cases, dice)}/" if user.cases and dice.random() < 0.7 else "/"
    return Visit(path, FAILED, trouble=dice.choice(sorted(TROUBLES)))


def trouble_in_action(user: Sees, truth: Truth, dice: Random) -> Visit:
    """What was written is undone with the transaction."""
    if not user.cases:
        return trouble_in_view(user, truth, dice)
    path = f"/cases/{_one(user.cases, dice)}/hold/"
    return Visit(path, FAILED, data={}, trouble=dice.choice(IN_AN_ACTION))


def killed_before(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The database ended the connection since the last request: Django makes a new one."""
    visit = dice.choice([own_case, caseload, foreign_case])(user, truth, dice)
    return Visit(visit.path, visit.status, visit.tells, around="killed")


def hangs_up(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The client goes away while it sends: the view reads an empty form, and shows it again."""
    case = _one(user.cases, dice)
    return Visit(
        f"/cases/{case}/urgency/", OK if user.cases else UNKNOWN, data={"urgency": "soon"}, around="hangs up"
    )


def deserts(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The client goes away before it reads, and the server never ends the answer."""
    visit = own_case(user, truth, dice)
    return Visit(visit.path, visit.status, around="deserts")


def stranger(user: Sees, truth: Truth, dice: Random) -> Visit:
    """Nobody is signed in."""
    return Visit(f"/cases/{_one(user.cases or truth.cases, dice)}/", FOUND, around="signed out")


def leaver(user: Sees, truth: Truth, dice: Random) -> Visit:
    """The account is closed: its session is nobody's; opened again, it is as before."""
    visit = own_case(user, truth, dice)
    return Visit(visit.path, FOUND, around="leaves")


EVERYBODYS: tuple[Maker, ...] = (
    home, caseload, own_case, own_case, foreign_case, foreign_case, page_of_foreign_case, search,
    search_of_foreign_name, room, referral, own_referral, packet, own_packet, note, note_in_foreign_case,
    urgency, step_that_is_over, foreign_step, approval, trouble_in_view, trouble_in_view, trouble_in_action,
    killed_before, hangs_up, deserts, stranger,
)  # fmt: skip
