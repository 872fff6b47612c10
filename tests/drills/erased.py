"""The person of the drill of erasures, with a word of their own in everything that is written down of them.

`python -m tests.drills.erased STEP [ARGUMENT...]` in an environment that leads to the drill's database:
`places` and `readable` as its owner, the others as the application.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import django

# Nobody's: no word of these is in the product, nor in a list of names.
GIVEN, SURNAME, CALLED, CALLED_BEFORE = "Zyxandra", "Qworvellin", "Vuxinela", "Kwizzalor"
NUMBER, PHONE, EMAIL = "77431908", "+54 351 555 7743", "vuxinela.qworv@invented.example"
WORDS = {
    "given names": GIVEN,
    "surnames": SURNAME,
    "called": CALLED,
    "called before": CALLED_BEFORE,
    "number": NUMBER,
    "telephone": PHONE,
    "e-mail": EMAIL,
    "rules": "Jutterquamp",
    "party": "Harkwindelo",
    "details of the party": "Mirfolquet",
    "place": "Tolvanquix",
    "place before": "Ubrenzalto",
    "narrative": "Grelpontix",
    "note": "Dwombaxil",
    "counselling note": "Yelzorphin",
    "substance": "Plovintrax",
    "giver of the consent": "Cazzuldrin",
    "request": "Wexumbral",
    "answer": "Frozzilent",
    "named elsewhere": "Quandrizol",
    "document": "Vrezalmonte",
    "file": "Quilvoraxen",
    "emergency": "Hozzelquint",
    "emergency, more": "Trovexandil",
    "review": "Umbrizzolak",
    "tie": "Kelvorjunta",
    "tie, lifted": "Zimquorale",
    "imported": "Bruxalantine",
    "imported words": "Nefzurpold",
}
IMPORTED = "Bruxalantine"
MAPPING = """enrolment = "victim"
status = "open"
[[columns]]
header = "Day"
to = "case.opened_on"
required = true
[[columns]]
header = "Name"
to = "person.given_names"
[[columns]]
header = "What"
to = "incident.narrative"
"""


def places(folder: Path) -> None:
    """Two organisations, who works there, and an accredited offer of the second. The password of those who
    approve goes to a file of the folder.
    """
    from tests import factories
    from victimcare.encryption import keyring
    from victimcare.models import Role

    with keyring.held():
        world = factories.World()
        made = (
            world.accreditation, world.offer, world.caseworker, world.caseworker2, world.supervisor,
            world.provider, world.caseworker_shelter,
        )  # fmt: skip
        theirs = factories.member(Role.SUPERVISOR, world.shelter, world.shelter_team, "supervisor_shelter")
        assert all(made)
        for boss in (world.supervisor, theirs):
            boss.set_password(factories.PASSWORD)
            boss.save()
    (folder / "password").write_text(factories.PASSWORD)


def flows(folder: Path) -> None:
    """Everything that the product lets somebody write down, by the pages and by the importer. Numbers of the
    cases go to a file of the folder.
    """
    case = _worked_on(Browser("caseworker"))
    opened_in_an_emergency(case, WORDS["emergency"], WORDS["emergency, more"], WORDS["review"])
    tied(case, WORDS["tie"], WORDS["tie, lifted"])
    other = _named_elsewhere(Browser("caseworker2"))
    imported = _imported(folder)
    received = _referred(case)
    numbers = {"case": case.number, "other": other.number, "imported": imported, "received": received}
    (folder / "numbers").write_text(json.dumps(numbers))


def ask(username: str, number: str, reason: str) -> None:
    """On the page of the case, as an erasure begins."""
    from cases.models import Case
    from victimcare import acting

    browser = Browser(username)
    with acting.as_user(browser.user):
        case = Case.objects.visible_to(browser.user).get(number=number)
    browser.post("cases:erasure_ask", case.pk, reason=reason)


class Browser:
    """The pages, as somebody who is signed in."""

    def __init__(self, username: str) -> None:
        from django.test import Client

        from tests.signing import sign_in
        from victimcare.models import User

        self.user = User.objects.get(username=username)
        self.client = Client(SERVER_NAME="127.0.0.1")
        sign_in(self.client, self.user)

    def post(self, page: str, /, *ids: Any, leads_on: bool = True, **data: Any) -> Any:
        from django.urls import reverse

        answer = self.client.post(reverse(page, args=ids), data)
        assert answer.status_code == (302 if leads_on else 200), f"{page}: {answer.status_code}"
        return answer

    def get(self, page: str, /, *ids: Any) -> Any:
        from django.urls import reverse

        answer = self.client.get(reverse(page, args=ids))
        assert answer.status_code == 200, f"{page}: {answer.status_code}"
        return answer

    def new(self, page: str, /, *ids: Any, **data: Any) -> Any:
        from victimcare.forms import new_record_id

        return self.post(page, *ids, record_id=new_record_id(), **data)


def newest(model: Any, user: Any) -> Any:
    from victimcare import acting

    with acting.as_user(user):
        return model.objects.visible_to(user).order_by("-created_at").first()


def intake(browser: Browser, **values: Any) -> Any:
    from cases.models import Case
    from tests.cases.helpers import intake_data
    from victimcare import acting

    with acting.as_user(browser.user):
        team = browser.user.memberships.get().team
    browser.post("cases:intake", **intake_data(team, **values))
    return newest(Case, browser.user)


def _worked_on(browser: Browser) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from cases.models import Incident, Person

    case = intake(
        browser, given_names=GIVEN, surnames=SURNAME, known_as=CALLED_BEFORE, identity_number=NUMBER,
        **{"contacts-0-value": PHONE, "contacts-0-rules": WORDS["rules"]},
    )  # fmt: skip
    person = newest(Person, browser.user)
    browser.post(
        "cases:person_edit", case.pk, revision=person.revision, given_names=GIVEN, surnames=SURNAME,
        known_as=CALLED, birth="1990-02", identity_document="AR-DNI", identity_number=NUMBER, gender="woman",
    )  # fmt: skip
    browser.new("cases:contact_add", case.pk, contact_kind="email", value=EMAIL, safety="safe")
    browser.new(
        "cases:party_add", case.pk, role="witness", name=WORDS["party"], details=WORDS["details of the party"]
    )
    browser.new("cases:incident_add", case.pk, place=WORDS["place before"], narrative=WORDS["narrative"])
    incident = newest(Incident, browser.user)
    browser.post(
        "cases:incident_edit", case.pk, incident.pk, revision=1, place=WORDS["place"],
        narrative=WORDS["narrative"],
    )  # fmt: skip
    browser.new("cases:note_add", case.pk, kind="work", text=WORDS["note"])
    browser.new("cases:note_add", case.pk, kind="counselling", text=WORDS["counselling note"])
    browser.new("cases:substance_add", case.pk, icd11_code="6C41", rank=5, details=WORDS["substance"])
    browser.new(
        "cases:document_add", case.pk, title=WORDS["document"],
        file=SimpleUploadedFile("letter.txt", WORDS["file"].encode()),
    )  # fmt: skip
    browser.post("cases:search", leads_on=False, given_names=GIVEN, surnames=SURNAME, identity_number=NUMBER)
    browser.post("cases:caseload", leads_on=False, q=f"{GIVEN} {SURNAME}")
    return case


def opened_in_an_emergency(case: Any, why: str, more: str, review: str) -> None:
    """By a colleague, to the minimum and then whole; ended and reviewed."""
    from cases.models import EmergencyAccess
    from victimcare import acting

    colleague, supervisor = Browser("caseworker2"), Browser("supervisor")
    colleague.new("cases:emergency_find", number=case.number, reason="life_in_danger", words=why, minutes=30)
    colleague.get("cases:emergency", case.pk)
    colleague.post("cases:emergency_more", case.pk, words=more)
    colleague.get("cases:case", case.pk)
    colleague.post("cases:emergency_end", case.pk)
    with acting.as_user(supervisor.user):
        opened = EmergencyAccess.objects.visible_to(supervisor.user).get(case=case)
    supervisor.get("cases:emergency_review", opened.pk)
    supervisor.post("cases:emergency_review", opened.pk, outcome="justified", review_words=review)


def tied(case: Any, words: str, lifted: str) -> None:
    """A colleague is, for a while."""
    from cases.models import Tie

    colleague, supervisor = Browser("caseworker2"), Browser("supervisor")
    supervisor.new("cases:tie_record", case.pk, user=str(colleague.user.pk), kind="friend", words=words)
    supervisor.get("cases:ties", case.pk)
    tie = newest(Tie, supervisor.user)
    supervisor.post("cases:tie_lift", case.pk, tie.pk, lift_words=lifted)


def _named_elsewhere(browser: Browser) -> Any:
    from cases.models import Party

    other = intake(browser, given_names="Somebody", surnames="Else", identity_number="20.123.457")
    browser.new(
        "cases:party_add", other.pk, role="child", name=f"{GIVEN} {SURNAME}", details=WORDS["named elsewhere"]
    )
    party = newest(Party, browser.user)
    browser.post(
        "cases:party_edit", other.pk, party.pk, revision=1, role="witness", name=f"{GIVEN} {SURNAME}",
        details=WORDS["named elsewhere"],
    )  # fmt: skip
    return other


def _imported(folder: Path) -> str:
    """A second person, whose words came in from a file, and who is given to the caseworker."""
    from django.core.management import call_command

    from cases import actions
    from cases.models import Case
    from victimcare import acting
    from victimcare.encryption import keyring
    from victimcare.models import User

    rows, mapping = folder / "rows.csv", folder / "own.toml"
    with rows.open("w", newline="") as file:
        csv.writer(file).writerows([
            ("Day", "Name", "What"),
            ("2026-01-15", IMPORTED, WORDS["imported words"]),
        ])  # fmt: skip
    mapping.write_text(MAPPING)
    call_command("import_cases", str(mapping), str(rows), organization="agency", team="North")
    supervisor = User.objects.get(username="supervisor")
    with acting.as_user(supervisor), keyring.held():
        [case] = Case.objects.visible_to(supervisor).filter(imported_row__isnull=False)
        actions.assign(case, User.objects.get(username="caseworker"), by=supervisor)
    rows.unlink()
    mapping.unlink()
    return str(case.number)


def _referred(case: Any) -> str:
    """One referral that waits, one that came to its outcome and from which the shelter opened a case."""
    from cases.models import Case
    from referrals.models import Referral, ServiceAtLocation
    from victimcare import acting

    sender, receiver = Browser("caseworker"), Browser("provider")
    with acting.as_user(sender.user):
        offer = ServiceAtLocation.objects.select_related("service").get()
    consented(sender, case, offer)
    for _number in range(2):
        consent = newest(_model("cases", "Consent"), sender.user)
        sender.new(
            "referrals:draft", case.pk, offer.pk, consent=str(consent.pk), urgency="routine",
            request=WORDS["request"],
        )  # fmt: skip
        draft = newest(Referral, sender.user)
        sender.post("referrals:send", draft.pk)
    receiver.client.get(f"/referrals/{draft.pk}/")
    receiver.post("referrals:accept", draft.pk)
    keeper = Browser("caseworker_shelter")
    with acting.as_user(keeper.user):
        team = keeper.user.memberships.get().team_id
    receiver.post(
        "referrals:open_case", draft.pk, worker=f"{team}:{keeper.user.pk}", enrolments=["victim"],
        counsels="on",
    )  # fmt: skip
    receiver.post("referrals:complete", draft.pk, outcome="provided", answer=WORDS["answer"])
    return str(newest(Case, keeper.user).number)


def consented(browser: Browser, case: Any, offer: Any) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    kinds = ["identity", "contact", "incident", "risk", "substance", "counselling"]
    browser.new(
        "cases:consent_add", case.pk, recipient=str(offer.service.organization_id), purpose="referral",
        kinds=kinds, valid_from=today.isoformat(), valid_until=today.isoformat(), given_by="guardian",
        giver_name=WORDS["giver of the consent"], evidence="written", language="es", text_version="1",
    )  # fmt: skip


def _model(app: str, name: str) -> Any:
    from django.apps import apps

    return apps.get_model(app, name)


def main(step: str, *arguments: str) -> None:
    django.setup()
    if step == "places":
        places(Path(arguments[0]))
    elif step == "ask":
        ask(*arguments)
    elif step == "flows":
        flows(Path(arguments[0]))
    elif step == "healthy":
        from django.test import Client

        sys.stdout.write(str(Client(SERVER_NAME="127.0.0.1").get("/healthz").status_code))
    else:
        from tests.drills import readable

        sys.stdout.write(json.dumps(readable.read(arguments[0] if arguments else "")))


if __name__ == "__main__":
    main(*sys.argv[1:])
