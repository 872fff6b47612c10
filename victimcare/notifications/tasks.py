"""Background work: thin calls, with ids only, as the job that writes to people and reads no record."""

from uuid import UUID

from django_tasks import task

from victimcare import acting


@task()
def deliver(notification_ids: list[str]) -> None:
    """Hand out what is to be mailed at once: a task each, so that one mailbox does not hold up another."""
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        for pk in mailing.at_once([UUID(one) for one in notification_ids]):
            mail.enqueue(str(pk))


@task()
def mail(notification_id: str) -> None:
    from victimcare.notifications import mailing

    with acting.as_job("notices"):
        mailing.mail(UUID(notification_id))
