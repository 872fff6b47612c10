from datetime import time, timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificationConfig(AppConfig):
    name = "certification"
    verbose_name = _("Certification")

    def ready(self) -> None:
        from certification import retention
        from certification.access import KINDS, PERMISSIONS
        from victimcare import access, field_register

        access.register(PERMISSIONS, KINDS)
        field_register.tell(retention.KEPT)
        self._add_menu()
        self._add_panels()
        self._tell_auditors()
        self._tell_people()

    def _tell_people(self) -> None:
        from certification import notices, tasks
        from victimcare import jobs

        notices.register()
        jobs.declare(
            "ends of certificates",
            _("Certificates that ended are marked"),
            tasks.expire_due,
            every=timedelta(hours=1),
        )
        jobs.declare(
            "reminders of certificates",
            _("Holders are told of certificates that end soon"),
            tasks.tell_of_ending,
            every=jobs.DAY,
            at=time(10),
        )

    def _add_menu(self) -> None:
        from victimcare.navigation import add_menu

        for label, url_name, permission, order in (
            (_("Applications"), "queue", "read_applications", 50),
            (_("My certificates"), "mine", "apply_in_person", 52),
            (_("Our accreditation"), "mine", "apply_for_institution", 53),
            (_("Register"), "register", "read_register", 56),
            (_("Schemes"), "schemes", "read_schemes", 58),
        ):
            add_menu(
                label, f"certification:{url_name}", permission=f"certification.{permission}", order=order
            )

    def _add_panels(self) -> None:
        from certification import panels
        from victimcare.navigation import add_panel

        for context, permission, order in (
            (panels.to_review, "read_applications", 50),
            (panels.to_decide, "decide", 51),
            (panels.ending, "read_applications", 52),
            (panels.of_state, "keep_schemes", 53),
            (panels.my_certificates, "apply_in_person", 55),
        ):
            add_panel(
                "certification/panel.html", context, permission=f"certification.{permission}", order=order
            )

    def _tell_auditors(self) -> None:
        from certification import audited
        from victimcare import reading, worksheet

        reading.name_objects(audited.OBJECTS)
        worksheet.add_readable(audited.readable)
