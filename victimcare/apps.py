from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VictimCareConfig(AppConfig):
    name = "victimcare"
    verbose_name = _("VictimCare")

    def ready(self) -> None:
        from victimcare import access, installation

        access.register(access.VICTIMCARE_PERMISSIONS)
        post_migrate.connect(installation.load_member_states, sender=self)
        # After every app's tables are there: the last sender is as good as any, and it is idempotent.
        post_migrate.connect(installation.grant_application_role)
