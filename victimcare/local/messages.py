"""Messages without GNU gettext, which a bare machine lacks: `extract`, `check` and `compile`.

Usage: python -m victimcare.local.messages extract|check|compile

- extract writes locale/<language>/LC_MESSAGES/django.po, keeping translations
- check fails unless every catalogue is complete, without fuzzy ones, and in step with the source
- compile writes the .mo files that Django reads

The .po files hold no line numbers, no true dates and no obsolete messages, and are sorted: a change
stays small.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from victimcare.local.places import CHECKOUT
from victimcare.local.problems import run_main

LANGUAGES = ("es", "pt_BR", "fr")
APPS = ("victimcare", "certification", "cases", "referrals")
# Of our own set-up nothing is shown in a page.
NOT_TRANSLATED = ("victimcare/local/",)
WIDTH = 110
# Babel writes a date into each file; a fixed one, so that extracting twice changes nothing.
DATE = datetime(2026, 1, 1, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

_PLAIN, _PLURAL, _CONTEXT, _CONTEXT_PLURAL = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _CONTEXT_PLURAL),
}


def po_file(language: str, root: Path = CHECKOUT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def found_in_source(root: Path = CHECKOUT) -> Catalog:
    """Every message of the apps' Python files and templates."""
    catalog = Catalog()
    for app in APPS:
        for path in sorted((root / app).rglob("*")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(NOT_TRANSLATED):
                _add_messages(catalog, path)
    return catalog


def _add_messages(catalog: Catalog, path: Path) -> None:
    if path.suffix == ".py":
        source = path.read_text(encoding="utf-8")
    elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
        # Django turns a template into calls of gettext; in brackets its indentation means nothing to Python.
        source = f"(\n{templatize(path.read_text(encoding='utf-8'), origin=str(path))}\n)"
    else:
        return
    found = extract("python", io.BytesIO(source.encode()), KEYWORDS, comment_tags=("Translators",))
    for _line, message, comments, context in found:
        catalog.add(message, auto_comments=comments, context=context)


def merged(language: str, source: Catalog, old: Catalog) -> Catalog:
    """The messages of the source with the translations that `old` has for exactly them."""
    catalog = Catalog(
        locale=language, project="VictimCare", version="1", copyright_holder="the VictimCare contributors",
        msgid_bugs_address="-", last_translator="the VictimCare contributors", language_team=language,
        creation_date=DATE, revision_date=DATE, fuzzy=False,
    )  # fmt: skip
    catalog.header_comment = "# VictimCare. Licence: Apache-2.0."
    for message in _messages(source):
        known = old.get(message.id, message.context)
        same = known is not None and known.pluralizable == message.pluralizable
        catalog.add(
            message.id,
            known.string if known is not None and same else None,
            auto_comments=message.auto_comments,
            context=message.context,
        )
    return catalog


def extract_all(root: Path = CHECKOUT) -> None:
    source = found_in_source(root)
    for language in LANGUAGES:
        path = po_file(language, root)
        path.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        catalog = merged(language, source, read(path, language))
        write_po(buffer, catalog, width=WIDTH, no_location=True, sort_output=True, ignore_obsolete=True)
        path.write_bytes(buffer.getvalue())
        empty = sum(map(_is_empty, _messages(catalog)))
        print(f"{path.relative_to(root)}: {len(catalog)} messages, {empty} to translate")


def compile_all(root: Path = CHECKOUT) -> None:
    """Only files that change are written, so that a server that is running is not disturbed."""
    for path in sorted((root / "locale").glob("*/LC_MESSAGES/django.po")):
        buffer = io.BytesIO()
        write_mo(buffer, read(path, path.parts[-3]))
        target = path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != buffer.getvalue():
            target.write_bytes(buffer.getvalue())


def faults(root: Path = CHECKOUT) -> Iterator[str]:
    """What keeps the translations from being complete and in step with the source."""
    source = found_in_source(root)
    for language in LANGUAGES:
        catalog = read(po_file(language, root), language)
        for message in _messages(source):
            known = catalog.get(message.id, message.context)
            if known is None:
                yield f"{language}: not extracted: {_shown(message)}"
            else:
                yield from (f"{language}: {fault}: {_shown(known)}" for fault in _faults_of(known))
        for message in _messages(catalog):
            if source.get(message.id, message.context) is None:
                yield f"{language}: not in the source any more: {_shown(message)}"


def read(path: Path, language: str) -> Catalog:
    """The catalogue in the file; an empty one if there is no file."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(catalog: Catalog) -> Iterator[Message]:
    """All but the header, whose id is empty."""
    return (message for message in catalog if message.id)


def _texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value or ""] if isinstance(value, str) or value is None else list(value)


def _is_empty(message: Message) -> bool:
    return not all(_texts(message.string))


def _faults_of(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield "fuzzy"
    if _is_empty(message):
        yield "not translated"
        return
    # A singular may write "one" in words; nothing else may lose or invent a placeholder.
    wanted = set().union(*(PLACEHOLDER.findall(text) for text in _texts(message.id)))
    for number, text in enumerate(_texts(message.string)):
        found = set(PLACEHOLDER.findall(text))
        if found - wanted or (wanted - found and not (message.pluralizable and number == 0)):
            yield "placeholders differ"


def _shown(message: Message) -> str:
    return repr(_texts(message.id)[0][:80])


def check_all(root: Path = CHECKOUT) -> int:
    found = list(faults(root))
    for fault in found:
        print(fault)
    if found:
        print(f"{len(found)} faults. `make messages` extracts; then translate what is empty.")
    return 1 if found else 0


def main() -> int:
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command == "check":
        return check_all()
    if command not in {"extract", "compile"}:
        print("Usage: python -m victimcare.local.messages extract|check|compile", file=sys.stderr)
        return 2
    if command == "extract":
        extract_all()
    compile_all()
    return 0


if __name__ == "__main__":
    run_main(main)
