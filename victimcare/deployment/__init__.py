"""What an installation for real people must not be like: asked by `manage.py check_deployment`, each with a
sentence that says what to do (docs/operations.md).

`options` asks the settings, `files` what lies on the disk and in the environment, `database` the server. They
are checks of Django's for deployment. Those without which nothing starts at all are in `checks.py`.
"""

from collections.abc import Callable
from typing import Any

from django.core import checks

TAG = "deployment"

Rule = tuple[str, str, Callable[..., bool]]


def refused(number: str, sentence: str) -> checks.CheckMessage:
    return checks.Error(sentence, id=f"deployment.{number}")


def advised(number: str, sentence: str) -> checks.CheckMessage:
    return checks.Warning(sentence, id=f"deployment.{number}")


def broken(rules: tuple[Rule, ...], *about: Any) -> list[checks.CheckMessage]:
    """A message for each rule that is broken; a number with W is only advice."""
    found = [(number, sentence) for number, sentence, is_broken in rules if is_broken(*about)]
    return [(advised if number[0] == "W" else refused)(number, sentence) for number, sentence in found]
