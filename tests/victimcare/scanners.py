"""Stands in for ClamAV's daemon: what it answers to INSTREAM, here on this machine."""

import socketserver
import struct
from pathlib import Path
from threading import Thread
from typing import Any


class Scanner:
    """Finds the EICAR test file. `says` is answered in place of that, if set; `seen` is what was sent.

    Of more than `longest` bytes it hears no more.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.says: bytes | None = None
        self.longest: int | None = None
        self.seen: list[bytes] = []
        handler = type("Handler", (_Handler,), {"scanner": self})
        if folder:
            path = str(folder / "clamd.socket")
            self._server: Any = socketserver.ThreadingUnixStreamServer(path, handler)
            self.address = path
        else:
            self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
            self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, content: bytes) -> bytes:
        self.seen.append(content)
        if self.says is not None:
            return self.says
        return b"stream: Eicar-Signature FOUND\0" if b"EICAR-STANDARD" in content else b"stream: OK\0"


class _Handler(socketserver.StreamRequestHandler):
    scanner: Scanner

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if self.scanner.longest and len(content) > self.scanner.longest:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(self.scanner.answer(content))
