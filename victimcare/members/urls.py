from django.urls import path

from victimcare.members import account_views, views

app_name = "members"
urlpatterns = [
    path("", views.Members.as_view(), name="list"),
    path("add/", views.MemberAdd.as_view(), name="add"),
    path("invite/", account_views.MemberInvite.as_view(), name="invite"),
    path("<uuid:pk>/end/", views.MemberEnd.as_view(), name="end"),
    path("<uuid:pk>/account/", account_views.MemberAccount.as_view(), name="account"),
    path("<uuid:pk>/account/disable/", account_views.AccountDisable.as_view(), name="disable"),
    path("<uuid:pk>/account/enable/", account_views.AccountEnable.as_view(), name="enable"),
    path("<uuid:pk>/account/second-factor/", account_views.FactorReset.as_view(), name="reset_factor"),
    path("<uuid:pk>/account/invitation/", account_views.InviteAgain.as_view(), name="invite_again"),
    path(
        "<uuid:pk>/account/invitation/withdraw/", account_views.InvitationWithdraw.as_view(), name="withdraw"
    ),
]
