from django.urls import include, path

from victimcare import log_views, views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("healthz", views.Healthz.as_view(), name="healthz"),
    path("leave/", views.Leave.as_view(), name="leave"),
    path("language/", views.Language.as_view(), name="language"),
    path("log/", log_views.UserLog.as_view(), name="access_log"),
    path("log/breach/", log_views.Breach.as_view(), name="breach"),
    path("log/breach/file/", log_views.BreachFile.as_view(), name="breach_file"),
    path("account/", include("victimcare.urls_account")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("notifications/", include("victimcare.notifications.urls")),
    path("members/", include("victimcare.members.urls")),
    path("certification/", include("certification.urls")),
    path("cases/", include("cases.urls")),
    path("referrals/", include("referrals.urls")),
]

handler400 = "victimcare.refusals.bad_request"
handler403 = "victimcare.refusals.permission_denied"
handler404 = "victimcare.refusals.not_found"
