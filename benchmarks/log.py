"""What the access log and the notifications say of a case. The lines are sealed as the product seals them:
each process makes the digests of its own, the one that started them binds these into the chain.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from benchmarks.cases import One, Register, text
from benchmarks.pens import dashed
from benchmarks.plan import STATE, uid
from cases.notices import ASSIGNED
from victimcare.models.logs import Action
from victimcare.sealing.verify import canonical, digest

READ = ["contact", "documents", "identity", "incident", "risk", "substance"]
LISTED = ["identity"]
UNREAD_DAYS = 20


class Line(NamedTuple):
    """A line of the log: its id, and the digest of what it says."""

    entry: UUID
    digest: bytes


class Log:
    def __init__(self, book: Register) -> None:
        self.book = book
        self.lines: list[Line] = []

    def taken(self) -> list[Line]:
        """The lines since the last time."""
        taken, self.lines = self.lines, []
        return taken

    def write(self, one: One, subject_key: str) -> None:
        """Opened, read, listed and changed: several lines a case."""
        seen: list[tuple[Action, str, list[str], datetime]] = [(Action.CREATE, one.worker, [], one.opened)]
        seen += [(Action.READ, by, READ, one.moment()) for by in (one.worker, one.worker, one.colleague)]
        seen += [(Action.LIST, by, LISTED, one.moment()) for by in (one.worker, one.supervisor)]
        seen += [(Action.CHANGE, taken.by, [], taken.at) for taken in one.steps]
        for place, (action, by, kinds, at) in enumerate(seen):
            self._line(one, f"{one.number} {place}", action, by, kinds, at, subject_key)
        _notify(self.book, one)

    def _line(
        self, one: One, which: str, action: Action, by: str, kinds: list[str], at: datetime, subject_key: str
    ) -> None:
        entry = uid("entry", which)
        self.book.tables.add("victimcare_accessentry", {
            "id": entry, "at": text(at), "by_id": by, "object_label": "cases.Case", "object_id": one.id,
            "action": action.value, "member_state_id": STATE, "organization_id": one.organization,
            "subject_key_id": subject_key, "kinds": f"{{{','.join(kinds)}}}", "rows": 1,
        })  # fmt: skip
        said = {
            "id": dashed(entry), "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "by": dashed(by),
            "object_label": "cases.Case", "object_id": dashed(one.id), "action": action.value,
            "member_state": STATE, "organization": dashed(one.organization),
            "subject_key_id": dashed(subject_key), "kinds": kinds, "rows": 1,
        }  # fmt: skip
        self.lines.append(Line(UUID(entry), digest(canonical(said))))


def _notify(book: Register, one: One) -> None:
    """Whoever helps was told of it, and has read what is older."""
    read = one.plan.now - one.opened > timedelta(days=UNREAD_DAYS)
    row: dict[str, object] = {
        "id": uid("notification", one.number), "recipient_id": one.colleague, "kind": ASSIGNED,
        "reference": one.case_number, "link": f"/cases/{dashed(one.id)}/", "record_id": one.id,
        "made_at": one.opened_at,
    }  # fmt: skip
    if read:
        row["read_at"] = text(one.opened + timedelta(days=1))
    book.tables.add("victimcare_notification", row)
