"""People whose every word begins alike, and what they go through: all that the product lets somebody write
down, and all that it refuses.

`python -m tests.drills.canary_people STEP [ARGUMENT...]`: `places` and `sessions` as the database's owner,
`flows FOLDER FIRST NUMBER [PLANT]` as the application.
"""

import hashlib
import json
import logging
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import django

# In no word of the product, of a name list or of random text.
STEM = "Qvozhulk"
PHONE = "+54 351 555 0177"
ADDRESS = f"{STEM.lower()}@invented.example"


def first_number() -> int:
    """Of their identity documents: eight digits that stand in no other number of the product."""
    return 71_300_000


class Person:
    """`person["narrative"]` is the word that stands in their narrative and nowhere else."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __getitem__(self, field: str) -> str:
        digest = hashlib.sha256(f"{self.number} {field}".encode()).digest()
        return STEM + "".join(chr(ord("a") + byte % 26) for byte in digest[:8])

    @property
    def document(self) -> str:
        return str(first_number() + self.number)


def places(folder: Path) -> None:
    """As in the drill of erasures; everybody who works there has a mailbox."""
    from tests.drills import erased
    from victimcare.models import User

    erased.places(folder)
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@invented.example")


def flows(folder: Path, first: int, number: int, plant: str = "") -> None:
    from django.conf import settings
    from django.core import mail

    written = _watch_writes()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    planted: Callable[[], AbstractContextManager[Any]] = PLANTED.get(plant, nullcontext)
    people = [Person(one) for one in range(first, first + number)]
    with planted():
        ids = [str(_go_through(person)) for person in people]
        _imported(folder, people)
        _work_off()
    told = "\n".join(f"{one.subject}\n{one.body}\n{one.to}\n{one.extra_headers}" for one in mail.outbox)
    (folder / "mail").write_text(told)
    (folder / "ids").write_text("\n".join(ids))
    own = {str(folder / name) for name in ("rows.csv", "own.toml", "mail", "ids")}
    (folder / "written").write_text("\n".join(sorted(written - own)))
    sys.stdout.write(f"{number} people, {len(mail.outbox)} mails, {len(written - own)} files written")


def _watch_writes() -> set[str]:
    """Names of all files that this process opens for writing from now on, with what is in them."""
    found: set[str] = set()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if writes and not str(arguments[0]).endswith((".pyc", "/dev/null")):
            found.add(str(arguments[0]))

    sys.addaudithook(hear)
    return found


def _go_through(person: Person) -> Any:
    """The id of their case."""
    from tests.drills import erased

    browser, supervisor = erased.Browser("caseworker"), erased.Browser("supervisor")
    case = _written_down(person, browser)
    _filed(person, browser, case)
    _searched(person, browser)
    _refused(person, browser, case)
    _referred(person, browser, case)
    erased.opened_in_an_emergency(case, person["why"], person["why more"], person["review"])
    erased.tied(case, person["tie"], person["lifted"])
    browser.post("cases:closure_ask", case.pk, closure_reason="goals_reached", words=person["closing"])
    supervisor.post("cases:closure_refuse", case.pk, text=person["not yet"])
    if person.number % 4 == 0:
        browser.post("cases:erasure_ask", case.pk, reason="person_asked")
        supervisor.post("cases:erasure_approve", case.pk, confirmation=case.number)
    return case.pk


def _written_down(person: Person, browser: Any) -> Any:
    from cases.models import Incident
    from tests.drills.erased import intake, newest

    case = intake(
        browser, given_names=person["given"], surnames=person["surname"], known_as=person["called"],
        identity_number=person.document,
        **{"contacts-0-value": PHONE, "contacts-0-rules": person["rules"]},
    )  # fmt: skip
    browser.new("cases:contact_add", case.pk, contact_kind="email", value=ADDRESS, safety="safe")
    browser.new("cases:party_add", case.pk, role="witness", name=person["party"], details=person["details"])
    browser.new("cases:incident_add", case.pk, place=person["place"], narrative=person["narrative"])
    incident = newest(Incident, browser.user)
    browser.post(
        "cases:incident_edit",
        case.pk,
        incident.pk,
        revision=1,
        place=person["place"],
        narrative=person["again"],
    )
    browser.new("cases:note_add", case.pk, kind="work", text=person["note"])
    browser.new("cases:note_add", case.pk, kind="counselling", text=person["counselling"])
    browser.new("cases:substance_add", case.pk, icd11_code="6C41", rank=5, details=person["substance"])
    for page in ("cases:case", "cases:notes", "cases:log"):
        browser.get(page, case.pk)
    return case


def _filed(person: Person, browser: Any, case: Any) -> None:
    """A document that is kept and read, and one that is refused."""
    from cases.models import Document
    from tests.drills.erased import newest

    kept, refused = _file(person["file"] + ".txt", person["kept"]), _file(person["refused"] + ".svg", "<svg>")
    browser.new(
        "cases:document_add", case.pk, title=person["title"], details=person["of the file"], file=kept
    )
    document = newest(Document, browser.user)
    answer = browser.get("cases:document", case.pk, document.pk)
    assert person["kept"].encode() in b"".join(answer.streaming_content)
    browser.new("cases:document_add", case.pk, leads_on=False, title=person["title"], file=refused)


def _file(name: str, words: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, words.encode())


def _searched(person: Person, browser: Any) -> None:
    names = {"given_names": person["given"], "surnames": person["surname"]}
    browser.post("cases:search", leads_on=False, **names, identity_number=person.document, phone=PHONE)
    browser.post("cases:caseload", leads_on=False, q=f"{person['given']} {person['surname']}")


def _refused(person: Person, browser: Any, case: Any) -> None:
    """Bad forms, a late one, a forged one, addresses that are not there, a crash, a damaged database."""
    from django.urls import reverse

    browser.post(
        "cases:incident_add", case.pk, leads_on=False, occurred=person["no day"], narrative=person["lost"]
    )
    browser.post("cases:contact_add", case.pk, leads_on=False, contact_kind="mobile", value=person["no way"])
    browser.post("cases:person_edit", case.pk, leads_on=False, revision=99, given_names=person["late"])
    client, path = browser.client, reverse("cases:note_add", args=[case.pk])
    for status, answer in (
        (404, client.get(f"/{person['path']}/?q={person['query']}")),
        (404, client.post(reverse("cases:note_add", args=[uuid4()]), {"text": person["elsewhere"]})),
        (400, client.post(path, {person[f"field {number}"]: "x" for number in range(1_100)})),
        (405, client.put(reverse("cases:hold", args=[case.pk]), {"text": person["put"]})),
        (500, _crashed(person, browser, path, RuntimeError(person["crash"], person.document))),
        (500, _crashed(person, browser, path, _database_error(person))),
    ):
        assert answer.status_code == status, f"{answer.status_code} in place of {status}"
    _forged(person, browser, path)
    _misunderstood(person)


def _crashed(person: Person, browser: Any, path: str, error: Exception) -> Any:
    browser.client.raise_request_exception = False
    with mock.patch("victimcare.records.create", side_effect=error):
        answer = browser.client.post(path, _note(person["crashing"]))
    browser.client.raise_request_exception = True
    return answer


def _note(text: str) -> dict[str, str]:
    from victimcare.forms import new_record_id

    return {"record_id": new_record_id(), "kind": "work", "text": text}


def _database_error(person: Person) -> Exception:
    """As the server words it: it quotes the row."""
    from django.db import DataError

    return DataError(f'DETAIL:  Key (surnames)=({person["surname"]}) already exists: "{person.document}"')


def _forged(person: Person, browser: Any, path: str) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
    strict.cookies = browser.client.cookies
    answer = strict.post(path, _note(person["forged"]), headers={"referer": f"http://x/{person['referrer']}"})
    assert answer.status_code == 403


def _misunderstood(person: Person) -> None:
    """The database's server refuses a statement, and would quote the value."""
    from django.db import DataError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [person["no number"]])
    except DataError:
        return
    raise AssertionError("A word is no number.")


def _referred(person: Person, browser: Any, case: Any) -> None:
    """Accepted and completed, declined, or withdrawn."""
    from cases.models import Consent
    from referrals.models import Referral, ServiceAtLocation
    from tests.drills import erased
    from victimcare import acting

    receiver = erased.Browser("provider")
    with acting.as_user(browser.user):
        offer = ServiceAtLocation.objects.select_related("service").get()
    with mock.patch.dict(erased.WORDS, {"giver of the consent": person["giver"]}):
        erased.consented(browser, case, offer)
    consent = erased.newest(Consent, browser.user)
    browser.new(
        "referrals:draft",
        case.pk,
        offer.pk,
        consent=str(consent.pk),
        urgency="routine",
        request=person["request"],
    )
    referral = erased.newest(Referral, browser.user)
    browser.post("referrals:send", referral.pk)
    if person.number % 3 == 2:
        browser.post("referrals:withdraw", referral.pk, reason="person_asked")
        return
    receiver.post("referrals:receive", referral.pk)
    receiver.get("referrals:packet", referral.pk)
    if person.number % 3 == 1:
        receiver.post("referrals:decline", referral.pk, reason="no_capacity", answer=person["answer"])
        return
    _one_place_more(offer, receiver.user)
    receiver.post("referrals:accept", referral.pk)
    receiver.post("referrals:complete", referral.pk, outcome="provided", answer=person["answer"])


def _one_place_more(offer: Any, provider: Any) -> None:
    """Each person who is accepted takes one."""
    from referrals import actions
    from referrals.models import ServiceAtLocation
    from victimcare import acting

    with acting.as_user(provider):
        now = ServiceAtLocation.objects.select_related("service").get(pk=offer.pk)
        actions.update_places(now, places_free=9, is_active=True, by=provider)


def _imported(folder: Path, people: list[Person]) -> None:
    """As many again come in from a file, of which every second row is rejected."""
    import csv

    from django.core.management import call_command

    from tests.drills.erased import MAPPING

    rows, mapping, rejects = folder / "rows.csv", folder / "own.toml", folder / "rejected.csv"
    with rows.open("w", newline="") as file:
        days = ["2026-01-15", "not a day"]
        told = [(days[one.number % 2], one["imported"], one["imported words"]) for one in people]
        csv.writer(file).writerows([("Day", "Name", "What"), *told])
    mapping.write_text(MAPPING)
    call_command(
        "import_cases", str(mapping), str(rows), organization="agency", team="North", rejects=rejects,
        stdout=sys.stderr, stderr=sys.stderr,
    )  # fmt: skip


def _work_off() -> None:
    """The worker does what waits, and says so in the log; then it sends what is told once a day."""
    from django.core.management import call_command

    from victimcare import acting
    from victimcare.notifications import tasks

    with acting.as_job("notices"):
        tasks.digests.enqueue()
    call_command("db_worker", batch=True, verbosity=2, stdout=sys.stderr)


def sessions() -> None:
    from victimcare.models import Session

    sys.stdout.write(json.dumps([one.get_decoded() for one in Session.objects.all()]))


# -- Leaks that have to be found ----------------------------------------------------------------------------


def _on_each_note(leak: Callable[[Any], None]) -> AbstractContextManager[Any]:
    """The leak happens where a note is sent."""
    from cases.views import record

    whole = record.NoteAdd.post

    def leaky(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        leak(request)
        return whole(self, request, *args, **kwargs)

    return mock.patch.object(record.NoteAdd, "post", leaky)


def _into_the_log(request: Any) -> None:
    logging.getLogger("victimcare").info("sent: %s", request.POST.get("text"))


def _into_the_session(request: Any) -> None:
    request.session["last"] = request.POST.get("text")


def _into_a_mail(request: Any) -> None:
    from django.core.mail import send_mail

    send_mail("A note", request.POST.get("text", ""), None, ["caseworker@invented.example"])


def _into_a_task(request: Any) -> None:
    from referrals.tasks import flag_lapsed_staff

    flag_lapsed_staff.enqueue(_text(request))


def _into_a_counter(request: Any) -> None:
    from django.core.cache import cache

    cache.set("last", _text(request))


def _text(request: Any) -> str:
    return str(request.POST.get("text") or "nothing")


def _into_a_file(request: Any) -> None:
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(_text(request))


def _exceptions_are_quoted() -> AbstractContextManager[Any]:
    from victimcare import logs

    return mock.patch.object(logs, "described", str)


PLANTED: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "a log line holds a form": lambda: _on_each_note(_into_the_log),
    "a log line holds an exception's words": _exceptions_are_quoted,
    "a log line holds a path": lambda: mock.patch("victimcare.logs.Discreet.filter", return_value=True),
    "a session holds a form": lambda: _on_each_note(_into_the_session),
    "a mail names the person": lambda: _on_each_note(_into_a_mail),
    "a task is told a name": lambda: _on_each_note(_into_a_task),
    "a counter holds words": lambda: _on_each_note(_into_a_counter),
    "an upload is laid down": lambda: _on_each_note(_into_a_file),
}


def main(step: str, *arguments: str) -> None:
    django.setup()
    if step == "places":
        places(Path(arguments[0]))
    elif step == "sessions":
        sessions()
    else:
        folder, first, number, *plant = arguments
        flows(Path(folder), int(first), int(number), *plant)


if __name__ == "__main__":
    main(*sys.argv[1:])
