"""The subject keys in use: fetched together, held for one request or task, forgotten at its end."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from victimcare.encryption.ciphers import CARDS, Unreadable, derive, expand
from victimcare.encryption.roots import KEY_BYTES, NONCE_BYTES, root_key
from victimcare.models.keys import StateKey, SubjectKey
from victimcare.models.organizations import MemberState, Organization


class SubjectErased(Exception):
    """The subject key was destroyed: what it encrypted can be read by nobody any more."""


class _OpenKey:
    """One unwrapped subject key and the ciphers derived from it, one per purpose."""

    def __init__(self, key: bytes, version: int) -> None:
        self.version = version
        self._key = key
        self._ciphers: dict[str, AESGCM] = {}

    def derived(self, purpose: str) -> bytes:
        return derive(self._key, purpose)

    def cipher(self, purpose: str) -> AESGCM:
        if purpose not in self._ciphers:
            make = expand if purpose == CARDS else derive
            self._ciphers[purpose] = AESGCM(make(self._key, purpose))
        return self._ciphers[purpose]


_ring: ContextVar[dict[UUID, _OpenKey] | None] = ContextVar("subject_keys", default=None)


@contextmanager
def held() -> Iterator[None]:
    """Keys fetched inside are held until the end of this block: a request, a task, a batch."""
    token = _ring.set({})
    try:
        yield
    finally:
        _ring.reset(token)


def open_key(key_id: UUID) -> _OpenKey:
    ring = _ring.get()
    if ring is not None and key_id in ring:
        return ring[key_id]
    found = _open(SubjectKey.objects.get(pk=key_id))
    if ring is not None:
        ring[key_id] = found
    return found


def preload(records: Iterable[models.Model]) -> None:
    """Fetch the subject keys of a page of records in one query. Needs `held()` around it."""
    ring = _ring.get()
    if ring is None:
        return
    wanted = {record.subject_key_id for record in records if record.subject_key_id} - ring.keys()  # type: ignore[attr-defined]  # every model with an encrypted field has one
    for row in SubjectKey.objects.filter(pk__in=wanted, destroyed_at=None):
        ring[row.pk] = _open(row)


def new_subject_key(
    organization: Organization, state_key: StateKey | None = None, key_id: UUID | None = None
) -> SubjectKey:
    """An unsaved subject key for one person in one organisation, already open in this block.

    Whoever makes many gives the member state's current key, so that it is looked up once.
    """
    state_key = state_key or current_state_key(organization.member_state)
    row = SubjectKey(id=key_id or uuid4(), organization=organization, state_key=state_key, version=1)
    key = os.urandom(KEY_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    row.wrapped = nonce + state_cipher(state_key.pk).encrypt(nonce, key, row.context())
    ring = _ring.get()
    if ring is not None:
        ring[row.pk] = _OpenKey(key, row.version)
    return row


def current_state_key(state: MemberState) -> StateKey:
    """The newest key of a member state; the first is made when it is first needed."""
    newest = StateKey.objects.filter(member_state=state).order_by("-version").first()
    if newest:
        return newest
    row = StateKey(id=uuid4(), member_state=state, version=1, root_key_id=root_key().key_id)
    row.wrapped = root_key().wrap(os.urandom(KEY_BYTES), row.context())
    # Two processes may come here at once: the unique (state, version) keeps one of them.
    StateKey.objects.bulk_create([row], ignore_conflicts=True)
    return StateKey.objects.get(member_state=state, version=1)


def _open(row: SubjectKey) -> _OpenKey:
    if row.wrapped is None:
        raise SubjectErased("This person was erased.")
    wrapped = bytes(row.wrapped)
    cipher = state_cipher(row.state_key_id)
    try:
        key = cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], row.context())
    except InvalidTag as error:
        raise Unreadable from error
    return _OpenKey(key, row.version)


@lru_cache(maxsize=256)
def state_cipher(state_key_id: UUID) -> AESGCM:
    """A member state's key, unwrapped once per process: each version is a row of its own."""
    row = StateKey.objects.get(pk=state_key_id)
    return AESGCM(root_key().unwrap(bytes(row.wrapped), row.context()))
