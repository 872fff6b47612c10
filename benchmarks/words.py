"""What invented records say: codes of the product's lists, and sentences that are about nobody."""

# By the state that a case is in: the verbs that led there, with the state after each.
_OPENED = [("open", "open")]
_CLOSED = [*_OPENED, ("ask_closure", "closing"), ("approve_closure", "closed")]
WAYS: dict[str, list[tuple[str, str]]] = {
    "intake": [],
    "open": _OPENED,
    "on_hold": [*_OPENED, ("hold", "on_hold")],
    "closing": [*_OPENED, ("ask_closure", "closing")],
    "closed": _CLOSED,
    "reopened": [*_CLOSED, ("reopen", "reopened")],
}
SUPERVISORS = frozenset({"approve_closure"})
CLOSURES = ["goals_reached", "person_asked", "moved_away", "contact_lost", "transferred"]
GENDERS = ["woman"] * 7 + ["man"] * 3 + ["trans_woman", "non_binary", "unknown"]
URGENCIES = ["routine"] * 8 + ["soon"] * 2 + ["emergency"]
SAFETY = ["safe"] * 5 + ["with_care"] * 3 + ["unsafe"]
RULES = [
    "Solo de 9 a 12, en dias habiles.",
    "Enviar un mensaje antes de llamar.",
    "Preguntar si puede hablar.",
]
STREETS = ["Calle Inventada", "Avenida de las Pruebas", "Pasaje Ficticio", "Camino Imaginario"]
OFFENCES = ["020111", "02012", "0301", "0401", "0502"]
VIOLENCE = ["physical", "psychological", "economic", "sexual", "domestic"]
SETTINGS = ["community", "workplace", "public_space", "online", "other"]
ROLES = ["child", "guardian", "alleged_perpetrator", "witness", "relative"]
RELATIONS = ["partner", "ex_partner", "sibling", "neighbour", "child"]
SUBSTANCES = ["6C40.2", "6C41.2", "6C43.2", "6C45.2"]
ROUTES, FREQUENCIES = ["oral", "smoked", "sniffed"], ["daily", "days_2_3_a_week", "some"]
SENTENCES = [
    "La persona vino a la hora acordada y conto como fue la semana.",
    "Se acordo el proximo paso y quien lo hace; vuelve el martes.",
    "Pidio que no se llame por la tarde.",
    "Se reviso el plan; dos metas estan cumplidas y una sigue abierta.",
    "Hablamos de la audiencia y de lo que necesita para ir.",
    "Duerme mejor desde que cambio de domicilio.",
    "Se llamo al centro de salud, que tiene un turno para el jueves.",
    "No vino; se intenta de nuevo por el medio acordado.",
]
ENTITLED = ["Carta del juzgado", "Informe medico", "Copia del documento", "Acta de la audiencia"]
DECLINED = ["no_capacity", "not_eligible", "outside_area", "wrong_service"]
NOT_COMPLETED = ["did_not_attend", "person_declined", "contact_lost"]
OUTCOMES = ["provided"] * 4 + ["partly_provided", "ongoing"]

# By the state that a referral is in: the verbs that led there, with the state after each.
_SENT = [("send", "sent")]
_RECEIVED = [*_SENT, ("receive", "received")]
_ACCEPTED = [*_RECEIVED, ("accept", "accepted")]
_STARTED = [*_ACCEPTED, ("start", "in_progress")]
REFERRED: dict[str, list[tuple[str, str]]] = {
    "draft": [],
    "sent": _SENT,
    "received": _RECEIVED,
    "waitlisted": [*_RECEIVED, ("waitlist", "waitlisted")],
    "accepted": _ACCEPTED,
    "in_progress": _STARTED,
    "completed": [*_STARTED, ("complete", "completed")],
    "not_completed": [*_STARTED, ("not_complete", "not_completed")],
    "declined": [*_RECEIVED, ("decline", "declined")],
    "expired": [*_SENT, ("expire", "expired")],
    "withdrawn": [*_SENT, ("withdraw", "withdrawn")],
}
STAMPS = {
    "send": "sent", "receive": "received", "accept": "answered", "decline": "answered", "complete": "ended",
    "not_complete": "ended", "withdraw": "ended",
}  # fmt: skip
END_REASONS = {
    "decline": DECLINED, "not_complete": NOT_COMPLETED, "withdraw": ["person_asked", "no_longer_needed"],
}  # fmt: skip
SENT_WHILE_RUNNING = [
    *["sent"] * 9, *["received"] * 2, "waitlisted", *["accepted"] * 2, *["in_progress"] * 3, "draft",
    *["completed"] * 2, *["declined"] * 2, "not_completed", "withdrawn",
]  # fmt: skip
SENT_BEFORE_THE_END = [*["completed"] * 6, "not_completed", *["declined"] * 2, "expired", "withdrawn"]
# Of the case with much on it, and of the one with one of each.
SENT_OF_BUSY = ["received", "in_progress", "declined"]
# How long ago at most, of those that go on.
SENT_WITHIN_DAYS = {
    "draft": 5, "sent": 12, "received": 14, "waitlisted": 40, "accepted": 40, "in_progress": 90,
}  # fmt: skip
