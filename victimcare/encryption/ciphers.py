"""Blobs: how a value looks on the disk, and what it is bound to. No database, no Django models."""

import hmac
import logging
import os
import struct
from collections.abc import Mapping
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

alarm = logging.getLogger("victimcare.alarm")


class Unreadable(Exception):
    """A value that was changed, moved, cut, put back, or belongs to another record.

    One text for all: say nothing of why. None is raised without the alarm.
    """

    def __init__(self) -> None:
        super().__init__("An encrypted value cannot be read.")
        alarm.critical(
            "An encrypted value cannot be read: somebody may have changed the database past the product."
            " `manage.py keys check` says where."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value belongs: it decrypts nowhere else. `model` is the base model's label, in history too."""

    model: str
    field: str
    record: UUID

    def associated_data(self, key_id: UUID, version: int) -> bytes:
        return f"victimcare:{self.model}:{self.field}:{self.record}:{key_id}:{version}".encode()


@dataclass(frozen=True, slots=True)
class Row:
    """Whose values a MAC holds together, and at which revision."""

    model: str
    record: UUID
    key_id: UUID
    revision: int


def derive(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 (RFC 5869): one key per purpose, so that each can be given or withheld alone."""
    hkdf = HKDF(
        algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"victimcare:" + purpose.encode()
    )
    return hkdf.derive(key)


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


def version_of(blob: bytes) -> int:
    """The version of the key under which a value, or a row's MAC, was made. Raises Unreadable."""
    if len(blob) < HEADER.size or blob[0] != FORMAT:
        raise Unreadable
    version: int = HEADER.unpack_from(blob)[1]
    return version


def mac(key: bytes, version: int, row: Row, blobs: Mapping[str, bytes]) -> bytes:
    """HMAC-SHA256 over a row's values by name. Empty fields count for nothing, so that a field can be added.

    Raises Unreadable where a value lies under another version: rows are never mixed.
    """
    said = [f"victimcare:{row.model}:{row.record}:{row.key_id}:{version}:{row.revision}".encode()]
    for name in sorted(blobs):
        if version_of(blobs[name]) != version:
            raise Unreadable
        said.append(f"{name}:{len(blobs[name])}".encode())
        said.append(blobs[name])
    return HEADER.pack(FORMAT, version) + hmac.digest(key, b"\0".join(said), "sha256")
