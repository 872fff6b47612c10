"""Conflicts of interest beyond the case: nothing is sent to an organisation that is tied, or by who belongs to it, and
what was sent is closed to who is tied.

As with cases, a locked referral is in none of the arrays that the policies ask for: an inbox that holds one is asked
by referrals (`app.my_received()`), and not by organisation.
"""

from importlib import import_module

from django.db import migrations

from victimcare.row_security import asked, function, sees

WALL = import_module("referrals.migrations.0003_second_wall")
TIES = import_module("cases.migrations.0008_minimum_first_and_locked_cases")
LOGS = import_module("victimcare.migrations.0005_second_wall")

AT_WORK = f"{LOGS.WORK} AND work.role = 'provider'"
TO_TIED = f"""
    SELECT FROM public.cases_tie tie
      JOIN public.referrals_referral referral ON referral.subject_key_id = tie.subject_key_id
     WHERE {TIES.RUNNING} AND referral.receiver_id = work.organization_id AND referral.sent_at IS NOT NULL"""
MY_INBOXES = asked(
    "my_inboxes()",
    "uuid[]",
    f"""RETURN ARRAY(SELECT work.organization_id {AT_WORK}
           AND NOT EXISTS ({TO_TIED} AND tie.user_id = acting)
           AND NOT EXISTS ({TO_TIED} AND tie.place_id = work.organization_id)
           AND NOT EXISTS (SELECT FROM public.referrals_referral referral
                            WHERE referral.sent_by_id = acting AND referral.receiver_id = work.organization_id));""",
)
# What else was sent to such an organisation.
MY_RECEIVED = asked(
    "my_received()",
    "uuid[]",
    f"""
    places := ARRAY(SELECT work.organization_id {AT_WORK} AND work.organization_id <> ALL (open));
    IF places = '{{}}' THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(
        SELECT referral.id FROM public.referrals_referral referral
         WHERE referral.receiver_id = ANY (places) AND referral.sent_at IS NOT NULL
           AND referral.sent_by_id IS DISTINCT FROM acting
           AND NOT EXISTS (
               SELECT FROM public.cases_tie tie
                WHERE tie.subject_key_id = referral.subject_key_id AND {TIES.RUNNING}
                  AND (tie.user_id = acting OR tie.place_id = referral.receiver_id)));
    """,
    "open uuid[] := app.my_inboxes(); places uuid[];",
)
# To whom nothing of a person is sent, to who works with one of their cases.
PLACES_CLOSED = function(
    "places_closed(key uuid)",
    "uuid[]",
    f"""
    IF key <> ALL (app.my_subjects()) THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(SELECT DISTINCT tie.place_id FROM public.cases_tie tie
                  WHERE tie.subject_key_id = key AND tie.place_id IS NOT NULL AND {TIES.RUNNING});
    """,
)
FUNCTIONS = (
    TIES.again(MY_INBOXES) + MY_RECEIVED + PLACES_CLOSED
    + sees("sees_referral_of", "referrals_referral", "case_id = asked AND sent_at IS NOT NULL")
)  # fmt: skip
NO_FUNCTIONS = (
    TIES.again(function("my_inboxes()", "uuid[]", "RETURN app.places_as('provider');"))
    + "DROP FUNCTION app.sees_referral_of(uuid), app.places_closed(uuid), app.my_received();"
)

TIED_PLACE = f"""EXISTS (
               SELECT FROM public.cases_tie tie
                WHERE tie.subject_key_id = referral.subject_key_id AND tie.place_id = referral.receiver_id
                  AND {TIES.RUNNING})"""
OF_PACKET = WALL.OF_PACKETS.split("CREATE FUNCTION app.scope_of_packet_history")[0]
SENDING = f"""
CREATE FUNCTION app.refuse_tied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.cases_tie tie
                WHERE tie.subject_key_id = NEW.subject_key_id AND tie.place_id = NEW.receiver_id AND {TIES.RUNNING})
       OR EXISTS (SELECT FROM public.victimcare_membership work
                   WHERE work.user_id = NEW.sent_by_id AND work.organization_id = NEW.receiver_id AND {TIES.WORKING})
    THEN
        RAISE EXCEPTION 'this receiver is not available for this referral'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_to_nobody_tied';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER to_nobody_tied BEFORE UPDATE OF status ON referrals_referral
FOR EACH ROW WHEN (OLD.status = 'draft' AND NEW.status = 'sent') EXECUTE FUNCTION app.refuse_tied();

CREATE FUNCTION app.packets_follow_tie() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.referrals_packet packet SET referral_id = packet.referral_id
      FROM public.referrals_referral referral
     WHERE referral.id = packet.referral_id AND referral.subject_key_id = NEW.subject_key_id;
    RETURN NULL;
END $$;
CREATE TRIGGER packets_follow AFTER INSERT OR UPDATE OF lifted_at, retired_at ON cases_tie
FOR EACH ROW WHEN (NEW.place_id IS NOT NULL) EXECUTE FUNCTION app.packets_follow_tie();
"""
NO_SENDING = """
DROP TRIGGER packets_follow ON cases_tie;
DROP FUNCTION app.packets_follow_tie();
DROP TRIGGER to_nobody_tied ON referrals_referral;
DROP FUNCTION app.refuse_tied();
"""

OR_RECEIVED = " OR {referral} = ANY ((SELECT app.my_received())::uuid[])"
OF_REFERRAL = WALL.OF_REFERRAL + OR_RECEIVED.format(referral="id")
PACKET = WALL.OF_PACKET.replace(
    "(scope_receiver_id = ANY ((SELECT app.my_inboxes())::uuid[])",
    "((scope_receiver_id = ANY ((SELECT app.my_inboxes())::uuid[])"
    + OR_RECEIVED.format(referral="referral_id")
    + ")",
)
BY_JOBS = " OR (app.sees_as_job('expiry', 'lapses'))"


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0004_erasures"),
        ("cases", "0008_minimum_first_and_locked_cases"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(
            TIES.again(OF_PACKET).replace(
                "IS NULL AND consent.retired_at IS NULL,",
                f"IS NULL AND consent.retired_at IS NULL AND NOT {TIED_PLACE},",
            ),
            TIES.again(OF_PACKET),
        ),
        migrations.RunSQL(SENDING, NO_SENDING),
        TIES.altered(
            "referrals_referral",
            "read",
            f"({WALL.OF_REFERRAL} OR {WALL.OF_AUDITED_REFERRAL}){BY_JOBS}",
            f"({OF_REFERRAL} OR {WALL.OF_AUDITED_REFERRAL}){BY_JOBS}",
        ),
        *TIES.changing("referrals_referral", f"({WALL.OF_REFERRAL}){BY_JOBS}", f"({OF_REFERRAL}){BY_JOBS}"),
        TIES.altered("referrals_historicalreferral", "read", WALL.OF_REFERRAL, OF_REFERRAL),
        TIES.altered(
            "referrals_packet",
            "read",
            f"{WALL.OF_PACKET} OR {WALL.OF_AUDITED_PACKET}",
            f"{PACKET} OR {WALL.OF_AUDITED_PACKET}",
        ),
        *TIES.changing("referrals_packet", WALL.OF_PACKET, PACKET),
        # Provider staff say that they are tied to somebody who was referred to them.
        TIES.policy(
            "cases_tie",
            "of_receivers_add",
            "FOR INSERT WITH CHECK (created_by_id = (SELECT app.me()) AND user_id = (SELECT app.me())"
            " AND lifted_at IS NULL AND app.sees_referral_of(case_id))",
        ),
    ]
