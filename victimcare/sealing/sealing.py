"""The sealing job: takes the lines that wait, and binds them into the chain of their member state.

Requests only append. A lock makes two sealers at once take turns; each batch is one transaction, so that a
sealer that is killed leaves nothing half done.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from victimcare import acting
from victimcare.models import Seal
from victimcare.sealing import keys, rows
from victimcare.sealing.verify import BEGINNING, GONE, VERSION, digest, seal_hash

BATCH = 10_000
LOCK = 0x5EA1
# A line that somebody took out before it was sealed is missed at the check: its place in the seal stays.
TAKE = f"""
WITH taken AS (
    DELETE FROM victimcare_unsealedentry WHERE id IN (
        SELECT id FROM victimcare_unsealedentry ORDER BY id LIMIT %s
    ) RETURNING id AS place, entry_id, chain
)
SELECT taken.chain, taken.entry_id, {rows.SELECTED}
FROM taken LEFT JOIN victimcare_accessentry e ON e.id = taken.entry_id ORDER BY taken.place
"""  # noqa: S608  # our own columns


@dataclass
class Sealed:
    """How much was sealed."""

    rows: int = 0
    seals: int = 0


def seal_all(*, batch: int = BATCH) -> Sealed:
    """Seal what waits now, batch by batch, until nothing does."""
    done = Sealed()
    with acting.as_job("sealing"):
        while taken := seal_once(batch, done):
            if taken < batch:
                break
    return done


@transaction.atomic
def seal_once(batch: int, done: Sealed) -> int:
    """One batch over all chains, at most a seal each; returns how many lines it took."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(TAKE, [batch])
        taken = cursor.fetchall()
    by_chain: defaultdict[str, list[tuple[UUID, bytes]]] = defaultdict(list)
    for chain, entry, *values in taken:
        told = GONE if values[0] is None else digest(rows.in_canonical_form(values))
        by_chain[chain].append((entry, told))
    for chain in sorted(by_chain):
        seal_chain(chain, by_chain[chain])
    done.rows += len(taken)
    done.seals += len(by_chain)
    return len(taken)


def seal_chain(chain: str, lines: Sequence[tuple[UUID, bytes]]) -> None:
    """Bind lines of one chain, each an entry with its digest, to what was sealed before them."""
    last = Seal.objects.filter(chain=chain).order_by("-number").only("number", "hash").first()
    key = keys.current()
    entries, digests = [entry for entry, _told in lines], b"".join(told for _entry, told in lines)
    seal = Seal(
        chain=chain,
        number=last.number + 1 if last else 1,
        version=VERSION,
        count=len(lines),
        entries=entries,
        digests=digests,
        previous=bytes(last.hash) if last else BEGINNING,
        key=key,
        sealed_at=timezone.now(),
    )
    seal.hash = seal_hash(told(seal), ids(seal), digests)
    seal.signature = keys.sign(key, seal.hash)
    seal.save(force_insert=True)


def told(seal: Seal) -> dict[str, object]:
    """A seal's own values, as its hash covers them and an export writes them."""
    return {
        "chain": seal.chain,
        "number": seal.number,
        "version": seal.version,
        "count": seal.count,
        "sealed_at": seal.sealed_at.isoformat(timespec="microseconds"),
        "previous": bytes(seal.previous).hex(),
        "key": bytes(seal.key.public).hex(),
    }


def ids(seal: Seal) -> bytes:
    return b"".join(entry.bytes for entry in seal.entries)
