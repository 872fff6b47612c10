"""What an erasure reaches here: the receiver of a packet is told, and packets lose their words.

Erasing a person at the receiver destroys the packet's key there too. A packet of somebody else's case that names the
person as a party lies under that other one's key: the sender's own copies of it are emptied, once it is answered.
"""

from importlib import import_module

from django.conf import settings
from django.db import migrations

ERASURES = import_module("cases.migrations.0006_erasures")

COPIES = """
CREATE OR REPLACE FUNCTION app.copies_of(key uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN ARRAY(
        SELECT packet.subject_key_id
          FROM public.cases_case opened
          JOIN public.referrals_referral referral ON referral.received_case_id = opened.id
          JOIN public.referrals_packet packet ON packet.referral_id = referral.id
         WHERE opened.subject_key_id = key AND packet.organization_id = opened.organization_id
           AND referral.receiver_id = opened.organization_id
           AND packet.subject_key_id <> referral.subject_key_id);
END $$;
"""
NO_COPIES = """
CREATE OR REPLACE FUNCTION app.copies_of(key uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN '{}';
END $$;
"""
SENT = """
CREATE OR REPLACE FUNCTION app.forget_sent(parties uuid[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named uuid[] := ARRAY(
        SELECT referral.id FROM public.referrals_referral referral
          JOIN public.cases_party party ON party.case_id = referral.case_id
         WHERE party.id = ANY (parties));
    waiting uuid[] := ARRAY(
        SELECT id FROM public.referrals_referral
         WHERE id = ANY (named) AND status IN ('sent', 'received', 'waitlisted')
           AND subject_key_id IN (SELECT id FROM public.victimcare_subjectkey WHERE wrapped IS NOT NULL));
BEGIN
    UPDATE public.referrals_packet packet SET content = NULL, counselling = NULL
      FROM public.referrals_referral referral
     WHERE referral.id = packet.referral_id AND referral.id = ANY (named) AND referral.id <> ALL (waiting)
       AND packet.subject_key_id = referral.subject_key_id;
    UPDATE public.referrals_historicalpacket packet SET content = NULL, counselling = NULL
      FROM public.referrals_referral referral
     WHERE referral.id = packet.referral_id AND referral.id = ANY (named)
       AND packet.subject_key_id = referral.subject_key_id;
    RETURN cardinality(waiting);
END $$;
"""
NONE_SENT = """
CREATE OR REPLACE FUNCTION app.forget_sent(parties uuid[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN 0;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_erasures"),
        ("referrals", "0003_second_wall"),
        ("victimcare", "0008_erasures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(COPIES, NO_COPIES),
        migrations.RunSQL(SENT, NONE_SENT),
        # Who received the name of somebody who is erased, with a packet of whichever team, is told by a step.
        ERASURES.for_the_job("referrals_referral", "SELECT"),
        ERASURES.for_the_job("victimcare_step", "INSERT"),
        migrations.RunSQL(
            "CREATE INDEX of_named_erased ON victimcare_step (at) WHERE verb = 'named_erased'",
            "DROP INDEX of_named_erased",
        ),
    ]
