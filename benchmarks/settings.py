"""The product's settings, with the two floors beside its pages."""

from victimcare.settings import *  # noqa: F403  # all of them
from victimcare.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "benchmarks.urls"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "benchmarks" / "templates")  # type: ignore[attr-defined]  # a list
