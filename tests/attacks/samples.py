"""Harmless files of each kind that is taken, made in code: invented, and small."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pikepdf
from PIL import Image

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OOXML = "application/vnd.openxmlformats-officedocument"
ODF_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def picture(
    name: str = "JPEG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "#aa3355" if mode == "RGB" else 0).save(made, format=name, **options)
    return made.getvalue()


def pdf(change: object = None) -> bytes:
    """One empty page; `change(document)` adds to it."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if callable(change):
            change(document)
        document.save(made)
    return made.getvalue()


def packed(parts: Mapping[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            package.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def types(main: str, more: str = "") -> str:
    return f'<?xml version="1.0"?><Types xmlns="{TYPES}"><Override ContentType="{main}"/>{more}</Types>'


def relations(*lines: str) -> str:
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONS}">{"".join(lines)}</Relationships>'


def relation(kind: str, target: str, mode: str = "External") -> str:
    return f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'


def docx_parts(**parts: bytes | str) -> dict[str, bytes | str]:
    """Of a letter; names with a slash are given by `__`."""
    made: dict[str, bytes | str] = {
        "[Content_Types].xml": types(f"{OOXML}.wordprocessingml.document.main+xml"),
        "_rels/.rels": relations(relation("officeDocument", "word/document.xml", "Internal")),
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:p><w:t>Words</w:t></w:p></w:document>',
        "docProps/core.xml": '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Zyxandra</dc:creator></c>',
    }
    return made | parts


def docx(parts: Mapping[str, bytes | str] | None = None) -> bytes:
    return packed(docx_parts() | dict(parts or {}))


def xlsx(parts: Mapping[str, bytes | str] | None = None) -> bytes:
    made: dict[str, bytes | str] = {
        "[Content_Types].xml": types(f"{OOXML}.spreadsheetml.sheet.main+xml"),
        "xl/workbook.xml": "<workbook/>",
    }
    return packed(made | dict(parts or {}))


def odt(parts: Mapping[str, bytes | str] | None = None, kind: str = "text") -> bytes:
    made: dict[str, bytes | str] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f'<o:document-content xmlns:o="{ODF_OFFICE}"/>',
        "meta.xml": f'<o:meta xmlns:o="{ODF_OFFICE}"><o:creator>Zyxandra</o:creator></o:meta>',
    }
    return packed(made | dict(parts or {}), stored=("mimetype",))


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def recording(brand: bytes = b"isom", more: bytes = b"", place: bytes = b"+34.60-058.38/") -> bytes:
    """A video without a track, with where it was taken."""
    told = box(b"udta", box(b"\xa9xyz", place)) + box(b"meta", b"\0\0\0\0" + place)
    moov = box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", box(b"tkhd", bytes(84))) + told)
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", b"frames" * 40) + moov + more


PLACES = b"-34.6037,-58.3816"


def track(handler: bytes = b"vide", place: int = 0, more: bytes = b"", size: int = len(PLACES)) -> bytes:
    """One sample of that size, at that place of the file."""
    one = (b"stsz", (0, size, 1)), (b"stsc", (0, 1, 1, 1, 1)), (b"stco", (0, 1, place))
    tables = b"".join(box(kind, struct.pack(f">{len(row)}I", *row)) for kind, row in one)
    handled = box(b"hdlr", bytes(8) + handler + bytes(13))
    media = box(b"mdia", box(b"mdhd", bytes(24)) + handled + box(b"minf", box(b"stbl", tables) + more) + more)
    return box(b"trak", box(b"tkhd", bytes(84)) + media + more)


def played(*tracks: bytes, more: bytes = b"", after: bytes = b"") -> bytes:
    """A recording with those tracks, whose data begin at byte 24: pictures, then places."""
    data = box(b"mdat", b"pictures" + PLACES + b"pictures")
    return (
        box(b"ftyp", b"isom" + bytes(4))
        + data
        + box(b"moov", box(b"mvhd", bytes(100)) + b"".join(tracks) + more)
        + after
    )


HARMLESS: dict[str, bytes] = {
    "photo.jpg": picture("JPEG"),
    "scan.png": picture("PNG"),
    "photo.webp": picture("WEBP"),
    "letter.pdf": pdf(),
    "words.txt": "Señora, às três: à bientôt\n".encode(),
    "letter.docx": docx(),
    "list.xlsx": xlsx(),
    "letter.odt": odt(),
    "video.mp4": recording(),
    "tracks.mp4": played(track(b"vide", 24, size=8), track(b"soun", 49, size=8)),
    "voice.m4a": recording(b"M4A "),
}
