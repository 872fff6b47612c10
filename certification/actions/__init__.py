"""Everything that people do in certification. Lower apps are told by signals; higher apps connect to them."""

from certification.actions.applications import (
    apply_for_accreditation,
    apply_for_certificate,
    apply_in_person,
    change_application,
    open_file,
    submit_application,
)
from certification.actions.credentials import (
    credential_lapsed,
    expire_due,
    reinstate,
    revoke,
    suspend,
)
from certification.actions.decisions import decide, finish_review, start_review
from certification.actions.schemes import adopt_accreditation_kind, adopt_scheme

__all__ = [
    "adopt_accreditation_kind",
    "adopt_scheme",
    "apply_for_accreditation",
    "apply_for_certificate",
    "apply_in_person",
    "change_application",
    "credential_lapsed",
    "decide",
    "expire_due",
    "finish_review",
    "open_file",
    "reinstate",
    "revoke",
    "start_review",
    "submit_application",
    "suspend",
]
