"""Which services suit a need, and why: pure rules over plain values, one reason in words for each.

A rule looks at one need and one offer and answers with a reason or nothing. An offer is proposed when no
reason speaks against it. Unknown is a value: what is not known excludes nobody, it is a question to ask.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from victimcare import codelists

UNKNOWN_GENDER = frozenset({"", "unknown"})


class Weight(Enum):
    """What a reason does: FOR speaks for the offer, ASK is an open question, AGAINST excludes it."""

    FOR = "for"
    ASK = "ask"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Reason:
    weight: Weight
    text: str
    points: int = 0
    only_full: bool = False  # the one exclusion that waiting can mend


@dataclass(frozen=True, slots=True)
class Need:
    """What is looked for. `ages` are the youngest and oldest that the person may be; None is not known.
    `region` is the one that was asked for, `home` the person's own.
    """

    service_kind: str
    organization_id: UUID
    member_state: str
    enrolment_kinds: frozenset[str] = frozenset()
    gender: str = ""
    ages: tuple[int, int] | None = None
    region: str = ""
    home: str = ""
    language: str = ""
    refused_by: frozenset[UUID] = frozenset()
    running_at: frozenset[UUID] = frozenset()  # offers that this case is referred to already
    not_available: frozenset[UUID] = frozenset()  # organisations that a conflict of interest excludes

    @property
    def near(self) -> frozenset[str]:
        """The regions that count as near."""
        return frozenset({self.region, self.home} - {""})


@dataclass(frozen=True, slots=True)
class Standing:
    """The accreditation on the day at the place; if there is none today, what is known of the last one."""

    accredited: bool
    staff_met: bool = True
    suspended_since: date | None = None
    ended_on: date | None = None

    @property
    def eligible(self) -> bool:
        return self.accredited and self.staff_met


@dataclass(frozen=True, slots=True)
class Offer:
    """A service at a location. An empty tuple means: no restriction. `places_free` None is not counted."""

    pk: UUID
    organization_id: UUID
    organization_name: str
    member_state: str
    service_name: str
    location_name: str
    location_region: str
    standing: Standing
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    enrolment_kinds: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    places_free: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    offer: Offer
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def included(self) -> bool:
        return not self.against

    @property
    def against(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.weight is Weight.AGAINST)

    @property
    def may_wait(self) -> bool:
        """Nothing but a free place is missing: the provider can be asked for its waiting list."""
        return bool(self.against) and all(reason.only_full for reason in self.against)

    @property
    def points(self) -> int:
        return sum(reason.points for reason in self.reasons)


def judge(need: Need, offer: Offer) -> Verdict:
    """All rules on one offer: what excludes it first, then what speaks for it, then what is to be asked."""
    found = [reason for rule in RULES if (reason := rule(need, offer)) is not None]
    order = (Weight.AGAINST, Weight.FOR, Weight.ASK)
    return Verdict(offer, tuple(sorted(found, key=lambda reason: order.index(reason.weight))))


def rank(need: Need, offers: Iterable[Offer]) -> tuple[list[Verdict], list[Verdict]]:
    """The proposed ones, best first, and the excluded ones, those with the fewest obstacles first."""
    verdicts = [judge(need, offer) for offer in offers]
    included = sorted((v for v in verdicts if v.included), key=_best_first)
    excluded = sorted(
        (v for v in verdicts if not v.included), key=lambda v: (len(v.against), *_best_first(v))
    )
    return included, excluded


def best_elsewhere(need: Need) -> int:
    """The most points of an offer that nothing excludes and that reaches neither the region asked for nor the
    person's own: it fits in all else, and lies in the person's member state.
    """
    youngest, oldest = need.ages or (None, None)
    fitting = Offer(
        pk=need.organization_id,
        organization_id=need.organization_id,
        organization_name="",
        member_state=need.member_state,
        service_name="",
        location_name="",
        location_region="",
        standing=Standing(accredited=True),
        languages=(need.language,) if need.language else (),
        enrolment_kinds=tuple(need.enrolment_kinds),
        genders=() if need.gender in UNKNOWN_GENDER else (need.gender,),
        age_from=youngest,
        age_to=oldest,
        places_free=1,
    )
    return judge(need, fitting).points


def _best_first(verdict: Verdict) -> tuple[int, str, str]:
    return (-verdict.points, verdict.offer.organization_name, str(verdict.offer.pk))


# -- The rules -----------------------------------------------------------------------------------------------


def own_organization(need: Need, offer: Offer) -> Reason | None:
    if offer.organization_id == need.organization_id:
        return _against(_("Your own organisation"))
    return None


def available(need: Need, offer: Offer) -> Reason | None:
    """A conflict of interest excludes the organisation. The words give nothing of it away."""
    if offer.organization_id in need.not_available:
        return _against(_("Not available for this referral"))
    return None


def accreditation(need: Need, offer: Offer) -> Reason:
    standing = offer.standing
    if standing.accredited:
        return Reason(Weight.FOR, _("Accredited today for this kind of service"))
    if standing.suspended_since:
        since = date_format(standing.suspended_since, "DATE_FORMAT")
        return _against(_("Accreditation suspended since %(day)s") % {"day": since})
    if standing.ended_on:
        day = date_format(standing.ended_on, "DATE_FORMAT")
        return _against(_("Accreditation not valid since %(day)s") % {"day": day})
    return _against(_("Not accredited for this kind of service at this place"))


def staff(need: Need, offer: Offer) -> Reason | None:
    """Only an accredited institution is asked for its staff: before that, the other reason is enough."""
    if not offer.standing.accredited or offer.standing.staff_met:
        return None
    return _against(_("Too few of its staff hold the certificates that are required, today"))


def refused(need: Need, offer: Offer) -> Reason | None:
    if offer.organization_id in need.refused_by:
        return _against(_("Declined a referral of this case for the same kind of service"))
    return None


def already_asked(need: Need, offer: Offer) -> Reason | None:
    if offer.pk in need.running_at:
        return _against(_("This case is referred there already"))
    return None


def kind_of_case(need: Need, offer: Offer) -> Reason | None:
    if not offer.enrolment_kinds:
        return None
    if not need.enrolment_kinds:
        return Reason(Weight.ASK, _("Kind of case not known: ask"))
    if need.enrolment_kinds.isdisjoint(offer.enrolment_kinds):
        return _against(_("Not for this kind of case"))
    return Reason(Weight.FOR, _("For this kind of case"), points=2)


def gender(need: Need, offer: Offer) -> Reason | None:
    if not offer.genders:
        return None
    if need.gender in UNKNOWN_GENDER:
        return Reason(Weight.ASK, _("Gender not known: ask"), points=-1)
    if need.gender in offer.genders:
        return Reason(Weight.FOR, _only(offer.genders), points=1)
    return _against(_only(offer.genders))


def age(need: Need, offer: Offer) -> Reason | None:
    if offer.age_from is None and offer.age_to is None:
        return None
    if need.ages is None:
        return Reason(Weight.ASK, _("Age not known: ask"), points=-1)
    youngest, oldest = need.ages
    lowest, highest = offer.age_from or 0, 200 if offer.age_to is None else offer.age_to
    taken = _age_words(offer.age_from, offer.age_to)
    if oldest < lowest or youngest > highest:
        return _against(taken)
    if youngest < lowest or oldest > highest:
        return Reason(Weight.ASK, _("%(rule)s: ask for the exact age") % {"rule": taken}, points=-1)
    return Reason(Weight.FOR, taken, points=1)


def region(need: Need, offer: Offer) -> Reason | None:
    """The region that was asked for: who serves only others is excluded. It goes before the person's own."""
    if _serves_only_others(need, offer):
        return _against(_("Does not serve the region"))
    if not need.region or need.home in {"", need.region}:
        return None
    if need.region == offer.location_region:
        return Reason(Weight.FOR, _("In the region that you chose"), points=10)
    if need.region in offer.regions:
        return Reason(Weight.FOR, _("Serves the region that you chose"), points=9)
    return None


def home(need: Need, offer: Offer) -> Reason | None:
    """How far from where the person lives: this counts whichever region was asked for, and if none was."""
    own = need.home or need.region
    if not own or _serves_only_others(need, offer):
        return None
    if own == offer.location_region:
        return Reason(Weight.FOR, _("In the same region"), points=4)
    if own in offer.regions:
        return Reason(Weight.FOR, _("Serves the region"), points=3)
    if offer.member_state == need.member_state:
        return Reason(
            Weight.ASK, _("In another region: ask whether the person can and wants to go"), points=-4
        )
    return None


def language(need: Need, offer: Offer) -> Reason | None:
    if not need.language or not offer.languages:
        return None
    spoken = codelists.get("language").label(need.language)
    if need.language in offer.languages:
        return Reason(Weight.FOR, _("Works in the language: %(language)s") % {"language": spoken}, points=3)
    return _against(_("Does not work in the language: %(language)s") % {"language": spoken})


def member_state(need: Need, offer: Offer) -> Reason | None:
    """A place in the person's own state comes before all others, whatever else speaks for those."""
    if offer.member_state == need.member_state:
        return None
    return Reason(
        Weight.ASK, _("In another member state: ask whether the person can and wants to go"), points=-100
    )


def places(need: Need, offer: Offer) -> Reason:
    if offer.places_free is None:
        return Reason(Weight.ASK, _("Free places not counted: ask"))
    if offer.places_free == 0:
        return Reason(Weight.AGAINST, _("No place free: waiting list"), only_full=True)
    return Reason(Weight.FOR, _("Free places: %(places)d") % {"places": offer.places_free}, points=2)


RULES: tuple[Callable[[Need, Offer], Reason | None], ...] = (
    own_organization,
    available,
    accreditation,
    staff,
    refused,
    already_asked,
    kind_of_case,
    gender,
    age,
    region,
    home,
    language,
    member_state,
    places,
)


def _against(text: str) -> Reason:
    return Reason(Weight.AGAINST, text)


def _serves_only_others(need: Need, offer: Offer) -> bool:
    if not need.region or not offer.regions:
        return False
    return need.region not in {offer.location_region, *offer.regions}


def _only(genders: Iterable[str]) -> str:
    known = codelists.get("gender")
    return _("Takes only: %(genders)s") % {"genders": ", ".join(str(known.label(code)) for code in genders)}


def _age_words(age_from: int | None, age_to: int | None) -> str:
    if age_to is None:
        return _("Takes people from %(age)d years") % {"age": age_from}
    if age_from is None:
        return _("Takes people up to %(age)d years") % {"age": age_to}
    return _("Takes people from %(from)d to %(to)d years") % {"from": age_from, "to": age_to}
