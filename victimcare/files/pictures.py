"""Pictures are drawn anew: what a camera or somebody else wrote beside the pixels is gone (place, time,
device, comments, whatever follows the picture). The way up that it asks for is applied.
"""

import struct
import warnings
from threading import Lock

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from victimcare.files.kinds import JPEG, PNG, WEBP, FileKind
from victimcare.files.refusals import FileRefused
from victimcare.files.spool import Spool

FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
OPTIONS = {"JPEG": {"quality": 92, "subsampling": 0}, "PNG": {}, "WEBP": {"quality": 92}}
# Among them what Pillow raises at places, resolutions and text that were written to break it.
DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, UnidentifiedImageError, struct.error,
    ArithmeticError, LookupError, AttributeError,
)  # fmt: skip
# Of 16 and more bits: Pillow would cut off what is above white in place of dividing it.
DEEP, DEPTH = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"), 1 / 257
MILLION = 1_000_000
# A picture of the most pixels needs some 400 MB while it is drawn: one at a time in a process.
_one_at_a_time = Lock()


def drawn_anew(spool: Spool, kind: FileKind) -> Spool:
    """The same picture and nothing else. Raises FileRefused."""
    with _one_at_a_time, warnings.catch_warnings():
        # What is wrong beside the pixels goes anyhow.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _drawn(spool, FORMATS[kind])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise too_many_pixels() from error
        except DAMAGED as error:
            raise FileRefused("damaged") from error


def _drawn(spool: Spool, name: str) -> Spool:
    spool.seek(0)
    with Image.open(spool.as_file(), formats=[name]) as picture:
        # Asked of the head, before a single pixel is unpacked.
        if picture.width * picture.height > settings.FILES_MAX_PIXELS:
            raise too_many_pixels()
        upright = _of_eight_bits(ImageOps.exif_transpose(picture))
        plain = upright.convert(_mode(upright, name))
    # What is in `info` would be written beside the pixels again: comments, profiles.
    plain.info = {}
    made = Spool()
    plain.save(made.as_file(), format=name, **OPTIONS[name])
    return made.finish()


def _of_eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode not in DEEP:
        return picture
    # Which of its greys is none is said in its own depth.
    picture.info.pop("transparency", None)
    return picture.convert("I").point(lambda value: value * DEPTH).convert("L")


def _mode(picture: Image.Image, name: str) -> str:
    if name == "JPEG":
        return "L" if picture.mode == "L" else "RGB"
    return "RGBA" if picture.has_transparency_data else "RGB"


def too_many_pixels() -> FileRefused:
    return FileRefused("too_many_pixels", limit=settings.FILES_MAX_PIXELS // MILLION)
