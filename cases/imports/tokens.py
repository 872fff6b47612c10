"""A row's token. Sources have no ids: a row is known by its values, and how often they came before."""

import hmac
import json
from collections import defaultdict
from collections.abc import Sequence

from cases.imports.values import fold

_WHOLE = 2**64


class Tokens:
    """HMAC-SHA256 under the organisation's own key: whoever has a dump cannot try values out.

    Ask for each row of a file in turn: the second of two equal rows has another token than the first. The
    order of the columns, empty values and a header's spelling make no difference: another export is known.
    """

    def __init__(self, key: bytes, headers: Sequence[str]) -> None:
        self._key = key
        named = [(fold(header), place) for place, header in enumerate(headers) if header]
        self._order = sorted(named)
        self._seen: defaultdict[int, int] = defaultdict(int)

    def of(self, cells: Sequence[str]) -> bytes:
        said = [(header, cells[place]) for header, place in self._order if cells[place]]
        values = hmac.digest(self._key, json.dumps(said).encode(), "sha256")
        # Eight bytes are enough to count by, and keep a million rows small.
        known_as = int.from_bytes(values, "big") % _WHOLE
        self._seen[known_as] += 1
        return hmac.digest(self._key, values + self._seen[known_as].to_bytes(8, "big"), "sha256")
