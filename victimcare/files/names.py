"""A file's name as its sender gave it, made harmless. It is shown as text, and never used as a path."""

import re
import unicodedata

LONGEST = 120
# What Windows takes for a device, whatever ending follows.
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
# Of no letter: controls, what turns the direction of text or is not seen, halves of characters, private use.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
SPECIAL = re.compile(r'[<>:"|?*]')


def neutral(name: str) -> str:
    """The last part of a path, without what deceives: "document" if nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(one for one in last if unicodedata.category(one) not in UNSEEN)
    plain = SPECIAL.sub("_", seen).strip(" .")
    if RESERVED.match(plain):
        plain = f"_{plain}"
    return _cut(plain) or "document"


def ending(name: str) -> str:
    """The letters after the last dot, small; empty where there are none."""
    stem, dot, last = neutral(name).rpartition(".")
    return last.lower() if stem and dot else ""


def _cut(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    stem, dot, last = name.rpartition(".")
    kept = f"{dot}{last}" if stem and len(last) <= 8 else ""
    return name[: LONGEST - len(kept)] + kept
