"""How long what is kept here. See docs/data-protection.md."""

from victimcare.field_register import Kept

KEPT = {
    "certification.Practitioner": Kept.WORK,
    "certification.Application": Kept.WORK,
    "certification.SchemeVersion": Kept.WORK,
    "certification.AccreditationKind": Kept.WORK,
    "certification.Certificate": Kept.WORK,
    "certification.Accreditation": Kept.WORK,
    "certification.CertificateSuspension": Kept.WORK,
    "certification.AccreditationSuspension": Kept.WORK,
}
