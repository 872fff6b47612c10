"""The rows of the data set (tests/benches/seed.py), kind by kind. Case `i` is of person `i`."""

from typing import TYPE_CHECKING, Any

from tests.benches.copies import copies, one_of, pick, uid

if TYPE_CHECKING:
    from tests.benches.seed import Seeded

# In the past: what a transaction made itself, its maker may see.
LONG_AGO = "'2020-01-01'::timestamptz"
STEPPED_AT = f"now() - {one_of(500_000, salt=8)} * interval '1 minute'"
CASE_STATES = {"open": 5, "on_hold": 1, "intake": 2, "closing": 1, "reopened": 1, "closed": 10}
REFERRAL_STATES = {
    "draft": 1, "sent": 2, "received": 1, "waitlisted": 1, "accepted": 2, "in_progress": 2, "completed": 5,
    "not_completed": 1, "declined": 2, "expired": 1, "withdrawn": 1,
}  # fmt: skip
UNSENT = "status IN ('draft', 'withdrawn')"


def fill(cursor: Any, made: "Seeded") -> None:
    _names(cursor, made)
    _users(cursor, made)
    _cases(cursor, made)
    _children(cursor, made)
    _referrals(cursor, made)
    _practitioners(cursor, made)
    _applications(cursor, made)
    _logs(cursor, made)


def _names(cursor: Any, made: "Seeded") -> None:
    """Functions that give the places by number, as long as the session lasts."""
    for name, places in (
        ("team", made.teams),
        ("agency", [team.organization for team in made.teams]),
        ("provider", made.providers),
        ("offer", made.templates["offers"]),
        ("body", made.bodies),
    ):
        listed = ", ".join(f"'{place.pk}'" for place in places)
        cursor.execute(
            f"CREATE FUNCTION pg_temp.{name}(number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS"
            f" $$ SELECT (ARRAY[{listed}]::uuid[])[1 + number % {len(places)}] $$"
        )


def _users(cursor: Any, made: "Seeded") -> None:
    for name, count in (("worker", made.workers), ("practitioner", made.cases // 40)):
        copies(
            cursor,
            made.templates["user"],
            str(count),
            id=uid(name),
            username=f"'{name}-' || i",
            name=f"'{name} ' || i",
        )
    copies(
        cursor,
        made.templates["membership"],
        str(made.workers),
        id=uid("membership"),
        user_id=uid("worker"),
        team_id="pg_temp.team(i)",
        organization_id="pg_temp.agency(i)",
    )
    copies(
        cursor,
        made.templates["membership"],
        str(made.cases // 40),
        id=uid("practising"),
        user_id=uid("practitioner"),
        team_id="NULL",
        organization_id="pg_temp.provider(i)",
        role="'practitioner'",
    )


def _cases(cursor: Any, made: "Seeded") -> None:
    count, worker = str(made.cases), uid("worker", f"i % {made.workers}")
    copies(
        cursor,
        made.templates["person"],
        count,
        id=uid("person"),
        organization_id="pg_temp.agency(i)",
        created_at="now() - i * interval '1 minute'",
        scope_made_at=LONG_AGO,
        scope_team_ids="ARRAY[pg_temp.team(i)]",
        scope_case_ids=f"ARRAY[{uid('case')}]",
    )
    status = pick(CASE_STATES)
    supervisor = uid("worker", f"(i + 1) % {made.workers}")
    asked = f"{status} IN ('closing', 'closed')"
    shared = {
        "number": "'S' || lpad(i::text, 9, '0')",
        "status": status,
        "opened_on": f"current_date - {one_of(1000)}",
        "urgency": pick({"routine": 8, "soon": 2, "emergency": 1}, salt=1),
        "stepped_at": STEPPED_AT,
        "closure_asked_at": f"CASE WHEN {asked} THEN now() END",
        "closure_asked_by_id": f"CASE WHEN {asked} THEN {worker} END",
        "closed_at": f"CASE WHEN {status} = 'closed' THEN now() END",
        "closed_by_id": f"CASE WHEN {status} = 'closed' THEN {supervisor} END",
        "organization_id": "pg_temp.agency(i)",
        "team_id": "pg_temp.team(i)",
        "person_id": uid("person"),
    }
    copies(cursor, made.templates["case"], count, id=uid("case"), scope_made_at=LONG_AGO, **shared)


def _children(cursor: Any, made: "Seeded") -> None:
    of_case = {"case_id": uid("case"), "scope_team_id": "pg_temp.team(i)"}
    worker, count = uid("worker", f"i % {made.workers}"), str(made.cases)
    worked = (
        f"(SELECT i FROM generate_series(0, {made.cases} - 1) AS i"
        f" WHERE i % {made.workers} <> 1 OR i < 30 * {made.workers}) numbers"
    )
    copies(
        cursor,
        made.templates["grant"],
        count,
        worked,
        id="nextval(pg_get_serial_sequence('cases_casegrant', 'id'))",
        content_object_id=uid("case"),
        user_id=worker,
        scope_organization_id="pg_temp.agency(i)",
        scope_codename="'work_on_case'",
    )
    copies(
        cursor,
        made.templates["assignment"],
        count,
        worked,
        id=uid("assignment"),
        user_id=worker,
        **of_case,
    )
    copies(
        cursor,
        made.templates["emergency"],
        str(made.cases // 100),
        id=uid("emergency"),
        user_id=worker,
        opened_by_id=worker,
        organization_id="pg_temp.agency(i)",
        # All but every tenth were reviewed, by another.
        reviewed_at="CASE WHEN i % 10 > 0 THEN now() END",
        reviewed_by_id=f"CASE WHEN i % 10 > 0 THEN {uid('worker', f'(i + 1) % {made.workers}')} END",
        outcome="CASE WHEN i % 10 > 0 THEN 'justified' ELSE '' END",
        **of_case,
    )
    copies(cursor, made.templates["document"], count, id=uid("document"), **of_case)
    copies(cursor, made.templates["legalhold"], count, id=uid("legalhold"), **of_case)
    copies(
        cursor,
        made.templates["erasure"],
        count,
        id=uid("erasure"),
        status=pick({"refused": 9, "asked": 1}),
        asked_at="now() - i * interval '1 hour'",
        **of_case,
    )
    kind = pick({"victim": 3, "drug_dependence": 1}, salt=2)
    copies(cursor, made.templates["enrolment"], count, id=uid("enrolment"), kind=kind, **of_case)
    for name in ("note", "incident", "party", "substanceuse"):
        copies(cursor, made.templates[name], count, id=uid(name), **of_case)
    copies(
        cursor,
        made.templates["consent"],
        count,
        id=uid("consent"),
        recipient_id=f"pg_temp.provider({one_of(1000, salt=3)})",
        **of_case,
    )
    copies(
        cursor,
        made.templates["contact"],
        count,
        id=uid("contact"),
        organization_id="pg_temp.agency(i)",
        person_id=uid("person"),
        scope_made_at=LONG_AGO,
        scope_team_ids="ARRAY[pg_temp.team(i)]",
        scope_case_ids=f"ARRAY[{uid('case')}]",
    )
    _tokens(cursor, made)
    _history(cursor)


def _tokens(cursor: Any, made: "Seeded") -> None:
    cursor.execute(
        "INSERT INTO cases_persontokens (tokens, person_id)"
        f" SELECT left(md5(i::text), 4), {uid('person')} FROM generate_series(0, {made.cases} - 1) AS i"
    )


def _history(cursor: Any) -> None:
    """One line of history for each record, from its columns of the same name."""
    for name, scope in (("case", ("scope_team_id", "team_id")), ("assignment", None), ("contactpoint", None)):
        cursor.execute(
            "SELECT string_agg(old.column_name, ', ') FROM information_schema.columns old"
            " JOIN information_schema.columns held USING (table_schema, column_name)"
            " WHERE held.table_name = %s AND old.table_name = %s",
            [f"cases_{name}", f"cases_historical{name}"],
        )
        names = cursor.fetchone()[0]
        into, of = (f", {one}" for one in scope) if scope else ("", "")
        cursor.execute(
            f"INSERT INTO cases_historical{name} ({names}{into}, history_id, history_date, history_type)"
            f" SELECT {names}{of}, gen_random_uuid(), now(), '+' FROM cases_{name}"
        )


def _referrals(cursor: Any, made: "Seeded") -> None:
    """One to every fourth case; its number is a third of its case's."""
    count, case = f"{made.cases} / 4", "i * 3"
    status, worker = pick(REFERRAL_STATES, salt=4), uid("worker", f"(i * 3) % {made.workers}")
    to = f"{one_of(1000, salt=5)}"
    values = {"status": status, "case_id": uid("case", case), "consent_id": uid("consent", case)}
    for stamp, states in (
        ("sent", "status NOT IN ('draft', 'withdrawn')"),
        ("received", "status IN ('received', 'accepted', 'in_progress', 'completed', 'not_completed')"),
        ("answered", "status IN ('accepted', 'in_progress', 'completed', 'not_completed', 'declined')"),
        ("ended", "status IN ('completed', 'not_completed', 'withdrawn')"),
    ):
        holds = states.replace("status", status)
        values[f"{stamp}_at"] = f"CASE WHEN {holds} THEN now() - i * interval '1 minute' END"
        values[f"{stamp}_by_id"] = f"CASE WHEN {holds} THEN {worker} END"
    copies(
        cursor,
        made.templates["referral"],
        count,
        id=uid("referral"),
        number="'R' || lpad(i::text, 9, '0')",
        urgency=pick({"routine": 8, "soon": 2, "emergency": 1}, salt=6),
        created_at="now() - i * interval '1 minute'",
        stepped_at=STEPPED_AT,
        organization_id=f"pg_temp.agency({case})",
        team_id=f"pg_temp.team({case})",
        receiver_id=f"pg_temp.provider({to})",
        service_at_location_id=f"pg_temp.offer({to})",
        scope_team_id=f"pg_temp.team({case})",
        outcome=f"CASE WHEN {status} = 'completed' THEN 'helped' ELSE '' END",
        end_reason=f"CASE WHEN {status} IN ('declined', 'not_completed') THEN 'other' ELSE '' END",
        **values,
    )
    _packets(cursor, made)


def _packets(cursor: Any, made: "Seeded") -> None:
    consent = made.templates["consent"]
    closed = pick(REFERRAL_STATES, salt=4) + " IN ('draft', 'declined', 'expired', 'withdrawn')"
    copies(
        cursor,
        made.templates["packet"],
        f"{made.cases} / 4",
        id=uid("packet"),
        organization_id="pg_temp.agency(i * 3)",
        referral_id=uid("referral"),
        scope_case_id=uid("case", "i * 3"),
        scope_team_id="pg_temp.team(i * 3)",
        scope_receiver_id=f"pg_temp.provider({one_of(1000, salt=5)})",
        scope_open_from=f"'{consent.valid_from}'::timestamp AT TIME ZONE 'UTC'",
        scope_open_until=f"CASE WHEN {closed} THEN '-infinity'"
        f" ELSE ('{consent.valid_until}'::date + 1)::timestamp AT TIME ZONE 'UTC' END",
    )


def _practitioners(cursor: Any, made: "Seeded") -> None:
    """A file, a decided application and a certificate for each."""
    count = f"{made.cases} / 40"
    copies(
        cursor,
        made.templates["practitioner"],
        count,
        id=uid("file"),
        organization_id="pg_temp.body(i)",
        user_id=uid("practitioner"),
    )
    copies(
        cursor,
        made.templates["application"],
        count,
        id=uid("decided"),
        number="'D' || lpad(i::text, 9, '0')",
        organization_id="pg_temp.body(i)",
        practitioner_id=uid("file"),
        scope_user_id=uid("practitioner"),
    )
    copies(
        cursor,
        made.templates["certificate"],
        count,
        id=uid("certificate"),
        number="'C' || lpad(i::text, 9, '0')",
        organization_id="pg_temp.body(i)",
        practitioner_id=uid("file"),
        application_id=uid("decided"),
        valid_until=f"current_date + {one_of(900)}",
    )


def _applications(cursor: Any, made: "Seeded") -> None:
    """What waits at the bodies: of practitioners and of institutions, in all states but decided."""
    states = pick({"draft": 2, "submitted": 3, "under_review": 2, "reviewed": 1}, salt=7)
    count, asking = f"{made.cases} / 10", f"i % ({made.cases} / 40)"
    shared = {
        "status": states,
        "organization_id": "pg_temp.body(i)",
        "submitted_at": "now() - i * interval '1 minute'",
    }
    undecided = {"decided_at": "NULL", "decided_by_id": "NULL", "decision": "''"}
    copies(
        cursor,
        made.templates["application"],
        count,
        id=uid("application"),
        number="'A' || lpad(i::text, 9, '0')",
        practitioner_id=uid("file", asking),
        scope_user_id=uid("practitioner", asking),
        **shared,
        **undecided,
    )
    copies(
        cursor,
        made.templates["institution"],
        count,
        id=uid("institution"),
        number="'I' || lpad(i::text, 9, '0')",
        institution_id="pg_temp.provider(i)",
        **shared,
    )


def _logs(cursor: Any, made: "Seeded") -> None:
    worker = uid("worker", f"i % {made.workers}")
    for name, verb in (("begun", "open"), ("held", "hold")):
        copies(
            cursor,
            made.templates["step"],
            str(made.cases),
            id=uid(name),
            at=STEPPED_AT,
            by_id=worker,
            object_id=uid("case"),
            scope_case_id=uid("case"),
            scope_team_id="pg_temp.team(i)",
            verb=f"'{verb}'",
        )
    copies(
        cursor,
        made.templates["step"],
        f"{made.cases} / 4",
        id=uid("sent"),
        at=STEPPED_AT,
        by_id=uid("worker", f"(i * 3) % {made.workers}"),
        object_label="'referrals.Referral'",
        object_id=uid("referral"),
        scope_case_id=uid("case", "i * 3"),
        scope_team_id="pg_temp.team(i * 3)",
        verb="'send'",
    )
    copies(
        cursor,
        made.templates["entry"],
        str(made.cases),
        id=uid("entry"),
        at=STEPPED_AT,
        by_id=worker,
        object_id=uid("case"),
        organization_id="pg_temp.agency(i)",
    )
