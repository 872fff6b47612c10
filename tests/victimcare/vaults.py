"""Stands in for HashiCorp Vault: what its transit engine answers over HTTPS, here on this machine."""

import base64
import json
import os
import ssl
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

TOKEN = "hvs.invented-token"  # of this stand-in


class Vault:
    """One key, `transit/victimcare`. `down` makes it answer as a sealed Vault does; `moved` redirects."""

    def __init__(self, folder: Path) -> None:
        self.keys = [os.urandom(32)]
        self.down = self.moved = False
        self.asked: list[str] = []
        self.ca_file = folder / "vault-ca.pem"
        server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"vault": self}))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(_certificate(folder, self.ca_file))
        # The handshake comes with the first byte that a connection's own thread reads.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"https://127.0.0.1:{server.server_port}"
        self._server = server
        self._thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """Raises LookupError, ValueError or InvalidTag where Vault answers with an error."""
        verb, name = path.removeprefix("/v1/transit/").split("/")
        if name != "victimcare":
            raise LookupError
        if verb == "keys":
            return {"latest_version": len(self.keys)}
        if verb == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + AESGCM(self.keys[-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), None)
            return {"ciphertext": f"vault:v{len(self.keys)}:{base64.b64encode(sealed).decode()}"}
        engine, version, text = body["ciphertext"].split(":")
        if engine != "vault" or version not in {f"v{1 + at}" for at in range(len(self.keys))}:
            raise ValueError
        sealed = base64.b64decode(text, validate=True)
        plain = AESGCM(self.keys[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], None)
        return {"plaintext": base64.b64encode(plain).decode()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """A client that does not trust the certificate goes away."""


class _Handler(BaseHTTPRequestHandler):
    vault: Vault

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: dict[str, str]) -> None:
        self.vault.asked.append(self.path)
        if self.vault.moved:
            self.send_response(307)
            self.send_header("Location", f"{self.vault.address}/elsewhere")
            self.end_headers()
        elif self.vault.down:
            self._send(503, {"errors": ["Vault is sealed"]})
        elif self.headers["X-Vault-Request"] != "true":
            self._send(412, {"errors": ["required header X-Vault-Request"]})
        elif self.headers["X-Vault-Token"] != TOKEN:
            self._send(403, {"errors": ["permission denied"]})
        else:
            self._engine(body)

    def _engine(self, body: dict[str, str]) -> None:
        try:
            self._send(200, {"data": self.vault.answer(self.path, body)})
        except (LookupError, ValueError, InvalidTag):
            self._send(400, {"errors": ["cipher: message authentication failed"]})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args: Any) -> None:
        pass


def _certificate(folder: Path, ca_file: Path) -> Path:
    """A key and a certificate for this machine in one file, and the certificate to trust in another."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    ca_file.write_bytes(made)
    plain = serialization.NoEncryption()
    both = folder / "vault.pem"
    both.write_bytes(
        made + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return both
