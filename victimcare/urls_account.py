"""The pages of allauth that this product has. No password is reset and no address confirmed by mail: an
administrator makes accounts, and a mailbox that somebody else reads must open nothing here.
"""

from allauth.account import views
from django.urls import path

from victimcare.sign_in.views import InvitationAccept, SessionEnd, Sessions, SessionsEndOthers
from victimcare.views import SignOut

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", SignOut.as_view(), name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("sessions/", Sessions.as_view(), name="sessions"),
    path("sessions/end-others/", SessionsEndOthers.as_view(), name="sessions_end_others"),
    path("sessions/<uuid:pk>/end/", SessionEnd.as_view(), name="session_end"),
    path("invitation/<str:token>/", InvitationAccept.as_view(), name="invitation"),
]
