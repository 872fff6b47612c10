"""Background work: thin calls, with ids only, as the job that writes to people and reads no record."""

from uuid import UUID

from django.utils import timezone
from django_tasks import task

from victimcare import acting


@task()
def deliver(notification_ids: list[str]) -> None:
    """Hand out what is to be mailed at once: a task each, so that one mailbox does not hold up another."""
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        for pk in mailing.at_once([UUID(one) for one in notification_ids]):
            mail.enqueue(str(pk))


@task(attempts=12)
def mail(notification_id: str) -> None:
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        mailing.mail(UUID(notification_id))


@task()
def digests() -> None:
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        for user_id in mailing.readers_of_digests():
            digest.enqueue(str(user_id))


@task(attempts=12)
def digest(user_id: str) -> None:
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        mailing.digest(UUID(user_id))


@task()
def forget() -> None:
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        mailing.forget(timezone.now())
