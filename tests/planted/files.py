"""Files are believed: what they are called, what lies beside their pixels, who asks for them."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID

from tests.planted.plugin import second_wall_away, sql
from tests.planted.ties import both

ATTACKS = "tests/attacks/test_files.py::"
DOCUMENTS, KEYS = "tests/cases/test_documents.py::", "tests/cases/test_documents_keys.py::"
ROOM = "tests/victimcare/test_"
APART = f"{ROOM}files_apart.py::"
STREAMS, UPLOADS, VIRUSES = (f"{ROOM}{name}.py::" for name in ("streams", "uploads", "antivirus"))

Plant = Callable[[], AbstractContextManager[Any]]


def instead(target: str, value: Any) -> Plant:
    return lambda: patch(target, value)


def nothing(*args: Any, **kwargs: Any) -> None:
    """In place of what checks or says something."""


def refused(name: str) -> str:
    return f"{ATTACKS}test_it_is_refused_with_its_reason['{name}']"


def harmless(name: str) -> str:
    return f"{ATTACKS}test_what_is_kept_is_harmless[{name}]"


def without_place(self: Any, position: int, last: bool) -> bytes:
    return b"last" if last else b"more"


def without_end(self: Any, position: int, last: bool) -> bytes:
    return str(position).encode()


@contextmanager
def of_no_record() -> Iterator[None]:
    from victimcare.encryption.streams import Stream

    real = Stream.__init__

    def careless(self: Any, secret: bytes, model: str, record: UUID) -> None:
        real(self, secret, "", UUID(int=0))

    with patch.object(Stream, "__init__", careless):
        yield


@contextmanager
def silence_is_good_news() -> Iterator[None]:
    from victimcare.files import antivirus
    from victimcare.files.refusals import FileRefused

    real = antivirus.look_through

    def look_through(spool: Any) -> None:
        with suppress(FileRefused):
            real(spool)

    with patch.object(antivirus, "look_through", look_through):
        yield


@contextmanager
def as_its_name_says() -> Iterator[None]:
    from victimcare.files import admission, kinds

    with patch.object(admission, "of_head", lambda head: kinds.PNG):
        yield


@contextmanager
def shown_by_the_browser() -> Iterator[None]:
    from django.http import StreamingHttpResponse

    def inline(parts: Any, headers: Any, **kwargs: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(parts, content_type="text/html")

    with patch("cases.views.documents.StreamingHttpResponse", inline):
        yield


@contextmanager
def of_any_number_of_pixels() -> Iterator[None]:
    """Pillow has a limit of its own, which is a little lower than the hundred million."""
    from django.test import override_settings

    with override_settings(FILES_MAX_PIXELS=10**12), patch("PIL.Image.MAX_IMAGE_PIXELS", None):
        yield


SEEN_BY_ALL = "ALTER POLICY read ON cases_documentsegment USING (true)"

FAULTS: list[tuple[str, str, Plant]] = [
    (
        "a segment is not bound to its position",
        f"{STREAMS}test_associated_data_names_place_and_end[0]",
        instead("victimcare.encryption.streams.Stream.associated_data", without_place),
    ),
    (
        "a segment does not say that it is the last",
        f"{STREAMS}test_a_file_is_not_cut_with_its_size",
        instead("victimcare.encryption.streams.Stream.associated_data", without_end),
    ),
    (
        "a segment is not bound to its document",
        f"{STREAMS}test_a_segment_of_another_file_is_found[1-another document]",
        of_no_record,
    ),
    (
        "what was added after the end of a file is not looked for",
        f"{KEYS}test_a_change_of_its_segments_is_found[appended]",
        instead("cases.documents._added", lambda document: 0),
    ),
    (
        "keys check opens no file",
        f"{KEYS}test_a_change_of_its_segments_is_found[dropped in the middle]",
        instead("victimcare.encryption.checking._beside", []),
    ),
    (
        "what waits on a disk lies in clear",
        f"{UPLOADS}test_what_waits_on_a_disk_has_no_name_and_no_words",
        instead(
            "victimcare.encryption.streams.Stream.seal",
            lambda self, plain, *args, **kwargs: bytes(29) + plain,
        ),
    ),
    (
        "the size of what is sent is not checked",
        f"{UPLOADS}test_over_the_limit_nothing_more_is_read",
        instead("victimcare.files.uploads.SealedUploadHandler._refuse", nothing),
    ),
    (
        "a file is taken from whoever sends it",
        f"{UPLOADS}test_nothing_is_taken_from_who_is_not_signed_in",
        instead("victimcare.files.uploads.is_expected", lambda request: True),
    ),
    (
        "what holds a file says its name",
        f"{UPLOADS}test_what_holds_a_file_does_not_say_its_name",
        instead("victimcare.files.uploads.SealedUpload.__repr__", lambda self: self.name),
    ),
    ("a file is what its name says", refused("picture.png"), as_its_name_says),
    (
        "a name may say something else",
        refused("photo.jpg.exe"),
        instead("victimcare.files.admission._require_name", nothing),
    ),
    (
        "a device is a name for a file",
        f"{ATTACKS}test_a_name_is_made_harmless['con.txt'-'_con.txt']",
        instead("victimcare.files.names.RESERVED", re.compile(r"(?!)")),
    ),
    (
        "where a picture was taken is kept",
        harmless("where.jpg"),
        instead("victimcare.files.admission.pictures.drawn_anew", lambda spool, kind: spool),
    ),
    (
        "where a video was taken is kept",
        harmless("where.mp4"),
        lambda: both(
            instead("victimcare.files.recordings.TELLING", frozenset())(),
            instead("victimcare.files.recordings.PLAYED", {})(),
        ),
    ),
    (
        "who wrote a document is kept",
        harmless("author.docx"),
        instead("victimcare.files.office.ABOUT", {}),
    ),
    ("pixels are not counted", refused("hundred.png"), of_any_number_of_pixels),
    (
        "a PDF may act",
        refused("script.pdf"),
        instead("victimcare.files.pdfs._require_still", nothing),
    ),
    (
        "a document may have macros",
        refused("activex.docx"),
        instead("victimcare.files.office._require_harmless", nothing),
    ),
    (
        "a document may fetch its template",
        refused("template.docx"),
        instead("victimcare.files.office._fetches", lambda *args: False),
    ),
    (
        "a PDF is read by the web server itself",
        f"{APART}test_where_it_dies_the_file_was_too_complicated[None]",
        instead("victimcare.files.admission.apart.pdf", nothing),
    ),
    (
        "a process that reads files has no limit",
        f"{APART}test_it_has_a_limit_of_memory_and_time",
        instead("victimcare.files.apart._read", lambda answer: {}),
    ),
    (
        "a field of a document may fetch",
        refused("picture_field.docx"),
        instead("victimcare.files.office.FIELDS", re.compile(r"(?!)")),
    ),
    (
        "a formula may fetch",
        refused("service.xlsx"),
        instead("victimcare.files.office.FORMULAS", re.compile(r"(?!)")),
    ),
    (
        "the directory of a ZIP is read whatever its size",
        refused("zip64.docx"),
        instead("victimcare.files.office._require_small_directory", nothing),
    ),
    (
        "a track of places is kept",
        harmless("metadata.mp4"),
        instead("victimcare.files.recordings._is_played", lambda *args: True),
    ),
    (
        "files are read from who works with no case",
        f"{UPLOADS}test_nothing_is_read_from_who_works_with_no_case[provider]",
        instead("victimcare.files.uploads.access.has", lambda *args: True),
    ),
    (
        "something may follow a PDF",
        refused("and_page.pdf"),
        instead("victimcare.files.pdfs._require_end", nothing),
    ),
    (
        "a file is taken while the scanner is silent",
        f"{VIRUSES}test_nothing_is_taken_while_it_is_silent[closed port]",
        silence_is_good_news,
    ),
    (
        "a quota is not counted",
        f"{DOCUMENTS}test_a_case_and_an_organisation_have_a_quota",
        instead("cases.actions.documents._require_room", nothing),
    ),
    (
        "whoever sees the case is shown its documents",
        f"{DOCUMENTS}test_who_is_not_shown_documents_is_refused",
        instead("cases.access.may_see_documents", lambda user, case: True),
    ),
    (
        "the browser shows a document",
        f"{DOCUMENTS}test_a_document_is_added_listed_and_downloaded_as_it_was",
        shown_by_the_browser,
    ),
    (
        "a download is not logged",
        f"{DOCUMENTS}test_a_download_is_logged_once_with_its_kind",
        instead("cases.views.documents.audit.record", nothing),
    ),
    (
        "a download goes on when access ended, and the second wall is away",
        f"{DOCUMENTS}test_a_download_ends_where_access_ends",
        partial(second_wall_away, nullcontext),
    ),
    (
        "the owner changes a segment",
        f"{DOCUMENTS}test_for_the_owner_too",
        lambda: sql("DROP TRIGGER only_added_to ON cases_documentsegment"),
    ),
    (
        "a segment is everybody's",
        f"{DOCUMENTS}test_the_database_gives_strangers_no_segment[caseworker2]",
        lambda: sql(SEEN_BY_ALL),
    ),
    (
        "a segment is added to a document of before",
        f"{DOCUMENTS}test_a_segment_is_added_in_the_transaction_of_its_document_only",
        lambda: sql("ALTER POLICY add ON cases_documentsegment WITH CHECK (app.sees_document(document_id))"),
    ),
]
