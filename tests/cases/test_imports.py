"""Importing a file: what becomes of its rows, what is refused, and that nothing is lost or done twice."""

import csv
import re
import stat
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from cases.forms.record import IncidentForm
from cases.imports import rejects, running, writing
from cases.models import Case, Enrolment, ImportedRow, Incident, Party, Person, SubstanceUse
from tests.factories import World, organization
from victimcare.models import AccessEntry, SubjectKey

SAMPLES = Path(__file__).parent / "samples"
LINE = SAMPLES / "line144.csv"
Import = Callable[..., str]


@pytest.fixture
def imports(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """`imports("linea144", file)` runs the command for the agency and gives what it said."""
    assert world.team
    monkeypatch.chdir(tmp_path)

    def run(mapping: str | Path, file: Path, *options: str, code: str = "agency") -> str:
        out = StringIO()
        call_command(
            "import_cases",
            str(mapping),
            str(file),
            *options,
            organization=code,
            stdout=out,
            stderr=StringIO(),
        )
        return out.getvalue()

    return run


def last_line(said: str) -> str:
    return said.strip().splitlines()[-1]


def line_rows() -> list[list[str]]:
    with LINE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def written(path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def own(folder: Path, *columns: tuple[str, str, str], top: str = "", tables: str = "") -> Path:
    """A mapping of one's own: a day, and columns by header, target and whatever else they say."""
    path = folder / "own.toml"
    every = (("Day", "case.opened_on", "required = true"), *columns)
    path.write_text(
        f'enrolment = "victim"\nstatus = "open"\n{top}\n'
        + "".join(f'[[columns]]\nheader = "{header}"\nto = "{to}"\n{more}\n' for header, to, more in every)
        + tables
    )
    return path


def with_results(path: Path, *rows: list[str]) -> Path:
    """A workbook as a spreadsheet program saves it: "=C2" with the result "Muñoz", other formulas with ""."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = re.sub(r'<c r="(\w+)"><f>', r'<c r="\1" t="str"><f>', parts["xl/worksheets/sheet1.xml"])
    # With lxml installed openpyxl writes an empty element in another way.
    parts["xl/worksheets/sheet1.xml"] = re.sub("<f>C2</f><v ?(/>|></v>)", "<f>C2</f><v>Muñoz</v>", sheet)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_import_makes_a_person_and_a_case_of_each_row(imports: Import) -> None:
    said = imports("linea144", LINE)

    assert last_line(said) == "imported=4 rejected=2 already=0 rows=6"
    assert Case.objects.count() == Person.objects.count() == ImportedRow.objects.count() == 4
    assert set(Enrolment.objects.values_list("kind", flat=True)) == {"victim"}


def test_import_puts_each_value_into_a_field_of_its_own(imports: Import) -> None:
    imports("linea144", LINE)
    case = Case.objects.filter(opened_on="2021-02-03").first()
    assert case is not None
    incident, party = case.incidents.get(), case.partys.get()

    assert (case.status, case.person.gender, case.person.region) == ("intake", "woman", "AR-X")
    assert case.person.age == {"from": 31, "to": 31, "on": "2021-02-03"}
    assert case.person.country_of_birth == "AR"
    assert incident.violence_types == ["physical", "psychological", "domestic"]
    assert incident.violence_settings == ["other"]
    assert (party.role, party.relationship, party.gender) == ("alleged_perpetrator", "ex_partner", "man")


def test_import_keeps_unknown_unknown(imports: Import) -> None:
    imports("linea144", LINE)
    case = Case.objects.get(opened_on="2021-02-04")

    assert (case.person.gender, case.person.region, case.person.age) == ("travesti", "", None)
    assert case.person.country_of_birth == "Arabe"
    assert not Case.objects.get(opened_on="2021-02-05").partys.exists()


def test_import_keeps_what_the_file_says_encrypted(imports: Import) -> None:
    imports("linea144", LINE)
    row = ImportedRow.objects.get(case__opened_on="2021-02-04")

    assert row.source["pais_nacimiento_persona_en_situacion_de_violencia"] == "Arabe"
    assert b"Arabe" not in row.__dict__["source"].blob


def test_import_writes_history_keys_and_log(imports: Import) -> None:
    imports("linea144", LINE)

    for model in (Person, Case, Enrolment, Incident, Party, ImportedRow):
        assert model.history.count() == model.objects.count()
    assert SubjectKey.objects.filter(pk__in=Person.objects.values("subject_key")).count() == 4
    created = AccessEntry.objects.filter(object_label="cases.Case", action="create")
    assert {entry.object_id for entry in created} == set(Case.objects.values_list("pk", flat=True))
    assert all({"identity", "incident"} <= set(entry.kinds) for entry in created)


def test_import_is_seen_by_the_supervisor_of_its_team_and_by_nobody_else(
    imports: Import, world: World
) -> None:
    imports("linea144", LINE)

    assert Case.objects.visible_to(world.supervisor).count() == 4
    for stranger in (world.caseworker, world.caseworker2, world.caseworker_shelter, world.admin):
        assert not Case.objects.visible_to(stranger).exists()


def test_import_twice_counts_every_row_as_imported_before(imports: Import) -> None:
    imports("linea144", LINE)

    assert last_line(imports("linea144", LINE)) == "imported=0 rejected=2 already=4 rows=6"
    assert Case.objects.count() == 4


def test_import_knows_rows_again_in_a_workbook_with_other_order_of_columns(
    imports: Import, tmp_path: Path
) -> None:
    imports("linea144", LINE)
    book = openpyxl.Workbook()
    for row in line_rows()[:5]:
        book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in reversed(row[:19])])
    book.save(tmp_path / "again.xlsx")

    assert last_line(imports("linea144", tmp_path / "again.xlsx")) == "imported=0 rejected=0 already=4 rows=4"


def test_byte_order_mark_before_a_quoted_header_is_no_part_of_it(imports: Import, tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(line_rows()[:5])

    assert last_line(imports("linea144", path)) == "imported=4 rejected=0 already=0 rows=4"


def test_formula_that_was_never_computed_rejects_its_row(imports: Import, tmp_path: Path) -> None:
    mapping = own(tmp_path, ("Name", "person.surnames", ""), ("Town", "incident.place", ""))
    book = openpyxl.Workbook()
    for row in (["Day", "Name", "Town"], ["2021-02-03", "=C2", "Salta"], ["2021-02-04", "", "Salta"]):
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    said = imports(mapping, tmp_path / "own.xlsx")

    assert last_line(said) == "imported=1 rejected=1 already=0 rows=2"
    assert "a formula without its result in column 2" in said
    assert ",'=C2,Salta" in (tmp_path / "own.rejected.csv").read_text()


def test_formula_that_was_computed_gives_its_result(imports: Import, tmp_path: Path) -> None:
    mapping = own(tmp_path, ("Name", "person.surnames", ""), ("Town", "incident.place", ""))
    path = with_results(tmp_path / "own.xlsx", ["Day", "Name", "Town"], ["2021-02-03", "=C2", '=""'])

    assert last_line(imports(mapping, path)) == "imported=1 rejected=0 already=0 rows=1"
    assert Person.objects.get().surnames == "Muñoz"
    assert not Incident.objects.exists()


def test_import_into_two_organisations_gives_other_tokens(imports: Import, world: World) -> None:
    assert world.shelter_team
    imports("linea144", LINE)
    imports("linea144", LINE, code="shelter")

    tokens = [bytes(token) for token in ImportedRow.objects.values_list("token", flat=True)]
    assert len(set(tokens)) == 8


def test_import_killed_between_batches_goes_on_where_it_was(
    imports: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    whole, calls = writing.write, []

    def dies_at_the_second(*given: Any) -> None:
        calls.append(given)
        whole(*given)
        if len(calls) == 2:
            raise MemoryError

    monkeypatch.setattr(running, "write", dies_at_the_second)
    with pytest.raises(MemoryError):
        imports("linea144", LINE)
    assert Case.objects.count() == Person.history.count() == 2

    assert last_line(imports("linea144", LINE)) == "imported=2 rejected=2 already=2 rows=6"


def test_dry_run_stores_nothing(imports: Import, tmp_path: Path) -> None:
    said = imports("linea144", LINE, "--dry-run")

    assert last_line(said) == "imported=4 rejected=2 already=0 rows=6"
    assert not Case.objects.exists()
    assert not SubjectKey.objects.exists()
    assert not list(tmp_path.iterdir())


def test_rejected_rows_stand_beside_their_reason_for_their_owner_only(
    imports: Import, tmp_path: Path
) -> None:
    said = imports("linea144", LINE)
    path = tmp_path / "line144.rejected.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, shifted, nonsense = csv.reader(file)

    assert header[:3] == ["line", "reason", "Fecha"]
    assert shifted[0] == "6"
    assert "21 values where the header names 20 columns" in shifted[1]
    assert shifted[2:] == [cell.strip() for cell in line_rows()[5]]
    assert nonsense[:2] == ["7", "edad_persona_en_situacion_de_violencia: not an age that a person can have"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "430" not in said


def test_treatment_admission_becomes_a_case_with_substances(imports: Import) -> None:
    said = imports("teds_a", SAMPLES / "treatment.csv")
    case = Case.objects.get()
    first, second = SubstanceUse.objects.order_by("rank")

    assert last_line(said) == "imported=1 rejected=1 already=0 rows=2"
    assert "The column RACE is not mapped" in said
    assert case.enrolments.get().kind == "drug_dependence"
    assert case.person.age == {"from": 65, "to": 120, "on": "2018"}
    assert case.person.background["labour-status"] == "retired_or_disabled"
    assert (first.icd11_code, first.route, first.frequency) == ("6C43", "injected", "daily")
    assert first.first_used_at_age == "30+"
    assert "Substance: Heroin" in first.details.splitlines()
    assert "Substance: Non-prescription methadone" in second.details.splitlines()


def test_columns_that_contradict_each_other_reject_the_row(imports: Import, tmp_path: Path) -> None:
    imports("teds_a", SAMPLES / "treatment.csv")

    assert "STUSAB: another column says something else" in (tmp_path / "treatment.rejected.csv").read_text()


def test_names_in_a_file_can_be_searched_for(imports: Import, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(
        'enrolment = "victim"\nstatus = "open"\ndelimiter = ";"\nencodings = ["latin-1"]\n'
        '[[columns]]\nheader = "Day"\nto = "case.opened_on"\nrequired = true\nformats = ["%d.%m.%Y"]\n'
        '[[columns]]\nheader = "Name"\nto = "person.surnames"\n'
        '[[columns]]\nheader = "Document"\nto = "person.identity_number"\n'
    )
    rows = [["DAY", "náme", "Document"], ["03.02.2021", "Muñoz Invented", "X-123"]]
    imports(mapping, written(tmp_path / "own.csv", rows, "latin-1", ";"))
    person = Person.objects.get()

    assert (person.surnames, person.identity_number) == ("Muñoz Invented", "X-123")
    assert len(person.tokens.tokens) == 5


def test_default_stands_beside_what_the_row_tells_of_the_background(imports: Import, tmp_path: Path) -> None:
    mapping = own(
        tmp_path,
        ("Work", "background.labour-status", ""),
        tables='[defaults]\n"background.education" = "secondary"\n',
    )
    rows = [["Day", "Work"], ["2021-02-03", "student"], ["2021-02-04", ""], ["2021-02-05", "astronaut"]]
    said = imports(mapping, written(tmp_path / "own.csv", rows))

    assert [case.person.background for case in Case.objects.order_by("opened_on")] == [
        {"labour-status": "student", "education": "secondary"},
        {"education": "secondary"},
    ]
    assert "Rejected 1: Work: not a code of the code list" in said


def test_text_longer_than_its_form_takes_rejects_the_row(imports: Import, tmp_path: Path) -> None:
    mapping = own(
        tmp_path,
        ("Name", "person.surnames", ""),
        ("Where", "incident.place", 'label = "Where"'),
        ("Town", "incident.place", 'label = "Town"'),
    )
    rows = [
        ["Day", "Name", "Where", "Town"],
        ["2021-02-03", "x" * 200, "y" * 240, "z" * 245],
        ["2021-02-03", "x" * 201, "", ""],
        ["2021-02-03", "", "y" * 240, "z" * 246],
    ]
    said = imports(mapping, written(tmp_path / "own.csv", rows))

    assert last_line(said) == "imported=1 rejected=2 already=0 rows=3"
    assert "Name: longer than the 200 characters that person.surnames can hold" in said
    assert "Town: longer than the 500 characters that incident.place can hold" in said
    assert IncidentForm.base_fields["place"].clean(Incident.objects.get().place.replace("\n", "\r\n"))


def test_substance_without_its_name_is_no_record(imports: Import, tmp_path: Path) -> None:
    mapping = own(tmp_path, ("Drug", "substance1.icd11_code", ""), ("How often", "substance1.frequency", ""))
    rows = [
        ["Day", "Drug", "How often"],
        ["2021-02-03", "6C43", "daily"],
        ["2021-02-03", "", "daily"],
        ["2021-02-03", "", ""],
    ]
    said = imports(mapping, written(tmp_path / "own.csv", rows))

    assert last_line(said) == "imported=2 rejected=1 already=0 rows=3"
    assert "Rejected 1: substance1.icd11_code: nothing is said, and a record needs it" in said
    assert SubstanceUse.objects.get().icd11_code == "6C43"


def test_two_columns_that_add_the_same_code_add_it_once(imports: Import, tmp_path: Path) -> None:
    more = 'values = "v"\nadds = "physical"'
    mapping = own(
        tmp_path,
        ("Hit", "incident.violence_types", more),
        ("Kicked", "incident.violence_types", more),
        tables='[values.v]\nx = "yes"\n',
    )
    imports(mapping, written(tmp_path / "own.csv", [["Day", "Hit", "Kicked"], ["2021-02-03", "x", "x"]]))

    assert Incident.objects.get().violence_types == ["physical"]


def test_labelled_columns_share_any_text(imports: Import, tmp_path: Path) -> None:
    mapping = own(
        tmp_path,
        ("Where", "incident.place", 'label = "Where"'),
        ("Town", "incident.place", 'label = "Town"'),
        ("Alias", "person.known_as", 'label = "Alias"'),
    )
    file = written(
        tmp_path / "own.csv",
        [["Day", "Where", "Town", "Alias"], ["2021-02-03", "Corner\nof two", "Salta", "X"]],
    )
    imports(mapping, file)
    incident = Incident.objects.get()

    assert incident.place == "Where: Corner\nof two\nTown: Salta"
    assert incident.case.person.known_as == "Alias: X"
    assert "values=4 differences=0" in checked(mapping, file)


# -- What is refused, in one clear sentence, before anything is stored ----------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        ("Fecha,prov\n2021-01-01,C\u00f3rdoba\n".encode("latin-1"), "is not written in utf-8"),
        (b"Fecha,prov\n2021-01-01,Salta\n", 'has no column "prov_residencia'),
        (LINE.read_bytes() + b'2021-02-07,"Salta,Mujer\n' + LINE.read_bytes(), "never closed"),
        (LINE.read_bytes() + b"2021-02-07,\0\n", "a zero byte"),
        (LINE.read_bytes() + b'2021-02-07,"Salta\n\0",Mujer\n', "a zero byte"),
        (b"PK\x03\x04 no workbook", "is not a readable workbook"),
        (LINE.read_bytes().replace(b"genero_de_la_persona_agresora", b"fecha"), 'two columns named "fecha"'),
    ],
)
def test_unreadable_file_is_refused_whole(
    imports: Import, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        imports("linea144", path)
    assert not Case.objects.exists()


def test_encodings_are_tried_in_turn(imports: Import, tmp_path: Path) -> None:
    mapping = own(tmp_path, ("Name", "person.surnames", ""), top='encodings = ["utf-16", "utf-8"]')
    rows = [["Day", "Name"], ["2021-02-03", "Muñoz"]]
    eight, sixteen = written(tmp_path / "8.csv", rows), written(tmp_path / "16.csv", rows, "utf-16")

    assert last_line(imports(mapping, eight)) == "imported=1 rejected=0 already=0 rows=1"
    assert last_line(imports(mapping, sixteen)) == "imported=0 rejected=0 already=1 rows=1"


def test_file_that_cannot_be_read_is_named(imports: Import, tmp_path: Path) -> None:
    (tmp_path / "round.csv").symlink_to("round.csv")

    with pytest.raises(CommandError, match=r"^round\.csv cannot be read: "):
        imports("linea144", tmp_path / "round.csv")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        imports("linea144", tmp_path)


def test_workbook_of_charts_only_is_refused(imports: Import, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("Chart").add_chart(openpyxl.chart.BarChart())
    book.remove(book.active)
    book.save(tmp_path / "chart.xlsx")

    with pytest.raises(CommandError, match=r"chart\.xlsx has no sheet\.$"):
        imports("linea144", tmp_path / "chart.xlsx")
    with pytest.raises(CommandError, match='has no sheet "Chart"'):
        imports(own(tmp_path, top='sheet = "Chart"'), tmp_path / "chart.xlsx")


def test_what_does_not_exist_is_named(imports: Import, world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        imports("linea144", tmp_path / "none.csv")
    with pytest.raises(CommandError, match="There is no mapping"):
        imports("line_145", LINE)
    with pytest.raises(CommandError, match="There is no organization"):
        imports("linea144", LINE, code="nowhere")
    with pytest.raises(CommandError, match="has no team"):
        imports("linea144", LINE, code=organization(is_agency=True).code)
    with pytest.raises(CommandError, match="does not open cases"):
        imports("linea144", LINE, code=world.clinic.code)


def test_rejects_are_never_written_over_the_file(imports: Import, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(LINE.read_bytes())

    with pytest.raises(CommandError, match="over the file"):
        imports("linea144", path, "--rejects", str(path))
    assert path.read_bytes() == LINE.read_bytes()


def test_rejects_are_opened_before_anything_is_stored(imports: Import, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written to"):
        imports("linea144", LINE, "--rejects", str(tmp_path / "none" / "rejects.csv"))
    assert not Case.objects.exists()


def test_rejects_are_never_written_over_another_file(imports: Import, tmp_path: Path) -> None:
    mapping = own(tmp_path)
    before = mapping.read_bytes()
    (tmp_path / "link.csv").symlink_to(mapping)

    with pytest.raises(CommandError, match="holds something else"):
        imports("linea144", LINE, "--rejects", str(mapping))
    with pytest.raises(CommandError, match="cannot be written to"):
        imports("linea144", LINE, "--rejects", str(tmp_path / "link.csv"))
    assert mapping.read_bytes() == before
    assert not Case.objects.exists()


def test_rejects_of_an_earlier_run_do_not_stay(imports: Import, tmp_path: Path) -> None:
    path = tmp_path / "line144.rejected.csv"
    imports("linea144", LINE)
    path.chmod(0o644)
    once = path.read_bytes()
    imports("linea144", LINE)
    assert path.read_bytes() == once
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    imports("linea144", written(tmp_path / "line144.csv", line_rows()[:5]))
    assert not path.exists()


def test_full_disk_is_told_in_one_sentence(
    imports: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects, "_open_private", lambda *given: Path("/dev/full").open("w"))  # noqa: SIM115  # closed as the real one

    with pytest.raises(CommandError, match="No space left on device"):
        imports("linea144", LINE)


# -- check_import ---------------------------------------------------------------------------------------


def checked(mapping: str | Path, file: Path, **options: Any) -> str:
    out = StringIO()
    call_command("check_import", str(mapping), str(file), organization="agency", stdout=out, **options)
    return out.getvalue()


def test_check_finds_every_value_again(imports: Import) -> None:
    imports("linea144", LINE)
    imports("teds_a", SAMPLES / "treatment.csv")

    assert "compared=4 values=72 differences=0" in checked("linea144", LINE)
    said = checked("teds_a", SAMPLES / "treatment.csv")
    assert "differences=0" in said
    assert "Not mapped: RACE" in said


def test_check_finds_a_changed_and_a_missing_record(imports: Import) -> None:
    with pytest.raises(CommandError, match="do not say what the file says"):
        checked("linea144", LINE)
    imports("linea144", LINE)
    person = Person.objects.exclude(region="").first()
    assert person is not None
    person.region = "AR-A"
    person.save()

    with pytest.raises(CommandError, match="do not say what the file says"):
        checked("linea144", LINE)


def test_check_looks_for_a_word_for_not_known_in_the_kept_row(imports: Import) -> None:
    imports("linea144", LINE)
    row = ImportedRow.objects.get(case__opened_on="2021-02-04")
    row.source = {**row.source, "prov_residencia_persona_en_situacion_violencia": "Salta"}
    row.save()

    with pytest.raises(CommandError, match="do not say what the file says"):
        checked("linea144", LINE)


def test_check_needs_something_to_compare(imports: Import, tmp_path: Path) -> None:
    imports("linea144", LINE)

    with pytest.raises(CommandError, match="at least 1"):
        checked("linea144", LINE, rows=-5)
    with pytest.raises(CommandError, match="Nothing was compared"):
        checked("linea144", written(tmp_path / "empty.csv", line_rows()[:1]))


def test_check_logs_the_kinds_of_data_that_it_reads(imports: Import) -> None:
    imports("linea144", LINE)
    imports("teds_a", SAMPLES / "treatment.csv")
    checked("linea144", LINE)
    checked("teds_a", SAMPLES / "treatment.csv")
    logged = AccessEntry.objects.filter(object_label="cases.Case", action="read")

    assert sorted(entry.kinds for entry in logged) == [
        *[["identity", "incident"]] * 4,
        ["identity", "incident", "substance"],
    ]
