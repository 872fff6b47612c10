"""Office documents (DOCX, XLSX, ODT): unpacked within limits, looked through, and packed anew without who
wrote them. What could act, or fetch something, is refused; a picture inside is drawn anew as any other.
"""

import io
import re
import zipfile
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString
from django.conf import settings

from victimcare.files import pictures
from victimcare.files.kinds import DOCX, ODT, OLE, PICTURES, XLSX, ZIP, FileKind, of_head
from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 5_000
MOST_UNPACKED = 256 * MEGABYTE
MOST_OF_ONE = 64 * MEGABYTE
# What deflate makes of real text is far below; of less than a megabyte nobody cares.
MOST_RATIO = 200
SMALL = MEGABYTE
# Of the whole, or of macros, add-ins, and what is embedded by its name.
ACTING = re.compile(
    r"vba|macro|activex|/embeddings?/|/externallinks?/|/attachedtoolbars|/customui|/ctrlprops/|^basic/|^scripts/"
    r"|/connections\.xml$|/querytables/|^object|^configurations2/(?:accelerator|toolbar|menubar)|\.(?:bin|exe|dll|js|vbs|ole|jar|svgz?|html?|swf)$",
    re.IGNORECASE,
)
# Who wrote it, when, with what and for whom: replaced by empty ones, since others refer to them.
XML = b'<?xml version="1.0" encoding="UTF-8"?>'
OPENXML = b"http://schemas.openxmlformats.org"
ABOUT = {
    "meta.xml": XML + b'<o:document-meta xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' o:version="1.2"/>',
    "docprops/core.xml": XML + b'<p:coreProperties xmlns:p="' + OPENXML
    + b'/package/2006/metadata/core-properties"/>',
    "docprops/app.xml": XML + b'<Properties xmlns="' + OPENXML
    + b'/officeDocument/2006/extended-properties"/>',
    "docprops/custom.xml": XML + b'<Properties xmlns="' + OPENXML
    + b'/officeDocument/2006/custom-properties"/>',
    # Where LibreOffice's lines broke: of no form that anybody could look through.
    "layout-cache": b"",
    "word/people.xml": XML + b'<w:people xmlns:w="http://schemas.microsoft.com/office/word/2012/wordml"/>',
}  # fmt: skip
# What runs another program, or a script, when the document is opened.
ACTING_TAGS = frozenset({
    "ddeLink", "dde-source", "dde-connection-decl", "event-listener", "script", "OLEObject", "oleLink",
    "control", "applet", "plugin", "altChunk", "webPr", "dbPr", "connection", "queryTable", "olapPr",
})  # fmt: skip
# Pictures in other forms, which office programs make of drawings: GIF, BMP, WMF; EMF says so later.
DRAWINGS, EMF = (b"GIF87a", b"GIF89a", b"BM", b"\xd7\xcd\xc6\x9a"), b" EMF"
BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
MOST_ELEMENTS = 500_000
# Fields that fetch or run something, by their first word; each begins after a BREAK, which no XML holds.
BREAK = "\0"
FIELDS = re.compile(
    r"\bDDE|(?:^|\0)\s*(?:LINK|INCLUDE|INCLUDEPICTURE|INCLUDETEXT|IMPORT|DATABASE|RD)\b", re.IGNORECASE
)
FORMULAS = re.compile(r"\b(?:WEBSERVICE|IMAGE|RTD|DDE)\s*\(", re.IGNORECASE)
FIELD_TAGS = frozenset({"instrText", "delInstrText"})
# Where formulas stand: cells, names, rules of validation and of format.
FORMULA_TAGS = frozenset({
    "f", "definedName", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula",
})  # fmt: skip
MAIN = {b"wordprocessingml.document.main+xml": DOCX, b"spreadsheetml.sheet.main+xml": XLSX}
# The end of a directory, which is the end of the file where nobody added to it.
END, END_BYTES, TAIL = b"PK\x05\x06", 22, 65_557
# What stands before it in a ZIP64, which is for more than anybody may send.
END_64, END_64_BYTES = b"PK\x06\x07", 20
MOST_OF_DIRECTORY = MOST_ENTRIES * 300
EPOCH = (1980, 1, 1, 0, 0, 0)
DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, SAXException,
)  # fmt: skip


def packed_anew(spool: Spool) -> tuple[FileKind, Spool]:
    """What it is, and the same document as it is kept. Raises FileRefused."""
    if spool.size > settings.FILES_MAX_OFFICE_BYTES:
        raise FileRefused("office_too_large", limit=settings.FILES_MAX_OFFICE_BYTES // MEGABYTE)
    _require_small_directory(spool)
    spool.seek(0)
    try:
        with zipfile.ZipFile(spool) as package:
            _require_alone(spool, package)
            kind = _kind(package)
            return kind, _packed(package)
    except DefusedXmlException as error:
        raise FileRefused("office_acts") from error
    except DAMAGED as error:
        raise FileRefused("damaged") from error


def _require_small_directory(spool: Spool) -> None:
    """All of it is read when the ZIP is opened, and each entry takes far more than its bytes."""
    spool.seek(max(0, spool.size - TAIL))
    tail = spool.read(TAIL)
    end = tail[-END_BYTES:]
    if not end.startswith(END) or end[-2:] != b"\0\0":
        raise FileRefused("two_in_one" if END in tail else "damaged")
    size = int.from_bytes(end[12:16], "little")
    if size > MOST_OF_DIRECTORY or tail[:-END_BYTES][-END_64_BYTES:].startswith(END_64):
        raise FileRefused("unpacks_too_large")


def _require_alone(spool: Spool, package: zipfile.ZipFile) -> None:
    """Its first entry is where the file begins, and its directory where it ends."""
    entries = package.infolist()
    if len(entries) > MOST_ENTRIES:
        raise FileRefused("unpacks_too_large")
    if not entries or min(one.header_offset for one in entries) != 0:
        raise FileRefused("two_in_one")
    names = [one.filename.lower() for one in entries]
    if len(set(names)) != len(names):
        raise FileRefused("two_in_one")
    for one in entries:
        _require_harmless(one)
    if sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise FileRefused("unpacks_too_large")


def _require_harmless(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise FileRefused("office_locked")
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name:
        raise FileRefused("two_in_one")
    if ACTING.search(name):
        raise FileRefused("office_acts")
    if entry.file_size > MOST_OF_ONE or (
        entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(1, entry.compress_size)
    ):
        raise FileRefused("unpacks_too_large")


def _kind(package: zipfile.ZipFile) -> FileKind:
    names = set(package.namelist())
    if "mimetype" in names:
        if package.read("mimetype").strip() != ODT.media_type.encode():
            raise FileRefused("not_taken")
        return ODT
    if "[Content_Types].xml" not in names:
        raise FileRefused("not_taken")
    types = _unpacked(package, package.getinfo("[Content_Types].xml"))
    if b"macroenabled" in types.lower() or b"vbaproject" in types.lower():
        raise FileRefused("office_acts")
    found = [kind for main, kind in MAIN.items() if main in types]
    if len(found) != 1:
        raise FileRefused("not_taken")
    return found[0]


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What it says of its size is not believed."""
    with package.open(entry) as file:
        found = file.read(MOST_OF_ONE + 1)
    if len(found) > MOST_OF_ONE or len(found) != entry.file_size:
        raise FileRefused("unpacks_too_large")
    return found


def _packed(package: zipfile.ZipFile) -> Spool:
    """ZIP goes back to write sizes: made in memory, and only there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in package.infolist():
            content = _cleaned(entry.filename, _unpacked(package, entry))
            # ODF wants this one in plain sight. A fixed time makes the same file of the same document.
            method = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(entry.filename, EPOCH), content, method)
    spool = Spool()
    spool.write(packed.getbuffer())
    return spool.finish()


def _cleaned(name: str, content: bytes) -> bytes:
    """What is kept of an entry. Raises FileRefused."""
    if (about := ABOUT.get(name.lower())) is not None:
        return about
    if content.startswith((OLE, ZIP, b"MZ", b"%PDF-")):
        raise FileRefused("office_acts")
    # What is XML, its first letter says: a name may be any.
    if content.lstrip(BEFORE_XML).startswith(b"<") or name.lower().endswith((".xml", ".rels")):
        _require_still(name, content)
        return content
    if name == "mimetype" or not content or content.startswith(DRAWINGS) or content[40:44] == EMF:
        return content
    return _picture(content)


def _picture(content: bytes) -> bytes:
    """Of a photograph, where and when it was taken lies inside the document too. What is none is refused: it
    may be a document in a form that the programs read, and nobody looked through.
    """
    try:
        kind = of_head(content[:64])
    except FileRefused:
        kind = None
    if kind not in PICTURES:
        raise FileRefused("office_acts")
    spool = Spool()
    spool.write(content)
    with spool.finish() as whole, pictures.drawn_anew(whole, kind) as drawn:
        return drawn.read()


def _require_still(name: str, content: bytes) -> None:
    """Nothing is fetched from elsewhere but what somebody clicks, and no other program is asked."""
    reader = _Reader(is_odf=name.lower() in ODF_PARTS)
    parseString(content, reader, forbid_dtd=True)
    if FIELDS.search("".join(reader.fields)) or FORMULAS.search("".join(reader.formulas)):
        raise FileRefused("office_acts")


class _Reader(ContentHandler):
    """Reads XML and keeps nothing of it but fields and formulas, whose words may stand in several pieces."""

    def __init__(self, *, is_odf: bool) -> None:
        super().__init__()
        self.fields: list[str] = []
        self.formulas: list[str] = []
        self._is_odf = is_odf
        self._read: list[str] | None = None
        self._count = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  # SAX's name
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise FileRefused("too_complicated")
        tag, attributes = _local(name), {_local(key): value for key, value in attrs.items()}
        if tag in ACTING_TAGS or _fetches(tag, attributes, self._is_odf):
            raise FileRefused("office_acts")
        self._begin(tag, attributes)

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in FORMULA_TAGS or "formula" in attributes:
            self.formulas += [BREAK, attributes.get("formula", "")]
        if tag == "fldChar" or "instr" in attributes:
            self.fields += [BREAK, attributes.get("instr", "")]
        self._read = self.fields if tag in FIELD_TAGS else self.formulas if tag in FORMULA_TAGS else None

    def endElement(self, name: str) -> None:  # noqa: N802  # SAX's name
        self._read = None

    def characters(self, content: str) -> None:
        if self._read is not None:
            self._read.append(content)


ODF_PARTS = frozenset({"content.xml", "styles.xml", "settings.xml"})
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]{0,30}:|//|\\\\|\.\./\.\.)", re.IGNORECASE)


def _fetches(tag: str, attributes: dict[str, str], is_odf: bool) -> bool:
    if tag == "Relationship" and attributes.get("TargetMode", "").lower() == "external":
        return not attributes.get("Type", "").endswith("/hyperlink")
    if tag == "Relationship" and attributes.get("Type", "").lower().endswith("/afchunk"):
        return True
    return is_odf and tag != "a" and bool(ELSEWHERE.match(attributes.get("href", "").strip()))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
