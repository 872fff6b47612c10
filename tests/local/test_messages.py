"""Messages are found in Python and in templates, kept when the source moves, and checked."""

from pathlib import Path

import pytest

from victimcare.local import messages

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
A = _("Open a case")
B = pgettext("verb", "Refer")
C = _("Hello "
      "%(name)s")
def f(n):
    return ngettext("%(n)d case", "%(n)d cases", n)
"""
TEMPLATE = '''
{% load i18n %}
    <p title="{% translate "It's here" %}">(( ' """
  {% translate 'Save' context "button" %} {{ x|default:_("None yet") }}
{% blocktranslate trimmed count n=x %}
     One "file" of {{ n }}
{% plural %}
  {{ n }} files
{% endblocktranslate %}
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    templates = tmp_path / "cases" / "templates" / "cases"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(TEMPLATE)
    (tmp_path / "cases" / "models.py").write_text(PYTHON)
    return tmp_path


def _translate(root: Path, replacements: dict[str, str]) -> None:
    for language in messages.LANGUAGES:
        path = messages.po_file(language, root)
        text = path.read_text()
        for old, new in replacements.items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)


def test_messages_are_found_in_python_and_templates(checkout: Path) -> None:
    found = messages.found_in_source(checkout)
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in found if message.id}
    assert ids == {
        "Open a case", "Refer", "Hello %(name)s", "%(n)d case",
        "It's here", "Save", "None yet", 'One "file" of %(n)s',
    }  # fmt: skip
    assert found.get("Save", "button") is not None
    assert found.get("Save") is None


def test_extracting_keeps_translations_and_drops_what_is_gone(checkout: Path) -> None:
    messages.extract_all(checkout)
    _translate(checkout, {'msgid "Open a case"\nmsgstr ""': 'msgid "Open a case"\nmsgstr "Abrir"'})
    source = checkout / "cases" / "models.py"
    source.write_text(source.read_text().replace('"Refer"', '"Send"'))
    messages.extract_all(checkout)
    text = messages.po_file("es", checkout).read_text()
    assert 'msgstr "Abrir"' in text
    assert "Refer" not in text
    assert "#:" not in text


def test_extracting_twice_changes_nothing(checkout: Path) -> None:
    messages.extract_all(checkout)
    before = messages.po_file("fr", checkout).read_bytes()
    messages.extract_all(checkout)
    assert messages.po_file("fr", checkout).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Refer"\nmsgstr ""', 'msgid "Refer"\nmsgstr ""', "not translated: 'Refer'"),
        ('msgid "Refer"\nmsgstr ""', '#, fuzzy\nmsgid "Refer"\nmsgstr "x"', "fuzzy: 'Refer'"),
        (
            'msgid "Hello %(name)s"\nmsgstr ""',
            'msgid "Hello %(name)s"\nmsgstr "Hola %(nombre)s"',
            "placeholders differ: 'Hello %(name)s'",
        ),
        ('msgid "Open a case"\n', 'msgid "Open the case"\n', "not extracted: 'Open a case'"),
        ('msgid "Open a case"\n', 'msgid "Open the case"\n', "not in the source any more: 'Open the case'"),
    ],
)
def test_check_finds(checkout: Path, old: str, new: str, fault: str) -> None:
    messages.extract_all(checkout)
    # A flag stands before the context.
    if new.startswith("#, fuzzy"):
        old, new = (
            f'msgctxt "verb"\n{old}',
            f'#, fuzzy\nmsgctxt "verb"\n{new.removeprefix("#, fuzzy" + chr(10))}',
        )
    _translate(checkout, {old: new})
    assert f"es: {fault}" in list(messages.faults(checkout))


def test_complete_catalogue_has_no_faults_and_compiles(checkout: Path) -> None:
    for path in (checkout / "cases").rglob("*.*"):
        path.unlink()
    (checkout / "cases" / "models.py").write_text('_("Open a case")\nngettext("one", "%(n)d", n)\n')
    messages.extract_all(checkout)
    _translate(checkout, {
        'msgid "Open a case"\nmsgstr ""': 'msgid "Open a case"\nmsgstr "Abrir"',
        'msgstr[0] ""\nmsgstr[1] ""': 'msgstr[0] "uno"\nmsgstr[1] "%(n)d"',
    })  # fmt: skip
    assert list(messages.faults(checkout)) == []
    messages.compile_all(checkout)
    compiled = messages.po_file("pt_BR", checkout).with_suffix(".mo")
    assert b"Abrir" in compiled.read_bytes()
    before = compiled.stat().st_mtime_ns
    messages.compile_all(checkout)
    assert compiled.stat().st_mtime_ns == before
