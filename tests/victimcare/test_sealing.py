"""Seals: what was changed, taken out, moved or put in is found and named: in an export, and in the log."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case
from tests import factories
from victimcare import audit
from victimcare.models import AccessEntry, Seal, SealingKey, UnsealedEntry
from victimcare.models.logs import Action
from victimcare.sealing import checking, exporting, rows, sealing
from victimcare.sealing.verify import Broken, Verification, canonical, fingerprint, main


def read(world: factories.World, times: int = 1, user=None) -> list[AccessEntry]:
    known = set(AccessEntry.objects.values_list("pk", flat=True))
    for _ in range(times):
        audit.record(Action.READ, world.case, by=user or world.caseworker)
    return list(AccessEntry.objects.exclude(pk__in=known))


@pytest.fixture
def sealed(world) -> factories.World:
    """Two chains; Argentina's has three seals of two lines each."""
    assert world.case
    sealing.seal_all()
    for _ in range(3):
        read(world, 2)
        sealing.seal_all()
    audit.record(Action.READ, factories.case(world.team_br), by=world.caseworker_br)
    sealing.seal_all()
    return world


def exported(*chains: str) -> list[bytes]:
    return list(exporting.lines(chains or exporting.chains(), exporting.Counted()))


def trusted() -> list[str]:
    return checking.own_keys()


def test_each_new_line_waits_for_its_seal_and_is_sealed_once(world):
    entries = read(world, 3)
    audit.record_many(Action.LIST, [world.case, world.case], by=world.caseworker, kinds=["identity"])
    assert UnsealedEntry.objects.count() == AccessEntry.objects.count() == 5
    done = sealing.seal_all()
    assert (done.rows, done.seals) == (5, 1)
    assert not UnsealedEntry.objects.exists()
    seal = Seal.objects.get()
    assert (seal.chain, seal.number, seal.count) == ("AR", 1, 5)
    assert seal.entries[:3] == [entry.pk for entry in entries]
    assert sealing.seal_all().seals == 0


def test_each_member_state_has_a_chain_and_lines_without_a_place_have_one(sealed):
    audit.record(Action.REFUSED, Case, by=None, rows=0)
    sealing.seal_all()
    assert set(Seal.objects.values_list("chain", flat=True)) == {"AR", "BR", ""}
    numbers = Seal.objects.filter(chain="AR").order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]
    for chain in Verification(trusted()).run(exported()):
        assert chain.number == chain.header["last"]


def test_a_batch_is_bounded(world):
    read(world, 5)
    assert sealing.seal_all(batch=2).seals == 3
    assert list(Seal.objects.order_by("number").values_list("count", flat=True)) == [2, 2, 1]


def test_a_line_that_is_rolled_back_waits_for_no_seal(world):
    with transaction.atomic():
        read(world)
        transaction.set_rollback(True)
    assert UnsealedEntry.objects.count() == AccessEntry.objects.count()


def test_the_digest_covers_every_column(world):
    columns = {field.column.removesuffix("_id") for field in AccessEntry._meta.concrete_fields}
    assert {name.removesuffix("_id") for name in rows.COLUMNS} == columns
    entry = read(world)[0]
    told = json.loads(rows.of_ids([entry.pk])[entry.pk])
    assert told["subject_key_id"] == str(world.case.subject_key_id)
    assert (told["kinds"], told["rows"], told["at"]) == ([], 1, f"{entry.at:%Y-%m-%dT%H:%M:%S.%f}Z")


@pytest.mark.parametrize("table", ["victimcare_seal", "victimcare_sealingkey"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = gen_random_uuid()"])
@pytest.mark.parametrize("role", ["application", "owner"])
def test_seals_and_their_keys_are_only_added_to(sealed, as_owner, table, statement, role):
    acting = as_owner() if role == "owner" else nullcontext()
    with acting, pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_the_private_key_is_wrapped_and_the_signature_is_of_the_public_one(sealed):
    key = SealingKey.objects.get()
    seal = Seal.objects.filter(chain="BR").get()
    assert bytes(key.public) not in bytes(key.wrapped)
    assert seal.key == key
    assert trusted() == [bytes(key.public).hex()]


# -- An export that somebody worked on -----------------------------------------------------------------------

Tampering = Callable[[list[bytes]], list[bytes]]


def at(kind: str, number: int = 0) -> Callable[[list[bytes]], int]:
    def place(lines: list[bytes]) -> int:
        found = [index for index, line in enumerate(lines) if line.startswith(b'{"' + kind.encode())]
        return found[number]

    return place


def changed(line: bytes, **values: object) -> bytes:
    [(kind, told)] = json.loads(line).items()
    return canonical({kind: told | values}) + b"\n"


def altered(lines: list[bytes]) -> list[bytes]:
    place = at("row", 2)(lines)
    return [*lines[:place], changed(lines[place], action="list"), *lines[place + 1 :]]


def taken_out(lines: list[bytes]) -> list[bytes]:
    place = at("row", 2)(lines)
    return lines[:place] + lines[place + 1 :]


def last_row_taken_out(lines: list[bytes]) -> list[bytes]:
    return lines[: at("row", -1)(lines)]


def moved(lines: list[bytes]) -> list[bytes]:
    place = at("row", 2)(lines)
    return [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]


def put_in(lines: list[bytes]) -> list[bytes]:
    place = at("row", 2)(lines)
    new = changed(lines[place], id="00000000-0000-4000-8000-000000000000")
    return [*lines[:place], new, *lines[place:]]


def put_in_twice(lines: list[bytes]) -> list[bytes]:
    place = at("row", 3)(lines)
    return [*lines[:place], lines[place - 1], *lines[place:]]


def seal_altered(lines: list[bytes]) -> list[bytes]:
    place = at("seal", 1)(lines)
    return [*lines[:place], changed(lines[place], sealed_at="2020-01-01"), *lines[place + 1 :]]


def seal_signed_by_nobody(lines: list[bytes]) -> list[bytes]:
    place = at("seal", 1)(lines)
    return [*lines[:place], changed(lines[place], signature="00" * 64), *lines[place + 1 :]]


def seal_taken_out(lines: list[bytes]) -> list[bytes]:
    return lines[: at("seal", 1)(lines)] + lines[at("seal", 2)(lines) :]


def seals_swapped(lines: list[bytes]) -> list[bytes]:
    one, two = at("seal", 1)(lines), at("seal", 2)(lines)
    return [*lines[:one], *lines[two:], *lines[one:two]]


def end_taken_off(lines: list[bytes]) -> list[bytes]:
    return lines[: at("seal", 2)(lines)]


def end_taken_off_and_header_altered(lines: list[bytes]) -> list[bytes]:
    return [changed(lines[0], last=2), *lines[1 : at("seal", 2)(lines)]]


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        (altered, "was altered"),
        (taken_out, "is missing"),
        (last_row_taken_out, "is missing"),
        (moved, "was moved"),
        (put_in, "was added"),
        (put_in_twice, "a second time"),
        (seal_altered, "seal broken"),
        (seal_signed_by_nobody, "signature wrong"),
        (seal_taken_out, "chain gap"),
        (seals_swapped, "chain gap"),
        (end_taken_off, "chain gap"),
        (end_taken_off_and_header_altered, "signature is wrong"),
    ],
)
def test_what_was_done_to_an_export_is_named(sealed, tampering, said):
    lines = exported("AR")
    Verification(trusted()).run(lines)
    with pytest.raises(Broken, match=said):
        Verification(trusted()).run(tampering(lines))


def test_the_first_bad_row_is_named_with_its_line_and_id(sealed):
    lines = exported("AR")
    place = at("row", 2)(lines)
    entry = json.loads(lines[place])["row"]["id"]
    with pytest.raises(Broken, match=f"^Line {place + 1}: row {entry} in seal 2 of chain AR was altered.$"):
        Verification(trusted()).run(altered(lines))


def test_another_key_is_not_believed(sealed):
    with pytest.raises(Broken, match="signature is wrong"):
        Verification(["ab" * 32]).run(exported("AR"))


@pytest.mark.parametrize(
    "lines", [[], [b"\n"], [b"{}"], [b"[1]"], [b'{"seal":{}}'], [b'{"row":{}}'], [b"\xff"]]
)
def test_what_is_no_export_is_refused_in_one_sentence(lines):
    with pytest.raises(Broken, match=r"^Line 1: "):
        Verification().run(lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_tampering_passes(export_of_three_seals, data):
    """Any line taken out, doubled, swapped with another or changed in one value is found."""
    lines, keys = export_of_three_seals
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1).filter(lambda number: number != place))
    worked_on = list(lines)
    match data.draw(st.sampled_from(["out", "double", "swap", "change", "cut"])):
        case "out":
            del worked_on[place]
        case "double":
            worked_on.insert(other, worked_on[place])
        case "swap":
            worked_on[place], worked_on[other] = worked_on[other], worked_on[place]
        case "change":
            worked_on[place] = with_one_value_changed(worked_on[place], data)
        case _:
            del worked_on[place:]
    with pytest.raises(Broken):
        Verification(keys).run(worked_on)


def with_one_value_changed(line: bytes, data) -> bytes:
    [(kind, told)] = json.loads(line).items()
    name = data.draw(st.sampled_from(sorted(told)))
    value = told[name]
    if isinstance(value, str) and value:
        place = data.draw(st.integers(0, len(value) - 1))
        put = data.draw(
            st.sampled_from("0123456789abcdefxyz").filter(lambda one: one != value[place].lower())
        )
        told[name] = value[:place] + put + value[place + 1 :]
    elif isinstance(value, int):
        told[name] = value + data.draw(st.integers(1, 5))
    else:
        told[name] = ["identity", "risk", "something"]
    return canonical({kind: told}) + b"\n"


@pytest.fixture
def export_of_three_seals(sealed) -> tuple[list[bytes], list[str]]:
    return exported("AR"), trusted()


def test_an_export_from_the_middle_says_what_was_before(sealed, tmp_path, capsys):
    second = Seal.objects.get(chain="AR", number=2)
    lines = list(exporting.lines(["AR"], exporting.Counted(), since=second.sealed_at))
    header = json.loads(lines[0])["header"]
    assert (header["first"], header["last"]) == (2, 3)
    assert header["previous"] == bytes(second.previous).hex()
    path = tmp_path / "part"
    path.write_bytes(b"".join(lines))
    assert main([str(path)]) == 0
    assert "It begins after seal 1, whose hash is" in capsys.readouterr().out


# -- Commands ------------------------------------------------------------------------------------------------


def test_commands_seal_export_verify_and_check(sealed, tmp_path, capsys):
    read(sealed, 2)
    path = tmp_path / "export"
    call_command("audit", "seal")
    assert "Sealed 2 rows in 1 seals" in capsys.readouterr().out
    call_command("audit", "check")
    assert "In order" in capsys.readouterr().out
    call_command("audit", "export", str(path), "--state", "AR")
    assert fingerprint(trusted()[0]) in capsys.readouterr().out
    assert path.stat().st_mode & 0o777 == 0o600
    call_command("audit", "verify", str(path))
    told = capsys.readouterr().out
    assert "In order: chain AR, seals 1 to 4" in told
    assert fingerprint(trusted()[0]) in told
    assert AccessEntry.objects.filter(action=Action.EXPORT, object_label="victimcare.AccessEntry").exists()
    path.write_bytes(b"".join(moved(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(CommandError, match="was moved"):
        call_command("audit", "verify", str(path))


def test_the_check_of_a_file_stands_alone(sealed, tmp_path):
    """Neither Django nor the settings are loaded, and no database is asked."""
    path = tmp_path / "export"
    path.write_bytes(b"".join(exported("AR")))
    copied = tmp_path / "verify.py"
    copied.write_bytes(Path("victimcare/sealing/verify.py").read_bytes())
    environment = {"PATH": "/usr/bin:/bin"}
    asked = (
        f"import sys; sys.argv = ['verify', {str(path)!r}]; import runpy\n"
        f"try: runpy.run_path({str(copied)!r}, run_name='__main__')\n"
        "finally: assert not any(name.split('.')[0] == 'django' for name in sys.modules)"
    )
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    path.write_bytes(b"".join(altered(exported("AR"))))
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


# -- The living log ------------------------------------------------------------------------------------------


@contextmanager
def as_attacker(as_owner):
    """The owner of the tables, with the triggers off."""
    tables = ("victimcare_accessentry", "victimcare_seal", "victimcare_sealingkey")
    with as_owner(), connection.cursor() as cursor:
        for switch in ("DISABLE", "ENABLE"):
            # A pending check of a reference would keep the table from being altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} {switch} TRIGGER USER")
            if switch == "DISABLE":
                yield cursor


FIRST_OF_SECOND_SEAL = "(SELECT entries[1] FROM victimcare_seal WHERE chain = 'AR' AND number = 2)"
COPY = (
    "INSERT INTO victimcare_accessentry SELECT (copy).* FROM (SELECT jsonb_populate_record("
    "e, jsonb_build_object('id', gen_random_uuid(), 'at', now() - interval '1 hour')) AS copy"
    " FROM victimcare_accessentry e LIMIT 1) one"
)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"UPDATE victimcare_accessentry SET by_id = NULL WHERE id = {FIRST_OF_SECOND_SEAL}", "was altered"),
        (
            f"UPDATE victimcare_accessentry SET at = at - interval '1 day' WHERE id = {FIRST_OF_SECOND_SEAL}",
            "was altered",
        ),
        (
            f"UPDATE victimcare_accessentry SET member_state_id = 'BR' WHERE id = {FIRST_OF_SECOND_SEAL}",
            "altered",
        ),
        (f"DELETE FROM victimcare_accessentry WHERE id = {FIRST_OF_SECOND_SEAL}", "is missing"),
        (COPY, "was added"),
        ("DELETE FROM victimcare_seal WHERE chain = 'AR' AND number = 2", "chain gap"),
        ("UPDATE victimcare_seal SET number = number + 10 WHERE chain = 'AR' AND number = 3", "chain gap"),
        ("UPDATE victimcare_seal SET digests = sha256('x') || sha256('y') WHERE number = 2", "seal broken"),
        (
            "UPDATE victimcare_seal SET signature = sha256('x') || sha256('y') WHERE number = 2",
            "signature wrong",
        ),
        ("UPDATE victimcare_sealingkey SET public = sha256('x')", "was not made by this installation"),
    ],
)
def test_what_was_done_to_the_log_itself_is_named(sealed, as_owner, statement, said):
    assert checking.check().wrong == ""
    with as_attacker(as_owner) as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1
    assert said in checking.check().wrong


def test_a_line_taken_out_before_its_seal_is_missed(world, as_owner):
    entry = read(world, 2)[0]
    with as_attacker(as_owner) as cursor:
        cursor.execute("DELETE FROM victimcare_accessentry WHERE id = %s", [entry.pk])
    sealing.seal_all()
    assert f"Row {entry.pk} in seal 1 of chain AR is missing." in checking.check().wrong


def test_lines_that_wait_too_long_are_said(world, as_owner):
    read(world)
    assert checking.check().late == 0
    with as_attacker(as_owner) as cursor:
        cursor.execute("UPDATE victimcare_accessentry SET at = at - interval '5 minutes'")
    assert checking.check().late == 1
    with pytest.raises(CommandError, match="start the sealer"):
        call_command("audit", "check")
