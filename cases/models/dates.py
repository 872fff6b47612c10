"""What a date of a person's life can be."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from victimcare.encryption.dates import PartialDate


def not_to_come(told: PartialDate) -> None:
    """Raises ValidationError for a day, a month or a year that has not begun."""
    if told.earliest > timezone.localdate():
        raise ValidationError(_("This day is still to come."), code="to_come")
