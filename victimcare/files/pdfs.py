"""PDFs are kept as they are, and refused where they could do more than be read: qpdf looks through them."""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import pikepdf
from pikepdf.settings import set_qpdf_limits

from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

MOST_OBJECTS = 200_000
MOST_NODES = 2_000_000
# Keys that make a PDF act, or hold another file.
ACTING_KEYS = frozenset({
    "/JS", "/JavaScript", "/AA", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/AF",
    "/RichMediaContent", "/RichMediaSettings", "/XFA", "/Rendition", "/Collection",
})  # fmt: skip
# Kinds of action; a place in the document and a web address that somebody clicks stay.
ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/GoToE", "/GoToR", "/SubmitForm", "/ImportData", "/Rendition", "/Movie",
    "/Sound", "/RichMediaExecute", "/Hide", "/SetOCGState",
})  # fmt: skip
SUBTYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
MOST_IN_ONE = 50_000
# What qpdf unpacks to read one part of the structure. For the whole process, before anybody uses it.
MOST_UNPACKED = 8 * 1024 * 1024
set_qpdf_limits(
    flate_max_memory=MOST_UNPACKED,
    png_max_memory=MOST_UNPACKED,
    run_length_max_memory=MOST_UNPACKED,
    tiff_max_memory=MOST_UNPACKED,
    parser_max_container_size=MOST_IN_ONE,
)
END, TAIL = b"%%EOF", 2048


def look_through(spool: Spool) -> None:
    """Raises FileRefused."""
    _require_end(spool)
    spool.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, spool), suppress_warnings=True, attempt_recovery=False) as document:
            if document.is_encrypted:
                raise FileRefused("pdf_locked")
            if len(document.objects) > MOST_OBJECTS:
                raise FileRefused("too_complicated")
            _require_still(document)
            # What qpdf could not read it leaves out: another program may read it.
            if document.get_warnings():
                raise FileRefused("damaged")
    except pikepdf.PasswordError as error:
        raise FileRefused("pdf_locked") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError) as error:
        raise FileRefused("damaged") from error


def _require_end(spool: Spool) -> None:
    """After the last mark of the end comes nothing: else it may be something else for another program."""
    spool.seek(max(0, spool.size - TAIL))
    _before, mark, after = spool.read(TAIL).rpartition(END)
    if not mark or after.strip(b"\r\n\t \0"):
        raise FileRefused("two_in_one" if mark else "damaged")


def _require_still(document: pikepdf.Pdf) -> None:
    for number, (name, value) in enumerate(_entries(document)):
        if number > MOST_NODES:
            raise FileRefused("too_complicated")
        if name in ACTING_KEYS or _is_action(name, value):
            raise FileRefused("pdf_acts")


def _is_action(name: str, value: Any) -> bool:
    return (name == "/S" and value in ACTIONS) or (name == "/Subtype" and value in SUBTYPES)


def _entries(document: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Every entry of every dictionary, by its key, with the value if that is a name; and every element of an
    array, which has none. What is referred to is looked at where it stands.
    """
    for one in (document.trailer, *document.objects):
        waiting = [one]
        while waiting:
            found = waiting.pop()
            if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
                for name, value in found.items():
                    yield name, str(value) if isinstance(value, pikepdf.Name) else None
                    _add(waiting, value)
            elif isinstance(found, pikepdf.Array):
                # qpdf lets those of a stream of objects pass its own limit.
                if len(found) > MOST_IN_ONE:
                    raise FileRefused("too_complicated")
                for value in found:
                    yield "", None
                    _add(waiting, value)


def _add(waiting: list[Any], value: Any) -> None:
    if isinstance(value, pikepdf.Object) and not value.is_indirect:
        waiting.append(value)
