from django.urls import path

from victimcare.members.views import MemberAdd, MemberEnd, Members

app_name = "members"
urlpatterns = [
    path("", Members.as_view(), name="list"),
    path("add/", MemberAdd.as_view(), name="add"),
    path("<uuid:pk>/end/", MemberEnd.as_view(), name="end"),
]
