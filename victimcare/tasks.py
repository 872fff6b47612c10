"""Background work of no other app: what was used up goes, and what waits for its seal gets it."""

from django.core.management import call_command
from django.utils import timezone
from django_tasks import task

from victimcare import acting


@task()
def clear_sessions() -> None:
    """Sessions that ended, and tries to sign in that count no more."""
    from victimcare.sign_in import tries

    call_command("clearsessions")
    tries.forget()


@task()
def clear_queue() -> None:
    from victimcare import queue

    with acting.as_job("queue"):
        queue.clear(timezone.now())


@task()
def seal_log() -> None:
    """The sealer does it every few seconds (docs/access-log.md); this is for when it stands still."""
    from victimcare.sealing import sealing

    sealing.seal_all()
