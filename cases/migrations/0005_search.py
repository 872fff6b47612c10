"""Search by tokens that do not tell how often they are there, by one name card a person, and requests to owners."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from victimcare.row_security import secure, stays

# What the application opens and compares: all cards under a key in one value, each behind its length (4 bytes) and its
# person (16). Fifty thousand rows took longer to come across than to be found.
CARDS = """
RETURNS TABLE (key text, cards bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp {more} AS $$
"""
CARD = """SELECT of.subject_key_id::text,
            string_agg(int4send(octet_length(of.card)) || uuid_send(of.person_id) || of.card, ''::bytea)"""
BY_KEY = "GROUP BY of.subject_key_id"
# Under which keys the cards of these organisations lie.
SEARCH_KEYS = """ARRAY(
        SELECT unnest(ARRAY[search_key_id, search_key_before_id]) FROM public.victimcare_organizationkey
         WHERE organization_id = ANY (places))"""
# How many cases are somebody's decides how their cards are read.
MY_CARDS = "SET random_page_cost = 1.1 SET plan_cache_mode = force_custom_plan"
# Tokens first, then one card at a time: any other way reads through all of them.
BY_TOKENS = (
    "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
    # The tokens wanted are looked up in a hash only where they are in the plan itself; and several processes take
    # longer to begin than one to end.
    " SET plan_cache_mode = force_custom_plan SET max_parallel_workers_per_gather = 0"
)
LED_TO = """
          FROM (SELECT person_id FROM public.cases_persontokens
                 WHERE app.token_beginnings(tokens) && beginnings
                   AND EXISTS (SELECT FROM unnest(string_to_array(tokens, ' ')) one WHERE one = ANY (wanted))
                OFFSET 0) led
          JOIN public.cases_namecard of ON of.person_id = led.person_id"""

# The first four letters of each token.
BEGINNINGS = """
CREATE FUNCTION app.token_beginnings(tokens text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_to_array(regexp_replace(tokens, '(....).( |$)', '\\1\\2', 'g'), ' ')
$$;
"""
FUNCTIONS = f"""
-- The name cards of the cases that one sees.
CREATE FUNCTION app.my_cards() {CARDS.format(more=MY_CARDS)}
DECLARE
    cases uuid[] := app.my_cases();
    teams uuid[] := app.my_teams();
BEGIN
    RETURN QUERY {CARD}
          FROM (SELECT person_id FROM public.cases_case WHERE id = ANY (cases) AND retired_at IS NULL
                UNION
                SELECT person_id FROM public.cases_case WHERE team_id = ANY (teams) AND retired_at IS NULL) seen
          JOIN public.cases_namecard of ON of.person_id = seen.person_id
         {BY_KEY};
END $$;

-- The name cards that these tokens lead to, in the organisations where one works with cases. Without the key of
-- such an organisation nobody knows the tokens; without the root key nobody reads the cards.
CREATE FUNCTION app.cards_alike(wanted text[]) {CARDS.format(more=BY_TOKENS)}
DECLARE
    places uuid[] := app.places_as('caseworker', 'supervisor');
    keys uuid[] := {SEARCH_KEYS};
    beginnings text[] := app.token_beginnings(array_to_string(wanted, ' '));
BEGIN
    RETURN QUERY {CARD} {LED_TO}
         WHERE of.subject_key_id = ANY (keys)
         {BY_KEY};
END $$;

-- Other organisations of my states, where the law of these has one register.
CREATE FUNCTION app.places_of_register() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    places uuid[] := app.places_as('caseworker', 'supervisor');
BEGIN
    RETURN ARRAY(
        SELECT place.id FROM public.victimcare_organization place
          JOIN public.victimcare_stateregister register
            ON register.member_state_id = place.member_state_id AND register.retired_at IS NULL
         WHERE place.id <> ALL (places)
           AND place.member_state_id IN (
               SELECT mine.member_state_id FROM public.victimcare_organization mine WHERE mine.id = ANY (places)));
END $$;

CREATE FUNCTION app.cards_of_state(wanted text[]) {CARDS.format(more=BY_TOKENS)}
DECLARE
    places uuid[] := app.places_of_register();
    keys uuid[] := {SEARCH_KEYS};
    beginnings text[] := app.token_beginnings(array_to_string(wanted, ' '));
BEGIN
    RETURN QUERY {CARD} {LED_TO}
         WHERE of.subject_key_id = ANY (keys)
         {BY_KEY};
END $$;

-- Under which keys an organisation's search lies: that of its cards, which nobody takes away until the transaction ends;
-- that of its tokens; and that of the state's register, where the law of its state has one.
CREATE FUNCTION app.hold_search_keys(place uuid) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT ARRAY[of_cards, own, of_register] FROM (
        SELECT key.id, own.subject_key_id, (
                   SELECT keeper.subject_key_id FROM public.victimcare_stateregister register
                     JOIN public.victimcare_organization mine ON mine.member_state_id = register.member_state_id
                     JOIN public.victimcare_organizationkey keeper
                       ON keeper.organization_id = register.organization_id
                    WHERE mine.id = place AND register.retired_at IS NULL)
          FROM public.victimcare_organizationkey own
          JOIN public.victimcare_subjectkey key ON key.id = own.search_key_id
         WHERE own.organization_id = place FOR KEY SHARE OF key) held (of_cards, own, of_register));
END $$;

-- What search keeps of persons whom one sees, or has made just now: the only way in, and one for all of it, since every
-- new case comes along here. A card lies under a key of its person's organisation; of who was erased there is none.
-- False, and nothing is kept, where `held` are not the keys of that organisation any more.
CREATE FUNCTION app.keep_search(persons uuid[], found_by text[], cards bytea[], place uuid, held uuid[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    acting uuid := app.me();
    -- Or who owns the tables, as there are policies for that one.
    everybody boolean := app.sees_as_job('import', 'search')
        OR session_user = current_user AND current_setting('role') = 'none';
    kept bigint;
BEGIN
    IF app.hold_search_keys(place) IS DISTINCT FROM held THEN
        RETURN false;
    END IF;
    IF cardinality(found_by) IS DISTINCT FROM cardinality(persons)
       OR cardinality(cards) IS DISTINCT FROM cardinality(persons) THEN
        RAISE EXCEPTION 'of each person tokens and a card' USING ERRCODE = 'check_violation';
    END IF;
    WITH whose AS (
        SELECT known.id, given.words, given.card
          FROM unnest(persons, found_by, cards) given (id, words, card)
          JOIN public.cases_person known ON known.id = given.id
          JOIN public.victimcare_subjectkey theirs ON theirs.id = known.subject_key_id AND theirs.wrapped IS NOT NULL
          JOIN public.victimcare_subjectkey lies ON lies.id = held[1] AND lies.organization_id = known.organization_id
         WHERE CASE WHEN everybody THEN true
                    WHEN known.scope_made_at = now() AND known.created_by_id = acting THEN true
                    ELSE known.scope_case_ids && app.my_cases() OR known.scope_team_ids && app.my_teams() END
    ), tokens AS (
        INSERT INTO public.cases_persontokens (person_id, tokens) SELECT id, words FROM whose
            ON CONFLICT (person_id) DO UPDATE SET tokens = EXCLUDED.tokens
    )
    INSERT INTO public.cases_namecard (person_id, subject_key_id, card) SELECT id, held[1], card FROM whose
        ON CONFLICT (person_id) DO UPDATE SET card = EXCLUDED.card, subject_key_id = EXCLUDED.subject_key_id;
    GET DIAGNOSTICS kept = ROW_COUNT;
    IF kept IS DISTINCT FROM cardinality(persons) THEN
        RAISE EXCEPTION 'search keeps only persons whom one sees, who were not erased, under a key of their organisation'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN true;
END $$;

-- Whom to ask about these persons.
CREATE FUNCTION app.cases_of_state(persons uuid[])
RETURNS TABLE (id uuid, organization_id uuid, team_id uuid, subject_key_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    places uuid[] := app.places_of_register();
BEGIN
    RETURN QUERY
        SELECT held.id, held.organization_id, held.team_id, held.subject_key_id
          FROM public.cases_case held
         WHERE held.person_id = ANY (persons)
           AND held.organization_id = ANY (places)
           AND held.retired_at IS NULL
         ORDER BY held.id;
END $$;

-- What became of what I asked for: one line for each time that I asked, and the organisation's name only where it
-- says that it will get in touch.
CREATE FUNCTION app.my_requests() RETURNS TABLE (asking uuid, asked_at timestamptz, status text, answered_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    acting uuid := app.me();
BEGIN
    RETURN QUERY
        SELECT asked.asking, min(asked.created_at),
               CASE WHEN bool_or(asked.status = 'contact') THEN 'contact'
                    WHEN bool_or(asked.status = 'asked') THEN 'asked' ELSE 'declined' END,
               string_agg(DISTINCT place.name::text, ', ') FILTER (WHERE asked.status = 'contact')
          FROM public.cases_recordrequest asked
          JOIN public.cases_case held ON held.id = asked.case_id
          JOIN public.victimcare_organization place ON place.id = held.organization_id
         WHERE asked.created_by_id = acting AND asked.retired_at IS NULL
         GROUP BY asked.asking ORDER BY 2 DESC LIMIT 50;
END $$;
"""
NAMES = (
    "my_requests()", "cases_of_state(uuid[])", "cards_of_state(text[])", "places_of_register()",
    "cards_alike(text[])", "my_cards()", "keep_search(uuid[], text[], bytea[], uuid, uuid[])", "hold_search_keys(uuid)",
)  # fmt: skip

OF_SEEN_PERSON = "app.sees_person(person_id)"
SUPERVISED = (
    "EXISTS (SELECT FROM cases_case held WHERE held.id = case_id"
    " AND held.team_id = ANY ((SELECT app.my_teams())::uuid[]))"
)
MY_REQUEST = (
    "created_by_id = (SELECT app.me()) AND status = 'asked'"
    " AND organization_id = ANY ((SELECT app.places_as('caseworker', 'supervisor'))::uuid[])"
)
# Stored by `app.keep_search` alone; taken away where nothing is known any more that can be searched for.
KEPT = {
    "read": OF_SEEN_PERSON, "remove": OF_SEEN_PERSON, "jobs": dict.fromkeys(("read", "remove"), ("search",)),
}  # fmt: skip
# Tokens and cards of everybody are made anew by a job, under the person's lock. The first name is asked last.
JOB = "app.sees_as_job('search')"
REBUILD = f"""
CREATE POLICY anew ON cases_person FOR SELECT USING ({JOB});
CREATE POLICY anew_locks ON cases_person FOR UPDATE USING ({JOB}) WITH CHECK (false);
CREATE POLICY anew ON cases_contactpoint FOR SELECT USING ({JOB});
"""
NO_REBUILD = """
DROP POLICY anew ON cases_contactpoint;
DROP POLICY anew_locks ON cases_person;
DROP POLICY anew ON cases_person;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_second_wall"),
        ("victimcare", "0007_state_register"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(BEGINNINGS, "DROP FUNCTION app.token_beginnings(text)"),
        migrations.AddIndex(
            "persontokens",
            GinIndex(
                models.Func("tokens", function="app.token_beginnings"),
                fastupdate=True,
                gin_pending_list_limit=64,
                name="people_of_token",
            ),
        ),
        migrations.RunSQL(FUNCTIONS, ";\n".join(f"DROP FUNCTION app.{name}" for name in NAMES)),
        secure("cases_persontokens", **KEPT),
        secure("cases_namecard", **KEPT),
        secure("cases_recordrequest", read=SUPERVISED, add=MY_REQUEST, change=SUPERVISED),
        stays("cases_recordrequest", "case_id", "organization_id", "created_by_id"),
        migrations.RunSQL(REBUILD, NO_REBUILD),
    ]
