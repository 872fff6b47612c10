"""Addresses of what hangs on a case, and of its steps; `cases.urls` adds them to its own."""

from django.urls import path

from cases.views import consents, documents, erasures, record, workflow

urlpatterns = [
    path("<uuid:pk>/parties/", record.PartyAdd.as_view(), name="party_add"),
    path("<uuid:pk>/parties/<uuid:party_pk>/", record.PartyEdit.as_view(), name="party_edit"),
    path("<uuid:pk>/parties/<uuid:party_pk>/retire/", record.PartyRetire.as_view(), name="party_retire"),
    path("<uuid:pk>/incidents/", record.IncidentAdd.as_view(), name="incident_add"),
    path("<uuid:pk>/incidents/<uuid:incident_pk>/", record.IncidentEdit.as_view(), name="incident_edit"),
    path(
        "<uuid:pk>/incidents/<uuid:incident_pk>/retire/",
        record.IncidentRetire.as_view(),
        name="incident_retire",
    ),
    path("<uuid:pk>/substances/", record.SubstanceAdd.as_view(), name="substance_add"),
    path("<uuid:pk>/substances/<uuid:substance_pk>/", record.SubstanceEdit.as_view(), name="substance_edit"),
    path(
        "<uuid:pk>/substances/<uuid:substance_pk>/retire/",
        record.SubstanceRetire.as_view(),
        name="substance_retire",
    ),
    path("<uuid:pk>/notes/", record.NoteAdd.as_view(), name="note_add"),
    path("<uuid:pk>/notes/all/", record.Notes.as_view(), name="notes"),
    path("<uuid:pk>/notes/<uuid:note_pk>/", record.NoteCorrect.as_view(), name="note_correct"),
    path("<uuid:pk>/documents/", documents.DocumentAdd.as_view(), name="document_add"),
    path("<uuid:pk>/documents/<uuid:document_pk>/", documents.DocumentFile.as_view(), name="document"),
    path(
        "<uuid:pk>/documents/<uuid:document_pk>/retire/",
        documents.DocumentRetire.as_view(),
        name="document_retire",
    ),
    path("<uuid:pk>/enrol/", record.Enrol.as_view(), name="enrol"),
    path("<uuid:pk>/enrol/<uuid:enrolment_pk>/end/", record.EnrolmentEnd.as_view(), name="enrolment_end"),
    path("<uuid:pk>/consents/", consents.ConsentAdd.as_view(), name="consent_add"),
    path(
        "<uuid:pk>/consents/<uuid:consent_pk>/", consents.ConsentWithdraw.as_view(), name="consent_withdraw"
    ),
    path("<uuid:pk>/urgency/", workflow.Urgency.as_view(), name="urgency"),
    path("<uuid:pk>/open/", workflow.Open.as_view(), name="open"),
    path("<uuid:pk>/hold/", workflow.Hold.as_view(), name="hold"),
    path("<uuid:pk>/resume/", workflow.Resume.as_view(), name="resume"),
    path("<uuid:pk>/closure/", workflow.ClosureAsk.as_view(), name="closure_ask"),
    path("<uuid:pk>/closure/approve/", workflow.ClosureApprove.as_view(), name="closure_approve"),
    path("<uuid:pk>/closure/refuse/", workflow.ClosureRefuse.as_view(), name="closure_refuse"),
    path("<uuid:pk>/legal-hold/", erasures.LegalHoldSet.as_view(), name="legal_hold"),
    path("<uuid:pk>/legal-hold/lift/", erasures.LegalHoldLift.as_view(), name="legal_hold_lift"),
    path("<uuid:pk>/erasure/", erasures.ErasureAsk.as_view(), name="erasure_ask"),
    path("<uuid:pk>/erasure/approve/", erasures.ErasureApprove.as_view(), name="erasure_approve"),
    path("<uuid:pk>/erasure/refuse/", erasures.ErasureRefuse.as_view(), name="erasure_refuse"),
    path("<uuid:pk>/reopen/", workflow.Reopen.as_view(), name="reopen"),
]
