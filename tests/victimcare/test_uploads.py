"""What is received: encrypted from its first byte on, never in clear on a disk, not read past the limit."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as names
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import Document
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.streams import SEGMENT
from victimcare.files.spool import IN_MEMORY, Spool
from victimcare.forms import new_record_id

CANARY = b"A canary that must not reach a disk in clear. "


def spooled(content: bytes) -> Spool:
    spool = Spool()
    spool.write(content)
    return spool.finish()


@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(-40, 700_000), st.integers(0, 300_000))))
@settings(max_examples=30, deadline=None)
def test_a_spool_is_read_as_any_file(steps: list[tuple[int, int, int]]) -> None:
    content = bytes(range(256)) * 2600
    spool, plain = spooled(content), io.BytesIO(content)
    for whence, offset, length in steps:
        try:
            plain.seek(offset if whence == 0 else -abs(offset) if whence == 2 else 0, whence)
        except ValueError:
            continue
        spool.seek(plain.tell())
        assert spool.read(length) == plain.read(length)
        assert spool.tell() == plain.tell()
    spool.seek(0)
    assert spool.readall() == content


def test_what_waits_on_a_disk_has_no_name_and_no_words(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = spooled(CANARY * (2 * IN_MEMORY // len(CANARY)))
    descriptor = spool._file.fileno()
    assert list(tmp_path.iterdir()) == []
    stored = os.pread(descriptor, 3 * IN_MEMORY, 0)
    assert len(stored) > spool.size
    assert CANARY[:12] not in stored
    spool.close()


def test_what_was_changed_on_the_disk_is_not_believed() -> None:
    spool = spooled(CANARY * (2 * IN_MEMORY // len(CANARY)))
    os.pwrite(spool._file.fileno(), b"\0\0\0\0", SEGMENT)
    spool.seek(0)
    with pytest.raises(Unreadable):
        spool.read()


def test_a_spool_is_written_once() -> None:
    spool = spooled(b"words")
    with pytest.raises(io.UnsupportedOperation):
        spool.write(b"more")
    with pytest.raises(io.UnsupportedOperation):
        Spool().seek(0)


def post(client: Client, address: str, content: bytes, **extra: Any) -> Any:
    data = {"record_id": new_record_id(), "title": "A letter", "file": SimpleUploadedFile("a.txt", content)}
    return client.post(address, data, **extra)


def test_over_the_limit_nothing_more_is_read(world: Any, login: Any, settings: Any, monkeypatch: Any) -> None:
    """Nor where the browser says less than it sends; and the form says so, with what was written before."""
    settings.FILES_MAX_BYTES = 1024 * 1024
    read = Counted(monkeypatch)
    address = reverse("cases:document_add", args=[world.case.pk])
    page = post(login(world.caseworker), address, b"x" * (3 * 1024 * 1024)).content.decode()
    assert "larger than 1 MB" in page
    assert 'value="A letter"' in page
    assert 1024 * 1024 - SEGMENT < read.bytes <= 1024 * 1024
    assert not Document.objects.exists()


def test_far_over_the_limit_nothing_is_read(world: Any, login: Any, settings: Any, monkeypatch: Any) -> None:
    settings.FILES_MAX_BYTES = 1024
    read = Counted(monkeypatch)
    address = reverse("cases:document_add", args=[world.case.pk])
    assert "larger than" in post(login(world.caseworker), address, b"x" * 4_000_000).content.decode()
    assert read.bytes == 0


@pytest.mark.parametrize("page", ["cases:note_add", "cases:party_add"])
def test_no_other_page_takes_a_file(world: Any, login: Any, page: str, monkeypatch: Any) -> None:
    read = Counted(monkeypatch)
    address = reverse(page, args=[world.case.pk])
    assert post(login(world.caseworker), address, CANARY).status_code == 200
    assert read.bytes == 0


def test_nothing_is_taken_from_who_is_not_signed_in(world: Any, monkeypatch: Any) -> None:
    read = Counted(monkeypatch)
    address = reverse("cases:document_add", args=[world.case.pk])
    assert post(Client(), address, CANARY).status_code == 403
    assert read.bytes == 0


@pytest.mark.parametrize("who", ["provider", "admin", "caseworker2"])
def test_nothing_is_read_from_who_works_with_no_case(
    world: Any, login: Any, monkeypatch: Any, who: str
) -> None:
    """The mark of the form is looked for in the body, long before the case is."""
    read, client = Counted(monkeypatch), login(getattr(world, who))
    client.handler.enforce_csrf_checks = True
    client.cookies[names.CSRF_COOKIE_NAME] = "a" * 32
    address = reverse("cases:document_add", args=[world.case.pk])
    assert post(client, address, CANARY).status_code == 403
    assert bool(read.bytes) == (who == "caseworker2")


def test_one_file_at_a_time(world: Any, login: Any) -> None:
    two = MultiValueDict({"file": [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]})
    address = reverse("cases:document_add", args=[world.case.pk])
    answer = login(world.caseworker).post(address, {"file": two.getlist("file")})
    assert answer.status_code == 400


def test_what_holds_a_file_does_not_say_its_name(world: Any, login: Any, monkeypatch: Any) -> None:
    """A log line may hold the representation of anything."""
    seen: list[str] = []
    told = HttpRequest._load_post_and_files

    def load(self: Any) -> None:
        told(self)
        seen.extend(repr(one) for one in self._files.values())

    monkeypatch.setattr(HttpRequest, "_load_post_and_files", load)
    post(login(world.caseworker), reverse("cases:document_add", args=[world.case.pk]), CANARY)
    assert seen == ["<upload>"]


class Counted:
    """How many bytes of files were taken from the body."""

    def __init__(self, monkeypatch: Any) -> None:
        self.bytes = 0
        write = Spool.write

        def counting(spool: Spool, data: Any) -> int:
            self.bytes += len(data)
            return write(spool, data)

        monkeypatch.setattr(Spool, "write", counting)
