"""A form of changes that came too late: it is shown again, with what somebody else stored meanwhile.

A field that the user did not touch takes what is stored; in the others their own words stay, beside it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from victimcare.records import Stale


def compared(late: Any, stale: Stale, make: Callable[..., Any]) -> Any:
    """The form to show instead of `late`; `make(initial=…)` makes it of the record as it is stored."""
    sent = late.values()
    mine = {
        name: value for name, value in sent.items() if _was_touched(late.fields[name], name, value, stale)
    }
    form = make(initial=mine)
    form.cleaned_data = {}  # nothing of it was sent; Django wants it to be there before an error is added
    form.add_error(None, stale)
    for name, value in sent.items():
        stored = getattr(stale.stored, name)
        if _differ(late.fields[name], stored, value):
            form.add_error(name, _now_stored(form.fields[name], stored) if name in mine else _taken_over())
    return form


def _was_touched(field: forms.Field, name: str, value: Any, stale: Stale) -> bool:
    """Where it is not known what the user saw, every word counts as theirs."""
    return stale.seen is None or _differ(field, getattr(stale.seen, name), value)


def _differ(field: forms.Field, one: Any, other: Any) -> bool:
    """They look different in the form: an age that was told on another day does not."""
    return bool(field.prepare_value(one) != field.prepare_value(other))


def _taken_over() -> str:
    return _("Somebody else changed this. It is shown as it is stored now.")


def _now_stored(field: forms.Field, stored: Any) -> str:
    return _("Now stored: %(words)s") % {"words": _words(field, stored) or _("nothing")}


def _words(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = dict(_flat(choices))
        codes = value if isinstance(value, list) else [value]
        return ", ".join(capfirst(str(labels.get(code, code)).strip()) for code in codes if code)
    shown = field.prepare_value(value)
    return "" if shown is None else str(shown)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value, label
