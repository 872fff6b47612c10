"""Checks an export of the access log, anywhere: python -m victimcare.sealing.verify FILE [--key
PUBLICKEY_HEX].

This file needs Python and the package `cryptography`, and nothing else of VictimCare: it may be copied. It
holds the format too, and the product seals with these functions.

An export is lines of JSON: for each chain a header, then each seal followed by its rows, in order.

    {"header": {"format", "version", "chain", "first", "last", "previous", "keys", "made_at", "signature"}}
    {"seal": {"chain", "number", "version", "count", "sealed_at", "previous", "key",
              "entries", "digests", "hash", "signature"}}
    {"row": {every column of the line}}

A row's digest is the SHA-256 of its canonical JSON. A seal's hash is the SHA-256 of its own values, the ids
and the digests of its rows, and the hash of the seal before it; an Ed25519 key signs it. Bytes are written
in hexadecimal.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "victimcare-access-log"
VERSION = 1
DIGEST = 32
ID = 16
# What stands before the first seal of a chain.
BEGINNING = bytes(DIGEST)
# A line that was gone before it was sealed: no row has this digest.
GONE = bytes(DIGEST)
SEALED = ("chain", "number", "version", "count", "sealed_at", "previous", "key")
IN_A_SEAL = {*SEALED, "entries", "digests", "hash", "signature"}
PREFIX = b'{"row":'


class Broken(Exception):
    """The first thing that is wrong, in one sentence, and the line of the export on which it shows."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")
        self.sentence = sentence


def canonical(value: Any) -> bytes:
    """The one way to write a value: names in order, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest(row: bytes) -> bytes:
    """Of a row in canonical JSON."""
    return hashlib.sha256(row).digest()


def seal_hash(seal: dict[str, Any], entries: bytes, digests: bytes) -> bytes:
    """Over the values named in SEALED (`previous` and `key` in hexadecimal), then ids (16 bytes each) and
    digests.
    """
    told = hashlib.sha256(b"victimcare-seal\n" + canonical({name: seal[name] for name in SEALED}) + b"\n")
    told.update(entries)
    told.update(digests)
    return told.digest()


def header_bytes(header: dict[str, Any]) -> bytes:
    """What the signature of a header covers: so that seals taken off the end are missed."""
    return b"victimcare-export\n" + canonical({name: header[name] for name in header if name != "signature"})


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that comes twice could be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def is_signed(key: str, signature: str, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(key: str) -> str:
    """Of a public key in hexadecimal: short enough to be compared by eye or read aloud."""
    found = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
    return ":".join(found[place : place + 4] for place in range(0, 32, 4))


@dataclass
class Chain:
    """One chain of the export as far as it was read."""

    header: dict[str, Any]
    previous: str
    number: int
    rows: int = 0
    sealed_at: str = ""
    keys: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.header["chain"] or "none"


@dataclass
class Batch:
    """The rows that one seal promises, and those that were met."""

    number: int
    ids: bytes
    digests: bytes
    met: int = 0

    def __len__(self) -> int:
        return len(self.ids) // ID

    def entries(self) -> list[str]:
        return [str(UUID(bytes=self.ids[place : place + ID])) for place in range(0, len(self.ids), ID)]

    def promised(self, place: int) -> bytes:
        return self.digests[place * DIGEST : (place + 1) * DIGEST]


class Verification:
    """Reads line after line and keeps one seal in memory. Raises Broken at the first thing that is wrong."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self.trusted = {key.lower() for key in trusted}
        self.chains: list[Chain] = []
        self.batch: Batch | None = None
        self.line = 0
        # Rows of the batch from the first one on that was not the promised one: (line, row's bytes).
        self.odd: list[tuple[int, bytes]] = []

    def run(self, lines: Iterable[bytes]) -> list[Chain]:
        for text in lines:
            self.line += 1
            self.read(text.strip())
        self.line += 1
        self._end_chain()
        if not self.chains:
            raise Broken(self.line, "the file is empty, it is no export of the access log.")
        return self.chains

    def read(self, text: bytes) -> None:
        if text.startswith(PREFIX) and text.endswith(b"}"):
            self._row(text[len(PREFIX) : -1])
            return
        kind, value = self._parsed(text)
        if kind == "row":
            self._row(canonical(value))
        elif kind == "seal":
            self._seal(value)
        else:
            self._header(value)

    def _parsed(self, text: bytes) -> tuple[str, Any]:
        try:
            found = json.loads(text, object_pairs_hook=_without_doubles)
            [(kind, value)] = found.items()
        except (ValueError, AttributeError) as error:
            raise Broken(self.line, "this is no line of an export.") from error
        if kind not in ("header", "seal", "row") or not isinstance(value, dict):
            raise Broken(self.line, "this is no line of an export.")
        return kind, value

    # -- Headers and seals -----------------------------------------------------------------------------------

    def _header(self, header: dict[str, Any]) -> None:
        self._end_chain()
        if header.get("format") != FORMAT or header.get("version") != VERSION:
            raise Broken(self.line, "this version of the check does not know the format of the file.")
        try:
            self._check_header(header)
        except (KeyError, TypeError, ValueError) as error:
            raise Broken(self.line, "the header is damaged.") from error
        self.chains.append(Chain(header, header["previous"], header["first"] - 1))

    def _check_header(self, header: dict[str, Any]) -> None:
        where = f"the header of chain {header['chain'] or 'none'}"
        if any(header["chain"] == chain.header["chain"] for chain in self.chains):
            raise Broken(self.line, f"{where} comes a second time.")
        allowed = self.trusted or set(header["keys"])
        message, signature = header_bytes(header), header["signature"]
        if not any(is_signed(key, signature, message) for key in allowed):
            raise Broken(
                self.line,
                f"{where} was altered, or no key that is trusted signed it: its signature is wrong.",
            )
        if header["first"] == 1 and bytes.fromhex(header["previous"]) != BEGINNING:
            raise Broken(self.line, f"{where} names a seal before the first one.")

    def _seal(self, seal: dict[str, Any]) -> None:
        self._end_batch()
        if not self.chains:
            raise Broken(self.line, "the header is missing.")
        try:
            self._check_seal(self.chains[-1], seal)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Broken(self.line, f"this seal of chain {self.chains[-1].name} is damaged.") from error

    def _check_seal(self, chain: Chain, seal: dict[str, Any]) -> None:
        where = f"seal {seal['number']} of chain {chain.name}"
        if seal["chain"] != chain.header["chain"]:
            raise Broken(self.line, f"{where} belongs to another chain.")
        if seal["number"] != chain.number + 1:
            raise Broken(self.line, f"{where}: chain gap, seal {chain.number + 1} should stand here.")
        if seal["previous"] != chain.previous:
            raise Broken(self.line, f"{where}: chain gap, it does not follow the seal before it.")
        ids, digests = bytes.fromhex(seal["entries"]), bytes.fromhex(seal["digests"])
        if len(ids) != ID * seal["count"] or len(digests) != DIGEST * seal["count"]:
            raise Broken(self.line, f"{where}: seal broken, it does not count its own rows.")
        found = seal_hash(seal, ids, digests)
        if set(seal) != IN_A_SEAL or found.hex() != seal["hash"]:
            raise Broken(self.line, f"{where}: seal broken, what it says was altered.")
        if seal["key"].lower() not in (self.trusted or set(chain.header["keys"])):
            raise Broken(self.line, f"{where}: signature wrong, by a key that is not trusted.")
        if not is_signed(seal["key"], seal["signature"], found):
            raise Broken(self.line, f"{where}: signature wrong.")
        chain.number, chain.previous, chain.sealed_at = seal["number"], seal["hash"], seal["sealed_at"]
        chain.keys.add(seal["key"].lower())
        self.batch = Batch(seal["number"], ids, digests)

    # -- Rows ------------------------------------------------------------------------------------------------

    def _row(self, row: bytes) -> None:
        batch = self.batch
        if batch is None:
            raise Broken(self.line, f"row {self._id(row)} was added: it stands before any seal.")
        fits = batch.met < len(batch) and digest(row) == batch.promised(batch.met)
        if not self.odd and fits:
            batch.met += 1
            self.chains[-1].rows += 1
            return
        self.odd.append((self.line, row))
        if len(self.odd) > len(batch) + 1:
            self._end_batch()

    def _end_batch(self) -> None:
        """All rows of the seal were there, in order; else says which is the first that is not."""
        batch, self.batch = self.batch, None
        if batch is None or (batch.met == len(batch) and not self.odd):
            return
        raise self._diagnosis(batch)

    def _end_chain(self) -> None:
        self._end_batch()
        if not self.chains:
            return
        chain = self.chains[-1]
        if chain.number != chain.header["last"]:
            raise Broken(self.line, f"chain gap, seal {chain.number + 1} of chain {chain.name} is missing.")

    def _diagnosis(self, batch: Batch) -> Broken:
        """What happened to the first row that is not as it was sealed."""
        where = f"in seal {batch.number} of chain {self.chains[-1].name}"
        entries = batch.entries()
        awaited = entries[batch.met] if batch.met < len(entries) else ""
        if not self.odd:
            return Broken(self.line, f"row {awaited} {where} is missing.")
        line, first = self.odd[0]
        found = self._id(first)
        if found == awaited:
            return Broken(line, f"row {found} {where} was altered.")
        if found in entries[: batch.met]:
            return Broken(line, f"row {found} {where} was added: it stands there a second time.")
        if found not in entries:
            return Broken(line, f"row {found} {where} was added: this seal does not know it.")
        if awaited in {self._id(row) for _line, row in self.odd}:
            return Broken(line, f"row {found} {where} was moved.")
        return Broken(line, f"row {awaited} {where} is missing.")

    def _id(self, row: bytes) -> str:
        try:
            return str(json.loads(row)["id"])
        except (ValueError, KeyError, TypeError):
            return "without an id"


def report(chains: Iterable[Chain], trusted: Iterable[str]) -> Iterator[str]:
    """What was found in order, in one line a chain; and whose signature was believed."""
    for chain in chains:
        first, last = chain.header["first"], chain.header["last"]
        yield (
            f"In order: chain {chain.name}, seals {first} to {last}, {chain.rows} rows, "
            f"the last sealed at {chain.sealed_at or 'no time'}, hash {chain.previous}."
        )
        if first > 1:
            yield f"It begins after seal {first - 1}, whose hash is {chain.header['previous']}."
    if not list(trusted):
        for key in sorted({key for chain in chains for key in chain.header["keys"]}):
            yield f"The key was taken from the file itself. Compare its fingerprint: {fingerprint(key)}"


def main(arguments: list[str] | None = None) -> int:
    """0 if all is in order, 1 if something is wrong, 2 if the file cannot be read. One line says what."""
    parser = argparse.ArgumentParser(prog="verify", description="Checks an export of the access log.")
    parser.add_argument("file")
    parser.add_argument("--key", action="append", default=[], help="public key, 64 hexadecimal digits")
    given = parser.parse_args(arguments)
    try:
        with open(given.file, "rb") as lines:  # noqa: PTH123  # stands alone, and streams
            chains = Verification(given.key).run(lines)
    except Broken as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The file cannot be read: {error.strerror}.\n")
        return 2
    for sentence in report(chains, given.key):
        sys.stdout.write(f"{sentence}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
