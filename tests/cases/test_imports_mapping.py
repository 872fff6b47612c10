"""A mapping is checked before the first row, and reads values as it says."""

from pathlib import Path
from typing import Any

import pytest

from cases.imports import mapping_file, values
from cases.imports.mapping import Column, Mapping
from cases.imports.problems import ImportProblem, Unusable

GOOD: dict[str, Any] = {
    "enrolment": "victim",
    "status": "open",
    "columns": [{"header": "Day", "to": "case.opened_on", "required": True}],
}


def parse(**changes: Any) -> Mapping:
    return mapping_file.parse("own", {**GOOD, **changes})


def column(**entry: Any) -> Column:
    return parse(
        columns=[*GOOD["columns"], {"header": "H", **entry}], values={"v": {"Sí": "yes", "No": "no"}}
    ).columns[1]


@pytest.mark.parametrize("name", mapping_file.shipped())
def test_shipped_mapping_loads(name: str) -> None:
    assert mapping_file.load(name).columns


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"colums": []}, 'the key "colums"'),
        ({"columns": []}, r"no \[\[columns\]\]"),
        ({"columns": "Day"}, "value of the wrong kind"),
        ({"columns": ["Day"]}, "not a table"),
        ({"columns": [{"header": "Day", "to": "case.status"}]}, '"case.status", which does not exist'),
        ({"columns": [{"header": "Day", "to": "person.region"}]}, 'for "case.opened_on"'),
        ({"columns": [{"header": "E", "to": "background.edukation"}]}, "no such code list"),
        (
            {
                "columns": [{"header": "E", "to": "background.education", "values": "v"}],
                "values": {"v": {"P": "phd"}},
            },
            'gives "phd", which is not a code of "background.education"',
        ),
        ({"defaults": {"background.education": "phd"}}, 'The default of "background.education"'),
        (
            {"columns": [*GOOD["columns"], {"header": "F", "to": "substance2.frequency"}]},
            'a default, for "substance2.icd11_code"',
        ),
        ({"columns": [{**GOOD["columns"][0], "optional": True}]}, 'for "case.opened_on"'),
        (
            {
                "columns": [{"header": "G", "to": "person.gender", "values": "g"}],
                "values": {"g": {"SI": "woman", "sí": "man"}},
            },
            r'\[values.g\] has two codes for "sí"',
        ),
        (
            {"columns": [{"header": "G", "to": "person.gender", "values": "g"}], "values": {"g": {"F": ""}}},
            'gives "", which is not a code',
        ),
        ({"columns": [{"header": "Day"}]}, 'needs "header" and "to"'),
        (
            {"columns": [{"header": "Day", "to": "case.opened_on", "values": "days"}]},
            r"\[values.days\] is missing",
        ),
        (
            {"columns": [{"header": "Day", "to": "case.opened_on", "pattern": "("}]},
            "not a regular expression",
        ),
        ({"columns": [{"header": "Day", "to": "case.opened_on", "pattern": "a"}]}, "exactly one group"),
        ({"columns": [{"header": "Day", "to": "case.opened_on", "label": "Day"}]}, "only a text"),
        (
            {"columns": [{"header": "G", "to": "person.gender", "values": "g"}], "values": {"g": {"F": "f"}}},
            "not a code",
        ),
        ({"columns": [{"header": "P", "to": "incident.violence_types", "adds": "physical"}]}, '"adds"'),
        (
            {"columns": [{"header": "E", "to": "background.education", "label": "School"}]},
            "only a text can have",
        ),
        (
            {
                "columns": [
                    {"header": "Where", "to": "incident.place", "label": "Where"},
                    {"header": "Town", "to": "incident.place"},
                ]
            },
            '"Town" needs a "label"',
        ),
        ({"status": "closed"}, '"status" must be one of: intake, open'),
        ({"encodings": ["utf-9"]}, '"utf-9", which does not exist'),
        ({"encodings": ["base64"]}, '"base64", which does not exist'),
        ({"encodings": ["utf\0"]}, "which does not exist"),
        ({"delimiter": '"'}, "one character"),
        ({"delimiter": ""}, "one character"),
        ({"defaults": {"case.opened_on": "soon"}}, 'The default of "case.opened_on"'),
    ],
)
def test_wrong_mapping_is_refused_with_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImportProblem, match=sentence):
        parse(**changes)


@pytest.mark.parametrize(
    "form", ["%G-W%V-%u", "%x", "%Y-%Q", "%Y-%", "%d/%m", "%Y %d", "%Y-%M-%d", "%Y %Y", "soon", 2020]
)
def test_format_that_gives_no_date_is_refused(form: Any) -> None:
    with pytest.raises(ImportProblem, match="gives no date"):
        column(to="incident.occurred", formats=[form])


def test_mapping_with_a_name_too_long_is_refused() -> None:
    with pytest.raises(ImportProblem, match="longer than 60 characters: rename its file"):
        mapping_file.parse("x" * 61, GOOD)


def test_invalid_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("columns = [")

    with pytest.raises(ImportProblem, match=r"own\.toml is not valid TOML"):
        mapping_file.load(str(path))


@pytest.mark.parametrize("header", ["Fecha ", "fecha", "FECHA", "Fécha"])
def test_header_has_many_spellings(header: str) -> None:
    assert values.fold(header) == values.fold("fecha")


@pytest.mark.parametrize(
    ("text", "form", "read"),
    [
        ("31/12/2020", "%d/%m/%Y", "2020-12-31"),
        ("2020-366", "%Y-%j", "2020-12-31"),
        ("2020-12-31T10:05:00", "%Y-%m-%dT%H:%M:%S", "2020-12-31"),
        ("2020-05", "%Y-%m", "2020-05"),
        ("May 2020", "%B %Y", "2020-05"),
        ("may 20", "%b %y", "2020-05"),
        ("2020", "%Y", "2020"),
    ],
)
def test_date_is_as_precise_as_its_format(text: str, form: str, read: str) -> None:
    assert column(to="incident.occurred", formats=["%Y-%m-%d", form]).convert(text).text == read


@pytest.mark.parametrize("text", ["2020-13-01", "31.12.2020", "2999-01-01", "0209-01-01"])
def test_date_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        values.to_date(text, ("%Y-%m-%d",))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("31", 31, 31), ("31.0", 31, 31), ("21-24", 21, 24), ("21 a 24", 21, 24), ("65+", 65, 120)],
)
def test_age_may_be_a_range(text: str, low: int, high: int) -> None:
    assert values.to_age(text) == {"from": low, "to": high}


@pytest.mark.parametrize("text", ["130", "24-21", "-3", "many", "1.5"])
def test_age_that_nobody_has_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        values.to_age(text)


def test_value_that_is_not_listed_is_rejected_kept_or_skipped_as_the_mapping_says() -> None:
    with pytest.raises(Unusable, match="does not list"):
        column(to="person.country_of_birth", values="v").convert("Maybe")
    assert column(to="person.country_of_birth", values="v", unlisted="keep").convert("Maybe") == "Maybe"
    assert column(to="person.country_of_birth", values="v", unlisted="skip").convert("Maybe") is None


def test_yes_adds_a_code_and_no_adds_none() -> None:
    physical = column(to="incident.violence_types", values="v", adds="physical")

    assert physical.convert("SI") == ["physical"]
    assert physical.convert("no") == []


def test_pattern_that_finds_nothing_is_refused() -> None:
    with pytest.raises(Unusable, match="pattern"):
        column(to="person.surnames", pattern="a(b)?").convert("a")


def test_code_of_the_list_needs_no_values() -> None:
    assert column(to="person.gender").convert("woman") == "woman"
    with pytest.raises(Unusable, match="not a code"):
        column(to="person.gender").convert("W")


def test_reason_never_holds_the_value() -> None:
    with pytest.raises(Unusable) as caught:
        column(to="person.age").convert("Ximena")
    assert "Ximena" not in str(caught.value)
