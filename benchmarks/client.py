"""One client: a process with one keep-alive connection. It reads a job a line, says when it is ready, works
at the word `go`, and answers with one line of figures.
"""

import http.client
import json
import sys
import time
from http.cookies import SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from benchmarks import forms

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FORM = "application/x-www-form-urlencoded"


class Browser:
    """As much of one as is needed: cookies, forms and a connection that stays open."""

    def __init__(self, host: str, port: int, cookies: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=60)
        self._cookies = dict(cookies)

    def ask(
        self, path: str, fields: dict[str, str] | None = None, cookies: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """With somebody else's cookies, if any are given; what the answer sets is put to them."""
        held = self._cookies if cookies is None else cookies
        said = "; ".join(f"{name}={value}" for name, value in held.items())
        headers = {"Cookie": said, "User-Agent": AGENT, "Accept-Language": "en"}
        if fields is None:
            self._connection.request("GET", path, headers=headers)
        else:
            body = urlencode(fields).encode()
            self._connection.request("POST", path, body, headers | {"Content-Type": FORM})
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            held.update({name: one.value for name, one in SimpleCookie(line).items()})
        return answer.status, answer.read()

    def form(self, path: str) -> dict[str, str]:
        status, page = self.ask(path)
        if status != http.client.OK:
            raise ConnectionError(f"{path}: {status}")
        return forms.fields_of(page.decode(), path)

    def close(self) -> None:
        self._connection.close()


class Job:
    """So many requests of one page; its forms are fetched before the clock runs."""

    def __init__(self, browser: Browser, asked: dict[str, Any]) -> None:
        self.browser, self.path, self.count = browser, asked["path"], asked["count"]
        self.wanted = http.client.FOUND if asked["post"] == "intake" else http.client.OK
        self.sent: list[dict[str, str] | None] = [None] * self.count
        if asked["post"]:
            self.sent = list(self._filled(asked))
        else:
            browser.ask(self.path)

    def _filled(self, asked: dict[str, Any]) -> Any:
        """The id of a new record stands in its form: there is a form for each."""
        form = self.browser.form(self.path)
        for typed in islice(forms.answers(asked["post"], asked["cast"], asked["seed"]), self.count):
            if asked["post"] == "intake":
                form = self.browser.form(self.path)
            yield form | typed

    def run(self) -> dict[str, Any]:
        # The server ends a connection that was idle for two seconds: waiting for the others takes that long.
        self.browser.close()
        times, sizes, wrong = [], [], 0
        began = time.monotonic()
        for fields in self.sent:
            since = time.perf_counter()
            status, body = self.browser.ask(self.path, fields)
            times.append((time.perf_counter() - since) * 1000)
            sizes.append(len(body))
            wrong += status != self.wanted
        return {"times": times, "sizes": sizes, "wrong": wrong, "began": began, "ended": time.monotonic()}


def main(host: str, port: int) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        browser = Browser(host, port, asked["cookies"])
        job = Job(browser, asked)
        _say({"ready": True})
        sys.stdin.readline()
        _say(job.run())
        browser.close()


def _say(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
