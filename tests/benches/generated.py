"""Opens what the generator of benchmarks/ made, as the product does: one process as the application's role,
and one as the owner, which looks at what lies in the tables. Run by tests/benches/test_generate.py.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from benchmarks import scopes  # noqa: E402
from cases.models import Case  # noqa: E402
from tests.signing import sign_in  # noqa: E402
from victimcare import acting, environment  # noqa: E402
from victimcare.encryption import keyring  # noqa: E402
from victimcare.models import User  # noqa: E402

HOST = {"host": "127.0.0.1"}
# Tables whose rows hold no word of a person in clear: all that the generator filled but staff and places.
OF_PEOPLE = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(cases|referrals_(ref|pack|hist))'"
)

# Bytes and ids as hexadecimal digits: among millions, eight of them are the number of somebody by chance.
NO_WORDS = re.compile(r"\\x[0-9a-f]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def as_product(cast: dict[str, Any]) -> None:
    setup_test_environment()
    worker = client_of(cast["worker"])
    name = name_on(cast)
    assert name in opened(worker, "cases:case", cast["case"]).content.decode()
    assert len(opened(worker, "cases:caseload").context["rows"]) == 50
    with acting.as_user(User(pk=cast["worker"])):
        visible = Case.objects.visible_to(User.objects.get(pk=cast["worker"])).running()
        assert visible.count() == 200
    found = [worker.post(reverse("cases:search"), one).context["found"] for one in cast["searched"][:20]]
    assert sum(bool(one.matches or one.elsewhere) for one in found) >= 19
    assert worker.post(reverse("cases:caseload"), {"q": cast["typed"][0]}).context["rows"]
    asked = f"?service_kind={cast['service_kind']}"
    assert opened(worker, "referrals:candidates", cast["case_for_candidates"], query=asked)
    opened(worker, "cases:case", cast["case_bare"])
    provider = client_of(cast["provider"])
    assert len(opened(provider, "referrals:inbox").context["rows"]) == 50
    opened(provider, "referrals:referral", cast["referral"])
    assert len(opened(client_of(cast["officer"]), "certification:queue").context["rows"]) == 50
    assert len(opened(client_of(cast["worker_30"]), "cases:caseload").context["rows"]) == 30
    for part, page in (("supervisor", "cases:caseload"), ("coordinator", "referrals:directory")):
        opened(client_of(cast[part]), page)


def client_of(user_id: str) -> Client:
    client = Client(headers=HOST)
    with acting.as_user(User(pk=user_id)):
        sign_in(client, User.objects.get(pk=user_id))
    return client


def opened(client: Client, name: str, *of: str, query: str = "") -> Any:
    response = client.get(reverse(name, args=of) + query)
    assert response.status_code == 200, f"{name}: {response.status_code}"
    return response


def name_on(cast: dict[str, Any]) -> str:
    with acting.as_user(User(pk=cast["worker"])), keyring.held():
        return str(Case.objects.get(pk=cast["case"]).person.display_name)


def as_owner(cast: dict[str, Any]) -> None:
    call_command("audit", "check")
    with transaction.atomic(), connection.cursor() as cursor:
        assert scopes.wrong(cursor) == 0
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        every_key_holds(cursor)
        nothing_in_clear(cursor, cast)


def every_key_holds(cursor: Any) -> None:
    """What was put back without being asked for is true of all rows."""
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint WHERE NOT convalidated"
    )
    for table, name in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def nothing_in_clear(cursor: Any, cast: dict[str, Any]) -> None:
    """No name of a caseload, no number and no telephone, as text or as bytes."""
    words = {word for names in cast["typed"] for word in names.split() if len(word) > 4}
    words |= {one[name] for one in cast["searched"] for name in ("identity_number", "phone") if one[name]}
    assert len(words) > 100
    cursor.execute(OF_PEOPLE)
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT {table}::text FROM {table}")
        lines = "\n".join(line for (line,) in cursor.fetchall())
        said = NO_WORDS.sub(" ", lines)
        found = [word for word in words if word in said or word.encode().hex() in lines]
        assert not found, f"{table} holds {len(found)} words of people in clear."


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    as_owner(told) if environment.acts_as_owner() else as_product(told)
