"""How the product receives files: for each request, whoever sends it (FILE_UPLOAD_HANDLERS)."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from victimcare import access
from victimcare.files.spool import Spool

# What stands around a file in the body: boundaries, and the other fields of the form.
AROUND = 3 * 1024 * 1024


class SealedUpload(UploadedFile):
    """A file that somebody sent. `name` and `content_type` are what the sender says: believe neither."""

    def __init__(self, spool: Spool, name: str, content_type: str) -> None:
        super().__init__(spool.as_file(), name, content_type, spool.size)
        self.spool = spool

    def __repr__(self) -> str:
        return "<upload>"


class SealedUploadHandler(FileUploadHandler):
    """Nothing in clear on a disk, and nothing at all where no page asked for a file, or of more than the
    limit: what follows is not read. `request.upload_too_large` tells the form, which gets no file.
    """

    file: Spool

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        self.body_length = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not is_expected(self.request):
            raise StopUpload(connection_reset=True)
        if self.body_length > settings.FILES_MAX_BYTES + AROUND:
            self._refuse()
        self.file = Spool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file.size + len(raw_data) > settings.FILES_MAX_BYTES:
            self._refuse()
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload:
        return SealedUpload(self.file.finish(), self.file_name or "", self.content_type or "")

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

    def _refuse(self) -> None:
        self.request.upload_too_large = True  # type: ignore[union-attr]  # for the form of the page
        raise StopUpload(connection_reset=True)


def is_expected(request: HttpRequest | None) -> bool:
    """Somebody sends it to a page that takes files, and holds the permission that its view names somewhere
    (`takes_files_from`). The record is looked up when all is read: this is asked before the first byte is.
    """
    match = request and request.resolver_match
    view = match and getattr(match.func, "view_class", None)
    user = getattr(request, "user", None)
    permission = getattr(view, "takes_files_from", None)
    return bool(permission and user and user.is_authenticated and access.has(user, permission))
