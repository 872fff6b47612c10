"""How long what is kept here, and what leaves the installation in a packet. See docs/data-protection.md."""

from referrals import packets
from victimcare.field_register import Kept

KEPT = {
    "referrals.Service": Kept.WORK,
    "referrals.ServiceAtLocation": Kept.WORK,
    "referrals.Referral": Kept.PERSON,
    "referrals.Packet": Kept.PERSON,
}
PACKET = "packet, if the consent covers it"
IN_PACKETS = {
    "cases.Person": packets.PERSON,
    "cases.ContactPoint": packets.CONTACT,
    "cases.Incident": packets.INCIDENT,
    "cases.SubstanceUse": packets.SUBSTANCE,
    "cases.Party": [name for names in packets.PARTY.values() for name in names],
    "cases.Enrolment": ["kind"],
    "cases.Note": ["counselling_text"],
    "referrals.Referral": ["request"],
}
