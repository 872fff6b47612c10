"""Erasing a person, by two people, and the legal hold that forbids it.

The application's role may destroy no key. `app.erase_subject` does it as the owner, for a supervisor who approved
what somebody else asked for: both said so in a scope of their own. The same statement writes the ledger.
"""

from importlib import import_module

from django.conf import settings
from django.db import migrations

from victimcare.row_security import WORKING, secure, sees, stays

WALL = import_module("cases.migrations.0004_second_wall")

# What higher apps hold of the same person under other keys of the organisation; they replace it.
COPIES = """
CREATE FUNCTION app.copies_of(key uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN '{}';
END $$;
"""
# What higher apps hold of parties of others' cases; they replace it. Returns how much of it has to wait.
SENT = """
CREATE FUNCTION app.forget_sent(parties uuid[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN 0;
END $$;
"""
# As who calls it: the application's role may change none of these. Returns how much could not be overwritten yet.
FORGET = """
CREATE FUNCTION app.forget(keys uuid[], parties uuid[], by_id uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    waiting bigint;
BEGIN
    PERFORM set_config('app.erasing', 'on', true);
    UPDATE public.victimcare_subjectkey SET wrapped = NULL, destroyed_at = clock_timestamp(), destroyed_by_id = by_id
     WHERE id = ANY (keys) AND wrapped IS NOT NULL;
    -- By these somebody is found, and a card is not under the person's own key.
    DELETE FROM public.cases_persontokens kept USING public.cases_person erased
     WHERE kept.person_id = erased.id AND erased.subject_key_id = ANY (keys);
    DELETE FROM public.cases_namecard kept USING public.cases_person erased
     WHERE kept.person_id = erased.id AND erased.subject_key_id = ANY (keys);
    -- They tell whether a row of a file was about this person, to whoever has the file and the organisation's key.
    UPDATE public.cases_importedrow SET token = sha256(convert_to(gen_random_uuid()::text, 'UTF8'))
     WHERE subject_key_id = ANY (keys);
    UPDATE public.cases_historicalimportedrow SET token = sha256(convert_to(gen_random_uuid()::text, 'UTF8'))
     WHERE subject_key_id = ANY (keys);
    -- Under the keys of others, who keep theirs.
    UPDATE public.cases_party SET name = NULL, birth = NULL, details = NULL WHERE id = ANY (parties);
    UPDATE public.cases_historicalparty SET name = NULL, birth = NULL, details = NULL WHERE id = ANY (parties);
    waiting := app.forget_sent(parties);
    PERFORM set_config('app.erasing', '', true);
    RETURN waiting;
END $$;
"""
ERASE = """
CREATE FUNCTION app.erase_subject(asked uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    request public.cases_erasure;
    erased public.cases_case;
    place uuid;
    keys uuid[];
BEGIN
    SELECT * INTO request FROM public.cases_erasure WHERE id = asked FOR UPDATE;
    -- Whose it is, says the case: what the request copies of it may be written in the same transaction.
    SELECT * INTO erased FROM public.cases_case WHERE id = request.case_id;
    IF request.status IS DISTINCT FROM 'approved' OR request.asked_by_id = request.approved_by_id
       OR request.approved_by_id IS DISTINCT FROM app.me()
       OR erased.team_id <> ALL (app.teams_as('supervisor')) THEN
        RAISE EXCEPTION 'two people decide on an erasure' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A request is used once.
    IF NOT EXISTS (SELECT FROM public.victimcare_subjectkey WHERE id = erased.subject_key_id AND wrapped IS NOT NULL)
    THEN
        RAISE EXCEPTION 'this person was erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    keys := erased.subject_key_id || app.copies_of(erased.subject_key_id);
    IF EXISTS (SELECT FROM public.cases_legalhold held WHERE held.subject_key_id = ANY (keys)
                AND held.lifted_at IS NULL AND held.retired_at IS NULL) THEN
        RAISE EXCEPTION 'a legal hold keeps this person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_of_nobody_held';
    END IF;
    IF EXISTS (SELECT FROM public.cases_legalhold kept JOIN public.cases_party party ON party.case_id = kept.case_id
                WHERE party.id = ANY (request.parties) AND kept.lifted_at IS NULL AND kept.retired_at IS NULL) THEN
        RAISE EXCEPTION 'a legal hold keeps a record that names this person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_of_nothing_held';
    END IF;
    place := erased.organization_id;
    IF EXISTS (SELECT FROM public.cases_party party JOIN public.cases_case held ON held.id = party.case_id
                WHERE party.id = ANY (request.parties) AND held.organization_id <> place) THEN
        RAISE EXCEPTION 'a record of another organisation stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.victimcare_erasureentry
        (id, at, organization_id, subject_key_ids, party_ids, reason, asked_by_id, approved_by_id)
    VALUES (gen_random_uuid(), clock_timestamp(), place, keys, request.parties, request.reason,
            request.asked_by_id, request.approved_by_id);
    IF app.forget(keys, request.parties, request.approved_by_id) > 0 THEN
        RAISE EXCEPTION 'a referral that names this person waits for its answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_of_nothing_sent';
    END IF;
END $$;
"""
# A referral that is being sent, or a hold that is being set, on another's case comes first, or waits.
LOCK = """
CREATE FUNCTION app.lock_cases_of(parties uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM id FROM public.cases_case
      WHERE id IN (SELECT case_id FROM public.cases_party WHERE id = ANY (parties))
        AND team_id = ANY (app.erasing_teams()) ORDER BY id FOR UPDATE;
END $$;
"""
# Where the user supervises for whom the job "erasure" looks: all teams of these organisations.
TEAMS = f"""
CREATE FUNCTION app.erasing_teams() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    actor text := app.actor();
BEGIN
    IF actor IS NULL OR split_part(actor, ':', 1) <> 'job' OR split_part(actor, ':', 2) <> 'erasure'
       OR split_part(actor, ':', 3) = '' THEN
        RETURN '{{}}';
    END IF;
    RETURN ARRAY(
        SELECT team.id FROM public.victimcare_team team WHERE team.organization_id IN (
            SELECT work.organization_id FROM public.victimcare_membership work
              JOIN public.victimcare_user account ON account.id = work.user_id
             WHERE work.user_id = split_part(actor, ':', 3)::uuid AND account.is_active
               AND {WORKING} AND work.role = 'supervisor'));
END $$;
"""
FOLLOW = """
CREATE FUNCTION app.erasures_follow_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.cases_historicalerasure SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;
    UPDATE public.cases_historicallegalhold SET scope_team_id = NEW.team_id WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER erasures_follow AFTER UPDATE OF team_id ON cases_case
FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION app.erasures_follow_case();
"""
OF_SEEN_ERASURE = "app.sees_erasure(object_id)"
SUPERVISED = "scope_team_id = ANY ((SELECT app.my_teams())::uuid[])"
IN_REACH = "{team} = ANY ((SELECT app.erasing_teams())::uuid[])"  # of nobody but the job "erasure"


def for_the_job(table: str, command: str, team: str = "scope_team_id") -> migrations.RunSQL:
    reach = IN_REACH.format(team=team)
    said = {
        "SELECT": f"USING ({reach})",
        "UPDATE": f"USING ({reach}) WITH CHECK ({reach})",
        "INSERT": f"WITH CHECK ({reach})",
    }[command]
    name = f"erasure_{command.lower()}"
    return migrations.RunSQL(
        f"CREATE POLICY {name} ON {table} FOR {command} {said}", f"DROP POLICY {name} ON {table}"
    )


WALLS = [
    migrations.RunSQL(COPIES, "DROP FUNCTION app.copies_of(uuid)"),
    migrations.RunSQL(SENT, "DROP FUNCTION app.forget_sent(uuid[])"),
    migrations.RunSQL(FORGET, "DROP FUNCTION app.forget(uuid[], uuid[], uuid)"),
    # A supervisor of its team sets and lifts it.
    WALL.columns("cases_legalhold", "scope_team_id uuid NOT NULL"),
    WALL.filled("cases_legalhold", "scope_by_case"),
    WALL.hangs_on_case("cases_legalhold"),
    secure("cases_legalhold", read=WALL.OF_CHILD, add=SUPERVISED, change=SUPERVISED),
    stays("cases_legalhold", "case_id", "subject_key_id"),
    # Asked for in one's own name, and decided on by a supervisor of the team.
    WALL.columns("cases_erasure", "scope_team_id uuid NOT NULL"),
    WALL.filled("cases_erasure", "scope_by_case"),
    WALL.hangs_on_case("cases_erasure"),
    secure(
        "cases_erasure",
        read=WALL.OF_CHILD,
        add="status = 'asked' AND approved_by_id IS NULL AND asked_by_id = (SELECT app.me()) AND "
        + WALL.OF_SEEN_CASE.format(case="case_id"),
        change=f"{SUPERVISED} AND (approved_by_id IS NULL OR approved_by_id = (SELECT app.me()))",
    ),
    stays("cases_erasure", "case_id", "subject_key_id", "asked_by_id", "reason"),
    *(
        operation
        for history in ("cases_historicallegalhold", "cases_historicalerasure")
        for operation in (
            WALL.columns(history, "scope_team_id uuid NOT NULL"),
            WALL.filled(history, "scope_by_case"),
            secure(history, read=WALL.OF_CHILD, add=WALL.OF_SEEN_CASE.format(case="case_id")),
        )
    ),
    migrations.RunSQL(
        FOLLOW, "DROP TRIGGER erasures_follow ON cases_case; DROP FUNCTION app.erasures_follow_case()"
    ),
    migrations.RunSQL(
        ERASE + TEAMS + LOCK,
        "DROP FUNCTION app.erase_subject(uuid), app.lock_cases_of(uuid[]), app.erasing_teams()",
    ),
    # Its steps are told with the case; nobody reads these.
    migrations.RunSQL(sees("sees_erasure", "cases_erasure"), "DROP FUNCTION app.sees_erasure(uuid)"),
    migrations.RunSQL(
        "CREATE POLICY of_erasures_add ON victimcare_step FOR INSERT WITH CHECK (by_id = (SELECT app.me())"
        f" AND object_label = 'cases.Erasure' AND {OF_SEEN_ERASURE})",
        "DROP POLICY of_erasures_add ON victimcare_step",
    ),
    for_the_job("cases_case", "SELECT", "team_id"),
    for_the_job("cases_legalhold", "SELECT"),
    for_the_job("cases_party", "SELECT"),
    for_the_job("cases_party", "UPDATE"),
    for_the_job("cases_historicalparty", "INSERT"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_search"),
        ("victimcare", "0008_erasures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *WALLS,
    ]
