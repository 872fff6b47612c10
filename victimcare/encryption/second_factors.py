"""Second-factor secrets, wrapped by the root key. allauth keeps them as text: `<key id>:<hexadecimal>`."""

from typing import Any

from victimcare.encryption.roots import KeyUnavailable, root_key

CONTEXT = b"victimcare:second-factor"
# Of a time-based code, and of recovery codes, made here or taken over from elsewhere.
SECRETS = frozenset({"secret", "seed", "migrated_codes"})


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


def rewrapped(data: dict[str, Any]) -> dict[str, Any]:
    """What allauth stores of a second factor, with its secrets under the present root key."""
    return {name: _rewrapped(value) if name in SECRETS else value for name, value in data.items()}


def _rewrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_rewrapped(one) for one in value]
    is_present = str(value).startswith(f"{root_key().key_id}:")
    return value if is_present else wrapped(unwrapped(value))
