from django.urls import path

from referrals.views import directory, inbox, referral, sending, sent, steps, ties

app_name = "referrals"
urlpatterns = [
    path("directory/", directory.Directory.as_view(), name="directory"),
    path("directory/add/", directory.ServiceAdd.as_view(), name="service_add"),
    path("directory/<uuid:pk>/", directory.ServicePage.as_view(), name="service"),
    path("directory/<uuid:pk>/edit/", directory.ServiceEdit.as_view(), name="service_edit"),
    path("directory/<uuid:pk>/places/", directory.Places.as_view(), name="places"),
    path("cases/<uuid:pk>/candidates/", sending.Candidates.as_view(), name="candidates"),
    path("cases/<uuid:pk>/draft/<uuid:offer_pk>/", sending.Draft.as_view(), name="draft"),
    path("mine/", sent.Mine.as_view(), name="mine"),
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("<uuid:pk>/", referral.ReferralPage.as_view(), name="referral"),
    path("<uuid:pk>/tie/", ties.TieDeclare.as_view(), name="tie"),
    path("<uuid:pk>/packet/", referral.PacketPage.as_view(), name="packet"),
    path("<uuid:pk>/send/", steps.ReferralSend.as_view(), name="send"),
    path("<uuid:pk>/withdraw/", steps.ReferralWithdraw.as_view(), name="withdraw"),
    path("<uuid:pk>/receive/", steps.ReferralReceive.as_view(), name="receive"),
    path("<uuid:pk>/accept/", steps.ReferralAccept.as_view(), name="accept"),
    path("<uuid:pk>/decline/", steps.ReferralDecline.as_view(), name="decline"),
    path("<uuid:pk>/waitlist/", steps.ReferralWaitlist.as_view(), name="waitlist"),
    path("<uuid:pk>/start/", steps.ReferralStart.as_view(), name="start"),
    path("<uuid:pk>/complete/", steps.ReferralComplete.as_view(), name="complete"),
    path("<uuid:pk>/not-complete/", steps.ReferralNotComplete.as_view(), name="not_complete"),
    path("<uuid:pk>/case/", steps.ReferralOpenCase.as_view(), name="open_case"),
]
