"""Checks the living log against its seals: what was altered, taken out, or put in past the seals."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from victimcare.encryption.roots import KeyUnavailable, root_key
from victimcare.models import SealingKey
from victimcare.sealing import exporting
from victimcare.sealing.exporting import Counted
from victimcare.sealing.verify import Broken, Verification

LATE_AFTER = "1 minute"
# Lines that no seal names, oldest first; `waits`: the sealer knows of it.
NOT_SEALED = """
SELECT e.id, EXISTS (SELECT FROM victimcare_unsealedentry u WHERE u.entry_id = e.id) AS waits
FROM victimcare_accessentry e
LEFT JOIN (SELECT unnest(entries) AS id FROM victimcare_seal) s ON s.id = e.id
WHERE s.id IS NULL AND e.at < now() - %s::interval
ORDER BY waits, e.at, e.id
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """`wrong` says the first bad line, or is empty. `late` lines wait for the sealer longer than they
    should.
    """

    rows: int
    seals: int
    wrong: str = ""
    late: int = 0


def check() -> Checked:
    """Every seal against the lines that it names; then the lines that no seal names."""
    counted = Counted()
    try:
        trusted = own_keys()
        Verification(trusted).run(exporting.lines(exporting.chains(), counted))
    except Broken as error:
        return Checked(counted.rows, counted.seals, _begun_large(error.sentence))
    added, late = _not_sealed()
    wrong = f"Row {added} was added: no seal names it, and it never waited for one." if added else ""
    return Checked(counted.rows, counted.seals, wrong, late)


def own_keys() -> list[str]:
    """The public keys whose private half this installation holds. Whoever only writes into the table makes
    none.

    Keys under an earlier root key cannot be tried; they are believed.
    """
    found = []
    for key in SealingKey.objects.order_by("created_at", "pk"):
        if key.root_key_id == root_key().key_id and not _is_own(key):
            raise Broken(0, f"sealing key {key.pk} was not made by this installation.")
        found.append(bytes(key.public).hex())
    return found


def _is_own(key: SealingKey) -> bool:
    try:
        private = root_key().unwrap(bytes(key.wrapped), key.context(), key.root_key_id)
    except KeyUnavailable:
        return False
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return public == bytes(key.public)


def _not_sealed() -> tuple[str, int]:
    """The first line that was put in past the sealer, and how many wait too long."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_SEALED, [LATE_AFTER])
        found = cursor.fetchall()
    added = [str(entry) for entry, waits in found if not waits]
    return (added[0] if added else "", len(found) - len(added))


def _begun_large(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
