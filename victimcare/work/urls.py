from django.urls import path

from victimcare.work.views import TryAgain, Work

app_name = "work"
urlpatterns = [
    path("", Work.as_view(), name="list"),
    path("<uuid:pk>/again/", TryAgain.as_view(), name="again"),
]
