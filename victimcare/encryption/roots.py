"""Root key providers. A provider wraps and unwraps member-state keys; nothing else ever sees the root key."""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Sequence
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
    """What a file, a vault, a cloud's KMS or a PKCS#11 module has to do.

    `key_id` names the root key that wraps now: up to 32 characters, kept beside what it wrapped. `context` is
    bound to the wrapped key (bytes). Unwraps what any known root key wrapped, so that a rotation can go from
    one to the next. Raises KeyUnavailable, and works again as soon as its source does.
    """

    @property
    def key_id(self) -> str: ...

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes: ...


class LocalRootKeys:
    """Root keys held by this process, the present one first: from a file or from the environment.

    `read` gives them anew when one is asked for that is not known: processes that run while the root is
    rotated learn of the new one by themselves.
    """

    def __init__(self, read: Callable[[], Sequence[bytes]]) -> None:
        self._read = read
        self._learn()

    @property
    def key_id(self) -> str:
        return self._key_id

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self._key_id].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        if key_id not in self._ciphers:
            self._learn_anew()
        if key_id not in self._ciphers:
            raise KeyUnavailable("The root key is not the one that wrapped this key.")
        try:
            return self._ciphers[key_id].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise KeyUnavailable("The root key is not the one that wrapped this key.") from error

    def _learn_anew(self) -> None:
        try:
            self._learn()
        except ImproperlyConfigured as error:
            raise KeyUnavailable(str(error)) from error

    def _learn(self) -> None:
        keys = self._read()
        if any(len(key) != KEY_BYTES for key in keys):
            raise ImproperlyConfigured("The root key must be 32 bytes, written as base64.")
        self._ciphers = {_named(key): AESGCM(key) for key in keys}
        self._key_id = _named(keys[0])


def _named(key: bytes) -> str:
    return hashlib.sha256(b"victimcare.root-key-id" + key).hexdigest()[:16]


def _decoded(text: str | bytes) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("The root key must be 32 bytes, written as base64.") from error


def _told(name: str) -> str | None:
    """What the file named by `<name>_FILE` holds, else `<name>` itself; None if there is neither."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name) or None
    try:
        return Path(path).read_bytes().decode("ascii", "replace")
    except OSError as error:
        raise KeyUnavailable(f"The root key file cannot be read: {error.strerror}.") from error


def local_keys() -> Sequence[bytes]:
    """The present one first. Raises ImproperlyConfigured, KeyUnavailable."""
    present = _told("VICTIMCARE_ROOT_KEY")
    if present is None:
        raise ImproperlyConfigured("Set VICTIMCARE_ROOT_KEY_FILE or VICTIMCARE_ROOT_KEY. See .env.example.")
    return [_decoded(present), *map(_decoded, (_told("VICTIMCARE_OLD_ROOT_KEYS") or "").split())]


def from_environment() -> LocalRootKeys:
    """`VICTIMCARE_ROOT_KEY_FILE` names a file, else `VICTIMCARE_ROOT_KEY` holds the key itself;
    `VICTIMCARE_OLD_ROOT_KEYS(_FILE)`, one a line, those that a rotation comes from.
    """
    return LocalRootKeys(local_keys)


@cache
def root_key() -> RootKeyProvider:
    provider: RootKeyProvider = import_string(settings.ROOT_KEY_PROVIDER)()
    return provider
