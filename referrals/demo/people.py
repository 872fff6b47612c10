"""The accounts of the demonstration, one a role, and invented names for those who are served."""

from dataclasses import dataclass
from random import Random

from victimcare import records
from victimcare.models import Membership, Organization, Role, Team, User


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    role: Role
    organization: str
    team: str = ""
    language: str = "es"


ACCOUNTS = (
    Account("caseworker", "Camila Ferreyra", Role.CASEWORKER, "ar-cav", "Norte"),
    Account("caseworker2", "Tomás Ledesma", Role.CASEWORKER, "ar-cav", "Sur"),
    Account("supervisor", "Beatriz Olmedo", Role.SUPERVISOR, "ar-cav", "Norte"),
    Account("privacy", "Alma Sarmiento", Role.PRIVACY, "ar-cav"),
    Account("provider", "Nadia Brizuela", Role.PROVIDER, "ar-ceibos"),
    Account("caseworker_shelter", "Rocío Galarza", Role.CASEWORKER, "ar-ceibos", "Casa"),
    Account("provider2", "Emilio Sandoval", Role.PROVIDER, "ar-aurora"),
    Account("practitioner", "Julieta Montenegro", Role.PRACTITIONER, "ar-ceibos"),
    Account("officer", "Ramiro Etcheverry", Role.OFFICER, "ar-cert"),
    Account("examiner", "Silvina Arrieta", Role.EXAMINER, "ar-cert"),
    Account("coordinator", "Marta Iriarte", Role.COORDINATOR, "ar-min"),
    Account("analyst", "Dana Whitfield", Role.ANALYST, "us-hem", language="en"),
    Account("auditor", "Hugo Belgrano", Role.AUDITOR, "ar-min"),
    Account("admin", "Paula Nievas", Role.ADMIN, "ar-min"),
    Account("caseworker_br", "Luísa Tavares", Role.CASEWORKER, "br-ipe", "Central", "pt-br"),
)

# Those who make the rest of the demonstration happen: no password, so that nobody signs in as one of them.
BACKSTAGE = (
    Account("demo_worker_ar", "Ignacio Robledo", Role.CASEWORKER, "ar-cav", "Norte"),
    Account("demo_supervisor_ar_sur", "Elena Quiroga", Role.SUPERVISOR, "ar-cav", "Sur"),
    Account("demo_supervisor_br", "Renata Queiroz", Role.SUPERVISOR, "br-ipe", "Central", "pt-br"),
    Account("demo_worker_us", "Grace Holloway", Role.CASEWORKER, "us-river", "Valley", "en"),
    Account("demo_supervisor_us", "Owen Pruitt", Role.SUPERVISOR, "us-river", "Valley", "en"),
    Account("demo_provider_br", "Caio Bittencourt", Role.PROVIDER, "br-araucaria", "", "pt-br"),
    Account("demo_provider_us", "Maya Lindqvist", Role.PROVIDER, "us-harbor", "", "en"),
    Account("demo_worker_aurora", "Lautaro Villalba", Role.CASEWORKER, "ar-aurora", "Ambulatorio"),
    Account("demo_provider_estudio", "Fermín Acuña", Role.PROVIDER, "ar-estudio"),
    Account("demo_provider_acacias", "Lucio Zamudio", Role.PROVIDER, "ar-acacias"),
    Account("demo_practitioner_acacias", "Irma Cantero", Role.PRACTITIONER, "ar-acacias"),
    Account("demo_practitioner_aurora", "Olga Tissera", Role.PRACTITIONER, "ar-aurora"),
    Account("demo_practitioner_br", "Vera Salgado", Role.PRACTITIONER, "br-araucaria", "", "pt-br"),
    Account("demo_practitioner_us", "Joan Merrick", Role.PRACTITIONER, "us-harbor", "", "en"),
    Account("demo_coordinator_br", "Otávio Paranhos", Role.COORDINATOR, "br-cert", "", "pt-br"),
    Account("demo_coordinator_us", "Lydia Marsh", Role.COORDINATOR, "us-cert", "", "en"),
    Account("demo_officer_br", "Sérgio Amorim", Role.OFFICER, "br-cert", "", "pt-br"),
    Account("demo_examiner_br", "Lia Figueira", Role.EXAMINER, "br-cert", "", "pt-br"),
    Account("demo_officer_us", "Ruth Calloway", Role.OFFICER, "us-cert", "", "en"),
    Account("demo_examiner_us", "Neil Abernathy", Role.EXAMINER, "us-cert", "", "en"),
    Account("demo_supervisor_144", "Inés Robaina", Role.SUPERVISOR, "AR-144", "Línea"),
    Account("demo_supervisor_teds", "Carl Winslow Gray", Role.SUPERVISOR, "US-TEDS", "Admissions", "en"),
)

GIVEN = {
    "woman": {
        "AR": (
            "Abril",
            "Brenda",
            "Carmela",
            "Delfina",
            "Estela",
            "Fabiana",
            "Gimena",
            "Ivana",
            "Jazmín",
            "Lucila",
        ),
        "BR": ("Aline", "Bianca", "Cecília", "Débora", "Elisa", "Flávia", "Helena", "Iara"),
        "US": ("Abigail", "Brooke", "Chloe", "Denise", "Erin", "Faith"),
    },
    "man": {
        "AR": (
            "Agustín",
            "Bruno",
            "Damián",
            "Ezequiel",
            "Facundo",
            "Gonzalo",
            "Joaquín",
            "Leandro",
            "Matías",
            "Nahuel",
        ),
        "BR": ("André", "Caio", "Davi", "Igor"),
        "US": ("Aaron", "Blake", "Curtis", "Derek", "Evan", "Gavin"),
    },
}
SURNAMES = {
    "AR": (
        "Aguirrezabal", "Bustamante", "Cisterna", "Domínguez", "Echenique", "Funes", "Gorosito", "Herrera",
        "Juárez", "Ledesma", "Maidana", "Navarrete", "Ojeda", "Peralta", "Quinteros", "Roldán", "Sosa",
        "Tévez",
    ),
    "BR": (
        "Albuquerque", "Barreto", "Cardoso", "Duarte", "Esteves", "Furtado", "Guedes", "Lacerda", "Macedo",
        "Nunes",
    ),
    "US": (
        "Ashby", "Barlow", "Crane", "Dalton", "Ellery", "Farrow", "Gentry", "Hale", "Irving", "Keller",
        "Lowry",
    ),
}  # fmt: skip


def make_account(account: Account, password: str | None) -> User:
    organization = Organization.objects.get(code=account.organization)
    user = User(
        username=account.username, name=account.name, language=account.language, is_demonstration=True
    )
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save(force_insert=True)
    team = Team.objects.get(organization=organization, name=account.team) if account.team else None
    records.create(Membership(user=user, organization=organization, team=team, role=account.role), by=None)
    return user


def invented_name(state: str, gender: str, dice: Random) -> tuple[str, str]:
    """Given names and surnames: two surnames in Argentina, one or two in Brazil, one in the United States."""
    surnames = dice.sample(SURNAMES[state], 2)
    shown = {"AR": " ".join(surnames), "BR": " ".join(surnames[: dice.randint(1, 2)]), "US": surnames[0]}
    given = GIVEN["man" if gender == "man" else "woman"][state]
    return dice.choice(given), shown[state]
