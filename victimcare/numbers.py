"""Numbers that people read aloud: random, without letters that sound or look alike, with a check character.

Never sequential: the next number would tell how many cases a place has.
"""

import secrets

# Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
LENGTH = 9


def new_number() -> str:
    """Nine random characters and their check character in groups, e.g. "7KM-2PX-9QB-4"."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if (check := check_character(body)) in ALPHABET:
            return f"{body[:3]}-{body[3:6]}-{body[6:]}-{check}"


def check_character(body: str) -> str:
    """Crockford's check: the number modulo 37. Finds every single wrong character and every swapped pair."""
    value = 0
    for character in body:
        value = value * len(ALPHABET) + ALPHABET.index(character)
    return CHECK_ALPHABET[value % len(CHECK_ALPHABET)]


def normalise(text: str) -> str | None:
    """What somebody heard or typed as a number in its written form; None if its check character is wrong."""
    bare = text.upper().translate(str.maketrans("OIL", "011", "- "))
    if len(bare) != LENGTH + 1 or any(character not in ALPHABET for character in bare):
        return None
    if check_character(bare[:-1]) != bare[-1]:
        return None
    return f"{bare[:3]}-{bare[3:6]}-{bare[6:9]}-{bare[9]}"
