"""`python -m tests.drills people` fills an empty database, as its owner.

`python -m tests.drills threads NAME REQUESTS THREADS` drills, as the application. "shared" after these says
that the server connections are shared through a pooler.
"""

import logging
import sys

import django

WRONG, NOT_AS_MEANT = 3, 4


def main(command: str, *arguments: str) -> int:
    django.setup()
    from tests.drills import people, threads

    if command == "people":
        people.make()
        return 0
    # What goes wrong on purpose would fill the screen.
    logging.disable(logging.CRITICAL)
    name, requests, number, *shared = arguments
    figures = threads.drill(int(requests), int(number), shared=bool(shared))
    sys.stdout.write(figures.text(name))
    if figures.wrong:
        return WRONG
    return NOT_AS_MEANT if figures.otherwise else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
