"""The schemes and kinds of accreditation that the product ships, adopted by a certifying body as its own."""

import json
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.access import may_keep_schemes
from certification.models import AccreditationKind, SchemeVersion
from certification.models.schemes import Titled
from victimcare import records
from victimcare.models import Organization, User

DATA = Path(__file__).resolve().parent.parent / "data"
T = TypeVar("T", bound=Titled)


class NotShipped(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("There is no such scheme or kind of accreditation."), code="not_shipped")


@transaction.atomic
def adopt_scheme(body: Organization, code: str, *, by: User, valid_from: date | None = None) -> SchemeVersion:
    """The body's own version of a shipped scheme, in force from a day (else today). Adopted twice, it is one.

    Raises PermissionDenied, NotShipped.
    """
    return _adopt(SchemeVersion, body, _shipped("schemes", "schemes", code), by, valid_from)


@transaction.atomic
def adopt_accreditation_kind(
    body: Organization, code: str, *, by: User, valid_from: date | None = None
) -> AccreditationKind:
    """The body's own version of a shipped kind of accreditation. Raises PermissionDenied, NotShipped."""
    shipped = _shipped("accreditation_kinds", "kinds", code)
    return _adopt(
        AccreditationKind,
        body,
        shipped,
        by,
        valid_from,
        service_kinds=shipped["service_kinds"],
        required_certificates={one["scheme"]: one["minimum_holders"] for one in shipped["required_schemes"]},
    )


def shipped_codes(file: str, listed: str) -> list[str]:
    """The codes in one of the shipped files, in its order."""
    return [one["code"] for one in _read(file)[listed]]


def _adopt(
    model: type[T],
    body: Organization,
    shipped: dict[str, Any],
    by: User,
    valid_from: date | None,
    **values: Any,
) -> T:
    if not body.is_certifying_body or not may_keep_schemes(by, body):
        raise PermissionDenied
    same = {"organization": body, "code": shipped["code"], "version": shipped["version"]}
    found: T | None = model._default_manager.filter(**same).first()  # type: ignore[assignment]  # of the model T
    if found is not None:
        return found
    return records.create(
        model(
            **same,
            titles=shipped["titles"],
            requirements=shipped["requirements"],
            validity_months=shipped["validity_months"],
            valid_from=valid_from or timezone.localdate(),
            **values,
        ),
        by=by,
    )[0]


def _shipped(file: str, listed: str, code: str) -> dict[str, Any]:
    found: dict[str, Any] | None = next((one for one in _read(file)[listed] if one["code"] == code), None)
    if found is None:
        raise NotShipped
    return found


def _read(file: str) -> Any:
    return json.loads((DATA / f"{file}.json").read_text(encoding="utf-8"))
