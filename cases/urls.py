from django.urls import path

from cases import urls_record
from cases.views.assignments import Assign, Move, Unassign
from cases.views.case import CasePage
from cases.views.caseload import Caseload
from cases.views.emergencies import (
    Emergencies,
    Emergency,
    EmergencyEnd,
    EmergencyFind,
    EmergencyMore,
    EmergencyReview,
)
from cases.views.erasures import Certificate, Erasures
from cases.views.intake import Intake
from cases.views.log import CaseLog, CaseLogSearch
from cases.views.persons import ContactAdd, ContactEdit, ContactRetire, PersonEdit
from cases.views.requests import RecordAsk, RequestAnswer, Requests
from cases.views.search import PersonSearch
from cases.views.ties import TieDeclare, TieLift, TiePlace, TieRecord, Ties

app_name = "cases"
urlpatterns = [
    path("", Caseload.as_view(), name="caseload"),
    path("search/", PersonSearch.as_view(), name="search"),
    path("search/ask/", RecordAsk.as_view(), name="ask"),
    path("requests/", Requests.as_view(), name="requests"),
    path("requests/<uuid:pk>/", RequestAnswer.as_view(), name="request_answer"),
    path("intake/", Intake.as_view(), name="intake"),
    path("emergency/", EmergencyFind.as_view(), name="emergency_find"),
    path("emergencies/", Emergencies.as_view(), name="emergencies"),
    path("emergencies/<uuid:pk>/", EmergencyReview.as_view(), name="emergency_review"),
    path("erasures/", Erasures.as_view(), name="erasures"),
    path("erasures/<uuid:pk>/", Certificate.as_view(), name="certificate"),
    path("log/", CaseLogSearch.as_view(), name="log_search"),
    path("<uuid:pk>/log/", CaseLog.as_view(), name="log"),
    path("<uuid:pk>/", CasePage.as_view(), name="case"),
    path("<uuid:pk>/emergency/", Emergency.as_view(), name="emergency"),
    path("<uuid:pk>/emergency/more/", EmergencyMore.as_view(), name="emergency_more"),
    path("<uuid:pk>/emergency/end/", EmergencyEnd.as_view(), name="emergency_end"),
    path("<uuid:pk>/ties/", Ties.as_view(), name="ties"),
    path("<uuid:pk>/ties/declare/", TieDeclare.as_view(), name="tie_declare"),
    path("<uuid:pk>/ties/record/", TieRecord.as_view(), name="tie_record"),
    path("<uuid:pk>/ties/provider/", TiePlace.as_view(), name="tie_place"),
    path("<uuid:pk>/ties/<uuid:tie_pk>/lift/", TieLift.as_view(), name="tie_lift"),
    path("<uuid:pk>/person/", PersonEdit.as_view(), name="person_edit"),
    path("<uuid:pk>/contacts/", ContactAdd.as_view(), name="contact_add"),
    path("<uuid:pk>/contacts/<uuid:contact_pk>/", ContactEdit.as_view(), name="contact_edit"),
    path("<uuid:pk>/contacts/<uuid:contact_pk>/retire/", ContactRetire.as_view(), name="contact_retire"),
    path("<uuid:pk>/assign/", Assign.as_view(), name="assign"),
    path("<uuid:pk>/assign/<uuid:assignment_pk>/end/", Unassign.as_view(), name="unassign"),
    path("<uuid:pk>/move/", Move.as_view(), name="move"),
    *urls_record.urlpatterns,
]
