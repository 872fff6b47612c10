"""Blobs: how a value looks on the disk, and what it is bound to. No database, no Django models."""

import hmac
import logging
import os
import struct
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victimcare.encryption.roots import NONCE_BYTES

# format (1 byte), key version (2 bytes, big-endian), nonce (12), ciphertext with its tag (16).
FORMAT = 1
HEADER = struct.Struct(">BH")
HEAD = HEADER.size
BODY = HEAD + NONCE_BYTES
SHORTEST = BODY + 16
NO_SALT = bytes(32)

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


class Place(NamedTuple):
    """Where a value belongs: it decrypts nowhere else. `model` is the base model's label, in history too."""

    model: str
    field: str
    record: UUID

    def associated_data(self, key_id: UUID, version: int) -> bytes:
        return column(self.model, self.field) + owner(self.record, key_id, version)


def column(model: str, field: str) -> bytes:
    return f"victimcare:{model}:{field}:".encode()


def owner(record: UUID, key_id: UUID, version: int) -> bytes:
    return record.hex.encode() + under(key_id, version)


def under(key_id: UUID, version: int) -> bytes:
    return f":{key_id.hex}:{version}".encode()


class Row(NamedTuple):
    """Whose values a MAC holds together, as `owner` gives it, and at which revision."""

    model: str
    owner: bytes
    revision: int


def derive(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 without salt, one block long (RFC 5869, 2.2 and 2.3): one key per purpose, so that each can
    be given or withheld alone. Two calls of the core: a list derives a hundred keys, and an object for each
    took ten times as long.
    """
    extracted = hmac.digest(NO_SALT, key, "sha256")
    return hmac.digest(extracted, b"victimcare:" + purpose.encode() + b"\x01", "sha256")


def header(version: int) -> bytes:
    return HEADER.pack(FORMAT, version)


def seal(cipher: AESGCM, plain: bytes, place: Place, key_id: UUID, version: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return header(version) + nonce + cipher.encrypt(nonce, plain, place.associated_data(key_id, version))


def unseal(cipher: AESGCM, blob: bytes, place: Place, key_id: UUID, version: int) -> bytes:
    return opened(cipher, blob, place.associated_data(key_id, version), header(version))


def opened(cipher: AESGCM, blob: bytes, associated_data: bytes, header: bytes) -> bytes:
    if len(blob) < SHORTEST or not blob.startswith(header):
        raise Unreadable
    try:
        return cipher.decrypt(blob[HEAD:BODY], blob[BODY:], associated_data)
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
    begins = header(version)
    said = [f"{row.model}:{row.revision}:".encode() + row.owner]
    for name in sorted(blobs):
        blob = blobs[name]
        if not blob.startswith(begins):
            raise Unreadable
        said += (f"{name}:{len(blob)}".encode(), blob)
    return begins + hmac.digest(key, b"\0".join(said), "sha256")
