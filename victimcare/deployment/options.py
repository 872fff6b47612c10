"""Settings that protect nobody."""

from typing import Any

from django.conf import settings
from django.core import checks

from victimcare.deployment import TAG, Rule, broken

DAY, YEAR = 86_400, 31_536_000
LONGEST_SESSION = DAY // 2
LONGEST_WAIT_FOR_MAIL = 60
FEWEST_LETTERS = 16
LARGEST_FORM = 20 * 1024 * 1024
SHORTEST_PASSWORD = 12
KNOWN_SECRETS = ("django-insecure-", "changeme", "secret", "insecure", "example", "password")
ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SAME_SITE = frozenset({"Lax", "Strict"})
# In this order, from the outermost; others may stand between them.
MIDDLEWARE = (
    "victimcare.middleware.PrivacyHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "victimcare.middleware.ErasuresMiddleware",
    "victimcare.middleware.SignedInMiddleware",
    "victimcare.middleware.ActingUserMiddleware",
    "victimcare.sign_in.middleware.SecondFactorMiddleware",
    "victimcare.middleware.KeysMiddleware",
    "victimcare.middleware.NotAllowedMiddleware",
)
# Of the policy of contents: what is closed, what must be said since nothing else narrows it, and the only
# values that let in no more than our own files.
CLOSED = ("default-src", "base-uri", "frame-ancestors")
NARROWED = frozenset({"script-src", "style-src", "form-action"})
OURS = frozenset({"'self'", "'none'"})
ALSO = {"img-src": frozenset({"data:"}), "require-trusted-types-for": frozenset({"'script'"})}
# Sessions that end at once when somebody is disabled, in every process.
BAD_ENGINES = ("signed_cookies", "backends.cache", "backends.file")


def _known_secret(s: Any) -> bool:
    return s.SECRET_KEY.lower().startswith(KNOWN_SECRETS) or len(set(s.SECRET_KEY)) < FEWEST_LETTERS


def _any_host(s: Any) -> bool:
    return not s.ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in s.ALLOWED_HOSTS)


def _plain_origin(s: Any) -> bool:
    return any("*" in one or not one.startswith("https://") for one in s.CSRF_TRUSTED_ORIGINS)


def _cookie_names(s: Any, ending: str) -> list[Any]:
    return [getattr(s, f"{cookie}_COOKIE_{ending}") for cookie in ("SESSION", "CSRF")]


def _middleware_missing(s: Any) -> bool:
    return [one for one in s.MIDDLEWARE if one in MIDDLEWARE] != list(MIDDLEWARE)


def _loose_policy(s: Any) -> bool:
    policy = getattr(s, "CONTENT_SECURITY_POLICY", None) or {}
    said = policy.get("DIRECTIVES", {})
    is_closed = all(said.get(name) == ["'none'"] for name in CLOSED)
    is_loose = any(_lets_in_others(name, values) for name, values in said.items())
    return not is_closed or not said.keys() >= NARROWED or is_loose or "EXCLUDE_URL_PREFIXES" in policy


def _lets_in_others(directive: str, values: Any) -> bool:
    if isinstance(values, bool):
        return False
    allowed = OURS | ALSO.get(directive, frozenset())
    return not isinstance(values, list) or not allowed.issuperset(map(str, values))


def _weak_hash(s: Any) -> bool:
    return any("Argon2" not in hasher for hasher in s.PASSWORD_HASHERS) or not s.PASSWORD_HASHERS


def _short_password(s: Any) -> bool:
    lengths = [one.get("OPTIONS", {}).get("min_length", 0) for one in s.AUTH_PASSWORD_VALIDATORS]
    return max(lengths, default=0) < SHORTEST_PASSWORD


def _mail_in_clear(s: Any) -> bool:
    return s.EMAIL_HOST not in ON_THIS_MACHINE and not (s.EMAIL_USE_TLS or s.EMAIL_USE_SSL)


def _telling_handler(s: Any) -> bool:
    """A handler that writes records as they are, or mails them with all that was sent."""
    handlers = s.LOGGING.get("handlers", {}).values()
    return any(
        "discreet" not in one.get("filters", ()) or "Email" in one.get("class", "") for one in handlers
    )


def _debug_logged(s: Any) -> bool:
    loggers = [s.LOGGING.get("root", {}), *s.LOGGING.get("loggers", {}).values()]
    levels = {one.get("level") for one in (*loggers, *s.LOGGING.get("handlers", {}).values())}
    queries = s.LOGGING.get("loggers", {}).get("django.db.backends", {}).get("level")
    return "DEBUG" in levels or queries not in {"ERROR", "CRITICAL"}


def _unlimited_form(s: Any) -> bool:
    largest, most = s.DATA_UPLOAD_MAX_MEMORY_SIZE, s.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return largest is None or largest > LARGEST_FORM or most is None or most > 10_000


def _cache_of_one_process(s: Any) -> bool:
    return any(name in s.CACHES["default"]["BACKEND"] for name in ("locmem", "dummy", "filebased"))


RULES: tuple[Rule, ...] = (
    ("E101", "VICTIMCARE_LOCAL is set: it turns https off, and is for one's own machine. Unset it.",
     lambda s: s.LOCAL),
    ("E102", "DEBUG is on: an error page would show people's data. Leave it off.",
     lambda s: s.DEBUG),
    ("E103", "SECRET_KEY is known or easily guessed: make a random one of 50 characters or more.",
     _known_secret),
    ("E104", "ALLOWED_HOSTS is empty, or lets any host in: name the hosts of this installation one by one.",
     _any_host),
    ("E105", "CSRF_TRUSTED_ORIGINS names a plain or open origin: name https:// addresses, without *.",
     _plain_origin),
    ("E106", "Plain http is answered: set SECURE_SSL_REDIRECT.",
     lambda s: not s.SECURE_SSL_REDIRECT),
    ("E107", "Browsers are not told to come by https alone for a year: set SECURE_HSTS_SECONDS to 31536000.",
     lambda s: s.SECURE_HSTS_SECONDS < YEAR or not s.SECURE_HSTS_INCLUDE_SUBDOMAINS),
    ("E108", "A cookie travels over plain http: set SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE.",
     lambda s: not all(_cookie_names(s, "SECURE"))),
    ("E109", "A script can read a cookie: set SESSION_COOKIE_HTTPONLY and CSRF_COOKIE_HTTPONLY.",
     lambda s: not all(_cookie_names(s, "HTTPONLY"))),
    ("E110", "A cookie goes along from other sites: set SESSION_ and CSRF_COOKIE_SAMESITE to Lax.",
     lambda s: not SAME_SITE.issuperset(_cookie_names(s, "SAMESITE"))),
    ("E111", "A session lasts longer than 12 hours, or outlives the browser: set SESSION_COOKIE_AGE lower.",
     lambda s: s.SESSION_COOKIE_AGE > LONGEST_SESSION or not s.SESSION_EXPIRE_AT_BROWSER_CLOSE),
    ("E112", "Sessions lie outside of the database: who is disabled stays in. Set SESSION_ENGINE back.",
     lambda s: any(name in s.SESSION_ENGINE for name in BAD_ENGINES)),
    ("E113", "Sessions are pickled: whoever can write one runs code. Set SESSION_SERIALIZER to JSON.",
     lambda s: "json" not in s.SESSION_SERIALIZER.lower()),
    ("E114", "Passwords are kept by a weak hash: PASSWORD_HASHERS must name Argon2 alone.",
     _weak_hash),
    ("E115", "Passwords of fewer than 12 characters are taken: set AUTH_PASSWORD_VALIDATORS.",
     _short_password),
    ("E116", "MIDDLEWARE lacks a layer that protects people, or has it in another order: set it back.",
     _middleware_missing),
    ("E117", "CONTENT_SECURITY_POLICY lets in more than our own files: set it back.",
     _loose_policy),
    ("E118", "Other sites may frame a page: set X_FRAME_OPTIONS to DENY.",
     lambda s: s.X_FRAME_OPTIONS != "DENY" or not s.SECURE_CONTENT_TYPE_NOSNIFF),
    ("E119", "A page's address is told to other sites: set SECURE_REFERRER_POLICY to same-origin.",
     lambda s: s.SECURE_REFERRER_POLICY not in {"same-origin", "no-referrer"}),
    ("E120", "Whoever asks may say which host this is: unset USE_X_FORWARDED_HOST.",
     lambda s: s.USE_X_FORWARDED_HOST or s.USE_X_FORWARDED_PORT),
    ("E121", "Mail leaves this machine without TLS: set EMAIL_USE_TLS=1.",
     _mail_in_clear),
    ("E122", "Mail is written to the log or to a file: set EMAIL_BACKEND back.",
     lambda s: any(name in s.EMAIL_BACKEND for name in ("console", "filebased"))),
    ("E123", "A handler of LOGGING lacks the filter for personal data, or sends mail: set it back.",
     _telling_handler),
    ("E124", "LOGGING lets through what is only for finding faults, statements with it: set its levels back.",
     _debug_logged),
    ("E125", "ADMINS or MANAGERS is set: errors would be mailed with what was sent. Unset both.",
     lambda s: s.ADMINS or s.MANAGERS),
    ("E126", "A request may be as large as it likes: set the limits of DATA_UPLOAD_MAX_... back.",
     _unlimited_form),
    ("E127", "Attempts to sign in are counted by each process alone: set CACHES to the database's.",
     _cache_of_one_process),
    ("E129", "A session without a hand on it stays open longer than an hour: set SESSION_IDLE_MINUTES lower.",
     lambda s: s.SESSION_IDLE_SECONDS > DAY // 24),
    ("W130", "Nobody looks for viruses in files: install ClamAV and set CLAMD_ADDRESS.",
     lambda s: not getattr(s, "CLAMD_ADDRESS", "")),
    ("W131", "Behind a proxy all attempts to sign in count as one address's: set BEHIND_TLS_PROXY.",
     lambda s: not s.BEHIND_TLS_PROXY),
    ("E132", "A mail server that says nothing holds the worker for ever: set EMAIL_TIMEOUT back.",
     lambda s: not s.EMAIL_TIMEOUT or s.EMAIL_TIMEOUT > LONGEST_WAIT_FOR_MAIL),
)  # fmt: skip


@checks.register(TAG, deploy=True)
def settings_protect(**kwargs: Any) -> list[checks.CheckMessage]:
    return broken(RULES, settings)
