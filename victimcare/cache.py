"""How counters are named in the cache: attempts to sign in, second-factor codes that were used."""

from django.utils.crypto import salted_hmac


def keyed(key: str, prefix: str, version: int) -> str:
    """allauth names addresses and users in its keys; the table shows only that there is a counter."""
    return salted_hmac("victimcare.cache", f"{prefix}:{version}:{key}", algorithm="sha256").hexdigest()
