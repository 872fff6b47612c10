"""What became of what a user asked other organisations for."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import RecordRequest

Status = RecordRequest.Status
WORDS: dict[str, Promise] = {
    Status.ASKED: _("Waits for an answer."),
    Status.CONTACT: _("You will hear from:"),
    Status.DECLINED: _("Nobody will get in touch."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One time of asking, however many it went to. `answered_by` only where somebody will get in touch."""

    at: datetime
    words: Promise
    answered_by: str


def mine() -> list[Asked]:
    """What the acting user asked for, newest first. The database tells this, and shows them no request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked_at, status, answered_by FROM app.my_requests()")
        return [Asked(at, WORDS[status], answered_by or "") for at, status, answered_by in cursor.fetchall()]
