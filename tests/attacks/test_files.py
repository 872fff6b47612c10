"""Each hostile file is refused with its reason, or what is kept of it is harmless."""

import io
import random
import struct
import zipfile
from contextlib import suppress
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tests.attacks import files, office, samples
from tests.attacks.hostile import Neutralised, Refused
from victimcare.files import apart, names, pdfs
from victimcare.files import office as offices
from victimcare.files.admission import admit
from victimcare.files.refusals import SENTENCES, FileRefused
from victimcare.files.spool import Spool


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a process of its own would take a minute; tests/victimcare/test_files_apart.py does."""
    monkeypatch.setattr(apart, "pdf", lambda spool: pdfs.look_through(spool))
    monkeypatch.setattr(apart, "office", lambda spool: offices.packed_anew(spool))


def spooled(content: bytes) -> Spool:
    spool = Spool()
    spool.write(content)
    return spool.finish()


def kept(content: bytes, name: str) -> bytes:
    return b"".join(admit(spooled(content), name).content.chunks())


def everything(content: bytes) -> bytes:
    """With what is packed in it."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"\n".join(package.read(name) for name in package.namelist())


@pytest.mark.parametrize("hostile", files.REFUSED, ids=lambda one: ascii(one.name))
def test_it_is_refused_with_its_reason(hostile: Refused) -> None:
    with pytest.raises(FileRefused) as refused:
        admit(spooled(hostile.make()), hostile.name)
    assert refused.value.code == hostile.why
    [sentence] = refused.value.messages
    assert sentence.endswith(".")
    assert "%(" not in sentence


@pytest.mark.parametrize("hostile", files.NEUTRALISED, ids=lambda one: one.name)
def test_what_is_kept_is_harmless(hostile: Neutralised) -> None:
    content = hostile.make()
    assert any(word in everything(content) for word in hostile.gone)
    left = kept(content, hostile.name)
    assert not [word for word in hostile.gone if word in everything(left)]
    # And it is taken again as what it is: it was not broken.
    assert kept(left, hostile.name) == left or hostile.name.endswith((".jpg", ".webp", ".docx"))


@pytest.mark.parametrize(("given", "left"), files.NAMES_KEPT.items(), ids=ascii)
def test_a_name_is_made_harmless(given: str, left: str) -> None:
    assert names.neutral(given) == left
    assert names.neutral(left) == left


@pytest.mark.parametrize("name", samples.HARMLESS)
def test_what_is_harmless_is_taken(name: str) -> None:
    admitted = admit(spooled(samples.HARMLESS[name]), name)
    assert admitted.kind.endings[0] == name.rpartition(".")[2]
    assert admitted.name == name


def test_at_least_sixty_are_tried() -> None:
    assert files.HOW_MANY >= 60
    tried = [one.name for one in (*files.REFUSED, *files.NEUTRALISED)]
    assert len(set(tried)) > len(tried) - 20
    assert {one.why for one in files.REFUSED} >= SENTENCES.keys() - {
        "too_large", "office_too_large", "too_complicated", "infected", "not_scanned", "scan_too_large",
    }  # fmt: skip


def test_a_picture_stands_as_it_was_taken() -> None:
    """The way up was said beside the pixels, which are turned instead."""
    left = kept(samples.picture("JPEG", (40, 30), exif=files.exif()), "a.jpg")
    with Image.open(io.BytesIO(left)) as drawn:
        assert drawn.size == (30, 40)
        assert not drawn.getexif()
        assert not drawn.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_every_kind_of_pixel_are_drawn(mode: str) -> None:
    assert kept(samples.picture("PNG", mode=mode), "a.png").startswith(b"\x89PNG")


@pytest.mark.parametrize("transparent", [None, 0x8000])
def test_deep_greys_stay_what_they_are(transparent: int | None) -> None:
    """A scan of 16 bits became white paper."""
    deep = Image.new("I;16", (5, 1))
    for at, grey in enumerate((0, 0x4000, 0x8000, 0xC000, 0xFFFF)):
        deep.putpixel((at, 0), grey)
    made = io.BytesIO()
    deep.save(made, "PNG", **({"transparency": transparent} if transparent else {}))
    with Image.open(io.BytesIO(kept(made.getvalue(), "a.png"))) as drawn:
        left = [drawn.convert("RGB").getpixel((at, 0)) for at in range(5)]
    assert left == [(grey, grey, grey) for grey in (0, 63, 127, 191, 255)]


@pytest.mark.parametrize("error", [struct.error, ZeroDivisionError, KeyError, IndexError, AttributeError])
def test_what_breaks_pillow_is_damaged(monkeypatch: Any, error: type[Exception]) -> None:
    def broken(*args: Any) -> None:
        raise error("hostile EXIF")

    monkeypatch.setattr("victimcare.files.pictures.ImageOps.exif_transpose", broken)
    with pytest.raises(FileRefused, match="damaged"):
        admit(spooled(samples.picture()), "a.jpg")


@pytest.mark.parametrize("seed", range(40))
def test_no_exif_breaks_anything_but_its_picture(seed: int) -> None:
    """Whatever stands in it, the picture is taken or refused."""
    chance = random.Random(seed)
    said = bytearray(files.exif().tobytes())
    for _change in range(chance.randrange(1, 8)):
        said[chance.randrange(6, len(said))] = chance.randrange(256)
    content = samples.picture("JPEG", exif=bytes(said[: chance.randrange(8, len(said) + 1)]))
    with suppress(FileRefused):
        assert kept(content, "a.jpg")


def test_what_is_seen_and_heard_stays_where_it_was() -> None:
    whole = samples.played(samples.track(b"vide", 24, size=8), samples.track(b"meta", 32))
    left = kept(whole, "a.mp4")
    assert len(left) == len(whole)
    assert left[:49] == whole[:32] + bytes(len(samples.PLACES))
    assert left[49:57] == b"pictures"
    assert left.count(b"trak") == 1
    seen = samples.HARMLESS["tracks.mp4"]
    assert kept(seen, "a.mp4") == seen


def test_pixels_are_not_unpacked_to_be_counted(monkeypatch: Any) -> None:
    def unpacked(*args: Any) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(Image.Image, "load", unpacked)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpacked)
    with pytest.raises(FileRefused):
        admit(spooled(files.png_of(10_000, 10_001)), "a.png")


def test_a_link_that_somebody_clicks_stays() -> None:
    link = files.acting(S="URI", URI="https://example.org")
    content = files.annotated(Subtype=pikepdf.Name.Link, A=link)()
    assert kept(content, "a.pdf") == content
    hyperlink = office.with_relation("hyperlink", "https://example.org")()
    assert b"example.org" in everything(kept(hyperlink, "a.docx"))


def test_an_office_document_is_the_same_each_time() -> None:
    """Else a form that was sent twice would be taken for another one."""
    once = kept(samples.docx(), "a.docx")
    assert kept(samples.docx(), "a.docx") == once
    assert zipfile.ZipFile(io.BytesIO(once)).testzip() is None


def test_a_large_office_document_is_refused(settings: Any) -> None:
    settings.FILES_MAX_OFFICE_BYTES = 100
    with pytest.raises(FileRefused, match="Save it as PDF"):
        admit(spooled(samples.docx()), "a.docx")


def test_fields_and_formulas_that_fetch_nothing_stay() -> None:
    words = ("PAGE", 'HYPERLINK "https://example.org/link"', "TOC", "REF link", "DATE")
    assert b"example.org/link" in everything(kept(office.fields(*words)(), "a.docx"))
    assert b"SUM(A1:A9)" in everything(kept(office.with_formula("SUM(A1:A9)")(), "a.xlsx"))


@pytest.mark.parametrize(
    "drawing", [b"GIF89a", b"BM", b"\xd7\xcd\xc6\x9a", b"\1\0\0\0" + bytes(36) + b" EMF"], ids=ascii
)
def test_drawings_inside_a_document_stay(drawing: bytes) -> None:
    content = drawing + bytes(range(90))
    assert content in everything(kept(samples.docx({"word/media/image1.emf": content}), "a.docx"))


def test_where_lines_broke_is_emptied() -> None:
    assert b"hidden" not in everything(kept(samples.odt({"layout-cache": b"hidden"}), "a.odt"))


def test_a_document_of_many_fields_is_read_in_pieces() -> None:
    """Its words were added to one text, again and again: hours, for what takes a second."""
    body = "".join(f"<w:instrText>PAGE {n * 40503 % 2**24}</w:instrText>" for n in range(240_000))
    assert b"PAGE" in everything(kept(office.with_body(body)(), "a.docx"))
