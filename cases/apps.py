from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases import document_sections, notices, record_sections, retention, timeline
        from cases.access import KINDS, PERMISSIONS
        from victimcare import access, field_register

        field_register.tell(retention.KEPT, retention.TABLES)
        access.register(PERMISSIONS, KINDS)
        self._tell_auditors()
        self._take_part()
        for source in (timeline.beginning, timeline.steps, timeline.assignments, timeline.counselling):
            timeline.add_source(source)
        record_sections.register()
        document_sections.register()
        notices.register()
        self._declare_jobs()
        self._listen()
        self._look_after_keys()

    def _take_part(self) -> None:
        """In the menu and on the home page."""
        from cases import panels
        from cases.access import REVIEW_EMERGENCIES
        from victimcare.navigation import add_menu, add_panel

        add_menu(_("Cases"), "cases:caseload", permission="cases.work", order=10)
        add_menu(_("Find or open a case"), "cases:search", permission="cases.open", order=20)
        add_menu(_("Requests from elsewhere"), "cases:requests", permission="cases.supervise", order=25)
        add_menu(_("Erasures"), "cases:erasures", permission="cases.approve_erasure", order=28)
        add_menu(_("Emergency accesses"), "cases:emergencies", permission=REVIEW_EMERGENCIES, order=29)
        for name, panel, permission, order in (
            ("emergencies", panels.emergencies, REVIEW_EMERGENCIES, 5),
            ("waiting", panels.waiting, "cases.supervise", 10),
            ("mine", panels.my_cases, "cases.work", 20),
        ):
            add_panel(f"cases/parts/panel_{name}.html", panel, permission=permission, order=order)

    def _declare_jobs(self) -> None:
        from cases import tasks
        from victimcare import jobs

        for name, label, task, hour in (
            (
                "consents",
                _("Workers are told of consents that end soon"),
                tasks.tell_of_ending_consents,
                10,
            ),
            (
                "emergencies",
                _("Reviewers are told of emergency accesses that wait for a review"),
                tasks.tell_of_unreviewed_emergencies,
                11,
            ),
        ):
            jobs.declare(name, label, task, every=jobs.DAY, at=time(hour))

    def _look_after_keys(self) -> None:
        """What lies under keys beside the fields of records, or is empty for a reason."""
        from cases import cards, documents, erasing
        from victimcare.encryption import checking, emptied, renewal

        renewal.add_searched(cards.reseal)
        checking.add_beside(cards.unreadable)
        checking.add_beside(documents.unreadable)
        emptied.add("cases.Party", erasing.emptied, lambda party: [party.id])

    def _listen(self) -> None:
        from cases import receivers
        from victimcare.actions import membership_ended

        membership_ended.connect(receivers.membership_ended, dispatch_uid="cases.membership_ended")

    def _tell_auditors(self) -> None:
        from cases import audited
        from victimcare import navigation, reading, worksheet

        reading.name_objects(audited.OBJECTS)
        reading.add_references(audited.references)
        worksheet.add_readable(audited.readable)
        navigation.add_panel(
            "cases/parts/panel_log.html", lambda user: {}, permission="victimcare.audit", order=71
        )
        navigation.add_menu(_("Log of a case"), "cases:log_search", permission="victimcare.audit", order=72)
