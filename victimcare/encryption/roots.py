"""Root key providers. A provider wraps and unwraps member-state keys; nothing else ever sees the root key."""

import base64
import binascii
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyUnavailable(Exception):
    """The root key cannot be had, or is not the one that wrapped this key. Nothing may be read or written."""


class RootKeyProvider(Protocol):
    """`key_id` names the root key in the rows it wrapped; `context` is bound to the wrapped key (bytes)."""

    key_id: str

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...


class LocalRootKey:
    """A root key held by this process: from a file or from the environment."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured("The root key must be 32 bytes, written as base64.")
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(b"victimcare.root-key-id" + key).hexdigest()[:16]

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except InvalidTag as error:
            raise KeyUnavailable(
                "The root key is not the one that wrapped this member state's key."
            ) from error


def _decoded(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("The root key must be 32 bytes, written as base64.") from error


def from_file(path: str) -> LocalRootKey:
    try:
        return LocalRootKey(_decoded(Path(path).read_bytes()))
    except OSError as error:
        raise KeyUnavailable(f"The root key file cannot be read: {error.strerror}.") from error


def from_environment() -> LocalRootKey:
    """`VICTIMCARE_ROOT_KEY_FILE` names a file; else `VICTIMCARE_ROOT_KEY` holds the key itself."""
    path = os.environ.get("VICTIMCARE_ROOT_KEY_FILE")
    if path:
        return from_file(path)
    text = os.environ.get("VICTIMCARE_ROOT_KEY", "")
    if not text:
        raise ImproperlyConfigured("Set VICTIMCARE_ROOT_KEY_FILE or VICTIMCARE_ROOT_KEY. See .env.example.")
    return LocalRootKey(_decoded(text))


@cache
def root_key() -> RootKeyProvider:
    provider: RootKeyProvider = import_string(settings.ROOT_KEY_PROVIDER)()
    return provider
