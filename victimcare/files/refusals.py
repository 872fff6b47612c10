"""Why a file is not taken: each in a sentence that says what to do."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class FileRefused(ValidationError):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(SENTENCES[code], code=code, params=params or None)


SENTENCES: dict[str, Any] = {
    "empty": _("This file is empty. Choose another one."),
    "too_large": _("This file is larger than %(limit)s MB. Make it smaller, or split it."),
    "office_too_large": _("An office document may have %(limit)s MB at most. Save it as PDF."),
    "not_taken": _(
        "Files of this kind are not taken. Take a picture (JPEG, PNG, WebP), a PDF, a text file, a DOCX,"
        " ODT or XLSX without macros, or a recording (MP4, MOV, M4A)."
    ),
    "other_name": _(
        "The name of this file ends in .%(ending)s, but its content is: %(kind)s."
        " Rename it, or choose the right one."
    ),
    "page": _("Web pages, SVG pictures and scripts are not taken: they can act. Print it to a PDF."),
    "heic": _(
        "HEIC pictures are not taken. Save it as JPEG: on an iPhone, choose “Most Compatible” in the"
        " settings of the camera."
    ),
    "old_office": _("Office documents of before 2007 are not taken. Save it as DOCX, XLSX or PDF."),
    "damaged": _("This file is damaged, or not what it seems to be. Save it anew, or choose another one."),
    "two_in_one": _("Something else is hidden in this file. Save it anew, or print it to a PDF."),
    "too_many_pixels": _("This picture has more than %(limit)s million pixels. Make it smaller."),
    "pdf_locked": _("This PDF is protected by a password, so nobody can look through it. Save it without."),
    "pdf_acts": _(
        "This PDF can act by itself (scripts, attached files, forms that send). Print it to a new PDF."
    ),
    "too_complicated": _("This file is too complicated to look through. Print it to a new PDF."),
    "office_locked": _(
        "This document is protected by a password, so nobody can look through it. Save it without."
    ),
    "office_acts": _(
        "This document has macros or another file inside, or fetches something from elsewhere."
        " Save it as PDF."
    ),
    "unpacks_too_large": _("This document unpacks to far more than its size: it is not taken."),
    "recording_tells": _(
        "This recording holds more than pictures and sound, such as places, in a form that cannot be taken"
        " out. Save it anew as an ordinary MP4."
    ),
    "scan_too_large": _("This file is larger than the virus scanner takes. Make it smaller, or split it."),
    "infected": _(
        "The virus scanner found something in this file. Do not open it, and tell who runs this system."
    ),
    "not_scanned": _(
        "The virus scanner does not answer, so the file was not taken. Try again in a few minutes."
    ),
}
