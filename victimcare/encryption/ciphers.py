"""Blobs: how a value looks on the disk, and what it is bound to. No database, no Django models."""

import hmac
import os
import struct
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from victimcare.encryption.roots import KEY_BYTES, NONCE_BYTES

# format (1 byte), key version (2 bytes, big-endian), nonce (12), ciphertext with its tag (16).
FORMAT = 1
HEADER = struct.Struct(">BH")
# The purpose of what is opened by the ten thousand: `expand` makes its key.
CARDS = "name cards"


class Unreadable(Exception):
    """A blob that was changed, moved, cut, or belongs to another record.

    One text for all: say nothing of why.
    """

    def __init__(self) -> None:
        super().__init__("An encrypted value cannot be read.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value belongs: it decrypts nowhere else. `model` is the base model's label, in history too."""

    model: str
    field: str
    record: UUID

    def associated_data(self, key_id: UUID, version: int) -> bytes:
        return associated_data(self.model, self.field, self.record, key_id, version)


def associated_data(model: str, field: str, record: UUID | str, key_id: UUID | str, version: int) -> bytes:
    return f"victimcare:{model}:{field}:{record}:{key_id}:{version}".encode()


def derive(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 (RFC 5869): one key per purpose, so that each can be given or withheld alone."""
    hkdf = HKDF(
        algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"victimcare:" + purpose.encode()
    )
    return hkdf.derive(key)


def expand(key: bytes, purpose: str) -> bytes:
    """The second half of HKDF alone, in a third of the time: a subject key is as random as its first half
    would make it (RFC 5869, section 3.3).
    """
    return hmac.digest(key, b"victimcare:" + purpose.encode() + b"\x01", "sha256")


def seal(cipher: AESGCM, plain: bytes, place: Place, key_id: UUID, version: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return (
        HEADER.pack(FORMAT, version)
        + nonce
        + cipher.encrypt(nonce, plain, place.associated_data(key_id, version))
    )


def unseal(cipher: AESGCM, blob: bytes, place: Place, key_id: UUID, version: int) -> bytes:
    if len(blob) < HEADER.size + NONCE_BYTES or HEADER.unpack_from(blob) != (FORMAT, version):
        raise Unreadable
    nonce = blob[HEADER.size : HEADER.size + NONCE_BYTES]
    try:
        return cipher.decrypt(
            nonce, blob[HEADER.size + NONCE_BYTES :], place.associated_data(key_id, version)
        )
    except InvalidTag as error:
        raise Unreadable from error
