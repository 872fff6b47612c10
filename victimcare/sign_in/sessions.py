"""The session engine: Django's own over a table that tells whose a session is and holds none of the keys.

A session ends `SESSION_IDLE_SECONDS` after it was last used, and `SESSION_COOKIE_AGE` seconds after somebody
signed in, whatever they do in it.
"""

import hashlib
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from victimcare import acting
from victimcare.models import Session, User
from victimcare.models.sign_in import limits
from victimcare.prepared import Prepared

JOB = "sessions"
# Whose session was read last: the same statement read the account (backend.py).
read_with: ContextVar[User | None] = ContextVar("session_user", default=None)
BROWSER = "browser"
# A page that is only read writes nothing more often than this.
NOTED_EVERY = timedelta(minutes=1)
LIVING = Prepared(
    lambda key, seen, started: (
        Session.objects.used_since(seen, started).filter(pk=key).select_related("user")
    ),
    key=str, seen=datetime, started=datetime,
)  # fmt: skip


def stored(key: str) -> str:
    """In the table in place of the cookie's key."""
    return hashlib.sha256(key.encode()).hexdigest()


class SessionStore(db.SessionStore):
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        with acting.as_job(JOB):
            self.row = LIVING.first(key=stored(self.session_key or ""), **limits())
            read_with.set(self.row.user if self.row else None)
            if self.row is None:
                self._session_key = None
            else:
                _note(self.row)
        return self.row

    def exists(self, session_key: str) -> bool:
        with acting.as_job(JOB):
            return super().exists(stored(session_key))

    def save(self, must_create: bool = False) -> None:
        with acting.as_job(JOB):
            super().save(must_create)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """As it will lie in the table. It begins with the sign-in, not with the page before; a new key
        alone (a changed password) begins nothing.
        """
        now, user_id = timezone.now(), data.get(SESSION_KEY)
        key = stored(self._get_or_create_session_key())  # type: ignore[attr-defined]  # Django's own
        before = self.row
        begins = before is None or str(before.user_id or "") != str(user_id or "")
        started = now if begins else before.started_at  # type: ignore[union-attr]  # there, or it begins
        self.row = Session(
            session_key=key,
            session_data=self.encode(data),
            expire_date=started + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            user_id=user_id,
            started_at=started,
            seen_at=now,
            browser=data.get(BROWSER, ""),
        )
        if before is not None and before.pk == key:
            self.row.id = before.id
        return self.row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            with acting.as_job(JOB):
                Session.objects.filter(pk=stored(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """`manage.py clearsessions`: the rows of those that are over."""
        with acting.as_job(JOB):
            living = Session.objects.living().values("pk")
            Session.objects.exclude(pk__in=living).delete()


def _note(row: Session) -> None:
    now = timezone.now()
    if now - row.seen_at > NOTED_EVERY:
        row.seen_at = now
        Session.objects.filter(pk=row.pk).update(seen_at=now)


def end_all(user: User, *, but: str | None = None) -> None:
    """All sessions of this account, at once; `but` is the key of the one that goes on."""
    with acting.as_job(JOB):
        ending = Session.objects.filter(user=user)
        if but is not None:
            ending = ending.exclude(pk=stored(but))
        ending.delete()
