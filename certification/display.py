"""How states, dates and names are written on the pages of this app: made here once, not in templates."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from certification.models import Accreditation, Application, Certificate, Credential
from victimcare import codelists
from victimcare.addresses import address
from victimcare.words import choice_words, day_words

APPLICATION_KINDS: dict[str, str] = {
    Application.Status.DRAFT: "neutral",
    Application.Status.SUBMITTED: "wait",
    Application.Status.UNDER_REVIEW: "info",
    Application.Status.REVIEWED: "wait",
}
CREDENTIAL_KINDS: dict[str, str] = {
    Credential.Status.ISSUED: "good",
    Credential.Status.SUSPENDED: "stop",
    Credential.Status.EXPIRED: "bad",
    Credential.Status.REVOKED: "bad",
    Credential.Status.SURRENDERED: "bad",
    Credential.Status.RENEWED: "neutral",
}


def day(value: date | datetime | None) -> str:
    return "" if value is None else day_words(value, form="DATE_FORMAT")


def period(credential: Credential) -> str:
    days = {"first": day(credential.valid_from), "last": day(credential.valid_until)}
    return gettext("%(first)s to %(last)s") % days


def application_status(application: Application) -> dict[str, str]:
    """`kind` and `label` for the status part."""
    if application.status == Application.Status.DECIDED:
        approved = application.decision == Application.Decision.APPROVED
        return {
            "kind": "good" if approved else "bad",
            "label": choice_words(Application.Decision, application.decision),
        }
    return {
        "kind": APPLICATION_KINDS[application.status],
        "label": choice_words(Application.Status, application.status),
    }


def credential_status(credential: Credential) -> dict[str, str]:
    """`kind` and `label` as of today, for the status part."""
    today = timezone.localdate()
    status = Credential.Status(credential.status_on(today))
    if status == Credential.Status.ISSUED and credential.valid_from > today:
        return {"kind": "info", "label": gettext("valid from a later day")}
    return {"kind": CREDENTIAL_KINDS[status], "label": str(status.label)}


def applicant(application: Application) -> str:
    """Who applies. A person's name: only for pages of the body and of the person."""
    if application.practitioner_id:
        return application.identity.legal_name
    return str(application.institution)


def application_row(application: Application) -> dict[str, Any]:
    return {
        "url": address("certification:application", application.pk),
        "number": application.number,
        "applicant": applicant(application),
        "title": str(application.asked_for),
        "sent": day(application.submitted_at),
        "reviewer": str(application.reviewed_by or application.review_started_by or ""),
        **application_status(application),
    }


def credential_row(credential: Credential) -> dict[str, Any]:
    """A line of the register: no name of a person in it."""
    row = {
        "url": credential_url(credential),
        "number": credential.number,
        "period": period(credential),
        "body": credential.organization.name,
        **credential_status(credential),
    }
    if isinstance(credential, Accreditation):
        place = credential.location.name if credential.location else gettext("all places")
        return row | {
            "title": str(credential.kind),
            "institution": credential.institution.name,
            "place": place,
        }
    assert isinstance(credential, Certificate)  # noqa: S101  # there are two kinds of credential
    return row | {"title": str(credential.scheme_version)}


def suspension_notice(credential: Any) -> dict[str, str]:
    """`title` and `text` for its holder, of one that was read `suspended()`: since when, why, what it means,
    and whom to ask.
    """
    [suspension] = credential.running_suspensions
    told = {
        "day": day(suspension.from_day),
        "what": credential_row(credential)["title"],
        "reason": codelists.get("suspension-reason").label(suspension.reason),
        "body": credential.organization.name,
    }
    if isinstance(credential, Accreditation):
        means = gettext(
            "Reason: %(reason)s. Referrals that rest on it can be declined, not accepted, and no new ones "
            "are sent to you. What you accepted before goes on. Ask %(body)s about it."
        )
    else:
        means = gettext(
            "Reason: %(reason)s. It does not count until it is reinstated. Ask %(body)s about it."
        )
    return {"title": gettext("Suspended since %(day)s: %(what)s") % told, "text": means % told}


def credential_url(credential: Credential, step: str = "") -> str:
    """The credential's own page, or that of a step: "suspend", "reinstate", "revoke"."""
    name = credential._meta.model_name
    return reverse(f"certification:{name}_{step}" if step else f"certification:{name}", args=[credential.pk])


def service_kinds(accreditation: Accreditation) -> str:
    labels = codelists.get("service-kind")
    return ", ".join(labels.label(code) for code in accreditation.kind.service_kinds)
