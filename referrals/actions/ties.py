"""Conflicts of interest beyond the case: who is not sent to, and to whom it is closed."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions import declare_tie_unseen
from cases.models import Case, Tie
from cases.notices import told_of
from referrals import notices
from referrals.models import Referral
from victimcare import access, workflow
from victimcare.models import Organization, User

CLOSED = "SELECT app.places_closed(%s)"
TIED = "sent_to_nobody_tied"  # the database's own check, see the migration
# What the receiver would read gives nothing away.
REASON = "no_longer_needed"


class NotAvailable(ValidationError):
    """Says no more, whoever asks: who is tied, or why, is nobody's business here."""

    def __init__(self) -> None:
        super().__init__(
            _("This provider is not available for this referral. Choose another provider."),
            code="not_available",
        )


def not_available(case: Case, *, by: User) -> frozenset[UUID]:
    """Organisations to which this user sends nothing of this case: where the alleged perpetrator works, lives
    or is served, and where the user belongs themselves.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLOSED, [case.subject_key_id])
        tied = cursor.fetchone()[0]
    own = (one.organization_id for one in access.memberships(by))
    return frozenset([*tied, *own]) - {case.organization_id}


def require_available(case: Case, receiver: Organization, *, by: User) -> None:
    if receiver.pk in not_available(case, by=by):
        raise NotAvailable


@transaction.atomic
def declare_tie_on(
    referral: Referral, *, by: User, kind: str, words: str = "", record_id: UUID | None = None
) -> Tie:
    """Provider staff say that they are tied to somebody whom a referral is about: it is closed to them from
    now on, to their colleagues it is not. Raises PermissionDenied, ValidationError.
    """
    if not Referral.objects.received_by(by).filter(pk=referral.pk).exists():
        raise PermissionDenied
    number, team_id = told_of(referral.case_id)
    unseen = Case(
        pk=referral.case_id,
        organization=referral.organization,
        subject_key_id=referral.subject_key_id,
        number=number,
        team_id=team_id,
    )
    return declare_tie_unseen(unseen, by=by, kind=kind, words=words, record_id=record_id)


@transaction.atomic
def withdraw_from_tied(tie: Tie, *, by: User) -> int:
    """Take back what runs to an organisation that is tied; returns how many. Who works on the cases is told,
    nobody there is. What ended there is closed to it by the tie itself.
    """
    known: Any = Referral.objects.current().filter(subject_key=tie.subject_key_id, receiver=tie.place_id)
    running = known.filter(status__in=[Referral.Status.DRAFT, *Referral.RUNNING])
    # Locked before it is looked at: an acceptance at the same moment comes first, and is taken back.
    found = list(running.select_for_update(of=("self",)).order_by("pk"))
    for referral in found:
        notices.withdrawn(workflow.advance(referral, "lock", by=by, reason=REASON, end_reason=REASON))
    return len(found)
