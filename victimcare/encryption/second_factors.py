"""Second-factor secrets, wrapped by the root key. allauth keeps them as text: `<key id>:<hexadecimal>`."""

from victimcare.encryption.roots import KeyUnavailable, root_key

CONTEXT = b"victimcare:second-factor"


def wrapped(secret: str) -> str:
    root = root_key()
    return f"{root.key_id}:{root.wrap(secret.encode(), CONTEXT).hex()}"


def unwrapped(text: str) -> str:
    """Raises KeyUnavailable."""
    key_id, _colon, blob = text.rpartition(":")
    try:
        return root_key().unwrap(bytes.fromhex(blob), CONTEXT, key_id).decode()
    except ValueError as error:
        raise KeyUnavailable("A second factor was not wrapped by this product.") from error
