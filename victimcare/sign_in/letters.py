"""What is mailed about an account: a link, or that something was done. No name, of a person or of a place."""

from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from victimcare.models import User


def invitation(user: User, link: str) -> None:
    with translation.override(user.language):
        subject = _("Your account")
        words = _(
            "An account was made for you. Set your password with this link within three days; it works once."
        )
    _send(user, subject, f"{words}\n\n{link}\n")


def factor_was_reset(user: User) -> None:
    with translation.override(user.language):
        subject = _("Your account")
        words = _(
            "Your second sign-in step was taken away, and you are signed out everywhere. At your next sign-in"
            " you set up another. Did you not ask for this, tell your administrator at once."
        )
    _send(user, subject, f"{words}\n")


def _send(user: User, subject: str, text: str) -> None:
    """After commit, and without delay for who waits: a mail that cannot be sent undoes nothing."""
    if user.email:
        transaction.on_commit(lambda: send_mail(subject, text, None, [user.email], fail_silently=True))
