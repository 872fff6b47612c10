"""The two addresses of one database."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Urls:
    """Database URLs of the application's role and of the role that owns and migrates. They hold passwords."""

    application: str = field(repr=False)
    owner: str = field(repr=False)
