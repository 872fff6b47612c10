"""Addresses hold random ids only: nothing about a person."""

from django.urls import path

from certification.models import Accreditation, Certificate
from certification.views import applicants, body, register

app_name = "certification"
urlpatterns = [
    path("mine/", applicants.Mine.as_view(), name="mine"),
    path("apply/", applicants.Apply.as_view(), name="apply"),
    path("apply/institution/", applicants.ApplyForInstitution.as_view(), name="apply_for_institution"),
    path("applications/", body.Queue.as_view(), name="queue"),
    path("applications/<uuid:pk>/", body.ApplicationPage.as_view(), name="application"),
    path("applications/<uuid:pk>/evidence/", applicants.Evidence.as_view(), name="evidence"),
    path("applications/<uuid:pk>/submit/", applicants.Submit.as_view(), name="submit"),
    path("applications/<uuid:pk>/start-review/", body.StartReview.as_view(), name="start_review"),
    path("applications/<uuid:pk>/review/", body.Review.as_view(), name="review"),
    path("applications/<uuid:pk>/decide/", body.Decide.as_view(), name="decide"),
    path("register/", register.Register.as_view(), name="register"),
    path("register/persons/", register.Register.as_view(model=Certificate), name="register_certificates"),
    path("schemes/", register.Schemes.as_view(), name="schemes"),
]
for model, folder in ((Accreditation, "accreditations"), (Certificate, "certificates")):
    name = str(model._meta.model_name)
    urlpatterns += [
        path(f"{folder}/<uuid:pk>/", register.CredentialPage.as_view(model=model), name=name),
        path(f"{folder}/<uuid:pk>/suspend/", register.Suspend.as_view(model=model), name=f"{name}_suspend"),
        path(
            f"{folder}/<uuid:pk>/reinstate/",
            register.Reinstate.as_view(model=model),
            name=f"{name}_reinstate",
        ),
        path(f"{folder}/<uuid:pk>/revoke/", register.Revoke.as_view(model=model), name=f"{name}_revoke"),
    ]
