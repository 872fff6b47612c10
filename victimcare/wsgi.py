import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "victimcare.settings")
application = get_wsgi_application()

from victimcare import checks  # noqa: E402  # needs the apps

checks.require()
