from django.urls import path

from victimcare.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.Notifications.as_view(), name="list"),
    path("read/", views.NotificationsRead.as_view(), name="read"),
    path("choices/", views.NotificationChoices.as_view(), name="choices"),
    path("<uuid:pk>/open/", views.NotificationOpen.as_view(), name="open"),
]
