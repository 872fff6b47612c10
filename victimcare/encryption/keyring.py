"""The subject keys in use: fetched together, held for one request or task, forgotten at its end."""

import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, models, transaction
from django.db.models import F

from victimcare.encryption import ciphers
from victimcare.encryption.ciphers import Row, Unreadable, derive
from victimcare.encryption.roots import KEY_BYTES, NONCE_BYTES, root_key

if TYPE_CHECKING:
    from victimcare.models.keys import StateKey, SubjectKey
    from victimcare.models.organizations import MemberState, Organization

ROW = "row"


class SubjectErased(Exception):
    """The subject key was destroyed: what it encrypted can be read by nobody any more."""

    def __init__(self) -> None:
        super().__init__("This person was erased.")


class StateKeyGone(Exception):
    """The state's next key took its place."""


class OpenKey:
    """One unwrapped subject key and what is derived from it, one key per purpose."""

    def __init__(self, key: bytes, version: int) -> None:
        self.version = version
        self.header = ciphers.header(version)
        # Made in a transaction that is not over: nobody else knows of it.
        self.is_new = False
        self._key = key
        self._ciphers: dict[str, AESGCM] = {}
        self._row = b""

    def derived(self, purpose: str) -> bytes:
        return derive(self._key, purpose)

    def cipher(self, purpose: str) -> AESGCM:
        found = self._ciphers.get(purpose)
        if found is None:
            found = self._ciphers[purpose] = AESGCM(self.derived(purpose))
        return found

    def derived_row(self) -> bytes:
        self._row = self._row or self.derived(ROW)
        return self._row

    def mac(self, row: Row, blobs: Mapping[str, bytes]) -> bytes:
        return ciphers.mac(self.derived_row(), self.version, row, blobs)

    def confirms(self, mac: bytes, row: Row, blobs: Mapping[str, bytes]) -> bool:
        """These values were stored together. Raises Unreadable where they lie under different versions."""
        return hmac.compare_digest(mac, self.mac(row, blobs))

    def wrapped(self, cipher: AESGCM, context: bytes) -> bytes:
        return wrap(cipher, self._key, context)

    def known(self) -> None:
        self.is_new = False


_ring: ContextVar[dict[UUID, OpenKey] | None] = ContextVar("subject_keys", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Keys fetched inside are held until the end of this block: a request, a task, a batch."""
    token = _ring.set({})
    try:
        yield
    finally:
        _ring.reset(token)


def open_key(key_id: UUID, *, at_least: int = 0) -> OpenKey:
    """A subject key in its present version. `at_least` is the version of what is to be read: the key may have
    been renewed since it was fetched.
    """
    ring = _ring.get()
    if ring is not None and key_id in ring and ring[key_id].version >= at_least:
        return ring[key_id]
    found = _open(_stored().get(pk=key_id))
    if ring is not None:
        ring[key_id] = found
    return found


def key_for_new(key_id: UUID) -> OpenKey:
    """The key for a new row. Until the transaction ends nobody renews or destroys it, and misses the row."""
    ring = _ring.get() or {}
    if key_id in ring and ring[key_id].is_new:
        return ring[key_id]
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.hold_subject_key(%s)", [key_id])
        [version] = cursor.fetchone()
    if version is None:
        raise SubjectErased
    return open_key(key_id, at_least=version)


def preload(records: Iterable[models.Model]) -> None:
    """Fetch the subject keys of a page of records in one query. Needs `held()` around it."""
    preload_keys(record.subject_key_id for record in records if record.subject_key_id)  # type: ignore[attr-defined]  # every model with an encrypted field has one


def preload_keys(key_ids: Iterable[UUID]) -> None:
    ring = _ring.get()
    if ring is None:
        return
    if missing := set(key_ids) - ring.keys():
        for row in _stored_keys()(keys=list(missing)):
            ring[row.pk] = _open(row)


def take(rows: Iterable["SubjectKey"]) -> None:
    """Hold keys that were read with their state's key and its member state, as `preload` does."""
    ring = _ring.get()
    for row in rows:
        if ring is not None and row.pk not in ring and row.destroyed_at is None:
            kept: Any = row
            kept.state_version = row.state_key.version
            kept.minimum = row.state_key.member_state.minimum_key_version
            ring[row.pk] = _open(kept)


@cache
def _stored_keys() -> Any:
    """Those of these keys that were not destroyed, by one query that is written once."""
    from victimcare.prepared import Prepared, Uuids, among

    return Prepared(lambda keys: _stored().filter(among("pk", keys), destroyed_at=None), keys=Uuids)


def new_subject_key(
    organization: "Organization", state_key: "StateKey | None" = None, key_id: UUID | None = None
) -> "SubjectKey":
    """An unsaved subject key for one person in one organisation, already open in this block.

    Whoever makes many gives the member state's current key, so that it is looked up once.
    """
    from victimcare.models.keys import SubjectKey

    state_key = state_key or current_state_key(organization.member_state)
    row = SubjectKey(id=key_id or uuid4(), organization=organization, state_key=state_key, version=1)
    row.made_under = state_key.version
    key = os.urandom(KEY_BYTES)
    row.wrapped = wrap(state_cipher(state_key.pk), key, row.context())
    ring = _ring.get()
    if ring is not None:
        ring[row.pk] = OpenKey(key, row.version)
        ring[row.pk].is_new = True
        transaction.on_commit(ring[row.pk].known)
    return row


def current_state_key(state: "MemberState") -> "StateKey":
    """The newest key of a member state, which nobody takes away until the transaction ends; the first is made
    when it is first needed.
    """
    from victimcare.models.keys import StateKey

    found = _hold_newest(state)
    if found is None:
        row = StateKey(id=uuid4(), member_state=state, version=1)
        row.wrap(os.urandom(KEY_BYTES), root_key())
        # Two processes may come here at once: the unique (state, version) keeps one of them.
        StateKey.objects.bulk_create([row], ignore_conflicts=True)
        found = _hold_newest(state)
    return StateKey.objects.get(pk=found)


def _hold_newest(state: "MemberState") -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.hold_state_key(%s)", [state.pk])
        return cursor.fetchone()[0]


def wrap(cipher: AESGCM, key: bytes, context: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, key, context)


def unwrap(cipher: AESGCM, wrapped: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


def _stored() -> Any:
    """Subject keys, each with the version of its state's key and the oldest that the state still accepts."""
    from victimcare.models.keys import SubjectKey

    return SubjectKey.objects.annotate(
        state_version=F("state_key__version"),
        minimum=F("state_key__member_state__minimum_key_version"),
    )


def _open(row: Any) -> OpenKey:
    if row.wrapped is None:
        raise SubjectErased
    _require_accepted(row)
    try:
        cipher = state_cipher(row.state_key_id)
    except StateKeyGone:
        return _open_moved(row)
    return OpenKey(unwrap(cipher, bytes(row.wrapped), row.context()), row.version)


def _require_accepted(row: Any) -> None:
    """Nothing under a key that was replaced: who put it back may know the key."""
    if row.state_version < row.minimum:
        raise Unreadable


def _open_moved(row: Any) -> OpenKey:
    """A rotation ended after this row was read: by now it lies under the state's next key."""
    moved = _stored().get(pk=row.pk)
    if moved.state_key_id == row.state_key_id:
        raise Unreadable
    return _open(moved)


def accepted_state_cipher(state_key_id: UUID) -> AESGCM:
    """Raises StateKeyGone where that key was destroyed: whoever read it before a rotation ended asks anew.
    Raises Unreadable where the state does not accept it.
    """
    from victimcare.models.keys import StateKey

    row = StateKey.objects.annotate(minimum=F("member_state__minimum_key_version")).get(pk=state_key_id)
    if row.wrapped is None:
        raise StateKeyGone
    if row.version < row.minimum:
        raise Unreadable
    return state_cipher(state_key_id)


@lru_cache(maxsize=256)
def state_cipher(state_key_id: UUID) -> AESGCM:
    """A member state's key, unwrapped once per process: each version is a row of its own, a new one is found
    without a restart. What fails is not remembered.
    """
    from victimcare.models.keys import StateKey

    row = StateKey.objects.get(pk=state_key_id)
    if row.wrapped is None:
        raise StateKeyGone
    return AESGCM(root_key().unwrap(bytes(row.wrapped), row.context(), row.root_key_id))
