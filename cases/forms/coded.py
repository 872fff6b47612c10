"""Fields of a code list: the model's validator says which one; the form offers its entries."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from victimcare import codelists, languages
from victimcare.codelists import CodeList, CodeValidator, Label
from victimcare.forms import ModelForm, NewRecordMixin, RevisionMixin
from victimcare.models import Record

INDENT = "\u2003"
NOT_KNOWN = ("", _("Not known"))
CHOOSE = ("", _("Choose"))
# Lists whose entries people know by number, with a tree worth showing.
TREES = frozenset({"iccs", "icd11-substances"})

Choice = tuple[str, Any]


class MarkedSelect(forms.Select):
    """A select in which an entry in another language than the page's says so: screen readers need it."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if isinstance(label, Label) and label.lang != languages.of_page():
            option["attrs"]["lang"] = label.lang
        return option


class CodedModelForm(ModelForm):
    """A form over a record whose coded fields offer their code lists, in the language of the page."""

    class Meta:
        @staticmethod
        def formfield_callback(field: Any, **kwargs: Any) -> forms.Field | None:
            return coded_field(field, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, CodedField):
                field.help_text = field.help_text or language_hint(codelists.get(field.list_id))
                keep_offered(field, getattr(self.instance, name))

    def values(self) -> dict[str, Any]:
        """What an action sets on the record."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class NewRecordForm(NewRecordMixin, CodedModelForm):
    """For a new record: sent twice, it makes one."""

    def record(self) -> Any:
        """The unsaved record, with the id that was signed into the form."""
        self.instance.pk = self.cleaned_data["record_id"]
        return self.instance


class ChangeForm(RevisionMixin, CodedModelForm):
    """For a change of a record: the revision that the user saw goes with it."""

    def __init__(self, *args: Any, instance: Record, initial: Any = None, **kwargs: Any) -> None:
        shown = (initial or {}) | {"revision": instance.revision}
        super().__init__(*args, instance=instance, initial=shown, **kwargs)


class CodedField:
    """Marks a choice field that offers a code list."""

    list_id: str


class CodeField(CodedField, forms.ChoiceField):
    """One code. The list is read when the form is made: its labels are in the language of the page."""

    widget = MarkedSelect

    def __init__(self, *, list_id: str, **kwargs: Any) -> None:
        self.list_id = list_id
        super().__init__(choices=self._offered, **kwargs)

    def _offered(self) -> list[Any]:
        codes = codelists.get(self.list_id)
        entries: list[Any] = tree(codes) if self.list_id in TREES else codes.choices()
        return [CHOOSE if self.required else NOT_KNOWN, *entries]


class CodesField(CodedField, forms.MultipleChoiceField):
    """Several codes, as checkboxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, list_id: str, **kwargs: Any) -> None:
        self.list_id = list_id
        super().__init__(choices=lambda: codelists.get(list_id).choices(), **kwargs)


def coded_field(field: Any, **kwargs: Any) -> forms.Field | None:
    """The form field of a model field; `kwargs` may name a widget."""
    list_id = list_of(field)
    if list_id is None:
        return field.formfield(**kwargs)
    made = CodesField if isinstance(field, ArrayField) else CodeField
    return made(list_id=list_id, label=capfirst(field.verbose_name), required=not field.blank, **kwargs)


def list_of(field: Any) -> str | None:
    """The id of the code list that a model field takes its values from, if it does."""
    holder = field.base_field if isinstance(field, ArrayField) else field
    return next((one.list_id for one in holder.validators if isinstance(one, CodeValidator)), None)


def tree(codes: CodeList) -> list[tuple[str, list[Choice]]]:
    """A list with levels as groups: each top entry heads one, and can be chosen in it, as all below it."""
    groups: dict[str, tuple[str, list[Choice]]] = {}
    for code in codes:
        if code.retired:
            continue
        top, depth = _top_of(codes, code.code)
        label = code.label()
        group = groups.setdefault(top, (str(codes.code(top).label()), []))
        group[1].append((code.code, Label(f"{INDENT * depth}{code.code} {label}", label.lang)))
    return list(groups.values())


def keep_region(form: forms.BaseForm, *state_codes: str, name: str = "region") -> None:
    """Only the regions of some member states are offered, and what the record holds already."""
    field: Any = form.fields[name]
    known = ("", form.initial.get(name))
    own = tuple(f"{code}-" for code in state_codes)
    field.choices = [choice for choice in field.choices if choice[0] in known or choice[0].startswith(own)]


def capitalise(form: forms.BaseForm, name: str) -> None:
    """Kinds are named as inside a sentence; each line of a list begins with a capital, and none is empty."""
    field: Any = form.fields[name]
    field.choices = [(value, capfirst(str(label))) for value, label in field.choices if value]


def _top_of(codes: CodeList, code: str) -> tuple[str, int]:
    depth = 0
    while (parent := codes.code(code).parent) is not None:
        code, depth = parent, depth + 1
    return code, depth


def language_hint(codes: CodeList) -> str:
    """International titles are never translated by us (design section 5.10): the form says so."""
    if codes.id not in TREES or all(one.label().lang == languages.of_page() for one in codes):
        return ""
    return gettext("What the publisher has no title for in your language is shown in English.")


def keep_offered(field: Any, held: Any) -> None:
    """What a record holds stays a choice for it, retired or not: saving another field must not lose it."""
    values = held if isinstance(held, list) else [held]
    offered = set(_flat(field.choices))
    field.choices = [*field.choices, *((one, one) for one in values if one and one not in offered)]


def _flat(choices: Iterable[Any]) -> Iterable[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield value
