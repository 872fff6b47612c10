from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VictimCareConfig(AppConfig):
    name = "victimcare"
    verbose_name = _("VictimCare")

    def ready(self) -> None:
        from victimcare import access, checks, installation, privileges  # noqa: F401  # checks register themselves

        access.register(access.VICTIMCARE_PERMISSIONS)
        self._open_rooms()
        post_migrate.connect(installation.load_member_states, sender=self)
        # Once, after every app's tables are there. Apps without models send nothing.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(privileges.settle, sender=last)

    def _open_rooms(self) -> None:
        """The access log, for who watches over it."""
        from victimcare import log_panel, navigation

        navigation.add_menu(_("Access log"), "access_log", permission="victimcare.read_access_log", order=70)
        navigation.add_menu(_("Breach worksheet"), "breach", permission="victimcare.audit", order=74)
        navigation.add_panel(
            "victimcare/panel_log.html", log_panel.watch, permission="victimcare.audit", order=70
        )
