from django.urls import include, path

from benchmarks import floors
from victimcare import urls

urlpatterns = [
    path("floor/empty/", floors.empty),
    path("floor/plain/", floors.plain),
    path("", include("victimcare.urls")),
]

handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
