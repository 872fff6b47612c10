"""What of the drill's person can be read in a database with every key that is in it.

Each value of bytes is opened with each key that is there, for each purpose, without asking whether it
belongs there: AES-GCM is a counter mode, and without its check any key gives some bytes. So a value that was
moved, or lies under somebody else's key, is found too.
"""

from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.apps import apps
from django.db import connection

from tests.drills.erased import WORDS
from victimcare.encryption import keyring, streams
from victimcare.encryption.ciphers import HEADER, derive
from victimcare.encryption.roots import NONCE_BYTES
from victimcare.models import Session, SubjectKey

PURPOSES = ("fields", "counselling", "files", "history", "search", "import", "name cards")
# Of GCM with a nonce of 12 bytes, the first block of text is counted as 2.
FIRST_BLOCK = (2).to_bytes(4, "big")
COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'bytea'
"""


def read(organization: str = "") -> dict[str, Any]:
    """`words`: which of them can be read, with all keys or with those of one organisation; beside them how
    much was tried, and the tokens by which people can be found.
    """
    blobs, keys = list(_blobs()), list(_keys(organization))
    plain = b"\n".join(_opened(blob, key) for blob in blobs for key in keys)
    passing = "\n".join(str(one.get_decoded()) for one in Session.objects.all())
    found = {word for word in WORDS.values() if word.encode().lower() in plain.lower() or word in passing}
    return {"words": sorted(found), "blobs": len(blobs), "keys": len(keys), "tokens": _tokens()}


def _blobs() -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            name = connection.ops.quote_name
            cursor.execute(f"SELECT {name(column)} FROM {name(table)} WHERE {name(column)} IS NOT NULL")
            yield from (bytes(value) for (value,) in cursor.fetchall())


def _keys(organization: str) -> Iterator[bytes]:
    rows = SubjectKey.objects.filter(wrapped__isnull=False)
    if organization:
        rows = rows.filter(organization__code=organization)
    with keyring.held():
        for row in rows:
            yield from (keyring.open_key(row.pk).derived(purpose) for purpose in PURPOSES)
            yield from _keys_of_files(row)


def _keys_of_files(key: SubjectKey) -> Iterator[bytes]:
    """Each file has a secret of its own, which lies under the person's key."""
    for document in apps.get_model("cases", "Document")._base_manager.filter(subject_key=key):
        yield derive(bytes.fromhex(document.secret), f"{streams.PURPOSE}:{document.pk}")


def _opened(blob: bytes, key: bytes) -> bytes:
    """As a value and as a segment of a file: their heads are of different lengths."""
    return b"\n".join(_opened_after(blob, key, head) for head in (HEADER.size, len(streams.FORMAT)))


def _opened_after(blob: bytes, key: bytes, head: int) -> bytes:
    begin = head + NONCE_BYTES
    nonce, text = blob[head:begin], blob[begin:]
    if len(nonce) < NONCE_BYTES or not text:
        return b""
    return Cipher(AES(key), CTR(nonce + FIRST_BLOCK)).decryptor().update(text)


def _tokens() -> list[str]:
    """All by which the importer knows a row again."""
    rows = apps.get_model("cases", "ImportedRow").objects.values_list("token", flat=True)
    return sorted(bytes(token).hex() for token in rows)
