"""An export of whole seals with their lines, for an auditor to keep and check anywhere. It is streamed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Min
from django.utils import timezone

from victimcare.models import MemberState, Seal, SealingKey
from victimcare.sealing import keys, rows, sealing
from victimcare.sealing.verify import BEGINNING, FORMAT, VERSION, canonical, header_bytes

# Seals are read some at a time, so that memory stays flat whether they are many or large.
NUMBERS_AT_A_TIME = 1_000
ROWS_AT_A_TIME = 10_000


@dataclass
class Counted:
    """What went into an export."""

    rows: int = 0
    seals: int = 0


def chains(state: str = "") -> list[str]:
    """All that there are, or the one of a member state; `none` is the one of lines without a state.

    Raises ValueError if there is no such member state.
    """
    if state == "none":
        return [""]
    if state:
        if not MemberState.objects.filter(code=state).exists():
            raise ValueError(state)
        return [state]
    # A log that was never sealed is in order: one chain without a seal.
    return sorted(Seal.objects.order_by("chain").values_list("chain", flat=True).distinct()) or [""]


def lines(
    named: Iterable[str], counted: Counted, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[bytes]:
    """Each chain: its header, then each seal made between the two times, followed by its rows."""
    for chain in named:
        first, last = _range(chain, since, until)
        yield _line("header", _header(chain, first, last))
        for pack in _packs(chain, first, last):
            yield from _of_pack(pack, counted)


def _range(chain: str, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Number of the first and the last seal; (1, 0) where there is none."""
    found = Seal.objects.filter(chain=chain)
    if since:
        found = found.filter(sealed_at__gte=since)
    if until:
        found = found.filter(sealed_at__lte=until)
    ends = found.aggregate(first=Min("number"), last=Max("number"))
    return (ends["first"] or 1, ends["last"] or 0)


def _header(chain: str, first: int, last: int) -> dict[str, Any]:
    before = Seal.objects.filter(chain=chain, number=first - 1).only("hash").first()
    key = keys.current()
    header = {
        "format": FORMAT,
        "version": VERSION,
        "chain": chain,
        "first": first,
        "last": last,
        "previous": (bytes(before.hash) if before else BEGINNING).hex(),
        "keys": [bytes(one.public).hex() for one in SealingKey.objects.order_by("created_at", "pk")],
        "made_at": timezone.now().isoformat(timespec="seconds"),
    }
    return header | {"signature": keys.sign(key, header_bytes(header)).hex()}


def _packs(chain: str, first: int, last: int) -> Iterator[list[UUID]]:
    """Ids of seals that are read together: as many as hold ROWS_AT_A_TIME rows, at least one."""
    held = 0
    pack: list[UUID] = []
    for pk, count in _counts(chain, first, last):
        if pack and held + count > ROWS_AT_A_TIME:
            yield pack
            held, pack = 0, []
        held += count
        pack.append(pk)
    if pack:
        yield pack


def _counts(chain: str, first: int, last: int) -> Iterator[tuple[UUID, int]]:
    for start in range(first, last + 1, NUMBERS_AT_A_TIME):
        end = min(start + NUMBERS_AT_A_TIME - 1, last)
        found = Seal.objects.filter(chain=chain, number__range=(start, end)).order_by("number")
        yield from found.values_list("pk", "count")


def _of_pack(pack: Sequence[UUID], counted: Counted) -> Iterator[bytes]:
    seals = list(Seal.objects.filter(pk__in=pack).select_related("key").order_by("number"))
    wanted: list[UUID] = [entry for seal in seals for entry in seal.entries]
    found = rows.of_ids(wanted)
    for seal in seals:
        yield _line("seal", _seal(seal))
        for entry in seal.entries:
            if (row := found.get(entry)) is not None:
                yield b'{"row":' + row + b"}\n"
                counted.rows += 1
        counted.seals += 1


def _seal(seal: Seal) -> dict[str, Any]:
    return sealing.told(seal) | {
        "entries": sealing.ids(seal).hex(),
        "digests": bytes(seal.digests).hex(),
        "hash": bytes(seal.hash).hex(),
        "signature": bytes(seal.signature).hex(),
    }


def _line(kind: str, value: dict[str, Any]) -> bytes:
    return canonical({kind: value}) + b"\n"
