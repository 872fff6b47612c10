"""What the keeper of background work does with it."""

from uuid import UUID

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from victimcare import access, acting, audit, queue
from victimcare.models import User
from victimcare.models.logs import Action


@transaction.atomic
def try_again(task_id: UUID, *, by: User) -> bool:
    """A task that failed for good waits again; False if it waits already or was done meanwhile. It runs as
    who caused it, if they may still cause anything. Raises PermissionDenied.
    """
    access.require(by, access.KEEP_WORK)
    with acting.as_job("queue"):
        waits = queue.try_again(task_id)
    if waits:
        audit.record(Action.CHANGE, DBTaskResult, by=by, kinds=())
    return waits
