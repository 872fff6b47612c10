"""Seals rows under one subject key with the product's own ciphers, without an instance of a model a row."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps

from benchmarks.copying import Tables
from benchmarks.plan import uid
from victimcare.encryption import ciphers, keyring, sealed
from victimcare.encryption.roots import KEY_BYTES, NONCE_BYTES
from victimcare.models.keys import StateKey, subject_key_context

Blobs = dict[str, bytes]
PAGE = 4096


@cache
def _model(table: str) -> tuple[str, dict[str, sealed.EncryptedField]]:
    """The label to which a table's values are bound, and its encrypted fields by name."""
    [model] = [one for one in apps.get_models() if one._meta.db_table == table]
    return sealed.label_of(model), {one.name: one for one in sealed.encrypted_fields(model)}


class _Randomness:
    """Random bytes of the system, fetched by the page: each call of it costs more than what it is for."""

    def __init__(self) -> None:
        self._page, self._at = b"", 0

    def take(self, count: int) -> bytes:
        if self._at + count > len(self._page):
            self._page, self._at = os.urandom(PAGE), 0
        self._at += count
        return self._page[self._at - count : self._at]


randomness = _Randomness()


class Pen:
    """One subject key, open. Ids are text of 32 hexadecimal digits."""

    def __init__(self, key_id: str, key: keyring.OpenKey) -> None:
        self.key_id = key_id
        self.key = key
        self._under = f":{key_id}:{key.version}".encode()

    def owner(self, record: str) -> bytes:
        """As `ciphers.owner`, without making two UUIDs of text that becomes text again."""
        return record.encode() + self._under

    def blobs(self, table: str, record: str, values: Mapping[str, Any]) -> Blobs:
        """A row's encrypted values, by name; an empty one stays empty, as in the product."""
        _label, fields = _model(table)
        owner = self.owner(record)
        return {name: self._sealed(fields[name], value, owner) for name, value in values.items() if value}

    def _sealed(self, field: sealed.EncryptedField, value: Any, owner: bytes) -> bytes:
        nonce = randomness.take(NONCE_BYTES)
        cipher = self.key.cipher(field.purpose)
        sealed_bytes = cipher.encrypt(nonce, field.to_bytes(value), field.column_bytes + owner)
        return self.key.header + nonce + sealed_bytes

    def mac(self, table: str, record: str, blobs: Blobs, revision: int = 1) -> bytes:
        label, _fields = _model(table)
        return self.key.mac(ciphers.Row(label, self.owner(record), revision), blobs)

    def row(self, table: str, record: str, values: Mapping[str, Any], revision: int = 1) -> dict[str, object]:
        """The columns of a row that this key is for, as COPY takes them."""
        return self.columns(table, record, self.blobs(table, record, values), revision)

    def columns(self, table: str, record: str, blobs: Blobs, revision: int = 1) -> dict[str, object]:
        written: dict[str, object] = {name: in_copy(blob) for name, blob in blobs.items()}
        mac = in_copy(self.mac(table, record, blobs, revision))
        return written | {"id": record, "revision": revision, "mac": mac, "subject_key_id": self.key_id}


def in_copy(blob: bytes) -> str:
    return "\\\\x" + blob.hex()


class Keys:
    """Makes subject keys under the state's key."""

    def __init__(self, tables: Tables, state_key: StateKey) -> None:
        self.tables = tables
        self.state_key_id = state_key.pk.hex
        self.made_under = state_key.version
        self.cipher: AESGCM = keyring.state_cipher(state_key.pk)

    def new(self, key_id: str, organization: str, created_at: str) -> Pen:
        key = randomness.take(KEY_BYTES)
        context = subject_key_context(dashed(organization), dashed(key_id), 1)
        self.tables.add(
            "victimcare_subjectkey",
            {
                "id": key_id,
                "organization_id": organization,
                "state_key_id": self.state_key_id,
                "version": 1,
                "made_under": self.made_under,
                "wrapped": in_copy(keyring.wrap(self.cipher, key, context)),
                "created_at": created_at,
            },
        )
        return Pen(key_id, keyring.OpenKey(key, 1))

    def of_organization(self, kind: str, number: int, organization: str, created_at: str) -> Pen:
        """Those that an organisation uses for itself; the pen of the first."""
        own = self.new(uid("own key", f"{kind} {number}"), organization, created_at)
        search = self.new(uid("search key", f"{kind} {number}"), organization, created_at)
        self.tables.add(
            "victimcare_organizationkey",
            {
                "organization_id": organization,
                "subject_key_id": own.key_id,
                "search_key_id": search.key_id,
            },
        )
        return own


def dashed(identifier: str) -> str:
    """As text of a UUID is written everywhere."""
    parts = identifier[:8], identifier[8:12], identifier[12:16], identifier[16:20], identifier[20:]
    return "-".join(parts)
