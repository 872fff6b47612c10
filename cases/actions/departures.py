"""What closes when somebody leaves a team or an organisation."""

from django.db import transaction
from django.db.models import Q

from cases.actions.assignments import end_work
from cases.models import Assignment, Case
from victimcare import access, acting
from victimcare.models import Membership, User


@transaction.atomic
def close_to_who_left(membership: Membership, *, by: User) -> int:
    """All work of this user in the organisation ends but in teams where they still work with cases, fact and
    grants together; returns how much.

    `by` ended the membership, and may be an administrator, to whom these cases do not exist: so the
    installation closes them, in their name. A supervisor of the team is shown which cases have nobody now.
    """
    with acting.as_job("departure"):
        cases = Case.objects.filter(_left_by(membership))
        work = Assignment.objects.filter(case__in=cases, user=membership.user, ended_at=None)
        # Locked in one order, so that two departures at once do not wait for each other.
        ending = list(work.select_related("case", "user").select_for_update(of=("self",)).order_by("pk"))
        for one in ending:
            end_work(one, by=by)
    return len(ending)


def _left_by(membership: Membership) -> Q:
    """The cases there that the user works on, outside of the teams where they still do."""
    kept = Membership.objects.active().filter(
        user=membership.user_id,
        organization=membership.organization_id,
        role__in=access.roles_with("cases.work"),
        team__isnull=False,
    )
    worked_on = Assignment.objects.filter(user=membership.user_id, ended_at=None).values("case_id")
    return Q(organization=membership.organization_id, pk__in=worked_on) & ~Q(
        team__in=list(kept.values_list("team_id", flat=True))
    )
