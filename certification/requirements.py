"""What a scheme or a kind of accreditation asks for, beside what an applicant states.

A scheme's requirements are numbers and yes or no by name (`experience_hours`); those of an accreditation
are a list of sentences per language. Evidence has the same keys; a sentence's key is its place in the list
(`condition_0`). Rules for renewal and attestations of health are not asked here.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certification.models import AccreditationKind, Application, SchemeVersion
from victimcare import languages

NUMBERS: dict[str, Promise] = {
    "experience_hours": _("Hours of experience"),
    "experience_years": _("Years of experience"),
    "education_hours": _("Hours of education"),
    "supervised_hours": _("Hours of supervised practice"),
    "references": _("References"),
}
TOPICS: dict[str, Promise] = {
    "hiv_aids": _("Hours of education on HIV and AIDS"),
    "ethics": _("Hours of education on ethics"),
    "physiology_pharmacology": _("Hours of education on physiology and pharmacology"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement. `least` is the number that is asked for; without it, yes or no, or words."""

    key: str
    label: Any
    least: int | None = None
    in_words: bool = False

    @property
    def asked(self) -> str:
        return gettext("at least %(number)d") % {"number": self.least} if self.least is not None else ""

    def is_met(self, stated: Any) -> bool:
        return bool(stated) if self.least is None else (stated or 0) >= self.least


@dataclass(frozen=True, slots=True)
class Answer:
    """A requirement and what the applicant states; `kind` and `verdict` are its status in shape and words."""

    label: Any
    asked: str
    stated: str
    is_met: bool

    @property
    def kind(self) -> str:
        return "good" if self.is_met else "wait"

    @property
    def verdict(self) -> str:
        if self.is_met:
            return gettext("as asked")
        return gettext("less than asked") if self.stated else gettext("not stated")


def items(version: SchemeVersion | AccreditationKind) -> list[Item]:
    """What is asked for, in the reader's language and in a fixed order."""
    if isinstance(version, SchemeVersion):
        return _of_scheme(version.requirements)
    return [Item(f"condition_{place}", _words(one)) for place, one in enumerate(version.requirements)]


def answers(application: Application) -> list[Answer]:
    """Each requirement beside the evidence."""
    evidence = application.evidence or {}
    return [
        Answer(item.label, item.asked, _stated(evidence.get(item.key)), item.is_met(evidence.get(item.key)))
        for item in items(application.asked_for)
    ]


def missing(application: Application) -> list[Answer]:
    """What is not stated, or less than asked: it may be sent so, knowingly."""
    return [answer for answer in answers(application) if not answer.is_met]


def _of_scheme(asked: dict[str, Any]) -> list[Item]:
    found = [Item(key, label, least=asked[key]) for key, label in NUMBERS.items() if asked.get(key)]
    topics = asked.get("mandatory_hours") or {}
    found += [
        Item(f"hours_{key}", label, least=topics[key]) for key, label in TOPICS.items() if topics.get(key)
    ]
    if asked.get("prerequisite"):
        found.append(Item("prerequisite", _words(asked["prerequisite"]), in_words=True))
    if asked.get("exam"):
        found.append(Item("exam", _("Examination passed")))
    return [*found, Item("ethics_code", _("Agrees to keep the code of ethics"))]


def _words(texts: dict[str, str]) -> str:
    return texts.get(languages.of_page()) or texts["en"]


def _stated(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "" if value is None else str(value)
