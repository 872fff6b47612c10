"""What a large file costs a worker of the web server: its memory, by the kernel's own count of the peak."""

import hashlib
import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.attacks.samples import box
from tests.browser.product import PASSWORD, Product

MEGABYTE = 1024 * 1024
BOUNDARY = "boundary-of-invented-files"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
RECORD = re.compile(r'name="record_id" value="([^"]+)"')
DOWNLOAD = re.compile(r'href="(/cases/[0-9a-f-]+/documents/[0-9a-f-]+/)"')


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one file, in bytes and seconds. `grown` is the peak above what the worker held before."""

    size: int
    grown_up: int
    grown_down: int
    seconds_up: float
    seconds_down: float
    is_same: bool

    def __str__(self) -> str:
        return (
            f"{self.size // MEGABYTE} MB: in {self.seconds_up:.1f} s with {self.grown_up / MEGABYTE:.1f} MiB"
            f" more memory, out {self.seconds_down:.1f} s with {self.grown_down / MEGABYTE:.1f} MiB more"
        )


def measure(product: Product, case: str, megabytes: int) -> Cost:
    """A recording of that size, in and out again, through a worker that has done both before."""
    browser, worker = Browser(product.url), Worker(urlsplit(product.url).netloc)
    browser.sign_in("caseworker")
    browser.down(browser.up(case, 1))
    before, began = worker.held(), time.perf_counter()
    address = browser.up(case, megabytes)
    up, grown_up = time.perf_counter() - began, worker.peak() - before
    before, began = worker.held(), time.perf_counter()
    digest, size = browser.down(address)
    down, grown_down = time.perf_counter() - began, worker.peak() - before
    return Cost(size, grown_up, grown_down, up, down, digest == digest_of(megabytes))


# -- The file ------------------------------------------------------------------------------------------------
def parts(megabytes: int) -> Iterator[bytes]:
    """A video of exactly so many megabytes; it does not repeat itself."""
    head = box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", box(b"mvhd", bytes(100)))
    size = megabytes * MEGABYTE - len(head)
    yield head + size.to_bytes(4, "big") + b"mdat"
    left, number = size - 8, 0
    while left:
        part = hashlib.shake_128(number.to_bytes(8, "big")).digest(min(left, MEGABYTE))
        yield part
        left, number = left - len(part), number + 1


def digest_of(megabytes: int) -> str:
    digest = hashlib.sha256()
    for part in parts(megabytes):
        digest.update(part)
    return digest.hexdigest()


class Browser:
    """As little of one as is needed: it sends and reads a part at a time."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url).netloc
        self._cookies: dict[str, str] = {}

    def sign_in(self, username: str) -> None:
        said = {
            "login": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self._token("/account/login/"),
        }
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _body = self._ask("POST", "/account/login/", urlencode(said).encode(), form)
        assert status == 302, status

    def up(self, case: str, megabytes: int) -> str:
        """Returns the address to download it from."""
        address = f"/cases/{case}/documents/"
        page = self._page(address)
        fields = {"csrfmiddlewaretoken": TOKEN, "record_id": RECORD}
        said = {name: found[1] for name, known in fields.items() if (found := known.search(page))}
        head = "".join(_field(name, value) for name, value in said.items())
        head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        length = len(head) + megabytes * MEGABYTE + len(tail)

        def body() -> Iterator[bytes]:
            yield head.encode()
            yield from parts(megabytes)
            yield tail

        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length)}
        status, _said = self._ask("POST", address, body(), headers)
        assert status == 302, status
        found = DOWNLOAD.search(self._page(f"/cases/{case}/"))
        assert found
        return found[1]

    def down(self, address: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        connection = self._connection()
        connection.request("GET", address, headers=self._headers())
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        while part := answer.read(MEGABYTE):
            digest.update(part)
            size += len(part)
        connection.close()
        return digest.hexdigest(), size

    def _token(self, address: str) -> str:
        found = TOKEN.search(self._page(address))
        assert found
        return found[1]

    def _page(self, address: str) -> str:
        status, body = self._ask("GET", address)
        assert status == 200, f"{address}: {status}"
        return body.decode()

    def _ask(
        self,
        method: str,
        address: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        connection = self._connection()
        connection.request(method, address, body=body, headers=self._headers() | (headers or {}))
        answer = connection.getresponse()
        for said in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: one.value for name, one in SimpleCookie(said).items()}
        content = answer.read()
        connection.close()
        return answer.status, content

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._place, timeout=600)

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "Referer": f"http://{self._place}/", "Connection": "close"}


def _field(name: str, value: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


class Worker:
    """The process of gunicorn that answers at this address: the child of the one that was started so."""

    def __init__(self, place: str) -> None:
        processes = [one for one in Path("/proc").iterdir() if one.name.isdigit()]
        mine = {one.name for one in processes if place in _read(one / "cmdline")}
        [self._folder] = [one for one in processes if one.name in mine and _parent(one) in mine]

    def held(self) -> int:
        """Bytes that it holds now; its peak is counted from here on."""
        (self._folder / "clear_refs").write_text("5")
        return self._status("VmRSS")

    def peak(self) -> int:
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        [found] = re.findall(rf"{name}:\s+(\d+) kB", _read(self._folder / "status"))
        return int(found) * 1024


def _read(path: Path) -> str:
    """Empty for a process that is gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _parent(folder: Path) -> str:
    found = re.search(r"PPid:\s+(\d+)", _read(folder / "status"))
    return found[1] if found else ""
