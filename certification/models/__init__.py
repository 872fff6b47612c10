from certification.models.applications import Application, Practitioner
from certification.models.credentials import (
    Accreditation,
    AccreditationSuspension,
    Certificate,
    CertificateSuspension,
    Credential,
)
from certification.models.schemes import AccreditationKind, SchemeVersion

__all__ = [
    "Accreditation",
    "AccreditationKind",
    "AccreditationSuspension",
    "Application",
    "Certificate",
    "CertificateSuspension",
    "Credential",
    "Practitioner",
    "SchemeVersion",
]
