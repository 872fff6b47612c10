"""Documents and photographs of a case: added as they were looked through, and never changed."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from cases.access import require_documents
from cases.actions import children
from cases.models import Case, Document, DocumentSegment
from victimcare.encryption.streams import new_secret, segments_of
from victimcare.files.admission import Admitted
from victimcare.models import User

MEGABYTE = 1024 * 1024


class NoRoom(ValidationError):
    """The quota is counted with what was taken away: that is kept too."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            {
                "file": ValidationError(
                    _(
                        "There is no room for this file: the limit is %(limit)s MB."
                        " Make it smaller, or ask who runs this system."
                    ),
                    code="no_room",
                    params={"limit": limit // MEGABYTE},
                )
            }
        )


@transaction.atomic
def add_document(case: Case, document: Document, file: Admitted, *, by: User) -> tuple[Document, bool]:
    """A file that was admitted, with what is said of it; without a title it has its file's name. Sent twice,
    it is stored once. Raises PermissionDenied, CaseClosed, NoRoom, SavedBefore, ValidationError.
    """
    require_documents(by, case)
    describe(document, file)
    stored, new = children.add(case, document, by=by)
    if new:
        _require_room(case)
        store(stored, file)
    return stored, new


def _require_room(case: Case) -> None:
    """The case is locked by now. Two cases of one organisation may pass its limit by a file: nobody waits."""
    of_case = Document.objects.filter(case=case).aggregate(held=Sum("size"))["held"]
    if of_case > settings.FILES_PER_CASE_BYTES:
        raise NoRoom(settings.FILES_PER_CASE_BYTES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.bytes_held(%s)", [case.organization_id])
        [of_organization] = cursor.fetchone()
    if of_organization > settings.FILES_PER_ORGANIZATION_BYTES:
        raise NoRoom(settings.FILES_PER_ORGANIZATION_BYTES)


def describe(document: Document, file: Admitted) -> None:
    document.title = document.title or file.name
    document.file_name, document.media_type = file.name, file.kind.media_type
    document.digest, document.size = file.digest, file.size
    document.secret = new_secret().hex()


def store(document: Document, file: Admitted) -> None:
    """A segment at a time: memory stays flat."""
    stream = document.stream
    for position, (plain, last) in enumerate(segments_of(file.content.chunks())):
        blob = stream.seal(plain, position, last=last)
        DocumentSegment(document=document, position=position, blob=blob).save(force_insert=True)
