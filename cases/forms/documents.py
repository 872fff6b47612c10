"""A document or a picture of a case."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.forms.coded import NewRecordForm
from cases.forms.search import UNREMEMBERED
from cases.models import Document
from victimcare.files.admission import Admitted, admit
from victimcare.files.kinds import ALL
from victimcare.files.refusals import FileRefused

MEGABYTE = 1024 * 1024
# What a browser offers first; what a file is, its content says.
ACCEPTED = ",".join(f".{ending}" for kind in ALL for ending in kind.endings)


class DocumentForm(NewRecordForm):
    """The file stands last: what comes before it is read even where the file is too large."""

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput({"accept": ACCEPTED}),
        error_messages={"required": _("Choose a file."), "empty": FileRefused("empty").message},
    )

    class Meta(NewRecordForm.Meta):
        model = Document
        fields = ("title", "details")
        widgets = {"title": forms.TextInput(UNREMEMBERED)}
        help_texts = {
            "title": _("In a few words, what it is. Left out, it has the name of the file."),
            "details": _("For example who gave it, and when a picture was taken: that is taken out of it."),
        }

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        limit = settings.FILES_MAX_BYTES // MEGABYTE
        field = self.fields["file"]
        field.help_text = _("A picture, PDF, text, office document or recording, of up to %(limit)s MB.") % {
            "limit": limit
        }
        if too_large:
            [field.error_messages["required"]] = FileRefused("too_large", limit=limit).messages

    def clean_file(self) -> Admitted:
        upload = self.cleaned_data["file"]
        return admit(upload.spool, upload.name)

    def _get_validation_exclusions(self) -> set[str]:
        # What the model wants to be filled, the action fills.
        return super()._get_validation_exclusions() | {"title"}
