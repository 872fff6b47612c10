"""The one settings file. Everything that differs between installations comes from the environment."""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from jinja2 import StrictUndefined

from victimcare import environment

BASE_DIR = Path(__file__).resolve().parent.parent

# `make run` and `make test` set this: loopback only, plain http, demonstration data.
LOCAL = environment.flag("VICTIMCARE_LOCAL")
DEBUG = False
SECRET_KEY = environment.secret("SECRET_KEY")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "victimcare",
    "certification",
    "cases",
    "referrals",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "guardian",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "crispy_forms",
    "crispy_bootstrap5",
    "bootstrap",
]

MIDDLEWARE = [
    # Headers first: so also what is answered by those behind them has them, a static file or a refused host.
    "victimcare.middleware.PrivacyHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "victimcare.middleware.LengthMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "victimcare.middleware.ErasuresMiddleware",
    "victimcare.middleware.SignedInMiddleware",
    "victimcare.middleware.ActingUserMiddleware",
    "victimcare.sign_in.middleware.SecondFactorMiddleware",
    "victimcare.middleware.KeysMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "victimcare.middleware.NotAllowedMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "victimcare.urls"
WSGI_APPLICATION = "victimcare.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "victimcare" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "victimcare.shell.context",
            ],
        },
    },
    # Beside them, for rows of long tables and what is on every page (victimcare/jinja.py): below `jinja2/` in
    # each app.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "victimcare.jinja.environment",
            "trim_blocks": True,
            "lstrip_blocks": True,
            "undefined": StrictUndefined,
        },
    },
]
# Django's own templates of widgets in Jinja: a list of hundreds of choices takes the others most of a page.
FORM_RENDERER = "django.forms.renderers.Jinja2"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# -- Database: one alias; the role is chosen per process -----------------------------------------------------
DATABASE_APP_URL, DATABASE_OWNER_URL = environment.database_urls()
DATABASE_APP_ROLE = dj_database_url.parse(DATABASE_APP_URL)["USER"]
DATABASE_OWNER_ROLE = dj_database_url.parse(DATABASE_OWNER_URL)["USER"]
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_OWNER_URL if environment.acts_as_owner() else DATABASE_APP_URL,
        engine="django.db.backends.postgresql",
        conn_max_age=600,
        conn_health_checks=True,
        disable_server_side_cursors=True,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What all processes count together: attempts to sign in, used second-factor codes. Nothing of a page.
CACHES = {
    "default": {
        "BACKEND": "victimcare.cache.Counters",
        "LOCATION": "victimcare_cache",
        "KEY_FUNCTION": "victimcare.cache.keyed",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# -- Who signs in --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "victimcare.User"
AUTHENTICATION_BACKENDS = ["victimcare.sign_in.backend.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Passwords that leaked elsewhere, as sorted SHA-1 (docs/operations.md). Empty: nobody looks.
LEAKED_PASSWORDS_FILE = environment.text("LEAKED_PASSWORDS_FILE", "")
if LEAKED_PASSWORDS_FILE:
    AUTH_PASSWORD_VALIDATORS.append({"NAME": "victimcare.sign_in.leaked.NotLeakedValidator"})
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "victimcare.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
# Attempts are counted by address: behind a proxy the last one of X-Forwarded-For, which the proxy adds.
# Else everybody shares the proxy's own, and one attacker locks all of them out.
BEHIND_TLS_PROXY = environment.flag("BEHIND_TLS_PROXY")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_TLS_PROXY else 0
MFA_ADAPTER = "victimcare.accounts.MFAAdapter"
# Nobody guesses one, however often they try.
MFA_RECOVERY_CODE_DIGITS = 16
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "VictimCare"
MFA_FORMS = {
    "authenticate": "victimcare.sign_in.forms.CodeForm",
    "reauthenticate": "victimcare.sign_in.forms.ConfirmCodeForm",
    "add_webauthn": "victimcare.sign_in.forms.AddKeyForm",
    "authenticate_webauthn": "victimcare.sign_in.forms.KeyForm",
    "login_webauthn": "victimcare.sign_in.forms.PasskeyForm",
    "reauthenticate_webauthn": "victimcare.sign_in.forms.ConfirmKeyForm",
}
ACCOUNT_FORMS = {
    "login": "victimcare.sign_in.forms.SignInForm",
    "change_password": "victimcare.sign_in.forms.OwnPasswordForm",
}
# What one address may ask at all, so that nobody keeps the processors busy. Passwords and codes are counted
# in victimcare/sign_in, where nobody's tries lock another out; allauth's own counting of failures would.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": None}
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}

# Guardian's generic tables stay empty; nobody is anonymous, nobody is superuser.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
# Guardian's backend stays out: grants are asked for in victimcare/access.py, never by has_perm().
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# -- Encryption ----------------------------------------------------------------------------------------------
# `local` is a file or the environment, `vault` HashiCorp Vault; else the path of a function that gives a
# RootKeyProvider. See docs/keys.md.
_PROVIDER = environment.text("VICTIMCARE_ROOT_KEY_PROVIDER", "local")
ROOT_KEY_PROVIDER = {
    "local": "victimcare.encryption.roots.from_environment",
    "vault": "victimcare.encryption.vault.from_environment",
}.get(_PROVIDER, _PROVIDER)

# Which persons were erased, outside of the database. See docs/operations.md.
ERASURE_LEDGER_FILE = environment.text("ERASURE_LEDGER_FILE", "")

# -- Files ---------------------------------------------------------------------------------------------------
# What is received is encrypted from its first byte on (victimcare/files/uploads.py). See docs/files.md.
_MEGABYTE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["victimcare.files.uploads.SealedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILES_MAX_BYTES = environment.number("FILES_MAX_MB", 200) * _MEGABYTE
FILES_MAX_OFFICE_BYTES = environment.number("FILES_MAX_OFFICE_MB", 32) * _MEGABYTE
FILES_MAX_PIXELS = environment.number("FILES_MAX_MEGAPIXELS", 50) * 1_000_000
FILES_PER_CASE_BYTES = environment.number("FILES_PER_CASE_MB", 2_000) * _MEGABYTE
FILES_PER_ORGANIZATION_BYTES = environment.number("FILES_PER_ORGANIZATION_MB", 100_000) * _MEGABYTE
# ClamAV's daemon, which looks through each file: the path of its socket, or host:port. Empty: nobody does.
CLAMD_ADDRESS = environment.text("CLAMD_ADDRESS", "")

# How long a case that is opened in an emergency is open unless its user chooses otherwise: 30, 60 or 120
# minutes.
EMERGENCY_MINUTES = environment.number("EMERGENCY_MINUTES", 30, most=120)

# -- Sessions, cookies, headers ------------------------------------------------------------------------------
SESSION_ENGINE = "victimcare.sign_in.sessions"
SESSION_COOKIE_AGE = environment.number("SESSION_HOURS", 8, most=12) * 3600
SESSION_IDLE_SECONDS = environment.number("SESSION_IDLE_MINUTES", 30, most=60) * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LOCAL
# A browser takes such a name over TLS and from this very host only: no neighbouring site sets our cookies.
_HOST = "" if LOCAL else "__Host-"
SESSION_COOKIE_NAME = f"{_HOST}sessionid"
CSRF_COOKIE_NAME = f"{_HOST}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_HOST}language"
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "victimcare.refusals.csrf_failure"
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        # What is not named below is not loaded: no connection, frame, worker, plug-in, sound or film.
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap's check marks and the TOTP code are data URIs.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        # A passkey's challenge is fetched when its button is pressed.
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # No script makes markup out of text.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
        "upgrade-insecure-requests": not LOCAL,
    }
}
# The browser's own powers: none but a second factor's key.
PERMISSIONS_POLICY = ", ".join([
    *(f"{power}=()" for power in (
        "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture",
        "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "identity-credentials-get",
        "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment",
        "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb", "window-management",
        "xr-spatial-tracking",
    )),
    "publickey-credentials-create=(self)",
    "publickey-credentials-get=(self)",
])  # fmt: skip

# Where "Leave this page" goes: a page that anybody may have open.
QUICK_EXIT_URL = "https://www.wikipedia.org/"

# -- Static files --------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-built"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# -- Background tasks: a row of the same database, written in the same transaction as the fact ---------------
TASKS = {"default": {"BACKEND": "victimcare.background.Backend", "QUEUES": ["default"]}}

# -- Languages and time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("pt-br", _("Portuguese")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["victimcare.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

# Mail carries a reference and a link, never a name (design section 4).
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS")
EMAIL_PORT = environment.number("EMAIL_PORT", 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.optional_secret("EMAIL_HOST_PASSWORD")
# A mail server that says nothing must not hold a worker for ever.
EMAIL_TIMEOUT = 20
SITE_URL = environment.text("SITE_URL", f"https://{(*ALLOWED_HOSTS, 'localhost')[0]}").rstrip("/")
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "no-reply@localhost")

# A log line says what failed and where, never with what: no instance, no form data, no statement.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"discreet": {"()": "victimcare.logs.Discreet"}},
    "formatters": {"line": {"()": "victimcare.logs.LineFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.db.backends": {"level": "ERROR"},
        # What qpdf complains of, it quotes.
        "pikepdf": {"level": "CRITICAL"},
    },
}
