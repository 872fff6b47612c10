"""Row-level security of practitioners' files and applications; the register is open to whoever is signed in.

A file is its owner's and its certifying body's; an application the applicant's, and the body's once it was
sent. The functions that count an institution's staff read certificates and files for whoever asks, and tell a
number.
"""

from django.db import migrations

from victimcare.row_security import OF_AUDITED_PLACE, SIGNED_IN, also, function, secure, sees

SCOPE = """
ALTER TABLE certification_application ADD COLUMN scope_user_id uuid;
ALTER TABLE certification_historicalapplication ADD COLUMN scope_user_id uuid;

CREATE FUNCTION app.scope_of_application() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT user_id INTO NEW.scope_user_id
      FROM public.certification_practitioner WHERE id = NEW.practitioner_id;
    RETURN NEW;
END $$;

CREATE TRIGGER scope BEFORE INSERT OR UPDATE OF practitioner_id, scope_user_id ON certification_application
FOR EACH ROW EXECUTE FUNCTION app.scope_of_application();
CREATE TRIGGER scope BEFORE INSERT ON certification_historicalapplication
FOR EACH ROW EXECUTE FUNCTION app.scope_of_application();
"""
MINE = (
    function("my_bodies()", "uuid[]", "RETURN app.places_as('officer', 'examiner');")
    + function("my_institutions()", "uuid[]", "RETURN app.places_as('provider');")
    + sees("sees_application", "certification_application")
)
UNSCOPE = """
DROP FUNCTION app.sees_application(uuid), app.my_institutions(), app.my_bodies();
DROP TRIGGER scope ON certification_application;
DROP TRIGGER scope ON certification_historicalapplication;
DROP FUNCTION app.scope_of_application();
ALTER TABLE certification_application DROP COLUMN scope_user_id;
ALTER TABLE certification_historicalapplication DROP COLUMN scope_user_id;
"""
COUNTED = ("count(uuid, text, date)", "enough(uuid, jsonb, date)", "met(uuid, jsonb, date)")

AT_BODY = "organization_id = ANY ((SELECT app.my_bodies())::uuid[])"
CREDENTIALS = ("certificate", "accreditation")
OF_BODYS = (
    "EXISTS (SELECT FROM certification_{credential} held WHERE held.id = credential_id"
    " AND held.organization_id = ANY ((SELECT app.my_bodies())::uuid[]))"
)
OF_INSTITUTION = "institution_id = ANY ((SELECT app.my_institutions())::uuid[])"
OF_FILE = f"{AT_BODY} OR user_id = (SELECT app.me())"
OF_APPLICANT = f"scope_user_id = (SELECT app.me()) OR {OF_INSTITUTION}"
OF_APPLICATION = f"({AT_BODY} AND status <> 'draft') OR {OF_APPLICANT}"


class Migration(migrations.Migration):
    dependencies = [
        ("certification", "0002_staff_hold_what_is_required"),
        ("victimcare", "0005_second_wall"),
    ]

    operations = [
        migrations.RunSQL(SCOPE + MINE, UNSCOPE),
        *(
            migrations.RunSQL(
                f"ALTER FUNCTION certification_staff_{one} SECURITY DEFINER",
                f"ALTER FUNCTION certification_staff_{one} SECURITY INVOKER",
            )
            for one in COUNTED
        ),
        secure(
            "certification_practitioner",
            read=f"{OF_FILE} OR {OF_AUDITED_PLACE}",
            add="user_id = (SELECT app.me())",
            change=OF_FILE,
            jobs={"read": ("expiry", "lapses")},
        ),
        secure("certification_historicalpractitioner", read=OF_FILE, add=OF_FILE),
        secure(
            "certification_application",
            read=f"{OF_APPLICATION} OR {OF_AUDITED_PLACE}",
            add=OF_APPLICANT,
            change=OF_APPLICATION,
        ),
        secure("certification_historicalapplication", read=OF_APPLICATION, add=OF_APPLICATION),
        # The register: everybody signed in reads it, the body that issues changes it, and time.
        *(
            secure(
                f"certification_{credential}",
                read=SIGNED_IN,
                add=AT_BODY,
                change=AT_BODY,
                jobs={"read": ("expiry", "lapses"), "change": ("expiry",)},
            )
            for credential in CREDENTIALS
        ),
        *(
            secure(
                f"certification_historical{credential}",
                read=SIGNED_IN,
                add=AT_BODY,
                jobs={"add": ("expiry",)},
            )
            for credential in CREDENTIALS
        ),
        *(
            secure(
                f"certification_{credential}suspension",
                read=SIGNED_IN,
                add=OF_BODYS.format(credential=credential),
                change=OF_BODYS.format(credential=credential),
                jobs={"read": ("expiry", "lapses"), "change": ("expiry",)},
            )
            for credential in CREDENTIALS
        ),
        also(
            "victimcare_step",
            "of_certification",
            read=f"object_label LIKE 'certification.%' AND {SIGNED_IN}"
            " AND (object_label <> 'certification.Application' OR app.sees_application(object_id))",
            add="by_id = (SELECT app.me()) AND object_label LIKE 'certification.%'",
        ),
    ]
