"""What Jinja templates of the product may use beside Jinja's own."""

from typing import Any

from django.template.defaultfilters import linebreaksbr
from jinja2 import Environment


def environment(**options: Any) -> Environment:
    made = Environment(**options)  # noqa: S701  # nosec B701  # Django's backend says autoescape=True
    made.filters["linebreaksbr"] = linebreaksbr
    return made
