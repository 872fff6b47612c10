"""Every write of the referrals app."""

from referrals.actions.answering import (
    AccreditationLost,
    NoPlace,
    accept_referral,
    complete_referral,
    decline_referral,
    not_complete_referral,
    receive,
    start_referral,
    waitlist_referral,
)
from referrals.actions.erasures import end_for_erasure, tell_of_named, withdraw_naming
from referrals.actions.lapses import (
    expire_due_referrals,
    flag_lapsed,
    withdraw_without_consent,
    workplaces_of_holder,
)
from referrals.actions.receiving import AlreadyOpened, NotAnAgency, open_received_case
from referrals.actions.sending import (
    CaseClosed,
    ConsentMissing,
    NotAccredited,
    NothingToSend,
    NotOffered,
    draft_referral,
    send_referral,
    withdraw_referral,
)
from referrals.actions.services import add_service, change_service, update_places
from referrals.actions.ties import (
    NotAvailable,
    declare_tie_on,
    not_available,
    require_available,
    withdraw_from_tied,
)

__all__ = [
    "AccreditationLost",
    "AlreadyOpened",
    "CaseClosed",
    "ConsentMissing",
    "NoPlace",
    "NotAccredited",
    "NotAnAgency",
    "NotAvailable",
    "NotOffered",
    "NothingToSend",
    "accept_referral",
    "add_service",
    "change_service",
    "complete_referral",
    "declare_tie_on",
    "decline_referral",
    "draft_referral",
    "end_for_erasure",
    "expire_due_referrals",
    "flag_lapsed",
    "not_available",
    "not_complete_referral",
    "open_received_case",
    "receive",
    "require_available",
    "send_referral",
    "start_referral",
    "tell_of_named",
    "update_places",
    "waitlist_referral",
    "withdraw_from_tied",
    "withdraw_naming",
    "withdraw_referral",
    "withdraw_without_consent",
    "workplaces_of_holder",
]
