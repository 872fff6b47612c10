"""What a hostile file is named, how it is made, and what has to become of it."""

from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Refused:
    name: str
    make: Make
    why: str


@dataclass(frozen=True, slots=True)
class Neutralised:
    """`gone` may not be found in what is kept, which is of the kind that its name ends in."""

    name: str
    make: Make
    gone: tuple[bytes, ...]
