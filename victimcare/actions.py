"""What people do with their own account and organisation."""

from django.db import transaction

from victimcare import records
from victimcare.encryption import keyring
from victimcare.models import Location, Organization, OrganizationKey, SubjectKey, User


@transaction.atomic
def choose_language(language: str, *, by: User) -> None:
    User.objects.filter(pk=by.pk).update(language=language)


@transaction.atomic
def own_key(organization: Organization) -> SubjectKey:
    """The key that an organisation uses for itself; made when it is first needed."""
    Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    found = OrganizationKey.objects.filter(organization=organization).select_related("subject_key").first()
    if found:
        return found.subject_key
    key = keyring.new_subject_key(organization)
    key.save(force_insert=True)
    OrganizationKey.objects.create(organization=organization, subject_key=key)
    return key


@transaction.atomic
def add_location(location: Location, *, by: User | None) -> Location:
    """A place of an organisation; its address lies under the organisation's own key."""
    location.subject_key = own_key(location.organization)
    return records.create(location, by=by)[0]
