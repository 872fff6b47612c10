"""What a document holds, read a segment at a time; and the check of all of them."""

from collections.abc import Iterator

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied

from cases.models import Document, DocumentSegment
from victimcare import acting
from victimcare.encryption import keyring
from victimcare.encryption.ciphers import Unreadable
from victimcare.encryption.keyring import SubjectErased
from victimcare.encryption.streams import opened
from victimcare.models import User

BATCH = 100


def contents(document: Document, *, by: User) -> Iterator[bytes]:
    """The file, as long as the user sees it: each segment is asked for in their name, since a request is over
    when its answer is sent. Raises Unreadable where it is not whole, PermissionDenied where access ended.
    """
    return opened(document.stream, _blobs(document, by), document.size)


def _blobs(document: Document, by: User) -> Iterator[bytes | None]:
    for position in range(document.segment_count + 1):
        with acting.as_user(by), acting.within(document.case_id):
            blob = _segment(document, position)
            if blob is None and not Document.objects.visible_to(by).filter(pk=document.pk).exists():
                raise PermissionDenied
        if blob is not None or position < document.segment_count:
            yield blob


def _segment(document: Document, position: int) -> bytes | None:
    """The one after the last is asked for too: nothing may have been added."""
    found = DocumentSegment.objects.filter(document=document, position=position)
    blob = found.values_list("blob", flat=True).first()
    return None if blob is None else bytes(blob)


def unreadable() -> Iterator[str]:
    """For `manage.py keys check`: documents of which a segment was changed past the product, as its owner."""
    documents = Document._base_manager.order_by("pk")
    batch = list(documents[:BATCH])
    while batch:
        with keyring.held():
            keyring.preload(batch)
            yield from (f"{one._meta.label} {one.pk} file" for one in batch if not _opens(one))
        batch = list(documents.filter(pk__gt=batch[-1].pk)[:BATCH])


def _opens(document: Document) -> bool:
    """What was erased is read by nobody, and is not wrong."""
    held = range(document.segment_count + _added(document))
    try:
        for _part in opened(document.stream, (_segment(document, at) for at in held), document.size):
            pass
    except SubjectErased:
        return True
    except (Unreadable, ObjectDoesNotExist, ValueError):
        return False
    return True


def _added(document: Document) -> int:
    found = DocumentSegment.objects.filter(document=document, position__gte=document.segment_count)
    return found.count()
