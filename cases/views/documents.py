"""Documents of a case: added, downloaded, taken away."""

from itertools import chain
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.access import require_documents
from cases.documents import contents
from cases.forms.documents import DocumentForm
from cases.models import Document
from cases.views.pages import AGAIN, ChildView, FormPage, RetirePage
from victimcare import audit
from victimcare.models.logs import Action
from victimcare.step_up import StepUpMixin


class DocumentAdd(FormPage):
    template_name = "cases/document_form.html"
    submit = _("Add the document")
    takes_files_from = "cases.work"

    def form(self, data: Any = None) -> DocumentForm:
        require_documents(self.me, self.case)
        too_large = getattr(self.request, "upload_too_large", False)
        return DocumentForm(data, self.request.FILES if data is not None else None, too_large=too_large)

    def act(self, form: DocumentForm) -> Any:
        _document, new = actions.add_document(self.case, form.record(), form.cleaned_data["file"], by=self.me)
        return _("Added to the case.") if new else AGAIN


class DocumentFile(StepUpMixin, ChildView):
    """The file, to be kept and never to be shown by the browser: under a name that tells nothing. It leaves
    the product, so who takes it has said lately who they are.
    """

    model = Document
    url_kwarg = "document_pk"

    def get(self, request: HttpRequest, **kwargs: Any) -> StreamingHttpResponse:
        document = self.child
        require_documents(self.me, self.case)
        parts = contents(document, by=self.me)
        # What cannot be read is known before anything is sent.
        first = next(parts)
        audit.record(Action.EXPORT, document, by=self.me)
        return StreamingHttpResponse(
            chain([first], parts),
            content_type="application/octet-stream",
            headers={
                "Content-Length": str(document.size),
                "Content-Disposition": f'attachment; filename="{neutral_name(document)}"',
                "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )


class DocumentRetire(RetirePage):
    model = Document
    url_kwarg = "document_pk"
    retire = actions.retire

    def what(self) -> Any:
        return self.child.title


def neutral_name(document: Document) -> str:
    """Whoever else opens the folder of downloads reads no name in it."""
    ending = document.kind.endings[0] if document.kind else "bin"
    return f"document-{str(document.pk)[:8]}.{ending}"
