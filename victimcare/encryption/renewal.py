"""People's keys are made anew, and all that lies under them is sealed again, history too, while others work.

A person's key and rows change in one transaction: no row lies under two versions, and no key is kept for the
past. Whoever writes wins: what is locked is left for later. Run by the database's owner, who alone may put
new ciphertext into a history (ADR 7).
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import Max

from victimcare.encryption import checking, keyring, sealed
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.keyring import OpenKey
from victimcare.encryption.roots import KEY_BYTES
from victimcare.models.keys import OrganizationKey, StateKey, SubjectKey
from victimcare.models.organizations import MemberState

BATCH = 50
# Shorter than deadlock_timeout: of two that wait for each other it is never the user who is turned away.
LOCK_TIMEOUT = "200ms"
PAUSE = 0.1
ROUNDS_WITHOUT_PROGRESS = 50


@dataclass(slots=True)
class Renewed:
    """How many keys were renewed, are busy all the time, or have a row that was tampered with and stays."""

    keys: int = 0
    busy: int = 0
    unreadable: int = 0


def reencrypt(state: MemberState) -> Renewed:
    """Renews the keys that are older than the state's present one."""
    done = _people(state)
    for own in _of_search(state):
        _search(own, done)
    return done


def _people(state: MemberState) -> Renewed:
    done, stuck = Renewed(), 0
    while stuck < ROUNDS_WITHOUT_PROGRESS:
        before, done.busy, done.unreadable = done.keys, 0, 0
        _round(state, done)
        if not done.busy:
            break
        stuck = 0 if done.keys > before else stuck + 1
        time.sleep(PAUSE)
    return done


def older(state: MemberState) -> models.QuerySet[SubjectKey]:
    """Living keys that were made under an older key of the state. An organisation's own stays: the tokens to
    search by are derived from it.
    """
    keys = SubjectKey.objects.filter(organization__member_state=state, made_under__lt=_newest(state))
    return keys.exclude(wrapped=None).exclude(pk__in=OrganizationKey.objects.values("subject_key"))


def _newest(state: MemberState) -> int:
    return StateKey.objects.filter(member_state=state).aggregate(newest=Max("version"))["newest"] or 0


def _round(state: MemberState, done: Renewed) -> None:
    rows = _of_people(state).order_by("pk").values_list("pk", flat=True)
    batch = list(rows[:BATCH])
    while batch:
        _renew_all(state, batch, done)
        batch = list(rows.filter(pk__gt=batch[-1])[:BATCH])


def _renew_all(state: MemberState, ids: Sequence[UUID], done: Renewed) -> None:
    """Where one of them cannot be renewed, the others are, in smaller parts."""
    try:
        done.keys += _renew(state, ids)
    except (OperationalError, Unreadable) as error:
        if len(ids) > 1:
            half = len(ids) // 2
            _renew_all(state, ids[:half], done)
            _renew_all(state, ids[half:], done)
        elif isinstance(error, Unreadable):
            done.unreadable += 1
        else:
            done.busy += 1


@transaction.atomic
def _renew(state: MemberState, ids: Sequence[UUID]) -> int:
    """Raises OperationalError where somebody is writing, Unreadable where a row was tampered with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    with keyring.held():
        keys = list(_of_people(state).filter(pk__in=ids).select_for_update(no_key=True, of=("self",)))
        keyring.preload_keys(ids)
        renewal = _Renewal(keys, keyring.current_state_key(state))
        for model in checking.with_histories():
            renewal.reseal(model)
        renewal.store()
    return len(keys)


# What apps keep under the keys of organisations' search: each moves all of its own from below one key to
# below another, while others work.
_searched: list[Callable[[UUID, UUID], None]] = []


def add_searched(reseal: Callable[[UUID, UUID], None]) -> None:
    _searched.append(reseal)


def _of_people(state: MemberState) -> models.QuerySet[SubjectKey]:
    of_search = OrganizationKey.objects.exclude(search_key_before=None).values("search_key_before")
    keys = older(state).exclude(pk__in=OrganizationKey.objects.values("search_key"))
    return keys.exclude(pk__in=of_search)


def _of_search(state: MemberState) -> models.QuerySet[OrganizationKey]:
    """Whose key is older than the state's, or was renewed by half: the command was killed."""
    is_older = models.Q(search_key__made_under__lt=_newest(state))
    is_half = models.Q(search_key_before__isnull=False)
    return OrganizationKey.objects.filter(is_older | is_half, organization__member_state=state)


def _search(own: OrganizationKey, done: Renewed) -> None:
    """A new key; all moves below it; the one before goes when nothing lies under it. What was tampered with
    stays under it, and stops no other organisation.
    """
    before = own.search_key_before or _succeed(own)
    for _number in range(ROUNDS_WITHOUT_PROGRESS):
        try:
            _move(own, before)
        except Unreadable:
            done.unreadable += 1
            return
        if _gone(own, before):
            done.keys += 1
            return
        time.sleep(PAUSE)
    done.busy += 1


def _move(own: OrganizationKey, before: SubjectKey) -> None:
    for reseal in _searched:
        reseal(before.pk, own.search_key_id)


@transaction.atomic
def _succeed(own: OrganizationKey) -> SubjectKey:
    """Returns the key before."""
    before, made = own.search_key, keyring.new_subject_key(own.organization)
    made.save(force_insert=True)
    own.search_key_before, own.search_key = before, made
    own.save(update_fields=["search_key", "search_key_before"])
    return before


def _gone(own: OrganizationKey, before: SubjectKey) -> bool:
    """Whether nothing lies under it any more. Who writes under it holds it until then, by
    app.hold_search_keys.
    """
    try:
        with transaction.atomic():
            OrganizationKey.objects.filter(pk=own.pk).update(search_key_before=None)
            SubjectKey.objects.filter(pk=before.pk).delete()
    except IntegrityError:
        return False
    return True


class _Renewal:
    """A batch of keys and their successors."""

    def __init__(self, keys: Sequence[SubjectKey], state_key: StateKey) -> None:
        self._rows = keys
        self._state_key = state_key
        self.keys = {row.pk: OpenKey(os.urandom(KEY_BYTES), row.version + 1) for row in keys}
        # A record and its past share bytes where they say the same, and go on to.
        self._blobs: dict[tuple[str, bytes], bytes] = {}

    def reseal(self, model: type[models.Model]) -> None:
        rows = model._base_manager.filter(subject_key_id__in=list(self.keys))
        locked = list(rows.select_for_update(no_key=True, of=("self",)))
        fields, erased = sealed.encrypted_fields(model), checking.by_ledger(model)
        for row in locked:
            checking.require(row, erased)
        columns = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in _columns(fields))
        table, key = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET {columns} WHERE {key} = %s",  # noqa: S608  # nosec B608  # names of our own
                [[*self._resealed(row, fields), row.pk] for row in locked],
            )

    def _resealed(self, row: Any, fields: Sequence[sealed.EncryptedField]) -> list[bytes | None]:
        """The row's values and its MAC, in the order of the columns."""
        blobs = {field.name: self._blob(row, field) for field in fields}
        filled = {name: blob for name, blob in blobs.items() if blob is not None}
        key = self.keys[row.subject_key_id]
        return [*blobs.values(), key.mac(sealed.row_of(row, key), filled)]

    def _blob(self, row: Any, field: sealed.EncryptedField) -> bytes | None:
        held = row.__dict__[field.attname]
        if held is None:
            return None
        same = (field.name, held.blob)
        if same not in self._blobs:
            field.open(row, held)
            self._blobs[same] = field.sealed_under(self.keys[row.subject_key_id], row, held.plain)
        return self._blobs[same]

    def store(self) -> None:
        cipher = keyring.state_cipher(self._state_key.pk)
        for row in self._rows:
            row.version += 1
            row.state_key, row.made_under = self._state_key, self._state_key.version
            row.wrapped = self.keys[row.pk].wrapped(cipher, row.context())
            row.save(update_fields=["version", "state_key", "made_under", "wrapped"])


def _columns(fields: Sequence[sealed.EncryptedField]) -> list[str]:
    return [str(field.column) for field in fields] + ["mac"]
