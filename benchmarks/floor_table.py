"""Makes the table of the plain floor. A process of its own, as the owner."""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import floors  # noqa: E402


def main() -> None:
    with connection.cursor() as cursor:
        cursor.execute(floors.TABLE % settings.DATABASE_APP_ROLE)
    json.dump({}, sys.stdout)


if __name__ == "__main__":
    main()
