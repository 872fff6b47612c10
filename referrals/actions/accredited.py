"""Only to the accredited: asked by the action, and once more by the database at the step itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from referrals.models import ServiceAtLocation
from referrals.standings import standing_of

ACCREDITED = "sent_only_to_the_accredited"  # the database's own check, see the migration

Refusal = Callable[[], ValidationError]


def require_accredited(offer: ServiceAtLocation, refusal: Refusal) -> None:
    if not standing_of(offer).eligible:
        raise refusal()


@contextmanager
def asked_again(refusal: Refusal, constraint: str = ACCREDITED) -> Iterator[None]:
    """The database looks with the accreditation locked: a suspension and this step cannot pass each other. Or
    it finds another thing that it refuses, by the name that it gives.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if _constraint(error) == constraint:
            raise refusal() from error
        raise


def _constraint(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
