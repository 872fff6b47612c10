"""Reference data that follows each migration."""

import json
from pathlib import Path
from typing import Any

from django.db import models

MEMBER_STATES = Path(__file__).parent / "data" / "member_states.json"


def load_member_states(**kwargs: Any) -> None:
    """Names and facts of the member states. What a state has set for itself is kept."""
    from victimcare.models import MemberState

    facts = json.loads(MEMBER_STATES.read_text(encoding="utf-8"))["members"]
    rows = [
        MemberState(
            code=fact["code"],
            names=fact["names"],
            languages=fact["official_languages"],
            calling_code=fact["calling_code"],
            identity_document=fact["identity_document"],
            identity_number_module=fact["identity_number_module"],
        )
        for fact in facts
    ]
    described = ["names", "languages", "calling_code", "identity_document", "identity_number_module"]
    states: models.QuerySet[MemberState] = models.QuerySet(MemberState)
    states.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=described)
