"""A browser in words as coarse as its owner needs to know it again, and no finer."""

from django.http import HttpRequest

# Product names, the same in each language. What pretends to be another comes first.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def in_words(request: HttpRequest) -> str:
    """ "Firefox, Windows"; empty where nothing is recognised."""
    told = request.headers.get("User-Agent", "")
    known = (_first(BROWSERS, told), _first(SYSTEMS, told))
    return ", ".join(word for word in known if word)


def _first(names: tuple[tuple[str, str], ...], told: str) -> str:
    return next((word for sign, word in names if sign in told), "")
