"""HashiCorp Vault's transit engine as root key provider: the root key never leaves it.

Environment: VAULT_ADDR (https), VICTIMCARE_VAULT_TOKEN_FILE, and where they differ VAULT_CACERT (a file),
VICTIMCARE_VAULT_KEY and VICTIMCARE_VAULT_MOUNT. The token's policy: `update` on encrypt and decrypt of the
key, and `read` of the key, for its latest version.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import ssl
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from django.core.exceptions import ImproperlyConfigured

from victimcare.encryption.roots import KeyUnavailable

TIMEOUT = 5  # seconds
NAME = re.compile(r"[A-Za-z0-9_-]{1,16}")
DIGEST_BYTES = 32


class VaultTransit:
    """Nothing is remembered between calls but where Vault is: it may go and come back."""

    def __init__(self, address: str, token_file: str, *, ca_file: str | None, key: str, mount: str) -> None:
        if not address.startswith("https://"):
            raise ImproperlyConfigured("VAULT_ADDR must begin with https://.")
        if not NAME.fullmatch(key) or not NAME.fullmatch(mount):
            raise ImproperlyConfigured(
                "The names of Vault's key and mount have up to 16 letters, digits, - and _."
            )
        self._address = f"{address.rstrip('/')}/v1/{mount}"
        self._token_file = token_file
        self._ca_file = ca_file
        self._key = key

    @property
    def key_id(self) -> str:
        """The name and the latest version: Vault keeps the older ones for what they wrapped."""
        version = self._asked(f"keys/{self._key}").get("latest_version")
        return f"vault:{self._key}:{version}"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """What the key is for is wrapped with it: Vault before 1.13 drops associated data without a word."""
        plain = base64.b64encode(_digest(context) + key).decode("ascii")
        return str(self._asked(f"encrypt/{self._key}", {"plaintext": plain}).get("ciphertext")).encode()

    def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        """The ciphertext itself names the version."""
        try:
            answer = self._asked(f"decrypt/{self._key}", {"ciphertext": wrapped.decode("ascii")})
            plain = base64.b64decode(answer.get("plaintext", ""), validate=True)
        except (binascii.Error, UnicodeDecodeError) as error:
            raise KeyUnavailable("Vault did not unwrap this key.") from error
        if not hmac.compare_digest(plain[:DIGEST_BYTES], _digest(context)):
            raise KeyUnavailable("The root key did not wrap this for what it is used for.")
        return plain[DIGEST_BYTES:]

    def _asked(self, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        """What Vault answers as `data`. Raises KeyUnavailable; neither token nor answer are in its words."""
        request = urllib.request.Request(  # noqa: S310  # https, see above
            f"{self._address}/{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"X-Vault-Token": self._token(), "X-Vault-Request": "true"},
        )
        try:
            with self._opener().open(request, timeout=TIMEOUT) as answer:
                data = json.load(answer)["data"]
        except HTTPError as error:
            error.close()
            raise KeyUnavailable(f"Vault answers with {error.code}.") from None
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            raise KeyUnavailable(f"Vault does not answer as it should: {type(error).__name__}.") from None
        if not isinstance(data, dict):
            raise KeyUnavailable("Vault does not answer as it should.")
        return data

    def _opener(self) -> urllib.request.OpenerDirector:
        """Straight to Vault, by TLS that is verified: no proxy, and no redirect takes the token elsewhere."""
        tls = ssl.create_default_context(cafile=self._ca_file)
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls), _NoRedirect()
        return urllib.request.build_opener(*handlers)

    def _token(self) -> str:
        """Read anew each time: Vault's agent writes a new one before the old one ends."""
        try:
            return Path(self._token_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable("The file with Vault's token cannot be read.") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _digest(context: bytes) -> bytes:
    return hashlib.sha256(context).digest()


def from_environment() -> VaultTransit:
    address, token_file = os.environ.get("VAULT_ADDR"), os.environ.get("VICTIMCARE_VAULT_TOKEN_FILE")
    if not address or not token_file:
        raise ImproperlyConfigured("Set VAULT_ADDR and VICTIMCARE_VAULT_TOKEN_FILE. See .env.example.")
    return VaultTransit(
        address,
        token_file,
        ca_file=os.environ.get("VAULT_CACERT"),
        key=os.environ.get("VICTIMCARE_VAULT_KEY", "victimcare"),
        mount=os.environ.get("VICTIMCARE_VAULT_MOUNT", "transit"),
    )
