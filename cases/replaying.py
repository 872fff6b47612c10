"""Erase anew in a restored database what was erased since its backup was made; as the database's owner."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from cases.actions.erasures import close, named_withdrawing, overwrite
from cases.models import Case, Erasure
from victimcare import erasure_ledger, records
from victimcare.models import ErasureEntry, User


class WordsLeft(Exception):
    """A packet still says the name of somebody who was erased, since its referral could not be ended."""


class UnknownAccount(Exception):
    """A case is closed by two people, and this database knows neither of the two who erased."""


@transaction.atomic
def replay(outside: Iterable[ErasureEntry], *, deciders: tuple[User, User] | None = None) -> tuple[int, int]:
    """All of the ledger, of the database and of a file: returns how many entries were new here, and how many
    keys were destroyed again. It may be run again at any time. `deciders` stand for accounts that the backup
    does not know. Raises UnknownAccount, WordsLeft.
    """
    known = erasure_ledger.stored()
    ids = {entry.pk for entry in known}
    new = list({entry.pk: entry for entry in outside if entry.pk not in ids}.values())
    ErasureEntry.objects.bulk_create(new)
    entries = [*known, *new]
    alive = erasure_ledger.alive(entries).count()
    for entry in entries:
        _erase(entry, deciders)
    return len(new), alive


def _erase(entry: ErasureEntry, deciders: tuple[User, User] | None) -> None:
    asked_by, approved_by = _people(entry, deciders)
    named_withdrawing.send(sender=Erasure, parties=entry.party_ids, by=approved_by)
    overwrite(entry.party_ids, by=approved_by)
    for case in Case.objects.filter(subject_key__in=entry.subject_key_ids, erased_at=None):
        if not Case.objects.filter(pk=case.pk, erased_at=None).exists():
            continue  # closed with another case of the same person
        _certify(case, entry, asked_by, approved_by)
        close(case, by=approved_by, asked_by=asked_by, reason=entry.reason)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.forget(%s::uuid[], %s::uuid[], %s)",
            [entry.subject_key_ids, entry.party_ids, approved_by.pk],
        )
        [left] = cursor.fetchone()
    if left:
        raise WordsLeft


def _certify(case: Case, entry: ErasureEntry, asked_by: User, approved_by: User) -> None:
    """The certificate again; what was still waiting when the backup was made is answered by it."""
    done: dict[str, Any] = {
        "status": Erasure.Status.APPROVED,
        "approved_at": entry.at,
        "approved_by": approved_by,
    }
    waiting = Erasure.objects.current().waiting().filter(case=case).first()
    if waiting and waiting.asked_by_id != approved_by.pk:
        records.change(waiting, by=approved_by, parties=entry.party_ids, **done)
        return
    made = Erasure(
        case=case,
        subject_key_id=case.subject_key_id,
        reason=entry.reason,
        parties=entry.party_ids,
        asked_at=entry.at,
        asked_by=asked_by,
        **done,
    )
    records.create(made, by=approved_by)


def _people(entry: ErasureEntry, deciders: tuple[User, User] | None) -> tuple[User, User]:
    known = User.objects.in_bulk([entry.asked_by_id, entry.approved_by_id])
    if len(known) == len({entry.asked_by_id, entry.approved_by_id}):
        return known[entry.asked_by_id], known[entry.approved_by_id]
    if deciders is None:
        raise UnknownAccount
    return deciders
