"""Rules of the house that no reviewer should have to remember. Each guard is shown to be able to fail."""

import ast
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from victimcare.encryption.fields import EncryptedField
from victimcare.kinds import ADMINISTRATIVE, DataKind
from victimcare.models import Membership, Record, SubjectKey
from victimcare.models.base import EncryptedRecord, PersonalRecord
from victimcare.workflow import Workflow

ROOT = Path(__file__).parent.parent
APPS = ("victimcare", "certification", "cases", "referrals")
# Files through which somebody outside reads: here visible_to() is the only way to a record.
DOORS = ("views", "forms", "api", "tasks", "sections", "timeline", "search")
MANAGERS = {"objects", "_base_manager", "_default_manager", "history"}


def door_files() -> Iterator[Path]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            parts = path.relative_to(ROOT / app).with_suffix("").parts
            if any(part == door or part.endswith(f"_{door}") for part in parts for door in DOORS):
                yield path


def bare_reads(source: str) -> list[int]:
    """Lines on which a manager is used for anything but `.visible_to(...)`, or `.visible_in(...)` a case."""
    tree = ast.parse(source)
    allowed = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("visible_to", "visible_in")
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in allowed
    ]


@pytest.mark.parametrize("path", list(door_files()), ids=lambda path: str(path.relative_to(ROOT)))
def test_views_forms_api_and_tasks_read_through_visible_to_only(path):
    assert bare_reads(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "Case.objects.all()",
        "Case.objects.filter(pk=1)",
        "manager = Case.objects",
        "case._meta.model._default_manager.get(pk=1)",
        "person.history.all()",
    ],
)
def test_guard_of_reads_finds_what_is_planted(planted):
    assert bare_reads(planted) == [1]
    assert bare_reads("Case.objects.visible_to(user).filter(pk=1)") == []


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def unclassified(model: type[models.Model]) -> set[str]:
    """Own fields of a record that are neither encrypted nor classified in `clear_fields`."""
    inherited = {
        field.name
        for base in (Record, PersonalRecord, EncryptedRecord, Workflow)
        for field in base._meta.local_fields
    }
    own = {field.name for field in model._meta.concrete_fields if not isinstance(field, EncryptedField)}
    return own - inherited - set(model.clear_fields)  # type: ignore[attr-defined]  # a Record


def records() -> list[type[models.Model]]:
    return [model for model in own_models() if issubclass(model, Record)]


@pytest.mark.parametrize("model", records(), ids=lambda model: model._meta.label)
def test_every_field_is_classified(model):
    assert unclassified(model) == set()
    names = {field.name for field in model._meta.concrete_fields}
    assert set(model.clear_fields) <= names
    assert set(model.clear_fields.values()) <= {*DataKind.values, ADMINISTRATIVE}


def test_guard_of_classification_finds_what_is_planted():
    class Planted(Record):
        nickname = models.CharField(max_length=10)

        class Meta:
            abstract = True

    assert "nickname" not in Planted.clear_fields
    assert unclassified(_concrete(Planted)) == {"nickname"}


def _concrete(abstract: type[Record]) -> type[Record]:
    """A stand-in with the interface that the guard reads, so that no model is registered by a test."""

    class Standin:
        clear_fields = abstract.clear_fields

        class _meta:  # noqa: N801  # the name is Django's
            concrete_fields = abstract._meta.local_fields + Record._meta.local_fields

    return Standin  # type: ignore[return-value]  # what the guard reads of it


@pytest.mark.parametrize("model", records(), ids=lambda model: model._meta.label)
def test_encrypted_fields_have_a_key_and_a_history(model):
    if any(isinstance(field, EncryptedField) for field in model._meta.concrete_fields):
        assert model._meta.get_field("subject_key").related_model is SubjectKey
        assert issubclass(model, EncryptedRecord)
        assert hasattr(model, "history")


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_a_time_says_who(model):
    """`x_at` always comes with `x_by` (design section 6)."""
    names = {field.name for field in model._meta.concrete_fields}
    alone = {"created_at", "started_at", "places_counted_at", "sealed_at", "stepped_at"}
    # Of a notification: by its recipient, or by the installation.
    alone |= {"made_at", "read_at", "mailed_at"}
    # Nobody brings these about: they are times of a clock, or of the row's own `user`.
    alone |= {"expires_at", "seen_at", "used_at", "next_at", "last_at"}
    assert {
        name for name in names - alone if name.endswith("_at") and f"{name[:-3]}_by" not in names
    } == set()


# `created_by` is nobody where the installation itself made the record: a command, the importer.
NOBODY_MAY = {"created"}


def unpaired(model: type[models.Model]) -> set[str]:
    """Stamps of which the database would take the time without the person, or the person without the time."""
    names = {field.name for field in model._meta.concrete_fields}
    stamps = {name[:-3] for name in names if name.endswith("_at") and f"{name[:-3]}_by" in names}
    checks = [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]
    asked = [set(fields_of(check.condition)) for check in checks]
    paired = {stamp for stamp in stamps if any({f"{stamp}_at", f"{stamp}_by"} <= fields for fields in asked)}
    return stamps - NOBODY_MAY - paired


def fields_of(condition: models.Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from fields_of(child)
        else:
            yield child[0].split("__")[0]


@pytest.mark.parametrize(
    "model",
    # A history row repeats what its record was allowed to be.
    [one for one in apps.get_app_config("victimcare").get_models() if not hasattr(one, "tracked_fields")],
    ids=lambda model: model._meta.label,
)
def test_the_database_knows_that_a_time_says_who(model):
    assert unpaired(model) == set()


def test_guard_of_pairs_finds_what_is_planted():
    class _meta:  # noqa: N801  # the name is Django's
        concrete_fields = Membership._meta.concrete_fields
        constraints = [one for one in Membership._meta.constraints if "retired" not in one.name]

    assert unpaired(type("Standin", (), {"_meta": _meta})) == {"retired"}


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_nothing_about_a_person_goes_when_something_else_goes(model):
    """PROTECT everywhere; only a grant goes with its record."""
    for field in model._meta.concrete_fields:
        if field.remote_field and field.remote_field.on_delete is models.CASCADE:
            assert model._meta.label == "cases.CaseGrant"


# -- Grants are written by actions only ----------------------------------------------------------------------

# `access.py` is the only module that knows guardian; everybody else writes grants through it.
WRITERS = ("grant", "withdraw")


def product_sources() -> Iterator[tuple[str, str]]:
    """Every module of the product that is no action: where it is, and what it says."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT)
            if not {"actions", "migrations"} & set(place.parts) and str(place) != "victimcare/access.py":
                yield str(place), path.read_text(encoding="utf-8")


def grant_writes(source: str) -> list[int]:
    """Lines that write a grant, or could: a call of a writer, or a manager of the grants themselves."""
    found = [node.lineno for node in ast.walk(ast.parse(source)) if _writes_a_grant(node)]
    return sorted(set(found))


def _writes_a_grant(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom) and node.module == "victimcare.access":
        return any(one.name in WRITERS for one in node.names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "CaseGrant"
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value.id if isinstance(node.value, ast.Name) else ""
    return (
        (owner == "access" and node.attr in WRITERS)
        or (owner == "CaseGrant" and node.attr in MANAGERS)
        or node.attr == "grants"
    )


def test_grants_are_written_by_actions_only():
    assert {place: lines for place, source in product_sources() if (lines := grant_writes(source))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "access.grant(CaseGrant, user, WORK, case)",
        "access.withdraw(CaseGrant, user, WORK, case)",
        "write = access.grant",
        "from victimcare.access import grant",
        "CaseGrant.objects.create(user=user)",
        "CaseGrant(user=user, content_object=case).save()",
        "case.grants.all().delete()",
    ],
)
def test_guard_of_grants_finds_what_is_planted(planted):
    assert grant_writes(planted) == [1]
    assert grant_writes("access.granted(CaseGrant, user, WORK)") == []


def test_guard_of_grants_looks_at_the_whole_product():
    places = {place for place, _source in product_sources()}
    assert {"cases/views/assignments.py", "referrals/receivers.py", "victimcare/members/views.py"} <= places
    assert any(grant_writes((ROOT / "cases/actions/assignments.py").read_text(encoding="utf-8")) or [])


def refusals(kind: type[ValidationError]) -> Iterator[type[ValidationError]]:
    """What the actions raise without being told anything."""
    for one in kind.__subclasses__():
        yield from refusals(one)
        if one.__module__.split(".")[0] in APPS and len(signature(one.__init__).parameters) == 1:
            yield one


@pytest.mark.parametrize("kind", sorted(refusals(ValidationError), key=str), ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_code(kind):
    """Also where it stands beside a field: there Django drops the code of the whole."""
    refusal = kind()
    if hasattr(refusal, "error_dict"):
        errors = [error for at_field in refusal.error_dict.values() for error in at_field]
    else:
        errors = refusal.error_list
    assert [error for error in errors if not error.code] == []
