"""The sealer as a process: seals every few seconds until it is told to stop."""

import logging
import signal
from threading import Event
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from victimcare.encryption.roots import KeyUnavailable
from victimcare.logs import described
from victimcare.sealing import sealing

PAUSE = 5
# When the database or the root key does not answer: it may be starting, migrating, or away.
LONGER_PAUSE = 30

logger = logging.getLogger(__name__)


def watch() -> None:
    """Returns when the process is told to stop; what is being sealed is finished first."""
    stopped = Event()

    def stop(*args: Any) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not stopped.is_set():
        stopped.wait(_round())
    connection.close()


def _round() -> int:
    """Seals what waits; returns how many seconds to rest."""
    close_old_connections()
    try:
        sealing.seal_all()
    except (DatabaseError, KeyUnavailable) as error:
        logger.error("Nothing was sealed, tried again soon: %s", described(error))
        connection.close()
        return LONGER_PAUSE
    return PAUSE
