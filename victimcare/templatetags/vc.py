"""The few things that templates cannot say by themselves. See docs/design-system.md."""

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.template import loader
from django.utils.safestring import mark_safe

from victimcare import access
from victimcare.models import Membership, User

register = template.Library()


@register.simple_tag(takes_context=True)
def jinja(context: template.Context, name: str) -> str:
    """A part by a Jinja template that sees what the page sees: the rows of a long table and what is on every
    page, of which Django's own take most of the time that a page takes. Words are translated outside of it.
    """
    seen: Any = context.flatten()
    written = loader.render_to_string(name, seen, seen.get("request"), using="jinja2")
    return mark_safe(written)  # noqa: S308  # nosec B308 B703  # it escapes by itself


@register.simple_tag
def workplaces(user: User) -> list[Membership]:
    """Where and as what the user works today. Read once a request, see `access.memberships`."""
    return access.memberships(user)


@register.filter
def fields_named(form: forms.BaseForm, names: Iterable[str]) -> list[forms.BoundField]:
    """The form's visible fields of those names, in that order."""
    return [form[name] for name in names if not form[name].is_hidden]


@register.filter
def mixes_needed(form: forms.BaseForm) -> bool:
    """Some visible fields must be filled in and some need not: only then does a mark tell anything."""
    return len({bool(field.field.required) for field in form.visible_fields()}) > 1


@register.filter
def first_input_id(field: forms.BoundField) -> str:
    """Id of the control that an error leads to: the first one of a group of options or of a split field."""
    if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter
def drawn_as(field: forms.BoundField) -> str:
    """How the field is laid out: `options`, `check`, `select`, `group` or `text`."""
    widget: Any = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "options"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.MultiWidget):
        return "group"
    return "text"
