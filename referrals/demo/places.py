"""The organisations of the demonstration, and what they offer. All are invented."""

from dataclasses import dataclass
from typing import TypedDict

from referrals import actions
from referrals.models import Service
from victimcare import actions as house_actions
from victimcare import records
from victimcare.models import Location, Organization, Team, Tier


@dataclass(frozen=True, slots=True)
class Offer:
    kind: str
    name: str
    places_free: int | None
    tier: str = Tier.PARTNER
    enrolments: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    age_from: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation: its teams open cases, its offers accept referrals."""

    code: str
    name: str
    state: str
    region: str
    zone: str
    teams: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    certifies: bool = False
    address: str = ""
    # Codes of accreditation kinds, see certification/data.
    accredited: tuple[str, ...] = ()


class Where(TypedDict):
    """What places of one city share."""

    state: str
    region: str
    zone: str


CORDOBA: Where = {"state": "AR", "region": "AR-X", "zone": "America/Argentina/Cordoba"}
BUENOS_AIRES: Where = {"state": "AR", "region": "AR-B", "zone": "America/Argentina/Buenos_Aires"}
SAO_PAULO: Where = {"state": "BR", "region": "BR-SP", "zone": "America/Sao_Paulo"}
MARYLAND: Where = {"state": "US", "region": "US-MD", "zone": "America/New_York"}

PLACES = (
    Place("ar-cav", "Centro de Asistencia Los Álamos", teams=("Norte", "Sur"), **CORDOBA),
    Place(
        "ar-ceibos",
        "Casa Los Ceibos",
        teams=("Casa",),
        offers=(
            Offer(
                "shelter",
                "Alojamiento protegido",
                12,
                Tier.CONFIDENTIAL,
                ("victim",),
                ("woman", "trans_woman"),
            ),
            Offer("psychological_support", "Acompañamiento psicológico", 12, Tier.PARTNER, ("victim",)),
        ),
        address="Camino de los Ceibos 1240",
        accredited=("shelter", "psychosocial-support"),
        **CORDOBA,
    ),
    Place(
        "ar-aurora",
        "Fundación Aurora",
        teams=("Ambulatorio",),
        offers=(
            Offer(
                "drug_treatment_outpatient", "Tratamiento ambulatorio", 20, Tier.PUBLIC, ("drug_dependence",)
            ),
            Offer("shelter", "Albergue familiar", 0, Tier.PARTNER, ("victim",)),
        ),
        address="Avenida de la Aurora 88",
        accredited=("drug-treatment-outpatient", "shelter"),
        **CORDOBA,
    ),
    Place(
        "ar-acacias",
        "Hogar Las Acacias",
        offers=(Offer("shelter", "Hogar de tránsito", 3, Tier.PARTNER, ("victim",)),),
        address="Calle de las Acacias 310",
        accredited=("shelter",),
        **BUENOS_AIRES,
    ),
    Place(
        "ar-estudio",
        "Estudio Jurídico del Pueblo",
        offers=(Offer("legal_aid", "Patrocinio jurídico gratuito", None, Tier.PUBLIC),),
        address="Pasaje del Foro 7",
        **CORDOBA,
    ),
    Place("ar-cert", "Instituto de Certificación del Plata", certifies=True, **CORDOBA),
    Place("ar-min", "Ministerio de Atención a las Víctimas", **CORDOBA),
    Place("AR-144", "Línea 144 (importación)", teams=("Línea",), **CORDOBA),
    Place("br-ipe", "Centro de Referência Ipê", teams=("Central",), **SAO_PAULO),
    Place(
        "br-araucaria",
        "Casa Araucária",
        teams=("Casa",),
        offers=(
            Offer(
                "shelter", "Casa de acolhimento", 6, Tier.CONFIDENTIAL, ("victim",), ("woman", "trans_woman")
            ),
        ),
        address="Estrada da Araucária 501",
        accredited=("shelter",),
        **SAO_PAULO,
    ),
    Place("br-cert", "Instituto Certificador do Sul", certifies=True, **SAO_PAULO),
    Place("us-river", "River Valley Victim Services", teams=("Valley",), **MARYLAND),
    Place(
        "us-harbor",
        "Harbor Recovery Center",
        teams=("Intake",),
        offers=(
            Offer("drug_treatment_outpatient", "Outpatient treatment", 15, Tier.PUBLIC, ("drug_dependence",)),
            Offer("legal_aid", "Advocacy in court", 9, Tier.PARTNER, ("victim",)),
        ),
        address="200 Lighthouse Lane",
        accredited=("drug-treatment-outpatient", "legal-aid"),
        **MARYLAND,
    ),
    Place("us-cert", "Chesapeake Certification Board", certifies=True, **MARYLAND),
    Place("us-hem", "Hemispheric Observatory", **MARYLAND),
    Place("US-TEDS", "Treatment admissions (import)", teams=("Admissions",), **MARYLAND),
)


def make_organization(place: Place) -> Organization:
    organization = Organization(
        code=place.code,
        name=place.name,
        member_state_id=place.state,
        is_agency=bool(place.teams),
        is_provider=bool(place.offers),
        is_certifying_body=place.certifies,
        time_zone=place.zone,
        is_demonstration=True,
    )
    records.create(organization, by=None)
    for name in place.teams:
        records.create(Team(organization=organization, name=name), by=None)
    return organization


def make_offers(place: Place, organization: Organization) -> None:
    """A location for each tier of address that the offers need, and the services there."""
    locations: dict[str, Location] = {}
    for offer in place.offers:
        if offer.tier not in locations:
            locations[offer.tier] = _location(place, organization, offer.tier)
        service = Service(
            organization=organization,
            kind=offer.kind,
            name=offer.name,
            languages=[] if place.state == "US" else ["pt" if place.state == "BR" else "es"],
            enrolment_kinds=list(offer.enrolments),
            genders=list(offer.genders),
            age_from=offer.age_from,
        )
        actions.add_service(service, location=locations[offer.tier], by=None, places_free=offer.places_free)


def _location(place: Place, organization: Organization, tier: str) -> Location:
    name = {Tier.CONFIDENTIAL: "Casa", Tier.PARTNER: "Sede", Tier.PUBLIC: "Centro"}[Tier(tier)]
    location = Location(
        organization=organization,
        name=name if place.state != "US" else "Main office",
        region=place.region,
        address=place.address,
        tier=tier,
        time_zone=place.zone,
    )
    return house_actions.add_location(location, by=None)
