"""The root key and the member states' keys change while people work (ADR 7). Run by the database's owner.

Each step is a transaction of its own, and the rows say what is left to do: killed anywhere, it goes on when
it is called again.
"""

import os
import time
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from victimcare.encryption import keyring, second_factors
from victimcare.encryption.roots import KEY_BYTES, root_key
from victimcare.models.keys import StateKey, SubjectKey, subject_key_context
from victimcare.models.organizations import MemberState

BATCH = 5000
# While all that is left is being written to.
PAUSE = 0.05
# As text: 100,000 of them are moved in seconds, and each object would cost as much as its encryption.
TAKE = """
SELECT state_key_id, wrapped, organization_id::text, id::text, version FROM victimcare_subjectkey
 WHERE state_key_id = ANY (%s) AND wrapped IS NOT NULL LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
MOVE = """
UPDATE victimcare_subjectkey AS moved SET wrapped = new.wrapped, state_key_id = %s
  FROM unnest(%s::uuid[], %s::bytea[]) AS new (id, wrapped) WHERE moved.id = new.id
"""


class NoKeyYet(Exception):
    """The member state has no key: nothing was encrypted there."""


# -- The root ------------------------------------------------------------------------------------------------


def rotate_root() -> tuple[int, int]:
    """Wraps what older root keys wrapped by the present one: how many state keys, and second factors."""
    present = root_key().key_id
    states = StateKey.objects.exclude(root_key_id=present).exclude(wrapped=None).values_list("pk", flat=True)
    factors = Authenticator.objects.values_list("pk", flat=True)
    return sum(map(_rewrap, list(states))), sum(map(_rewrap_factor, list(factors)))


@transaction.atomic
def _rewrap(key_id: object) -> bool:
    row = StateKey.objects.select_for_update().exclude(wrapped=None).get(pk=key_id)
    wrapped = bytes(row.wrapped or b"")
    row.wrap(root_key().unwrap(wrapped, row.context(), row.root_key_id), root_key())
    row.save(update_fields=["wrapped", "root_key_id"])
    return True


@transaction.atomic
def _rewrap_factor(factor_id: object) -> bool:
    row = Authenticator.objects.select_for_update().filter(pk=factor_id).first()
    data = second_factors.rewrapped(row.data) if row else {}
    if row is None or data == row.data:
        return False
    row.data = data
    row.save(update_fields=["data"])
    return True


# -- A member state ------------------------------------------------------------------------------------------


def rotate_state(state: MemberState) -> tuple[int, int]:
    """The state's keys lie under a new one, and the old one is destroyed: its version, how many were moved.

    A rotation that did not end is ended first. Raises NoKeyYet.
    """
    newest = _successor(state)
    old = [key.pk for key in _living(state) if key.version < newest.version]
    moved = 0
    while not _destroyed(old, newest):
        some = _move_some(old, newest)
        moved += some
        if not some:
            time.sleep(PAUSE)
    return newest.version, moved


def _living(state: MemberState) -> list[StateKey]:
    return list(StateKey.objects.filter(member_state=state).exclude(wrapped=None).order_by("version"))


def _successor(state: MemberState) -> StateKey:
    living = _living(state)
    if not living:
        raise NoKeyYet
    if len(living) > 1:
        return living[-1]
    made = StateKey(id=uuid4(), member_state=state, version=living[0].version + 1)
    made.wrap(os.urandom(KEY_BYTES), root_key())
    made.save(force_insert=True)
    return made


@transaction.atomic
def _move_some(old: list[UUID], newest: StateKey) -> int:
    """Subject keys that are being written under now are left for the next round: nobody waits for another."""
    below = keyring.state_cipher(newest.pk)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [old, BATCH])
        taken = cursor.fetchall()
        wrapped = []
        for over, wrapped_before, *names in taken:
            context = subject_key_context(*names)
            key = keyring.unwrap(keyring.state_cipher(over), bytes(wrapped_before), context)
            wrapped.append(keyring.wrap(below, key, context))
        cursor.execute(MOVE, [newest.pk, [row[-2] for row in taken], wrapped])
    return len(taken)


@transaction.atomic
def _destroyed(old: list[UUID], newest: StateKey) -> bool:
    """False while something lies under an old key. Whoever makes something under one holds it until then."""
    left = SubjectKey.objects.filter(state_key__in=old).exclude(wrapped=None)
    if left.exists():
        return False
    list(StateKey.objects.select_for_update().filter(pk__in=old))
    if left.exists():
        return False
    StateKey.objects.filter(pk__in=old).update(wrapped=None)
    state = newest.member_state
    state.minimum_key_version = newest.version
    state.save(update_fields=["minimum_key_version"])
    return True
