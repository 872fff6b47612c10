"""Opening one blob each of very many subjects: 50,000 name cards while somebody types.

The same as reading that field of each record, without making 50,000 records and keys of them.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victimcare.encryption import keyring
from victimcare.encryption.ciphers import HEADER, Unreadable, associated_data, expand
from victimcare.encryption.roots import NONCE_BYTES
from victimcare.models.keys import subject_key_context

# Record, its organisation, its subject key with version and wrapped key, the state key, and the blob.
Row = tuple[str, str, str, int, memoryview, str, memoryview]


def opened(rows: Iterable[Row], model: str, field: str, purpose: str) -> Iterator[tuple[str, bytes]]:
    """The record of each row with what its blob says. Raises Unreadable where one was changed or moved."""
    state_ciphers: dict[str, AESGCM] = {}
    after_nonce = HEADER.size + NONCE_BYTES
    for record, organization, key_id, version, wrapped, state_key, blob in rows:
        if state_key not in state_ciphers:
            state_ciphers[state_key] = keyring.state_cipher(UUID(state_key))
        try:
            key = state_ciphers[state_key].decrypt(
                wrapped[:NONCE_BYTES],
                wrapped[NONCE_BYTES:],
                subject_key_context(organization, key_id, version),
            )
            place = associated_data(model, field, record, key_id, version)
            plain = AESGCM(expand(key, purpose)).decrypt(
                blob[HEADER.size : after_nonce], blob[after_nonce:], place
            )
        except InvalidTag as error:
            raise Unreadable from error
        yield record, plain
