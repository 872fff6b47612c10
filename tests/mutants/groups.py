"""Which modules are mutated together, which tests judge them, and how many mutants these have to notice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from victimcare.local.places import CHECKOUT


@dataclass(frozen=True, slots=True)
class Group:
    """Patterns of modules, names of files of tests, and the part that has to be noticed, in per cent."""

    patterns: str
    tests: str
    least: int

    def modules(self) -> Iterator[Path]:
        for pattern in self.patterns.split():
            yield from (path.relative_to(CHECKOUT) for path in sorted(CHECKOUT.glob(pattern)))

    def files(self) -> list[str]:
        return [f"tests/{name}.py" for name in self.tests.split()]


GROUPS = {
    "encryption": Group(
        "victimcare/encryption/*.py",
        """victimcare/test_encryption victimcare/test_keys victimcare/test_key_status victimcare/test_roots
        victimcare/test_stored_format victimcare/test_dates victimcare/test_tampering victimcare/test_records
        victimcare/test_sign_in victimcare/test_keyring victimcare/test_fields victimcare/test_checking
        victimcare/test_renewal victimcare/test_rotation victimcare/test_streams cases/test_documents_keys
        cases/test_replay cases/test_erasures
        cases/test_search""",
        90,
    ),
    "workflow": Group(
        "victimcare/workflow.py",
        "victimcare/test_workflow victimcare/test_logs cases/test_closure referrals/test_loop",
        90,
    ),
    "consent": Group(
        """cases/actions/consents.py cases/models/consents.py cases/forms/consents.py
        referrals/packets.py""",
        """cases/test_consents referrals/test_packets referrals/test_sending referrals/test_counselling
        referrals/test_loop referrals/test_erasures""",
        90,
    ),
    "access": Group(
        "*/access.py victimcare/acting.py victimcare/scope.py",
        """victimcare/test_access victimcare/test_access_tables victimcare/test_acting
        victimcare/test_members victimcare/test_tasks cases/test_grants cases/test_assignments
        cases/test_departures cases/test_documents cases/test_emergencies cases/test_counselling
        referrals/test_counselling referrals/test_sending walls/test_scope""",
        80,
    ),
}
