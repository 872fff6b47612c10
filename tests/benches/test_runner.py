"""The load runner fills forms as a browser does, judges what it measured, and draws a picture that can be
read without seeing it.
"""

from xml.etree import ElementTree

from benchmarks import drawing, forms, growth, results, targets

PAGE = """
<form method="post" action="/language/"><input name="language" value="es"></form>
<form method="post" action="#results">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc">
  <input type="radio" name="kind" value="contact"><input type="radio" name="kind" value="work" checked>
  <input type="checkbox" name="counsels">
  <select name="urgency"><option value="routine">R</option><option value="high" selected>H</option></select>
  <select name="team"><option value="7">North</option><option value="8">South</option></select>
  <textarea name="text"></textarea>
</form>
"""
FIGURES = {"app_cpu_ms": 6.0, "db_cpu_ms": 4.0}


def run(cases: int, cpu: float) -> dict:
    return {
        "cases": cases,
        "pages": {"home": {"app_cpu_ms": cpu, "db_cpu_ms": 0}},
        "floors": {"empty": FIGURES},
    }


def test_a_form_is_filled_with_what_the_page_holds() -> None:
    assert forms.fields_of(PAGE, "/cases/") == {
        "csrfmiddlewaretoken": "abc", "kind": "work", "urgency": "high", "team": "7", "text": "",
    }  # fmt: skip


def test_growth_of_more_than_a_third_is_not_reached() -> None:
    assert [one.word for one in growth.verdicts([run(10, 10), run(100, 13)])] == [targets.OK]
    assert [one.word for one in growth.verdicts([run(10, 10), run(100, 13.1)])] == [targets.NOT_REACHED]


def test_picture_says_its_figures() -> None:
    drawn = ElementTree.fromstring(drawing.svg("CPU", [10, 100], {"home": [1.0, 2.0], "case": [3.0, 4.0]}))  # noqa: S314  # drawn by ourselves
    title, said = drawn[0], drawn[1]
    assert title.text == "CPU"
    assert said.text == "At 10 and 100 cases: home 1.0 to 2.0 ms; case 3.0 to 4.0 ms."


def test_table_has_a_line_for_each_row() -> None:
    assert results.table(("page", "ms"), [("home", "1"), ("case", "12")]).splitlines() == [
        "| page | ms |", "|------|---:|", "| home |  1 |", "| case | 12 |",
    ]  # fmt: skip
