"""`python -m tests.drills people [EACH]`, `writers NUMBER FILLING` and `acceptors NUMBER ROUNDS` fill an
empty database, as its owner.

`threads NAME REQUESTS THREADS`, `keys KILLS` and `places ACCEPTORS ROUNDS` drill, as the application.
"shared" after the first says that the server connections are shared through a pooler. `command keys ...` is
manage.py, with a fault if one is planted.
"""

import logging
import os
import sys
from contextlib import nullcontext

import django

WRONG, NOT_AS_MEANT = 3, 4


def main(command: str, *arguments: str) -> int:
    django.setup()
    commands = {
        "people": people,
        "writers": writers,
        "acceptors": acceptors,
        "threads": threads,
        "keys": keys,
        "places": places,
        "accept": accept,
        "command": manage,
    }
    return commands[command](*arguments)


def people(each: str = "10") -> int:
    from tests.drills import people

    people.make(int(each))
    return 0


def writers(number: str, filling: str) -> int:
    from tests.drills import writers

    writers.make(int(number), int(filling))
    return 0


def acceptors(number: str, rounds: str) -> int:
    from tests.drills import places

    places.make(int(number), int(rounds))
    return 0


def threads(name: str, requests: str, number: str, *shared: str) -> int:
    from tests.drills import threads

    # What goes wrong on purpose would fill the screen.
    logging.disable(logging.CRITICAL)
    figures = threads.drill(int(requests), int(number), shared=bool(shared))
    sys.stdout.write(figures.text(name))
    if figures.wrong:
        return WRONG
    return NOT_AS_MEANT if figures.otherwise else 0


def keys(kills: str) -> int:
    from tests.drills import keys

    figures = keys.drill(int(kills))
    sys.stdout.write(figures.text())
    return WRONG if figures.is_wrong else 0


def places(acceptors: str, rounds: str) -> int:
    from tests.drills import places

    figures = places.drill(int(acceptors), int(rounds))
    sys.stdout.write(figures.text())
    return WRONG if figures.is_wrong else 0


def accept(first: str, last: str) -> int:
    from tests.drills import places

    places.accept(int(first), int(last))
    return 0


def manage(*arguments: str) -> int:
    from django.core.management import call_command

    from tests.drills import plants

    plant = os.environ.get(plants.VARIABLE)
    with plants.KEY_PLANTS[plant]() if plant else nullcontext():
        call_command(*arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
