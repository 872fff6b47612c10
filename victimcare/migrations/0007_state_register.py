"""A member state whose law has one register of persons says so here. Without a row there is none."""

from django.db import migrations

from victimcare.row_security import secure, stays

# By a coordinator of an authority of that state, and by nobody else.
OF_COORDINATOR = (
    "organization_id = ANY ((SELECT app.places_as('coordinator'))::uuid[])"
    " AND EXISTS (SELECT FROM victimcare_organization place WHERE place.id = organization_id"
    " AND place.member_state_id = victimcare_stateregister.member_state_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("victimcare", "0006_keys"),
    ]

    operations = [
        secure("victimcare_stateregister", read="true", add=OF_COORDINATOR, change=OF_COORDINATOR),
        stays("victimcare_stateregister", "member_state_id", "organization_id"),
    ]
