"""Where the law of a state has one register: somebody elsewhere asks the owner of a record, who answers."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import access_log, notices, search
from cases.access import require
from cases.clues import Clues
from cases.models import RecordRequest
from victimcare import access, records
from victimcare.models import User


class AnsweredAlready(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Somebody of your team has answered this already."), code="answered_already")


class NobodyToAsk(ValidationError):
    """What was found before is not there any more; or it never was, and somebody tries."""

    def __init__(self) -> None:
        super().__init__(_("There is nobody to ask about this person."), code="nobody_to_ask")


@transaction.atomic
def ask_for_record(clues: Clues, *, by: User) -> None:
    """Ask every owner of a record that these clues find, without learning who they are. Asked again while one
    waits for an answer, it is one request. Raises PermissionDenied, NobodyToAsk.
    """
    access.require(by, "cases.open")
    found = search.in_state(clues, by=by)
    if not found:
        raise NobodyToAsk
    asking, place = uuid.uuid4(), access.memberships_with(by, "cases.open")[0].organization
    plain: models.QuerySet[Any] = models.QuerySet(RecordRequest)
    asked = (RecordRequest(asking=asking, organization=place, case=case, created_by=by) for case in found)
    plain.bulk_create(asked, ignore_conflicts=True)
    notices.record_asked({case.team_id for case in found})
    access_log.hinted(found, by=by)


@transaction.atomic
def answer_request(request: RecordRequest, *, contact: bool, by: User) -> RecordRequest:
    """The owner says that they will get in touch, which tells the asker who they are; or no, which does not.

    Raises PermissionDenied, AnsweredAlready.
    """
    require(by, "cases.assign", request.case)
    if records.locked(request).status != RecordRequest.Status.ASKED:
        raise AnsweredAlready
    status = RecordRequest.Status.CONTACT if contact else RecordRequest.Status.DECLINED
    return records.change(request, by=by, status=status, answered_at=timezone.now(), answered_by=by)
