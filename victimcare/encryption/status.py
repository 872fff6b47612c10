"""Which keys there are: what `manage.py keys status` says."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from victimcare.encryption import renewal
from victimcare.encryption.roots import root_key
from victimcare.models.keys import StateKey, SubjectKey
from victimcare.models.organizations import MemberState


@dataclass(frozen=True, slots=True)
class Status:
    """Of one member state. `old_versions` are older keys of the state that are still there, `under_old` the
    subject keys below them; `to_renew` were made under one; `other_root` is wrapped by another root key.
    """

    state: str
    version: int
    minimum: int
    subject_keys: int
    erased: int
    old_versions: int
    under_old: int
    to_renew: int
    other_root: int


def states() -> Iterator[Status]:
    present = root_key().key_id
    for state in MemberState.objects.filter(pk__in=StateKey.objects.values("member_state")).order_by("pk"):
        yield _of(state, present)


def _of(state: MemberState, present: str) -> Status:
    keys = StateKey.objects.filter(member_state=state)
    newest = keys.order_by("-version")[0]
    old = keys.exclude(pk=newest.pk).exclude(wrapped=None)
    subjects = SubjectKey.objects.filter(organization__member_state=state)
    living = subjects.exclude(wrapped=None)
    return Status(
        state=state.pk,
        version=newest.version,
        minimum=state.minimum_key_version,
        subject_keys=living.count(),
        erased=subjects.filter(wrapped=None).count(),
        old_versions=old.count(),
        under_old=living.filter(~Q(state_key=newest)).count(),
        to_renew=renewal.older(state).count(),
        other_root=keys.exclude(wrapped=None).exclude(root_key_id=present).count(),
    )
