"""`python -m tests.drills people` fills an empty database, as its owner; `... threads NAME REQUESTS` drills."""

import logging
import sys

import django

WRONG = 3


def main(command: str, *arguments: str) -> int:
    django.setup()
    from tests.drills import people, threads

    if command == "people":
        people.make()
        return 0
    # What goes wrong on purpose would fill the screen.
    logging.disable(logging.CRITICAL)
    name, requests, *rest = arguments
    figures = threads.drill(int(requests), int(rest[0]) if rest else threads.THREADS)
    sys.stdout.write(figures.text(name))
    return 0 if figures.all_is_well() else WRONG


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
