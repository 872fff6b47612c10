"""The keys that sign seals. The private half is wrapped by the root key, and unwrapped while a seal is
made.
"""

import os
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from victimcare.encryption.roots import KEY_BYTES, root_key
from victimcare.models import SealingKey


def current() -> SealingKey:
    """The newest key under the root key of this installation; made when it is first needed."""
    found = SealingKey.objects.filter(root_key_id=root_key().key_id).order_by("-created_at", "pk").first()
    return found or _new()


def sign(key: SealingKey, message: bytes) -> bytes:
    private = root_key().unwrap(bytes(key.wrapped), key.context(), key.root_key_id)
    return Ed25519PrivateKey.from_private_bytes(private).sign(message)


def _new() -> SealingKey:
    private = os.urandom(KEY_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    row = SealingKey(id=uuid4(), public=public, root_key_id=root_key().key_id)
    row.wrapped = root_key().wrap(private, row.context())
    row.save(force_insert=True)
    return row
