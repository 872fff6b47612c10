"""What the product refuses to start without: each is a sentence that says what to do.

Asked by every command before it works, and by the web server's processes.
"""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from victimcare import environment
from victimcare.encryption.roots import KeyUnavailable, root_key

TAG = "victimcare"
SHORTEST_SECRET = 50
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@checks.register(TAG)
def root_key_is_there(**kwargs: Any) -> list[checks.CheckMessage]:
    try:
        root_key()
    except (ImproperlyConfigured, KeyUnavailable) as error:
        return [checks.Error(str(error), id="victimcare.E001")]
    except ImportError:
        sentence = "VICTIMCARE_ROOT_KEY_PROVIDER is neither local nor vault, nor a function that is here."
        return [checks.Error(sentence, id="victimcare.E001")]
    return []


@checks.register(TAG)
def one_driver_only(**kwargs: Any) -> list[checks.CheckMessage]:
    """Django takes psycopg 3 where it finds it, which sends statements in another way (design section 3)."""
    if find_spec("psycopg") is None:
        return []
    return [checks.Error("psycopg 3 is installed beside psycopg2: uninstall it.", id="victimcare.E002")]


@checks.register(TAG)
def no_page_shows_variables(**kwargs: Any) -> list[checks.CheckMessage]:
    if not settings.DEBUG:
        return []
    return [checks.Error("DEBUG is on: an error page would show people's data.", id="victimcare.E003")]


@checks.register(TAG)
def secret_is_long(**kwargs: Any) -> list[checks.CheckMessage]:
    """It signs sessions: whoever guesses it is anybody."""
    if len(settings.SECRET_KEY) >= SHORTEST_SECRET:
        return []
    sentence = f"SECRET_KEY is too short: it must have {SHORTEST_SECRET} characters or more."
    return [checks.Error(sentence, id="victimcare.E004")]


@checks.register(TAG)
def plain_http_stays_on_this_machine(**kwargs: Any) -> list[checks.CheckMessage]:
    if not settings.LOCAL or LOOPBACK.issuperset(settings.ALLOWED_HOSTS):
        return []
    sentence = "VICTIMCARE_LOCAL turns https off, and ALLOWED_HOSTS names more than this machine: unset one."
    return [checks.Error(sentence, id="victimcare.E005")]


@checks.register(TAG)
def two_roles(**kwargs: Any) -> list[checks.CheckMessage]:
    """Row-level security holds for a role that owns nothing: an owner may take it away. Asked where the
    owner's address is known, above all of `migrate`.
    """
    if not environment.acts_as_owner() or settings.DATABASE_OWNER_ROLE != settings.DATABASE_APP_ROLE:
        return []
    sentence = "DATABASE_URL and DATABASE_OWNER_URL name one role: the application must not own its tables."
    return [checks.Error(sentence, id="victimcare.E006")]


@checks.register(TAG)
def erasures_are_kept_outside(**kwargs: Any) -> list[checks.CheckMessage]:
    """Else a restored backup brings back who was erased, and nothing knows of it."""
    if settings.LOCAL or settings.ERASURE_LEDGER_FILE:
        return []
    sentence = "Set ERASURE_LEDGER_FILE: where erasures are kept outside of the database, apart from backups."
    return [checks.Error(sentence, id="victimcare.E010")]


@checks.register(TAG, deploy=True)
def somebody_looks_for_viruses(**kwargs: Any) -> list[checks.CheckMessage]:
    """Everything else is looked for without it. Asked by `check --deploy`."""
    if settings.LOCAL or settings.CLAMD_ADDRESS:
        return []
    sentence = "Set CLAMD_ADDRESS: no virus scanner looks through the files that are added to cases."
    return [checks.Warning(sentence, id="victimcare.W011")]


def require() -> None:
    """For processes that are no command. Raises ImproperlyConfigured with all that is missing."""
    missing = checks.run_checks(tags=[TAG])
    if missing:
        raise ImproperlyConfigured("\n".join(str(one.msg) for one in missing))
