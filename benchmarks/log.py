"""What the access log and the notifications say of a case. The lines are sealed as the product seals them:
each process makes the digests of its own, the one that started them binds these into the chain. A line's
canonical JSON is written here by hand, which takes a third of the time of making it; `manage.py audit check`
says whether it is the same.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from benchmarks.cases import One, Register, text
from benchmarks.pens import dashed
from benchmarks.plan import STATE, uid
from cases.notices import ASSIGNED
from victimcare.models.logs import Action
from victimcare.sealing.verify import digest

READ, LISTED = "contact,documents,identity,incident,risk,substance", "identity"
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
        seen: list[tuple[Action, str, str, datetime]] = [(Action.CREATE, one.worker, "", one.opened)]
        seen += [(Action.READ, by, READ, one.moment()) for by in (one.worker, one.colleague)]
        seen += [(Action.LIST, one.worker, LISTED, one.moment())]
        seen += [(Action.CHANGE, taken.by, "", taken.at) for taken in one.steps]
        shared = {
            "object_label": "cases.Case", "object_id": one.id, "organization_id": one.organization,
            "member_state_id": STATE, "subject_key_id": subject_key, "rows": 1,
        }  # fmt: skip
        ends = (
            f'"member_state":"{STATE}","object_id":"{dashed(one.id)}","object_label":"cases.Case",'
            f'"organization":"{dashed(one.organization)}","rows":1,"subject_key_id":"{dashed(subject_key)}"}}'
        )
        for place, (action, by, kinds, at) in enumerate(seen):
            entry = uid("entry", f"{one.number} {place}")
            self.book.tables.add("victimcare_accessentry", {
                **shared, "id": entry, "at": text(at), "by_id": by, "action": action.value,
                "kinds": f"{{{kinds}}}",
            })  # fmt: skip
            quoted = kinds and '"' + kinds.replace(",", '","') + '"'
            moment = f"{at.isoformat(timespec='microseconds')[:26]}Z"
            said = (
                f'{{"action":"{action.value}","at":"{moment}","by":"{dashed(by)}","id":"{dashed(entry)}",'
                f'"kinds":[{quoted}],{ends}'
            )
            self.lines.append(Line(UUID(entry), digest(said.encode())))
        _notify(self.book, one)


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
