from datetime import time, timedelta

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class VictimCareConfig(AppConfig):
    name = "victimcare"
    verbose_name = _("VictimCare")

    def ready(self) -> None:
        from victimcare import access, checks, identifiers, installation, planned, privileges, scope  # noqa: F401  # checks register themselves
        from victimcare.actions import membership_ended
        from victimcare.deployment import database, files, options  # noqa: F401  # so do these
        from victimcare.sign_in import factors, receivers

        connection_created.connect(identifiers.install)
        connection_created.connect(planned.install)
        connection_created.connect(scope.install)
        factors.connect()
        membership_ended.connect(receivers.membership_ended, dispatch_uid="victimcare.membership_ended")
        access.register(access.VICTIMCARE_PERMISSIONS)
        self._tell_register()
        self._take_part()
        self._declare_jobs()
        post_migrate.connect(installation.load_member_states, sender=self)
        # Once, after every app's tables are there. Apps without models send nothing.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(privileges.settle, sender=last)

    def _tell_register(self) -> None:
        from victimcare import field_register, retention
        from victimcare.sealing.rows import COLUMNS

        field_register.tell(retention.KEPT, retention.TABLES)
        field_register.exported("victimcare.AccessEntry", COLUMNS, retention.LOG_EXPORT)

    def _declare_jobs(self) -> None:
        from victimcare import jobs, tasks
        from victimcare.notifications import tasks as notices

        jobs.declare("sessions", _("Sessions that ended go"), tasks.clear_sessions, every=jobs.DAY)
        jobs.declare("queue", _("Tasks that were done go"), tasks.clear_queue, every=jobs.DAY)
        jobs.declare("seals", _("The access log is sealed"), tasks.seal_log, every=timedelta(minutes=5))
        jobs.declare("notifications", _("Old notifications go"), notices.forget, every=jobs.DAY)
        # Early in the morning in the Americas.
        jobs.declare("digests", _("Digests are mailed"), notices.digests, every=jobs.DAY, at=time(11))

    def _take_part(self) -> None:
        """In the menu and on the home page: members, and the access log for who watches over it."""
        from victimcare import access, log_panel, navigation
        from victimcare.members import people

        navigation.add_menu(_("Access log"), "access_log", permission="victimcare.read_access_log", order=70)
        navigation.add_menu(_("Breach worksheet"), "breach", permission="victimcare.audit", order=74)
        navigation.add_menu(_("Members"), "members:list", permission=access.KEEP_MEMBERS, order=80)
        navigation.add_menu(_("Background work"), "work:list", permission=access.KEEP_WORK, order=84)
        navigation.add_panel(
            "victimcare/panel_log.html", log_panel.watch, permission="victimcare.audit", order=70
        )
        navigation.add_panel(
            "victimcare/members/panel.html", people.panel, permission=access.KEEP_MEMBERS, order=80
        )
