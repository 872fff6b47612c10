from django.urls import include, path

from victimcare import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("healthz", views.Healthz.as_view(), name="healthz"),
    path("leave/", views.Leave.as_view(), name="leave"),
    path("language/", views.Language.as_view(), name="language"),
    path("account/", include("victimcare.urls_account")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("members/", include("victimcare.members.urls")),
    path("certification/", include("certification.urls")),
    path("cases/", include("cases.urls")),
    path("referrals/", include("referrals.urls")),
]

handler400 = "victimcare.refusals.bad_request"
handler403 = "victimcare.refusals.permission_denied"
handler404 = "victimcare.refusals.not_found"
