"""What a file is, by its content alone: what it is called and what the sender says of it prove nothing."""

import re
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from victimcare.files.refusals import FileRefused

HEAD = 4096


@dataclass(frozen=True, slots=True)
class FileKind:
    """`endings`: those that its name may have; the first is given to a copy that is downloaded."""

    media_type: str
    # Not compared: it is another one in each language.
    label: Promise = field(compare=False)
    endings: tuple[str, ...]


JPEG = FileKind("image/jpeg", _("JPEG picture"), ("jpg", "jpeg", "jpe", "jfif"))
PNG = FileKind("image/png", _("PNG picture"), ("png",))
WEBP = FileKind("image/webp", _("WebP picture"), ("webp",))
PDF = FileKind("application/pdf", _("PDF document"), ("pdf",))
TEXT = FileKind("text/plain", _("text file"), ("txt",))
OOXML = "application/vnd.openxmlformats-officedocument"
DOCX = FileKind(f"{OOXML}.wordprocessingml.document", _("Word document"), ("docx",))
XLSX = FileKind(f"{OOXML}.spreadsheetml.sheet", _("Excel workbook"), ("xlsx",))
ODT = FileKind("application/vnd.oasis.opendocument.text", _("OpenDocument text"), ("odt",))
MP4 = FileKind("video/mp4", _("video"), ("mp4", "m4v", "mov", "qt", "3gp"))
M4A = FileKind("audio/mp4", _("sound recording"), ("m4a", "mp4"))

ALL = (JPEG, PNG, WEBP, PDF, TEXT, DOCX, XLSX, ODT, MP4, M4A)
PICTURES = (JPEG, PNG, WEBP)
BY_MEDIA_TYPE = {one.media_type: one for one in ALL}

# Brands of ISO base media files: which of them are recordings, and which pictures in disguise.
VIDEO = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"3gp4",
        b"3gp5",
        b"3gp6",
        b"qt  ",
    }
)
AUDIO = frozenset({b"M4A ", b"M4B "})
HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"})
SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
)
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ACTS = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|img|meta|link|\?xml|xsl|math|form)\b"
    rb"|<\?(?:xml|php)|<!doctype|javascript:",
    re.IGNORECASE,
)
# Programs for an interpreter, and page descriptions: text, and not to be read by people.
PROGRAMS = (b"#!", b"%!", b"{\\rtf", b"@echo", b"<?")


def of_head(head: bytes) -> FileKind | None:
    """From the first bytes of a file; None for a ZIP, whose directory tells more. Raises FileRefused."""
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(ZIP):
        return None
    if head.startswith(OLE):
        raise FileRefused("old_office")
    return _of_text(head)


def _of_brand(brand: bytes) -> FileKind:
    if brand in HEIC:
        raise FileRefused("heic")
    if brand in AUDIO:
        return M4A
    if brand in VIDEO:
        return MP4
    raise FileRefused("not_taken")


def _of_text(head: bytes) -> FileKind:
    """What has other bytes than text is nothing that is taken; the whole of it is read later."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begins.startswith(PROGRAMS) or ACTS.search(head):
        raise FileRefused("page")
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in head):
        raise FileRefused("not_taken")
    return TEXT
