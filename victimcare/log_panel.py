"""The auditor's panel of the home page: what was refused lately, and how far the log is sealed."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from victimcare import access, reading
from victimcare.models import AccessEntry, User
from victimcare.models.logs import Action

DAYS = 7


def watch(user: User) -> dict[str, Any]:
    """Figures only. Refusals that grow may be somebody who tries doors."""
    after = timezone.now() - timedelta(days=DAYS)
    lately = AccessEntry.objects.visible_to(user).filter(at__gte=after)
    return {
        "days": DAYS,
        "refused": lately.filter(action=Action.REFUSED).count(),
        "kept_out": lately.filter(action=Action.KEPT_OUT).count(),
        "sealed": reading.sealed_in_words(access.states_with(user, "victimcare.audit")),
    }
