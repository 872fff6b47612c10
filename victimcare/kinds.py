"""Kinds of data (design section 5.4). Consent, packets, permissions and notices all hang on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataKind(models.TextChoices):
    IDENTITY = "identity", _("identity")
    CONTACT = "contact", _("contact and safety")
    INCIDENT = "incident", _("incident")
    RISK = "risk", _("risk")
    HEALTH = "health", _("health")
    SUBSTANCE = "substance", _("substance treatment")
    COUNSELLING = "counselling", _("counselling notes")
    DOCUMENTS = "documents", _("documents")


# Not about the person but about the work: status, numbers, dates of a step, who did it.
ADMINISTRATIVE = "administrative"
